"""CMS and CAdES signatures taken apart: attached, detached, of several signers.

Source: RFC 5652 §5; RFC 5035 §5.4.1.1; ETSI EN 319 122-1.
"""

import contextlib
import hashlib

from cryptography import x509

from warifu.documents.algorithms import DIGEST_LENGTHS, digest_name, signature_algorithm
from warifu.documents.cms_attributes import CONTENT_TYPE, MESSAGE_DIGEST, SignedAttributes, read_signed_attributes
from warifu.documents.cms_normalising import to_der, with_lengths
from warifu.documents.cms_slices import (
    DATA,
    TST_INFO,
    SignedDataSlice,
    SignerSlice,
    cut_attributes,
    cut_signed_data,
)
from warifu.documents.cms_unsigned import read_beside
from warifu.documents.cms_values import sort_choices, split_revocation
from warifu.documents.found import (
    Covered,
    Fault,
    FaultCode,
    Form,
    FoundSignature,
    FoundTimestamp,
    Integrity,
    SignatureAlgorithm,
    TimestampKind,
)
from warifu.errors import Malformed
from warifu.pki import der

__all__ = ["cut_any", "read_cms", "read_signers"]


def read_cms(data: bytes, detached: bytes | None = None) -> tuple[FoundSignature, ...]:
    """Every signature of a CMS SignedData, DER or BER; `detached` is the content of one that has none inside.

    Raises:
        Malformed: no CMS signature, one without signers, or a content came twice: inside and beside.
    """
    whole = cut_any(data)
    if whole.content_type == TST_INFO:
        raise Malformed("this is a timestamp, not a signature")
    if whole.content is not None and detached is not None:
        raise Malformed("the signature has its content inside; another one came beside it")
    return read_signers(whole, whole.content if detached is None else detached)


def cut_any(data: bytes) -> SignedDataSlice:
    """A SignedData cut into pieces, brought into DER first where it is not.

    Raises:
        Malformed: it is none, not even in BER.
    """
    try:
        return cut_signed_data(data)
    except Malformed:
        encoded = _in_der(data)
        if encoded is None:
            raise
    with contextlib.suppress(Malformed):  # where only lengths are missing, what was signed stays as it is
        return cut_signed_data(with_lengths(data))
    return cut_signed_data(encoded)


def _in_der(data: bytes) -> bytes | None:
    """The same in DER; None if it is DER already, or not even BER."""
    try:
        encoded = to_der(data)
    except Malformed:
        return None
    return None if encoded == data else encoded


def read_signers(whole: SignedDataSlice, content: bytes | None, form: Form | None = None) -> tuple[FoundSignature, ...]:
    """What each signer of a SignedData signed; `form` says where the SignedData stands, if not for itself.

    Raises:
        Malformed: nobody signed, or a part that must be understood is not well-formed.
    """
    if not whole.signers:
        raise Malformed("nobody signed: certificates only")
    crls: list[bytes] = []
    ocsps: list[bytes] = []
    sort_choices(whole.revocation, crls, ocsps)
    return tuple(
        _read_signer(whole, signer, content, f"signer {number}", form, (crls, ocsps))
        for number, signer in enumerate(whole.signers, 1)
    )


def _read_signer(
    whole: SignedDataSlice,
    signer: SignerSlice,
    content: bytes | None,
    place: str,
    form: Form | None,
    revocation: tuple[list[bytes], list[bytes]],
) -> FoundSignature:
    """One signer, told in one go."""
    digest = digest_name(signer.digest_algorithm)
    algorithm = signature_algorithm(signer.signature_algorithm, digest)
    told = read_signed_attributes(signer) if signer.signed is not None else SignedAttributes()
    beside = read_beside(signer, whole, content)
    crls, ocsps = [*revocation[0], *beside.crls], [*revocation[1], *beside.ocsps]
    for value in told.revocation:
        split_revocation(der.whole(value, der.SEQUENCE), crls, ocsps)
    certificate = _signers_certificate(whole.certificates, signer, told)
    faults = [*told.faults, *beside.faults, *_faults(whole, signer, told, digest, algorithm, content)]
    if certificate is not None and told.named_serial is not None and not _named_so(certificate, signer, told):
        faults.append(Fault(FaultCode.CERTIFICATE_NAMED_OTHERWISE))
    inside = tuple([each for each in whole.certificates if each[0] == der.SEQUENCE])
    return FoundSignature(
        form=form or (Form.CADES if told.cades else Form.CMS),
        place=place,
        integrity=_integrity(digest, told, signer, content),
        certificate=certificate,
        certificates=(*inside, *beside.certificates),
        named_certificate=told.names,
        algorithm=algorithm,
        signed=_signed_bytes(signer, content),
        signature=signer.signature,
        claimed_at=told.claimed_at,
        timestamps=(*_content_timestamps(told, content), *beside.timestamps),
        crls=tuple(crls),
        ocsps=tuple(ocsps),
        faults=tuple(faults),
        policy=None if told.policy == "implied" else told.policy,
        ignored=tuple(beside.ignored),
    )


def _named_so(certificate: bytes, signer: SignerSlice, told: SignedAttributes) -> bool:
    """Whether the signed attribute names the issuer and the number that the certificate has."""
    assert told.named_serial is not None
    sid = signer.issuer_and_serial
    if sid is not None:  # which is the certificate's own, or this would not be the signer's
        issuer = der.begin_of(sid, 0)
        serial = der.end_of(sid, issuer)
        return told.named_serial == (sid[issuer:serial], sid[serial:])
    return told.named_serial == _issuer_and_serial(certificate)


