import pytest

from tests.card.talk import Talk


@pytest.fixture
def talk() -> Talk:
    """A card of an invented adult, just powered on."""
    return Talk()


@pytest.fixture
def jpki(talk: Talk) -> Talk:
    """The same, with the JPKI application selected."""
    talk.select_jpki()
    return talk


@pytest.fixture
def text(talk: Talk) -> Talk:
    """The same, with the text application selected."""
    talk.select_text()
    return talk
