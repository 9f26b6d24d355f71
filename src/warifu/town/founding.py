"""Founding a town: keys, authorities, a past, cards, and the roster last."""

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path

from warifu.pki import CertificateKind
from warifu.ports import Clock, Entropy
from warifu.town.addresses import Addresses
from warifu.town.authorities import authority_certificate, found_authorities, open_authorities
from warifu.town.cards import PINS, make_card, printed_number
from warifu.town.clients import found_client_keys
from warifu.town.ground import Ground
from warifu.town.history import History, IssuedCard
from warifu.town.issuers import CardIssuers
from warifu.town.keys import Keys, Progress, fresh_keys, pooled_keys
from warifu.town.personas import PERSONAS
from warifu.town.places import MUNICIPALITIES
from warifu.town.plans import CardPlan, Persona
from warifu.town.roster import CardRow, PersonRow, Roster
from warifu.town.terminals import Terminals
from warifu.town.timestamps import found_timestamps

__all__ = ["Progress", "found", "silent"]

_KEYS_OF_A_CARD = 4
"""The text, visual and common applications' proofs, and the delivery of session keys; RSA on every card."""
_KEYS_OF_TIMESTAMPS = 2


def silent(what: str, done: int, total: int) -> None:
    """Show no progress."""


def found(
    ground: Ground,
    *,
    clock: Clock,
    entropy: Entropy,
    seed: int = 1,
    port_base: int = Addresses().base,
    fresh: bool = False,
    progress: Progress = silent,
) -> None:
    """Found a town on the ground, which the caller holds alone; one that stood there is gone afterwards.

    `fresh` makes new RSA keys instead of taking those that ship with warifu.

    Raises:
        InUse: a card of the town that stands there is in a reader.
    """
    now = clock.now().replace(microsecond=0)
    keys = fresh_keys(_keys_needed(), progress) if fresh else pooled_keys()
    with ground.founding() as folder:
        _Founding(folder, seed, now, Addresses(port_base), keys, entropy).found(progress, fresh=fresh)


class _Founding:
    """One town coming into being in an empty folder."""

    def __init__(
        self, folder: Path, seed: int, now: datetime, addresses: Addresses, keys: Keys, entropy: Entropy
    ) -> None:
        self._folder, self._seed, self._now = folder, seed, now
        self._addresses, self._keys, self._entropy = addresses, keys, entropy
        self._history = History(seed, now, keys)

    def found(self, progress: Progress, *, fresh: bool) -> None:
        found_authorities(self._folder / "authorities", self._keys, self._entropy, self._now)
        for step in self._live_through():
            progress("certificates", step, _deeds_planned())
        for step in self._make_cards():
            progress("cards", step, len(self._history.cards))
        self._settle_people()
        found_timestamps(self._folder, self._keys.take(), self._keys.take(), self._now)
        found_client_keys(self._folder)
        people = tuple(self._person(plan) for plan in PERSONAS)
        Roster(self._seed, self._now, self._addresses.base, fresh, people).write(self._folder)

    def _live_through(self) -> Iterator[int]:
        folder, clock = self._folder / "authorities", self._history.clock
        with open_authorities(folder, clock, self._addresses, self._seed) as authorities:
            for step, _ in zip(count(1), self._history.happen(authorities), strict=False):
                yield step
            clock.moment = self._now
            authorities.publisher.publish_all()

    def _settle_people(self) -> None:
        # Here, so that nobody waits for the register who only wants to use a card of a town that stands.
        from warifu.town.population import settle_people

        settle_people(self._folder, self._seed, self._now, self._history)

    def _make_cards(self) -> Iterator[int]:
        folder = self._folder / "cards"
        folder.mkdir(mode=0o700)
        terminals = Terminals(self._keys)
        issuers = CardIssuers(self._keys, terminals.anchor)
        for step, card in enumerate(self._history.cards, 1):
            own = self._authorities_of(card)
            make_card(folder / f"{card.plan.name}.card", card, issuers, self._keys, own, self._seed)
            yield step
        issuers.write_anchors(self._folder / "chip_anchors")
        terminals.write(self._folder / "terminals")

    def _authorities_of(self, card: IssuedCard) -> dict[CertificateKind, bytes]:
        folder, of_next = self._folder / "authorities", card.plan.profile.next_generation
        return {kind: authority_certificate(folder, kind, next_generation=of_next) for kind in CertificateKind}

    def _person(self, plan: Persona) -> PersonRow:
        told = self._history.holder(plan).attributes
        return PersonRow(
            name=plan.name,
            japanese=plan.japanese,
            english=plan.english,
            holder=told.name.text,
            birth_date=told.birth_date.date.isoformat(),
            address=told.address.text,
            cards=tuple(_row(card, self._seed) for card in self._history.cards if card.plan in plan.cards),
        )


def _row(card: IssuedCard, seed: int) -> CardRow:
    profile = card.plan.profile
    text = PINS.text_on(profile) or ""
    return CardRow(
        card.plan.name,
        PINS.authentication if profile.pins else "",
        text,
        PINS.signing if profile.signing else "",
        resident_pin=text,
        common_pin=text,
        matching_number_b=printed_number(card, seed),
        one_pin=profile.next_generation,
    )


def _keys_needed() -> int:
    cards = [card for plan in PERSONAS for card in plan.cards]
    on_cards = sum(_KEYS_OF_A_CARD + _certified(card) for card in cards)
    authorities = 2 * len(CertificateKind) + _KEYS_OF_TIMESTAMPS + CardIssuers.KEYS + Terminals.KEYS
    return authorities + len(MUNICIPALITIES) + on_cards


def _certified(card: CardPlan) -> int:
    """How many RSA keys of a card are certified by the authorities: none where they are on P-384."""
    if card.profile.next_generation:
        return 0
    on_phone = 0 if card.phone is None else len(CertificateKind)
    return 1 + card.profile.signing + (card.signing_renewed is not None) + on_phone


def _deeds_planned() -> int:
    cards = [card for plan in PERSONAS for card in plan.cards]
    once = [1 + (card.signing_renewed is not None) + (card.phone is not None) for card in cards]
    return sum(once) + sum(len(card.happenings) for card in cards)
