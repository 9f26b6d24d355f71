"""Personalisation: a blank card becomes somebody's."""

from collections.abc import Mapping
from dataclasses import dataclass

from warifu.card.issuer import CardIssuer
from warifu.card.layout import load_key
from warifu.card.plan import FORMAT, FORMAT_VERSION, PROFILE, UNUSED_PINS, name
from warifu.card.profile import Profile
from warifu.cardmap import (
    AUTHENTICATION_PIN,
    FILLER,
    JPKI_FILES,
    MATCHING_NUMBER_A,
    MATCHING_NUMBER_B,
    SIGNING_PASSWORD,
    TEXT_FILES,
    TEXT_PIN,
    Application,
    AttributesFile,
    CardPublicKey,
    CertificateAvailability,
    FileSpec,
    JpkiFile,
    NumberFile,
    PinSpec,
    TextFile,
    TokenInfo,
)
from warifu.chip import PinRecord
from warifu.errors import Malformed
from warifu.person import BasicAttributes, BirthDate, IndividualNumber


@dataclass(frozen=True, slots=True, repr=False)
class Personalisation:
    """Everything that makes a card somebody's. Keys are PKCS#8 DER, certificates DER, PINs as their holder types them.

    A PIN that is None is blocked from the start; a profile without signing has no signing key, certificate or password.
    """

    attributes: BasicAttributes
    individual_number: IndividualNumber
    authentication_pin: str | None
    text_pin: str | None
    authentication_key: bytes
    authentication_certificate: bytes
    authentication_ca_certificate: bytes
    text_key: bytes
    signing_password: str | None = None
    signing_key: bytes | None = None
    signing_certificate: bytes | None = None
    signing_ca_certificate: bytes | None = None
    matching_number_b: str | None = None
    profile: Profile = Profile.ADULT

    def __post_init__(self) -> None:
        signing = (self.signing_key, self.signing_certificate, self.signing_ca_certificate)
        if self.profile.signing != all(signing) or (self.signing_password and not self.profile.signing):
            raise Malformed("signing key, certificate and password go with a profile that signs")
        if not self.profile.pins and (self.authentication_pin or self.text_pin or self.signing_password):
            raise Malformed("a face-verification card has no PINs")


def matching_number_b(
    birth_date: BirthDate, expiry_year: int, security_code: str, *, western_year: bool = False
) -> str:
    """照合番号B: birth date YYMMDD, year of expiry YYYY, the four digits printed beside it.

    The birth year is the one on the face: of the era, or, on a foreign resident's card, Western (the last two digits).
    Source: soltia48/myna-card `src/data.rs`.
    """
    digits = birth_date.digits
    year = digits[2:4] if western_year else birth_date.era_year
    return f"{year}{digits[4:]}{expiry_year:04}{security_code}"


def personalise(person: Personalisation, issuer: CardIssuer) -> Mapping[str, bytes]:
    """The first contents of a card's store.

    Raises:
        Malformed: a PIN, key or certificate that does not fit the card.
    """
    return {
        FORMAT: FORMAT_VERSION,
        PROFILE: person.profile.encode(),
        **_images(Application.JPKI, JPKI_FILES, _jpki_objects(person)),
        **_images(Application.TEXT, TEXT_FILES, _text_objects(person, issuer)),
        **_keys(person),
        **_pins(person),
    }


def _jpki_objects(person: Personalisation) -> dict[int, bytes]:
    return {
        JpkiFile.SIGNING_CERTIFICATE: person.signing_certificate or b"",
        JpkiFile.SIGNING_CA_CERTIFICATE: person.signing_ca_certificate or b"",
        JpkiFile.TOKEN_INFO: TokenInfo().encode(),
        JpkiFile.CERTIFICATE_AVAILABILITY: CertificateAvailability(signing=person.profile.signing).encode(),
        JpkiFile.AUTHENTICATION_CERTIFICATE: person.authentication_certificate,
        JpkiFile.AUTHENTICATION_CA_CERTIFICATE: person.authentication_ca_certificate,
    }


def _text_objects(person: Personalisation, issuer: CardIssuer) -> dict[int, bytes]:
    number = NumberFile(person.individual_number)
    attributes = AttributesFile(person.attributes)
    public = load_key(person.text_key).public_key().public_numbers()
    return {
        TextFile.NUMBER: number.encode(),
        TextFile.ATTRIBUTES: attributes.encode(),
        TextFile.INTEGRITY: issuer.sign_records(number, attributes).encode(),
        TextFile.CERTIFICATE: issuer.certificate.encode(),
        TextFile.KEY: issuer.sign_key(CardPublicKey(public.n, public.e)).encode(),
    }


def _images(
    application: Application,
    specs: Mapping[JpkiFile, FileSpec] | Mapping[TextFile, FileSpec],
    objects: Mapping[int, bytes],
) -> dict[str, bytes]:
    """File images: the object, then filler to the size that the file was allocated."""
    images = {}
    for fid, spec in specs.items():
        content = objects.get(fid, b"")
        if len(content) > spec.size:
            raise Malformed(f"too long for file {name(application, fid)} of the card")
        images[name(application, fid)] = content.ljust(spec.size, bytes((FILLER,)))
    return images


def _keys(person: Personalisation) -> dict[str, bytes]:
    keys = {
        name(Application.JPKI, JpkiFile.AUTHENTICATION_KEY): person.authentication_key,
        name(Application.JPKI, JpkiFile.SIGNING_KEY): person.signing_key,
        name(Application.TEXT, TextFile.INTERNAL_KEY): person.text_key,
    }
    present = {place: key for place, key in keys.items() if key is not None}
    for key in present.values():
        load_key(key)
    return present


def _pins(person: Personalisation) -> dict[str, bytes]:
    # A card without PINs keeps its matching numbers: they are how its holder's face is looked up.
    pins: list[tuple[PinSpec, str | None]] = [
        (AUTHENTICATION_PIN, person.authentication_pin),
        (SIGNING_PASSWORD, person.signing_password),
        (TEXT_PIN, person.text_pin),
        (MATCHING_NUMBER_A, person.individual_number.reveal()),
        (MATCHING_NUMBER_B, person.matching_number_b),
        *((unused, None) for unused in UNUSED_PINS if unused.application in (Application.JPKI, Application.TEXT)),
    ]
    return {name(spec.application, spec.file): _record(spec, pin).encode() for spec, pin in pins}


def _record(spec: PinSpec, pin: str | None) -> PinRecord:
    return PinRecord(0, b"") if pin is None else PinRecord(spec.tries, spec.encode_new(pin))
