"""Signed PDF files made to last: a document security store, and timestamps over the file (ETSI EN 319 142-1 §5.4).

Everything is added behind what was there; no signature is touched.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from asn1crypto import crl, ocsp, x509
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import ValidationInfoReadingError

from warifu.documents.cms_extending import held_certificates
from warifu.documents.level import Level
from warifu.documents.material import Material
from warifu.documents.pdf import COMPLAINTS, free_name, open_pdf
from warifu.documents.running import run
from warifu.documents.stamping import Stamp, Stamper
from warifu.errors import Malformed, NotAllowed

__all__ = ["extend_pdf", "pdf_certificates"]

_TIMESTAMP = "/DocTimeStamp"


def extend_pdf(
    pdf: bytes,
    level: Level,
    *,
    material: Material | None = None,
    stamp: Stamp | None = None,
    hash_name: str = "sha256",
) -> bytes:
    """The same signatures at a higher level; at ``LTA``, one more timestamp over the whole file.

    A signature without a timestamp gets one over the whole file (§6.3: B-T by a document timestamp).

    Raises:
        Malformed: no signed PDF, or a damaged one.
        NotAllowed: it is encrypted; there is no revocation data, neither here nor in `material`; or nobody to ask for a
            timestamp.
        WarifuError: whatever `stamp` raises.
        Unavailable: the timestamp service gave no timestamp.
    """
    _signatures(pdf)
    if level.reaches(Level.T) and not _is_stamped(pdf):
        pdf = _stamped(pdf, stamp, hash_name)
    if level.reaches(Level.LT):
        pdf = _with_store(pdf, material or Material())
    if level.reaches(Level.LTA):
        pdf = _stamped(pdf, stamp, hash_name)
    return pdf


def pdf_certificates(pdf: bytes) -> tuple[bytes, ...]:
    """Every certificate in the signatures and timestamps of a PDF, and in its store; nothing is believed of them."""
    held: list[bytes] = []
    for signature in _signatures(pdf):
        held += held_certificates(signature.signed_data)
    return tuple(dict.fromkeys([*held, *_stored_certificates(pdf)]))


def _stored_certificates(pdf: bytes) -> Iterator[bytes]:
    try:
        store = DocumentSecurityStore.read_dss(open_pdf(pdf).prev)
        yield from (certificate.dump() for certificate in store.load_certs())
    except ValidationInfoReadingError:
        return
    except COMPLAINTS as error:
        raise Malformed("the PDF is damaged") from error


def _signatures(pdf: bytes) -> list[Any]:
    try:
        found = list(open_pdf(pdf).prev.embedded_signatures)
        _ = [signature.signer_info["signature"].native for signature in found]
    except COMPLAINTS as error:
        raise Malformed("the PDF is damaged") from error
    if not found:
        raise Malformed("this PDF is not signed")
    return found


def _is_stamped(pdf: bytes) -> bool:
    """Whether a timestamp tells when the last signature was there: on it, or over the file behind it."""
    last = _signatures(pdf)[-1]
    attributes = {each["type"].native for each in last.signer_info["unsigned_attrs"]}
    return last.sig_object_type == _TIMESTAMP or "signature_time_stamp_token" in attributes


def _stamped(pdf: bytes, stamp: Stamp | None, hash_name: str) -> bytes:
    if stamp is None:
        raise NotAllowed("this needs a timestamp, and no timestamp service was named")
    writer = open_pdf(pdf)
    try:
        asker = PdfTimeStamper(Stamper(stamp), field_name=free_name(writer, "Timestamp"))
        return bytes(run(asker.async_timestamp_pdf(writer, hash_name)).getvalue())
    except COMPLAINTS as error:
        raise Malformed("the PDF is damaged") from error


def _with_store(pdf: bytes, material: Material) -> bytes:
    """The material in the store, and for each signature and timestamp a note that it belongs to it (VRI)."""
    writer, target = open_pdf(pdf), BytesIO()
    try:
        changed = [_store(writer, material, signature.pkcs7_content) for signature in _signatures(pdf)]
        store = writer.root["/DSS"]
        if not (store.get("/CRLs") or store.get("/OCSPs")):
            raise NotAllowed("without revocation data nothing is proved later; nothing was added")
        writer.write(target)
    except COMPLAINTS as error:
        raise Malformed("the PDF is damaged") from error
    return target.getvalue() if any(changed) else pdf


def _store(writer: Any, material: Material, contents: bytes) -> bool:
    """Put the material in; whether there was anything new. A signature that has a note keeps it as it is."""
    hexadecimal = contents.hex().encode("ascii")
    noted = DocumentSecurityStore.sig_content_identifier(hexadecimal) in _notes(writer)
    store = DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None if noted else hexadecimal,
        certs=[x509.Certificate.load(der) for der in material.certificates],
        crls=[crl.CertificateList.load(der) for der in material.crls],
        ocsps=[ocsp.OCSPResponse.load(der) for der in material.ocsps],
    )
    return bool(store.modified)


def _notes(writer: Any) -> Any:
    try:
        return writer.root["/DSS"]["/VRI"]
    except KeyError:
        return {}
