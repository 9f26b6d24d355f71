"""A relying party built on authlib logs the people of a town in, over loopback, against the town's real servers."""

import time
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from tests.journeys.running_town import founded
from tests.real.authlib_shop import shop
from warifu.idp import IdTokenSigner
from warifu.pki import KeySigner
from warifu.services import read_token
from warifu.town.parties import sites
from warifu.town.town import Town
from warifu.wire.client_files import add_client
from warifu.wire.clock import SystemClock
from warifu.wire.database import open_database, writing
from warifu.wire.headless import CardInHand, Headless
from warifu.wire.key_files import write_key
from warifu.wire.provider import announce
from warifu.wire.serving import Reserved, reserve, serve_in_thread

pytestmark = pytest.mark.real

EVERYTHING = "openid name address birthdate gender"


class Relying:
    """The relying parties, one for each kind of client key, and the town they are registered in."""

    def __init__(self, town: Town, shops: dict[str, Reserved]) -> None:
        self.town = town
        self._shops = shops

    def log_in(
        self, persona: str, kind: str = "RS256", *, attributes: bool = True, spend_last: bool = False
    ) -> tuple[int, dict[str, Any]]:
        """Let a person log in; the status and JSON that the relying party's callback page shows."""
        _, card = self.town.find_card(persona)
        text_pin = card.text_pin if attributes else None
        held = CardInHand(partial(self.town.card, card.name), card.authentication_pin, text_pin, spend_last)
        with Headless([self.town.addresses.provider]) as headless:
            outcome = headless.log_in(f"{self._shops[kind].origin}/login", held)
            response = headless.browser.get(outcome.callback)
        return response.status_code, response.json()

    def refresh(self, persona: str, *paths: str) -> list[tuple[int, dict[str, Any]]]:
        """Let a person log in and their browser visit these paths; what each showed, the callback first."""
        _, card = self.town.find_card(persona)
        held = CardInHand(partial(self.town.card, card.name), card.authentication_pin, card.text_pin)
        origin = self._shops["RS256"].origin
        with Headless([self.town.addresses.provider]) as headless:
            outcome = headless.log_in(f"{origin}/login", held)
            visited = [headless.browser.get(each) for each in (outcome.callback, *(origin + path for path in paths))]
        return [(response.status_code, response.json()) for response in visited]

    def cancel(self) -> tuple[int, dict[str, Any]]:
        """Somebody says no."""
        with Headless([self.town.addresses.provider]) as headless:
            outcome = headless.cancel(f"{self._shops['RS256'].origin}/login")
            response = headless.browser.get(outcome.callback)
        return response.status_code, response.json()


@pytest.fixture(scope="module")
def relying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relying]:
    keys: dict[str, RSAKey | ECKey] = {"RS256": RSAKey.generate_key(2048), "ES256": ECKey.generate_key("P-256")}
    with founded(tmp_path_factory.mktemp("town")) as (town, reserved):
        shops = {kind: reserve("localhost") for kind in keys}
        apps = []
        for kind, key in keys.items():
            redirect_uri = f"{shops[kind].origin}/callback"
            jwks = {"keys": [key.as_dict(private=False)]}
            client = add_client(town.ground.clients, f"authlib-{kind}", [redirect_uri], jwks)
            apps.append((shops[kind], shop(town.issuer, client.id, key, redirect_uri, EVERYTHING)))
        with sites(town, reserved) as served, serve_in_thread([*served, *apps]):
            yield Relying(town, shops)


@pytest.mark.parametrize("persona", ["ordinary", "moved", "child", "foreign", "gaiji", "reissued", "expiring"])
def test_they_log_in(relying: Relying, persona: str) -> None:
    """The authentication certificate is fine, whatever became of the signing certificate."""
    person, _ = relying.town.find_card(persona)
    status, told = relying.log_in(persona)
    assert status == 200, told
    assert told["scope"] == EVERYTHING
    assert told["id_token"]["sub"] == told["userinfo"]["sub"]
    assert told["id_token"]["acr"] == "aal3"
    assert told["userinfo"]["name"] == person.holder
    assert told["userinfo"]["address"] == person.address
    assert told["userinfo"]["birthdate"] == person.birth_date.replace("-", "")
    assert told["userinfo"]["gender"] in {"1", "2"}


