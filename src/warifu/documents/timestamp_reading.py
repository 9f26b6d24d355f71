"""Timestamp tokens taken apart: a SignedData over a TSTInfo.

Source: RFC 3161 §2.4.2; RFC 5816 §2.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from warifu.documents.algorithms import digest_name, dotted
from warifu.documents.cms_reading import cut_any, read_signers
from warifu.documents.cms_slices import TST_INFO
from warifu.documents.found import Form, FoundSignature
from warifu.errors import Malformed
from warifu.pki import der

__all__ = ["FoundToken", "read_timestamp"]

LARGEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FoundToken:
    """What a token says: that data with the digest `imprint` existed `at` (UTC), give or take `accuracy`.

    `signature` is the authority's, of which nothing is believed yet. `policy` is the object identifier of the terms.
    """

    hash_name: str
    imprint: bytes = field(repr=False)
    at: datetime
    accuracy: timedelta
    policy: str
    signature: FoundSignature


def read_timestamp(token: bytes) -> FoundToken:
    """Read a timestamp token (a ContentInfo, not the response around it).

    Raises:
        Malformed: none, or not exactly one signer with signed attributes.
    """
    if len(token) > LARGEST:
        raise Malformed(f"a timestamp token has {LARGEST} bytes at most")
    whole = cut_any(token)
    if whole.content_type != TST_INFO or whole.content is None:
        raise Malformed("not a timestamp token")
    if len(whole.signers) != 1:
        raise Malformed("a timestamp token has one signer (RFC 3161 §2.4.2)")
    [signature] = read_signers(whole, whole.content, Form.TIMESTAMP)
    return _told(whole.content, signature)


def _told(info: bytes, signature: FoundSignature) -> FoundToken:
    """One straight walk along TSTInfo (RFC 3161 §2.4.2)."""
    content = der.whole(info, der.SEQUENCE)
    if content[:3] != b"\x02\x01\x01":
        raise Malformed("a timestamp of another version")
    begin, position = der.slice_element(content, 3, der.OID)
    policy = dotted(content[begin:position])
    begin, position = der.slice_element(content, position, der.SEQUENCE)
    hash_name, imprint = _imprint(content[begin:position])
    begin, position = der.slice_element(content, position, der.INTEGER)
    der.read_natural(content[begin:position])
    begin, position = der.slice_element(content, position, der.GENERALIZED_TIME)
    at = _time(content[begin:position])
    accuracy, rest = _accuracy(content[position:])
    _check_rest(rest)
    return FoundToken(hash_name, imprint, at, accuracy, policy, signature)


def _imprint(content: bytes) -> tuple[str, bytes]:
    _, end = der.slice_element(content, 0, der.SEQUENCE)
    return digest_name(content[:end]), der.whole(content[end:], der.OCTET_STRING)


def _time(content: bytes) -> datetime:
    """GeneralizedTime of UTC; a fraction has no trailing zeros (RFC 3161 §2.4.2)."""
    try:
        text = content.decode("ascii")
        seconds, dot, fraction = text.removesuffix("Z").partition(".")
        if not text.endswith("Z") or len(seconds) != 14 or not seconds.isdecimal():
            raise Malformed("the time of a timestamp has another form")
        if dot and (not fraction.isdecimal() or fraction.endswith("0")):
            raise Malformed("the fraction of a timestamp's second has another form")
        micros = int(fraction[:6].ljust(6, "0")) if dot else 0
        return datetime.strptime(seconds, "%Y%m%d%H%M%S").replace(microsecond=micros, tzinfo=UTC)
    except ValueError as error:
        raise Malformed("the time of a timestamp is none") from error


def _accuracy(rest: bytes) -> tuple[timedelta, bytes]:
    """Accuracy: seconds, [0] millis, [1] micros, each 1 to 999 (RFC 3161 §2.4.2); none said is none."""
    if rest[:1] != b"\x30":
        return timedelta(0), rest
    begin, end = der.slice_element(rest, 0, der.SEQUENCE)
    content, position, found = rest[begin:end], 0, {der.INTEGER: 0, der.implicit(0): 0, der.implicit(1): 0}
    last = 0
    while position < len(content):
        tag = content[position]
        begin, position = der.slice_element(content, position, tag)
        value = der.read_natural(content[begin:position])
        if tag not in found or tag <= last or value > 86_400 or (tag != der.INTEGER and not 1 <= value <= 999):
            raise Malformed("the accuracy of a timestamp has another form")
        found[tag], last = value, tag
    seconds, millis, micros = found.values()
    return timedelta(seconds=seconds, milliseconds=millis, microseconds=micros), rest[end:]


def _check_rest(rest: bytes) -> None:
    """Check that what follows are ordering, nonce, the authority's name and extensions, in order, and no more.

    An extension could be critical, and none is known to us: a token with any is refused.
    """
    position, last = 0, -1
    order = (der.BOOLEAN, der.INTEGER, der.explicit(0))
    while position < len(rest):
        if rest[position] not in order or order.index(rest[position]) <= last:
            raise Malformed("a timestamp with fields that are not known, or in another order")
        last = order.index(rest[position])
        _, position = der.slice_element(rest, position, rest[position])
