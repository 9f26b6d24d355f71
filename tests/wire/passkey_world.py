"""A provider with people who have passkeys: from a login with the card to one without."""

import base64
import itertools
import json
from dataclasses import dataclass
from typing import Any

from tests.idp import world
from tests.idp.authenticator import Device
from tests.wire.provider_world import answer, token_form
from warifu.idp import EnrolmentAnswer, Passkey, PasskeyAnswer
from warifu.wire.provider import Begun, ProviderService

ORIGIN = world.PROVIDER.origin
JTI = itertools.count()


@dataclass(frozen=True)
class ByCard:
    """A login with the card that the person has allowed."""

    transaction: str
    cookie: str


def begin(service: ProviderService, **changes: str | None) -> Begun:
    """A login of a client that does not ask for a level."""
    return service.begin(world.parameters(**{"acr_values": None, **changes}))


def by_card(service: ProviderService, *, wanted: bool = True) -> ByCard:
    """Up to the moment when the browser would go back to the client; `wanted`: it asked to see its passkeys first."""
    begun = begin(service)
    if wanted:
        service.passkeys.want(begun.transaction, begun.cookie, wanted=True)
    shared = service.answer(begun.transaction, answer(service.invitation(begun.transaction)))
    service.allow(begun.transaction, shared.decision_token)
    return ByCard(begun.transaction, begun.cookie)


def enrolment(service: ProviderService, card: ByCard, device: Device, **wrong: Any) -> EnrolmentAnswer:
    """What the browser posts for a new passkey."""
    options = service.passkeys.enrol_options(card.transaction, card.cookie)
    return EnrolmentAnswer.decode(device.create(options, ORIGIN, **wrong))


def enrol(service: ProviderService, device: Device, card: ByCard | None = None) -> Passkey:
    """A new passkey after a login with the card."""
    card = card or by_card(service)
    return service.passkeys.enrol(card.transaction, card.cookie, enrolment(service, card, device))


def signed(service: ProviderService, begun: Begun, device: Device, **wrong: Any) -> PasskeyAnswer:
    """What the browser posts for a login."""
    options = service.passkeys.login_options(begun.transaction, begun.cookie)
    return PasskeyAnswer.decode(device.get(options, ORIGIN, **wrong))


def log_in(service: ProviderService, device: Device, **changes: str | None) -> dict[str, Any]:
    """A whole login by passkey: what the ID token says."""
    begun = begin(service, **changes)
    shared = service.answer_by_passkey(begun.transaction, begun.cookie, signed(service, begun, device))
    service.allow(begun.transaction, shared.decision_token)
    return id_token(tokens_of(service, begun.transaction, begun.cookie))


def tokens_of(service: ProviderService, transaction: str, cookie: str) -> dict[str, Any]:
    """The client's tokens at the end of an allowed login."""
    code = world.query(service.go_back(transaction, cookie))["code"]
    return service.token(token_form(code, f"passkey {next(JTI)}"))


def id_token(tokens: dict[str, Any]) -> dict[str, Any]:
    """What the ID token says."""
    told: dict[str, Any] = json.loads(base64.urlsafe_b64decode(str(tokens["id_token"]).split(".")[1] + "=="))
    return told
