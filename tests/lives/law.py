"""What the law says becomes of certificates: a model written from the Act, and from nothing in the program.

It keeps what an authority's record must come to. News reach it when something happened (`tell`) and have their effect
when the authority records them (`record`): a certificate loses its effect at the moment of recording (公的個人認証法
第15条, 第34条, 第16条の14, 第35条の14), not when the thing happened.

The numbers are those of CRLReason, as both certification practice statements use them (§4.9.9): 0 discarded before
delivery, 1 key compromised, 3 contents changed, 4 superseded, 5 no longer needed, 6 held. Where no public source says
which one applies, more than one is allowed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TypeAlias

News: TypeAlias = Callable[[datetime], None]
JST = timezone(timedelta(hours=9))
DISCARDED, COMPROMISED, CHANGED, SUPERSEDED, NOT_NEEDED, HELD = (frozenset({n}) for n in (0, 1, 3, 4, 5, 6))
SIGNING, AUTHENTICATION = "signing", "authentication"
CARD, PHONE = "card", "phone"


def day_of(moment: datetime) -> date:
    """The day in Japan."""
    return moment.astimezone(JST).date()


def last_second(day: date) -> datetime:
    """23:59:59 of a day in Japan."""
    return datetime.combine(day, time(23, 59, 59), JST).astimezone(UTC)


def birthday(born: date, after: date, count: int) -> date:
    """The `count`-th birthday after a day; of 29 February 28 February in a common year (カード命令 第26条第2項)."""
    days = (_in_year(born, year) for year in range(after.year, after.year + count + 2))
    return [day for day in days if day > after][count - 1]


def _in_year(born: date, year: int) -> date:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return date(year, 2, 28) if (born.month, born.day) == (2, 29) and not leap else date(year, born.month, born.day)


def age(born: date, today: date) -> int:
    """Full years of age."""
    return today.year - born.year - (1 if (today.month, today.day) < (born.month, born.day) else 0)


def less_than_three_months(end: date, today: date) -> bool:
    """Whether less than three months are left until the end of a day (暦に従う: 民法 第143条)."""
    year, month = today.year + (today.month + 2) // 12, (today.month + 2) % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return date(year, month, min(today.day, following.day)) > end


@dataclass(eq=False)
class Certificate:
    """One certificate; `ended` for good, or `held`, since a moment. `usable`: its holder has it."""

    holder: str
    kind: str
    medium: str
    card: str
    order: str
    municipality: str
    not_after: datetime
    since: datetime
    says_abroad: bool = False
    phone: str | None = None
    usable: bool = False
    held: bool = False
    ended: bool = False
    reasons: frozenset[int] = frozenset()
    serial_number: int = 0
    generation: bytes = b""

    def is_live(self, now: datetime) -> bool:
        """In effect or held."""
        return not self.ended and now.replace(microsecond=0) <= self.not_after

    def status(self, now: datetime) -> tuple[str, datetime | None, frozenset[int]]:
        """Good, revoked (also while held) since when and why, or unknown: nothing is said after its end."""
        if now.replace(microsecond=0) > self.not_after:
            return "unknown", None, frozenset()
        return ("revoked", self.since, self.reasons) if self.ended or self.held else ("good", None, frozenset())


@dataclass(frozen=True)
class Ordered:
    """An order as the register wrote it. `exchange`: a new card takes the place of the one with the present ones."""

    id: str
    holder: str
    kind: str
    medium: str
    card: str
    municipality: str
    born: date
    card_ends: date
    phone: str | None = None
    exchange: bool = False
    says_abroad: bool = False


@dataclass
class Law:
    """All certificates there are, what was decided about orders, and the news that no authority has recorded yet."""

    certificates: list[Certificate] = field(default_factory=list)
    decided: dict[str, Certificate | None] = field(default_factory=dict)
    waiting: list[News] = field(default_factory=list)

    def tell(self, *news: News) -> None:
        """Something happened, or was ordered; it is recorded later."""
        self.waiting += news

    def record(self, now: datetime) -> None:
        """Everything told so far is recorded now, in that order."""
        for news in self.waiting:
            news(now.replace(microsecond=0))
        self.waiting.clear()

    def live(self, holder: str, medium: str, kind: str, now: datetime) -> Certificate | None:
        """The person's certificate of that kind there: never two."""
        mine = [
            each
            for each in self.certificates
            if (each.holder, each.medium, each.kind) == (holder, medium, kind) and each.is_live(now)
        ]
        assert len(mine) <= 1, (
            "the law knows one certificate of a kind on a medium (第6条, 第25条, 第16条の5, 第35条の5)"
        )
        return mine[0] if mine else None

    # --- what happens to people (第12条, 第31条) ----------------------------------------------------------------------

    def attributes_changed(self, holder: str) -> News:
        """One of the four items was corrected and it is no 軽微な修正 (第12条第1号); authentication goes on."""
        return lambda now: self._end_kinds(holder, (SIGNING,), CHANGED, now)

    def moved_out(self, holder: str) -> News:
        """The record was deleted because of 転出: 第12条第2号, and the exception of 第31条第1項第1号."""
        return lambda now: self._end_kinds(holder, (SIGNING,), CHANGED, now)

    def left_country(self, holder: str) -> News:
        """The same by 国外転出; not what was issued between that notice and the day (第12条第2号, in brackets)."""

        def left(now: datetime) -> None:
            own = self.live(holder, CARD, SIGNING, now)
            if own is not None and not own.says_abroad:
                self._end(own, CHANGED, now)

        return left

    def record_deleted(self, holder: str) -> News:
        """Death, deletion ex officio, the end of the annex: 第12条第2号 and 第3号, 第31条第1項第1号 and 第3号."""
        return lambda now: self._end_kinds(holder, (SIGNING, AUTHENTICATION), NOT_NEEDED, now)

    def moved_in_nowhere(self, holder: str) -> News:
        """Thirty days after the planned day: 第31条第1項第2号."""
        return lambda now: self._end_kinds(holder, (AUTHENTICATION,), NOT_NEEDED, now)

    def recorded_wrongly(self, holder: str) -> News:
        """第13条, 第32条; of phones 第16条の11, 第35条の11."""
        return lambda now: self._end_kinds(holder, (SIGNING, AUTHENTICATION), CHANGED, now, phones=CHANGED | NOT_NEEDED)

    # --- what happens to cards ----------------------------------------------------------------------------------------

    def delivered(self, card: str) -> News:
        """The holder has the card, or a certificate was written on it: what is not held may be used."""

        def got(now: datetime) -> None:
            for each in self._on(card, now):
                if not each.usable and not each.held:
                    each.usable, each.since = True, max(now, each.since)

        return got

    def card_ended(self, card: str, why: frozenset[int] = NOT_NEEDED) -> News:
        """Out of force by 番号法 第17条第10項: a notification by law (規則 第17条, 第53条)."""
        return lambda now: self._end_all(self._on(card, now), why, now)

    def discarded(self, card: str) -> News:
        """It never reached its holder."""

        def gone(now: datetime) -> None:
            for each in self._on(card, now):
                self._end(each, NOT_NEEDED if each.usable else DISCARDED, now)

        return gone

    def lost(self, card: str) -> News:
        """第10条, 第29条."""
        return self.card_ended(card, COMPROMISED)

    def suspended(self, card: str) -> News:
        """一時停止 by the hotline."""
        return lambda now: self._hold_all(self._on(card, now), now)

    def found(self, card: str) -> News:
        """A hold of a card is never released: what was held ends, and is issued again on request."""
        return lambda now: self._end_all((each for each in self._on(card, now) if each.held), SUPERSEDED, now)

    def given_up(self, card: str, kind: str) -> News:
        """The holder applied for revocation (第9条, 第28条)."""
        return lambda now: self._end_all((each for each in self._on(card, now) if each.kind == kind), NOT_NEEDED, now)

    # --- and to phones ------------------------------------------------------------------------------------------------

    def phone_suspended(self, phone: str) -> News:
        """一時停止 by the hotline."""
        return lambda now: self._hold_all(self._in(phone, now), now)

    def phone_found(self, phone: str) -> News:
        """Its holder lifts the hold: authentication can be used again, signing is issued anew."""

        def lifted(now: datetime) -> None:
            for each in self._in(phone, now):
                if each.held and each.kind == SIGNING:
                    self._end(each, SUPERSEDED, now)
                elif each.held:
                    each.held, each.reasons, each.since = False, frozenset(), max(now, each.since)

        return lifted

    def phone_given_up(self, phone: str) -> News:
        """第16条の8第3項."""
        return lambda now: self._end_all(self._in(phone, now), NOT_NEEDED, now)

    # --- issue --------------------------------------------------------------------------------------------------------

    def ordered(self, order: Ordered) -> News:
        """An order comes to the authority: it is issued, or not."""

        def decide(now: datetime) -> None:
            made = self._on_phone(order, now) if order.medium == PHONE else self._on_card(order, now)
            self.decided[order.id] = made
            if made is not None:
                self.certificates.append(made)

        return decide

    def _on_card(self, order: Ordered, now: datetime) -> Certificate | None:
        today, present = day_of(now), self.live(order.holder, CARD, order.kind, now)
        soon_over = present is not None and less_than_three_months(day_of(present.not_after), today)
        if present is not None and not (soon_over or order.exchange):
            return None  # nobody has two (第6条, 第25条)
        if order.kind == SIGNING and age(order.born, today) < 15:
            return None
        # 規則 第13条, 第49条: the birthday, the authentication certificate's end, the card's end; the earliest.
        ends = [last_second(birthday(order.born, today, 6 if soon_over else 5)), last_second(order.card_ends)]
        authentication = self.live(order.holder, CARD, AUTHENTICATION, now)
        if order.kind == SIGNING and authentication is not None:
            ends.append(authentication.not_after)
        return self._issue(order, min(ends), present, now)

    def _on_phone(self, order: Ordered, now: datetime) -> Certificate | None:
        signing, own = (self.live(order.holder, CARD, kind, now) for kind in (SIGNING, order.kind))
        if signing is None or own is None or self.live(order.holder, PHONE, order.kind, now) is not None:
            return None
        if signing.held or own.held or not (signing.usable and own.usable):
            return None
        return self._issue(order, own.not_after, None, now)  # 規則 第24条の9, 第59条の9

    def _issue(
        self, order: Ordered, not_after: datetime, present: Certificate | None, now: datetime
    ) -> Certificate | None:
        if not_after <= now:
            return None
        if present is not None:
            self._end(present, SUPERSEDED, now)
        which = (order.holder, order.kind, order.medium, order.card, order.id, order.municipality)
        return Certificate(*which, not_after, now, order.says_abroad, order.phone)

    # --- how ----------------------------------------------------------------------------------------------------------

    def _on(self, card: str, now: datetime) -> list[Certificate]:
        return [each for each in self.certificates if (each.card, each.medium) == (card, CARD) and each.is_live(now)]

    def _in(self, phone: str, now: datetime) -> list[Certificate]:
        return [each for each in self.certificates if each.phone == phone and each.is_live(now)]

    def _hold_all(self, some: Iterable[Certificate], now: datetime) -> None:
        for each in some:
            if not each.held:
                each.held, each.reasons, each.since = True, HELD, max(now, each.since)

    def _end_all(self, some: Iterable[Certificate], why: frozenset[int], now: datetime) -> None:
        for each in some:
            self._end(each, why, now)

    def _end_kinds(
        self,
        holder: str,
        kinds: tuple[str, ...],
        why: frozenset[int],
        now: datetime,
        phones: frozenset[int] = NOT_NEEDED,
    ) -> None:
        for kind in kinds:
            own = self.live(holder, CARD, kind, now)
            if own is not None:
                self._end(own, why, now, phones)

    def _end(self, each: Certificate, why: frozenset[int], now: datetime, phones: frozenset[int] = NOT_NEEDED) -> None:
        """For good; a phone's falls with the card's of the same kind (第16条の13, 第35条の13).

        What was held is revoked since it was held: nothing signed in between becomes good again.
        """
        if not each.is_live(now):
            return
        if not each.held:
            each.since = max(now, each.since)
        each.ended, each.held, each.reasons = True, False, why
        if each.medium == CARD:
            on_phone = self.live(each.holder, PHONE, each.kind, now)
            if on_phone is not None:
                self._end(on_phone, phones, now)
