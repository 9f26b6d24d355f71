"""Personalising the town's cards: from what was issued to a file that is a card."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from warifu.card import (
    MemoryStore,
    OtherApplications,
    Personalisation,
    Pictures,
    Profile,
    block_pin,
    draw_pictures,
    matching_number_b,
    personalise,
    stock_pictures,
)
from warifu.cardmap import AUTHENTICATION_PIN, NEXT_PIN, NEXT_SIGNING_PASSWORD, SIGNING_PASSWORD, TEXT_PIN, CvAnchor
from warifu.errors import Unavailable
from warifu.person import IndividualNumber
from warifu.pki import CertificateKind
from warifu.town.chance import Chance
from warifu.town.history import IssuedCard
from warifu.town.issuers import CardIssuers
from warifu.town.keys import Keys
from warifu.town.residents import Resident
from warifu.wire.card_store import JournalStore

__all__ = ["PINS", "Pins", "make_card", "printed_number"]


@dataclass(frozen=True, slots=True, repr=False)
class Pins:
    """The PINs that every card of the town begins with; they are printed everywhere and protect nothing.

    The resident register's and the common PIN are the text PIN, as most people choose at the window (暗証番号の統一).
    On a card of the next generation the authentication PIN is all of them.
    """

    authentication: str = "1234"
    text: str = "5678"
    signing: str = "ABC123"

    def text_on(self, profile: Profile) -> str | None:
        """The PIN that opens the four attributes on such a card, and the resident record code."""
        return None if not profile.pins else self.authentication if profile.next_generation else self.text


PINS = Pins()

_AUTHENTICATION, _SIGNING = CertificateKind.AUTHENTICATION, CertificateKind.SIGNING


def make_card(
    path: Path,
    card: IssuedCard,
    issuers: CardIssuers,
    keys: Keys,
    authority_certificates: Mapping[CertificateKind, bytes],
    seed: int,
) -> None:
    """Write the card to `path`, durably."""
    person = _personalisation(card, keys, authority_certificates, seed, issuers.terminal_anchor)
    store = MemoryStore(personalise(person, issuers.of(card.holder.municipality)))
    plan = card.plan
    merged = plan.profile.next_generation
    tries = (
        (NEXT_PIN if merged else AUTHENTICATION_PIN, plan.authentication_tries),
        (TEXT_PIN, plan.text_tries),
        (NEXT_SIGNING_PASSWORD if merged else SIGNING_PASSWORD, plan.signing_tries),
    )
    for spec, left in tries:
        if left is not None:
            block_pin(store, spec, left)
    JournalStore.create(path, store.read()).close()


def _personalisation(
    card: IssuedCard,
    keys: Keys,
    authority_certificates: Mapping[CertificateKind, bytes],
    seed: int,
    terminals: CvAnchor,
) -> Personalisation:
    holder, profile = card.holder, card.plan.profile
    signing = card.signers.get(_SIGNING)
    return Personalisation(
        attributes=holder.attributes,
        individual_number=card.individual_number,
        authentication_pin=PINS.authentication if profile.pins else None,
        text_pin=PINS.text_on(profile),
        authentication_key=card.signers[_AUTHENTICATION].private_bytes(),
        authentication_certificate=card.certificates[_AUTHENTICATION].certificate,
        authentication_ca_certificate=authority_certificates[_AUTHENTICATION],
        text_key=keys.take().private_bytes(),
        signing_password=PINS.signing if signing else None,
        signing_key=signing.private_bytes() if signing else None,
        signing_certificate=card.certificates[_SIGNING].certificate if signing else None,
        signing_ca_certificate=authority_certificates[_SIGNING] if signing else None,
        matching_number_b=printed_number(card, seed),
        profile=profile,
        others=_others(card, keys, seed, terminals),
    )


def printed_number(card: IssuedCard, seed: int) -> str:
    """照合番号B of a card, out of what is printed on it."""
    return matching_number_b(
        card.holder.attributes.birth_date,
        card.expires.year,
        _security_code(Chance(seed, card.plan.name)),
        western_year=card.holder.western_year,
    )


def _others(card: IssuedCard, keys: Keys, seed: int, terminals: CvAnchor) -> OtherApplications:
    holder, chance = card.holder, Chance(seed, card.plan.name)
    pin = PINS.text_on(card.plan.profile)
    return OtherApplications(
        serial=chance.digits("card serial", 15),
        municipality_code=holder.municipality.code,
        expiry=card.expires,
        resident_record_code=holder.resident_record_code,
        resident_pin=pin,
        common_pin=pin,
        pictures=_pictures(holder, card.individual_number, _security_code(chance), chance),
        visual_key=keys.take().private_bytes(),
        common_key=keys.take().private_bytes(),
        delivery_key=keys.take().private_bytes(),
        western_year=holder.western_year,
        terminal_anchor=terminals,
    )


def _pictures(holder: Resident, number: IndividualNumber, security_code: str, chance: Chance) -> Pictures:
    """The holder's own face if it can be drawn here, else the pictures that ship with warifu."""
    told = holder.attributes
    try:
        return draw_pictures(told.name, told.address, number, security_code, chance.digits("face", 20).encode())
    except Unavailable:
        return stock_pictures(number, security_code)


def _security_code(chance: Chance) -> str:
    """Four digits that no PIN of the town is: the card refuses a PIN that is printed on it."""
    questions = chain(["security code"], (f"security code {again}" for again in count(2)))
    codes = (chance.digits(question, 4) for question in questions)
    return next(code for code in codes if code not in (PINS.authentication, PINS.text))
