"""Resident record codes (住民票コード), given out to municipalities in blocks."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from warifu.errors import Unavailable
from warifu.messages import CodeBlock, CodeBlockRequest
from warifu.person import ResidentRecordCode
from warifu.ports import Entropy
from warifu.registry.numbering.draw import draw_body

_BODY: Final = ResidentRecordCode.LENGTH - 1
_TRIES: Final = 64


@dataclass(frozen=True, slots=True)
class AllottedCode:
    """One code given to a municipality. Whether it was used there, this party learns when asked for a number."""

    code: ResidentRecordCode
    municipality: str
    request_id: str
    at: datetime


def allot(
    request: CodeBlockRequest, taken: Container[ResidentRecordCode], entropy: Entropy, at: datetime
) -> tuple[tuple[AllottedCode, ...], CodeBlock]:
    """Give out a block; `taken` says of a code whether it was ever given out. Rows to keep, and the answer.

    Whoever keeps the rows finds the block of a repeated request among them and answers with that.

    Raises:
        Unavailable: so few codes are left that chance does not find them.

    Source: 住民基本台帳法 第30条の2第2項, 第3項 (different from every code given before).
    """
    drawn: dict[ResidentRecordCode, None] = {}
    while len(drawn) < request.count:
        drawn[_unused(taken, drawn, entropy)] = None
    rows = tuple(AllottedCode(code, request.municipality, request.id, at) for code in drawn)
    return rows, CodeBlock(request.id, tuple(drawn))


def _unused(
    taken: Container[ResidentRecordCode], drawn: Container[ResidentRecordCode], entropy: Entropy
) -> ResidentRecordCode:
    for _ in range(_TRIES):
        code = ResidentRecordCode.of_body(draw_body(entropy, _BODY))
        if code not in drawn and code not in taken:
            return code
    raise Unavailable("hardly any codes are left")
