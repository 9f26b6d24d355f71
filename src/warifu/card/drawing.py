"""Drawing: the pictures on a card's face, for whoever personalises one, and a specimen card out of pictures read.

Everything is invented on the spot: no photograph goes in, and a specimen says 見本 across. Pillow and a font are needed
(the extra ``images``), and are loaded when something is drawn; `stock_pictures` does without.
"""

from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files

from warifu.card.digits import draw_digits
from warifu.cardmap import FaceFile, NumberImage
from warifu.errors import Malformed, Unavailable
from warifu.person import Address, IndividualNumber, Name

_NEEDED = ("PIL", "pylopdf_fonts_jp")
_CODE_LENGTH = 4
_STOCK = ("name.png", "address.png", "portrait.jp2")


@dataclass(frozen=True, slots=True, repr=False)
class Pictures:
    """The pictures that a card's visual application holds: four PNG of 1 bit, and the portrait as a grey JP2."""

    name: bytes
    address: bytes
    portrait: bytes
    number: bytes
    security_code: bytes

    def __repr__(self) -> str:
        return "Pictures(not shown)"


def draw_pictures(name: Name, address: Address, number: IndividualNumber, security_code: str, seed: bytes) -> Pictures:
    """Draw what a person's card shows; the portrait is of nobody and follows from `seed`.

    Characters that the font lacks become 〓, as in print before they were cut.

    Raises:
        Malformed: the security code is not four digits, or a text is too wide for its picture.
        Unavailable: the extra ``images`` is not installed.
    """
    _check_installed()
    from warifu.card import drawing_portrait, drawing_text

    _check_code(security_code)
    return Pictures(
        drawing_text.draw_name(name.text),
        drawing_text.draw_address(address.text),
        drawing_portrait.draw_portrait(seed),
        draw_digits(number.reveal()),
        draw_digits(security_code),
    )


def stock_pictures(number: IndividualNumber, security_code: str) -> Pictures:
    """The pictures of a card whose face was not drawn: 見本 for the name, 模擬 for the address, one portrait for all.

    They were drawn once by the modules here and ship with warifu; number and security code are the card's own.

    Raises:
        Malformed: the security code is not four digits.
    """
    _check_code(security_code)
    stock = files("warifu.card").joinpath("stock")
    name, address, portrait = (stock.joinpath(each).read_bytes() for each in _STOCK)
    return Pictures(name, address, portrait, draw_digits(number.reveal()), draw_digits(security_code))


def draw_front(file: FaceFile, *, western_year: bool = False) -> bytes:
    """A specimen of a card's front out of its face, PNG; `western_year` as on a foreign resident's card.

    It looks like no official card: no emblem, no pattern, 見本 across.

    Raises:
        Malformed: a picture cannot be opened.
        Unavailable: the extra ``images`` is not installed.
    """
    _check_installed()
    from warifu.card import drawing_specimen

    return drawing_specimen.draw_front(file, western_year=western_year)


def draw_back(image: NumberImage | None = None) -> bytes:
    """A specimen of a card's back, PNG: with the individual number only if its picture is given.

    Raises:
        Malformed: the picture cannot be opened.
        Unavailable: the extra ``images`` is not installed.
    """
    _check_installed()
    from warifu.card import drawing_specimen

    return drawing_specimen.draw_back(image)


def grey_rows(picture: bytes, width: int, height: int) -> list[bytes]:
    """A card's picture no wider and no higher than this, a row a string, a byte a pixel: 0 black to 255 white.

    Raises:
        Malformed: the picture cannot be opened.
        Unavailable: the extra ``images`` is not installed.
    """
    _check_installed()
    from warifu.card import drawing_opened

    return drawing_opened.grey_rows(picture, width, height)


def ink_rows(picture: bytes, width: int, height: int) -> list[bytes]:
    """A picture of lines without the paper around them, no wider and no higher than this: 0 ink, 255 paper.

    Raises:
        Malformed: the picture cannot be opened.
        Unavailable: the extra ``images`` is not installed.
    """
    _check_installed()
    from warifu.card import drawing_opened

    return drawing_opened.ink_rows(picture, width, height)


def _check_code(security_code: str) -> None:
    if len(security_code) != _CODE_LENGTH or not (security_code.isascii() and security_code.isdigit()):
        raise Malformed("a security code has four digits")


def _check_installed() -> None:
    try:
        for each in _NEEDED:
            import_module(each)
    except ImportError as error:
        missing = Unavailable("drawing pictures needs Pillow and a font, which are not installed", detail=str(error))
        missing.add_note("pip install 'warifu[images]'")
        raise missing from error
