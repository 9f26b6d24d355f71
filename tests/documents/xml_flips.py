"""Signed XML files with one bit turned over, and what of them is still believed."""

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from tests.documents.world import rsa
from tests.documents.xml_world import about, check
from tests.tsa import world as tsa
from warifu.documents import FoundSignature, read_timestamp, read_xml, signed_content
from warifu.errors import Malformed

REFUSALS = (AssertionError, InvalidSignature, Malformed, TypeError, UnsupportedAlgorithm, ValueError)


@dataclass(frozen=True)
class Believed:
    """What somebody believes who believes a signature: of whom, over what, when, which timestamps."""

    certificate: bytes | None
    content: tuple[bytes, ...]
    claimed_at: object
    stamps: tuple[tuple[object, bytes], ...]


def believed(data: bytes, detached: bytes | None = None) -> list[Believed]:
    """Everything that is believed of a file; nothing of one that cannot be read."""
    try:
        found = read_xml(data, detached)
    except Malformed:
        return []
    return [told for each in found for told in _believed(data, each, detached)]


def _believed(data: bytes, one: FoundSignature, detached: bytes | None) -> Iterator[Believed]:
    try:
        check(one)
        _check_issued(one.certificate, rsa().issuer.certificate)
    except REFUSALS:
        return
    stamps = tuple(told for each in one.timestamps if not each.faults and about(each) for told in _stamp(each.token))
    yield Believed(one.certificate, signed_content(data, one.place, detached), one.claimed_at, stamps)


def _stamp(token: bytes) -> Iterator[tuple[object, bytes]]:
    """When and about what, if the token itself holds."""
    try:
        found = read_timestamp(token)
        check(found.signature)
        _check_issued(found.signature.certificate, tsa.root().certificate)
    except REFUSALS:
        return
    yield found.at, found.imprint


def _check_issued(certificate: bytes | None, issuer: x509.Certificate) -> None:
    """An authority signed the certificate: that is all that protects it where nothing names it."""
    assert certificate is not None
    x509.load_der_x509_certificate(certificate).verify_directly_issued_by(issuer)


def turned(data: bytes, number: int) -> bytes:
    """The same with one bit turned over; `number` counts bits."""
    place, bit = divmod(number, 8)
    return data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]
