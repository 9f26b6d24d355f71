"""Holding the card: the one moment in which the phone talks to it."""

from warifu.errors import LastTry, PinBlocked
from warifu.messages import LoginAnswer, LoginChallenge, SigningData
from warifu.ports import Connection
from warifu.reader import Credential, JpkiSession, Key, TextSession, answer_login, answer_signing, check_can_sign
from warifu.wire.phone.visit import Entry


def answer_with_card(
    connection: Connection, challenge: LoginChallenge, authentication: Entry, text: Entry
) -> LoginAnswer:
    """Have the card sign the challenge with the PINs entered.

    Both PINs' tries are looked at first: a last try is spent only on the PIN for which the person said so (the reader's
    own word covers both), and no try of the text PIN when there can be no login anyway.

    Raises:
        WrongPin, PinBlocked, LastTry: `pin_name` says which PIN.
        Unavailable, CardRefused: as `warifu.reader.answer_login`.
    """
    assert authentication.pin is not None
    session = JpkiSession(connection)
    _check_tries(session.tries_left(Key.AUTHENTICATION), authentication, Key.AUTHENTICATION.pin.name)
    if text.pin is not None and not session.next_generation:
        _check_tries(TextSession(connection).tries_left(), text, Credential.TEXT_PIN.pin.name)
    spend_last = authentication.confirmed or text.confirmed
    return answer_login(connection, challenge, authentication.pin, text.pin, spend_last=spend_last)


def sign_with_card(
    connection: Connection,
    challenge: LoginChallenge,
    data: SigningData,
    authentication: Entry,
    text: Entry,
    password: Entry,
) -> LoginAnswer:
    """Have the card sign the challenge, and `data` with its signing key.

    Raises:
        NotOnCard: it cannot sign; no try of any PIN is spent to find out.
        WrongPin, PinBlocked, LastTry, Unavailable, CardRefused: as `answer_with_card`.
    """
    assert authentication.pin is not None
    assert password.pin is not None
    check_can_sign(connection)
    session = JpkiSession(connection)
    _check_tries(session.tries_left(Key.AUTHENTICATION), authentication, Key.AUTHENTICATION.pin.name)
    _check_tries(session.tries_left(Key.SIGNING), password, Key.SIGNING.pin.name)
    if text.pin is not None:
        _check_tries(TextSession(connection).tries_left(), text, Credential.TEXT_PIN.pin.name)
    spend_last = authentication.confirmed or text.confirmed or password.confirmed
    return answer_signing(
        connection, challenge, authentication.pin, data, password.pin, text.pin, spend_last=spend_last
    )


def _check_tries(tries_left: int, entry: Entry, pin_name: str) -> None:
    if tries_left == 0:
        raise PinBlocked(pin_name=pin_name)
    if tries_left == 1 and not entry.confirmed:
        raise LastTry(tries_left, pin_name)
