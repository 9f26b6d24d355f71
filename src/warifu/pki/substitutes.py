"""Substitute characters (代替文字): what a certificate writes for a character outside its character set.

A signing certificate writes names and addresses in the characters of JIS X 0208 and JIS X 0212 (levels 1 and 2 and the
supplementary kanji). Any other character is replaced by one that stands for it, and its position is marked.

Modelled: the set is what Python's EUC-JP codec encodes; the municipality's choice of a substitute is a short table of
common variants, else 〓 (geta mark).
"""

_VARIANTS = str.maketrans("髙﨑𠮷﨔德濵栁𣘺𠀋𥔎栁", "高崎吉欅徳濱柳橋丈碕柳")
_GETA = "〓"
# Full-width forms whose EUC-JP twin is another code point of the same sign.
_SAME_SIGN = frozenset("－～∥￠￡￢―")
_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


def substitute(text: str) -> tuple[str, str]:
    """The text in certificate characters, and one digit for each of its characters: 1 if it is a substitute."""
    if _is_certifiable(text):
        return text, "0" * len(text)
    characters: list[str] = []
    marks: list[str] = []
    for character in text:
        if _is_selector(character):
            # The variation is lost, so the base character becomes a substitute for it.
            if marks:
                marks[-1] = "1"
        elif _is_certifiable(character):
            characters.append(character)
            marks.append("0")
        else:
            characters.append(_stand_in(character))
            marks.append("1")
    return "".join(characters), "".join(marks)


def _stand_in(character: str) -> str:
    stand_in = character.translate(_VARIANTS)
    return stand_in if stand_in != character else _GETA


def _is_selector(character: str) -> bool:
    return any(ord(character) in selectors for selectors in _SELECTORS)


def _is_certifiable(text: str) -> bool:
    try:
        text.encode("euc_jp")
    except UnicodeEncodeError:
        return text in _SAME_SIGN
    return True
