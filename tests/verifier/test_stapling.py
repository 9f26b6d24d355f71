"""A status answer that travels with the card's: believed where the policy takes one, and as long as that says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.pki import world
from tests.pki.world import AUTHENTICATION, NOW
from tests.verifier.scene import HELD, MOVED, NONCE, Scene, answer, crl, ocsp
from warifu.errors import NeverIssued, RevocationDataRefused, Revoked, StatusUnknown, Suspended, WarifuError
from warifu.messages import LoginAnswer
from warifu.pki import Standing, Status, presign_ocsp
from warifu.verifier import Evidence, Policy, Source

MINUTES = timedelta(minutes=10)
TAKES = Policy(oldest_staple=MINUTES)
NOTHING = Evidence()


def stapled(der: bytes) -> LoginAnswer:
    return replace(answer(), status=der)


def presigned(status: Status = Standing.GOOD, age: timedelta = timedelta(minutes=1)) -> bytes:
    """As an authority makes them before anybody asks."""
    issuer, made = world.authority(AUTHENTICATION), NOW - age
    [(_, der)] = presign_ocsp(issuer, issuer, [(world.SERIAL, status, made + timedelta(hours=6))], produced_at=made)
    return der


def test_a_fresh_answer_that_came_along_confirms() -> None:
    confirmed = Scene().check(answer=stapled(presigned()), evidence=NOTHING, policy=TAKES).status
    assert (confirmed.source, confirmed.as_of) == (Source.STAPLED, NOW - timedelta(minutes=1))


def test_it_survives_the_wire() -> None:
    received = LoginAnswer.decode(stapled(presigned()).encode())
    assert Scene().check(answer=received, evidence=NOTHING, policy=TAKES).status.source is Source.STAPLED


def test_without_a_policy_for_it_nothing_that_came_along_counts() -> None:
    with pytest.raises(StatusUnknown, match="no revocation data"):
        Scene().check(answer=stapled(presigned()), evidence=NOTHING)
    with pytest.raises(StatusUnknown, match="no revocation data"):
        Scene().check(answer=stapled(b"rubbish"), evidence=NOTHING)


@pytest.mark.parametrize(("status", "error"), [(MOVED, Revoked), (HELD, Suspended), (Standing.UNKNOWN, NeverIssued)])
def test_what_came_along_refuses_as_the_authority_would(status: Status, error: type[WarifuError]) -> None:
    with pytest.raises(error):
        Scene().check(answer=stapled(presigned(status)), evidence=NOTHING, policy=TAKES)


def test_the_policy_says_how_old_it_may_be_whatever_it_says_itself() -> None:
    oldest = MINUTES + TAKES.skew
    confirmed = Scene().check(answer=stapled(presigned(age=oldest)), evidence=NOTHING, policy=TAKES).status
    assert confirmed.as_of == NOW - oldest
    with pytest.raises(StatusUnknown, match="came along is too old"):
        Scene().check(answer=stapled(presigned(age=oldest + timedelta(seconds=1))), evidence=NOTHING, policy=TAKES)


def test_its_own_end_counts_too() -> None:
    ended = ocsp(nonce=None, this_update=NOW - timedelta(minutes=5), next_update=NOW - timedelta(minutes=2))
    with pytest.raises(StatusUnknown, match="too old"):
        Scene().check(answer=stapled(ended), evidence=NOTHING, policy=TAKES)


def test_our_own_question_decides_before_what_came_along() -> None:
    own = Evidence(ocsp(MOVED), NONCE)
    with pytest.raises(Revoked):
        Scene().check(answer=stapled(presigned()), evidence=own, policy=TAKES)
    good = Evidence(ocsp(), NONCE)
    assert Scene().check(answer=stapled(presigned(MOVED)), evidence=good, policy=TAKES).status.source is Source.OCSP


def test_what_came_along_decides_before_the_list() -> None:
    """The list is yesterday's copy."""
    with pytest.raises(Revoked):
        Scene().check(answer=stapled(presigned(MOVED)), evidence=Evidence(crl=crl()), policy=TAKES)
    confirmed = Scene().check(
        answer=stapled(presigned(age=timedelta(hours=1))), evidence=Evidence(crl=crl()), policy=TAKES
    )
    assert confirmed.status.source is Source.CRL


def test_it_helps_where_our_own_question_was_not_answered_in_time() -> None:
    stale = Evidence(ocsp(this_update=NOW - timedelta(hours=2), next_update=NOW - timedelta(hours=1)), NONCE)
    assert Scene().check(answer=stapled(presigned()), evidence=stale, policy=TAKES).status.source is Source.STAPLED


@pytest.mark.parametrize(
    "der",
    [
        b"rubbish",
        ocsp(nonce=None, signed_by=world.authority(AUTHENTICATION, 2)),
        ocsp(nonce=None, serial_number=world.SERIAL + 1),
        ocsp(nonce=None, about=world.authority(AUTHENTICATION, 2)),
        ocsp(nonce=None, this_update=NOW + timedelta(hours=1), next_update=NOW + timedelta(hours=2)),
    ],
    ids=["rubbish", "another signer", "another certificate", "another generation", "from the future"],
)
def test_what_somebody_else_says_is_refused_aloud(der: bytes) -> None:
    with pytest.raises(RevocationDataRefused):
        Scene().check(answer=stapled(der), evidence=NOTHING, policy=TAKES)
