"""One login at the companion: the person is asked, the card signs."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from warifu.errors import ChallengeExpired, LastTry, Malformed, PinBlocked, WrongOrigin, WrongPin
from warifu.messages import LoginAnswer, LoginInvitation
from warifu.ports import Clock, Connection
from warifu.reader import JpkiSession, Key, TextSession, answer_login, logged_out_afterwards

_LONGEST_NAME = 200


class Dialogue(Protocol):
    """The companion's own prompt; only here are PINs entered.

    Any of these may raise `Cancelled`.
    """

    def confirm(self, client_name: str, origin: str, attributes: bool) -> None:
        """Ask whether to log in to `client_name` at `origin`, which wants the four attributes or not.

        Raises:
            Cancelled: the person said no.
        """
        ...

    def wait_for_card(self) -> None:
        """Say that a card is awaited."""
        ...

    def authentication_pin(self, tries_left: int) -> str:
        """Say how many tries are left and ask for the authentication PIN."""
        ...

    def text_pin(self, tries_left: int) -> str | None:
        """Say how many tries are left and ask for the text PIN; None shares no attributes."""
        ...

    def no_text_pin(self, tries_left: int) -> None:
        """Say that no attributes can be shared: too few tries of the text PIN are left."""
        ...

    def wrong_pin(self, error: WrongPin) -> None:
        """Say which PIN was wrong and how many tries are left."""
        ...


OpenCard = Callable[[Callable[[], None]], AbstractContextManager[Connection]]
"""Connects to the card; calls its argument once if it has to wait for one."""


def answer_invitation(
    invitation: LoginInvitation, origin: str, dialogue: Dialogue, open_card: OpenCard, clock: Clock
) -> LoginAnswer:
    """Answer an invitation that a page of `origin` (as the browser reports it) handed over.

    Raises:
        WrongOrigin: the invitation is of another origin.
        ChallengeExpired: it is too late, or became so while the person was thinking.
        Malformed: the client's name cannot be shown.
        Cancelled: the person said no.
        LastTry, PinBlocked, NotOnCard, NoReader, NoCard, AnswerLost: as the reader and the card have it.
    """
    check_invitation(invitation, origin, clock)
    dialogue.confirm(invitation.client_name, origin, invitation.attributes)
    with open_card(dialogue.wait_for_card) as connection, logged_out_afterwards(connection):
        return _with_card(invitation, origin, dialogue, connection, clock)


def check_invitation(invitation: LoginInvitation, origin: str, clock: Clock) -> None:
    """Check what can be checked before anybody is asked.

    A name with control characters could rewrite the prompt it is shown in.
    """
    if invitation.origin != origin:
        raise WrongOrigin("the invitation is of another origin than the page that brought it")
    _check_time(invitation, clock)
    name = invitation.client_name
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise Malformed("the client's name cannot be shown")


def _with_card(
    invitation: LoginInvitation, origin: str, dialogue: Dialogue, connection: Connection, clock: Clock
) -> LoginAnswer:
    challenge = invitation.challenge(origin)
    pin = _ask_authentication_pin(connection, dialogue)
    text_pin = _ask_text_pin(connection, dialogue) if invitation.attributes else None
    while True:
        _check_time(invitation, clock)
        try:
            return answer_login(connection, challenge, pin, text_pin)
        except WrongPin as error:
            dialogue.wrong_pin(error)
            # The card counted the try, so this ends: with one try left `LastTry` is raised before asking.
            if error.pin_name == Key.AUTHENTICATION.pin.name:
                pin = _ask_authentication_pin(connection, dialogue)
            else:
                text_pin = _ask_text_pin(connection, dialogue)


def _ask_authentication_pin(connection: Connection, dialogue: Dialogue) -> str:
    tries = JpkiSession(connection).tries_left(Key.AUTHENTICATION)
    if tries == 0:
        raise PinBlocked(pin_name=Key.AUTHENTICATION.pin.name)
    if tries == 1:
        raise LastTry(tries, Key.AUTHENTICATION.pin.name)
    return dialogue.authentication_pin(tries)


def _ask_text_pin(connection: Connection, dialogue: Dialogue) -> str | None:
    """Without tries to spare the login goes on and shares no attributes."""
    tries = TextSession(connection).tries_left()
    if tries > 1:
        return dialogue.text_pin(tries)
    dialogue.no_text_pin(tries)
    return None


def _check_time(invitation: LoginInvitation, clock: Clock) -> None:
    if clock.now() >= invitation.expires_at:
        raise ChallengeExpired("the login has expired")
