"""The nation's municipalities, against their check digits, counts and spellings that were published elsewhere."""

from collections import Counter

import pytest

from warifu.errors import Malformed, NotFound, WrongCheckDigit
from warifu.registry import find_place, places, romaji
from warifu.town.places import MUNICIPALITIES


def test_every_municipality_is_there() -> None:
    """総務省「全国地方公共団体コード」: 792 市, 743 町, 183 村, 23 特別区; 171 wards of 20 cities."""
    names = [each.municipality.name for each in places().values()]
    wards = [name for name in names if "市" in name and name.endswith("区")]
    assert len(wards) == 171
    kinds = Counter(name[-1] for name in names)
    assert kinds - Counter({"区": 171}) == {"市": 792, "町": 743, "村": 183, "区": 23}
    assert sum(each.divided for each in places().values()) == 20
    assert len({each.municipality.code[:2] for each in places().values()}) == 47


@pytest.mark.parametrize(
    ("code", "prefecture", "name", "prefecture_romaji", "romaji_"),
    [
        ("131130", "東京都", "渋谷区", "Tokyo-to", "Shibuya-ku"),
        ("132217", "東京都", "清瀬市", "Tokyo-to", "Kiyose-shi"),
        ("011011", "北海道", "札幌市中央区", "Hokkaido", "Sapporo-shi-Chuo-ku"),
        ("271004", "大阪府", "大阪市", "Osaka-fu", "Osaka-shi"),
        ("442127", "大分県", "豊後大野市", "Oita-ken", "Bungoono-shi"),
        ("422088", "長崎県", "松浦市", "Nagasaki-ken", "Matsuura-shi"),
        ("016420", "北海道", "広尾町", "Hokkaido", "Hiroo-cho"),
        ("382159", "愛媛県", "東温市", "Ehime-ken", "Toon-shi"),
        ("353051", "山口県", "周防大島町", "Yamaguchi-ken", "Suooshima-cho"),
        ("221392", "静岡県", "浜松市浜名区", "Shizuoka-ken", "Hamamatsu-shi-Hamana-ku"),
        ("363219", "徳島県", "佐那河内村", "Tokushima-ken", "Sanagochi-son"),
        ("133621", "東京都", "利島村", "Tokyo-to", "Toshima-mura"),
        ("012076", "北海道", "帯広市", "Hokkaido", "Obihiro-shi"),
        ("015130", "北海道", "中頓別町", "Hokkaido", "Nakatonbetsu-cho"),
    ],
)
def test_a_municipality_by_its_six_digits(
    code: str, prefecture: str, name: str, prefecture_romaji: str, romaji_: str
) -> None:
    """Names and codes as municipalities' own pages give them; spellings as their own addresses on the net have them."""
    found = find_place(code).municipality
    assert (found.code6, found.prefecture, found.name) == (code, prefecture, name)
    assert (found.prefecture_romaji, found.name_romaji) == (prefecture_romaji, romaji_)
    assert find_place(code[:5]).municipality == found


def test_the_towns_municipalities_are_those_of_the_nation() -> None:
    for code, municipality in MUNICIPALITIES.items():
        assert find_place(code).municipality == municipality


def test_no_two_municipalities_of_a_prefecture_are_spelled_alike() -> None:
    """Their revocation lists would have one name (RFC 5280 §5.2.5), and a verifier could take one for the other."""
    spelled = Counter(
        (each.municipality.prefecture_romaji, each.municipality.name_romaji) for each in places().values()
    )
    assert [key for key, count in spelled.items() if count > 1] == []
    alike = [find_place(code).municipality.name_romaji for code in ("01361", "01514")]
    assert alike == ["Hiyama-gun-Esashi-cho", "Esashi-gun-Esashi-cho"]


def test_an_unknown_code_is_not_found() -> None:
    with pytest.raises(NotFound):
        find_place("13999")
    with pytest.raises(NotFound):
        find_place("13000")


def test_a_wrong_check_digit_is_told() -> None:
    with pytest.raises(WrongCheckDigit):
        find_place("131131")


@pytest.mark.parametrize("code", ["", "1311", "1311300", "1311x", "1311３"])
def test_a_code_that_is_none_is_malformed_or_not_found(code: str) -> None:
    with pytest.raises((Malformed, NotFound)):
        find_place(code)


@pytest.mark.parametrize(
    ("reading", "spelled"),
    [
        ("チュウオウ", "chuo"),
        ("オオサカ", "osaka"),
        ("トウオン", "toon"),
        ("マツ・ウラ", "matsuura"),
        ("サッポロ", "sapporo"),
        ("ハッチョウ", "hatcho"),
        ("ギョウジャ", "gyoja"),
        ("シュウナン", "shunan"),
        ("ジュウモンジ", "jumonji"),
        ("ニセコ", "niseko"),
        ("アヅミノ", "azumino"),
        ("ヂャ", "ja"),
        ("リュウガサキ", "ryugasaki"),
        ("ミナミアルプス", "minamiarupusu"),
        ("コーヒー", "kohi"),
        ("ン", "n"),
        ("", ""),
    ],
)
def test_katakana_in_latin_letters(reading: str, spelled: str) -> None:
    assert romaji(reading) == spelled


@pytest.mark.parametrize("reading", ["しぶや", "渋谷", "A", "ャ", "アョ", "ンャ"])
def test_what_is_no_katakana_is_malformed(reading: str) -> None:
    with pytest.raises(Malformed):
        romaji(reading)
