"""What a municipality and the party that numbers tell each other: codes and numbers, and nothing about anybody.

The party that numbers gives out resident record codes in blocks (住民基本台帳法 第30条の2) and, asked with a code, an
individual number (番号法 第8条). These messages are all that it ever receives, so they carry no attribute, no holder,
and no reason beyond whether the number is a person's first.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar, Final, Self

from warifu.errors import Malformed
from warifu.messages import json
from warifu.messages.fields import check_id, read_choice
from warifu.person import IndividualNumber, ResidentRecordCode, municipality_code_check_digit

LONGEST_BLOCK: Final = 1000


class NumberReason(Enum):
    """Why a number is asked for."""

    FIRST = "first"
    """The code was written into a record (番号法 第7条第1項, 第8条第1項)."""
    LEAKED = "leaked"
    """The number leaked and may be misused (番号法 第7条第2項)."""


@dataclass(frozen=True, slots=True)
class CodeBlockRequest:
    """A municipality asks for unused codes.

    Wire: JSON object; `type` is ``code_block_request``, `id` 32 lower-case hexadecimal digits, `municipality` five
    digits, `count` 1..1000.
    """

    TYPE: ClassVar[str] = "code_block_request"

    id: str
    municipality: str
    count: int

    def __post_init__(self) -> None:
        check_id(self.id)
        municipality_code_check_digit(self.municipality)
        if not 1 <= self.count <= LONGEST_BLOCK:
            raise Malformed("a block has 1 to 1000 codes")

    def encode(self) -> bytes:
        """The JSON form."""
        members = {"type": self.TYPE, "id": self.id, "municipality": self.municipality, "count": self.count}
        return json.dump(members)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else.
        """
        members = json.load(data, {**dict.fromkeys(("type", "id", "municipality"), str), "count": int})
        json.check_type(members, cls.TYPE)
        return cls(members["id"], members["municipality"], members["count"])


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """The answer: codes that nobody has or had.

    Wire: JSON object; `type` is ``code_block``, `request_id` as in the request, `codes` a list of 11 digits each.
    """

    TYPE: ClassVar[str] = "code_block"

    request_id: str
    codes: tuple[ResidentRecordCode, ...]

    def __post_init__(self) -> None:
        check_id(self.request_id)
        if not 1 <= len(self.codes) <= LONGEST_BLOCK or len(set(self.codes)) != len(self.codes):
            raise Malformed("a block has 1 to 1000 codes, each once")

    def encode(self) -> bytes:
        """The JSON form."""
        codes = [code.reveal() for code in self.codes]
        return json.dump({"type": self.TYPE, "request_id": self.request_id, "codes": codes})

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else.
        """
        members = json.load(data, {"type": str, "request_id": str, "codes": list})
        json.check_type(members, cls.TYPE)
        if not all(isinstance(code, str) for code in members["codes"]):
            raise Malformed("member codes has the wrong type")
        return cls(members["request_id"], tuple(ResidentRecordCode.parse(code) for code in members["codes"]))


@dataclass(frozen=True, slots=True)
class NumberRequest:
    """A municipality asks for the individual number that belongs to a code.

    Wire: JSON object; `type` is ``number_request``, `id` 32 lower-case hexadecimal digits, `code` 11 digits, `reason`
    the value of a `NumberReason`.
    """

    TYPE: ClassVar[str] = "number_request"

    id: str
    code: ResidentRecordCode
    reason: NumberReason

    def __post_init__(self) -> None:
        check_id(self.id)

    def encode(self) -> bytes:
        """The JSON form."""
        members = {"type": self.TYPE, "id": self.id, "code": self.code.reveal(), "reason": self.reason.value}
        return json.dump(members)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else.
        """
        members = json.load(data, dict.fromkeys(("type", "id", "code", "reason"), str))
        json.check_type(members, cls.TYPE)
        reason = read_choice(NumberReason, members["reason"])
        return cls(members["id"], ResidentRecordCode.parse(members["code"]), reason)


@dataclass(frozen=True, slots=True)
class NumberAnswer:
    """The answer: a number that nobody has or had. The mayor designates it by receiving it (番号法施行令 第2条).

    Wire: JSON object; `type` is ``number_answer``, `request_id` as in the request, `code` 11 digits, `number` 12
    digits.
    """

    TYPE: ClassVar[str] = "number_answer"

    request_id: str
    code: ResidentRecordCode
    number: IndividualNumber

    def __post_init__(self) -> None:
        check_id(self.request_id)

    def encode(self) -> bytes:
        """The JSON form."""
        numbers = {"code": self.code.reveal(), "number": self.number.reveal()}
        return json.dump({"type": self.TYPE, "request_id": self.request_id, **numbers})

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else.
        """
        members = json.load(data, dict.fromkeys(("type", "request_id", "code", "number"), str))
        json.check_type(members, cls.TYPE)
        code, number = ResidentRecordCode.parse(members["code"]), IndividualNumber.parse(members["number"])
        return cls(members["request_id"], code, number)


@dataclass(frozen=True, slots=True)
class CodeChanged:
    """A person has another code now; the number goes with it (住民基本台帳法 第30条の4).

    Wire: JSON object; `type` is ``code_changed``, `id` 32 lower-case hexadecimal digits, `former` and `code` 11 digits.
    """

    TYPE: ClassVar[str] = "code_changed"

    id: str
    former: ResidentRecordCode = field(repr=False)
    code: ResidentRecordCode = field(repr=False)

    def __post_init__(self) -> None:
        check_id(self.id)
        if self.former == self.code:
            raise Malformed("the code did not change")

    def encode(self) -> bytes:
        """The JSON form."""
        codes = {"former": self.former.reveal(), "code": self.code.reveal()}
        return json.dump({"type": self.TYPE, "id": self.id, **codes})

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else.
        """
        members = json.load(data, dict.fromkeys(("type", "id", "former", "code"), str))
        json.check_type(members, cls.TYPE)
        former, code = (ResidentRecordCode.parse(members[name]) for name in ("former", "code"))
        return cls(members["id"], former, code)
