"""A recorded exchange: our own is the same again, another provider's differs where it does; neither has secrets."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.town.console_world import Developer, running
from tests.town.exchange_world import SECRETS, Tools, other_provider
from warifu import services
from warifu.cli.root import root
from warifu.errors import NotFound
from warifu.services import Recording
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.exchange_replay import Replay


@pytest.fixture(scope="module")
def developer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Developer]:
    with running(tmp_path_factory.mktemp("exchange") / "town") as made:
        yield made


def replayed(developer: Developer, recorded: Recording) -> Recording:
    return Replay(developer.provider, developer.trial, SystemClock(), SystemEntropy()).run(recorded)


def test_our_own_exchange_is_the_same_again(developer: Developer) -> None:
    """Whatever is different at each login has a label; nothing else differs."""
    tools = Tools(developer.provider.issuer, developer.trial, "persona=ordinary")
    tools.go()
    recorded = services.record(services.read_har(tools.har()), developer.provider.issuer)
    kinds = [step.step for step in recorded.steps]
    resource = ["userinfo", "userinfo", "token"]
    assert kinds == ["discovery", "jwks", "authorization", "token", *resource, "authorization", "authorization"]
    assert recorded.steps[6].answer["members"]["error"] == "invalid_grant"
    assert recorded.steps[8].answer["callback"]["error"] == "access_denied"
    again = Recording.decode(recorded.encode())
    assert list(services.compare(again, replayed(developer, again))) == []
    assert list(services.compare(again, replayed(developer, again))) == []


def test_a_persona_that_nobody_is_makes_no_difference_of_the_provider(developer: Developer) -> None:
    tools = Tools(developer.provider.issuer, developer.trial, "persona=ordinary")
    tools.go()
    login = services.record(services.read_har(tools.har()), developer.provider.issuer)
    replay = Replay(developer.provider, developer.trial, SystemClock(), SystemEntropy(), "ordinry")
    with pytest.raises(NotFound, match="nobody in this town is called 'ordinry'"):
        replay.run(login)


def test_another_providers_exchange_is_different_where_it_is(developer: Developer) -> None:
    with other_provider() as issuer:
        tools = Tools(issuer, developer.trial)
        tools.go()
    recorded = services.record(services.read_har(tools.har()), issuer)
    found = {
        (one.number, one.where): (one.theirs, one.ours)
        for one in services.compare(recorded, replayed(developer, recorded))
    }
    assert found[3, "callback.iss"] == ("{issuer}", "–")
    assert found[3, "callback.session_state"] == ("–", "(text)")
    assert found[4, "members.expires_in"] == ("3600", "300")
    assert found[4, "members.token_type"] == ("bearer", "Bearer")
    assert found[4, "members.id_token.lifetime"] == ("3600", "300")
    assert found[4, "members.id_token.claims.email"] == ("a@a.a", "–")
    assert found[4, "cache_control"] == ("–", "no-store")
    assert found[7, "members.error"] == ("invalid_request", "invalid_grant")
    assert found[5, "members.birthdate"] == ("9999-99-99", "99999999")
    assert found[5, "members.address"] == ("(dict)", "字")
    assert found[6, "status"] == ("400", "401")
    assert found[8, "callback.error"] == ("–", "invalid_request")
    assert found[9, "callback.error"] == ("user_cancelled_authorize", "access_denied")
    assert (1, "members.scopes_supported") in found


def test_nothing_secret_is_recorded(developer: Developer) -> None:
    with other_provider() as issuer:
        tools = Tools(issuer, developer.trial)
        tools.go()
    har = tools.har()
    text = services.record(services.read_har(har), issuer).encode().decode()
    assert not any(secret in text for secret in SECRETS)
    for entry in services.read_har(har):
        for name, value in entry.parameters:
            if name in {"state", "nonce", "code_verifier", "code_challenge", "client_assertion", "code"}:
                assert value not in text, name
    assert '"{code 1}"' in text
    assert '"{code_verifier 1}"' in text


def test_by_command(developer: Developer, tmp_path: Path) -> None:
    """Recorded from a file, replayed to the provider that is named; the exit code tells."""
    tools = Tools(developer.provider.issuer, developer.trial, "persona=ordinary")
    tools.go()
    (tmp_path / "login.har").write_bytes(tools.har())
    out, key = tmp_path / "exchange.json", tmp_path / "key.pem"
    key.write_bytes(developer.trial.key.private_pem())
    made = run("record", str(tmp_path / "login.har"), "--issuer", developer.provider.issuer, "--out", str(out))
    assert made.exit_code == 0, made.output
    where = ("--issuer", developer.provider.issuer, "--client-id", developer.trial.client_id)
    who = ("--key", str(key), "--redirect-uri", developer.trial.redirect_uri)
    same = run("replay", str(out), *where, *who)
    assert (same.exit_code, same.stderr.strip()) == (0, "no differences"), same.output
    told = json.loads(out.read_text())
    told["steps"][3]["answer"]["members"]["expires_in"] = 60
    out.write_text(json.dumps(told))
    otherwise = run("replay", str(out), *where, *who, "--json")
    assert otherwise.exit_code == 1
    assert json.loads(otherwise.stdout) == [
        {"number": 4, "step": "token", "where": "members.expires_in", "recorded": "60", "ours": "300"}
    ]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(root, ["--lang", "en", "client", *arguments], prog_name="warifu")
