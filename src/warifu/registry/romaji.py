"""Katakana in Latin letters, as certificates spell municipalities: Hepburn, long vowels not marked.

A vowel that only lengthens the one before it is left out: ウ after u and o, オ after o (チュウオウ is chuo, オオサカ
osaka); once a vowel, so that トウオン is toon. A middle dot parts words whose vowels do not run together (マツ・ウラ is
matsuura).

Source: the spelling of certificates that were described (``Kiyose-shi``, ``Shibuya-ku``, ``Tokyo-to``); ヘボン式 of
外務省 for long vowels. Modelled: n before b, m and p, and no apostrophe before a vowel.
"""

from typing import Final

from warifu.errors import Malformed

_ROWS: Final = {
    "": "アイウエオ",
    "k": "カキクケコ",
    "s": "サシスセソ",
    "t": "タチツテト",
    "n": "ナニヌネノ",
    "h": "ハヒフヘホ",
    "m": "マミムメモ",
    "y": "ヤ\0ユ\0ヨ",
    "r": "ラリルレロ",
    "w": "ワヰ\0ヱヲ",
    "g": "ガギグゲゴ",
    "z": "ザジズゼゾ",
    "d": "ダヂヅデド",
    "b": "バビブベボ",
    "p": "パピプペポ",
}
_ODD: Final = {
    "シ": "shi",
    "チ": "chi",
    "ツ": "tsu",
    "フ": "fu",
    "ジ": "ji",
    "ヂ": "ji",
    "ヅ": "zu",
    "ヰ": "i",
    "ヱ": "e",
    "ヲ": "o",
    "ン": "n",
    "ヴ": "vu",
    "ァ": "a",
    "ィ": "i",
    "ゥ": "u",
    "ェ": "e",
    "ォ": "o",
    "ヶ": "ga",
    "ヵ": "ka",
}
_SYLLABLES: Final = {
    kana: consonant + vowel
    for consonant, row in _ROWS.items()
    for kana, vowel in zip(row, "aiueo", strict=True)
    if kana != "\0"
} | _ODD
_GLIDES: Final = {"ャ": "ya", "ュ": "yu", "ョ": "yo"}
_LENGTHENS: Final = {("u", "ウ"), ("o", "ウ"), ("o", "オ")}


def romaji(reading: str) -> str:
    """The reading in lower-case Latin letters.

    Raises:
        Malformed: a character that is no katakana, or a small one that follows nothing.
    """
    spelled: list[str] = []
    doubled = lengthened = False
    for kana in reading:
        if not lengthened and spelled and (spelled[-1][-1:], kana) in _LENGTHENS:
            lengthened = True
            continue
        lengthened = False
        if kana == "ッ":
            doubled = True
        elif kana in _GLIDES:
            spelled[-1:] = [_glide(spelled[-1] if spelled else "", kana)]
        elif kana == "・":
            spelled.append("")
        elif kana != "ー":
            syllable = _syllable(kana)
            spelled.append(("t" if syllable[0] == "c" else syllable[0]) + syllable if doubled else syllable)
            doubled = False
    return "".join(spelled)


def _syllable(kana: str) -> str:
    if kana not in _SYLLABLES:
        raise Malformed("a reading is written in katakana")
    return _SYLLABLES[kana]


def _glide(before: str, kana: str) -> str:
    if len(before) < 2 or not before.endswith("i"):
        raise Malformed("a small ya, yu or yo follows an i")
    # shi + ya is sha, chi + yo cho, ji + yu ju; ki + ya is kya.
    stem, glide = before[:-1], _GLIDES[kana]
    return stem + (glide[1:] if stem.endswith(("sh", "ch", "j")) else glide)
