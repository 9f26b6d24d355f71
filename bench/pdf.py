"""Verifying a signed PDF of 12 kB, from its bytes to the report.

The limit is three RSA-2048 verifications with ready keys: the authority's signature on the certificate, the holder's on
the document, the authority's on its revocation list. The rows behind the first say where the time goes, what it costs
to compare a file that was signed a second time, and what pyHanko needs for the same.
"""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bench.row import Row, side_by_side, slower_than_limit
from bench.verify import NOW, PLACE
from warifu.documents import Witness, read_signatures, sign_pdf
from warifu.person import Address, BasicAttributes, BirthDate, Name, Sex
from warifu.pki import (
    CertificateKind,
    Issuer,
    KeySigner,
    ServiceAddresses,
    build_ca_certificate,
    build_crl,
    build_signing_certificate,
)
from warifu.town.pool import private_key
from warifu.verifier import Anchors, DocumentTrust, Indication, Material, check_document

KIND = CertificateKind.SIGNING
SIGNED_AT = NOW - timedelta(days=1)


def measure() -> list[Row]:
    """The whole, and what it is made of."""
    issuer = authority()
    once = sign_pdf(small_pdf(), witness(issuer), SIGNED_AT)
    twice = sign_pdf(once, witness(issuer), SIGNED_AT)
    ours = [verification(pdf, issuer) for pdf in (once, twice)]
    calls: list[Callable[[], object]] = [three_verifications(), *ours, lambda: read_signatures(once)]
    limit, whole, both, reading, peer = side_by_side(*calls, pyhanko(once, issuer), seconds=4.0, rounds=40)
    return [
        slower_than_limit("PDF verification", whole, limit, 0.006),
        slower_than_limit("PDF verification, signed twice and compared", both, 2 * limit, 0.006),
        slower_than_limit("PDF verification, of it reading the file", reading, limit, 0.0),
        slower_than_limit("PDF verification, of it deciding", max(whole - reading, 0.1), limit, 0.0),
        slower_than_limit("PDF verification, by pyHanko", peer, limit, 0.0),
    ]


def three_verifications() -> Callable[[], object]:
    """Three RSA-2048 verifications with ready keys, over data as long as what is signed."""
    key = private_key(0)
    public, scheme, digest = key.public_key(), padding.PKCS1v15(), hashes.SHA256()
    signed = [(key.sign(data, scheme, digest), data) for data in (bytes(1500), bytes(250), bytes(700))]
    assert isinstance(public, rsa.RSAPublicKey)

    def verify() -> None:
        for signature, data in signed:
            public.verify(signature, data, scheme, digest)

    return verify


def verification(pdf: bytes, issuer: Issuer) -> Callable[[], object]:
    """Reading, gathering nothing, deciding; the certificate has not been seen before."""
    trust = DocumentTrust(Anchors.load([issuer.certificate_der]))
    revoked = build_crl(issuer, municipality=PLACE, revoked={}, number=1, this_update=NOW - timedelta(hours=1))
    material = Material(crls=(revoked,))

    def verify() -> object:
        report = check_document(read_signatures(pdf), hashlib.sha256(pdf).digest(), trust, material, NOW)
        assert all(each.indication is Indication.TOTAL_PASSED for each in report.signatures), report
        return report

    return verify


def pyhanko(pdf: bytes, issuer: Issuer) -> Callable[[], object]:
    """The same question to pyHanko's validator, with the same revocation list."""
    from asn1crypto import crl, x509
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import async_validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    revoked = build_crl(issuer, municipality=PLACE, revoked={}, number=1, this_update=NOW - timedelta(hours=1))

    async def validate() -> Any:
        roots = [x509.Certificate.load(issuer.certificate_der)]
        lists = [crl.CertificateList.load(revoked)]
        context = ValidationContext(trust_roots=roots, moment=NOW, allow_fetching=False, crls=lists)
        [signature] = PdfFileReader(BytesIO(pdf)).embedded_signatures
        return await async_validate_pdf_signature(signature, context)

    return lambda: asyncio.run(validate())


def small_pdf() -> bytes:
    """One page with one line; signed, it is 12 kB."""
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length 38>>\nstream\nBT /F1 24 Tf 72 700 Td (a deed) Tj ET  \nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = b"%PDF-1.7\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(out)
    return out + b"xref\n0 6\n0000000000 65535 f \n" + table + end


def authority() -> Issuer:
    """One generation of the signing authority."""
    signer = KeySigner(private_key(0))
    ends = NOW + timedelta(days=3000)
    root = build_ca_certificate(KIND, signer, serial_number=1, not_before=NOW - timedelta(days=99), not_after=ends)
    return Issuer(root, signer, KIND)


def witness(issuer: Issuer) -> Witness:
    """An invented holder."""
    key = KeySigner(private_key(1))
    certificate = build_signing_certificate(
        issuer,
        attributes=BasicAttributes(
            Name.of("割符", "花子"),
            Address("東京都清瀬市架空町一丁目２番３号"),
            BirthDate(date(1980, 2, 17)),
            Sex.FEMALE,
        ),
        serial_number=0x0180ABCD,
        common_name="000007EAAM0XIT13221003A",
        public_key_info=key.public_key_info,
        municipality=PLACE,
        not_before=NOW - timedelta(days=30),
        not_after=NOW + timedelta(days=1500),
        addresses=ServiceAddresses("http://127.0.0.1:8703/ocsp", "http://127.0.0.1:8703/cps.html"),
    )
    return Witness(certificate, issuer.certificate_der, key.sign_digest)
