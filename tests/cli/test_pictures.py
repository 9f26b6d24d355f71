"""A card's pictures in a terminal, and where there is none."""

import io
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.card_town import pin_file, run
from tests.real.terminal import Terminal
from warifu.card import grey_rows, ink_rows
from warifu.cli.pictures import dots, half_blocks
from warifu.errors import Malformed
from warifu.reader import TextSession
from warifu.town.town import Town

COLOURS = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "", "WARIFU_CONFIG": ""}
COLOURS |= {"COLUMNS": "80", "LINES": "25"}  # whatever they are where the tests are started
ESCAPE, HALF = "\x1b[", "▀"


def png(rows: list[str], mode: str = "1") -> bytes:
    """A picture out of rows of letters; x is ink."""
    picture = Image.new(mode, (len(rows[0]), len(rows)))
    picture.putdata([0 if each == "x" else 255 for each in "".join(rows)])
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


# --- pictures of letters ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "letter"),
    [
        ([b"\0\xff", b"\xff\xff", b"\xff\xff", b"\xff\xff"], "⠁"),
        ([b"\xff\xff", b"\xff\xff", b"\xff\xff", b"\xff\0"], "⢀"),
        ([b"\0\0", b"\0\0", b"\0\0", b"\0\0"], "⣿"),
        ([b"\xff\0"], "⠈"),
        ([b"\0"], "⠁"),
        ([b"\xff\xff"], ""),
    ],
)
def test_ink_is_dots(rows: list[bytes], letter: str) -> None:
    """The Unicode Standard, Braille Patterns: dots 1 to 8 are the bits of U+2800."""
    assert list(dots(rows)) == [letter]


def test_two_rows_of_grey_are_one_line_and_equal_pixels_one_segment() -> None:
    (line, last) = half_blocks([b"\x10\x10\x20", b"\x30\x30\x30", b"\x00\x00\x00"])
    assert [segment.text for segment in line] == [HALF * 2, HALF]
    style = line[0].style
    assert style is not None
    assert (style.color and style.color.triplet, style.bgcolor and style.bgcolor.triplet) == ((16,) * 3, (48,) * 3)
    assert [segment.style.bgcolor.triplet for segment in last if segment.style and segment.style.bgcolor] == [
        (255,) * 3
    ]


def test_paper_around_the_lines_is_left_out() -> None:
    assert ink_rows(png(["....", ".x..", ".xx.", "...."]), 100, 100) == [b"\0\xff", b"\0\0"]


def test_a_picture_is_made_smaller_and_never_larger() -> None:
    rows = grey_rows(png(["xxxx", "xxxx", "....", "...."], "L"), 2, 100)
    assert rows == [b"\0\0", b"\xff\xff"]
    assert grey_rows(png(["x."], "L"), 100, 100) == [b"\0\xff"]


@pytest.mark.parametrize("picture", [b"", b"no picture", png(["x"])[:20]])
def test_what_is_no_picture_is_malformed(picture: bytes) -> None:
    with pytest.raises(Malformed):
        ink_rows(picture, 10, 10)


# --- the command ------------------------------------------------------------------------------------------------------


def in_terminal(town: Town, *arguments: str, **environment: str) -> str:
    data = str(town.ground.directory.parent)
    command = [sys.executable, "-m", "warifu", "--lang", "en", "--data-directory", data, *arguments]
    with Terminal(command, COLOURS | environment) as terminal:
        assert terminal.wait() == 0, terminal.said
    return terminal.said


def lines_after(said: str, heading: str) -> str:
    return said.partition(f"\r\n{heading}\r\n")[2].partition("\r\n")[0]


def test_a_terminal_shows_the_face(quiet_town: Town) -> None:
    """What the town lists opens it."""
    said = in_terminal(quiet_town, "card", "read", "face", "--persona", "ordinary")
    assert HALF in lines_after(said, "portrait")
    assert f"{ESCAPE}38;2;" in said
    assert any("\u2801" <= each <= "\u28ff" for each in lines_after(said, "name"))
    assert "\r\nindividual number\r\n" not in said


def test_a_terminal_without_greys_shows_the_lines(quiet_town: Town) -> None:
    said = in_terminal(quiet_town, "card", "read", "face", "--persona", "ordinary", NO_COLOR="1")
    assert any("\u2801" <= each <= "\u28ff" for each in lines_after(said, "name"))
    assert HALF not in said
    assert "portrait: this terminal has too few colours; --save FOLDER keeps it" in said


def test_a_terminal_shows_the_picture_of_the_number_when_told_to(quiet_town: Town, tmp_path: Path) -> None:
    with quiet_town.card("ordinary") as card:
        session = TextSession(card)
        session.verify("5678")
        number = pin_file(tmp_path, session.number().reveal())
    asked = ("card", "read", "face", "--persona", "ordinary", "--credential", "a", "--pin-file", number)
    said = in_terminal(quiet_town, *asked, "--individual-number")
    assert any("\u2801" <= each <= "\u28ff" for each in lines_after(said, "individual number"))


def test_a_terminal_shows_the_specimen(quiet_town: Town, tmp_path: Path) -> None:
    drawn = str(tmp_path / "card.png")
    said = in_terminal(quiet_town, "card", "read", "face", "--persona", "foreign", "--specimen", drawn)
    lines = said.partition("\r\nspecimen\r\n")[2].splitlines()
    assert [line.count(HALF) for line in lines] == [80] * 25


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_pipe_gets_no_picture_and_says_how_to_keep_them(quiet_town: Town, options: tuple[str, ...]) -> None:
    ended = run(quiet_town, "card", "read", "face", "--persona", "ordinary", *options)
    assert ended.exit_code == 0, ended.stderr
    assert not any(each in ended.output for each in (ESCAPE, HALF))
    assert ("--save FOLDER keeps them" in ended.stderr) is (options == ())


def test_pictures_that_were_kept_need_no_advice(quiet_town: Town, tmp_path: Path) -> None:
    ended = run(quiet_town, "card", "read", "face", "--persona", "ordinary", "--save", str(tmp_path / "pictures"))
    assert "keeps them" not in ended.stderr
    assert sorted(path.name for path in (tmp_path / "pictures").iterdir()) == [
        "address.png",
        "name.png",
        "portrait.jp2",
    ]


# --- the year on a foreign resident's card ----------------------------------------------------------------------------


@pytest.mark.parametrize(("persona", "western"), [("foreign", True), ("ordinary", False)])
@pytest.mark.parametrize("credential", ["a", "b"])
def test_a_specimen_has_the_year_of_the_face(
    quiet_town: Town, tmp_path: Path, persona: str, western: bool, credential: str
) -> None:
    """Of the era, or on a foreign resident's card Western: matching number B tells which."""
    with quiet_town.card(persona) as card:
        session = TextSession(card)
        session.verify("5678")
        number = pin_file(tmp_path, session.number().reveal())
    opened = ("--credential", "a", "--pin-file", number) if credential == "a" else ()
    asked = ("card", "read", "face", "--persona", persona, *opened)
    pictures = {}
    for name, more in (("as read", ()), ("western", ("--western-year",))):
        path = tmp_path / f"{name}.png"
        assert run(quiet_town, *asked, "--specimen", str(path), *more).exit_code == 0
        pictures[name] = path.read_bytes()
    assert (pictures["as read"] == pictures["western"]) is western
