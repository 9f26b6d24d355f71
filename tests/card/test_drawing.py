"""The pictures on a card's face, drawn, and specimens drawn out of them."""

import io
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from PIL import Image

from tests.cardmap.test_genuineness import CARD, public_key
from tests.person import people
from tests.waiting import PATIENCE
from warifu.card import (
    Pictures,
    draw_back,
    draw_front,
    draw_pictures,
    drawing_portrait,
    drawing_text,
    stock_pictures,
)
from warifu.card.digits import draw_digits
from warifu.cardmap import Face, FaceFile, NumberImage, png_size
from warifu.errors import Malformed
from warifu.person import Address, BirthDate, IndividualNumber, Name, Sex

NAME, ADDRESS = Name("割符　花子"), Address("東京都架空市見本町１－２－３")
NUMBER = IndividualNumber.of_body("12345678901")
PICTURES = draw_pictures(NAME, ADDRESS, NUMBER, "2285", b"seed")
MISSING = "\ue000"
"""A private use character, which the font has no glyph for."""


def opened(picture: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(picture))
    image.load()
    return image


def ink(picture: bytes) -> bytes:
    return opened(picture).convert("L").tobytes()


def face_file(pictures: Pictures = PICTURES, sex: Sex = Sex.FEMALE) -> FaceFile:
    born = BirthDate.decode("19990101")
    face = Face(born, sex, public_key(CARD), pictures.name, pictures.address, pictures.portrait)
    return FaceFile(face, b"x" * 256, date(2035, 1, 1), pictures.security_code)


# --- the pictures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("picture", "size"),
    [
        (PICTURES.name, (480, 60)),
        (PICTURES.address, (640, 84)),
        (PICTURES.number, (72, 12)),
        (PICTURES.security_code, (24, 12)),
    ],
    ids=["name", "address", "number", "security code"],
)
def test_texts_are_png_of_one_bit(picture: bytes, size: tuple[int, int]) -> None:
    """The number has 72×12 pixels and the security code 24×12 on the card seen (soltia48/myna-card)."""
    image = opened(picture)
    assert (image.format, image.mode, image.size) == ("PNG", "1", size)
    assert png_size(picture) == size
    assert len(set(ink(picture))) == 2, "ink on paper"


def test_the_portrait_is_a_grey_jpeg_2000() -> None:
    image = opened(PICTURES.portrait)
    assert (image.format, image.mode, image.size) == ("JPEG2000", "L", (252, 324))
    assert PICTURES.portrait[4:8] == b"jP  "


def test_the_pictures_fit_their_files() -> None:
    """READ BINARY reaches 32767; the table allocates less."""
    assert len(face_file().encode()) < 16384
    assert len(NumberImage(PICTURES.number, public_key(CARD), b"x" * 256).encode()) < 1024


def test_the_same_seed_draws_the_same_face_and_another_one_another() -> None:
    assert draw_pictures(NAME, ADDRESS, NUMBER, "2285", b"seed") == PICTURES
    portraits = {drawing_portrait.draw_portrait(bytes((each,))) for each in range(6)}
    assert len(portraits) == 6


@pytest.mark.parametrize("digit", "0123456789")
def test_a_digit_has_six_by_twelve_pixels_and_looks_like_no_other(digit: str) -> None:
    others = {ink(draw_digits(each)) for each in "0123456789" if each != digit}
    assert png_size(draw_digits(digit)) == (6, 12)
    assert ink(draw_digits(digit)) not in others


def test_digits_stand_side_by_side() -> None:
    number = opened(PICTURES.number).convert("L")
    for at, digit in enumerate(NUMBER.reveal()):
        alone = opened(draw_digits(digit)).convert("L")
        assert number.crop((6 * at, 0, 6 * at + 6, 12)).tobytes() == alone.tobytes()


@pytest.mark.parametrize("letter", "髙﨑𠮷德濵㐂亜腕弌熙")
def test_hard_characters_have_shapes_of_their_own(letter: str) -> None:
    """外字 inside and outside the BMP, the first and last characters of JIS X 0208 levels 1 and 2."""
    assert drawing_text.draw_name(letter) != drawing_text.draw_name("〓")


def test_a_variation_selector_chooses_the_shape() -> None:
    """葛 with U+E0100 and U+E0101 (Adobe-Japan1 collection of the Ideographic Variation Database)."""
    shapes = {drawing_text.draw_name("葛" + selector) for selector in ("\U000e0100", "\U000e0101")}
    assert len(shapes) == (2 if drawing_text.font(40).layout_engine else 1)


def test_what_the_font_lacks_becomes_a_geta() -> None:
    assert drawing_text.draw_name("山" + MISSING) == drawing_text.draw_name("山〓")


def test_a_mark_stays_with_its_letter() -> None:
    """か with U+3099 is one letter, wherever a line ends."""
    assert drawing_text._clusters("か\u3099葛\U000e0100Z") == ["か\u3099", "葛\U000e0100", "Z"]


