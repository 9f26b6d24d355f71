"""What strangers put into a signed document's timestamps and beside them: forms that no reader knows spoil nothing."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.documents.cms_world import PKCS9, Made, attribute
from tests.pki.world import NOW
from tests.tsa import world as tsa
from tests.verifier.document_scene import DAY, PASSED, Judgement, check_of, stamped, token
from tests.verifier.outside_scene import MIDDLE, ROOT, answer, certify, list_by
from warifu.documents import read_signatures, read_timestamp
from warifu.verifier import Material, Outcome, Rule

P256 = bytes.fromhex("06082a8648ce3d030107")
VERSION_3 = bytes.fromhex("a003020102")
ECDSA = bytes.fromhex("06082a8648ce3d040302")
SHA1 = bytes.fromhex("06052b0e03021a")


def other(identifier: bytes) -> Callable[[bytes], bytes]:
    """An identifier, or a version, that nothing has."""
    return lambda data: data.replace(identifier, identifier[:-1] + b"\x7f")


def judged(one: Made) -> Judgement:
    return Judgement(found=read_signatures(one.encode()))


@pytest.mark.parametrize("change", [other(P256), other(VERSION_3)], ids=["curve", "version"])
def test_a_timestamp_by_whom_nobody_can_read_proves_nothing(change: Callable[[bytes], bytes]) -> None:
    made = token(Made().signature(), NOW - DAY, tsa.authority("ES256"))
    certificate = read_timestamp(made).signature.certificate
    assert certificate is not None
    strange = change(certificate)
    assert strange != certificate
    for old, new in ((certificate, strange), (_digest(certificate), _digest(strange))):
        made = made.replace(old, new)
    one = judged(replace(Made(), unsigned=[attribute(PKCS9 + "16.2.14", made)]))
    check = check_of(one.signature(), Rule.TIMESTAMP)
    assert (check.outcome, check.saw["why"]) == (Outcome.UNKNOWN, "certificate")
    assert one.says() == PASSED


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


GOOD_STAMP = stamped(Made(), NOW - DAY)
HOLDER = Made().holder.certificate


@pytest.mark.parametrize(
    "beside",
    [
        replace(GOOD_STAMP, revocation=[b"\x30\x03\x02\x01\x01"]),
        replace(GOOD_STAMP, revocation=[other(ECDSA)(list_by(MIDDLE))]),
        replace(GOOD_STAMP, certificates=[HOLDER, other(VERSION_3)(tsa.root().certificate_der)]),
        replace(GOOD_STAMP, certificates=[HOLDER, *(certify(MIDDLE, ROOT, serial=n) for n in range(1, 80))]),
    ],
    ids=["no list", "a list signed in an unknown way", "a certificate of another version", "certificates by dozens"],
)
def test_what_lies_beside_does_not_spoil_a_timestamp(beside: Made) -> None:
    """Data that are damaged count for nothing, and hinder none that are not."""
    assert check_of(judged(beside).signature(), Rule.TIMESTAMP).outcome is Outcome.PASSED


@pytest.mark.parametrize("answered", [b"\x30\x03\x02\x01\x01", other(SHA1)(answer()), other(ECDSA)(answer())])
def test_answers_that_cannot_be_read_do_not_spoil_a_timestamp(answered: bytes) -> None:
    one = judged(GOOD_STAMP)
    material = Material(crls=one.material.crls, ocsps=(answered,))
    assert check_of(one.signature(material=material), Rule.TIMESTAMP).outcome is Outcome.PASSED
