"""The developers' console: every request of a client rule by rule, nothing secret kept, and it can be sent again."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.town.console_world import CLOCK, ENTROPY, Developer, broken, running
from warifu.idp import RULES
from warifu.services import ClientKey, ClientSettings, RelyingParty
from warifu.town.clients import TRIAL
from warifu.wire.console import STACKS, STRANGERS, WORDS, Kind, Ring, Sent, program
from warifu.wire.console.replaying import Edited
from warifu.wire.sandbox.responses import HEADER


@pytest.fixture(scope="module")
def developer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Developer]:
    with running(tmp_path_factory.mktemp("console") / "town") as made:
        yield made


def test_a_good_login_breaks_no_rule(developer: Developer) -> None:
    before = len(developer.requests())
    tokens = developer.log_in(developer.trial)
    developer.get(developer.provider.userinfo_endpoint, {"authorization": f"Bearer {tokens['access_token']}"})
    kept = developer.requests()[: len(developer.requests()) - before]
    assert [each["kind"] for each in kept] == ["userinfo", "token", "authorization"]
    assert [broken(each) for each in kept] == [[], [], []]
    assert all(each["findings"] for each in kept)


def test_no_secret_is_on_the_disk(developer: Developer) -> None:
    """Codes, verifiers, tokens and signatures are kept in part; people not at all."""
    response, pending = developer.ask(developer.trial)
    answer = developer.redeem(developer.trial, pending, response.headers["location"])
    tokens = answer.json()
    developer.get(developer.provider.userinfo_endpoint, {"authorization": f"Bearer {tokens['access_token']}"})
    code = response.headers["location"].partition("code=")[2].partition("&")[0]
    folder = developer.town.folder / "console" / TRIAL
    text = "\n".join(path.read_text("utf-8") for path in sorted(folder.glob("*.json")))
    assert code[:6] in text
    for secret in (code, pending.code_verifier, tokens["access_token"], tokens["refresh_token"], tokens["id_token"]):
        assert secret not in text
    name = developer.town.find_card("ordinary")[0].holder
    assert name not in text
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.glob("*.json"))


def test_every_fault_is_named_at_once_with_where_it_stands_and_how_to_mend_it(developer: Developer) -> None:
    response, _ = developer.ask(developer.trial, nonce=None, code_challenge_method="plain", scope="name")
    kept = developer.last()
    assert broken(kept) == ["nonce", "code_challenge_method", "scope"]
    assert "error=invalid_request" in response.headers["location"]
    assert kept["answer"]["members"]["error_description"] == "parameter missing: nonce"
    page = html.unescape(developer.get(f"/console/clients/{TRIAL}/requests/{kept['number']}?lang=en").text)
    for rule in broken(kept):
        assert WORDS[rule].mend_en in page
        assert RULES[rule].clause in page
    japanese = developer.get(f"/console/clients/{TRIAL}/requests/{kept['number']}?lang=ja").text
    assert all(WORDS[rule].mend in japanese for rule in broken(kept))


def test_what_is_broken_first_is_what_was_answered(developer: Developer) -> None:
    """The rules are the engine's."""
    key = ClientKey.generate()
    party = RelyingParty(developer.trial.client_id, developer.trial.redirect_uri, key)
    response, pending = developer.ask(developer.trial)
    answer = developer.redeem(party, pending, response.headers["location"], redirect_uri="http://localhost:1/other")
    kept = developer.last()
    assert broken(kept) == ["assertion_signature", "code_redirect_uri"]
    told = next(each for each in kept["findings"] if each["standing"] == "broken")
    assert answer.json() == {"error": told["error"], "error_description": told["description"]}


def test_a_client_that_is_not_registered_is_a_stranger(developer: Developer) -> None:
    developer.ask(developer.trial, client_id="RP99999999", state=None)
    kept = developer.last(STRANGERS)
    assert broken(kept) == ["client_registered", "state"]
    assert developer.get(f"/console/clients/{STRANGERS}").status_code == 200


