"""Our own reader as a program over PC/SC: reads, verifies, signs, and says what it found as JSON.

Usage: python -m tests.real.reader_program NONCE, with both PINs and the password on stdin, one a line.
"""

import base64
import hashlib
import json
import sys

from warifu.errors import WarifuError
from warifu.ports import Connection
from warifu.reader import JpkiSession, Key, TextSession, log_out
from warifu.wire import pcsc


def main(nonce: bytes, authentication_pin: str, signing_password: str, text_pin: str) -> dict[str, object]:
    with pcsc.connect(timeout=10) as connection:
        jpki = JpkiSession(connection)
        jpki.verify(Key.AUTHENTICATION, authentication_pin)
        jpki.verify(Key.SIGNING, signing_password)
        digest = hashlib.sha256(nonce).digest()
        found: dict[str, object] = {
            "readers": pcsc.readers(),
            "card": pcsc.card_present(),
            "atr": connection.atr.hex(),
            "label": jpki.token_info().label,
            "certificates": [encoded(jpki.certificate(key)) for key in Key],
            "signatures": [encoded(jpki.sign(key, digest)) for key in Key],
        }
        text = TextSession(connection)
        text.verify(text_pin)
        found["attributes"] = text.attributes_answer(nonce).encode().decode()
        log_out(connection)
        jpki = JpkiSession(connection)
        jpki.verify(Key.AUTHENTICATION, authentication_pin)
        connection.power_cycle()
        found["after_power_cycle"] = refusal(connection)
        try:
            pcsc.connect("no such reader")
        except WarifuError as error:
            found["other_reader"] = type(error).__name__
    return found


def refusal(connection: Connection) -> str:
    """What the card says to a signature without PIN."""
    try:
        JpkiSession(connection).sign(Key.AUTHENTICATION, bytes(32))
    except WarifuError as error:
        return type(error).__name__
    return "signed"


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


if __name__ == "__main__":
    pins = sys.stdin.read().split()
    json.dump(main(bytes.fromhex(sys.argv[1]), *pins), sys.stdout)
