"""One good signed document, of which a test spoils exactly one thing."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from tests.documents.cms_world import CONTENT, PKCS9, Made, attribute, content_type, message_digest, named, signing_time
from tests.documents.world import AT
from tests.pki import world
from tests.pki.world import KIYOSE, NOW, SIGNING
from tests.tsa import world as tsa
from warifu.documents import FoundSignature, read_signatures
from warifu.pki import (
    Issuer,
    OcspRequest,
    OcspResponder,
    Reason,
    Revocation,
    Standing,
    Status,
    build_crl,
    build_ocsp_response,
    build_responder_certificate,
    issuer_hashes,
)
from warifu.pki.timestamps import TimestampRequest
from warifu.tsa import TimestampAuthority
from warifu.verifier import (
    Anchors,
    Check,
    DocumentReport,
    DocumentTrust,
    Indication,
    Material,
    Rule,
    SignatureReport,
    SoundAlgorithms,
    SubIndication,
    TimestampTrust,
    check_document,
)

DAY = timedelta(days=1)


def token(data: bytes, at: datetime, authority: TimestampAuthority | None = None, name: str = "sha256") -> bytes:
    """A timestamp token over `data` that says `at`."""
    from asn1crypto import tsp

    asked = TimestampRequest.of(data, 7, name).encode()
    answer = (authority or tsa.authority()).answer(asked, at, 7)
    made: bytes = tsp.TimeStampResp.load(answer)["time_stamp_token"].dump()
    return made


def list_of(
    revoked: dict[int, Revocation] | None = None,
    *,
    issuer: Issuer | None = None,
    this_update: datetime = NOW - timedelta(hours=1),
) -> bytes:
    """A revocation list of the signing authority, empty unless told otherwise."""
    return build_crl(
        issuer or world.authority(SIGNING),
        municipality=KIYOSE,
        revoked=revoked or {},
        number=7,
        this_update=this_update,
    )


def revoked(at: datetime, reason: Reason = Reason.AFFILIATION_CHANGED) -> dict[int, Revocation]:
    return {world.SERIAL: Revocation(at, reason)}


def answer_about(
    status: Status = Standing.GOOD,
    *,
    serial_number: int = world.SERIAL,
    at: datetime = NOW - timedelta(minutes=1),
    responder: OcspResponder | Issuer | None = None,
) -> bytes:
    """An OCSP answer of the signing authority."""
    issuer = world.authority(SIGNING)
    asked = OcspRequest("sha1", *issuer_hashes(issuer.certificate, "sha1"), serial_number, None)
    until = at + timedelta(minutes=10)
    return build_ocsp_response(responder or issuer, asked, status, produced_at=at, this_update=at, next_update=until)


def responder(ends: datetime) -> OcspResponder:
    """A delegated responder whose certificate ends then."""
    key = world.signer(91)
    certificate = build_responder_certificate(
        world.authority(SIGNING),
        serial_number=79,
        common_name="OCSP",
        public_key_info=key.public_key_info,
        not_before=world.ISSUED,
        not_after=ends,
    )
    return OcspResponder(certificate, key)


def made(**changes: Any) -> Made:
    """A CAdES signature by the invented holder, with pieces changed."""
    return replace(Made(), **changes)


def attributes(holder_certificate: bytes, *more: bytes, content: bytes = CONTENT) -> list[bytes]:
    return [content_type(), message_digest(content), signing_time(AT), named(holder_certificate), *more]


def stamped(one: Made, at: datetime, authority: TimestampAuthority | None = None) -> Made:
    """The same with a timestamp over its signature."""
    more = attribute(PKCS9 + "16.2.14", token(one.signature(), at, authority))
    return replace(one, unsigned=[*one.unsigned, more])


@dataclass
class Judgement:
    """The arguments of `check_document`; by default everything is as it must be, a day after signing."""

    found: tuple[FoundSignature, ...] = field(default_factory=lambda: read_signatures(Made().encode()))
    anchors: Anchors = field(default_factory=lambda: Anchors.load([world.authority(SIGNING).certificate_der]))
    timestamp_anchors: tuple[bytes, ...] = field(default_factory=lambda: (tsa.root().certificate_der,))
    material: Material = field(default_factory=lambda: Material(crls=(list_of(),)))
    at: datetime = NOW
    now: datetime | None = None
    algorithms: SoundAlgorithms = field(default_factory=SoundAlgorithms)
    trust: dict[str, Any] = field(default_factory=dict)

    def report(self, **changes: Any) -> DocumentReport:
        one = replace(self, **changes)
        trust = DocumentTrust(one.anchors, TimestampTrust(one.timestamp_anchors, one.algorithms), **one.trust)
        digest = hashlib.sha256(CONTENT).digest()
        report = check_document(one.found, digest, trust, one.material, one.at, now=one.now)
        for check in (check for signature in report.signatures for check in signature.checks):
            assert check.sub_indication is None or check.sub_indication in check.rule.may_give
        return report

    def signature(self, **changes: Any) -> SignatureReport:
        [signature] = self.report(**changes).signatures
        return signature

    def says(self, **changes: Any) -> tuple[Indication, SubIndication | None]:
        signature = self.signature(**changes)
        return signature.indication, signature.sub_indication


def check_of(signature: SignatureReport, rule: Rule) -> Check:
    [check] = [each for each in signature.checks if each.rule is rule]
    return check


PASSED = (Indication.TOTAL_PASSED, None)


def failed(sub: SubIndication) -> tuple[Indication, SubIndication]:
    """That sub-indication with the indication that it belongs to."""
    return sub.indication, sub


read = partial(read_signatures)


class Seen:
    """A memory of revocations in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[tuple[bytes, int], Revocation] = {}

    def find(self, issuer_key_id: bytes, serial_number: int) -> Revocation | None:
        return self.kept.get((issuer_key_id, serial_number))

    def keep(self, issuer_key_id: bytes, serial_number: int, revocation: Revocation) -> None:
        self.kept[issuer_key_id, serial_number] = revocation
