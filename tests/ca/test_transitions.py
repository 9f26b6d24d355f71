"""The life of a certificate: every edge, every refusal, and what holds whatever happens."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ca.town import AUTHENTICATION, ENDS, NOW, SIGNING, entry
from warifu.ca import EDGES, Edge, Entry, Event, Medium, State, follow
from warifu.errors import NotAllowed
from warifu.pki import CertificateKind, Reason, Revocation, Standing

LATER = NOW + timedelta(hours=1)


def name_of(edge: Edge) -> str:
    media = "-".join(sorted(medium.value for medium in edge.media))
    return f"{edge.event.value}-{media}"


def applicable(edge: Edge) -> Entry:
    kind = SIGNING if SIGNING in edge.kinds else AUTHENTICATION
    medium = Medium.CARD if Medium.CARD in edge.media else Medium.PHONE
    state = min(edge.before, key=lambda state: state.value)
    return entry(kind, medium, state)


def test_every_event_has_an_edge() -> None:
    assert {edge.event for edge in EDGES} == set(Event)


def test_what_happens_to_a_kind_on_a_medium_has_one_edge_only() -> None:
    cases = [(edge.event, kind, medium) for edge in EDGES for kind in edge.kinds for medium in edge.media]
    assert len(cases) == len(set(cases))


@pytest.mark.parametrize("edge", EDGES, ids=name_of)
def test_an_event_counts_from_the_moment_it_is_recorded(edge: Edge) -> None:
    """公的個人認証法 第15条, 第34条: a certificate loses its effect when the fact is recorded."""
    after = follow(applicable(edge), edge.event, NOW.replace(microsecond=999_999))
    assert after.state is edge.after
    assert after.revocation == (None if edge.reason is None else Revocation(NOW, edge.reason))


@pytest.mark.parametrize("edge", EDGES, ids=name_of)
def test_an_event_that_arrives_twice_changes_nothing_more(edge: Edge) -> None:
    once = follow(applicable(edge), edge.event, NOW)
    assert follow(once, edge.event, LATER) is once


@pytest.mark.parametrize("edge", EDGES, ids=name_of)
def test_nothing_happens_after_the_end_of_validity(edge: Edge) -> None:
    with pytest.raises(NotAllowed, match="expired"):
        follow(applicable(edge), edge.event, ENDS + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (Event.REVOCATION_REQUESTED, Reason.CESSATION_OF_OPERATION),
        (Event.KEY_COMPROMISED, Reason.KEY_COMPROMISE),
        (Event.AUTHORITY_COMPROMISED, Reason.CA_COMPROMISE),
        (Event.ATTRIBUTES_CHANGED, Reason.AFFILIATION_CHANGED),
        (Event.MOVED_AWAY, Reason.AFFILIATION_CHANGED),
        (Event.RENEWED, Reason.SUPERSEDED),
        (Event.RECORD_DELETED, Reason.CESSATION_OF_OPERATION),
        (Event.HELD, Reason.CERTIFICATE_HOLD),
    ],
)
def test_the_reason_is_the_one_of_the_practice_statement(event: Event, reason: Reason) -> None:
    """CPS §4.9.9 as PocketSign's public API documentation quotes it."""
    after = follow(entry(SIGNING), event, NOW)
    assert after.revocation == Revocation(NOW, reason)


def test_a_move_revokes_the_signing_certificate_only() -> None:
    """公的個人認証法 第12条第1項第1号; 第31条 has no such item."""
    assert follow(entry(SIGNING), Event.ATTRIBUTES_CHANGED, NOW).state is State.REVOKED
    with pytest.raises(NotAllowed, match="does not happen"):
        follow(entry(AUTHENTICATION), Event.ATTRIBUTES_CHANGED, NOW)


def test_an_unfinished_move_revokes_the_authentication_certificate_only() -> None:
    """公的個人認証法 第31条第1項第2号."""
    assert follow(entry(AUTHENTICATION), Event.MOVE_NOT_COMPLETED, NOW).state is State.REVOKED
    with pytest.raises(NotAllowed, match="does not happen"):
        follow(entry(SIGNING), Event.MOVE_NOT_COMPLETED, NOW)


@pytest.mark.parametrize(
    ("kind", "medium"), [(SIGNING, Medium.CARD), (AUTHENTICATION, Medium.CARD), (SIGNING, Medium.PHONE)]
)
def test_a_hold_is_released_for_a_phones_authentication_certificate_only(kind: CertificateKind, medium: Medium) -> None:
    """CPS §4.9.9: release of the hold is not performed; www2.jpki.go.jp/procedure/lost.html for the phone."""
    held = follow(entry(kind, medium), Event.HELD, NOW)
    with pytest.raises(NotAllowed, match="does not happen"):
        follow(held, Event.HOLD_LIFTED, LATER)


def test_a_phones_authentication_certificate_comes_back_from_a_hold() -> None:
    held = follow(entry(AUTHENTICATION, Medium.PHONE), Event.HELD, NOW)
    assert follow(held, Event.HOLD_LIFTED, LATER) == entry(AUTHENTICATION, Medium.PHONE)


