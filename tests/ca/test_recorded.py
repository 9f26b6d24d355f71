"""The log's entries: they commit to everything in the record, and tell nobody's name, number or key."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ca.town import AUTHENTICATION, ENDS, NOW, SIGNING, application, authority, entry
from warifu.ca import Change, Entry, Event, Medium, Outcome, Recorded, State, follow, log_subject
from warifu.errors import Malformed
from warifu.pki import CertificateKind, Reason, Revocation

KEY, HOLDER = b"k" * 32, b"h" * 32

moments = st.integers(0, 2**33).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
ids = st.binary(min_size=32, max_size=32)


@st.composite
def entries_of_the_log(draw: st.DrawFn) -> Recorded:
    outcome = draw(st.sampled_from(Outcome))
    states = [State.ISSUED, State.VALID, State.HELD, State.REVOKED]
    state = None if outcome is Outcome.REFUSED else draw(st.sampled_from(states))
    revoked = state in {State.HELD, State.REVOKED}
    return Recorded(
        outcome,
        draw(st.sampled_from(Event)).value,
        draw(st.sampled_from(CertificateKind)),
        draw(st.sampled_from(Medium)),
        state,
        draw(st.builds(Revocation, moments, st.sampled_from(Reason))) if revoked else None,
        draw(moments),
        draw(st.binary(min_size=20, max_size=20)),
        draw(ids),
        draw(ids),
    )


@given(entries_of_the_log())
def test_an_entry_is_read_as_it_was_written(made: Recorded) -> None:
    assert Recorded.decode(made.encode()) == made


def changed(before: Entry, event: Event) -> Recorded:
    return Recorded.of_change(Change(before, event, follow(before, event, NOW)), KEY, NOW)


def test_an_issue_a_change_and_a_refusal_tell_what_happened() -> None:
    issued = authority().issue(application(), 7, NOW)
    first = Recorded.of_issue(issued, HOLDER, KEY, NOW)
    assert (first.outcome, first.what, first.state) == (Outcome.ISSUED, "issued", State.ISSUED)
    then = changed(entry(serial_number=7), Event.HELD)
    assert (then.outcome, then.what, then.state) == (Outcome.CHANGED, "held", State.HELD)
    assert then.revocation == Revocation(NOW, Reason.CERTIFICATE_HOLD)
    assert first.subject == then.subject == log_subject(KEY, AUTHENTICATION, 7)
    refused = Recorded.of_refusal(application(SIGNING), "not_allowed", KEY, NOW)
    assert (refused.outcome, refused.what, refused.state) == (Outcome.REFUSED, "not_allowed", None)


def test_an_issue_is_the_same_entry_whatever_happens_to_the_certificate_later() -> None:
    issued = authority().issue(application(), 7, NOW)
    later = replace(issued, entry=follow(issued.entry, Event.KEY_COMPROMISED, NOW))
    assert Recorded.of_issue(later, HOLDER, KEY, NOW) == Recorded.of_issue(issued, HOLDER, KEY, NOW)


@pytest.mark.parametrize(
    "edit",
    [
        {"serial_number": 8},
        {"kind": SIGNING},
        {"medium": Medium.PHONE},
        {"municipality": "13113"},
        {"generation": bytes(20)},
        {"not_before": NOW},
        {"not_after": ENDS + timedelta(days=1)},
        {"card": "b" * 32},
        {"as_of": NOW},
        {"abroad": True},
    ],
)
def test_any_edit_of_the_record_makes_another_entry(edit: dict[str, object]) -> None:
    other = replace(entry(), **edit)  # type: ignore[arg-type]
    assert changed(other, Event.HELD).detail != changed(entry(), Event.HELD).detail


def test_another_certificate_or_holder_makes_another_entry() -> None:
    issued = authority().issue(application(), 7, NOW)
    first = Recorded.of_issue(issued, HOLDER, KEY, NOW)
    assert Recorded.of_issue(issued, b"x" * 32, KEY, NOW).detail != first.detail
    assert Recorded.of_issue(replace(issued, certificate=b"x"), HOLDER, KEY, NOW).detail != first.detail


def test_without_the_key_an_entry_names_nobody() -> None:
    asked = replace(application(SIGNING), holder="somebody")
    leaves = [
        Recorded.of_issue(authority(SIGNING).issue(asked, 0x6D18006, NOW), HOLDER, KEY, NOW).encode(),
        Recorded.of_refusal(asked, "not_allowed", KEY, NOW).encode(),
    ]
    for secret in (b"somebody", HOLDER, bytes.fromhex("06d18006"), "割符".encode(), asked.public_key_info[-40:]):
        assert not any(secret in leaf for leaf in leaves)
    other = Recorded.of_refusal(asked, "not_allowed", b"another key" * 3, NOW)
    assert other.subject != Recorded.decode(leaves[1]).subject


MADE = changed(entry(), Event.HELD)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"generation": bytes(19)}, "digests"),
        ({"what": "No words"}, "ASCII"),
        ({"state": None}, "state afterwards"),
        ({"state": State.EXPIRED}, "state afterwards"),
        ({"revocation": None}, "have a revocation"),
        ({"state": State.VALID}, "have a revocation"),
        ({"outcome": Outcome.REFUSED}, "state afterwards"),
    ],
)
def test_an_entry_that_contradicts_itself_is_malformed(changes: dict[str, object], why: str) -> None:
    with pytest.raises(Malformed, match=why):
        replace(MADE, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(("place", "code"), [(16, 0), (16, 4), (17, 0), (17, 3), (18, 0), (19, 5), (20, 7), (20, 99)])
def test_an_unknown_code_is_malformed(place: int, code: int) -> None:
    data = bytearray(MADE.encode())
    data[place] = code
    with pytest.raises(Malformed):
        Recorded.decode(bytes(data))
