"""Who may ask: tokens of which only digests are kept, and secrets that are each caller's own."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.pki.world import NOW
from tests.wire.verifier.world import StandingClock
from warifu.errors import AlreadyAnswered, Malformed, NotFound, TokenUnknown
from warifu.wire.clock import SystemEntropy
from warifu.wire.verifier import Callers


@pytest.fixture
def callers(tmp_path: Path) -> Callers:
    return Callers(tmp_path / "callers", StandingClock(), SystemEntropy())


def at(tmp_path: Path, days: int) -> Callers:
    return Callers(tmp_path / "callers", StandingClock(NOW + timedelta(days=days)), SystemEntropy())


def test_a_token_says_whose_it_is(callers: Callers, tmp_path: Path) -> None:
    token = callers.make("bank", ("documents",))
    found = callers.find(token)
    assert (found.name, found.scopes) == ("bank", ("documents",))
    assert callers.all() == [found]
    kept = b"".join(path.read_bytes() for path in (tmp_path / "callers").glob("*.json"))
    assert token.encode() not in kept


def test_a_token_of_nobodys_is_refused(callers: Callers) -> None:
    for token in ("", "x", "../secret", "あ"):
        with pytest.raises(TokenUnknown):
            callers.find(token)


def test_a_token_that_is_over_is_refused(callers: Callers, tmp_path: Path) -> None:
    token = callers.make("bank", until=NOW + timedelta(days=1))
    assert callers.find(token).name == "bank"
    with pytest.raises(TokenUnknown):
        at(tmp_path, 1).find(token)


def test_a_token_that_was_withdrawn_is_refused(callers: Callers) -> None:
    token = callers.make("bank")
    callers.withdraw("bank")
    with pytest.raises(TokenUnknown):
        callers.find(token)
    with pytest.raises(NotFound):
        callers.withdraw("bank")


def test_a_caller_has_one_token(callers: Callers) -> None:
    callers.make("bank")
    with pytest.raises(AlreadyAnswered):
        callers.make("bank")


@pytest.mark.parametrize("name", ["", "Bank", "a/b", "../x", "a\n", "x" * 65])
def test_a_name_is_plain(callers: Callers, name: str) -> None:
    with pytest.raises(Malformed):
        callers.make(name)


@pytest.mark.parametrize("scopes", [(), ("everything",)])
def test_a_scope_is_one_of_ours(callers: Callers, scopes: tuple[str, ...]) -> None:
    with pytest.raises(Malformed):
        callers.make("bank", scopes)


def test_the_next_token_of_a_caller_knows_the_same_ids(callers: Callers, tmp_path: Path) -> None:
    """The secret depends on the caller's name, and outlives its tokens."""
    bank = callers.find(callers.make("bank"))
    shop = callers.find(callers.make("shop"))
    secret = callers.secret_of(bank)
    callers.withdraw("bank")
    again = at(tmp_path, 9)
    assert again.secret_of(again.find(again.make("bank"))) == secret
    assert callers.secret_of(shop) != secret
    assert callers.secret_of(replace(shop, name="bank")) == secret
