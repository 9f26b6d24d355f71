"""What proves invented signers and timestamp units good, and a service that stamps at a moment."""

import hashlib
from datetime import datetime, timedelta
from functools import cache

from tests.documents.world import Holder
from tests.pki import world
from tests.tsa import world as tsa
from warifu.documents import Material
from warifu.pki import (
    OcspRequest,
    OcspResponder,
    Standing,
    build_crl,
    build_ocsp_response,
    build_responder_certificate,
    issuer_hashes,
)
from warifu.pki.timestamps import build_timestamp_list
from warifu.ports import SignatureAlgorithm


class Service:
    """A timestamp service whose clock stands still, and which remembers how often it was asked."""

    def __init__(self, at: datetime = tsa.NOW, algorithm: SignatureAlgorithm = "RS256") -> None:
        self.at, self.algorithm, self.asked = at, algorithm, 0

    def __call__(self, request: bytes) -> bytes:
        self.asked += 1
        return tsa.authority(self.algorithm).answer(request, self.at, _number(request))


def _number(request: bytes) -> int:
    """A token's number: another for each request, whatever was asked before; always of eight bytes."""
    return int.from_bytes(b"\x01" + hashlib.sha256(request).digest()[:7])


def signer_list(holder: Holder, at: datetime = world.NOW) -> bytes:
    """The revocation list that has nobody on it."""
    return build_crl(holder.issuer, municipality=world.KIYOSE, revoked={}, number=1, this_update=at)


def signer_answer(holder: Holder, at: datetime = world.NOW) -> bytes:
    """The authority's answer that the certificate is good, by a responder of its own."""
    asked = OcspRequest("sha1", *issuer_hashes(holder.issuer.certificate, "sha1"), world.SERIAL, None)
    return build_ocsp_response(
        _responder(holder), asked, Standing.GOOD, produced_at=at, this_update=at, next_update=at + timedelta(hours=1)
    )


def _responder(holder: Holder) -> OcspResponder:
    key = world.next_signer(91) if holder.key.algorithm == "ES384" else world.signer(91)
    certificate = build_responder_certificate(
        holder.issuer,
        serial_number=79,
        common_name="OCSP",
        public_key_info=key.public_key_info,
        not_before=world.ISSUED,
        not_after=world.NOW + timedelta(days=7),
    )
    return OcspResponder(certificate, key)


@cache
def unit_list(at: datetime = world.NOW, algorithm: SignatureAlgorithm = "RS256") -> bytes:
    """The timestamp root's revocation list, empty."""
    begins = at.replace(microsecond=0)
    return build_timestamp_list(
        tsa.root(algorithm), number=1, this_update=begins, next_update=begins + timedelta(days=30)
    )


def proof(holder: Holder, at: datetime = world.NOW) -> Material:
    """Everything about a signer and the timestamp unit."""
    return Material(
        (holder.issuer.certificate_der, tsa.root().certificate_der),
        (signer_list(holder, at), unit_list(at)),
        (signer_answer(holder, at),),
    )