def test_a_form_of_another_kind_is_told_as_such(developer: Developer) -> None:
    address = developer.provider.token_endpoint
    developer.http.post(address, json={"grant_type": "authorization_code"})
    kept = developer.last(STRANGERS)
    assert broken(kept) == ["form"]
    assert kept["answer"]["status"] == 400


def test_a_client_is_registered_in_the_browser_and_logs_in_at_once(developer: Developer) -> None:
    party = developer.register("browser-made", "http://localhost:3000/callback")
    assert "id_token" in developer.log_in(party)
    stored = (developer.town.ground.clients / "browser-made.json").read_text("utf-8")
    pem = party.key.private_pem().decode()
    assert not any(line in stored for line in pem.splitlines()[1:-1])
    again = developer.post(
        "/console/clients", {"name": "browser-made", "redirect_uris": "http://localhost:1/", "algorithm": "ES256"}
    )
    assert again.status_code == 403
    assert "PRIVATE KEY" not in again.text


@pytest.mark.parametrize(
    "form",
    [
        {"name": "no such/name", "redirect_uris": "http://localhost:1/", "algorithm": "ES256"},
        {"name": "remote", "redirect_uris": "http://example.jp/", "algorithm": "ES256"},
        {"name": "hash", "redirect_uris": "http://localhost:1/#x", "algorithm": "ES256"},
        {"name": "none", "redirect_uris": "", "algorithm": "ES256"},
        {"name": "weak", "redirect_uris": "http://localhost:1/", "algorithm": "HS256"},
    ],
)
def test_what_cannot_be_registered_is_told(developer: Developer, form: dict[str, str]) -> None:
    page = developer.post("/console/clients", form)
    assert page.status_code == 400
    assert not (developer.town.ground.clients / f"{form['name']}.json").exists()


def test_redirect_uris_are_changed(developer: Developer) -> None:
    """The keys stay."""
    party = developer.register("moving", "http://localhost:3000/old")
    changed = developer.post(f"/console/clients/{party.client_id}", {"redirect_uris": "http://localhost:3000/new"})
    assert changed.status_code == 303
    assert "redirect_uri" in broken_after(developer, party)
    moved = RelyingParty(party.client_id, "http://localhost:3000/new", party.key)
    assert "id_token" in developer.log_in(moved)
    fault = developer.post(f"/console/clients/{party.client_id}", {"redirect_uris": "http://example.jp/"})
    assert fault.status_code == 400


def broken_after(developer: Developer, party: RelyingParty) -> list[str]:
    developer.ask(party)
    return broken(developer.last(party.client_id))


def test_strong_logins_are_switched_on_and_off(developer: Developer) -> None:
    form = {"name": "strong", "redirect_uris": "http://localhost:3000/cb", "algorithm": "ES256"}
    developer.post("/console/clients", {**form, "phishing_resistant": "yes"})
    kept = developer.town.ground.clients / "strong.json"
    client_id = json.loads(kept.read_bytes())["id"]
    assert json.loads(kept.read_bytes())["phishing_resistant"] is True
    assert re.search('name="phishing_resistant"[^>]* checked', developer.get(f"/console/clients/{client_id}").text)
    developer.post(f"/console/clients/{client_id}", {"redirect_uris": "http://localhost:3000/cb"})
    assert "phishing_resistant" not in json.loads(kept.read_bytes())
    wrong = {"redirect_uris": "http://example.jp/", "phishing_resistant": "yes"}
    refused = developer.post(f"/console/clients/{client_id}", wrong)
    assert refused.status_code == 400
    assert re.search('name="phishing_resistant"[^>]* checked', refused.text), "a refused form is shown as it was sent"
    assert ">http://example.jp/</textarea>" in refused.text


def test_a_client_has_a_token_at_the_operator_as_soon_as_it_is_registered(developer: Developer) -> None:
    party = developer.register("signing-soon", "http://localhost:3000/callback")
    token = (developer.town.folder / "platform" / f"{party.client_id}.token").read_text("ascii")
    address = f"{developer.town.addresses.platform}/platform/verify"
    statuses = [
        developer.http.post(address, json={}, headers={"authorization": f"Bearer {each}"}).status_code
        for each in (token, token[::-1])
    ]
    assert statuses == [400, 401]


