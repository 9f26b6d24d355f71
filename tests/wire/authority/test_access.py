"""Who is answered: by signature, by token, through the proxy; and who is not."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from starlette.requests import Request

from tests.ca.town import AUTHENTICATION, SIGNING, authority, issuer, key
from tests.wire.authority.test_rest import BANK, recipient
from tests.wire.authority.world import World, open_world
from warifu.errors import NotAllowed, TokenUnknown
from warifu.pki import OcspQuestions, OcspRequest, issuer_hashes
from warifu.wire.authority import Access
from warifu.wire.clock import SystemEntropy

SECRET = b"a secret of the proxy"
NAME = x509.DirectoryName(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bank")]))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = open_world(tmp_path / "a.sqlite", tmp_path)
    yield opened
    opened.close()


def door(world: World, *, closed: bool = True, secret: bytes = SECRET) -> Access:
    access = Access.of(world.engine, world.clock, SystemEntropy(), closed=closed, proxy_secret=secret)
    access.recipients.register(replace(recipient(), key=key(0).public_key_info))
    return access


def request(*, client: tuple[str, int] | None = ("127.0.0.1", 9), **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": raw, "client": client})


def questions(signer: int | None = None) -> OcspQuestions:
    names = issuer_hashes(authority(AUTHENTICATION, 1).issuer.certificate)
    asked = OcspQuestions((OcspRequest("sha1", *names, 7),), b"0123456789abcdef")
    if signer is None:
        return asked
    return asked.sign(key(signer), NAME, (issuer(index=signer).certificate_der,))


def by_proxy(secret: bytes = SECRET, client: tuple[str, int] | None = ("127.0.0.1", 9)) -> Request:
    return request(client=client, warifu_recipient=BANK, warifu_proxy=secret.decode())


@pytest.mark.parametrize("closed", [True, False])
def test_a_signed_question_says_who_asks(world: World, closed: bool) -> None:
    found = door(world, closed=closed).asker(request(), questions(0), AUTHENTICATION)
    assert found is not None
    assert found.id == BANK


@pytest.mark.parametrize("signer", [None, 1])
def test_nobody_else_is_answered_behind_a_closed_door(world: World, signer: int | None) -> None:
    with pytest.raises(NotAllowed):
        door(world).asker(request(), questions(signer), AUTHENTICATION)
    assert door(world, closed=False).asker(request(), questions(signer), AUTHENTICATION) is None


@pytest.mark.parametrize("client", [("127.0.0.1", 9), ("::1", 9), None])
def test_the_proxy_on_this_machine_says_who_asks(world: World, client: tuple[str, int] | None) -> None:
    """Over loopback, or over a unix socket, which has no address."""
    found = door(world).asker(by_proxy(client=client), questions(), AUTHENTICATION)
    assert found is not None
    assert found.id == BANK


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize(
    "asked", [by_proxy(b"another secret of it"), by_proxy(client=("192.0.2.1", 9)), by_proxy(client=("proxy", 9))]
)
def test_nobody_else_says_who_asks(world: World, asked: Request, closed: bool) -> None:
    """Whoever can send headers could be anybody; so a wrong one is refused, not passed over."""
    with pytest.raises(NotAllowed, match="proxy"):
        door(world, closed=closed).asker(asked, questions(), AUTHENTICATION)
    with pytest.raises(NotAllowed, match="proxy"):
        door(world, closed=closed).reader(asked, AUTHENTICATION)


def test_without_a_secret_there_is_no_proxy(world: World) -> None:
    with pytest.raises(NotAllowed, match="proxy"):
        door(world, secret=b"").asker(by_proxy(b""), questions(), AUTHENTICATION)


def test_a_short_secret_is_none(world: World) -> None:
    with pytest.raises(NotAllowed, match="at least 16"):
        door(world, secret=b"short")


def test_the_proxy_names_registered_recipients_only(world: World) -> None:
    asked = request(warifu_recipient="0" * 32, warifu_proxy=SECRET.decode())
    with pytest.raises(NotAllowed, match="registered"):
        door(world).reader(asked, SIGNING)


def test_lists_are_read_by_token_or_proxy(world: World) -> None:
    access = door(world)
    token = access.tokens.make("lists", {"lists"}, BANK)
    assert access.reader(by_proxy(), SIGNING) is not None
    assert access.reader(request(authorization=f"Bearer {token}"), SIGNING) is not None
    with pytest.raises(TokenUnknown):
        access.reader(request(authorization="Bearer nobody's"), SIGNING)
    with pytest.raises(NotAllowed):
        access.reader(request(), SIGNING)
    with pytest.raises(NotAllowed, match="something else"):
        access.asker(request(authorization=f"Bearer {token}"), questions(), AUTHENTICATION)


def test_who_was_stopped_is_told_nothing_more_at_once(world: World) -> None:
    """公的個人認証法 第18条第6項, 第37条第4項."""
    access = door(world)
    access.recipients.stop(BANK)
    with pytest.raises(NotAllowed, match="stopped"):
        access.asker(request(), questions(0), AUTHENTICATION)


def test_an_open_door_says_so(world: World, caplog: pytest.LogCaptureFixture) -> None:
    def said() -> list[str]:
        return [record.message for record in caplog.records if record.name == "warifu.authority"]

    with caplog.at_level(logging.WARNING):
        door(world).warn()
        assert said() == []
        door(world, closed=False).warn()
    [message] = said()
    assert "access is open" in message
