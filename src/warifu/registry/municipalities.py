"""The nation's municipalities: codes with their check digits, names, readings; and how certificates spell them.

A designated city is listed with its wards. Its people live in a ward, whose code their records and certificates carry.

Source: 総務省「全国地方公共団体コード」 (JIS X 0401, JIS X 0402), state of 2024-01-01: 47 prefectures, 1,741
municipalities, 171 wards. Suffixes by kind: -to, -fu, -ken; -shi, -ku, -machi or -cho, -mura or -son; a ward as
``Sapporo-shi-Chuo-ku``.

Modelled: two towns of one prefecture that would be spelled alike are spelled with their district (郡) in front, as a
ward is with its city: each has a revocation list, and a list is told from another by this name alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from warifu.errors import Malformed, NotFound, WrongCheckDigit
from warifu.person import Municipality, municipality_code_check_digit
from warifu.registry.romaji import romaji

_SUFFIXES: Final = {"都": ("ト",), "府": ("フ",), "県": ("ケン",), "市": ("シ",), "区": ("ク",)} | {
    "町": ("マチ", "チョウ"),
    "村": ("ムラ", "ソン"),
}
_CITY: Final = "市"
# 江差町 is in 檜山郡, 枝幸町 in 枝幸郡; the only two.
_DISTRICTS: Final = {"01361": "Hiyama-gun", "01514": "Esashi-gun"}


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality with the reading of its name in katakana; `divided` if its people live in its wards."""

    municipality: Municipality
    reading: str
    divided: bool


def find_place(code: str) -> Place:
    """The municipality of five digits, or of six with the check digit.

    Raises:
        Malformed: neither.
        WrongCheckDigit: the sixth digit does not match.
        NotFound: no municipality has that code.
    """
    if len(code) == 6 and municipality_code_check_digit(code[:5]) != code[5]:
        raise WrongCheckDigit
    if len(code) not in (5, 6):
        raise Malformed("a municipality's code has five digits, or six with the check digit")
    place = places().get(code[:5])
    if place is None:
        raise NotFound("no municipality has that code")
    return place


@cache
def places() -> Mapping[str, Place]:
    """All municipalities and wards by five digits, in the order of their codes."""
    rows = _rows()
    prefectures = {code[:2]: (name, _spell(name, reading)) for code, name, reading in rows if code[2:] == "000"}
    divided = {_city_of_ward(name) for _, name, _ in rows} - {""}
    cities: dict[str, tuple[str, str]] = {}
    found = {}
    for code, name, reading in rows:
        if code[2:] == "000":
            continue
        prefecture, prefecture_romaji = prefectures[code[:2]]
        city = _city_of_ward(name)
        if city in cities:
            spelled = "-".join((cities[city][0], _spell(name[len(city) :], reading[len(cities[city][1]) :])))
        else:
            spelled = "-".join((*_DISTRICTS.get(code, "").split(), _spell(name, reading)))
            cities[name] = (spelled, reading)
        municipality = Municipality(code, prefecture, name, prefecture_romaji, spelled)
        found[code] = Place(municipality, reading.replace("・", ""), name in divided)
    return MappingProxyType(found)


def _rows() -> list[tuple[str, str, str]]:
    text = files("warifu.registry").joinpath("municipalities.tsv").read_text("utf-8")
    lines = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    for code, _, _ in lines:
        if municipality_code_check_digit(code[:5]) != code[5]:
            raise WrongCheckDigit
    return [(code[:5], name, reading) for code, name, reading in lines]


def _city_of_ward(name: str) -> str:
    return name[: name.index(_CITY) + 1] if name.endswith("区") and _CITY in name else ""


def _spell(name: str, reading: str) -> str:
    for suffix in _SUFFIXES.get(name[-1], ()):
        if reading.endswith(suffix) and len(reading) > len(suffix):
            return f"{romaji(reading[: -len(suffix)]).capitalize()}-{romaji(suffix)}"
    return romaji(reading).capitalize()
