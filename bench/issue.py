"""What an authority signs on demand: a certificate, and an OCSP answer. The limit is one RSA-2048 signature each."""

from collections.abc import Callable
from datetime import timedelta

from bench.row import Row, side_by_side, slower_than_limit
from bench.verify import NOW, PLACE, authority
from warifu.person import Address, BasicAttributes, BirthDate, Name, Sex
from warifu.pki import (
    CertificateKind,
    Issuer,
    KeySigner,
    OcspRequest,
    ServiceAddresses,
    Standing,
    build_authentication_certificate,
    build_ca_certificate,
    build_ocsp_request,
    build_ocsp_response,
    build_signing_certificate,
)
from warifu.town.pool import private_key

ADDRESSES = ServiceAddresses("http://127.0.0.1:8703/ocsp", "http://127.0.0.1:8703/cps.html")
PERSON = BasicAttributes(
    Name.of("割符", "花子"), Address("東京都清瀬市架空町一丁目２番３号"), BirthDate.decode("19800217"), Sex.FEMALE
)


def measure() -> list[Row]:
    """Three rows: both kinds of certificate, and an OCSP answer from request bytes to response bytes."""
    issuer, data = authority(), bytes(1300)
    jobs = (_authentication(issuer), _signing(), _ocsp(issuer))
    limit, authentication, signing, ocsp = side_by_side(lambda: issuer.signer.sign(data), *jobs, seconds=6.0)
    return [
        slower_than_limit("issue an authentication certificate", authentication, limit, 0.9),
        slower_than_limit("issue a signing certificate", signing, limit, 0.9),
        slower_than_limit("OCSP answer signed on demand", ocsp, limit, 0.95),
    ]


def _authentication(issuer: Issuer) -> Callable[[], object]:
    holder = KeySigner(private_key(1)).public_key_info
    return lambda: build_authentication_certificate(
        issuer,
        serial_number=0x0180ABCD,
        common_name="000007EAAM0XIT13221003A",
        public_key_info=holder,
        municipality=PLACE,
        not_before=NOW,
        not_after=NOW + timedelta(days=1500),
        addresses=ADDRESSES,
    )


def _signing() -> Callable[[], object]:
    kind, signer = CertificateKind.SIGNING, KeySigner(private_key(0))
    root = build_ca_certificate(kind, signer, serial_number=1, not_before=NOW, not_after=NOW + timedelta(days=3000))
    issuer, holder = Issuer(root, signer, kind), KeySigner(private_key(1)).public_key_info
    return lambda: build_signing_certificate(
        issuer,
        serial_number=0x0180ABCD,
        common_name="2026112212040513221000000007",
        public_key_info=holder,
        municipality=PLACE,
        attributes=PERSON,
        not_before=NOW,
        not_after=NOW + timedelta(days=1500),
        addresses=ADDRESSES,
    )


def _ocsp(issuer: Issuer) -> Callable[[], object]:
    question = build_ocsp_request(issuer.certificate_der, issuer.certificate_der, nonce=bytes(32))
    ends = NOW + timedelta(minutes=5)
    return lambda: build_ocsp_response(
        issuer, OcspRequest.decode(question), Standing.GOOD, produced_at=NOW, this_update=NOW, next_update=ends
    )