def test_one_with_one_try_left_logs_in_when_told_to_spend_it(relying: Relying) -> None:
    """The card takes the right PIN; it is never spent unasked."""
    assert relying.log_in("last-try") == (400, {"error": "access_denied", "description": "last_try"})
    status, told = relying.log_in("last-try", spend_last=True)
    assert status == 200, told


@pytest.mark.parametrize(
    ("persona", "description"),
    [
        ("reissued-old", "certificate_revoked"),
        ("deceased", "certificate_revoked"),
        ("expired", "certificate_expired"),
        ("suspended", "certificate_suspended"),
        ("blocked", "pin_blocked"),
    ],
)
def test_they_are_refused_each_with_its_own_error(relying: Relying, persona: str, description: str) -> None:
    """RFC 6749 §4.1.2.1."""
    assert relying.log_in(persona) == (400, {"error": "access_denied", "description": description})


def test_a_client_with_an_elliptic_key_logs_people_in(relying: Relying) -> None:
    """private_key_jwt with ES256."""
    status, told = relying.log_in("ordinary", "ES256")
    assert status == 200, told


def test_the_same_person_is_the_same_here_and_another_there(relying: Relying) -> None:
    """OpenID Connect Core 1.0 §8.1: pairwise."""
    first, again, elsewhere = (relying.log_in("gaiji", kind)[1] for kind in ("RS256", "RS256", "ES256"))
    assert first["userinfo"]["sub"] == again["userinfo"]["sub"] != elsewhere["userinfo"]["sub"]


def test_without_the_text_pin_the_client_sees_openid_alone(relying: Relying) -> None:
    """The scope of the token response says what was granted."""
    status, told = relying.log_in("text-blocked", attributes=False)
    assert (status, told["scope"]) == (200, "openid")
    assert told["userinfo"].keys() == {"sub"}


def test_tokens_are_refreshed_again_and_again(relying: Relying) -> None:
    """RFC 6749 §6: the same person, and no attributes any more."""
    (_, first), *later = relying.refresh("ordinary", "/refresh", "/refresh")
    subject = first["userinfo"]["sub"]
    assert later == [(200, {"userinfo": {"sub": subject}, "scope": "openid"})] * 2


def test_a_refresh_token_used_twice_ends_the_login(relying: Relying) -> None:
    """RFC 9700 §4.14.2: the client that kept the old one, or a thief, has nothing."""
    _, kept, again, third = relying.refresh("ordinary", "/refresh?keep", "/refresh", "/refresh")
    assert kept[0] == 200
    assert [(status, told["error"]) for status, told in (again, third)] == [(400, "invalid_grant")] * 2


def test_a_client_that_keeps_the_key_set_goes_on_when_the_key_changes(relying: Relying) -> None:
    """OpenID Connect Core 1.0 §10.1.1: it meets a `kid` that it does not know, and asks for the set again."""
    _, first = relying.log_in("ordinary")  # authlib keeps the set that it reads here
    own = relying.town.folder / "provider"
    key = KeySigner.generate("ES256")
    signer = IdTokenSigner(key)
    (own / "keys").mkdir(exist_ok=True)
    write_key(own / "keys" / f"{signer.jwk['kid']}.key", key)
    engine = open_database(own / "logins.db", "provider")
    with writing(engine) as connection:
        announce(connection, signer, "", SystemClock().now(), timedelta(seconds=1))
    time.sleep(1.5)
    status, told = relying.log_in("ordinary")
    engine.dispose()
    assert (status, read_token(told["id_token_itself"]).header["kid"]) == (200, signer.jwk["kid"])
    assert read_token(first["id_token_itself"]).header["kid"] != signer.jwk["kid"]


def test_cancelling_is_an_error_that_authlib_raises(relying: Relying) -> None:
    """Relying parties forget this callback."""
    assert relying.cancel() == (400, {"error": "access_denied", "description": "cancelled"})
