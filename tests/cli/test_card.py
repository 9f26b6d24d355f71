"""``warifu card``: what it prints, what it wants, how it ends."""

import os
from pathlib import Path

import pytest
from cryptography import x509

from tests.cli.card_town import pin_file, result_of, run
from warifu.cli import failures
from warifu.cli.texts import speak
from warifu.errors import NoCard, NotOnCard
from warifu.ports import Connection
from warifu.reader import Traced
from warifu.reader.credentials import APPLICATION_NAMES
from warifu.testing import SoftwareCard
from warifu.town.town import Town

# --- info -------------------------------------------------------------------------------------------------------------


def test_info_needs_no_pin_and_has_stable_keys(quiet_town: Town) -> None:
    told = result_of(run(quiet_town, "card", "info", "--persona", "ordinary", "--json"))
    assert told.keys() == {
        "reader",
        "persona",
        "atr",
        "generation",
        "kind",
        "token",
        "applications",
        "certificates",
        "tries_left",
    }
    assert (told["generation"], told["kind"], told["persona"]) == ("A", "card", "ordinary")
    assert told["applications"]["jpki"]
    assert told["applications"]["text"]
    assert told["certificates"].keys() == {"authentication", "authentication_ca", "signing", "signing_ca"}
    assert told["tries_left"]["authentication_pin"] == 3


def test_info_tells_the_dates_that_are_free_and_no_others(quiet_town: Town) -> None:
    """The signing certificate names its holder; without its password not even its dates are known."""
    told = result_of(run(quiet_town, "card", "info", "--persona", "ordinary", "--json"))["certificates"]
    assert told["authentication"]["not_after"].endswith("+00:00")
    assert told["signing"] == {"present": True, "not_before": None, "not_after": None}


def test_info_of_a_child_s_card_has_no_signing_certificate(quiet_town: Town) -> None:
    told = result_of(run(quiet_town, "card", "info", "--persona", "child", "--json"))
    assert told["certificates"]["signing"]["present"] is False


@pytest.mark.parametrize(("lang", "word"), [("en", "authentication certificate"), ("ja", "利用者証明用電子証明書")])
def test_info_speaks_both_languages(quiet_town: Town, lang: str, word: str) -> None:
    ended = run(quiet_town, "card", "info", "--persona", "ordinary", lang=lang)
    assert ended.exit_code == 0
    assert word in ended.stdout


# --- certificate ------------------------------------------------------------------------------------------------------


def test_the_authentication_certificate_comes_in_pem_without_a_pin(quiet_town: Town) -> None:
    ended = run(quiet_town, "card", "certificate", "auth", "--persona", "ordinary")
    assert (ended.exit_code, ended.stderr) == (0, "")
    certificate = x509.load_pem_x509_certificate(ended.stdout.encode())
    authority = run(quiet_town, "card", "certificate", "auth-ca", "--persona", "ordinary").stdout
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.encode()))


def test_the_signing_certificate_takes_its_password_and_says_the_tries_first(quiet_town: Town) -> None:
    ended = run(quiet_town, "card", "certificate", "sign", "--persona", "ordinary")
    assert ended.exit_code == 0
    assert ended.stderr == "signing password: 5 tries left\n"
    assert x509.load_pem_x509_certificate(ended.stdout.encode()).serial_number


def test_der_goes_to_a_file(quiet_town: Town, tmp_path: Path) -> None:
    out = tmp_path / "auth.der"
    arguments = ("card", "certificate", "auth", "--persona", "ordinary", "--format", "der", "--out", str(out))
    ended = run(quiet_town, *arguments)
    assert (ended.exit_code, ended.stdout) == (0, "")
    assert x509.load_der_x509_certificate(out.read_bytes()).serial_number


@pytest.mark.skipif(os.name == "nt", reason="no such modes")
def test_what_names_its_holder_is_written_for_its_owner_alone(quiet_town: Town, tmp_path: Path) -> None:
    out = tmp_path / "sign.pem"
    ended = run(quiet_town, "card", "certificate", "sign", "--persona", "ordinary", "--out", str(out))
    assert (ended.exit_code, out.stat().st_mode & 0o777) == (0, 0o600)


def test_the_certificate_in_json_has_stable_keys(quiet_town: Town) -> None:
    told = result_of(run(quiet_town, "card", "certificate", "sign-ca", "--persona", "ordinary", "--json"))
    assert told.keys() == {"which", "certificate", "not_before", "not_after"}


