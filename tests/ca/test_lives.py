"""Whole lives of one person, ordered and told at random: what holds whatever happens."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ca.test_orders import order, signing_certificate
from tests.ca.town import AUTHENTICATION, KIYOSE, NOW, SIGNING
from warifu.ca import (
    Change,
    Entry,
    Event,
    Medium,
    State,
    application_of,
    card_changes,
    changes,
    resident_changes,
    room_for,
)
from warifu.errors import NotAllowed
from warifu.messages import Attribute, CardEvent, CardHappening, Cause, ResidentEvent
from warifu.pki import CertificateKind, Reason

HOLDER = "0" * 32
CARDS = ["a" * 32, "b" * 32]
CARD_ENDS = datetime(2029, 4, 1, 14, 59, 59, tzinfo=UTC)


class Record:
    """All certificates of one person, as whoever keeps the record would have them."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.now = NOW
        self.serials = count(1)

    def live(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.is_live(self.now)]

    def signing(self) -> int:
        """The number of the signing certificate on the card; 1 if there is none."""
        on_card = (each for each in self.live() if (each.kind, each.medium) == (SIGNING, Medium.CARD))
        return next((each.serial_number for each in on_card), 1)

    def write(self, made: tuple[Change, ...]) -> None:
        for change in made:
            self.entries[self.entries.index(change.before)] = change.after

    def order(self, kind: CertificateKind, medium: Medium, card: str, *, renewal: bool) -> None:
        signed_with = self.signing()
        asked = order(
            kind, medium, signed_with=signed_with, card=card, renewal=renewal, card_not_after=CARD_ENDS, at=self.now
        )
        try:
            live, certificate = self.live(), signing_certificate(signed_with)
            application = application_of(asked, KIYOSE, live, self.now, certificate)
            replaced = room_for(application, self.live(), self.now, renewal=renewal)
        except NotAllowed:
            return
        if replaced is not None:
            self.write(changes(self.live(), [replaced], Event.RENEWED, self.now))
        self.entries.append(
            Entry(
                kind,
                next(self.serials),
                bytes(20),
                medium,
                KIYOSE.code,
                self.now,
                application.not_after,
                card=application.card,
                as_of=application.as_of,
            )
        )

    def tell(self, what: Cause | CardHappening, card: str) -> None:
        if isinstance(what, Cause):
            event = ResidentEvent("1" * 32, HOLDER, what, frozenset(Attribute), None, self.now)
            self.write(resident_changes(event, self.entries, self.now))
        else:
            self.write(card_changes(CardEvent("1" * 32, HOLDER, card, what, self.now), self.entries, self.now))


def with_card_and_phone() -> Record:
    record = Record()
    for medium in Medium:
        for kind in (AUTHENTICATION, SIGNING):
            record.order(kind, medium, CARDS[0], renewal=False)
        record.tell(CardHappening.DELIVERED, CARDS[0])
    return record


orders = st.tuples(st.sampled_from(CertificateKind), st.sampled_from(Medium), st.sampled_from(CARDS), st.booleans())
news = st.tuples(st.sampled_from([*Cause, *CardHappening]), st.sampled_from(CARDS))
# Deliveries are told often, or nothing would ever be valid.
delivery = st.sampled_from(CARDS).map(lambda card: (CardHappening.DELIVERED, card))
days = st.integers(0, 120)


@settings(max_examples=150)
@given(st.booleans(), st.lists(st.tuples(days, orders | delivery | news), max_size=25))
def test_whatever_is_ordered_and_told_the_record_keeps_the_law(
    settled: bool, steps: list[tuple[int, tuple[object, ...]]]
) -> None:
    record = with_card_and_phone() if settled else Record()
    for waited, step in steps:
        record.now += timedelta(days=waited)
        before = list(record.entries)
        if len(step) == 4:
            kind, medium, card, renewal = step
            record.order(kind, medium, card, renewal=renewal)  # type: ignore[arg-type]
        else:
            record.tell(*step)  # type: ignore[arg-type]
        check_step(before, record.entries[: len(before)], record.now)
        check_record(record)


def check_step(before: list[Entry], after: list[Entry], now: datetime) -> None:
    """What is recorded counts from now and is never undone, but for a phone's hold."""
    for old, new in zip(before, after, strict=True):
        if old is new:
            continue
        assert not old.has_expired(now)
        assert old.state is not State.REVOKED
        if new.revocation is not None:
            assert new.revocation.at == (old.revocation.at if old.revocation else now)
        elif old.state is State.HELD:
            assert (new.kind, new.medium) == (AUTHENTICATION, Medium.PHONE)
        assert replace(new, state=old.state, revocation=old.revocation) == old


def check_record(record: Record) -> None:
    """At most one live certificate of a kind on a medium; what stands on another does not outlive it."""
    live = record.live()
    which = [(entry.kind, entry.medium) for entry in live]
    assert len(which) == len(set(which))
    for entry in live:
        assert entry.not_after <= CARD_ENDS
        assert (entry.revocation is not None) == (entry.state is State.HELD)
        if entry.medium is Medium.PHONE:
            below = [each for each in live if (each.kind, each.medium) == (entry.kind, Medium.CARD)]
            assert [each.not_after for each in below] == [entry.not_after]
    revoked = [entry for entry in record.entries if entry.state is State.REVOKED and entry.revocation]
    assert all(entry.revocation.reason is not Reason.CERTIFICATE_HOLD for entry in revoked if entry.revocation)


def test_a_life_as_it_goes() -> None:
    """Card, phone, move, loss, a new card; who moves loses signing on both, who loses the card loses all."""
    record = with_card_and_phone()
    assert len(record.live()) == 4
    record.tell(Cause.MOVE_OUT, CARDS[0])
    assert {entry.kind for entry in record.live()} == {AUTHENTICATION}
    record.now += timedelta(days=10)
    record.order(SIGNING, Medium.CARD, CARDS[0], renewal=False)
    record.tell(CardHappening.LOST, CARDS[0])
    assert record.live() == []
    record.order(AUTHENTICATION, Medium.CARD, CARDS[1], renewal=False)
    record.tell(CardHappening.LOST, CARDS[0])
    assert [entry.card for entry in record.live()] == [CARDS[1]]
