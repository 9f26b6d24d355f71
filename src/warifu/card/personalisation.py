"""Personalisation: a blank card becomes somebody's."""

from collections.abc import Mapping
from dataclasses import dataclass

from warifu.card.choice import check_choice
from warifu.card.issuer import CardIssuer
from warifu.card.layout import load_curve_key, load_key
from warifu.card.next_generation import merged
from warifu.card.others import OtherApplications, common_records, manager_data, resident_records, visual_objects
from warifu.card.plan import DELIVERY_KEY, FORMAT, FORMAT_VERSION, PLANS, PROFILE, UNUSED_PINS, Plan, name, object_name
from warifu.card.profile import Profile
from warifu.cardmap import (
    AUTHENTICATION_PIN,
    BIRTH_DATE_KEY,
    COMMON_PIN,
    FILLER,
    MATCHING_NUMBER_A,
    MATCHING_NUMBER_B,
    NEXT_FACE_FILES,
    RESIDENT_PIN,
    SIGNING_PASSWORD,
    TEXT_PIN,
    VISUAL_MATCHING_NUMBER_A,
    VISUAL_MATCHING_NUMBER_B,
    Application,
    AttributesFile,
    CardPublicKey,
    CertificateAvailability,
    CommonFile,
    JpkiFile,
    KeyId,
    NextFaceFile,
    NumberFile,
    PinSpec,
    SessionDeliveryKey,
    TextFile,
    TextInfo,
    TokenInfo,
    VisualFile,
    birth_date_key,
)
from warifu.chip import PinRecord
from warifu.errors import Malformed
from warifu.person import BasicAttributes, BirthDate, IndividualNumber

_TEXT_INFO_KEY = KeyId("9000034")


