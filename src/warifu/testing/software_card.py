"""A software card with everything that a test may want to know about it."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from warifu.card import (
    Card,
    CvAuthorities,
    CvAuthority,
    MemoryStore,
    OtherApplications,
    Personalisation,
    Profile,
    matching_number_b,
    personalise,
    stock_pictures,
)
from warifu.cardmap import CvAnchor, KeyId, birth_date_key
from warifu.person import (
    Address,
    BasicAttributes,
    BirthDate,
    IndividualNumber,
    Municipality,
    Name,
    ResidentRecordCode,
    Sex,
)
from warifu.pki import (
    CertificateKind,
    Issuer,
    KeySigner,
    ServiceAddresses,
    build_authentication_certificate,
    build_ca_certificate,
    build_signing_certificate,
    common_name,
)
from warifu.town import pool
from warifu.wire.clock import SystemEntropy

ATTRIBUTES = BasicAttributes(
    Name("割符　花子"), Address("東京都千代田区架空町一丁目２番３号"), BirthDate(date(1980, 2, 17)), Sex.FEMALE
)
"""An invented adult."""

_MUNICIPALITY = Municipality("13101", "東京都", "千代田区", "Tokyo-to", "Chiyoda-ku")
_NUMBER = IndividualNumber.of_body("12345678901")
_RECORD_CODE = ResidentRecordCode.of_body("1234567890")
_SERIAL, _SECURITY_CODE = "100000000000001", "2285"
# Which key of the pool plays which part.
_CA_KEYS = {CertificateKind.AUTHENTICATION: 0, CertificateKind.SIGNING: 1}
_CV_AUTHORITY_KEY, _CARD_ISSUER_KEY, _AUTHENTICATION_KEY, _SIGNING_KEY, _TEXT_KEY = range(2, 7)
_VISUAL_KEY, _COMMON_KEY, _DELIVERY_KEY, _TERMINALS_KEY = range(7, 11)
_VISUAL_AUTHORITY_KEY, _MANAGER_AUTHORITY_KEY = 11, 12
_ISSUER = KeyId("9131016", "000")
_ADDRESSES = ServiceAddresses(ocsp="http://127.0.0.1:8703/ocsp", cps="http://127.0.0.1:8703/cps")
_CA_LIFE = _CARD_LIFE = timedelta(days=3650)
_LIFE = timedelta(days=1826)


@dataclass(frozen=True, slots=True, repr=False)
class SoftwareCard:
    """A card fresh from the window, its secrets, and who stands behind its certificates. Certificates are DER.

    On a card of a profile without PINs, the PINs here open nothing. A card of the next generation has one PIN of four
    digits, so that `text_pin`, `resident_pin` and `common_pin` are the `authentication_pin`; its keys are on P-384.
    """

    connection: Card
    store: MemoryStore
    attributes: BasicAttributes
    authentication_pin: str
    signing_password: str | None
    text_pin: str
    resident_pin: str
    common_pin: str
    individual_number: IndividualNumber
    matching_number_b: str
    birth_date_key: str
    resident_record_code: ResidentRecordCode
    authentication_certificate: bytes
    authentication_ca_certificate: bytes
    signing_certificate: bytes | None
    signing_ca_certificate: bytes | None
    cv_anchor: CvAnchor
    """What certifies the key that signed the text application's files."""
    cv_anchors: tuple[CvAnchor, ...]
    """That one, and those of the visual application and the card manager."""
    terminal_authority: CvAuthority
    """Certifies terminals that this card signs for without a PIN."""

    @property
    def matching_number_a(self) -> str:
        """照合番号A: the individual number, as it is presented."""
        return self.individual_number.reveal()

    @property
    def authentication_public_key(self) -> RSAPublicKey:
        """The public half of the user authentication key, of a card that has RSA keys."""
        return _rsa_key_of(self.authentication_certificate)

    @property
    def signing_public_key(self) -> RSAPublicKey:
        """The public half of the signing key, of a card that has one, and RSA keys."""
        assert self.signing_certificate is not None
        return _rsa_key_of(self.signing_certificate)

    @property
    def common_public_key(self) -> RSAPublicKey:
        """The public half of the common application's key, which stands nowhere on the card."""
        return pool.private_key(_COMMON_KEY).public_key()


