"""Signed CMS files of several kinds, and what the verifier believes of them when one bit is another."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from asn1crypto import cms

from tests.documents.proving import Service, proof
from tests.documents.world import AT, HOLDERS, Holder, alike
from tests.tsa import world as tsa
from warifu.documents import Level, extend, read_signatures, sign_cms
from warifu.errors import Malformed
from warifu.verifier import Anchors, DocumentTrust, Indication, Material, TimestampTrust, check_document

DATA = "譲渡証書\n".encode()
MOMENT = tsa.NOW + timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a file was signed."""

    holder: str
    attached: bool
    level: Level

    def __str__(self) -> str:
        return f"{self.holder} {'attached' if self.attached else 'detached'} {self.level.value}"


KINDS = (
    Kind("RSA-2048", True, Level.B),
    Kind("P-384", False, Level.B),
    Kind("RSA-2048", True, Level.T),
    Kind("RSA-2048", False, Level.LTA),
)


@cache
def _holder(name: str) -> Holder:
    return HOLDERS[name]()


@cache
def signed(kind: Kind) -> bytes:
    holder = _holder(kind.holder)
    made = sign_cms(DATA, holder.witness, AT, attached=kind.attached)
    content = None if kind.attached else DATA
    with alike(str(kind)):
        return extend(made, kind.level, material=proof(holder), stamp=Service(), content=content)


@dataclass(frozen=True, slots=True)
class Believed:
    """A signature that holds: over what, whose, when."""

    content: tuple[bytes, ...]
    certificate: bytes | None
    claimed_at: datetime | None
    at: datetime


@cache
def _evidence(name: str) -> tuple[DocumentTrust, Material]:
    holder = _holder(name)
    told = proof(holder)
    trust = DocumentTrust(Anchors.load([holder.issuer.certificate_der]), TimestampTrust((tsa.root().certificate_der,)))
    return trust, Material(crls=told.crls, ocsps=told.ocsps)


def believed(kind: Kind, data: bytes) -> list[Believed]:
    """What the verifier believes, with revocation data of its own."""
    trust, material = _evidence(kind.holder)
    try:
        found = read_signatures(data, detached=None if kind.attached else DATA)
    except Malformed:
        return []
    report = check_document(found, hashlib.sha256(data).digest(), trust, material, MOMENT)
    return [
        Believed(tuple(each.expected for each in one.integrity), one.certificate, one.claimed_at, told.best_time)
        for one, told in zip(found, report.signatures, strict=True)
        if told.indication is Indication.TOTAL_PASSED
    ]


def turned(data: bytes, number: int) -> bytes:
    """The same with one bit turned over."""
    place, bit = divmod(number, 8)
    return data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]


def signed_places(kind: Kind) -> set[int]:
    """Where every byte counts: the document, the signer's certificate, what is signed, how, and the signature."""
    data = signed(kind)
    content = cms.ContentInfo.load(data)["content"]
    [signer] = content["signer_infos"]
    fields = ("signed_attrs", "signature_algorithm", "signature")
    parts = [b"".join(signer[field].dump() for field in fields), _holder(kind.holder).certificate]
    if kind.attached:
        parts.append(DATA)
    return {place for part in parts for place in _places(data, part)}


def _places(data: bytes, part: bytes) -> Iterator[int]:
    begin = data.rindex(part)
    yield from range(begin, begin + len(part))


@cache
def harmless_places(kind: Kind) -> frozenset[int]:
    """Where a byte may change and all is believed as before; docs/verification.md lists the same."""
    data = signed(kind)
    content = cms.ContentInfo.load(data)["content"]
    [signer] = content["signer_infos"]
    others = [each.dump() for each in content["certificates"] if each.dump() != _holder(kind.holder).certificate]
    lists = [each.dump() for each in content["crls"]]
    begin = data.index(content["version"].dump() + content["digest_algorithms"].dump())
    places = set(range(begin, begin + 3))
    for part in (*others, *lists, signer["unsigned_attrs"].dump()):
        places |= set(_places(data, part)) if part else set()
    return frozenset(places)


def check_bits(kind: Kind, numbers: Iterable[int]) -> int:
    """Turn these bits over, one at a time; how many changes left everything as it was believed."""
    data, counts, kept = signed(kind), signed_places(kind), 0
    [right] = believed(kind, data)
    for number in numbers:
        for told in believed(kind, turned(data, number)):
            assert number // 8 not in counts, number
            assert number // 8 in harmless_places(kind), number
            assert (told.content, told.certificate, told.claimed_at) == (
                right.content,
                right.certificate,
                right.claimed_at,
            ), number
            # A timestamp that is damaged proves nothing: the signature is then as old as the check.
            assert told.at in (right.at, MOMENT), number
            kept += 1
    return kept
