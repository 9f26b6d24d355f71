"""Gathering what proves a signer's certificate and a timestamp's good, to be put into a document (baseline B-LT).

Only addresses that somebody configured are asked, never one that a certificate names. What comes is checked here as a
verifier will: a document that says for ever that its signer was revoked helps nobody.

Of J-LIS's certificates no evidence is put into documents: what the authority tells a verifier about them stays with the
verifier (公的個人認証法 第52条, 第53条).
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from warifu.documents import Material
from warifu.errors import (
    CertificateRefused,
    Malformed,
    NotAllowed,
    RevocationDataRefused,
    StatusUnknown,
    Unavailable,
    WrongKeyUsage,
)
from warifu.pki import CaCertificate, CertificateKind, EndEntityCertificate, OcspRequest
from warifu.pki.path import Purpose, check_path
from warifu.ports import Entropy
from warifu.verifier import Anchor, Anchors, Evidence, Policy, check_status
from warifu.wire.authority import OcspClient
from warifu.wire.long_term_outside import gather_outside
from warifu.wire.replies import read_reply
from warifu.wire.verification import CheckedTransport, TrustedAnchor, TrustUse

__all__ = ["Sources", "check_may_keep_evidence", "gather_material"]

_NONCE = 32
_LARGEST = 16 * 1024 * 1024
"""Bytes of a revocation list of a timestamp authority."""
_SECONDS = 10.0
_KEPT_BY_VERIFIERS = (
    "what J-LIS tells a verifier about certificates stays with the verifier, so no evidence about this card's "
    "certificate may be put into a document (公的個人認証法 第52条, 第53条); levels b and t are possible"
)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where evidence comes from.

    `status` is the OCSP service of the signers' authority. `proofs` are files or http addresses with certificates and
    revocation lists, PEM or DER: the timestamp authority's, of which a root is trusted for timestamps, and the signers'
    authority's. `trusted` are the anchors of a trust store with their addresses: a signers' authority there is asked
    unless `status` is named, a timestamp authority there is believed unless `proofs` are named.
    """

    status: str = ""
    proofs: tuple[str, ...] = ()
    trusted: tuple[TrustedAnchor, ...] = ()

    def signing(self, certificate: bytes) -> TrustedAnchor | None:
        """What the trust store says of a signers' authority."""
        return next((each for each in self.trusted if each.certificate == certificate), None)

    def named(self) -> Material:
        """The certificates and revocation lists that were named, or else the trust store's for timestamps.

        Raises:
            Unavailable: one cannot be had.
            Malformed: one is something else.
        """
        if self.proofs:
            return _read_proofs(self.proofs)
        stamps = [each for each in self.trusted if each.use is TrustUse.TIMESTAMP]
        lists = _read_proofs(place for each in stamps for place in each.lists)
        return Material(tuple(each.certificate for each in stamps)) + lists

    def outside_lists(self, crls: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """The lists about signers outside of JPKI: those at hand, and those at the trust store's addresses.

        Raises:
            Unavailable: one cannot be had.
            Malformed: one is something else.
        """
        places = (place for each in self.trusted if each.use is TrustUse.SIGNER for place in each.lists)
        return tuple(dict.fromkeys((*crls, *_read_proofs(places).crls)))

    def authorities(self) -> tuple[bytes, ...]:
        """The certificates of the signers' authorities in the trust store."""
        return tuple(each.certificate for each in self.trusted if each.use is TrustUse.SIGNING)


def check_may_keep_evidence(anchor: Anchor) -> None:
    """Check that evidence about certificates of this authority may be put into documents.

    Raises:
        NotAllowed: it is one of J-LIS's own.
    """
    if anchor.real:
        raise NotAllowed(_KEPT_BY_VERIFIERS)


def gather_material(certificates: Sequence[bytes], sources: Sources, now: datetime, entropy: Entropy) -> Material:
    """Evidence about all signers and timestamp units among the certificates of a document.

    Raises:
        NotAllowed: a signer's certificate is a real one.
        Unavailable: no source is configured, or it does not answer.
        CertificateRefused: a certificate has been revoked, or has another fault.
    """
    named = sources.named()
    pool = tuple(dict.fromkeys((*certificates, *named.certificates, *sources.authorities())))
    material = Material()
    for holder in _holders(certificates):
        material += _about_holder(holder, pool, sources, named.crls, now, entropy)
    material += gather_outside(certificates, pool, sources.trusted, sources.outside_lists(named.crls), now, entropy)
    units = [der for der in certificates if _stamps(der)]
    return material + _about_units(units, pool, named, now) if units else material


def _holders(certificates: Iterable[bytes]) -> Iterator[EndEntityCertificate]:
    for der in certificates:
        try:
            yield EndEntityCertificate.decode(der)
        except (CertificateRefused, Malformed):
            continue  # an authority's, a unit's, a responder's


def _stamps(der: bytes) -> bool:
    try:
        usage = x509.load_der_x509_certificate(der).extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (ValueError, x509.ExtensionNotFound):
        return False
    return ExtendedKeyUsageOID.TIME_STAMPING in usage.value


def _about_holder(
    holder: EndEntityCertificate,
    pool: Iterable[bytes],
    sources: Sources,
    crls: Sequence[bytes],
    now: datetime,
    entropy: Entropy,
) -> Material:
    """The authority's answer, or else a revocation list of its."""
    anchor = _anchor(holder, pool)
    check_may_keep_evidence(anchor)
    trusted = sources.signing(anchor.certificate.der)
    address = sources.status or (trusted.ocsp if trusted else "")
    answer, nonce = _ask(holder, anchor, address, entropy) if address else (None, b"")
    if answer is not None:
        check_status(holder, anchor, Evidence(ocsp=answer, nonce=nonce), now, Policy())
        return Material((anchor.certificate.der,), (), (answer,))
    places = trusted.lists if trusted else ()
    if not (address or crls or places):
        raise Unavailable(
            "no status service and no revocation list is named for the authority of the signer's certificate"
        )
    return Material((anchor.certificate.der,), (_list_about(holder, anchor, crls, places, now),))


def _ask(holder: EndEntityCertificate, anchor: Anchor, address: str, entropy: Entropy) -> tuple[bytes | None, bytes]:
    nonce = entropy.bytes(_NONCE)
    asked = OcspRequest("sha1", *anchor.hashes["sha1"], holder.serial_number, nonce)
    with OcspClient({}, entropy, transport=CheckedTransport()) as client:
        return client.ask(address, asked.encode()), nonce


def _list_about(
    holder: EndEntityCertificate, anchor: Anchor, crls: Sequence[bytes], places: Iterable[str], now: datetime
) -> bytes:
    """The list that the certificate would stand on; an authority of JPKI has one for each municipality.

    Raises:
        Unavailable: there is none, or it is too old.
        CertificateRefused: the certificate stands on it.
    """
    for crl in chain(crls, _lists_at(places)):
        with suppress(RevocationDataRefused, StatusUnknown):  # another authority's, another municipality's, an old one
            check_status(holder, anchor, Evidence(crl=crl), now, Policy())
            return crl
    raise Unavailable("the status service of the signer's authority does not answer, and no revocation list tells")


def _lists_at(places: Iterable[str]) -> Iterator[bytes]:
    """The lists that can be had, one after the other: of a nation's lists one is enough."""
    for place in places:
        with suppress(Unavailable):
            yield from _read_proofs((place,)).crls


def _anchor(holder: EndEntityCertificate, pool: Iterable[bytes]) -> Anchor:
    """The authority that issued the certificate, if it is there; whether it is believed, verifiers decide."""
    unverified = holder.unverified
    anchor = Anchors(map(Anchor, _authorities(pool))).find(unverified.issuer, unverified.authority_key_id)
    anchor.check_issued(unverified)
    if holder.kind is not CertificateKind.SIGNING:
        raise WrongKeyUsage("documents are signed with a signing certificate")
    return anchor


def _authorities(pool: Iterable[bytes]) -> Iterator[CaCertificate]:
    for der in pool:
        try:
            yield CaCertificate.decode(der)
        except (CertificateRefused, Malformed):
            continue


def _about_units(units: Iterable[bytes], pool: Sequence[bytes], named: Material, now: datetime) -> Material:
    signers = {authority.der for authority in _authorities(named.certificates)}
    roots = [der for der in named.certificates if der not in signers and _is_root(der)]
    for unit in units:
        try:
            check_path(unit, pool, roots, now, crls=named.crls, purpose=Purpose.TIMESTAMPING)
        except StatusUnknown as error:
            raise Unavailable("there is no revocation list about the timestamp's certificate") from error
    return Material(tuple(der for der in named.certificates if der not in signers), named.crls)


def _is_root(der: bytes) -> bool:
    certificate = x509.load_der_x509_certificate(der)
    return certificate.issuer == certificate.subject


def _read_proofs(places: Iterable[str]) -> Material:
    certificates: list[bytes] = []
    crls: list[bytes] = []
    for place in places:
        data = _fetch(place) if place.startswith(("http://", "https://")) else _read(place)
        try:
            certificates.append(_certificate(data))
        except ValueError:
            crls.append(_crl(place, data))
    return Material(tuple(certificates), tuple(crls))


def _certificate(data: bytes) -> bytes:
    pem = data.startswith(b"-----BEGIN")
    loaded = x509.load_pem_x509_certificate(data) if pem else x509.load_der_x509_certificate(data)
    return loaded.public_bytes(Encoding.DER)


def _crl(place: str, data: bytes) -> bytes:
    try:
        loaded = x509.load_pem_x509_crl(data) if data.startswith(b"-----BEGIN") else x509.load_der_x509_crl(data)
    except ValueError as error:
        raise Malformed(f"{place} is neither a certificate nor a revocation list") from error
    return loaded.public_bytes(Encoding.DER)


def _read(place: str) -> bytes:
    try:
        with Path(place).open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise Unavailable(f"{place} cannot be read", detail=str(error)) from error
    if len(data) > _LARGEST:
        raise Malformed(f"{place} is larger than {_LARGEST} bytes")
    return data


def _fetch(address: str) -> bytes:
    try:
        with (
            httpx2.Client(timeout=_SECONDS, trust_env=False, transport=CheckedTransport()) as http,
            http.stream("GET", address, headers={"accept-encoding": "identity"}) as response,
        ):
            if response.status_code != 200:
                raise Unavailable(f"{address} answers with status {response.status_code}")
            return read_reply(response, limit=_LARGEST, seconds=_SECONDS)
    except httpx2.HTTPError as error:
        raise Unavailable(f"{address} does not answer", detail=type(error).__name__) from error
