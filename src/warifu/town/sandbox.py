"""The town's sandbox: a provider that answers as it is told, with the town's people."""

from functools import partial

from warifu.town.roster import CardRow, PersonRow
from warifu.town.town import Town
from warifu.town.wallet import card_in_hand
from warifu.wire.provider import ProviderService
from warifu.wire.sandbox import Cards, Responses, application
from warifu.wire.serving import Application

__all__ = ["sandbox_site"]


def sandbox_site(town: Town, service: ProviderService, operator: Application) -> Application:
    """Its server; rules for what happens when nobody else says may stand in the town's ``responses.json``.

    Raises:
        Malformed: the rules cannot be read.
    """
    cards = Cards(
        lambda: [_shown(person, card) for person in town.roster.people for card in person.cards],
        partial(card_in_hand, town),
    )
    return application(service, operator, cards, Responses(town.ground.directory / "responses.json"))


def _shown(person: PersonRow, card: CardRow) -> tuple[str, str, str, str]:
    return card.name, person.holder, person.japanese, person.english