def test_the_towns_own_clients_cannot_be_changed(developer: Developer) -> None:
    assert developer.post(f"/console/clients/{TRIAL}", {"redirect_uris": "http://localhost:1/"}).status_code == 404


def test_another_sites_page_cannot_register(developer: Developer) -> None:
    form = {"name": "evil", "redirect_uris": "http://localhost:1/", "algorithm": "ES256"}
    assert developer.post("/console/clients", form, origin="http://evil.example").status_code == 403


def test_a_request_is_sent_again_as_it_was(developer: Developer) -> None:
    """RFC 6749 §4.1.2, RFC 7523 §3: neither a code nor an assertion is good twice."""
    developer.log_in(developer.trial)
    number = developer.last()["number"]
    again = developer.post(f"/console/clients/{TRIAL}/requests/{number}/again", {"as": "sent"})
    assert again.headers["location"] == f"/console/clients/{TRIAL}/requests/{number + 1}"
    kept = developer.last()
    assert (kept["again"], broken(kept)) == (number, ["assertion_once", "code_once"])
    assert kept["answer"]["status"] == 401


def test_a_request_is_sent_again_edited(developer: Developer) -> None:
    developer.log_in(developer.trial)
    sent = developer.last()
    key, audience = developer.trial.key, developer.provider.token_endpoint
    fresh = dict(sent["parameters"]) | {"client_assertion": key.assertion(TRIAL, audience, CLOCK.now(), ENTROPY)}
    text = "\n".join(f"{name}={value}" for name, value in fresh.items())
    developer.post(f"/console/clients/{TRIAL}/requests/{sent['number']}/again", {"parameters": text})
    assert broken(developer.last()) == ["code_once"]


def test_an_authorization_request_is_sent_again_after_a_restart(developer: Developer) -> None:
    """What is not secret is all there; a value that is known in part only has to be written anew."""
    developer.ask(developer.trial, state=None)
    folder, kept = developer.town.folder / "console" / TRIAL, developer.last()
    older = {**kept, "number": kept["number"] + 1}
    (folder / f"{older['number']:08d}.json").write_text(json.dumps(older))
    path = f"/console/clients/{TRIAL}/requests/{older['number']}"
    assert developer.post(f"{path}/again", {"as": "sent"}).status_code == 403
    text = "\n".join(f"{name}={value}" for name, value in [*older["parameters"], ("state", "given")])
    assert developer.post(f"{path}/again", {"parameters": text}).status_code == 303
    assert broken(developer.last()) == []
    unknown = developer.post(f"{path}/again", {"parameters": "code=abcdef…(43)"})
    assert unknown.status_code == 403
    bare = {**older, "number": older["number"] + 9, "parameters": []}
    (folder / f"{bare['number']:08d}.json").write_text(json.dumps(bare))
    page = developer.get(f"/console/clients/{TRIAL}/requests/{bare['number']}?lang=en").text
    assert "cannot be sent again" in page, "nothing could be edited"


def test_the_signing_api_is_watched_too(developer: Developer) -> None:
    url = f"{developer.town.addresses.sandbox}/api/sign-transactions"
    developer.http.post(url, json={"digest": "AAAA"}, headers={"authorization": "Bearer not-a-token-of-anybody"})
    kept = developer.last(STRANGERS)
    assert (kept["kind"], broken(kept)) == ("submission", ["service_token", "digest"])
    developer.http.get(f"{url}/5f0c2a6e-0000-4000-8000-000000000001/result")
    assert broken(developer.last(STRANGERS)) == ["token_presented"]


def test_registrations_of_other_processes_are_taken_up_for_who_has_the_key(developer: Developer) -> None:
    assert developer.post("/console/registrations", {}).status_code == 401


