"""What a signed file can look like: the forms of ``warifu sign --as``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from warifu.wire.clock import SystemClock

if TYPE_CHECKING:
    from warifu.documents import PdfProfile, VisibleStamp, Witness

__all__ = ["FORMS", "Form", "Signing", "form_of"]


@dataclass(frozen=True, slots=True, repr=False)
class Signing:
    """What is to be signed, and what is to stand beside the signature."""

    file: Path
    data: bytes
    witness: "Witness"
    reason: str | None
    stamp: Callable[[bytes], bytes] | None
    visible: "VisibleStamp | None" = None


@dataclass(frozen=True, slots=True)
class Form:
    """One form: what the result's name ends in, how long it can be made to last, and what makes it.

    The end stands behind the whole name of the file, or in the place of its own.
    """

    end: str
    whole_name: bool
    highest_level: str
    make: Callable[[Signing], bytes]

    def name(self, file: Path) -> str:
        """What the signed file is called."""
        return (file.name if self.whole_name else file.stem) + self.end


def form_of(file: Path) -> str:
    """The form for a file when nobody chose one: by the end of its name."""
    return {".pdf": "pdf", ".xml": "xml"}.get(file.suffix.lower(), "cms")


# What signs takes a second to load, so it is loaded when a form is used.


def _now() -> datetime:
    return SystemClock().now().astimezone(UTC).replace(microsecond=0)


def _pdf(signing: Signing) -> bytes:
    from warifu.documents import PdfProfile

    return _sign_pdf(signing, PdfProfile.PADES)


def _registry_pdf(signing: Signing) -> bytes:
    from warifu.documents import PdfProfile

    return _sign_pdf(signing, PdfProfile.REGISTRY)


def _sign_pdf(signing: Signing, profile: "PdfProfile") -> bytes:
    from warifu.documents import sign_pdf

    signer, stamp, visible = signing.witness, signing.stamp, signing.visible
    return sign_pdf(signing.data, signer, _now(), profile=profile, reason=signing.reason, stamp=stamp, visible=visible)


def _cms(signing: Signing) -> bytes:
    return _sign_cms(signing, attached=False)


def _cms_attached(signing: Signing) -> bytes:
    return _sign_cms(signing, attached=True)


def _sign_cms(signing: Signing, *, attached: bool) -> bytes:
    from warifu.documents import sign_cms

    return sign_cms(signing.data, signing.witness, _now(), attached=attached, stamp=signing.stamp)


def _xml(signing: Signing) -> bytes:
    from warifu.documents import sign_xml

    return sign_xml(signing.data, signing.witness, _now(), stamp=signing.stamp)


def _xml_detached(signing: Signing) -> bytes:
    from warifu.documents import sign_xml

    return sign_xml(signing.data, signing.witness, _now(), name=signing.file.name, stamp=signing.stamp)


def _xmldsig(signing: Signing) -> bytes:
    from warifu.documents import XmlProfile, sign_xml

    return sign_xml(signing.data, signing.witness, _now(), profile=XmlProfile.XMLDSIG)


FORMS: Mapping[str, Form] = {
    "pdf": Form(".signed.pdf", False, "lta", _pdf),
    "registry-pdf": Form(".signed.pdf", False, "t", _registry_pdf),
    "cms": Form(".p7s", True, "lta", _cms),
    "cms-attached": Form(".p7m", True, "lta", _cms_attached),
    "xml": Form(".signed.xml", False, "lta", _xml),
    "xml-detached": Form(".signature.xml", True, "lta", _xml_detached),
    "xmldsig": Form(".signed.xml", False, "b", _xmldsig),
}
