"""Answers to a login's challenge, and what an authority says of the certificate, each wrong in one way."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.catalogue.spoiled import Spoiled, refusal
from tests.pki import world
from tests.pki.world import AUTHENTICATION, NOW, SHIBUYA, SIGNING
from tests.verifier.scene import CHALLENGE, HELD, MOVED, NONCE, Scene, anchors, answer, crl, ocsp
from tests.verifier.test_revocation import delegate
from warifu.pki import (
    OcspError,
    OcspResponder,
    Standing,
    build_authentication_certificate,
    build_ocsp_error,
    build_responder_certificate,
)
from warifu.verifier import Evidence

SECOND = timedelta(seconds=1)


def logins() -> Iterator[Spoiled]:
    """What the card's holder sends."""
    message = "login challenge (docs/journeys/login.md)"
    yield _login("a challenge of another origin", message, answer=_to(origin="http://evil.localhost"))
    yield _login("a challenge of another client", message, answer=_to(client="casino"))
    yield _login("a challenge of another transaction", message, answer=_to(transaction="tx-2"))
    yield _login("a challenge of another nonce", message, answer=_to(nonce=bytes(32)))
    yield _login("an answer that comes too late", message, expires_at=NOW - SECOND)
    yield _login("another challenge signed than said", "RFC 8017 §8.2.2", answer=_swapped())
    yield _login("signed by another key", "RFC 8017 §8.2.2", answer=answer(key=world.signer(1)))
    yield _login("an unknown authority", "RFC 5280 §6.1.1", anchors=anchors(2, 3))
    yield _login("an authority of the other kind", "公的個人認証法 第3条, 第22条", answer=answer(_stray()))
    yield _login("a bit of the certificate turned over", "RFC 5280 §6.1.3 (a)(1)", answer=answer(_flipped()))
    yield _login("a signing certificate", "公的個人認証法 第22条", answer=answer(world.signing_certificate()))
    yield _login("a certificate cut short", "RFC 5280 §4.1", answer=answer(world.authentication_certificate()[:-1]))
    yield _login("before the certificate begins", "RFC 5280 §6.1.3 (a)(2)", now=world.ISSUED - SECOND)
    yield _login("after the certificate ends", "RFC 5280 §6.1.3 (a)(2)", **_at(world.ENDS + SECOND))


def statuses() -> Iterator[Spoiled]:
    """What OCSP says."""
    yield _said("revoked", "公的個人認証法 第15条; RFC 6960 §2.2", ocsp(MOVED))
    yield _said("on hold", "RFC 5280 §5.3.1", ocsp(HELD))
    yield _said("never issued", "RFC 6960 §2.2", ocsp(Standing.UNKNOWN))
    yield _said("no nonce", "RFC 9654 §2.1", ocsp(nonce=None))
    yield _said("another nonce", "RFC 9654 §2.1", ocsp(nonce=b"m" * 32))
    yield _said("another serial number", "RFC 6960 §3.2 (1)", ocsp(serial_number=world.SERIAL + 1))
    yield _said("another generation's certificate", "RFC 6960 §3.2 (1)", ocsp(about=world.authority(AUTHENTICATION, 2)))
    yield _said("signed by another generation", "RFC 6960 §3.2 (3)", ocsp(signed_by=world.authority(AUTHENTICATION, 2)))
    yield _said("from the future", "RFC 6960 §3.2 (5)", ocsp(this_update=NOW + timedelta(minutes=2)))
    yield _said("its next one is overdue", "RFC 6960 §3.2 (6)", ocsp(this_update=NOW - timedelta(hours=1), **_OVERDUE))
    yield _said("a bit turned over", "RFC 6960 §3.2 (2)", ocsp()[:-1] + bytes([ocsp()[-1] ^ 1]))
    yield _said("cut short", "RFC 6960 §4.2.1", ocsp()[:-1])
    yield _said("an answer without content", "RFC 6960 §2.3", build_ocsp_error(OcspError.TRY_LATER))
    yield from map(_responded, _responders())


def lists() -> Iterator[Spoiled]:
    """What revocation lists say."""
    yield _listed("revoked", "公的個人認証法 第15条; RFC 5280 §5.3", crl({world.SERIAL: MOVED}))
    yield _listed("on hold", "RFC 5280 §5.3.1", crl({world.SERIAL: HELD}))
    yield _listed("of another municipality", "RFC 5280 §6.3.3 (b)(2)", crl(municipality=SHIBUYA))
    yield _listed("of another generation", "RFC 5280 §6.3.3 (f)", crl(issuer=world.authority(AUTHENTICATION, 2)))
    yield _listed("from the future", "RFC 5280 §5.1.2.4", crl(this_update=NOW + timedelta(minutes=2)))
    yield _listed("too old", "RFC 5280 §6.3.3 (a)", crl(this_update=NOW - timedelta(hours=50)))
    yield _listed("a bit turned over", "RFC 5280 §6.3.3 (g)", crl()[:-1] + bytes([crl()[-1] ^ 1]))
    yield _listed("cut short", "RFC 5280 §5.1", crl()[:-1])
    yield Spoiled("no list and no answer", "RFC 5280 §6.3", lambda: refusal(lambda: Scene().check(evidence=Evidence())))


_OVERDUE: dict[str, Any] = {"next_update": NOW - timedelta(minutes=2)}


def _responders() -> Iterator[tuple[str, OcspResponder]]:
    client = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)
    yield "its responder is for something else", delegate(ExtendedKeyUsage=client)
    yield "its responder's own status would have to be asked", delegate(OCSPNoCheck=None)
    yield "its responder is a card", OcspResponder(world.authentication_certificate(), world.signer(0))
    yield "its responder is another generation's", world.responder(2)
    ended = build_responder_certificate(
        world.authority(AUTHENTICATION),
        serial_number=78,
        common_name="OCSP",
        public_key_info=world.signer(91).public_key_info,
        not_before=NOW - timedelta(days=2),
        not_after=NOW - timedelta(days=1),
    )
    yield "its responder's certificate has ended", OcspResponder(ended, world.signer(91))


def _responded(one: tuple[str, OcspResponder]) -> Spoiled:
    return _said(one[0], "RFC 6960 §4.2.2.2", ocsp(signed_by=one[1]))


def _login(wrong: str, clause: str, **changes: Any) -> Spoiled:
    return Spoiled(wrong, clause, lambda: refusal(lambda: Scene().check(**changes)))


def _said(wrong: str, clause: str, said: bytes) -> Spoiled:
    return _login(wrong, clause, evidence=Evidence(said, NONCE))


def _listed(wrong: str, clause: str, said: bytes) -> Spoiled:
    return _login(wrong, clause, evidence=Evidence(crl=said))


def _to(**changes: Any) -> Any:
    return answer(signed=replace(CHALLENGE, **changes))


def _swapped() -> Any:
    return replace(_to(client="casino"), challenge=CHALLENGE)


def _stray() -> bytes:
    return build_authentication_certificate(replace(world.authority(SIGNING), kind=AUTHENTICATION), **vars(world.ORDER))


def _flipped() -> bytes:
    certificate = world.authentication_certificate()
    return certificate[:-1] + bytes([certificate[-1] ^ 1])


def _at(moment: datetime) -> dict[str, Any]:
    return {"now": moment, "expires_at": moment}