def test_revoked_after_a_hold_keeps_the_date_of_the_hold() -> None:
    """ITU-T X.509, reasonCode: the revocation date is the date the certificate was placed on hold."""
    held = follow(entry(), Event.HELD, NOW)
    after = follow(held, Event.KEY_COMPROMISED, LATER)
    assert after.revocation == Revocation(NOW, Reason.KEY_COMPROMISE)


@pytest.mark.parametrize(
    ("kind", "medium"), [(SIGNING, Medium.CARD), (AUTHENTICATION, Medium.CARD), (SIGNING, Medium.PHONE)]
)
def test_another_hold_ends_in_revocation_as_superseded(kind: CertificateKind, medium: Medium) -> None:
    """www2.jpki.go.jp/procedure/lost.html: the certificates are revoked, and issued anew on application."""
    held = follow(entry(kind, medium), Event.HELD, NOW)
    after = follow(held, Event.HOLD_ENDED, LATER)
    assert (after.state, after.revocation) == (State.REVOKED, Revocation(NOW, Reason.SUPERSEDED))


@pytest.mark.parametrize(
    "event", [Event.ATTRIBUTES_CHANGED, Event.MOVED_AWAY, Event.RECORD_DELETED, Event.MOVE_NOT_COMPLETED]
)
@pytest.mark.parametrize("kind", CertificateKind)
def test_a_phones_certificate_falls_with_the_cards_and_not_by_itself(kind: CertificateKind, event: Event) -> None:
    """公的個人認証法 第16条の10 to 第16条の13 have no counterpart of 第12条."""
    with pytest.raises(NotAllowed, match="does not happen"):
        follow(entry(kind, Medium.PHONE), event, NOW)


def test_a_serial_number_and_a_card_are_not_shown() -> None:
    """They are personal (公的個人認証法 第63条)."""
    shown = repr(replace(entry(serial_number=987654321), card="c0ffee" * 5))
    assert "987654321" not in shown
    assert "c0ffee" not in shown


def test_what_is_only_applied_for_is_unknown_and_stands_in_nobodys_way() -> None:
    applied = entry(state=State.APPLIED)
    assert applied.status(NOW) is Standing.UNKNOWN
    assert not applied.is_live(NOW)
    assert follow(applied, Event.ISSUED, NOW).status(NOW) is Standing.GOOD


@pytest.mark.parametrize("medium", Medium)
@pytest.mark.parametrize("state", [State.APPLIED, State.ISSUED, State.VALID, State.HELD, State.REVOKED])
def test_what_its_holder_may_use(state: State, medium: Medium) -> None:
    """A card is handed over at a window; a phone receives its certificate itself (第16条の2第6項, 第7項)."""
    usable = {State.VALID} if medium is Medium.CARD else {State.VALID, State.ISSUED}
    assert entry(medium=medium, state=state).may_be_used(NOW) is (state in usable)
    assert not entry(medium=medium, state=state).may_be_used(ENDS + timedelta(seconds=1))


@pytest.mark.parametrize("state", [State.ISSUED, State.VALID, State.HELD, State.REVOKED])
def test_expired_comes_before_all_that_happened_earlier(state: State) -> None:
    """公的個人認証法 第15条第1項第5号."""
    assert entry(state=state).state_at(ENDS + timedelta(seconds=1)) is State.EXPIRED
    assert entry(state=state).state_at(ENDS) is state


def test_a_clock_that_was_set_back_does_not_end_a_certificate_before_it_began() -> None:
    before = entry()
    after = follow(before, Event.KEY_COMPROMISED, before.not_before - timedelta(hours=1))
    assert after.revocation == Revocation(before.not_before, Reason.KEY_COMPROMISE)


def test_only_an_undelivered_certificate_is_discarded() -> None:
    with pytest.raises(NotAllowed, match="valid cannot be discarded"):
        follow(entry(state=State.VALID), Event.DISCARDED, NOW)


def test_a_revoked_certificate_is_not_delivered() -> None:
    revoked = follow(entry(), Event.KEY_COMPROMISED, NOW)
    with pytest.raises(NotAllowed, match="revoked cannot be delivered"):
        follow(revoked, Event.DELIVERED, LATER)


@given(
    st.sampled_from(CertificateKind),
    st.sampled_from(Medium),
    st.lists(st.tuples(st.sampled_from(Event), st.integers(0, 10_000)), max_size=12),
)
def test_whatever_happens_revoked_stays_revoked_and_moments_never_go_back(
    kind: CertificateKind, medium: Medium, events: list[tuple[Event, int]]
) -> None:
    current, now = entry(kind, medium, State.ISSUED), NOW
    for event, seconds in events:
        now += timedelta(seconds=seconds)
        before = current
        try:
            current = follow(current, event, now)
        except NotAllowed:
            continue
        assert (current.revocation is not None) == (current.state in {State.HELD, State.REVOKED})
        if before.state is State.REVOKED:
            assert current is before
        if current.revocation and before.revocation:
            assert current.revocation.at == before.revocation.at
        elif current.revocation:
            assert current.revocation.at == now
            assert current.status(now) == current.revocation
        else:
            assert current.status(now) is Standing.GOOD
