"""Which revocation data decides, in which order, and what is remembered."""

import pickle
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.pki import world
from tests.pki.world import AUTHENTICATION, NOW
from tests.verifier import scene
from warifu.errors import Expired, Malformed, Revoked, StatusUnknown, Suspended, WarifuError, WrongNonce
from warifu.pki import Reason, Revocation, Standing
from warifu.verifier import (
    Evidence,
    LoginCase,
    Policy,
    Source,
    SourceOrder,
    VerifiedLogin,
    check_login,
    check_logins,
    revocation_mark,
)

GOOD, REVOKED = scene.ocsp(), scene.ocsp(scene.MOVED)
LISTED, NOT_LISTED = scene.crl({world.SERIAL: scene.MOVED}), scene.crl()
STALE = scene.crl(this_update=NOW - timedelta(days=9))
OLD = scene.ocsp(next_update=NOW - timedelta(hours=1), this_update=NOW - timedelta(hours=2))


def confirm(sources: SourceOrder, *, seen: Any = None, **evidence: Any) -> VerifiedLogin:
    nonce = scene.NONCE if "ocsp" in evidence else None
    return check_login(
        scene.answer(),
        scene.CHALLENGE,
        NOW + timedelta(minutes=1),
        Evidence(nonce=nonce, **evidence),
        scene.anchors(),
        NOW,
        policy=Policy(sources=sources),
        seen=seen,
    )


@pytest.mark.parametrize(
    ("sources", "evidence", "decided"),
    [
        (SourceOrder.OCSP_THEN_CRL, {"ocsp": GOOD, "crl": NOT_LISTED}, Source.OCSP),
        (SourceOrder.OCSP_THEN_CRL, {"ocsp": GOOD, "crl": LISTED}, Source.OCSP),
        (SourceOrder.OCSP_THEN_CRL, {"ocsp": OLD, "crl": NOT_LISTED}, Source.CRL),
        (SourceOrder.OCSP_THEN_CRL, {"crl": NOT_LISTED}, Source.CRL),
        (SourceOrder.CRL_THEN_OCSP, {"ocsp": GOOD, "crl": NOT_LISTED}, Source.CRL),
        (SourceOrder.CRL_THEN_OCSP, {"ocsp": GOOD, "crl": STALE}, Source.OCSP),
        (SourceOrder.CRL_THEN_OCSP, {"ocsp": GOOD}, Source.OCSP),
        (SourceOrder.OCSP_ONLY, {"ocsp": GOOD, "crl": LISTED}, Source.OCSP),
        (SourceOrder.CRL_ONLY, {"ocsp": REVOKED, "crl": NOT_LISTED}, Source.CRL),
    ],
)
def test_the_first_source_that_can_tell_decides(
    sources: SourceOrder, evidence: dict[str, bytes], decided: Source
) -> None:
    assert confirm(sources, **evidence).status.source is decided


@pytest.mark.parametrize(
    ("sources", "evidence"),
    [
        (SourceOrder.OCSP_THEN_CRL, {"ocsp": REVOKED, "crl": NOT_LISTED}),
        (SourceOrder.OCSP_THEN_CRL, {"ocsp": OLD, "crl": LISTED}),
        (SourceOrder.CRL_THEN_OCSP, {"ocsp": GOOD, "crl": LISTED}),
        (SourceOrder.CRL_THEN_OCSP, {"ocsp": REVOKED, "crl": STALE}),
        (SourceOrder.OCSP_ONLY, {"ocsp": REVOKED}),
        (SourceOrder.CRL_ONLY, {"crl": LISTED}),
    ],
)
def test_what_the_deciding_source_calls_revoked_is_revoked(sources: SourceOrder, evidence: dict[str, bytes]) -> None:
    with pytest.raises(Revoked):
        confirm(sources, **evidence)


