"""Two invented authorities and an invented municipality for the tests of the room."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

from warifu.ca import Authority, CertificateApplication, Entry, Medium, State
from warifu.person import Address, BasicAttributes, BirthDate, Municipality, Name, Sex
from warifu.pki import (
    CertificateKind,
    Issuer,
    KeySigner,
    OcspResponder,
    ServiceAddresses,
    build_ca_certificate,
    build_responder_certificate,
)
from warifu.town.pool import private_key

NOW = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
ENDS = datetime(2031, 4, 1, 14, 59, 59, tzinfo=UTC)
YEAR = timedelta(days=365)
KIYOSE = Municipality("13221", "東京都", "清瀬市", "Tokyo-to", "Kiyose-shi")
SHIBUYA = Municipality("13113", "東京都", "渋谷区", "Tokyo-to", "Shibuya-ku")
ATTRIBUTES = BasicAttributes(
    Name("割符　花子"), Address("東京都清瀬市架空町一丁目２番３号"), BirthDate(date(1990, 4, 1)), Sex.FEMALE
)
SIGNING, AUTHENTICATION = CertificateKind.SIGNING, CertificateKind.AUTHENTICATION


@cache
def key(index: int) -> KeySigner:
    return KeySigner(private_key(index))


@cache
def issuer(kind: CertificateKind = AUTHENTICATION, index: int = 0) -> Issuer:
    signer = key(index)
    certificate = build_ca_certificate(
        kind, signer, serial_number=index + 1, not_before=NOW - YEAR, not_after=NOW + 9 * YEAR
    )
    return Issuer(certificate, signer, kind)


@cache
def authority(
    kind: CertificateKind = AUTHENTICATION, index: int = 0, *, address: str = "http://127.0.0.1:8703"
) -> Authority:
    ocsp = f"{address}/ocsp/{kind.value}"
    return Authority(issuer(kind, index), ServiceAddresses(ocsp, f"{address}/cps"))


@cache
def responder(kind: CertificateKind = AUTHENTICATION, index: int = 0) -> OcspResponder:
    signer = key(90 + index)
    certificate = build_responder_certificate(
        issuer(kind, index),
        serial_number=99,
        common_name="OCSP",
        public_key_info=signer.public_key_info,
        not_before=NOW - timedelta(days=1),
        not_after=NOW + timedelta(days=30),
    )
    return OcspResponder(certificate, signer)


def application(
    kind: CertificateKind = AUTHENTICATION, holder: str = "holder-1", index: int = 10
) -> CertificateApplication:
    attributes = ATTRIBUTES if kind is SIGNING else None
    return CertificateApplication(kind, holder, KIYOSE, key(index).public_key_info, ENDS, attributes)


def entry(
    kind: CertificateKind = AUTHENTICATION,
    medium: Medium = Medium.CARD,
    state: State = State.VALID,
    serial_number: int = 7,
) -> Entry:
    made = Entry(kind, serial_number, issuer(kind).key_id, medium, KIYOSE.code, NOW - YEAR, ENDS)
    return replace(made, state=state)


class Moment:
    """A clock that stands still until it is told to go on."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def go_on(self, by: timedelta) -> None:
        self._now += by
