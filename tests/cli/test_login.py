"""``warifu login`` against a running town: what it prints, and how it ends."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result

from tests.journeys.running_town import served_town
from warifu.cli.root import root
from warifu.town.town import Town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served_town(tmp_path_factory.mktemp("data") / "town") as town:
        yield town


def run(town: Town, *arguments: str, stdin: str | None = None) -> Result:
    """Run the command with the town's data directory."""
    data = str(town.ground.directory.parent)
    environment = {"LC_ALL": "C", "WARIFU_CONFIG": ""}
    options = ["--data-directory", data, "login"]
    return CliRunner().invoke(root, [*options, *arguments], env=environment, input=stdin)


def result_of(ended: Result) -> dict[str, Any]:
    assert ended.exit_code == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def parameters(callback: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(callback.strip()).query)


def test_a_persona_logs_in_at_the_towns_shop(town: Town) -> None:
    result = run(town, "--persona", "ordinary")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith(f"{town.addresses.relying_party}/callback?")
    assert parameters(result.stdout).keys() == {"code", "state", "session_state"}
    assert result.stderr == ""


def test_the_resident_with_a_next_generation_card_logs_in_and_shares_everything(town: Town) -> None:
    """P-384 from the card to the provider, believed beside RSA; modelled."""
    told = result_of(run(town, "--persona", "next", "--follow", "--json"))
    assert told["shares"] == ["openid", "name", "address", "birthdate", "gender"]
    assert (told["error"], told["followed"]) == (None, 200)


def test_the_json_has_stable_keys_and_no_secrets_but_the_callback(town: Town) -> None:
    told = result_of(run(town, "--persona", "gaiji", "--follow", "--json"))
    assert told.keys() == {"callback", "shares", "error", "error_description", "followed"}
    assert told["shares"] == ["openid", "name", "address", "birthdate", "gender"]
    assert (told["error"], told["error_description"], told["followed"]) == (None, None, 200)


def test_without_attributes_openid_alone_is_shared(town: Town) -> None:
    told = result_of(run(town, "--persona", "text-blocked", "--without-attributes", "--json"))
    assert told["shares"] == ["openid"]


def test_a_blocked_text_pin_says_how_to_go_on_without(town: Town) -> None:
    """It is not needed to log in: without it `openid` alone is shared."""
    result = run(town, "--persona", "text-blocked")
    assert result.exit_code == 1
    assert result.stderr == "the text PIN is blocked\nhint: --without-attributes logs in without it\n"


@pytest.mark.parametrize(
    ("persona", "word", "said"),
    [
        ("deceased", "certificate_revoked", "the certificate has been revoked"),
        ("expired", "certificate_expired", "the certificate has expired"),
        ("suspended", "certificate_suspended", "the certificate is suspended"),
        ("blocked", "pin_blocked", "the authentication PIN is blocked"),
        ("face", "pin_blocked", "the authentication PIN is blocked"),  # as the phone has it
    ],
)
def test_a_refusal_prints_the_callback_and_exits_with_one(town: Town, persona: str, word: str, said: str) -> None:
    check_refused(run(town, "--persona", persona), word, said)


def check_refused(result: Result, word: str, said: str) -> None:
    assert result.exit_code == 1
    assert parameters(result.stdout)["error_description"] == [word]
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_the_last_try_is_spent_with_force_only(town: Town) -> None:
    """In one test: once it was spent well, there are as many tries again as at first."""
    check_refused(run(town, "--persona", "last-try"), "last_try", "1 try left")
    assert run(town, "--persona", "last-try", "--force").exit_code == 0


def test_cancelling_is_what_was_asked_for(town: Town) -> None:
    result = run(town, "--cancel")
    assert result.exit_code == 0, result.stderr
    assert parameters(result.stdout)["error_description"] == ["cancelled"]