@pytest.mark.parametrize(
    ("sources", "evidence"),
    [
        *((sources, {}) for sources in SourceOrder),
        *((sources, {"ocsp": OLD, "crl": STALE}) for sources in SourceOrder),
        (SourceOrder.OCSP_ONLY, {"crl": NOT_LISTED}),
        (SourceOrder.CRL_ONLY, {"ocsp": GOOD}),
    ],
)
def test_without_a_source_that_can_tell_nothing_is_known(sources: SourceOrder, evidence: dict[str, bytes]) -> None:
    """Neither valid nor revoked."""
    with pytest.raises(StatusUnknown):
        confirm(sources, **evidence)


# --- revoked once is revoked for ever ---------------------------------------------------------------------------------


class Kept:
    """Revocations kept in a dictionary."""

    def __init__(self) -> None:
        self.marks: dict[bytes, Revocation] = {}

    def find(self, issuer_key_id: bytes, serial_number: int) -> Revocation | None:
        return self.marks.get(revocation_mark(b"secret", issuer_key_id, serial_number))

    def keep(self, issuer_key_id: bytes, serial_number: int, revocation: Revocation) -> None:
        self.marks[revocation_mark(b"secret", issuer_key_id, serial_number)] = revocation


def test_revoked_once_is_revoked_for_ever() -> None:
    """RFC 5280 §5.3.1: only a hold can be taken back."""
    seen = Kept()
    with pytest.raises(Revoked):
        confirm(SourceOrder.OCSP_THEN_CRL, ocsp=REVOKED, seen=seen)
    with pytest.raises(Revoked) as again:
        confirm(SourceOrder.OCSP_THEN_CRL, ocsp=GOOD, seen=seen)
    assert (again.value.at, again.value.reason) == (scene.MOVED.at, scene.MOVED.reason)


def test_a_hold_may_be_taken_back() -> None:
    """A phone that was found."""
    seen = Kept()
    with pytest.raises(Suspended):
        confirm(SourceOrder.OCSP_ONLY, ocsp=scene.ocsp(scene.HELD), seen=seen)
    assert seen.marks == {}
    assert confirm(SourceOrder.OCSP_ONLY, ocsp=GOOD, seen=seen).status.source is Source.OCSP


def test_what_is_good_or_unknown_is_not_remembered() -> None:
    seen = Kept()
    confirm(SourceOrder.OCSP_ONLY, ocsp=GOOD, seen=seen)
    with pytest.raises(WarifuError):
        confirm(SourceOrder.OCSP_ONLY, ocsp=scene.ocsp(Standing.UNKNOWN), seen=seen)
    assert seen.marks == {}


def test_a_mark_is_of_one_certificate_and_one_secret() -> None:
    key_id = world.authority(AUTHENTICATION).key_id
    marks = {
        revocation_mark(secret, authority, number)
        for secret in (b"a", b"b")
        for authority in (key_id, key_id[:-1])
        for number in (1, 256, 257)
    }
    assert len(marks) == 12
    assert {len(mark) for mark in marks} == {16}


# --- many at once -----------------------------------------------------------------------------------------------------


def cases() -> list[LoginCase]:
    good = LoginCase(scene.answer(), scene.CHALLENGE, NOW + timedelta(minutes=1), Evidence(GOOD, scene.NONCE))
    return [
        good,
        replace(good, expected=replace(scene.CHALLENGE, nonce=bytes(32))),
        replace(good, answer=replace(scene.answer(), unverified_certificate=b"0")),
        replace(good, evidence=Evidence(REVOKED, scene.NONCE)),
        good,
    ]


def test_nobodys_refusal_stops_the_next() -> None:
    told = list(check_logins(cases(), scene.anchors(), NOW))
    assert [type(each) for each in told] == [VerifiedLogin, WrongNonce, Malformed, Revoked, VerifiedLogin]


def test_a_case_shows_nothing_of_the_person() -> None:
    assert repr(cases()[0]) == "LoginCase()"


@pytest.mark.parametrize(
    "error", [Revoked(NOW, Reason.SUPERSEDED), Suspended(NOW), Expired(), StatusUnknown("why", detail="more")]
)
def test_a_refusal_goes_to_another_process_with_its_facts(error: WarifuError) -> None:
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is type(error)
    assert (str(back), vars(back)) == (str(error), vars(error))
