"""Applying for a card: the first, one in the place of another that will soon be over, or one for a card that is gone.

Who has a card in force gets no second one (カード命令 第24条), with two exceptions. A card that will soon be over, or
has no room left for changes on its face, stays in force until it is exchanged for the new one at the counter (第29条).
A card that was lost, burnt, damaged or no longer works loses its effect at the moment another is asked for
(第28条第4項).

The application goes to J-LIS (施行令 第13条), by post or through a municipality; J-LIS makes the card. It is stored for
fifteen years there (カード命令 第23条), not here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Final

from warifu.errors import NotAllowed
from warifu.messages import OrderedKind
from warifu.registry.card_change import JLIS, card_change, check_desk, join, take_step, was_done, window_of
from warifu.registry.card_record import Card, CardHolder, CardState, CardStep, Route
from warifu.registry.card_rules import (
    MONTHS_BEFORE_END,
    MONTHS_BEFORE_END_ABROAD,
    CardRules,
    check_holder,
    check_kinds,
    is_soon_over,
)
from warifu.registry.card_validity import age_on
from warifu.registry.change import Act, Change

EXPRESS_DAYS: Final = 30
"""Counted with the day of the event itself (カード命令 第22条の2第4項)."""


class Ground(Enum):
    """Why a card is asked for."""

    FIRST = "first"
    """There is none in force."""
    SOON_OVER = "soon_over"
    """Less than three months are left, abroad less than a year (カード命令 第29条第1項)."""
    FACE_FULL = "face_full"
    """No room is left on its face for further changes (追記欄の余白; the same article)."""
    MAYOR_SEES_NEED = "mayor_sees_need"
    """住所地市町村長が特に必要と認める場合 (the same article)."""
    LOST = "lost"
    """Lost (カード命令 第28条第1項)."""
    BURNT = "burnt"
    DAMAGED = "damaged"
    """Badly damaged, or its chip fails; it is given back with the application (第28条第2項)."""

    @property
    def gives_up_the_old(self) -> bool:
        """Whether the card loses its effect with the application (カード命令 第28条第4項)."""
        return self in (Ground.LOST, Ground.BURNT, Ground.DAMAGED)

    @property
    def exchanges(self) -> bool:
        """Whether the old card is in force until it is exchanged (カード命令 第29条第2項)."""
        return self in (Ground.SOON_OVER, Ground.FACE_FULL, Ground.MAYOR_SEES_NEED)


class Applicant(Enum):
    """Who asks."""

    SELF = "self"
    GUARDIAN = "guardian"
    """The legal representative (法定代理人)."""


@dataclass(frozen=True, slots=True)
class CardApplication:
    """An application (交付申請書, 再交付申請書).

    `kinds` are the certificates wished for; `pins` False asks for a face-verification card. `photo`: one is attached.
    `old_card`: it is handed in; `proof_of_loss`: documents show that it was lost or burnt (カード命令 第28条第3項).
    `in_person`: handed over at the municipality. `urgent_since` is the day of the event for which the card is needed
    quickly (施行令 第13条第3項, カード命令 第22条の2第3項); an infant needs none.
    """

    ground: Ground = Ground.FIRST
    applicant: Applicant = Applicant.SELF
    route: Route = Route.COUNTER
    kinds: frozenset[OrderedKind] = frozenset(OrderedKind)
    pins: bool = True
    photo: bool = True
    old_card: bool = False
    proof_of_loss: bool = False
    in_person: bool = False
    urgent_since: date | None = None


def apply_for_card(
    act: Act, application: CardApplication, holder: CardHolder, cards: Iterable[Card], rules: CardRules
) -> Change[Card]:
    """Accept an application, at J-LIS or at the municipality; `cards` are all of the person's.

    The new card is the first of the change's records.

    Raises:
        NotAllowed: the person cannot have this card, or not now, or the application lacks something.
    """
    cards = tuple(cards)
    if was_done(act, cards):
        return Change()
    check_desk(act, JLIS, window_of(holder.municipality))
    check_holder(holder)
    check_kinds(holder, application.kinds, pins=application.pins, rules=rules, today=act.today)
    _check_application(application, holder, rules, act.today)
    current = _current(cards, act.today)
    _check_ground(application, holder, current, act.today)
    new = card_change(act, _new_card(act, application, holder, current), f"applied: {application.ground.value}")
    if current is None or not application.ground.gives_up_the_old:
        return new
    return join(new, take_step(act, current, CardStep.REISSUE_ASKED, application.ground.value))


def withdraw(act: Act, card: Card) -> Change[Card]:
    """The applicant no longer wants the card (申請取りやめ).

    Raises:
        NotAllowed: it was delivered.
    """
    if was_done(act, [card]):
        return Change()
    check_desk(act, JLIS, window_of(card.municipality))
    return take_step(act, card, CardStep.WITHDRAWN)


def _current(cards: Iterable[Card], today: date) -> Card | None:
    """The card that the person has, if any; an application that is still open stands in the way of another."""
    living = [card for card in cards if card.state is not CardState.ENDED and not card.has_expired(today)]
    if any(card.state in (CardState.APPLIED, CardState.MADE) for card in living):
        raise NotAllowed("a card was applied for already")
    return living[0] if living else None


def _check_application(application: CardApplication, holder: CardHolder, rules: CardRules, today: date) -> None:
    age = age_on(holder.attributes.birth_date.date, today)
    if holder.stay is not None and holder.stay.until is not None and holder.stay.until < today:
        raise NotAllowed("the holder's stay is over")
    if application.applicant is Applicant.SELF and (age < rules.own_application_age or holder.ward):
        raise NotAllowed("a guardian applies for this person")
    if not application.photo and age >= rules.photo_age:
        raise NotAllowed("the application has no photo")
    if application.route is not Route.COUNTER and not application.in_person:
        raise NotAllowed("who wants the card sent applies in person")
    if application.route is Route.POST and holder.abroad:
        raise NotAllowed("a card is handed over in person to somebody who lives abroad")
    if application.route is Route.EXPRESS and not (age < rules.photo_age and application.ground is Ground.FIRST):
        _check_urgent(application.urgent_since, today)


def _check_urgent(since: date | None, today: date) -> None:
    if since is None:
        raise NotAllowed("nothing makes this card urgent")
    if not since <= today < since + timedelta(days=EXPRESS_DAYS):
        raise NotAllowed("an urgent card is applied for within thirty days")


def _check_ground(application: CardApplication, holder: CardHolder, current: Card | None, today: date) -> None:
    ground = application.ground
    if current is None:
        if ground is not Ground.FIRST:
            raise NotAllowed("there is no card in force that another could take the place of")
        return
    if ground is Ground.FIRST:
        raise NotAllowed("the person has a card in force")
    if ground.gives_up_the_old:
        _check_given_up(application)
        return
    if current.state is not CardState.IN_FORCE:
        raise NotAllowed("a card that is not in use is not exchanged; it is found, or another is asked for")
    months = MONTHS_BEFORE_END_ABROAD if holder.abroad else MONTHS_BEFORE_END
    if ground is Ground.SOON_OVER and not is_soon_over(_known(current.expires), today, months):
        raise NotAllowed("the card is not over soon")


def _check_given_up(application: CardApplication) -> None:
    if application.ground is Ground.DAMAGED:
        if not application.old_card:
            raise NotAllowed("the damaged card is given back")
    elif not application.proof_of_loss:
        raise NotAllowed("nothing shows that the card was lost")


def _new_card(act: Act, application: CardApplication, holder: CardHolder, current: Card | None) -> Card:
    exchanged = current if application.ground is Ground.SOON_OVER else None
    return Card(
        id=act.id_for("card"),
        holder=holder.id,
        municipality=holder.municipality,
        applied_at=act.at.replace(microsecond=0),
        route=application.route,
        kinds=application.kinds,
        pins=application.pins,
        replaces=current.id if current else None,
        # The extra birthday belongs to the last three months only, not to the last year of somebody abroad.
        early_renewal=exchanged is not None and is_soon_over(_known(exchanged.expires), act.today),
        last_act=act.id,
    )


def _known(day: date | None) -> date:
    if day is None:
        raise NotAllowed("the card was never made")
    return day
