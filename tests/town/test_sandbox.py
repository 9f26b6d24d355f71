"""The sandbox: every outcome of a login on demand, by header, file, API and page; otherwise a provider in earnest."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.journeys.running_town import founded
from tests.waiting import PATIENCE
from warifu import services
from warifu.errors import Malformed
from warifu.services import ClientKey, PendingLogin, ProviderMetadata, RelyingParty, ToBeSigned
from warifu.town.clients import TRIAL, TRIAL_REDIRECT_URIS, trial_key_file
from warifu.town.parties import sites
from warifu.town.town import Town
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.key_files import read_key
from warifu.wire.sandbox import OUTCOMES, Response, Responses
from warifu.wire.sandbox.responses import ANY, HEADER, LATER, PLAYED, REFUSALS, Endpoint, Rule
from warifu.wire.serving import serve_in_thread

CLOCK, ENTROPY = SystemClock(), SystemEntropy()


@dataclass
class Developer:
    """Somebody with a client of the sandbox."""

    party: RelyingParty
    provider: ProviderMetadata
    origin: str
    operator: str = field(repr=False)
    http: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=PATIENCE, trust_env=False))

    def ask(self, header: str | None = None) -> tuple[httpx2.Response, PendingLogin]:
        """An authorization request, not followed."""
        address, pending = services.begin(self.party, self.provider, ("openid", "name"), ENTROPY)
        return self.http.get(_here(address), headers=_host(address, header)), pending

    def callback(self, header: str | None = None) -> tuple[dict[str, str], PendingLogin]:
        """What the client is sent back with."""
        response, pending = self.ask(header)
        assert response.status_code == 303, response.text
        back = response.headers["location"]
        assert back.startswith(self.party.redirect_uri), back
        return {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}, pending

    def redeem(self, callback: dict[str, str], pending: PendingLogin) -> httpx2.Response:
        form = services.redeem(pending, callback, self.party, self.provider, CLOCK.now(), ENTROPY)
        return self.http.post(_here(self.provider.token_endpoint), data=form, headers=_host(self.origin))

    def userinfo(self, token: str) -> httpx2.Response:
        headers = _host(self.origin) | {"authorization": f"Bearer {token}"}
        return self.http.get(_here(self.provider.userinfo_endpoint), headers=headers)

    def sign(self, header: str, data: ToBeSigned) -> tuple[httpx2.Response, Callable[[], httpx2.Response]]:
        """A whole signing, up to the result; and the operator's answer to one."""
        own = services.service_token_form(self.party, self.provider, CLOCK.now(), ENTROPY)
        token = services.read_service_token(self.post(self.provider.token_endpoint, own).content)
        assert self.provider.sign_transactions_endpoint is not None
        address = self.provider.sign_transactions_endpoint
        bearer = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        kept = self.http.post(_here(address), content=services.submission(data), headers=_host(address) | bearer)
        transaction = services.read_transaction(kept.content)
        begun, pending = services.begin_signing(self.party, self.provider, transaction, ENTROPY)
        back = self.http.get(_here(begun), headers=_host(begun, header)).headers["location"]
        callback = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
        mine = {"authorization": f"Bearer {self.redeem(callback, pending).json()['access_token']}"}

        def result() -> httpx2.Response:
            return self.http.get(_here(f"{address}/{transaction}/result"), headers=_host(address) | mine)

        return result(), result

    def judge(self, result: bytes, data: ToBeSigned) -> httpx2.Response:
        """What the sandbox's platform operator says of a result."""
        address = f"{self.origin}/platform/verify"
        headers = {"authorization": f"Bearer {self.operator}", "content-type": "application/json"}
        body = services.for_operator(services.read_result(result), data)
        return self.http.post(_here(address), content=body, headers=_host(address) | headers)

    def post(self, address: str, form: dict[str, str]) -> httpx2.Response:
        return self.http.post(_here(address), data=form, headers=_host(address))

    def tell(self, **rule: object) -> httpx2.Response:
        return self.http.post(_here(f"{self.origin}/test-responses"), json=rule, headers=_host(self.origin))


def _here(address: str) -> str:
    """Names under localhost are this machine (RFC 6761 §6.3)."""
    parts = urlsplit(address)
    return address.replace(parts.netloc, f"127.0.0.1:{parts.port}", 1)


def _host(address: str, header: str | None = None) -> dict[str, str]:
    return {"host": urlsplit(address).netloc} | ({} if header is None else {HEADER: header})


def _token(town: Town) -> str:
    return (town.folder / "platform" / f"{TRIAL}.token").read_text()


