"""pyHanko signs a PDF with the card through PKCS#11, and believes its own signature."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from tests.real.pcscd import Pcscd
from warifu.testing import SoftwareCard

pytestmark = pytest.mark.real


def blank_pdf() -> bytes:
    """One empty page, written by hand (ISO 32000-1 §7.5)."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    ]
    body, offsets = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + b"xref\n0 4\n0000000000 65535 f \n" + table + trailer


def test_a_pdf_signed_with_the_signing_key_is_valid_under_its_authority(
    pcscd: Pcscd, card: SoftwareCard, program: Callable[[str], str], opensc_pkcs11: str, tmp_path: Path
) -> None:
    blank, signed, root = (tmp_path / name for name in ("blank.pdf", "signed.pdf", "root.pem"))
    blank.write_bytes(blank_pdf())
    assert card.signing_ca_certificate is not None
    root.write_bytes(load_der_x509_certificate(card.signing_ca_certificate).public_bytes(Encoding.PEM))
    ran = pcscd.run(
        *(program("pyhanko"), "sign", "addsig", "--field", "Sig1", "pkcs11", "--lib", opensc_pkcs11),
        *("--token-label", "JPKI (Digital Signature PIN)", "--cert-label", "Digital Signature Certificate"),
        *("--key-label", "Digital Signature Key", str(blank), str(signed)),
        text="ABC123\n",
    )
    assert ran.returncode == 0, ran.stdout
    validate = (program("pyhanko"), "sign", "validate", "--pretty-print", "--no-revocation-check")
    ran = pcscd.run(*validate, "--trust", str(root), str(signed))
    assert ran.returncode == 0, ran.stdout
    assert "The signature is judged VALID." in ran.stdout
