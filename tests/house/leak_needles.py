"""What must never be said, and how it would look if it were.

A number of eleven or twelve digits, a name, an address and a password are looked for as they are, in hexadecimal and in
base64; a private key by one of its primes, the same ways and in decimal. Four digits stand in any log as ports, lengths
and years, so a PIN counts as said where it is written as a card is told it (a command in hexadecimal), where it stands
in quotation marks, or beside a word that means PIN.

Much of what the suite says was made by chance (ids, nonces, digests, tokens), anew in each run, and what is short
comes up among it: "ABC123" once in 16 million places of hexadecimal, each PIN once in four thousand million. What is
short therefore counts only where chance does not put it: a password not in the middle of a token, and inside of
hexadecimal and base64 where readable text is around it, or a command to a card.
"""

import binascii
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key

__all__ = ["Needles"]

_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?<![0-9]\.)[0-9]{11,12}(?![0-9A-Za-z])")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}[ :]?){4,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{20,}")
_DECIMAL = re.compile(r"[0-9]{60,}")
_WORD = r"(?i:\bpins?\b|_pin\b|password|passcode|credential|secret|verify|presented|暗証番号|パスワード|照合番号)"
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s*[A-Za-z0-9+/]{16}")
_MARKS = ("\u3000", "\\u", "%E", "")
"""What stands in a name in one form or another, so that most texts need not be searched for most names."""
_SHORTEST_NAME, _SHORTEST_PASSWORD, _SLICE, _DIGITS = 3, 6, 12, 40
_LONG, _LONG_TEXT = 9, 12
"""Bytes, and letters, that do not come up by chance."""
_TOKEN, _AROUND = 14, 6
_SIDE = re.compile("[A-Z]?[a-z]*|[A-Z]*")
_BLOCK = re.compile(r"-----BEGIN [A-Z0-9 ]+-----[A-Za-z0-9+/=\s]+")
_BEFORE = re.compile(rf"{_WORD}[^0-9A-Za-z\n]{{0,12}}(?:(?:is|was|of) )?$")
_COMMAND = re.compile(rb"[\x00\x08\x80][\x20\x24\x32][\x00\x01]..$", re.DOTALL)
"""VERIFY, CHANGE REFERENCE DATA or CHANGE KEY, up to the length of its data."""


