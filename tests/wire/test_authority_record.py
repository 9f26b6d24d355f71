"""The authorities' record: who has which certificate, and what survives."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import ocsp
from sqlalchemy import text

from tests.ca.town import (
    AUTHENTICATION,
    ENDS,
    KIYOSE,
    NOW,
    SHIBUYA,
    SIGNING,
    Moment,
    application,
    authority,
    issuer,
)
from tests.wire.authorities import FIRST, HOLDER_KEY, open_authorities, record_for
from tests.wire.conftest import Place
from warifu.ca import Event, Issued, State
from warifu.errors import Malformed, NotAllowed, NotFound
from warifu.pki import CertificateKind, Reason, Revocation, RevocationList, build_ocsp_request
from warifu.wire.authority import PARTY, Authorities
from warifu.wire.authority.revoked import RevokedOf
from warifu.wire.database import open_database, reading


@pytest.fixture
def clock() -> Moment:
    return Moment()


@pytest.fixture
def authorities(place: Place, clock: Moment) -> Iterator[Authorities]:
    opened = open_authorities(place.of(PARTY), clock)
    yield opened
    opened.close()


def status(authorities: Authorities, issued: Issued) -> ocsp.OCSPCertStatus:
    kind = issued.entry.kind
    question = build_ocsp_request(issued.certificate, authorities.authority(kind).issuer.certificate_der)
    return ocsp.load_der_ocsp_response(authorities.answer(kind, question)).certificate_status


# --- issuing ----------------------------------------------------------------------------------------------------------


def test_serial_numbers_follow_each_other(authorities: Authorities) -> None:
    issued = [authorities.issue(application(holder=f"holder-{n}")) for n in range(3)]
    assert [one.entry.serial_number for one in issued] == [FIRST, FIRST + 1, FIRST + 2]


def test_each_kind_counts_its_own(authorities: Authorities) -> None:
    both = authorities.issue_all([application(SIGNING), application(AUTHENTICATION)])
    assert [one.entry.serial_number for one in both] == [FIRST, FIRST]


def test_what_was_handed_out_is_on_record(authorities: Authorities) -> None:
    issued = authorities.issue(application())
    assert authorities.find(AUTHENTICATION, FIRST) == issued.entry
    assert authorities.certificate(AUTHENTICATION, FIRST) == issued.certificate
    assert status(authorities, issued) is ocsp.OCSPCertStatus.GOOD


def test_a_person_has_one_live_certificate_of_a_kind(authorities: Authorities) -> None:
    """公的個人認証法 第25条."""
    authorities.issue(application())
    with pytest.raises(NotAllowed, match="still in effect"):
        authorities.issue(application(index=11))
    authorities.issue(application(SIGNING))
    authorities.issue(application(holder="somebody else"))


def test_a_held_certificate_is_still_in_the_way(authorities: Authorities) -> None:
    authorities.issue(application())
    authorities.record(AUTHENTICATION, FIRST, Event.HELD)
    with pytest.raises(NotAllowed, match="still in effect"):
        authorities.issue(application(index=11))


@pytest.mark.parametrize("event", [Event.KEY_COMPROMISED, Event.REVOCATION_REQUESTED])
def test_after_revocation_another_is_issued(authorities: Authorities, event: Event) -> None:
    authorities.issue(application())
    authorities.record(AUTHENTICATION, FIRST, event)
    assert authorities.issue(application(index=11)).entry.serial_number == FIRST + 1


def test_after_expiry_another_is_issued(authorities: Authorities, clock: Moment) -> None:
    authorities.issue(application())
    clock.go_on(ENDS - NOW + timedelta(seconds=1))
    later = replace(application(index=11), not_after=ENDS + timedelta(days=365))
    assert authorities.issue(later).entry.serial_number == FIRST + 1


def test_renewal_supersedes_the_old_one_in_the_same_moment(authorities: Authorities) -> None:
    old = authorities.issue(application())
    new = authorities.issue(application(index=11), renew=True)
    found = authorities.find(AUTHENTICATION, FIRST)
    assert found is not None
    assert found.revocation == Revocation(NOW, Reason.SUPERSEDED)
    assert status(authorities, old) is ocsp.OCSPCertStatus.REVOKED
    assert authorities.live_of("holder-1") == [new.entry]


def test_a_refused_application_in_a_batch_issues_none_of_it(authorities: Authorities) -> None:
    with pytest.raises(NotAllowed):
        authorities.issue_all([application(holder="a"), replace(application(holder="b"), not_after=NOW)])
    assert authorities.live_of("a") == []


def test_a_number_taken_in_vain_is_not_used_again(authorities: Authorities) -> None:
    twice = [application(holder="a"), application(holder="a", index=11)]
    with pytest.raises(NotAllowed, match="still in effect"):
        authorities.issue_all(twice)
    assert authorities.find(AUTHENTICATION, FIRST) is None
    with pytest.raises(NotFound):
        authorities.certificate(AUTHENTICATION, FIRST)
    assert authorities.issue(application(holder="a")).entry.serial_number == FIRST + 2


@pytest.mark.usefixtures("patient_writers")
def test_two_who_issue_at_once_never_get_the_same_number(place: Place) -> None:
    """Two programs over one record, three threads each, as two servers would be."""
    servers = [open_authorities(place.of(PARTY)) for _ in range(2)]
    numbers: list[int] = []

    def work(server: Authorities, name: str) -> None:
        for n in range(5):
            numbers.append(server.issue(application(holder=f"{name}-{n}")).entry.serial_number)

    threads = [
        threading.Thread(target=work, args=(server, f"{place}-{n}"))
        for place, server in enumerate(servers)
        for n in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(FIRST, FIRST + 30))
    for server in servers:
        server.close()


@pytest.mark.usefixtures("patient_writers")
def test_two_who_issue_for_one_person_at_once_issue_one(place: Place) -> None:
    server = open_authorities(place.of(PARTY))
    outcomes: list[object] = []

    def work() -> None:
        try:
            outcomes.append(server.issue(application()))
        except NotAllowed as refusal:
            outcomes.append(refusal)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(outcome, Issued) for outcome in outcomes) == 1
    assert len(server.live_of("holder-1")) == 1
    server.close()


def test_numbers_begin_after_the_authoritys_own(place: Place) -> None:
    engine = open_database(place.of(PARTY), PARTY)
    late = authority(AUTHENTICATION, 1)
    authorities = Authorities(engine, [late], Moment(), holder_key=HOLDER_KEY)
    own = late.issuer.certificate.serial_number
    assert authorities.issue(application()).entry.serial_number == own + 1
    authorities.close()


def test_the_record_does_not_say_who_the_holder_is(authorities: Authorities, place: Place) -> None:
    authorities.issue(application(SIGNING, holder="resident-0815"))
    engine = open_database(place.of(PARTY), PARTY)
    with reading(engine) as connection:
        holder = bytes(connection.scalars(text("select holder from certificate")).one())
    engine.dispose()
    assert len(holder) == 32
    assert b"resident" not in holder


def test_a_short_key_for_holders_is_refused(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "a.sqlite", PARTY)
    with pytest.raises(Malformed, match="at least 16 bytes"):
        Authorities(engine, [authority()], Moment(), holder_key=b"short")
    engine.dispose()


# --- events -----------------------------------------------------------------------------------------------------------


def test_an_event_counts_from_the_moment_it_is_recorded(authorities: Authorities, clock: Moment) -> None:
    issued = authorities.issue(application())
    clock.go_on(timedelta(hours=5))
    entry = authorities.record(AUTHENTICATION, FIRST, Event.HELD)
    assert entry.revocation == Revocation(NOW + timedelta(hours=5), Reason.CERTIFICATE_HOLD)
    assert authorities.find(AUTHENTICATION, FIRST) == entry
    assert status(authorities, issued) is ocsp.OCSPCertStatus.REVOKED


def test_delivery_makes_it_valid(authorities: Authorities) -> None:
    authorities.issue(application())
    assert authorities.record(AUTHENTICATION, FIRST, Event.DELIVERED).state is State.VALID


def test_a_death_ends_both_certificates_together(authorities: Authorities) -> None:
    """公的個人認証法 第12条第1項第2号, 第31条第1項第1号."""
    authorities.issue_all([application(SIGNING), application(AUTHENTICATION), application(holder="survivor")])
    ended = record_for(authorities, "holder-1", Event.RECORD_DELETED)
    assert [entry.revocation for entry in ended] == [Revocation(NOW, Reason.CESSATION_OF_OPERATION)] * 2
    assert authorities.live_of("holder-1") == []
    assert len(authorities.live_of("survivor")) == 1


def test_a_move_concerns_the_signing_certificate_only(authorities: Authorities) -> None:
    """公的個人認証法 第12条第1項第1号."""
    authorities.issue_all([application(SIGNING), application(AUTHENTICATION)])
    [ended] = record_for(authorities, "holder-1", Event.ATTRIBUTES_CHANGED)
    assert ended.kind is SIGNING
    assert [entry.kind for entry in authorities.live_of("holder-1")] == [AUTHENTICATION]


def test_an_event_that_fails_for_one_happens_to_none(authorities: Authorities) -> None:
    both = authorities.issue_all([application(SIGNING), application(AUTHENTICATION)])
    authorities.record(SIGNING, both[0].entry.serial_number, Event.DELIVERED)
    with pytest.raises(NotAllowed, match="valid cannot be discarded"):
        record_for(authorities, "holder-1", Event.DISCARDED)
    found = authorities.find(AUTHENTICATION, both[1].entry.serial_number)
    assert found == both[1].entry


def test_an_event_of_a_certificate_nobody_issued_is_refused(authorities: Authorities) -> None:
    with pytest.raises(NotFound):
        authorities.record(AUTHENTICATION, FIRST, Event.HELD)


def test_a_refused_event_leaves_no_trace(authorities: Authorities) -> None:
    issued = authorities.issue(application())
    with pytest.raises(NotAllowed):
        authorities.record(AUTHENTICATION, FIRST, Event.HOLD_LIFTED)
    assert authorities.find(AUTHENTICATION, FIRST) == issued.entry


def test_everything_is_there_after_a_restart(place: Place) -> None:
    first = open_authorities(place.of(PARTY))
    first.issue_all([application(holder="a"), application(holder="b")])
    first.record(AUTHENTICATION, FIRST, Event.HELD)
    first.publish(AUTHENTICATION, KIYOSE.code)
    first.close()
    again = open_authorities(place.of(PARTY))
    assert [entry.state for entry in again.live_of("a")] == [State.HELD]
    assert number(again.publish(AUTHENTICATION, KIYOSE.code)) == 2
    assert again.issue(application(holder="c")).entry.serial_number == FIRST + 2
    again.close()


# --- revocation lists -------------------------------------------------------------------------------------------------


def number(der: bytes) -> int:
    crl = x509.load_der_x509_crl(der)
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def serials(der: bytes) -> list[int]:
    return [entry.serial_number for entry in x509.load_der_x509_crl(der)]


def test_lists_are_made_once_a_day_and_numbered(authorities: Authorities, clock: Moment) -> None:
    authorities.issue(application())
    first = authorities.revocation_list(AUTHENTICATION, KIYOSE.code)
    authorities.record(AUTHENTICATION, FIRST, Event.HELD)
    clock.go_on(timedelta(hours=23, minutes=59))
    assert authorities.revocation_list(AUTHENTICATION, KIYOSE.code) == first
    clock.go_on(timedelta(minutes=1))
    second = authorities.revocation_list(AUTHENTICATION, KIYOSE.code)
    assert (number(first), serials(first)) == (1, [])
    assert (number(second), serials(second)) == (2, [FIRST])


def test_each_municipality_has_a_list_of_its_own(authorities: Authorities) -> None:
    authorities.issue(application())
    authorities.issue(replace(application(holder="b"), municipality=SHIBUYA))
    for serial_number in (FIRST, FIRST + 1):
        authorities.record(AUTHENTICATION, serial_number, Event.KEY_COMPROMISED)
    assert serials(authorities.publish(AUTHENTICATION, KIYOSE.code)) == [FIRST]
    assert serials(authorities.publish(AUTHENTICATION, SHIBUYA.code)) == [FIRST + 1]


def test_a_list_is_by_serial_number_with_every_reason_and_made_while_it_is_hashed(authorities: Authorities) -> None:
    """Whatever order things happened in; each entry costs the maker 34 bytes, not an object."""
    holders = "abcd"
    authorities.issue_all([application(holder=holder) for holder in holders])
    events = (Event.KEY_COMPROMISED, Event.HELD, Event.CARD_INVALIDATED)
    for serial_number, event in zip((FIRST + 3, FIRST, FIRST + 2), events, strict=True):
        authorities.record(AUTHENTICATION, serial_number, event)
    crl = RevocationList.decode(authorities.publish(AUTHENTICATION, KIYOSE.code))
    assert [(number, entry.reason) for number, entry in crl.revoked.items()] == [
        (FIRST, Reason.CERTIFICATE_HOLD),
        (FIRST + 2, Reason.CESSATION_OF_OPERATION),
        (FIRST + 3, Reason.KEY_COMPROMISE),
    ]
    with reading(authorities.engine) as connection:
        kept = RevokedOf(connection, authorities.authority(AUTHENTICATION), KIYOSE.code)
    entries = [authorities.find(AUTHENTICATION, number) for number in crl.revoked]
    assert [(each.serial_number, each.state, each.revocation, each.not_after) for each in kept] == [
        (each.serial_number, each.state, each.revocation, each.not_after) for each in entries if each is not None
    ]
    assert list(kept) == list(kept)


def test_a_municipality_nobody_knows_has_no_list(authorities: Authorities) -> None:
    with pytest.raises(NotFound):
        authorities.revocation_list(AUTHENTICATION, SHIBUYA.code)


@pytest.mark.usefixtures("patient_writers")
def test_many_who_ask_at_once_get_one_list(authorities: Authorities) -> None:
    authorities.issue(application())
    lists: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: lists.append(authorities.revocation_list(AUTHENTICATION, KIYOSE.code)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [number(der) for der in lists] == [1] * 4


# --- generations ------------------------------------------------------------------------------------------------------


def test_after_a_change_of_key_both_generations_answer_and_the_new_one_issues(place: Place) -> None:
    """All generations share one name; only the key tells them apart."""
    engine = open_database(place.of(PARTY), PARTY)
    old, new = authority(AUTHENTICATION, 1), authority(AUTHENTICATION, 2)
    before = Authorities(engine, [old], Moment(), holder_key=HOLDER_KEY).issue(application(holder="a"))
    both = Authorities(engine, [old, new], Moment(), holder_key=HOLDER_KEY)
    after = both.issue(application(holder="b"))
    assert (before.entry.generation, after.entry.generation) == (old.generation, new.generation)
    for issued, its in ((before, old), (after, new)):
        question = build_ocsp_request(issued.certificate, its.issuer.certificate_der)
        answer = ocsp.load_der_ocsp_response(both.answer(AUTHENTICATION, question))
        assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD
        assert answer.responder_key_hash == its.generation
    both.record(AUTHENTICATION, before.entry.serial_number, Event.KEY_COMPROMISED)
    assert serials(both.publish(AUTHENTICATION, KIYOSE.code)) == []
    assert serials(both.publish(AUTHENTICATION, KIYOSE.code, old.generation)) == [before.entry.serial_number]
    both.close()


@pytest.mark.parametrize("number", [1, 2**63 - 1, 2**63, 2**159 - 1])
def test_a_number_the_record_cannot_have_is_unknown(authorities: Authorities, number: int) -> None:
    """RFC 5280 §4.1.2.2: serial numbers have up to 20 bytes."""
    certificate = authority(AUTHENTICATION, 1).issue(application(), number, NOW).certificate
    question = build_ocsp_request(certificate, authorities.authority(AUTHENTICATION).issuer.certificate_der)
    answer = ocsp.load_der_ocsp_response(authorities.answer(AUTHENTICATION, question))
    assert answer.certificate_status is ocsp.OCSPCertStatus.UNKNOWN
    assert answer.serial_number == number


def test_a_question_for_another_authority_is_unauthorized(authorities: Authorities) -> None:
    """RFC 6960 §2.3."""
    issued = authorities.issue(application())
    question = build_ocsp_request(issued.certificate, issuer(AUTHENTICATION, 5).certificate_der)
    answer = ocsp.load_der_ocsp_response(authorities.answer(AUTHENTICATION, question))
    assert answer.response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED


@pytest.mark.parametrize("kind", list(CertificateKind))
def test_no_authority_no_certificates(tmp_path: Path, kind: CertificateKind) -> None:
    engine = open_database(tmp_path / "a.sqlite", PARTY)
    authorities = Authorities(engine, [], Moment(), holder_key=HOLDER_KEY)
    with pytest.raises(NotFound, match="no such authority"):
        authorities.issue(application(kind))
    authorities.close()