def software_card(
    *,
    attributes: BasicAttributes = ATTRIBUTES,
    profile: Profile = Profile.ADULT,
    authentication_pin: str = "1234",
    signing_password: str = "ABC123",  # noqa: S107 - of a card that exists in tests only
    text_pin: str = "5678",
    resident_pin: str = "5678",
    common_pin: str = "5678",
    issued_at: datetime | None = None,
    western_year: bool = False,
) -> SoftwareCard:
    """A new card in memory. Its certificates are valid for five years from `issued_at` (UTC, aware), else yesterday.

    `western_year`: its face prints the birth date with a Western year, as a foreign resident's does.

    Four-digit PINs may be equal, but none is the birth year, month and day, or 2285, the security code.
    """
    if profile.next_generation:
        text_pin = resident_pin = common_pin = authentication_pin
    issued = issued_at or datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    authentication = _certify(CertificateKind.AUTHENTICATION, _AUTHENTICATION_KEY, attributes, issued, profile)
    signing: tuple[bytes, bytes] | tuple[None, None] = (None, None)
    if profile.signing:
        signing = _certify(CertificateKind.SIGNING, _SIGNING_KEY, attributes, issued, profile)
    authorities = _authorities()
    expires = (issued + _CARD_LIFE).date()
    number_b = matching_number_b(attributes.birth_date, expires.year, _SECURITY_CODE, western_year=western_year)
    terminals = CvAuthority(KeyId("9200070"), _signer(_TERMINALS_KEY))
    others = OtherApplications(
        serial=_SERIAL,
        municipality_code=_MUNICIPALITY.code,
        expiry=expires,
        resident_record_code=_RECORD_CODE,
        resident_pin=resident_pin if profile.pins else None,
        common_pin=common_pin if profile.pins else None,
        pictures=stock_pictures(_NUMBER, _SECURITY_CODE),
        visual_key=_signer(_VISUAL_KEY).private_bytes(),
        common_key=_signer(_COMMON_KEY).private_bytes(),
        delivery_key=_signer(_DELIVERY_KEY).private_bytes(),
        terminal_anchor=terminals.anchor,
        western_year=western_year,
    )
    person = Personalisation(
        attributes=attributes,
        individual_number=_NUMBER,
        authentication_pin=authentication_pin if profile.pins else None,
        text_pin=text_pin if profile.pins else None,
        authentication_key=_holder_signer(_AUTHENTICATION_KEY, profile).private_bytes(),
        authentication_certificate=authentication[0],
        authentication_ca_certificate=authentication[1],
        text_key=_signer(_TEXT_KEY).private_bytes(),
        signing_password=signing_password if profile.signing else None,
        signing_key=_holder_signer(_SIGNING_KEY, profile).private_bytes() if profile.signing else None,
        signing_certificate=signing[0],
        signing_ca_certificate=signing[1],
        matching_number_b=number_b,
        profile=profile,
        others=others,
    )
    store = MemoryStore(personalise(person, authorities.issuer(_ISSUER, _signer(_CARD_ISSUER_KEY))))
    return SoftwareCard(
        connection=Card(store, SystemEntropy()),
        store=store,
        attributes=attributes,
        authentication_pin=authentication_pin,
        signing_password=person.signing_password,
        text_pin=text_pin,
        resident_pin=resident_pin,
        common_pin=common_pin,
        individual_number=_NUMBER,
        matching_number_b=number_b,
        birth_date_key=birth_date_key(attributes.birth_date, western_year=western_year),
        resident_record_code=_RECORD_CODE,
        authentication_certificate=authentication[0],
        authentication_ca_certificate=authentication[1],
        signing_certificate=signing[0],
        signing_ca_certificate=signing[1],
        cv_anchor=authorities.text.anchor,
        cv_anchors=authorities.anchors,
        terminal_authority=terminals,
    )


def _certify(
    kind: CertificateKind, key: int, attributes: BasicAttributes, issued_at: datetime, profile: Profile
) -> tuple[bytes, bytes]:
    """A certificate for a key that everybody has, and its authority's."""
    signer = _holder_signer(_CA_KEYS[kind], profile)
    ends = issued_at + _CA_LIFE
    root = build_ca_certificate(kind, signer, serial_number=1, not_before=issued_at, not_after=ends)
    issuer = Issuer(root, signer, kind)
    public_key_info = _holder_signer(key, profile).public_key_info
    name = common_name(kind, key, issued_at, _MUNICIPALITY)
    expires = issued_at + _LIFE
    if kind is CertificateKind.SIGNING:
        certificate = build_signing_certificate(
            issuer,
            serial_number=key,
            common_name=name,
            public_key_info=public_key_info,
            municipality=_MUNICIPALITY,
            attributes=attributes,
            not_before=issued_at,
            not_after=expires,
            addresses=_ADDRESSES,
        )
    else:
        certificate = build_authentication_certificate(
            issuer,
            serial_number=key,
            common_name=name,
            public_key_info=public_key_info,
            municipality=_MUNICIPALITY,
            not_before=issued_at,
            not_after=expires,
            addresses=_ADDRESSES,
        )
    return certificate, root


def _authorities() -> CvAuthorities:
    return CvAuthorities(
        text=CvAuthority(KeyId("9000033"), _signer(_CV_AUTHORITY_KEY)),
        visual=CvAuthority(KeyId("9000023"), _signer(_VISUAL_AUTHORITY_KEY)),
        manager=CvAuthority(KeyId("9000020", padding=CvAuthorities.MANAGER_PADDING), _signer(_MANAGER_AUTHORITY_KEY)),
    )


def _holder_signer(index: int, profile: Profile) -> KeySigner:
    """A holder's key, or that of the authority which certifies it."""
    if not profile.next_generation:
        return _signer(index)
    # Everybody has these keys, too: like the pool's they protect nothing. One bit less than the curve's order has.
    private_value = int.from_bytes(hashlib.sha384(f"warifu software card {index}".encode()).digest(), "big") >> 1
    return KeySigner(ec.derive_private_key(private_value, ec.SECP384R1()))


def _rsa_key_of(certificate: bytes) -> RSAPublicKey:
    key = x509.load_der_x509_certificate(certificate).public_key()
    assert isinstance(key, RSAPublicKey)
    return key


def _signer(index: int) -> KeySigner:
    return KeySigner(pool.private_key(index))