@pytest.fixture(scope="module")
def developer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Developer]:
    with founded(tmp_path_factory.mktemp("sandbox") / "town") as (town, reserved):
        rules = {"rules": [{"outcome": "cancelled", "client_id": "RP99999999"}]}
        (town.ground.directory / "responses.json").write_text(json.dumps(rules))
        with sites(town, reserved) as served, serve_in_thread(served):
            issuer = f"{town.addresses.sandbox}/api/realms/main"
            address = services.discovery_address(issuer)
            told = httpx2.get(_here(address), headers=_host(address), trust_env=False).content
            key = ClientKey.load(read_key(trial_key_file(town.folder)).private_bytes())
            party = RelyingParty(TRIAL, TRIAL_REDIRECT_URIS[0], key)
            made = Developer(party, ProviderMetadata.read(told, issuer), town.addresses.sandbox, _token(town))
            yield made
            made.http.close()


@pytest.mark.parametrize("word", sorted(REFUSALS))
def test_each_refusal_reaches_the_client(developer: Developer, word: str) -> None:
    """The words of `warifu.idp.refusals`."""
    told, pending = developer.callback(f"outcome={word}")
    assert (told["error"], told["error_description"]) == (REFUSALS[word].error, word)
    assert told["state"] == pending.state


def test_a_good_login_gives_tokens_as_in_earnest(developer: Developer) -> None:
    tokens = developer.redeem(*developer.callback("persona=ordinary")).json()
    claims = developer.userinfo(tokens["access_token"]).json()
    assert claims.keys() == {"sub", "name"}


@pytest.mark.parametrize(
    ("persona", "word"), [("suspended", "certificate_suspended"), ("expired", "certificate_expired")]
)
def test_by_default_the_card_decides(developer: Developer, persona: str, word: str) -> None:
    told, _ = developer.callback(f"persona={persona}")
    assert told["error_description"] == word


@pytest.mark.parametrize("outcome", [name for name in LATER if name.startswith("token_") and name != "token_slow"])
def test_the_token_endpoint_fails_once(developer: Developer, outcome: str) -> None:
    status, error = LATER[outcome].status, LATER[outcome].error
    told, pending = developer.callback(f"outcome={outcome}")
    failed = developer.redeem(told, pending)
    assert failed.status_code == status
    assert failed.json().get("error", "") == error
    assert developer.redeem(told, pending).status_code == 200


def test_userinfo_fails_once(developer: Developer) -> None:
    """RFC 6750 §3: the challenge says why."""
    tokens = developer.redeem(*developer.callback("outcome=userinfo_invalid_token")).json()
    failed = developer.userinfo(tokens["access_token"])
    assert failed.status_code == 401
    assert 'error="invalid_token"' in failed.headers["www-authenticate"]
    assert developer.userinfo(tokens["access_token"]).status_code == 200


DEED = ToBeSigned.of(b"deed")


def test_signing_is_played_with_the_persona_s_own_card(developer: Developer) -> None:
    result, _ = developer.sign("persona=ordinary", DEED)
    told = developer.judge(result.content, DEED).json()
    assert told["verification"]["result"] == "ok"


@pytest.mark.parametrize(
    "outcome", [name for name, fault in LATER.items() if fault.endpoint is Endpoint.RESULT and not fault.seconds]
)
def test_the_result_of_a_signing_fails_once(developer: Developer, outcome: str) -> None:
    failed, again = developer.sign(f"outcome={outcome}", DEED)
    assert failed.status_code == LATER[outcome].status
    assert failed.json() == LATER[outcome].members
    assert again().status_code == 200


@pytest.mark.parametrize(
    "outcome", [name for name, fault in LATER.items() if fault.endpoint is Endpoint.OPERATOR and not fault.seconds]
)
def test_the_operator_fails_once(developer: Developer, outcome: str) -> None:
    """Its own words, and none of them for a good signature the second time."""
    fault = LATER[outcome]
    result, _ = developer.sign(f"outcome={outcome}", DEED)
    told = developer.judge(result.content, DEED)
    assert told.status_code == fault.status
    assert told.json() == fault.members
    assert developer.judge(result.content, DEED).json()["verification"]["result"] == "ok"


def test_chance_is_the_same_for_the_same_seed() -> None:
    """A campaign of outcomes that was seen once can be seen again."""
    first, second = Responses(), Responses()
    drawn = [first.drawn(Response(ANY, seed=7)).outcome for _ in range(200)]
    assert drawn == [second.drawn(Response(ANY, seed=7)).outcome for _ in range(200)]
    assert drawn != [second.drawn(Response(ANY, seed=8)).outcome for _ in range(200)]
    second.clear()
    assert drawn == [second.drawn(Response(ANY, seed=7)).outcome for _ in range(200)]
    assert set(drawn) > {"cancelled", "token_down"}
    assert set(drawn) <= set(OUTCOMES)


