"""One person in the running town: a renewal at the window, a reset at the provider's page, and what clients see."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jws

from tests.journeys.running_town import served_town
from tests.town.clerks import clerk_token, person_of, post
from tests.waiting import PATIENCE, until
from warifu import services
from warifu.messages.json import from_base64, to_base64
from warifu.pki import EndEntityCertificate
from warifu.reader import JpkiSession, Key
from warifu.services import ClientKey, ProviderMetadata, RelyingParty
from warifu.town.cards import PINS
from warifu.town.clients import TRIAL, TRIAL_REDIRECT_URIS, trial_key_file
from warifu.town.town import Town
from warifu.wire.card_store import JournalStore
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.headless import CardInHand, Headless, Loopback
from warifu.wire.key_files import read_key

NAME = "expiring"
"""The persona whose certificates end tomorrow, so that the window may renew them (カード命令 第29条第1項)."""
CLOCK, ENTROPY = SystemClock(), SystemEntropy()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served_town(tmp_path_factory.mktemp("data") / "town") as town:
        yield town


class Developer:
    """A client's server that keeps everything it ever received."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.received: list[str] = []
        self.http = httpx2.Client(transport=Loopback(), timeout=PATIENCE, trust_env=False)
        key = ClientKey.load(read_key(trial_key_file(town.folder)).private_bytes())
        self.party = RelyingParty(TRIAL, TRIAL_REDIRECT_URIS[0], key)
        issuer = f"{town.addresses.provider}/api/realms/main"
        self.provider = ProviderMetadata.read(self.keep(self.http.get(services.discovery_address(issuer))), issuer)

    def close(self) -> None:
        self.http.close()

    def keep(self, response: httpx2.Response) -> bytes:
        self.received += [str(response.headers), response.text]
        return response.content

    def log_in(self) -> str:
        """A whole login with the persona's card; the subject."""
        scopes = ("openid", "name", "address", "birthdate", "gender")
        address, pending = services.begin(self.party, self.provider, scopes, ENTROPY)
        with Headless({self.town.addresses.provider}) as browser:
            back = browser.log_in(address, card(self.town))
        assert back.fault is None
        self.received.append(back.callback)
        callback = {name: values[0] for name, values in parse_qs(urlsplit(back.callback).query).items()}
        form = dict(services.redeem(pending, callback, self.party, self.provider, CLOCK.now(), ENTROPY))
        tokens = json.loads(self.keep(self.http.post(self.provider.token_endpoint, data=form)))
        bearer = {"authorization": f"Bearer {tokens['access_token']}"}
        userinfo = json.loads(self.keep(self.http.get(self.provider.userinfo_endpoint, headers=bearer)))
        self.received.append(str(_claims(tokens["id_token"])))
        assert _claims(tokens["id_token"])["sub"] == userinfo["sub"]
        return str(userinfo["sub"])


def _claims(token: str) -> dict[str, object]:
    claims: dict[str, object] = json.loads(jws.extract_compact(token.encode()).payload)
    return claims


def card(town: Town) -> CardInHand:
    return CardInHand(lambda: town.card(NAME, patience=5), PINS.authentication, PINS.text)


def certificate(town: Town) -> bytes:
    with town.card(NAME, patience=5) as held:
        return JpkiSession(held).certificate(Key.AUTHENTICATION)


def renew(town: Town) -> None:
    """The window orders a certificate for the card's key and writes it on the card."""
    person, old = person_of(town, NAME), certificate(town)
    token = clerk_token(town, f"clerk-{time.monotonic_ns()}", "--municipality", person.municipality.code)
    known = _card(town, token, person.id)
    public = EndEntityCertificate.decode(old).unverified.public_key_info
    body = {"kind": "authentication", "public_key_info": to_base64(public)}
    post(town, token, f"/cards/{known['id']}/certificates", body)
    certificates = _card(town, token, person.id)["certificates"]
    [order] = [each["order"] for each in certificates if each["note"] in ("ordered", "issued")]
    new = _answered(town, token, order)
    with town.ground.card(NAME, patience=5) as path:
        store = JournalStore(path)
        changed = {name: data.replace(old, new) for name, data in store.read().items() if old in data}
        assert changed
        store.write(changed)
        store.close()
    post(town, token, f"/cards/{known['id']}/written", {"kind": "authentication"})


def _card(town: Town, token: str, holder: str) -> dict[str, Any]:
    """The person's card, as the register has it."""
    headers, asked = {"authorization": f"Bearer {token}"}, {"purpose": "renewal"}
    answer = httpx2.post(f"{town.addresses.registry}/v1/people/{holder}/cards/looks", json=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    cards: list[dict[str, Any]] = answer.json()
    return cards[0]


def _answered(town: Town, token: str, order: str) -> bytes:
    """Letters take a moment."""
    address, headers = f"{town.addresses.registry}/v1/orders/{order}", {"authorization": f"Bearer {token}"}
    answer = until(lambda: got if (got := httpx2.get(address, headers=headers)).status_code == 200 else None)
    return from_base64(answer.json()["certificate"])


def reset(town: Town) -> dict[str, Any]:
    """At the provider's page, logged in by card: the identifier at the client is reset; the page's download."""
    origin = town.addresses.provider
    with Headless({origin}) as browser:
        begun = browser.browser.post(f"{origin}/account/login", headers={"origin": origin})
        back = browser.log_in(origin + begun.headers["location"], card(town))
        assert browser.follow(back) == 200
        data: dict[str, Any] = browser.browser.get(f"{origin}/account/data.json").json()
        done = browser.browser.post(f"{origin}/account/clients/{TRIAL}/reset", headers={"origin": origin})
        assert done.headers["location"] == "/account?done=reset"
    return data


def test_a_renewed_card_is_the_same_person_and_a_reset_one_is_not(town: Town) -> None:
    """The client sees neither a serial number nor a certificate, before or after."""
    with closing(Developer(town)) as developer:
        _renew_and_reset(town, developer)


def _renew_and_reset(town: Town, developer: "Developer") -> None:
    certificates = [certificate(town)]
    first = developer.log_in()
    renew(town)
    certificates.append(certificate(town))
    assert certificates[0] != certificates[1]
    assert developer.log_in() == first
    data = reset(town)
    assert [each["how"] for each in data["certificates"]] == ["first_login", "succession"]
    second = developer.log_in()
    assert second != first
    assert developer.log_in() == second
    everything = "\n".join([*developer.received, json.dumps(data)])
    assert first in everything
    without_chance = re.sub(r"[\w-]{20,}", "", everything)
    for der in certificates:
        number = EndEntityCertificate.decode(der).serial_number
        for spelt in (str(number), f"{number:x}", f"{number:X}"):
            assert spelt not in without_chance
            assert re.search(rf"\b{spelt}\b", everything) is None
        assert to_base64(der)[40:120] not in everything
        assert der.hex()[40:120] not in everything
