"""Answering a login in which a client wants something signed as well: both keys of the card, one after the other."""

from dataclasses import replace

from warifu.errors import NotOnCard
from warifu.messages import LoginAnswer, LoginChallenge, SigningAnswer, SigningData
from warifu.ports import Connection
from warifu.reader.jpki import JpkiSession, Key
from warifu.reader.login import answer_login, logged_out_afterwards

__all__ = ["answer_signing", "check_can_sign"]


def check_can_sign(connection: Connection) -> None:
    """Check, before anybody is asked for a password, that this card can sign what a client wants signed.

    Raises:
        NotOnCard: it has no signing certificate, for its holder is a child or did not want one; or its key signs
            SHA-384 values only, and what is to be signed is a SHA-256 value.
    """
    session = JpkiSession(connection)
    if not session.has_certificate(Key.SIGNING):
        raise NotOnCard("the signing certificate")
    if session.next_generation:
        raise NotOnCard("a signing key for SHA-256 values")


def answer_signing(
    connection: Connection,
    challenge: LoginChallenge,
    authentication_pin: str,
    data: SigningData,
    signing_password: str,
    text_pin: str | None = None,
    *,
    spend_last: bool = False,
) -> LoginAnswer:
    """Answer the challenge as `answer_login` does, and sign `data` with the signing key.

    The signing certificate names its holder: it stands in the answer, for whoever the signature is made for.

    Raises:
        NotOnCard: as `check_can_sign`.
        Malformed, PinBlocked, LastTry, WrongPin, AnswerLost: as `answer_login`; `pin_name` says which PIN.
    """
    check_can_sign(connection)
    answer = answer_login(connection, challenge, authentication_pin, text_pin, spend_last=spend_last)
    with logged_out_afterwards(connection):
        session = JpkiSession(connection)
        session.verify(Key.SIGNING, signing_password, spend_last=spend_last)
        certificate = session.certificate(Key.SIGNING)
        signature = session.sign_as_given(Key.SIGNING, data.encode())
    return replace(answer, signing=SigningAnswer(certificate, signature))