def test_what_was_drawn_is_told(developer: Developer) -> None:
    response, _ = developer.ask("outcome=any; seed=3")
    assert response.headers[PLAYED] == Responses().drawn(Response(ANY, seed=3)).outcome
    assert response.headers[PLAYED] in OUTCOMES


def test_a_request_that_breaks_a_rule_is_refused_as_in_earnest(developer: Developer) -> None:
    """Nothing is played for a client that does not ask properly."""
    address, _ = services.begin(developer.party, developer.provider, ("openid",), ENTROPY)
    broken = address.replace("code_challenge_method=S256", "code_challenge_method=plain")
    response = developer.http.get(_here(broken), headers=_host(broken, "persona=ordinary"))
    assert "error=invalid_request" in response.headers["location"]


def test_what_is_queued_is_for_the_next_login(developer: Developer) -> None:
    assert developer.tell(outcome="pin_blocked", client_id=TRIAL).status_code == 204
    assert developer.tell(outcome="cancelled", client_id="RP00000001").status_code == 204
    assert developer.callback()[0]["error_description"] == "pin_blocked"
    assert "/response" in developer.ask()[0].headers["location"]
    developer.http.delete(_here(f"{developer.origin}/test-responses"), headers=_host(developer.origin))


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"outcome": "no_such"}, "no such outcome"),
        ({}, "a rule has outcome"),
        ({"outcome": "cancelled", "more": 1}, "a rule has outcome and, if wanted, persona, seconds"),
        ({"outcome": "card", "persona": "nobody"}, "nobody in this town"),
        ({"outcome": "card", "client_id": "RP00000999"}, "no client RP00000999"),
    ],
)
def test_what_cannot_be_played_is_told(developer: Developer, rule: dict[str, object], told: str) -> None:
    answer = developer.tell(**rule)
    assert answer.status_code in {400, 404}
    assert answer.json()["description"].startswith(told)


def test_another_site_cannot_queue(developer: Developer) -> None:
    headers = _host(developer.origin) | {"origin": "http://evil.example"}
    told = developer.http.post(_here(f"{developer.origin}/test-responses"), json={"outcome": "card"}, headers=headers)
    assert told.status_code == 403


def test_without_a_word_the_page_asks(developer: Developer) -> None:
    response, _ = developer.ask()
    page = f"{developer.origin}{response.headers['location']}"
    shown = developer.http.get(
        _here(page), headers=_host(page) | {"cookie": response.headers["set-cookie"].partition(";")[0]}
    )
    assert shown.status_code == 200
    assert all(f'value="{outcome}"' in shown.text for outcome in OUTCOMES)
    sent = _host(page) | {"origin": developer.origin, "cookie": response.headers["set-cookie"].partition(";")[0]}
    chosen = {"persona": "ordinary", "outcome": "certificate_revoked", "seconds": "0"}
    wrong, played = (
        developer.http.post(_here(page), data=chosen | more, headers=sent) for more in ({"seconds": "x"}, {})
    )
    assert "<code>malformed</code> seconds is a number" in wrong.text
    assert "certificate_revoked" in played.headers["location"]


def test_another_browser_sees_nothing(developer: Developer) -> None:
    page = f"{developer.origin}{developer.ask()[0].headers['location']}"
    assert httpx2.get(_here(page), headers=_host(page), trust_env=False).status_code == 403


def test_programs_ask_what_there_is(developer: Developer) -> None:
    address = f"{developer.origin}/test-responses"
    told = developer.http.get(_here(address), headers=_host(address)).json()
    assert told["outcomes"] == list(OUTCOMES)
    assert "ordinary" in told["personas"]


@pytest.mark.parametrize(
    "text",
    [
        "outcome",
        "outcome=card; outcome=card",
        "who=me",
        "seconds=-1",
        "seconds=121",
        "seconds=一",
        "outcome=",
        "seed=x",
    ],
)
def test_a_header_that_is_no_response_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        Response.parse(text)


def test_rules_of_a_file_come_after_what_is_queued(tmp_path: Path) -> None:
    file = tmp_path / "responses.json"
    file.write_text(json.dumps({"rules": [{"outcome": "cancelled", "times": 1}, {"outcome": "card"}]}))
    rules = Responses(file)
    rules.queue(Rule(Response("pin_blocked"), times=2))
    told = [response.outcome for _ in range(5) if (response := rules.take("RP1")) is not None]
    assert told == ["pin_blocked", "pin_blocked", "cancelled", "card", "card"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "responses.json"
    file.write_text('{"rules": [{"outcome": "no_such"}]}')
    with pytest.raises(Malformed, match=r"responses\.json"):
        Responses(file)
