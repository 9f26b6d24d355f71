"""Where a key on a PKCS #11 token is: the ``pkcs11:`` address of RFC 7512, as far as it is needed here.

``pkcs11:token=signing-ca;object=2026?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/warifu/pin``
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote, quote_from_bytes, unquote_to_bytes

from warifu.errors import Malformed

__all__ = ["SCHEME", "KeyUri"]

SCHEME = "pkcs11:"

_PATH = {"token", "serial", "object", "id", "type"}
_QUERY = {"module-path", "pin-source"}
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUri:
    """A private key on a token, the module that speaks to the token, and the file with the user's PIN.

    `token` is the token's label, `label` and `key_id` are the key's CKA_LABEL and CKA_ID; one of the two is there.
    Source: RFC 7512 §2.3. A PIN in the address itself (``pin-value``) is refused: addresses end up in logs.
    """

    module: Path
    token: str
    pin_source: Path
    serial: str = ""
    label: str = ""
    key_id: bytes = b""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address; what is not understood is refused, since leaving it out could find another key.

        Raises:
            Malformed: not such an address; an attribute unknown here, twice, or missing.
        """
        if not text.startswith(SCHEME):
            raise Malformed(f"the address of a key on a token begins with {SCHEME}")
        path, _, query = text.removeprefix(SCHEME).partition("?")
        found = _attributes(path, ";", _PATH) | _attributes(query, "&", _QUERY)
        if found.pop("type", b"private") != b"private":
            raise Malformed("the address of a key on a token names something else than a private key")
        key_id = found.pop("id", b"")
        texts = {name: _text(name, value) for name, value in found.items()}
        if not (texts.get("object") or key_id):
            raise Malformed("the address of a key on a token names neither object nor id")
        return cls(
            module=_file(texts, "module-path"),
            token=_required(texts, "token"),
            pin_source=_file(texts, "pin-source"),
            serial=texts.get("serial", ""),
            label=texts.get("object", ""),
            key_id=key_id,
        )

    def encode(self) -> str:
        """The address again, as short as it can be; it holds no PIN."""
        texts = {"token": self.token, "serial": self.serial, "object": self.label}
        parts = [f"{name}={quote(value, safe='')}" for name, value in texts.items() if value]
        parts += [f"id={quote_from_bytes(self.key_id, safe='')}"] if self.key_id else []
        return (
            f"{SCHEME}{';'.join(parts)}?module-path={quote(str(self.module))}&pin-source={quote(str(self.pin_source))}"
        )


def _attributes(text: str, separator: str, known: set[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in filter(None, text.split(separator)):
        name, equals, value = part.partition("=")
        # The value is not shown: it could be a PIN.
        if name not in known or not equals or name in found or _PERCENT.search(value):
            raise Malformed(
                f"the address of a key on a token: {name!r} is unknown here, there twice, or not written well"
            )
        found[name] = unquote_to_bytes(value)
    return found


def _text(name: str, value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise Malformed(f"the address of a key on a token: {name!r} is not UTF-8") from None


def _required(found: dict[str, str], name: str) -> str:
    if not found.get(name):
        raise Malformed(f"the address of a key on a token has no {name!r}")
    return found[name]


def _file(found: dict[str, str], name: str) -> Path:
    """A file by its full path; pin-source may write it as ``file:`` address (§2.4)."""
    path = Path(_required(found, name).removeprefix("file://").removeprefix("file:"))
    if not path.is_absolute():
        raise Malformed(f"the address of a key on a token: {name!r} is a full path")
    return path