def test_a_child_s_card_has_no_signing_certificate_to_take(quiet_town: Town) -> None:
    ended = run(quiet_town, "card", "certificate", "sign", "--persona", "child")
    assert ended.exit_code == 1
    assert ended.stderr.splitlines()[0] == "not on this card: the signing certificate"
    assert "hint: " in ended.stderr


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NotOnCard("the JPKI application"), "カードにありません（公的個人認証AP）"),
        (NotOnCard("the text PIN"), "カードにありません（券面事項入力補助用暗証番号）"),
        (NotOnCard("file 0001"), "カードにありません（ファイル 0001）"),
        (NotOnCard("the signing certificate"), "カードにありません（署名用電子証明書）"),
        (NotOnCard("a signing key for SHA-256 values"), "カードにありません（SHA-256の値に署名する鍵）"),
    ],
)
def test_what_is_missing_is_said_in_japanese(error: NotOnCard, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    speak("ja")
    failures.report(error, debug=False)
    assert capsys.readouterr().err.splitlines()[0] == said


def test_every_application_has_a_japanese_name() -> None:
    assert set(APPLICATION_NAMES.values()) <= set(failures._THINGS)


def test_a_wrong_password_is_counted_and_not_shown(quiet_town: Town, tmp_path: Path) -> None:
    wrong = pin_file(tmp_path, "WRONG999")
    ended = run(quiet_town, "card", "certificate", "sign", "--persona", "renamed", "--pin-file", wrong, "--trace")
    assert ended.exit_code == 1
    assert "wrong signing password, 4 tries left" in ended.stderr
    assert "WRONG999" not in ended.output
    assert b"WRONG999".hex() not in ended.output.lower()


# --- which card -------------------------------------------------------------------------------------------------------


def test_a_persona_and_a_reader_exclude_each_other(quiet_town: Town) -> None:
    ended = run(quiet_town, "card", "info", "--persona", "ordinary", "--reader", "x")
    assert ended.exit_code == 2
    assert "--persona and --reader exclude each other" in ended.stderr


def test_an_unknown_persona_is_refused(quiet_town: Town) -> None:
    assert run(quiet_town, "card", "info", "--persona", "nobody").exit_code == 1


def test_a_card_that_is_held_elsewhere_is_in_use(quiet_town: Town) -> None:
    with quiet_town.card("ordinary"):
        assert run(quiet_town, "card", "info", "--persona", "ordinary").exit_code == 3


# --- probe ------------------------------------------------------------------------------------------------------------


def test_a_survey_is_shown_without_anything_of_the_holder(quiet_town: Town) -> None:
    first = run(quiet_town, "card", "probe", "--persona", "ordinary", "--json")
    told = result_of(first)
    assert list(told) == ["atr", "token", "files", "sizes", "manager", "behaviour", "differences"]
    assert told == result_of(run(quiet_town, "card", "probe", "--persona", "long-address", "--json"))
    assert "can be published" in first.stderr


@pytest.mark.parametrize(("lang", "word"), [("en", "can be published"), ("ja", "公開できます")])
def test_a_survey_says_that_it_can_be_published(quiet_town: Town, lang: str, word: str) -> None:
    ended = run(quiet_town, "card", "probe", "--persona", "ordinary", lang=lang)
    assert ended.exit_code == 0
    assert word in ended.stderr


# --- trace ------------------------------------------------------------------------------------------------------------


def test_a_trace_names_commands_and_files(quiet_town: Town) -> None:
    ended = run(quiet_town, "card", "certificate", "auth", "--persona", "ordinary", "--trace")
    lines = ended.stderr.splitlines()
    assert lines[0] == "00 A4 04 0C  SELECT application JPKI  ->  9000 OK"
    assert "00 A4 02 0C  SELECT 000A (AUTHENTICATION_CERTIFICATE)  ->  9000 OK" in lines
    assert ended.stdout.startswith("-----BEGIN CERTIFICATE-----")


def traced(connection: Connection, *commands: str) -> list[str]:
    told: list[str] = []
    card = Traced(connection, told.append)
    for command in commands:
        card.transmit(bytes.fromhex(command))
    return told


def test_a_trace_shows_no_data_of_any_command_or_answer(my_number_card: SoftwareCard) -> None:
    """Whatever goes over the wire with more than four bytes in a row is somebody's."""
    select = "00A4040C0A D3921000310001010408"
    commands = (select, "00A4020C020011", "0020008004 35363738", "00A4020C020002", "00B0000000", "00A4020C020001")
    told = "\n".join(traced(my_number_card.connection, *commands, "00B0000000", "0024018004 39393939"))
    sensitive = ["5678", "35363738", "9999", "39393939", my_number_card.attributes.name.text, "123456789018"]
    sensitive += [my_number_card.attributes.name.text.encode().hex(), b"123456789018".hex()]
    assert [each for each in sensitive if each in told.lower().replace(" ", "")] == []
    assert "VERIFY, secret not shown" in told


def test_a_trace_tells_what_the_connection_raised() -> None:
    class Gone:
        atr = b""

        def transmit(self, command: bytes) -> bytes:
            raise NoCard(detail=command[:4].hex())

        def power_cycle(self) -> None: ...

    told: list[str] = []
    with pytest.raises(NoCard):
        Traced(Gone(), told.append).transmit(bytes.fromhex("00200080"))
    assert told == ["00 20 00 80  VERIFY: how many tries are left?  ->  NoCard"]


def test_bytes_that_are_no_command_are_told_as_such(my_number_card: SoftwareCard) -> None:
    assert traced(my_number_card.connection, "0020008004 31") == ["00 20 00 80  not a command  ->  6700 WRONG_LENGTH"]
