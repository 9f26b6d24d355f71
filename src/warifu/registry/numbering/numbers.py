"""Individual numbers (個人番号): designated for a code, changed when leaked, reserved for ever."""

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self

from warifu.errors import NotAllowed, NotFound, Unavailable
from warifu.messages import CodeChanged, NumberAnswer, NumberReason, NumberRequest
from warifu.person import IndividualNumber, ResidentRecordCode
from warifu.ports import Entropy
from warifu.registry.numbering.draw import draw_body

_BODY: Final = IndividualNumber.LENGTH - 1
_TRIES: Final = 64


@dataclass(frozen=True, slots=True)
class Designation:
    """A number and the code it belongs or belonged to; the number is the row's key and is never given again.

    `former_since` is the moment at which another number took its place. `request_id` is the request that it answers.
    """

    number: IndividualNumber
    code: ResidentRecordCode
    request_id: str
    since: datetime
    former_since: datetime | None = None

    def retire(self, at: datetime) -> Self:
        """The row of a number that was changed."""
        return replace(self, former_since=at)


@dataclass(frozen=True, slots=True)
class NumberingChange:
    """Rows to keep (the one retired first) and the answer; no rows when the request was answered before."""

    designations: tuple[Designation, ...]
    answer: NumberAnswer


def designate(
    request: NumberRequest,
    current: Designation | None,
    taken: Container[IndividualNumber],
    entropy: Entropy,
    at: datetime,
) -> NumberingChange:
    """The number for a code: its first, or another one in place of one that leaked.

    `current` is the row of the number that the code has now; `taken` says of a number whether it was ever given.
    A code that has a number and is asked for with `FIRST` again gets the same one: the request was repeated.

    Raises:
        NotFound: a change is asked for a code that has no number.
        Unavailable: so few numbers are left that chance does not find one.

    Source: 番号法 第7条第1項, 第2項, 第8条.
    """
    repeated = current is not None and (request.reason is NumberReason.FIRST or current.request_id == request.id)
    if current is not None and repeated:
        return NumberingChange((), NumberAnswer(request.id, current.code, current.number))
    if current is None and request.reason is NumberReason.LEAKED:
        raise NotFound("the code has no number that could be changed")
    retired = (current.retire(at),) if current is not None else ()
    number = _unused(taken, entropy)
    rows = (*retired, Designation(number, request.code, request.id, at))
    return NumberingChange(rows, NumberAnswer(request.id, request.code, number))


def follow_code(message: CodeChanged, current: Designation | None) -> tuple[Designation, ...]:
    """Tie the number to the person's new code; `current` is the row of the former code, or of the new one if repeated.

    Raises:
        NotFound: neither code has a number.
        NotAllowed: the row is of a third code.

    Source: 住民基本台帳法 第30条の4; the number does not change with the code.
    """
    if current is None:
        raise NotFound("the code has no number")
    if current.code == message.code:
        return ()
    if current.code != message.former:
        raise NotAllowed("this number belongs to another code")
    return (replace(current, code=message.code),)


def _unused(taken: Container[IndividualNumber], entropy: Entropy) -> IndividualNumber:
    for _ in range(_TRIES):
        number = IndividualNumber.of_body(draw_body(entropy, _BODY))
        if number not in taken:
            return number
    raise Unavailable("hardly any numbers are left")