@dataclass(frozen=True, slots=True, repr=False)
class Personalisation:
    """Everything that makes a card somebody's. Keys are PKCS#8 DER, certificates DER, PINs as their holder types them.

    A PIN that is None is blocked from the start; a profile without signing has no signing key, certificate or password.
    The four-digit PINs may be equal (暗証番号の統一), but not to the birth date or the security code.
    A next-generation card has one PIN of four digits, so that all of these are equal; its authentication and signing
    keys are on P-384, and `others` is never None.
    On a phone there is the JPKI application only; nothing is written of what else is told here.
    `others` is what the visual, resident register and common applications, the card manager and secure messaging need;
    without it the card has none of them, as cards of earlier versions.
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
    others: OtherApplications | None = None

    def __post_init__(self) -> None:
        signing = (self.signing_key, self.signing_certificate, self.signing_ca_certificate)
        if self.profile.signing != all(signing) or (self.signing_password and not self.profile.signing):
            raise Malformed("signing key, certificate and password go with a profile that signs")
        if not self.profile.pins and any((*self._short_pins, self.signing_password)):
            raise Malformed("a face-verification card has no PINs")
        if self.profile.next_generation and (self.others is None or len(set(self._short_pins)) != 1):
            raise Malformed("a next-generation card has both applications and one PIN of four digits")
        for pin in filter(None, self._short_pins):
            check_choice(pin, self.attributes.birth_date, self.matching_number_b)

    @property
    def _short_pins(self) -> tuple[str | None, ...]:
        others = (self.others.resident_pin, self.others.common_pin) if self.others else ()
        return self.authentication_pin, self.text_pin, *others


def matching_number_b(
    birth_date: BirthDate, expiry_year: int, security_code: str, *, western_year: bool = False
) -> str:
    """照合番号B: birth date YYMMDD, year of expiry YYYY, the four digits printed beside it.

    The birth year is the one on the face: of the era, or, on a foreign resident's card, Western (the last two digits).
    Source: soltia48/myna-card `src/data.rs`.
    """
    return f"{birth_date_key(birth_date, western_year=western_year)}{expiry_year:04}{security_code}"


def personalise(person: Personalisation, issuer: CardIssuer) -> Mapping[str, bytes]:
    """The first contents of a card's store.

    Raises:
        Malformed: a PIN, key, certificate or picture that does not fit the card.
    """
    objects = _objects(person, issuer)
    contents: dict[str, bytes] = {FORMAT: FORMAT_VERSION, PROFILE: person.profile.encode()}
    for plan in PLANS:
        if plan.application in objects:
            contents |= _images(plan, objects[plan.application])
    contents |= _manager(person, issuer) | _terminals(person) | _keys(person) | _pins(person)
    if person.profile.next_generation:
        return merged(contents, _face_key(person, issuer))
    if person.profile.on_phone:
        return {place: value for place, value in contents.items() if place in (FORMAT, PROFILE) or _is_jpki(place)}
    return contents


def _face_key(person: Personalisation, issuer: CardIssuer) -> bytes:
    """What vouches for the key of the next generation's 券面等AP, which has no such file on today's card."""
    assert person.others is not None
    proof = issuer.sign_key(_public_key(person.others.visual_key)).encode()
    return proof.ljust(NEXT_FACE_FILES[NextFaceFile.KEY].size, bytes((FILLER,)))


def _is_jpki(place: str) -> bool:
    return place.startswith(name(Application.JPKI, 0)[:-4])


def _objects(person: Personalisation, issuer: CardIssuer) -> dict[Application, dict[int, bytes]]:
    """What stands in the files of each application that the card has."""
    objects = {Application.JPKI: _jpki_objects(person), Application.TEXT: _text_objects(person, issuer)}
    others = person.others
    if others is not None:
        visual_key = _public_key(others.visual_key)
        objects[Application.VISUAL] = visual_objects(others, person.attributes, issuer, visual_key)
        objects[Application.RESIDENT] = resident_records(others, issuer)
        objects[Application.COMMON] = common_records(others, issuer)
    return objects


def _manager(person: Personalisation, issuer: CardIssuer) -> dict[str, bytes]:
    if person.others is None:
        return {}
    data = manager_data(person.others, issuer, _public_key(person.others.visual_key), later=person.profile.later)
    return {object_name(tag): value for tag, value in data.objects.items()}


def _terminals(person: Personalisation) -> dict[str, bytes]:
    anchor = person.others.terminal_anchor if person.others else None
    if anchor is None:
        return {}
    return {name(Application.JPKI, JpkiFile.TERMINAL_CA_KEY): anchor.key_id.encode() + anchor.public_key.encode()}


def _jpki_objects(person: Personalisation) -> dict[int, bytes]:
    return {
        JpkiFile.SIGNING_CERTIFICATE: person.signing_certificate or b"",
        JpkiFile.SIGNING_CA_CERTIFICATE: person.signing_ca_certificate or b"",
        JpkiFile.TOKEN_INFO: TokenInfo(person.profile.token_label).encode(),
        JpkiFile.CERTIFICATE_AVAILABILITY: CertificateAvailability(signing=person.profile.signing).encode(),
        JpkiFile.AUTHENTICATION_CERTIFICATE: person.authentication_certificate,
        JpkiFile.AUTHENTICATION_CA_CERTIFICATE: person.authentication_ca_certificate,
    }


def _text_objects(person: Personalisation, issuer: CardIssuer) -> dict[int, bytes]:
    number = NumberFile(person.individual_number)
    attributes = AttributesFile(person.attributes)
    objects: dict[int, bytes] = {
        TextFile.NUMBER: number.encode(),
        TextFile.ATTRIBUTES: attributes.encode(),
        TextFile.INTEGRITY: issuer.sign_records(number, attributes).encode(),
        TextFile.CERTIFICATE: issuer.certificate.encode(),
        TextFile.KEY: issuer.sign_key(_public_key(person.text_key)).encode(),
    }
    if person.others is not None:
        objects[TextFile.BASIC_INFO] = TextInfo(_TEXT_INFO_KEY, bytes(TextInfo.OPAQUE_LENGTH)).encode()
        objects[TextFile.SESSION_KEY] = SessionDeliveryKey(_public_key(person.others.delivery_key)).encode()
    return objects


def _images(plan: Plan, objects: Mapping[int, bytes]) -> dict[str, bytes]:
    """File images: the object, then filler to the size that the file was allocated; records are there whole."""
    specs = {**plan.files, **(plan.optional if TextFile.BASIC_INFO in objects else {})}
    images = {}
    for fid, spec in specs.items():
        content = objects.get(fid, b"")
        if len(content) > spec.size:
            raise Malformed(f"too long for file {name(plan.application, fid)} of the card")
        images[name(plan.application, fid)] = content.ljust(spec.size, bytes((FILLER,)))
    return images | {name(plan.application, fid): objects[fid] for fid in plan.records}


def _keys(person: Personalisation) -> dict[str, bytes]:
    keys = {
        name(Application.JPKI, JpkiFile.AUTHENTICATION_KEY): person.authentication_key,
        name(Application.JPKI, JpkiFile.SIGNING_KEY): person.signing_key,
        name(Application.TEXT, TextFile.INTERNAL_KEY): person.text_key,
    }
    if person.others is not None:
        keys[name(Application.VISUAL, VisualFile.INTERNAL_KEY)] = person.others.visual_key
        keys[name(Application.COMMON, CommonFile.INTERNAL_KEY)] = person.others.common_key
        keys[DELIVERY_KEY] = person.others.delivery_key
    present = {place: key for place, key in keys.items() if key is not None}
    on_curve = _CERTIFIED_KEYS if person.profile.next_generation else frozenset()
    for place, key in present.items():
        (load_curve_key if place in on_curve else load_key)(key)
    return present


_CERTIFIED_KEYS = frozenset(name(Application.JPKI, fid) for fid in (JpkiFile.AUTHENTICATION_KEY, JpkiFile.SIGNING_KEY))


def _public_key(private_key: bytes) -> CardPublicKey:
    numbers = load_key(private_key).public_key().public_numbers()
    return CardPublicKey(numbers.n, numbers.e)


def _pins(person: Personalisation) -> dict[str, bytes]:
    # A card without PINs keeps its matching numbers: they are how its holder's face is looked up.
    number = person.individual_number.reveal()
    pins: list[tuple[PinSpec, str | None]] = [
        (AUTHENTICATION_PIN, person.authentication_pin),
        (SIGNING_PASSWORD, person.signing_password),
        (TEXT_PIN, person.text_pin),
        (MATCHING_NUMBER_A, number),
        (MATCHING_NUMBER_B, person.matching_number_b),
    ]
    if person.others is not None:
        birth_date = birth_date_key(person.attributes.birth_date, western_year=person.others.western_year)
        pins += [
            (BIRTH_DATE_KEY, birth_date),
            (VISUAL_MATCHING_NUMBER_A, number),
            (VISUAL_MATCHING_NUMBER_B, person.matching_number_b),
            (RESIDENT_PIN, person.others.resident_pin),
            (COMMON_PIN, person.others.common_pin),
        ]
    there = {spec.application for spec, _ in pins}
    pins += [(unused, None) for unused in UNUSED_PINS if unused.application in there]
    return {name(spec.application, spec.file): _record(spec, pin).encode() for spec, pin in pins}


def _record(spec: PinSpec, pin: str | None) -> PinRecord:
    return PinRecord(0, b"") if pin is None else PinRecord(spec.tries, spec.encode_new(pin))
