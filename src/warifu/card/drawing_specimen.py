"""Specimens: a card's two sides redrawn from the pictures on its chip, 見本 across, like no official card."""

import datetime as dt

from PIL import Image, ImageDraw

from warifu.card.drawing_opened import open_picture
from warifu.card.drawing_text import font, png
from warifu.cardmap import FaceFile, NumberImage
from warifu.person import BirthDate, Sex

SIZE = (1012, 638)
"""ISO/IEC 7810 ID-1, 85.60×53.98 mm, at 300 dots an inch."""
_PAPER, _EDGE, _LABEL, _INK, _ACROSS = 255, 120, 110, 20, 150
_MARGIN = 50
_FIELDS_X = 380
_SEXES = {Sex.MALE: "男", Sex.FEMALE: "女", Sex.NOT_APPLICABLE: "－", Sex.UNKNOWN: "－"}


def draw_front(file: FaceFile, *, western_year: bool) -> bytes:
    """The front: portrait left, fields right."""
    side = _Side("表")
    face = file.face
    if face.portrait:
        side.picture(open_picture(face.portrait), (_MARGIN, 150), (290, 380))
    side.field("氏名", 120)
    side.picture(open_picture(face.name), (_FIELDS_X, 145), (580, 70))
    side.field("住所", 230)
    side.picture(open_picture(face.address), (_FIELDS_X, 255), (580, 90))
    side.field("生年月日", 360, _birth_date(face.birth_date, western_year))
    side.field("性別", 440, _SEXES[face.sex])
    side.field("有効期限", 520, _date(file.expiry))
    side.field("セキュリティコード", 520, x=700)
    side.picture(open_picture(file.security_code), (700, 552), (96, 48))
    return side.finished()


def draw_back(image: NumberImage | None) -> bytes:
    """The back: the individual number, or a line where it would stand."""
    side = _Side("裏")
    side.field("個人番号", 250, "" if image else "（表示していません）", x=_MARGIN + 20)
    if image:
        side.picture(open_picture(image.picture), (_MARGIN + 20, 285), (580, 97))
    return side.finished()


class _Side:
    """One side of the card while it is drawn."""

    def __init__(self, name: str) -> None:
        self._canvas = Image.new("L", SIZE, 255)
        self._pen = ImageDraw.Draw(self._canvas)
        edge = (8, 8, SIZE[0] - 9, SIZE[1] - 9)
        self._pen.rounded_rectangle(edge, radius=38, fill=_PAPER, outline=_EDGE, width=3)
        self._pen.text((_MARGIN, 44), f"見本 SPECIMEN  {name}", fill=_INK, font=font(34))
        self._pen.text((SIZE[0] - _MARGIN, 50), "warifu", fill=_LABEL, font=font(26), anchor="ra")

    def field(self, label: str, y: int, text: str = "", *, x: int = _FIELDS_X) -> None:
        """A label, and under it the text if it is no picture."""
        self._pen.text((x, y), label, fill=_LABEL, font=font(20))
        self._pen.text((x, y + 28), text, fill=_INK, font=font(32))

    def picture(self, picture: Image.Image, at: tuple[int, int], room: tuple[int, int]) -> None:
        """A picture as large as its room allows."""
        scale = min(room[0] / picture.width, room[1] / picture.height)
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        self._canvas.paste(picture.resize(size, Image.Resampling.BOX), at)

    def finished(self) -> bytes:
        """The side with 見本 across everything, as PNG."""
        word = Image.new("L", SIZE, 0)
        ImageDraw.Draw(word).text((SIZE[0] / 2, SIZE[1] / 2), "見　本", fill=_ACROSS, font=font(240), anchor="mm")
        self._canvas.paste(_EDGE, mask=word.rotate(18, Image.Resampling.BILINEAR))
        return png(self._canvas)


def _birth_date(birth_date: BirthDate, western_year: bool) -> str:
    return f"{_date(birth_date.date)}生" if western_year else birth_date.face


def _date(date: dt.date) -> str:
    return f"{date.year}年{date.month}月{date.day}日"
