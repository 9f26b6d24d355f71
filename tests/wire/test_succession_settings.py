"""Whom a provider asks what a certificate took the place of, as an operator writes it."""

import logging
from pathlib import Path

import pytest

from warifu.errors import Malformed, Unavailable
from warifu.idp import Unasked
from warifu.wire.settings import ProviderSettings
from warifu.wire.succession_settings import asking_succession, unasked_of

ADDRESS = "https://authority.example/api/v1"


def test_that_nobody_is_asked_is_said_at_the_start(caplog: pytest.LogCaptureFixture) -> None:
    """Else everybody would become somebody new at a renewal without a word."""
    with caplog.at_level(logging.WARNING, "warifu.provider"), asking_succession(ProviderSettings()) as ask:
        assert ask is None
    assert "after a renewal people are new here" in caplog.text


def test_the_token_stands_in_a_file_and_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("a-token\n", "ascii")
    with asking_succession(ProviderSettings(succession=ADDRESS, succession_token=tmp_path / "token")) as ask:
        assert ask is not None
        assert "a-token" not in repr(ask)


def test_an_address_without_a_token_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="succession_token"), asking_succession(ProviderSettings(succession=ADDRESS)):
        pass
    missing = ProviderSettings(succession=ADDRESS, succession_token=tmp_path / "none")
    with pytest.raises(Unavailable, match="none"), asking_succession(missing):
        pass


def test_what_becomes_of_strangers_when_nobody_answers() -> None:
    assert unasked_of(ProviderSettings()) is Unasked.REFUSE
    assert unasked_of(ProviderSettings(without_succession="new-person")) is Unasked.NEW_PERSON
    with pytest.raises(Malformed, match="refuse or new-person"):
        unasked_of(ProviderSettings(without_succession="whatever"))
