"""Answering a login challenge with a card: the card's part of logging in, start to end."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from warifu.cardmap import CARD_MANAGER_AID
from warifu.errors import CardRefused, NotOnCard, Unavailable, WarifuError
from warifu.messages import AttributesAnswer, LoginAnswer, LoginChallenge
from warifu.ports import Connection
from warifu.reader.exchange import select_application
from warifu.reader.generations import read_next_attributes
from warifu.reader.jpki import JpkiSession, Key
from warifu.reader.text import TextSession


def answer_login(
    connection: Connection,
    challenge: LoginChallenge,
    authentication_pin: str,
    text_pin: str | None = None,
    *,
    spend_last: bool = False,
) -> LoginAnswer:
    """Sign the challenge with the user authentication key; with the text PIN add the four attributes.

    On a card of the next generation one PIN opens both: only `authentication_pin` is presented, and a text PIN,
    whatever it is, says that the attributes are wanted.

    Whatever happens, the card is left logged out as long as it still answers.

    Raises:
        Malformed, PinBlocked, LastTry, WrongPin, AnswerLost: as `warifu.reader.pins.verify`; `pin_name` says which PIN.
        NotOnCard: the card has no JPKI or no text application.
    """
    with logged_out_afterwards(connection):
        attributes = None if text_pin is None else _attributes(connection, challenge, text_pin, spend_last)
        session = JpkiSession(connection)
        session.verify(Key.AUTHENTICATION, authentication_pin, spend_last=spend_last)
        if text_pin is not None and session.next_generation:
            attributes = read_next_attributes(connection, challenge.card_nonce())
        # After the PIN, because a phone's card opens even this certificate with it.
        certificate = session.certificate(Key.AUTHENTICATION)
        signature = session.sign(Key.AUTHENTICATION, challenge.digest(session.hash_name))
    return LoginAnswer(challenge, certificate, signature, attributes)


@contextmanager
def logged_out_afterwards(connection: Connection) -> Iterator[None]:
    """Log out at the end, also after a refusal; a card that no longer answers is left alone."""
    try:
        yield
    except Unavailable:
        raise
    except BaseException:
        with suppress(WarifuError):
            log_out(connection)
        raise
    log_out(connection)


def log_out(connection: Connection) -> None:
    """Make the card forget every verified PIN, by selecting its card manager or else by taking its power away.

    Selecting the JPKI application again would keep them (JICSAP IC cards with contacts v1.1 §5.1.3).
    """
    try:
        select_application(connection, CARD_MANAGER_AID, "the card manager")
    except CardRefused:
        connection.power_cycle()


def _attributes(
    connection: Connection, challenge: LoginChallenge, pin: str, spend_last: bool
) -> AttributesAnswer | None:
    """The attributes from the text application; None from a card of the next generation, which has them elsewhere."""
    try:
        session = TextSession(connection)
    except NotOnCard:
        if JpkiSession(connection).next_generation:
            return None
        raise
    session.verify(pin, spend_last=spend_last)
    return session.attributes_answer(challenge.card_nonce())
