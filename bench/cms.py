"""Verifying a CMS signature (CAdES), the document inside.

The limit is three RSA-2048 verifications with ready keys: the authority's on the certificate, the holder's on the
signed attributes, and one more for what tells that the certificate was good. In the first row that is a list that was
checked before, for many documents; in the second an OCSP answer of its own. The peers are measured in the same run:
OpenSSL's command (a process, and nobody asked about revocation) and pyHanko (revocation by the same list).
"""

import asyncio
import hashlib
import subprocess
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509 as pyca
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding

from bench.row import Row, microseconds, side_by_side, slower_than_limit
from warifu.documents import Witness, read_signatures, sign_cms
from warifu.person import Address, BasicAttributes, BirthDate, Municipality, Name, Sex
from warifu.pki import (
    CertificateKind,
    Issuer,
    KeySigner,
    OcspRequest,
    Reason,
    Revocation,
    ServiceAddresses,
    Standing,
    build_ca_certificate,
    build_crl,
    build_ocsp_response,
    build_signing_certificate,
    issuer_hashes,
)
from warifu.town.pool import private_key
from warifu.verifier import Anchors, DocumentTrust, Indication, Material, Memory, check_crl, check_document

PLACE = Municipality("13221", "東京都", "清瀬市", "Tokyo-to", "Kiyose-shi")
NOW = datetime.now(UTC).replace(microsecond=0)
SERIAL = 0x0180ABCD
CONTENT = b"a deed\n" * 100
ATTRIBUTES = BasicAttributes(
    Name.of("割符", "花子"), Address("東京都清瀬市架空町一丁目２番３号"), BirthDate(date(1980, 2, 17)), Sex.FEMALE
)


def measure() -> list[Row]:
    """Every row."""
    case = Case()
    checked = Material(crls=(check_crl(case.crl, case.anchors),))
    answered = Material(ocsps=(case.answer(),))
    limit, listed, asked, seen = side_by_side(
        three_verifications(),
        case.verification(checked, None),
        case.verification(answered, None),
        case.verification(checked, Memory()),
    )
    openssl, pyhanko = microseconds(case.openssl(), seconds=2.0), microseconds(case.pyhanko(), seconds=2.0)
    return [
        slower_than_limit("CMS verification, list checked before", listed, limit, 0.3),
        slower_than_limit("CMS verification, with a status answer", asked, limit, 0.3),
        slower_than_limit("CMS verification, certificate seen before", seen, limit, 0.3),
        slower_than_limit("CMS verification by the peer openssl cms, a process", openssl, limit, 0.0),
        slower_than_limit("CMS verification by the peer pyHanko", pyhanko, limit, 0.0),
    ]


def three_verifications() -> Callable[[], object]:
    """Three RSA-2048 verifications with ready keys, over data as long as a certificate, attributes and an answer."""
    key = private_key(0)
    public, scheme, digest = key.public_key(), padding.PKCS1v15(), hashes.SHA256()
    signed = [(key.sign(data, scheme, digest), data) for data in (bytes(1500), bytes(250), bytes(300))]

    def verify() -> None:
        for signature, data in signed:
            public.verify(signature, data, scheme, digest)

    return verify


class Case:
    """An authority, a holder and what the holder signed."""

    def __init__(self) -> None:
        self.issuer = authority()
        self.key = KeySigner(private_key(1))
        self.certificate = build_signing_certificate(
            self.issuer,
            serial_number=SERIAL,
            common_name="000007EAAM0XIT13221003A",
            public_key_info=self.key.public_key_info,
            municipality=PLACE,
            not_before=NOW - timedelta(days=30),
            not_after=NOW + timedelta(days=1500),
            addresses=ServiceAddresses("http://127.0.0.1:8703/ocsp", "http://127.0.0.1:8703/cps.html"),
            attributes=ATTRIBUTES,
        )
        self.anchors = Anchors.load([self.issuer.certificate_der])
        witness = Witness(self.certificate, self.issuer.certificate_der, self.key.sign_digest)
        self.signed = sign_cms(CONTENT, witness, NOW, attached=True)
        revoked = {serial: Revocation(NOW - timedelta(days=1), Reason.SUPERSEDED) for serial in range(1, 1001)}
        self.crl = build_crl(self.issuer, municipality=PLACE, revoked=revoked, number=1, this_update=NOW)

    def answer(self) -> bytes:
        """An OCSP answer of the authority itself."""
        asked = OcspRequest("sha1", *issuer_hashes(self.issuer.certificate, "sha1"), SERIAL, None)
        until = NOW + timedelta(hours=1)
        return build_ocsp_response(
            self.issuer, asked, Standing.GOOD, produced_at=NOW, this_update=NOW, next_update=until
        )

    def verification(self, material: Material, memory: Memory | None) -> Callable[[], object]:
        """Reading, judging, reporting; the digest of the file is part of it."""
        trust = DocumentTrust(self.anchors, memory=memory)

        def verify() -> object:
            digest = hashlib.sha256(self.signed).digest()
            return check_document(read_signatures(self.signed), digest, trust, material, NOW)

        assert verify().indication is Indication.TOTAL_PASSED  # type: ignore[attr-defined]
        return verify

    def openssl(self) -> Callable[[], object]:
        """``openssl cms -verify``; its time is mostly that of a process."""
        folder = Path(tempfile.mkdtemp())
        root = pyca.load_der_x509_certificate(self.issuer.certificate_der).public_bytes(Encoding.PEM)
        (folder / "root.pem").write_bytes(root)
        (folder / "deed.p7m").write_bytes(self.signed)
        command = ["openssl", "cms", "-verify", "-cades", "-inform", "DER", "-in", str(folder / "deed.p7m")]
        options = ["-CAfile", str(folder / "root.pem"), "-purpose", "any", "-out", str(folder / "deed")]

        def verify() -> None:
            subprocess.run([*command, *options], check=True, capture_output=True)

        return verify

    def pyhanko(self) -> Callable[[], object]:
        """pyHanko, with the certificate and the list read before."""
        from asn1crypto import cms, crl, x509
        from pyhanko.sign.validation import async_validate_cms_signature
        from pyhanko_certvalidator import ValidationContext

        root, listed = x509.Certificate.load(self.issuer.certificate_der), crl.CertificateList.load(self.crl)

        async def validate() -> Any:
            context = ValidationContext(trust_roots=[root], crls=[listed], moment=NOW, allow_fetching=False)
            signed = cms.ContentInfo.load(self.signed)["content"]
            return await async_validate_cms_signature(signed, validation_context=context)

        assert asyncio.run(validate()).intact
        loop = asyncio.new_event_loop()
        return lambda: loop.run_until_complete(validate())


def authority() -> Issuer:
    """One generation of the signing authority."""
    kind, signer = CertificateKind.SIGNING, KeySigner(private_key(0))
    ends = NOW + timedelta(days=3000)
    root = build_ca_certificate(kind, signer, serial_number=1, not_before=NOW - timedelta(days=99), not_after=ends)
    return Issuer(root, signer, kind)
