"""Signatures in PDF files, added to the end of the file so that what stood there before stays as it was."""

import zlib
from datetime import datetime
from enum import Enum
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner

from warifu.documents.complaints import COMPLAINTS as PYHANKOS
from warifu.documents.pdf_stamp import VisibleStamp, check_can_draw, default_text, stamp_field, stamp_style
from warifu.documents.running import run
from warifu.documents.stamping import Stamp, stamper
from warifu.documents.witness import CardSigner, Witness
from warifu.errors import Malformed, NotAllowed
from warifu.pki import EndEntityCertificate

__all__ = ["COMPLAINTS", "PdfProfile", "free_name", "open_pdf", "sign_pdf"]

COMPLAINTS = (*PYHANKOS, zlib.error)
"""What pyHanko raises over damaged files: its own errors, and whatever happens where it expected another object."""

LARGEST = 100 * 1024 * 1024
"""Bytes of a PDF that is signed."""


class PdfProfile(Enum):
    """What a signature in a PDF looks like."""

    PADES = "pades"
    """PAdES baseline B-B (ETSI EN 319 142-1 §6): ``ETSI.CAdES.detached``; the time is the dictionary's ``/M``."""
    REGISTRY = "registry"
    """As registry offices publish it for online applications: ``adbe.pkcs7.detached`` (法務省, 登記・供託オンライン申請
    の電子署名済みPDFの仕様; ISO 32000-1 §12.8.3.3). The holder's name stands in the dictionary."""


_SUB_FILTERS = {
    PdfProfile.PADES: SigSeedSubFilter.PADES,
    PdfProfile.REGISTRY: SigSeedSubFilter.ADOBE_PKCS7_DETACHED,
}


def sign_pdf(
    pdf: bytes,
    witness: Witness,
    at: datetime,
    *,
    profile: PdfProfile = PdfProfile.PADES,
    field: str = "Signature",
    reason: str | None = None,
    location: str | None = None,
    stamp: Stamp | None = None,
    visible: VisibleStamp | None = None,
) -> bytes:
    """The PDF with one more signature; earlier signatures stay valid.

    `stamp` adds a timestamp to the signature (baseline B-T). Nothing is to be seen on a page but what `visible` says.

    A number is added to `field` until no field of the document has that name.

    Raises:
        Malformed: no PDF, a damaged one, or one that is too large.
        NotAllowed: it is encrypted, or somebody certified it and allows no further signature, or what is to be seen
            would not be on a page.
        WarifuError: whatever the witness or `stamp` raises when asked.
        Unavailable: the timestamp service gave no timestamp, or the extra ``images`` is not installed.
    """
    writer = open_pdf(pdf)
    metadata = _metadata(writer, witness, profile, field, reason, location)
    shown = _shown(writer, witness, at, metadata.field_name, visible) if visible else {}
    signer = _At(metadata, CardSigner(witness), timestamper=stamper(stamp), **shown)
    return _signed(writer, signer, at)


def open_pdf(pdf: bytes) -> Any:
    """A writer that adds to the end of a PDF.

    Raises:
        Malformed: no PDF, a damaged one, or one that is too large.
        NotAllowed: it is encrypted.
    """
    if len(pdf) > LARGEST:
        raise Malformed(f"a PDF has {LARGEST} bytes at most")
    try:
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        encrypted = writer.prev.encrypted
    except COMPLAINTS as error:
        raise Malformed("this is no PDF, or a damaged one") from error
    if encrypted:
        raise NotAllowed("the PDF is encrypted; it cannot be signed without opening it")
    return writer


def _metadata(
    writer: Any, witness: Witness, profile: PdfProfile, field: str, reason: str | None, location: str | None
) -> PdfSignatureMetadata:
    return PdfSignatureMetadata(
        name=_signer_name(witness) if profile is PdfProfile.REGISTRY else None,
        field_name=free_name(writer, field),
        md_algorithm=witness.hash_name,
        subfilter=_SUB_FILTERS[profile],
        reason=reason,
        location=location,
    )


def _signer_name(witness: Witness) -> str:
    """The holder's name as certified: the registry's form has to say who signed (``/Name``), a stamp may."""
    held = EndEntityCertificate.decode(witness.certificate).personal_data
    assert held is not None  # every signing certificate has it
    return held.name


def free_name(writer: Any, wanted: str) -> str:
    """The name with a number behind it that no signature field of the document has.

    Raises:
        Malformed: a field cannot be called so.
    """
    if "." in wanted or not wanted:
        raise Malformed("the name of a signature field is not empty and has no full stop (ISO 32000-1 §12.7.3.2)")
    taken = {name for name, _value, _reference in _fields(writer)}
    number = 1
    while f"{wanted}{number}" in taken:
        number += 1
    return f"{wanted}{number}"


def _fields(writer: Any) -> list[tuple[str, Any, Any]]:
    from pyhanko.sign.fields import enumerate_sig_fields

    return list(enumerate_sig_fields(writer))


def _shown(writer: Any, witness: Witness, at: datetime, field: str, visible: VisibleStamp) -> dict[str, Any]:
    check_can_draw()
    text = visible.text or default_text(_signer_name(witness), at)
    try:
        return {
            "new_field_spec": stamp_field(writer, field, visible),
            "stamp_style": stamp_style(writer, visible, text),
        }
    except COMPLAINTS as error:
        raise Malformed("the PDF is damaged") from error


def _signed(writer: Any, signer: "_At", at: datetime) -> bytes:
    signer.moment = at
    try:
        return bytes(run(signer.async_sign_pdf(writer)).getvalue())
    except SigningError as error:
        raise NotAllowed("the document does not allow this signature", detail=str(error)) from error
    except COMPLAINTS as error:
        raise Malformed("the PDF is damaged") from error


class _At(PdfSigner):  # type: ignore[misc]  # pyHanko tells no types here
    """A signer for whom it is a given moment; pyHanko's own looks at the clock."""

    moment: datetime

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> Any:
        """A session at that moment."""
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.moment
        return session
