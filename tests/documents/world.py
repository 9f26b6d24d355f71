"""Invented signers with each kind of key, and a small PDF."""

from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

from tests.pki import world
from tests.pki.world import NOW, SIGNING
from warifu.documents import Witness
from warifu.pki import Issuer, KeySigner

AT = (NOW - timedelta(hours=2)).replace(microsecond=0)


@dataclass
class Holder:
    """Somebody with a certificate, who remembers what they were asked to sign."""

    issuer: Issuer
    key: KeySigner
    certificate: bytes
    asked: list[bytes] = field(default_factory=list)

    @property
    def witness(self) -> Witness:
        return Witness(self.certificate, self.issuer.certificate_der, self.sign)

    def sign(self, digest: bytes) -> bytes:
        self.asked.append(digest)
        return self.key.sign_digest(digest)


def rsa() -> Holder:
    issuer = world.authority(SIGNING)
    return Holder(issuer, world.signer(0), world.signing_certificate(issuer))


def p384() -> Holder:
    issuer = world.next_authority(SIGNING)
    return Holder(issuer, world.next_signer(0), world.NEXT_ORDER.signing(issuer))


HOLDERS = {"RSA-2048": rsa, "P-384": p384}


def small_pdf(text: str = "a deed", **settings: Any) -> bytes:
    """One page with one line on it."""
    writer = PdfFileWriter(**settings)
    content = generic.StreamObject(stream_data=f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET".encode())
    font = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Font"),
            pdf_name("/Subtype"): pdf_name("/Type1"),
            pdf_name("/BaseFont"): pdf_name("/Helvetica"),
        }
    )
    resources = generic.DictionaryObject(
        {pdf_name("/Font"): generic.DictionaryObject({pdf_name("/F1"): writer.add_object(font)})}
    )
    page = PageObject(
        contents=writer.add_object(content),
        media_box=generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842))),
        resources=resources,
    )
    writer.insert_page(page)
    file = BytesIO()
    writer.write(file)
    return file.getvalue()