def _signed_bytes(signer: SignerSlice, content: bytes | None) -> bytes:
    """The attributes as a SET OF, or the content itself where there are none (RFC 5652 §5.4)."""
    if signer.signed is not None:
        return b"\x31" + signer.signed[1:]
    return b"" if content is None else content


def _integrity(
    digest: str, told: SignedAttributes, signer: SignerSlice, content: bytes | None
) -> tuple[Integrity, ...]:
    """The digest in the attributes against that of the content; without attributes the signature itself covers it."""
    if signer.signed is None:
        return () if content is not None else (Integrity("content", digest, b"", None),)
    if told.message_digest is None:
        return ()
    actual = None
    if content is not None and digest in DIGEST_LENGTHS:
        # By its name OpenSSL looks a digest up each time.
        actual = hashlib.sha256(content).digest() if digest == "sha256" else hashlib.new(digest, content).digest()
    return (Integrity("message digest", digest, told.message_digest, actual),)


def _faults(
    whole: SignedDataSlice,
    signer: SignerSlice,
    told: SignedAttributes,
    digest: str,
    algorithm: SignatureAlgorithm,
    content: bytes | None,
) -> list[Fault]:
    """Rules about a signer and its SignedData together (RFC 5652 §5.1, §5.3, §5.4)."""
    faults = []
    if algorithm.hash_name in DIGEST_LENGTHS and algorithm.hash_name != digest:
        faults.append(Fault(FaultCode.ALGORITHMS_DIFFER, "digestAlgorithm, signatureAlgorithm"))
    if signer.digest_algorithm not in whole.digest_algorithms and digest not in map(
        digest_name, whole.digest_algorithms
    ):
        faults.append(Fault(FaultCode.ALGORITHMS_DIFFER, "digestAlgorithms"))
    if signer.version != (1 if signer.key_id is None else 3):
        faults.append(Fault(FaultCode.VERSION, "SignerInfo"))
    if signer.signed is None:
        if whole.content_type != DATA:
            faults.append(Fault(FaultCode.SIGNED_ATTRIBUTES_MISSING))
        if content is not None and _like_attributes(content):
            faults.append(Fault(FaultCode.CONTENT_LIKE_ATTRIBUTES))
    elif told.content_type is not None and told.content_type != whole.content_type:
        faults.append(Fault(FaultCode.CONTENT_TYPE_ATTRIBUTE))
    return faults


def _like_attributes(content: bytes) -> bool:
    """Whether a content could have been somebody's signed attributes, with the signature made for those.

    Without signed attributes the signature is over the content itself; so whoever holds a signature over attributes
    can pass the attributes off as the content (RFC 5652 §5.4 gives both the same tag).
    """
    if content[:1] != b"\x31":
        return False
    try:
        if der.slice_element(content, 0, der.SET)[1] != len(content):
            return False
        types = {attribute.type for attribute in cut_attributes(content)}
    except Malformed:
        return False
    return bool(types & {CONTENT_TYPE, MESSAGE_DIGEST})


def _content_timestamps(told: SignedAttributes, content: bytes | None) -> list[FoundTimestamp]:
    """Over the content, before it was signed: they prove that the signature is not older (ETSI EN 319 122-1 §5.2.8)."""

    def imprint(name: str) -> bytes | None:
        return hashlib.new(name, content).digest() if content is not None and name in DIGEST_LENGTHS else None

    covers = frozenset({Covered.CONTENT})
    return [FoundTimestamp(TimestampKind.CONTENT, token, imprint, covers) for token in told.content_timestamps]


def _signers_certificate(certificates: tuple[bytes, ...], signer: SignerSlice, told: SignedAttributes) -> bytes | None:
    """The certificate that the signer identifies; of several with one name, the one whose digest is signed."""
    fitting = [each for each in certificates if each[0] == der.SEQUENCE and _fits(each, signer)]
    for each in fitting[1:] and fitting:
        if any(hashlib.new(name, each).digest() == value for name, value in told.names if name in DIGEST_LENGTHS):
            return each
    return fitting[0] if fitting else None


def _fits(certificate: bytes, signer: SignerSlice) -> bool:
    sid = signer.issuer_and_serial
    if sid is None:
        return signer.key_id == _key_id(certificate)
    try:
        return sid[der.begin_of(sid, 0) :] == b"".join(_issuer_and_serial(certificate))
    except Malformed:
        return False


def _issuer_and_serial(certificate: bytes) -> tuple[bytes, bytes]:
    """The issuer's Name and the serial number of a certificate, as encoded (RFC 5280 §4.1).

    Of something that is no certificate these are some other bytes; they are compared with, and nothing else.

    Raises:
        Malformed: it ends too early.
    """
    begin_of, end_of = der.begin_of, der.end_of
    try:
        position = begin_of(certificate, begin_of(certificate, 0))
        if certificate[position] == der.explicit(0):
            position = end_of(certificate, position)
        serial_end = end_of(certificate, position)
        issuer = end_of(certificate, serial_end)
        return certificate[issuer : end_of(certificate, issuer)], certificate[position:serial_end]
    except IndexError as error:
        raise Malformed("not a certificate") from error


def _key_id(certificate: bytes) -> bytes | None:
    """The subjectKeyIdentifier, for the few who name their certificate by it."""
    try:
        extensions = x509.load_der_x509_certificate(certificate).extensions
        return extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except (
        ValueError,
        TypeError,
        x509.InvalidVersion,
        x509.ExtensionNotFound,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
    ):
        return None
