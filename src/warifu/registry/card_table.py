"""The life of a card: what can happen to it, in which state, where that leads, whom it concerns, and by which article.

A card begins as an application. J-LIS makes it, together with its keys and, because the first issue is delegated, its
certificates; the municipality keeps it until its holder comes, sets the PINs and takes it. What is never collected is
destroyed, and what was certified for it ends.

From delivery on it is in force until something ends it. A call to the hotline suspends it, day and night; a report at
the window says it is lost. Either way it is out of use, and its holder may find it: then a clerk who sees card and
holder puts it back in force, with new certificates, because the hold of a card's certificate is never released. Whoever
asks for another card gives up the old one at that moment, found or not.

The law ends a card by itself in the cases of 番号法 第17条第10項 and 施行令 第14条: its time is over, its holder died,
left the country, did not complete a move or did not show the card after it, changed a number, and so on. An ended card
never comes back. Nothing here ends a certificate: the authority is told (`told`) and decides.

Events repeat: notifications arrive twice, a hotline is called again. A step that led where the card is already, and a
step that would end what is ended, change nothing and tell nobody. Whatever the table does not list is refused. After
its last day only the end, or an earlier death or return, can still be recorded.

Sources: 番号法 (平成25年法律第27号), its 施行令 (平成26年政令第155号), カード命令 (平成26年総務省令第85号),
公的個人認証法 (平成14年法律第153号). Modelled: the states themselves, withdrawal, and that a report of loss concerns
the keys.
"""

from dataclasses import dataclass
from typing import Final

from warifu.errors import NotAllowed
from warifu.messages import CardHappening
from warifu.registry.card_record import Card, CardState, CardStep
from warifu.registry.change import Act

_APPLIED, _MADE, _IN_FORCE, _HELD, _LOST, _ENDED = CardState
_UNDELIVERED: Final = frozenset({_APPLIED, _MADE})
_DELIVERED: Final = frozenset({_IN_FORCE, _HELD, _LOST})
_USABLE: Final = frozenset({_IN_FORCE})


@dataclass(frozen=True, slots=True)
class CardEdge:
    """One row of the table; `after` None leaves the state as it is, `told` is what the authorities hear."""

    step: CardStep
    before: frozenset[CardState]
    after: CardState | None
    told: CardHappening | None
    article: str


def _end(step: CardStep, told: CardHappening, article: str, before: frozenset[CardState] = _DELIVERED) -> CardEdge:
    return CardEdge(step, before, _ENDED, told, article)


def _invalidation(step: CardStep, article: str) -> CardEdge:
    return _end(step, CardHappening.INVALIDATED, article)


def _stay(step: CardStep, article: str, before: frozenset[CardState] = _USABLE) -> CardEdge:
    return CardEdge(step, before, None, None, article)


