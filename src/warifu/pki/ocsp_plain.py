"""An answer as nearly every one is, read at once: one certificate, by SHA-1, good, signed by its own authority.

Everything in such an answer but nine values follows from its length, from that of the serial number and from whether it
says when it ends. So it is held against the one encoding that there is for these, in a fifth of the time that reading
takes. What is written in any other way, or says anything else, is left to cryptography.
"""

import re
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from warifu.pki import der
from warifu.pki.keys import ALGORITHMS
from warifu.pki.ocsp_building import GOOD, NEXT_UPDATE, RESPONDER, before_basic, before_nonce

_LONGEST_NUMBER: Final = 20
# With longer ones, lengths around them would take a second byte.
_LONGEST_NONCE: Final = 64
_LONGEST: Final = 1024
_SIGNATURE: Final = ALGORITHMS["RS256"] + der.bit_string(bytes(256))[:-256]
_BEHIND: Final = len(_SIGNATURE) + 256
_BEGIN: Final = len(before_basic(_LONGEST // 2))  # so many bytes for every length from 256
_NULL = der.encode(der.NULL)
_SHA1 = der.encode(der.SEQUENCE, der.object_identifier("1.3.14.3.2.26"), _NULL)
_HASH: Final = bytes((der.OCTET_STRING, 20))
_NAMES: Final = len(_SHA1) + 2 * (len(_HASH) + 20)
_TIME: Final = bytes((der.GENERALIZED_TIME, 15))
# Of these hundreds only, and without a 24th hour, so that every Python reads the same.
_DIGITS: Final = rb"((?:19|20)\d{6})((?:[01]\d|2[0-3])\d{4})Z"
_WITHOUT_END: Final = len(RESPONDER) + 20 + 17


class PlainAnswer(NamedTuple):
    """What a plain answer says: times in UTC, the rest as `OcspAnswer` has it."""

    signed: bytes
    signature: bytes
    responder_key_id: bytes
    issuer_name_hash: bytes
    issuer_key_hash: bytes
    serial_number: int
    nonce: bytes | None
    produced_at: datetime
    this_update: datetime
    next_update: datetime | None


def read_plain_answer(data: bytes) -> PlainAnswer | None:
    """The answer, if it is a plain one; None says nothing about it."""
    end = len(data) - _BEHIND
    if not 0 < end < _LONGEST:
        return None
    number = der.begin_of(data, _BEGIN) + _WITHOUT_END + 6 + _NAMES
    length = data[number + 1] if number + 1 < end else 0
    if not 0 < length <= _LONGEST_NUMBER or number + length >= end:
        return None
    ends = data.startswith(NEXT_UPDATE, number + 2 + length + len(GOOD) + 17)
    form = _form(len(data), length, ends)
    found = None if form is None else form.fullmatch(data)
    return None if found is None else _told(data[_BEGIN:end], found.groups())


def _told(signed: bytes, values: tuple[bytes, ...]) -> PlainAnswer | None:
    key_id, on, at, name_hash, key_hash, number, this_on, this_at, next_on, next_at, nonce, signature = values
    if number[0] >= 0x80 or (len(number) > 1 and number[0] == 0 and number[1] < 0x80):
        return None  # negative, or not the shortest form
    try:
        produced_at, this_update = _moment(on, at), _moment(this_on, this_at)
        next_update = _moment(next_on, next_at) if next_on else None
    except ValueError:
        return None
    serial_number = int.from_bytes(number, "big")
    told = (signed, signature, key_id, name_hash, key_hash, serial_number, nonce or None)
    return PlainAnswer(*told, produced_at, this_update, next_update)


def _moment(day: bytes, time: bytes) -> datetime:
    return datetime.fromisoformat((day + b"T" + time + b"Z").decode())


@lru_cache(maxsize=256)
def _form(length: int, of_number: int, ends: bool) -> re.Pattern[bytes] | None:
    """The one encoding of a plain answer of so many bytes; None if there is none."""
    of_single = 2 + _NAMES + 2 + of_number + len(GOOD) + 17 + (len(NEXT_UPDATE) + 17 if ends else 0)
    of_basic = length - _BEGIN
    of_signed = of_basic - _BEHIND
    header = next((size for size in (2, 3, 4) if len(der.header(der.SEQUENCE, of_signed - size)) == size), 0)
    of_extensions = of_signed - header - _WITHOUT_END - 4 - of_single
    of_nonce = of_extensions - len(before_nonce(1))
    if of_extensions and not 0 < of_nonce <= _LONGEST_NONCE:
        return None
    own = re.escape
    time = own(_TIME) + _DIGITS
    parts = (
        own(before_basic(of_basic) + der.header(der.SEQUENCE, of_signed - header) + RESPONDER) + rb"(.{20})",
        time,
        own(der.header(der.SEQUENCE, 2 + of_single) + der.header(der.SEQUENCE, of_single)),
        own(der.header(der.SEQUENCE, _NAMES + 2 + of_number) + _SHA1),
        (own(_HASH) + rb"(.{20})") * 2,
        own(der.header(der.INTEGER, of_number)) + rb"(.{%d})" % of_number,
        own(GOOD) + time,
        own(NEXT_UPDATE) + time if ends else rb"()()",
        own(before_nonce(of_nonce)) + rb"(.{%d})" % of_nonce if of_extensions else rb"()",
        own(_SIGNATURE) + rb"(.{256})",
    )
    return re.compile(b"".join(parts), re.DOTALL)