class Needles:
    """The secrets in play, gathered while they come into being."""

    def __init__(self) -> None:
        self._texts: dict[str, set[str]] = {mark: set() for mark in _MARKS}
        self._bytes: set[bytes] = set()
        self.numbers: set[str] = set()
        self.pins: set[str] = set()
        self._keys: set[bytes] = set()
        self._decimals: set[str] = set()
        self._seen_keys: set[bytes] = set()

    def as_now(self) -> "Needles":
        """The same, to which nobody adds any more."""
        made = Needles()
        made._texts = {mark: set(forms) for mark, forms in self._texts.items()}
        made._bytes, made.numbers, made.pins = set(self._bytes), set(self.numbers), set(self.pins)
        made._keys, made._decimals = set(self._keys), set(self._decimals)
        return made

    def add_text(self, text: str) -> None:
        """A name, an address or a password that is not four digits."""
        if len(text) < _SHORTEST_NAME or text.encode() in self._bytes:
            return
        self._bytes.add(text.encode())
        # U+3000 is written as it is, or escaped: Python's repr does so, ASCII and addresses escape everything.
        for form in (text, repr(text)[1:-1], ascii(text)[1:-1], quote(text)):
            mark = next(mark for mark in _MARKS if mark in form)
            self._texts[mark].add(form)

    def add_pin(self, pin: str) -> None:
        """Whatever opens a card: four digits, or something that is not mistaken for anything else."""
        if re.fullmatch(r"[0-9]{4,10}", pin):
            self.pins.add(pin)
        elif re.fullmatch(r"[0-9]{11,12}", pin):
            self.numbers.add(pin)
        elif len(pin) >= _SHORTEST_PASSWORD:
            self.add_text(pin)

    def add_key(self, der: bytes) -> None:
        """A private key, PKCS#8 DER; what is none is left to those who test it."""
        if der in self._seen_keys:
            return
        self._seen_keys.add(der)
        try:
            key = load_der_private_key(der, None)
        except (ValueError, TypeError):
            return
        for value in _private_values(key):
            whole = value.to_bytes((value.bit_length() + 7) // 8, "big")
            self._keys.add(whole[:_SLICE])
            self._decimals.add(str(value)[:_DIGITS])

    def found_in(self, text: str) -> Iterator[str]:
        """What of it stands in the text, by kind; never the secret itself."""
        if any(
            each in text and _says(text, each) for mark, forms in self._texts.items() if mark in text for each in forms
        ):
            yield "a name, an address or a password"
        if any(found[0] in self.numbers for found in _NUMBER.finditer(text)):
            yield "a number"
        if _PEM.search(text) or any(run[0][:_DIGITS] in self._decimals for run in _DECIMAL.finditer(text)):
            yield "a private key"
        if any(self._says_pin(text, pin) for pin in self.pins if pin in text):
            yield "a PIN"
        for blob, packing, before in _unpacked(text):
            for kind in self._found_in_bytes(blob, packing, before):
                yield f"{kind} in {packing}"

    def _says_pin(self, text: str, pin: str) -> bool:
        if re.search(rf"['\"]{pin}['\"]", text):
            return True
        alone = rf"(?<![0-9A-Za-z.:/-]){pin}(?![0-9A-Za-z./-])"
        between = r"[^0-9A-Za-z\n]{0,12}(?:(?:is|was|of) )?"
        return re.search(rf"{_WORD}{between}{alone}|{alone}[^0-9A-Za-z\n]{{0,6}}{_WORD}", text) is not None

    def _found_in_bytes(self, blob: bytes, packing: str, before: str) -> Iterator[str]:
        if any(each in blob and _holds(blob, each) for each in self._bytes):
            yield "a name, an address or a password"
        if any(found[0].decode() in self.numbers for found in re.finditer(rb"(?<![0-9])[0-9]{11,12}(?![0-9])", blob)):
            yield "a number"
        # Base64 is everywhere, and any four bytes come up in enough of it.
        if packing == "hexadecimal" and any(self._holds_pin(blob, each, before) for each in self.pins):
            yield "a PIN"
        if any(blob[at : at + _SLICE] in self._keys for at in range(len(blob) - _SLICE + 1)):
            yield "a private key"

    def _holds_pin(self, blob: bytes, pin: str, before: str) -> bool:
        secret = pin.encode()
        if secret not in blob:
            return False
        alone = blob == secret and _BEFORE.search(before) is not None
        return alone or _is_told_to_a_card(blob, secret) or self._says_pin(blob.decode("latin-1"), pin)


def _says(text: str, secret: str) -> bool:
    """Whether it is meant where it stands: not in the middle of letters that chance made."""
    if len(secret) >= _LONG_TEXT or not secret.isascii():
        return True
    text = _BLOCK.sub("", text)
    places = [each.span() for each in re.finditer(re.escape(secret), text)]
    return any(_is_meant(text[max(start - 64, 0) : start], text[end : end + 64]) for start, end in places)


def _is_meant(before: str, after: str) -> bool:
    """Whether what surrounds it is no token: it stands alone or beside words, and not among hexadecimal digits."""
    left, right = re.split("[^A-Za-z0-9]", before)[-1], re.split("[^A-Za-z0-9]", after)[0]
    if not _SIDE.fullmatch(left) or not _SIDE.fullmatch(right) or re.fullmatch("[0-9A-Fa-f]+", left + right):
        return False
    wider = re.split("[^A-Za-z0-9+/_-]", before)[-1] + re.split("[^A-Za-z0-9+/_-]", after)[0]
    return len(wider) < _TOKEN or wider in (wider.lower(), wider.upper())


def _holds(blob: bytes, secret: bytes) -> bool:
    """Whether it is meant where it stands: what is short, among what can be read or in a command to a card."""
    for place in (each.start() for each in re.finditer(re.escape(secret), blob)):
        around = blob[max(place - _AROUND, 0) : place] + blob[place + len(secret) :][:_AROUND]
        if len(secret) >= _LONG or all(0x20 <= each < 0x7F or each in b"\t\r\n" for each in around):
            return True
    return _is_told_to_a_card(blob, secret)


def _is_told_to_a_card(blob: bytes, secret: bytes) -> bool:
    """As the data of a command, or behind the old one that it is to take the place of."""
    for place in (each.start() for each in re.finditer(re.escape(secret), blob)):
        for start in (place, place - len(secret)):
            head = blob[max(start - 5, 0) : max(start, 0)]
            if _COMMAND.match(head) and head[-1] in (len(secret), 2 * len(secret)):
                return True
    return False


def _private_values(key: object) -> Iterable[int]:
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.private_numbers()
        return numbers.p, numbers.q, numbers.d
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return (key.private_numbers().private_value,)
    return ()


def _unpacked(text: str) -> Iterator[tuple[bytes, str, str]]:
    """What stands in the text as hexadecimal or base64, wherever in a group of four a part of it may begin.

    With how, and with what stands before it.
    """
    for run in _HEX.finditer(text):
        before = text[max(run.start() - 40, 0) : run.start()]
        yield bytes.fromhex(re.sub("[ :]", "", run[0])), "hexadecimal", before
    for run in _BASE64.finditer(text):
        letters = run[0].replace("-", "+").replace("_", "/")
        for skipped in range(4):
            part = letters[skipped:]
            whole = part[:-1] if len(part) % 4 == 1 else part
            yield binascii.a2b_base64(whole + "=" * (-len(whole) % 4)), "base64", ""