CARD_EDGES: Final[tuple[CardEdge, ...]] = (
    CardEdge(CardStep.MADE, frozenset({_APPLIED}), _MADE, None, "番号法 第16条の2第1項, カード命令 第23条の3"),
    # Modelled: no article; an application is a wish.
    _end(CardStep.WITHDRAWN, CardHappening.DISCARDED, "–", _UNDELIVERED),
    # Municipalities' own pages: not collected after a second notice counts as a withdrawal.
    _end(CardStep.NEVER_COLLECTED, CardHappening.DISCARDED, "–", frozenset({_MADE})),
    _end(CardStep.HOLDER_GONE, CardHappening.DISCARDED, "番号法 第17条第1項", _UNDELIVERED),
    CardEdge(
        CardStep.DELIVERED,
        frozenset({_MADE}),
        _IN_FORCE,
        CardHappening.DELIVERED,
        "番号法 第17条第1項, 施行令 第13条第6項",
    ),
    CardEdge(CardStep.SUSPENDED, _USABLE, _HELD, CardHappening.HELD, "番号法 第17条第9項, カード命令 第23条の2第4号"),
    CardEdge(
        CardStep.REPORTED_LOST,
        frozenset({_IN_FORCE, _HELD}),
        _LOST,
        CardHappening.LOST,
        "番号法 第17条第9項, 公的個人認証法 第10条・第29条",
    ),
    CardEdge(CardStep.FOUND, frozenset({_HELD, _LOST}), _IN_FORCE, CardHappening.HOLD_LIFTED, "カード命令 第30条"),
    _invalidation(CardStep.REISSUE_ASKED, "カード命令 第28条第4項"),
    _end(CardStep.RETURNED, CardHappening.RETURNED, "施行令 第14条第13号, 第15条第4項"),
    _end(CardStep.EXCHANGED, CardHappening.RETURNED, "カード命令 第29条第2項"),
    _end(
        CardStep.EXPIRED, CardHappening.EXPIRED, "番号法 第17条第10項, カード命令 第26条・第27条", _DELIVERED | {_MADE}
    ),
    _stay(CardStep.MOVED_IN, "施行令 第14条第3号", _DELIVERED),
    _stay(CardStep.PRESENTED, "番号法 第17条第6項・第7項"),
    _stay(CardStep.LEFT_WITH_CARD, "番号法 第17条第6項・第7項, 施行令 第14条第1号"),
    _stay(CardStep.FACE_UPDATED, "番号法 第17条第8項"),
    _stay(CardStep.STAY_PROLONGED, "カード命令 第27条第2項"),
    _stay(CardStep.PIN_RESET, "カード命令 第33条第9項"),
    _stay(CardStep.PIN_RESET_AT_KIOSK, "J-LIS, JPKI暗証番号リセットサービス 利用規約"),
    _stay(CardStep.PINS_GIVEN_UP, "カード命令 第33条第7項", frozenset({_MADE, _IN_FORCE})),
    _stay(CardStep.PINS_TAKEN_UP, "カード命令 第33条第1項"),
    _invalidation(CardStep.LEFT_COUNTRY, "施行令 第14条第1号"),
    _invalidation(CardStep.MOVE_NOT_COMPLETED, "施行令 第14条第2号"),
    _invalidation(CardStep.NOT_PRESENTED, "施行令 第14条第3号・第8号"),
    _invalidation(CardStep.RECORD_DELETED, "施行令 第14条第4号"),
    _invalidation(CardStep.CODE_CHANGED, "施行令 第14条第5号"),
    _invalidation(CardStep.NUMBER_CHANGED, "施行令 第14条第6号"),
    _invalidation(CardStep.RETURN_NOT_NOTIFIED, "施行令 第14条第7号"),
    _invalidation(CardStep.ANNEX_DELETED, "施行令 第14条第9号"),
    _invalidation(CardStep.DIED, "施行令 第14条第11号"),
    _invalidation(CardStep.OUTSIDE_THE_ACT, "施行令 第14条第12号"),
    _invalidation(CardStep.RETURN_ORDERED, "施行令 第14条第14号, 第16条"),
)

_BY_STEP: Final = {edge.step: edge for edge in CARD_EDGES}


def card_edge(step: CardStep) -> CardEdge:
    """The row of that step."""
    return _BY_STEP[step]


def follow_card(card: Card, step: CardStep, act: Act) -> Card:
    """The card after `step`, recorded by `act`; the same card if the step repeats what is so already.

    Raises:
        NotAllowed: the table has no such row for the card's state, or its last day is over.
    """
    edge = _BY_STEP[step]
    if _is_so_already(card, edge):
        return card
    if card.state not in edge.before:
        raise NotAllowed(f"a card that is {_words(card.state)} cannot be {_words(step)}")
    if edge.after is _ENDED:
        return card.after(act.id, state=_ENDED, present_by=None, ended_by=step, ended_at=act.at.replace(microsecond=0))
    if card.has_expired(act.today):
        raise NotAllowed("the card has expired")
    return card.after(act.id, state=edge.after or card.state)


def _is_so_already(card: Card, edge: CardEdge) -> bool:
    # A card reported lost is out of use already, so another call to the hotline finds nothing to suspend.
    return card.state is edge.after or (edge.after is _HELD and card.state is _LOST)


def _words(each: CardState | CardStep) -> str:
    return str(each.value).replace("_", " ")
