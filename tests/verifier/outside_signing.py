"""Documents signed by other people's libraries with certificates of other people's authorities."""

from io import BytesIO
from typing import Any

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore
from signxml.xades.xades import XAdESSigner

from tests.documents.world import small_pdf
from tests.verifier.outside_scene import SIGNER
from warifu.documents.running import run


def pyhanko_signer(certificate: bytes, *others: bytes, key: Any = None) -> signers.SimpleSigner:
    """pyHanko's, with a key in memory."""
    secret = (key or SIGNER.key).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    store = SimpleCertificateStore.from_certs([asn1_x509.Certificate.load(each) for each in others])
    own = asn1_x509.Certificate.load(certificate)
    return signers.SimpleSigner(own, keys.PrivateKeyInfo.load(secret), store)


def pdf_by_pyhanko(
    certificate: bytes, *others: bytes, sub_filter: SigSeedSubFilter = SigSeedSubFilter.PADES, **more: Any
) -> bytes:
    """A PDF with one signature."""
    metadata = PdfSignatureMetadata("Deed", md_algorithm="sha256", subfilter=sub_filter)
    signer = PdfSigner(metadata, pyhanko_signer(certificate, *others, **more))
    signed: bytes = run(signer.async_sign_pdf(IncrementalPdfFileWriter(BytesIO(small_pdf())))).getvalue()
    return signed


def cms_by_pyhanko(certificate: bytes, *others: bytes, content: bytes = b"a deed\n", cades: bool = True) -> bytes:
    """A CMS file with its content."""
    signer = pyhanko_signer(certificate, *others)
    made = run(signer.async_sign_general_data(content, "sha256", detached=False, use_cades=cades))
    signed: bytes = made.dump()
    return signed


def pem(*certificates: bytes) -> str:
    """PEM, one behind the other."""
    read = map(x509.load_der_x509_certificate, certificates)
    return "".join(each.public_bytes(Encoding.PEM).decode() for each in read)


def xml_by_signxml(certificate: bytes, *others: bytes) -> bytes:
    """An XML document with a XAdES signature inside."""
    signed = XAdESSigner().sign(etree.fromstring(b"<deed/>"), key=SIGNER.key, cert=pem(certificate, *others))
    written: bytes = etree.tostring(signed)
    return written
