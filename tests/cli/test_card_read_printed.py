"""``warifu card read common``, ``age`` and ``face``: opened by what is printed, and checked before it is shown."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.cli.card_town import pin_file, result_of, run
from tests.cli.test_card_proofs import issuer_of, strange_anchor
from warifu.cardmap import KeyId, birth_date_key
from warifu.reader import Credential, TextSession, VisualSession, all_tries_left
from warifu.town.town import Town

PNG, JP2 = bytes.fromhex("89504e470d0a1a0a"), bytes.fromhex("0000000c6a502020")


@pytest.fixture
def printed(quiet_town: Town) -> tuple[str, str]:
    """What is printed on the card of `ordinary`: the six digits of the birth date, the individual number."""
    with quiet_town.card("ordinary") as card:
        session = TextSession(card)
        session.verify("5678")
        return birth_date_key(session.attributes().birth_date), session.number().reveal()


@pytest.fixture
def digits(printed: tuple[str, str], tmp_path: Path) -> str:
    return pin_file(tmp_path, printed[0])


@pytest.fixture
def number(printed: tuple[str, str], tmp_path: Path) -> str:
    return pin_file(tmp_path, printed[1])


def read(what: str, *options: str) -> tuple[str, ...]:
    return ("card", "read", what, "--persona", "ordinary", *options)


# --- common -----------------------------------------------------------------------------------------------------------


def test_the_common_record_needs_no_pin(quiet_town: Town) -> None:
    told = result_of(run(quiet_town, *read("common", "--json")))
    assert list(told) == ["serial", "municipality_code", "expiry"]
    assert len(told["serial"]) == 15


def test_it_warns_that_the_serial_follows_its_holder(quiet_town: Town) -> None:
    assert "follows its holder" in run(quiet_town, *read("common")).stderr


# --- age --------------------------------------------------------------------------------------------------------------


def test_the_birth_date_opens_the_age_record_and_is_checked(quiet_town: Town, digits: str) -> None:
    ended = run(quiet_town, *read("age", "--pin-file", digits, "--json", "--trace"))
    told = result_of(ended)
    assert list(told) == ["birth_date", "checks"]
    assert told["birth_date"] == quiet_town.find_card("ordinary")[0].birth_date
    assert told["checks"] == {"certificate": "ok", "integrity": "ok", "proof": "ok"}
    assert "FACE" not in ended.stderr


def test_a_wrong_birth_date_is_counted_and_not_shown(quiet_town: Town, tmp_path: Path) -> None:
    wrong = pin_file(tmp_path, "010199")
    ended = run(quiet_town, "card", "read", "age", "--persona", "renamed", "--pin-file", wrong)
    assert ended.exit_code == 1
    assert "wrong birth date key, 9 tries left" in ended.stderr
    assert "010199" not in ended.output


def test_a_birth_date_of_another_length_spends_no_try(quiet_town: Town, tmp_path: Path) -> None:
    wrong = pin_file(tmp_path, "19800217")
    assert run(quiet_town, *read("age", "--pin-file", wrong)).exit_code == 4
    with quiet_town.card("ordinary") as card:
        assert all_tries_left(card)[Credential.BIRTH_DATE] == 10


def test_without_the_key_above_the_birth_date_comes_with_a_remark(
    quiet_town: Town, digits: str, tmp_path: Path
) -> None:
    anchors = strange_anchor(tmp_path / "a", KeyId("9999999"))
    ended = run(quiet_town, *read("age", "--pin-file", digits, "--anchors", anchors))
    assert ended.exit_code == 0
    assert "whether it is genuine is unknown" in ended.stderr


def test_what_is_not_genuine_is_not_shown(quiet_town: Town, digits: str, tmp_path: Path) -> None:
    anchors = strange_anchor(tmp_path / "a", issuer_of(quiet_town, VisualSession))
    ended = run(quiet_town, *read("age", "--pin-file", digits, "--anchors", anchors, "--json"))
    assert (ended.exit_code, ended.stdout) == (1, "")


# --- face -------------------------------------------------------------------------------------------------------------


def face(*options: str) -> tuple[str, ...]:
    return read("face", "--credential", "a", *options)


def test_the_number_opens_the_face_and_is_not_shown(
    quiet_town: Town, number: str, printed: tuple[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    ended = run(quiet_town, *face("--pin-file", number, "--save", str(folder), "--json", "--trace"))
    told = result_of(ended)
    assert list(told) == ["birth_date", "sex", "expiry", "files", "checks"]
    assert sorted(path.name for path in folder.iterdir()) == ["address.png", "name.png", "portrait.jp2"]
    assert (folder / "name.png").read_bytes().startswith(PNG)
    assert (folder / "portrait.jp2").read_bytes().startswith(JP2)
    assert printed[1] not in ended.output
    assert "NUMBER_IMAGE" not in ended.stderr


def test_the_number_s_picture_is_saved_when_it_is_asked_for(quiet_town: Town, number: str, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    ended = run(quiet_town, *face("--pin-file", number, "--save", str(folder), "--individual-number"))
    assert ended.exit_code == 0, ended.stderr
    assert (folder / "number.png").read_bytes().startswith(PNG)
    assert os.name == "nt" or folder.stat().st_mode & 0o077 == 0
    assert "article 19" in ended.stderr


def test_a_saved_picture_is_never_written_over(quiet_town: Town, number: str, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "name.png").write_bytes(b"mine")
    ended = run(quiet_town, *face("--pin-file", number, "--save", str(folder)))
    assert ended.exit_code == 3
    assert (folder / "name.png").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--credential", "b", "--individual-number", "--save", "x"), "opens with matching number A alone"),
        (("--credential", "a", "--individual-number"), "needs --save"),
    ],
)
def test_what_cannot_be_opened_so_is_usage(quiet_town: Town, options: tuple[str, ...], said: str) -> None:
    ended = run(quiet_town, *read("face", *options))
    assert ended.exit_code == 2
    assert said in ended.stderr


def test_a_specimen_is_drawn_where_it_can_be(quiet_town: Town, number: str, tmp_path: Path) -> None:
    out = tmp_path / "specimen.png"
    ended = run(quiet_town, *face("--pin-file", number, "--specimen", str(out)))
    if find_spec("PIL") is None:
        assert ended.exit_code == 3
    else:
        assert ended.exit_code == 0, ended.stderr
        assert out.read_bytes().startswith(PNG)