def test_every_page_is_there_in_both_languages(developer: Developer) -> None:
    developer.ask(developer.trial)
    number = developer.last()["number"]
    paths = ["", f"/clients/{TRIAL}", f"/clients/{TRIAL}/requests/{number}"]
    paths += [f"/clients/{TRIAL}/code/{stack}" for stack in STACKS]
    for path in paths:
        for language in ("ja", "en"):
            assert developer.get(f"/console{path}?lang={language}").status_code == 200, path
    for path in ("/clients/RP99999999", f"/clients/{TRIAL}/requests/999999", f"/clients/{TRIAL}/code/cobol"):
        assert developer.get(f"/console{path}").status_code == 404, path


def test_requests_are_cleared(developer: Developer) -> None:
    party = developer.register("forgetful", "http://localhost:3000/callback")
    for _ in range(3):
        developer.ask(party)
    assert developer.post(f"/console/clients/{party.client_id}/requests/clear", {"all": "but-last"}).status_code == 303
    assert [each["number"] for each in developer.requests(party.client_id)] == [3]


def test_a_refusal_for_another_reason_is_told_as_such(developer: Developer) -> None:
    """What is played by the sandbox breaks no rule."""
    address = developer.provider.authorization_endpoint
    developer.ask(developer.trial)
    pairs = dict(developer.last()["parameters"])
    developer.get(f"{address}?{urlencode(pairs)}", {HEADER: "outcome=cancelled"})
    kept = developer.last()
    assert (broken(kept), kept["answer"]["members"]["error"]) == ([], "access_denied")
    page = developer.get(f"/console/clients/{TRIAL}/requests/{kept['number']}?lang=en").text
    assert "and yet it was refused" in page


# --- parts ---


def test_a_value_has_whatever_is_no_line_of_a_form() -> None:
    """HTML: a textarea's lines end in CR LF. A state may have NEL or LINE SEPARATOR in it, which a client got wrong."""
    assert Edited.read("state=a\x85b\u2028c\r\nnonce=d\r\n").pairs == (("state", "a\x85b\u2028c"), ("nonce", "d"))


def test_every_rule_of_the_engine_has_words_in_both_languages() -> None:
    assert WORDS.keys() == RULES.keys()
    for words in WORDS.values():
        assert all((words.asks, words.asks_en, words.mend, words.mend_en))
        assert words.asks_en.isascii()
        assert words.mend_en.isascii()


def test_the_ring_forgets_the_oldest_and_survives(tmp_path: Path) -> None:
    ring, sent = Ring(tmp_path, most=3), Sent(Kind.TOKEN, "POST", "/", b"", (), b"", CLOCK.now())
    assert [ring.add("RP1", {}, sent) for _ in range(5)] == [1, 2, 3, 4, 5]
    assert [each["number"] for each in ring.all("RP1")] == [5, 4, 3]
    assert ring.whole("RP1", 2) is None
    later = Ring(tmp_path, most=3)
    assert [each["number"] for each in later.all("RP1")] == [5, 4, 3]
    assert (later.whole("RP1", 5), later.add("RP1", {}, sent)) == (None, 6)


def test_every_program_reads_the_settings_and_keeps_what_protects() -> None:
    """No program has an address or an id in it, and each checks what a client must."""
    for stack in STACKS.values():
        text = program(stack)
        lower = text.lower()
        assert all(word in text for word in ("login.json", "LOGIN_ENVIRONMENT"))
        assert "nonce" in lower
        assert "ES256" in text or "EcdsaSha256" in text
        assert not any(word in text for word in ("localhost:8", "RP0000", "auth-and-sign"))


def test_the_settings_that_the_console_hands_out_are_those_of_the_services_client(developer: Developer) -> None:
    """One file for every language: `warifu.services` logs in with it, too."""
    party = developer.register("settled", "http://localhost:3000/callback")
    file = developer.get(f"/console/clients/{party.client_id}/code/python/login.json").content
    settings = ClientSettings.decode(file).moved("sandbox")
    assert settings.current.metadata == replace(developer.provider, sign_transactions_endpoint=None)
    assert "id_token" in developer.log_in(settings.party(party.key))
    assert {"warifu", "sandbox", "examiner", "test", "production"} == settings.environments.keys()
