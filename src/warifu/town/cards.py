"""Personalising the town's cards: from what was issued to a file that is a card."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from warifu.card import MemoryStore, Personalisation, block_pin, matching_number_b, personalise
from warifu.cardmap import AUTHENTICATION_PIN, SIGNING_PASSWORD, TEXT_PIN
from warifu.pki import CertificateKind, KeySigner
from warifu.town.chance import Chance
from warifu.town.history import IssuedCard
from warifu.town.issuers import CardIssuers
from warifu.wire.card_store import JournalStore

__all__ = ["PINS", "Pins", "make_card"]


@dataclass(frozen=True, slots=True, repr=False)
class Pins:
    """The PINs that every card of the town begins with; they are printed everywhere and protect nothing."""

    authentication: str = "1234"
    text: str = "5678"
    signing: str = "ABC123"


PINS = Pins()

_AUTHENTICATION, _SIGNING = CertificateKind.AUTHENTICATION, CertificateKind.SIGNING


def make_card(
    path: Path,
    card: IssuedCard,
    issuers: CardIssuers,
    text_key: KeySigner,
    authority_certificates: Mapping[CertificateKind, bytes],
    seed: int,
) -> None:
    """Write the card to `path`, durably."""
    store = MemoryStore(
        personalise(
            _personalisation(card, text_key, authority_certificates, seed), issuers.of(card.holder.municipality)
        )
    )
    plan = card.plan
    tries = (
        (AUTHENTICATION_PIN, plan.authentication_tries),
        (TEXT_PIN, plan.text_tries),
        (SIGNING_PASSWORD, plan.signing_tries),
    )
    for spec, left in tries:
        if left is not None:
            block_pin(store, spec, left)
    JournalStore.create(path, store.read()).close()


def _personalisation(
    card: IssuedCard, text_key: KeySigner, authority_certificates: Mapping[CertificateKind, bytes], seed: int
) -> Personalisation:
    holder, profile = card.holder, card.plan.profile
    signing = card.signers.get(_SIGNING)
    return Personalisation(
        attributes=holder.attributes,
        individual_number=holder.individual_number,
        authentication_pin=PINS.authentication if profile.pins else None,
        text_pin=PINS.text if profile.pins else None,
        authentication_key=card.signers[_AUTHENTICATION].private_bytes(),
        authentication_certificate=card.certificates[_AUTHENTICATION].certificate,
        authentication_ca_certificate=authority_certificates[_AUTHENTICATION],
        text_key=text_key.private_bytes(),
        signing_password=PINS.signing if signing else None,
        signing_key=signing.private_bytes() if signing else None,
        signing_certificate=card.certificates[_SIGNING].certificate if signing else None,
        signing_ca_certificate=authority_certificates[_SIGNING] if signing else None,
        matching_number_b=matching_number_b(
            holder.attributes.birth_date,
            card.expires.year,
            Chance(seed, card.plan.name).digits("security code", 4),
            western_year=holder.western_year,
        ),
        profile=profile,
    )
