"""The bench of who makes cards, and the terminal at a window: keys, chips, PINs. No party's records are here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.x509 import ocsp

from tests.applying import applied
from tests.ca.town import key
from tests.card import people
from warifu.card import Card, MemoryStore, Profile, personalise, set_pin, stock_pictures
from warifu.cardmap import AUTHENTICATION_PIN, RESIDENT_PIN, SIGNING_PASSWORD, TEXT_PIN
from warifu.messages import OrderedKind, SignedApplication
from warifu.person import BasicAttributes, IndividualNumber, ResidentRecordCode
from warifu.reader import JpkiSession, Key
from warifu.registry import CardPin

ENTROPY = people.SeededEntropy(5)
PINS = {
    CardPin.SIGNING: (SIGNING_PASSWORD, "ABC123"),
    CardPin.AUTHENTICATION: (AUTHENTICATION_PIN, "1234"),
    CardPin.TEXT: (TEXT_PIN, "5678"),
    CardPin.RESIDENT: (RESIDENT_PIN, "2468"),
}
_KEYS = {OrderedKind.SIGNING: Key.SIGNING, OrderedKind.AUTHENTICATION: Key.AUTHENTICATION}
_FIRST_KEY = 100


@dataclass(frozen=True, slots=True)
class Printed:
    """What goes on a card besides keys and certificates."""

    attributes: BasicAttributes
    number: IndividualNumber
    code: ResidentRecordCode
    municipality: str
    expires: date


@dataclass
class Chips:
    """All chips that were made, by the cards' ids."""

    stores: dict[str, MemoryStore] = field(default_factory=dict)
    pins: tuple[CardPin, ...] = tuple(CardPin)
    _keys: dict[tuple[str, OrderedKind], int] = field(default_factory=dict)
    _used: int = _FIRST_KEY

    def new_key(self, card: str, kind: OrderedKind) -> bytes:
        """The card makes a key; its public half, DER."""
        self._keys[card, kind] = self._used
        self._used += 1
        return key(self._keys[card, kind]).public_key_info

    def keys_of(self, card: str) -> dict[OrderedKind, bytes]:
        """The public halves of the card's keys."""
        return {kind: key(number).public_key_info for (of, kind), number in self._keys.items() if of == card}

    def write(
        self, card: str, printed: Printed, certificates: Mapping[OrderedKind, tuple[bytes, bytes]], *, waits: bool
    ) -> None:
        """Write what is printed and certified; PINs stay what they are.

        `waits`: the card gets its certificates at an exchange only. A chip cannot be without, so until then its keys
        name themselves.
        """
        if waits:
            made = {kind: people.certificate(number) for (of, kind), number in self._keys.items() if of == card}
            certificates = {kind: (certificate, certificate) for kind, certificate in made.items()}
        if OrderedKind.AUTHENTICATION not in certificates:
            return
        signs = OrderedKind.SIGNING in certificates
        others = replace(
            people.others(),
            municipality_code=printed.municipality,
            expiry=printed.expires,
            resident_record_code=printed.code,
            resident_pin=None,
            common_pin=None,
            pictures=stock_pictures(printed.number, "2285"),
        )
        person = replace(
            people.child(),
            attributes=printed.attributes,
            individual_number=printed.number,
            authentication_pin=None,
            text_pin=None,
            matching_number_b=None,
            profile=Profile.ADULT if signs else Profile.CHILD_WITHOUT_SIGNING,
            others=others,
            **{name: value for kind in certificates for name, value in self._parts(card, kind, certificates[kind])},
        )
        self.stores[card] = MemoryStore({**personalise(person, people.issuer()), **self._pins(card)})

    def set_pins(self, card: str, pins: frozenset[CardPin]) -> None:
        """The holder types at the terminal, turned away from the clerk, and the card keeps it."""
        for pin in pins:
            spec, typed = PINS[pin]
            set_pin(self.stores[card], spec, typed)

    def certificate(self, card: str, kind: OrderedKind) -> bytes:
        """The certificate that a reader finds on the card."""
        return self._open(card, kind).certificate(_KEYS[kind])

    def sign(self, card: str, kind: OrderedKind, digest: bytes) -> bytes:
        """A signature by the card, with the PIN that its holder chose."""
        return self._open(card, kind).sign(_KEYS[kind], digest)

    def sign_applications(
        self, card: str, keys: Mapping[OrderedKind, bytes], at: datetime
    ) -> tuple[SignedApplication, ...]:
        """Applications for a phone's certificates, as an app has the card sign them."""
        number = x509.load_der_x509_certificate(self.certificate(card, OrderedKind.SIGNING)).serial_number
        return applied(keys, at, lambda data: self.sign(card, OrderedKind.SIGNING, sha256(data).digest()), number)

    def _open(self, card: str, kind: OrderedKind) -> JpkiSession:
        session = JpkiSession(Card(self.stores[card], ENTROPY))
        session.verify(_KEYS[kind], PINS[CardPin(kind.value)][1])
        return session

    def _pins(self, card: str) -> dict[str, bytes]:
        if card not in self.stores:
            return {}
        names = {f"{spec.application.name.lower()}/{spec.file:04X}" for spec, _ in PINS.values()}
        return {name: value for name, value in self.stores[card].read().items() if name in names}

    def _parts(self, card: str, kind: OrderedKind, pair: tuple[bytes, bytes]) -> list[tuple[str, Any]]:
        private = people.private_bytes(self._keys[card, kind])
        values = {"key": private, "certificate": pair[0], "ca_certificate": pair[1]}
        return [(f"{kind.value}_{name}", value) for name, value in values.items()]


def heard(answer: bytes) -> str:
    """What an OCSP answer says, as another library reads it: good, unknown, or the reason of the revocation."""
    read = ocsp.load_der_ocsp_response(answer)
    if read.certificate_status is not ocsp.OCSPCertStatus.REVOKED:
        return read.certificate_status.name.lower()
    return read.revocation_reason.value if read.revocation_reason else "unspecified"


def is_signing(certificate: bytes) -> bool:
    """Whether the signing authority issued it."""
    return "digital signature" in x509.load_der_x509_certificate(certificate).issuer.rfc4514_string()