def test_a_wrong_pin_comes_from_a_file_and_is_never_shown(town: Town) -> None:
    result = run(town, "--persona", "renamed", "--pin-file", "-", stdin="9753\n")
    assert result.exit_code == 1
    assert "wrong authentication PIN, 2 tries left" in result.stderr
    told = parameters(result.stdout)
    assert told.keys() == {"error", "error_description", "state"}
    assert "9753" not in result.stderr + str(told["error"] + told["error_description"])  # chance has the rest


def test_a_pin_file_that_is_no_text_is_malformed(town: Town, tmp_path: Path) -> None:
    """Its bytes appear nowhere: they may be a PIN in another encoding."""
    file = tmp_path / "pin"
    file.write_bytes(b"\x821234\n")
    result = run(town, "--persona", "renamed", "--pin-file", str(file))
    assert result.exit_code == 4
    assert result.stderr == "the PIN file is not UTF-8 text\n"


def test_an_address_of_another_provider_is_not_answered(town: Town) -> None:
    stranger = f"{town.addresses.town}/"
    result = run(town, stranger, "--persona", "ordinary")
    assert result.exit_code == 1
    assert "is not a provider that may be answered" in result.stderr


def test_nobody_there_is_unavailable(town: Town) -> None:
    assert run(town, "http://localhost:1/", "--persona", "ordinary").exit_code == 3


@pytest.mark.parametrize("arguments", [[], ["--persona", "ordinary", "--reader", "any"]])
def test_one_card_is_needed(town: Town, arguments: list[str]) -> None:
    result = run(town, *arguments)
    assert result.exit_code == 2
    assert "--persona" in result.stderr


def test_an_empty_address_is_no_login_at_the_shop(town: Town) -> None:
    """A script whose client made no request would take the shop's callback for its own."""
    result = run(town, "", "--persona", "ordinary")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "the ADDRESS is empty" in result.stderr


def test_an_unknown_persona_is_refused(town: Town) -> None:
    assert run(town, "--persona", "nobody").exit_code == 1


def test_without_a_town_it_says_how_to_found_one(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        root, ["--data-directory", str(tmp_path), "login", "--persona", "ordinary"], env={"LC_ALL": "C"}
    )
    assert result.exit_code == 1
    assert "hint: 'warifu town up' founds one" in result.stderr


# --- signing ----------------------------------------------------------------------------------------------------------

DIGEST = "00112233445566778899aabbccddeeff" * 2


def test_a_value_is_signed_and_verified_by_the_platform_operator(town: Town) -> None:
    """From the shop's service token to the operator's word, with every party a server."""
    told = result_of(run(town, "--persona", "ordinary", "--sign", DIGEST, "--follow", "--json"))
    assert told["shares"] == ["openid", "sign"]
    assert (told["error"], told["followed"]) == (None, 200)


def test_a_file_is_signed_by_its_digest(town: Town, tmp_path: Path) -> None:
    document = tmp_path / "document.txt"
    document.write_text("見本", "utf-8")
    assert (
        result_of(run(town, "--persona", "ordinary", "--sign", str(document), "--follow", "--json"))["followed"] == 200
    )


def test_who_moved_signs_and_the_operator_says_no(town: Town) -> None:
    """公的個人認証法 第12条第1項第1号: the login is good, the signing certificate is not."""
    told = result_of(run(town, "--persona", "moved", "--sign", DIGEST, "--follow", "--json"))
    assert (told["error"], told["followed"]) == (None, 403)


def test_a_child_cannot_sign(town: Town) -> None:
    ended = run(town, "--persona", "child", "--sign", DIGEST)
    assert ended.exit_code == 1
    assert parameters(ended.stdout)["error_description"] == ["not_on_card"]
    assert ended.stderr.startswith("not on this card: the signing certificate\n")


def test_signing_is_for_the_towns_shop_unless_a_client_asks(town: Town) -> None:
    ended = run(town, "http://localhost:1/", "--persona", "ordinary", "--sign", DIGEST)
    assert ended.exit_code == 2
