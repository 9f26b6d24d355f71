"""Whatever a card command says on stderr, in words, traces, errors and tracebacks, it says nothing of the holder's."""

from pathlib import Path

import pytest

from tests.cli.card_town import pin_file, run
from warifu.cardmap import birth_date_key
from warifu.reader import TextSession
from warifu.town.town import Town

PERSONA = ("--persona", "gaiji")
WRONG_PIN, WRONG_PASSWORD, WRONG_NUMBER = "8531", "WRONG999", "987654321098"
NEW_PIN = "9642"


@pytest.fixture
def holder(quiet_town: Town) -> dict[str, str]:
    """Everything of the holder that must not be said."""
    with quiet_town.card("gaiji") as card:
        session = TextSession(card)
        session.verify("5678")
        attributes, number = session.attributes(), session.number()
    return {
        "name": attributes.name.text,
        "address": attributes.address.text,
        "birth date": attributes.birth_date.digits,
        "birth date as printed": birth_date_key(attributes.birth_date),
        "number": number.reveal(),
        "authentication PIN": "1234",
        "text PIN": "5678",
        "signing password": "ABC123",
    }


COMMANDS = {
    "info": ("card", "info"),
    "certificate": ("card", "certificate", "sign"),
    "text": ("card", "read", "text", "--individual-number"),
    "common": ("card", "read", "common"),
    "verify": ("card", "verify"),
    "probe": ("card", "probe"),
    "status": ("pin", "status"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=list(COMMANDS))
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_what_is_said_beside_a_result_tells_nothing(
    quiet_town: Town, holder: dict[str, str], command: tuple[str, ...], lang: str
) -> None:
    ended = run(quiet_town, "--debug", *command, *PERSONA, "--trace", "--json", lang=lang)
    assert ended.exit_code == 0, ended.stderr
    assert "->" in ended.stderr
    assert told_in(ended.stderr, list(holder.values())) == []


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        (("card", "certificate", "sign"), WRONG_PASSWORD),
        (("card", "read", "text"), WRONG_PIN),
        (("card", "read", "age"), "010101"),
        (("card", "read", "face", "--credential", "b"), "01010120350000"),
        (("card", "read", "face", "--credential", "a"), WRONG_NUMBER),
        (("card", "verify"), WRONG_PIN),
        (("pin", "change", "text", "--new-pin-file", "NEW"), WRONG_PIN),
        (("pin", "change", "sign", "--new-pin-file", "NEW"), WRONG_PASSWORD),
        (("pin", "change", "auth", "--new-pin-file", "NEW"), "not a PIN 8531"),
    ],
)
def test_what_is_said_of_a_wrong_secret_does_not_tell_it(
    quiet_town: Town, holder: dict[str, str], tmp_path: Path, command: tuple[str, ...], wrong: str
) -> None:
    new = pin_file(tmp_path, NEW_PIN)
    arguments = [new if word == "NEW" else word for word in command]
    ended = run(
        quiet_town, "--debug", *arguments, *PERSONA, "--trace", "--force", "--pin-file", pin_file(tmp_path, wrong)
    )
    assert ended.exit_code in (1, 4), ended.output
    assert "Traceback" in ended.stderr
    assert told_in(ended.output, [wrong, NEW_PIN, *holder.values()]) == []


def told_in(said: str, private: list[str]) -> list[str]:
    """Which of these stand in what was said, as they are or in hexadecimal; paths of the test itself left out."""
    lines = [line for line in said.splitlines() if "  File " not in line]
    plain = "\n".join(lines).lower()
    packed = plain.replace(" ", "")
    return [each for each in private if each.lower() in plain or each.encode().hex() in packed]
