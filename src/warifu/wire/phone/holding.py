"""Holding the card: the one moment in which the phone talks to it."""

from warifu.errors import LastTry
from warifu.messages import LoginAnswer, LoginChallenge
from warifu.ports import Connection
from warifu.reader import JpkiSession, Key, TextSession, answer_login
from warifu.wire.phone.visit import Entry


def answer_with_card(
    connection: Connection, challenge: LoginChallenge, authentication: Entry, text: Entry
) -> LoginAnswer:
    """Have the card sign the challenge with the PINs entered.

    A last try is spent only on the PIN for which the person said so: the reader's own word covers both.

    Raises:
        WrongPin, PinBlocked, LastTry: `pin_name` says which PIN.
        Unavailable, CardRefused, NotGenuine: as `warifu.reader.answer_login`.
    """
    assert authentication.pin is not None
    if not authentication.confirmed:
        _spare(JpkiSession(connection).tries_left(Key.AUTHENTICATION), Key.AUTHENTICATION.pin.name)
    if text.pin is not None and not text.confirmed:
        _spare(TextSession(connection).tries_left(), "text PIN")
    spend_last = authentication.confirmed or text.confirmed
    return answer_login(connection, challenge, authentication.pin, text.pin, spend_last=spend_last)


def _spare(tries_left: int, pin_name: str) -> None:
    if tries_left == 1:
        raise LastTry(tries_left, pin_name)
