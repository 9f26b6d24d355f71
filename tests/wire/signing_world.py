"""Cards that can sign for a client, and one that cannot."""

from dataclasses import replace
from functools import cache

from tests.card import people
from tests.idp import signing, world
from tests.pki import world as pki
from tests.wire.provider_world import PIN, Stage, token_form
from warifu.card import Card, MemoryStore, Profile, personalise
from warifu.idp import Parameters
from warifu.messages import LoginAnswer, LoginInvitation, SigningData
from warifu.reader import answer_signing
from warifu.wire.provider import ProviderService

PASSWORD = "ABC123"

__all__ = [
    "PASSWORD",
    "PIN",
    "Stage",
    "answer",
    "begin_transaction",
    "card",
    "childs_card",
    "service_token",
    "token_form",
]


@cache
def _contents(child: bool = False) -> dict[str, bytes]:
    person = replace(
        people.person(),
        authentication_key=people.private_bytes(0),
        authentication_certificate=pki.authentication_certificate(),
        authentication_ca_certificate=pki.authority(pki.AUTHENTICATION).certificate_der,
        signing_key=people.private_bytes(signing.KEY),
        signing_certificate=signing.certificate(),
        signing_ca_certificate=pki.authority(pki.SIGNING).certificate_der,
    )
    if child:
        without = dict.fromkeys(
            ("signing_password", "signing_key", "signing_certificate", "signing_ca_certificate"), None
        )
        person = replace(person, **without, profile=Profile.CHILD_WITHOUT_SIGNING)  # type: ignore[arg-type]
    return dict(personalise(person, people.issuer()))


def card() -> Card:
    """The ordinary adult's card."""
    return Card(MemoryStore(_contents()), people.SeededEntropy())


def childs_card() -> Card:
    """The card of somebody who cannot sign."""
    return Card(MemoryStore(_contents(child=True)), people.SeededEntropy())


def answer(invitation: LoginInvitation, data: SigningData | None = None) -> LoginAnswer:
    """What the card answers, with its signature over what was asked (or over something else)."""
    asked = data or invitation.signing
    assert asked is not None
    return answer_signing(card(), invitation.challenge(world.PROVIDER.origin), PIN, asked, PASSWORD)


def service_token(service: ProviderService, jti: str = "service", **changes: str | None) -> str:
    """A token of the client's own."""
    form = signing.service_form(client_assertion=world.assertion(jti=jti), **changes)
    return str(service.token(form)["access_token"])


def begin_transaction(service: ProviderService, data: SigningData = signing.DATA, jti: str = "service") -> str:
    """The id of something to be signed."""
    return str(service.begin_signing(service_token(service, jti), signing.body(data))["id"])


def parameters(transaction: str, **changes: str | None) -> Parameters:
    """The authorization request that wants it signed."""
    return world.parameters(**{"scope": signing.SCOPE, "sign_transaction_id": transaction, **changes})
