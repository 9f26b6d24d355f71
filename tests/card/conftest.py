import pytest

from tests.card.talk import COMMON, RESIDENT, VISUAL, Talk


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


@pytest.fixture
def visual(talk: Talk) -> Talk:
    """The same, with the visual application selected."""
    assert talk.select(VISUAL) == "9000"
    return talk


@pytest.fixture
def resident(talk: Talk) -> Talk:
    """The same, with the resident register application selected."""
    assert talk.select(RESIDENT) == "9000"
    return talk


@pytest.fixture
def common(talk: Talk) -> Talk:
    """The same, with the common application selected."""
    assert talk.select(COMMON) == "9000"
    return talk