@pytest.mark.parametrize(("letters", "draw"), [(100, drawing_text.draw_name), (200, drawing_text.draw_address)])
def test_the_longest_text_is_drawn_to_its_last_letter(letters: int, draw: Callable[[str], bytes]) -> None:
    whole = draw("山" * letters)
    assert ink(whole) != ink(draw("山" * (letters - 1)))


def test_a_text_that_fits_in_no_size_is_malformed() -> None:
    """A register's longest name is 100 characters; some signs are as wide as two."""
    with pytest.raises(Malformed):
        drawing_text.draw_name("山" * 300)


@given(people.names, people.addresses)
@settings(max_examples=15)
def test_whoever_it_is_can_be_drawn(name: Name, address: Address) -> None:
    pictures = draw_pictures(name, address, NUMBER, "0000", b"")
    assert png_size(pictures.name) == (480, 60)
    assert png_size(pictures.address) == (640, 84)


@pytest.mark.parametrize("code", ["", "228", "22855", "228a", "２２８５"])
def test_a_security_code_has_four_digits(code: str) -> None:
    with pytest.raises(Malformed):
        draw_pictures(NAME, ADDRESS, NUMBER, code, b"seed")
    with pytest.raises(Malformed):
        stock_pictures(NUMBER, code)


def test_stock_pictures_were_drawn_here() -> None:
    """The three files that ship are what the drawing modules draw; libraries may pack them otherwise."""
    stock = stock_pictures(NUMBER, "2285")
    assert ink(stock.name) == ink(drawing_text.draw_name("見本"))
    assert ink(stock.address) == ink(drawing_text.draw_address("模擬のカードです（warifu）"))
    drawn = drawing_portrait.paint(b"stock").tobytes()
    shipped = opened(stock.portrait).tobytes()
    assert max(abs(one - other) for one, other in zip(drawn, shipped, strict=True)) < 48, (
        "only compression lies between"
    )
    assert (stock.number, stock.security_code) == (PICTURES.number, PICTURES.security_code)


def test_pictures_are_not_shown() -> None:
    assert repr(PICTURES) == str(PICTURES) == "Pictures(not shown)"


# --- specimens --------------------------------------------------------------------------------------------------------


def test_a_specimen_has_the_size_of_a_card() -> None:
    """ISO/IEC 7810 ID-1 at 300 dots an inch."""
    for side in (draw_front(face_file()), draw_back()):
        assert (opened(side).format, png_size(side)) == ("PNG", (1012, 638))


def test_the_front_shows_what_the_face_holds() -> None:
    other = replace(PICTURES, portrait=drawing_portrait.draw_portrait(b"other"))
    sides = {draw_front(face_file()), draw_front(face_file(other)), draw_front(face_file(sex=Sex.MALE))}
    assert len(sides) == 3
    assert draw_front(face_file(), western_year=True) not in sides


def test_a_front_without_a_portrait_is_drawn() -> None:
    assert png_size(draw_front(face_file(replace(PICTURES, portrait=b"")))) == (1012, 638)


def test_the_back_shows_the_number_only_when_it_is_given() -> None:
    image = NumberImage(PICTURES.number, public_key(CARD), b"x" * 256)
    other = NumberImage(draw_digits("0" * 12), public_key(CARD), b"x" * 256)
    assert len({draw_back(), draw_back(image), draw_back(other)}) == 3


@pytest.mark.parametrize("member", ["name", "address", "portrait", "security_code"])
def test_a_damaged_picture_of_a_card_is_malformed(member: str) -> None:
    damaged = replace(PICTURES, **{member: getattr(PICTURES, member)[:60]})
    with pytest.raises(Malformed):
        draw_front(face_file(damaged))


def test_a_picture_larger_than_any_on_a_card_is_malformed() -> None:
    written = io.BytesIO()
    Image.new("1", (4001, 1)).save(written, "PNG")
    with pytest.raises(Malformed):
        draw_front(face_file(replace(PICTURES, name=written.getvalue())))


# --- without the extra ------------------------------------------------------------------------------------------------

WITHOUT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in ('PIL', 'pylopdf_fonts_jp'):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
from warifu import card
from warifu.errors import Unavailable
try:
    card.draw_back()
except Unavailable as error:
    print(error, error.__notes__)
"""


def test_without_the_extra_drawing_says_what_to_install() -> None:
    found = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert (
        found.stdout
        == "drawing pictures needs Pillow and a font, which are not installed [\"pip install 'warifu[images]'\"]\n"
    )


def test_nothing_is_loaded_before_something_is_drawn() -> None:
    script = "import sys, warifu.card; print([name for name in ('PIL', 'pylopdf_fonts_jp') if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert found.stdout == "[]\n"
