"""One login at the companion: the person is asked, the card signs."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from warifu.errors import ChallengeExpired, LastTry, Malformed, PinBlocked, WrongOrigin, WrongPin
from warifu.messages import LoginAnswer, LoginChallenge, LoginInvitation, SigningData
from warifu.ports import Clock, Connection
from warifu.reader import (
    JpkiSession,
    Key,
    TextSession,
    answer_login,
    answer_signing,
    check_can_sign,
    logged_out_afterwards,
)

if TYPE_CHECKING:
    from warifu.wire.stapling import Stapling  # loads the authorities' side

_LONGEST_NAME = 200
_IDEOGRAPHIC_SPACE = "\u3000"


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

    def confirm_signing(self, client_name: str, origin: str, data: SigningData) -> None:
        """Say what `client_name` wants signed and what a signature carries, and ask whether to sign.

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

    def share_attributes(self) -> bool:
        """Ask whether to share the four attributes, which the PIN just entered opens, too: this card has one PIN."""
        ...

    def no_text_pin(self, tries_left: int) -> None:
        """Say that no attributes can be shared: too few tries of the text PIN are left."""
        ...

    def signing_password(self, tries_left: int) -> str:
        """Say how many tries are left and ask for the signing password."""
        ...

    def wrong_pin(self, error: WrongPin) -> None:
        """Say which PIN was wrong and how many tries are left."""
        ...


OpenCard = Callable[[Callable[[], None]], AbstractContextManager[Connection]]
"""Connects to the card; calls its argument once if it has to wait for one."""


def answer_invitation(
    invitation: LoginInvitation,
    origin: str,
    dialogue: Dialogue,
    open_card: OpenCard,
    clock: Clock,
    *,
    spend_last: bool = False,
    stapling: "Stapling | None" = None,
) -> LoginAnswer:
    """Answer an invitation that a page of `origin` (as the browser reports it) handed over.

    A PIN with one try left is not even asked for unless `spend_last` is set. With `stapling` a status answer travels
    along, if there is one in time; the card can be taken away while that is fetched.

    Raises:
        WrongOrigin: the invitation is of another origin.
        ChallengeExpired: it is too late, or became so while the person was thinking.
        Malformed: the client's name cannot be shown.
        Cancelled: the person said no.
        LastTry, PinBlocked, NotOnCard, NoReader, NoCard, AnswerLost: as the reader and the card have it.
    """
    check_invitation(invitation, origin, clock)
    dialogue.confirm(invitation.client_name, origin, invitation.attributes)
    if invitation.signing is not None:
        dialogue.confirm_signing(invitation.client_name, origin, invitation.signing)
    with open_card(dialogue.wait_for_card) as connection, logged_out_afterwards(connection):
        answer = _Login(invitation, origin, dialogue, connection, clock, spend_last).run()
        issuer = None if stapling is None else stapling.issuer_on(connection, answer)
    return answer if stapling is None else stapling.attach(answer, issuer)


def check_invitation(invitation: LoginInvitation, origin: str, clock: Clock) -> None:
    """Check what can be checked before anybody is asked.

    A name with control characters could rewrite the prompt it is shown in.
    """
    if invitation.origin != origin:
        raise WrongOrigin("the invitation is of another origin than the page that brought it")
    _check_time(invitation, clock)
    name = invitation.client_name
    if not 0 < len(name) <= _LONGEST_NAME or not name.replace(_IDEOGRAPHIC_SPACE, "").isprintable():
        raise Malformed("the client's name cannot be shown")


@dataclass(frozen=True, slots=True)
class _Login:
    """One login with the card at hand."""

    invitation: LoginInvitation
    origin: str
    dialogue: Dialogue
    connection: Connection
    clock: Clock
    spend_last: bool

    def run(self) -> LoginAnswer:
        challenge, signing = self.invitation.challenge(self.origin), self.invitation.signing
        if signing is not None:
            check_can_sign(self.connection)
        pin = self._authentication_pin()
        text_pin = self._text_pin(pin) if self.invitation.attributes else None
        password = None if signing is None else self._signing_password()
        while True:
            _check_time(self.invitation, self.clock)
            try:
                return self._answer(challenge, pin, text_pin, password)
            except WrongPin as error:
                self.dialogue.wrong_pin(error)
                # The card counted the try, so this ends: nobody is asked again for a PIN without tries to spare.
                if error.pin_name == Key.AUTHENTICATION.pin.name:
                    pin = self._authentication_pin()
                elif error.pin_name == Key.SIGNING.pin.name:
                    password = self._signing_password()
                else:
                    text_pin = self._text_pin(pin)

    def _answer(self, challenge: LoginChallenge, pin: str, text_pin: str | None, password: str | None) -> LoginAnswer:
        data, spend_last = self.invitation.signing, self.spend_last
        if data is None or password is None:
            return answer_login(self.connection, challenge, pin, text_pin, spend_last=spend_last)
        return answer_signing(self.connection, challenge, pin, data, password, text_pin, spend_last=spend_last)

    def _authentication_pin(self) -> str:
        return self.dialogue.authentication_pin(self._tries_to_spare(Key.AUTHENTICATION))

    def _signing_password(self) -> str:
        return self.dialogue.signing_password(self._tries_to_spare(Key.SIGNING))

    def _tries_to_spare(self, key: Key) -> int:
        tries = JpkiSession(self.connection).tries_left(key)
        if tries == 0:
            raise PinBlocked(pin_name=key.pin.name)
        if not self._may_try(tries):
            raise LastTry(tries, key.pin.name)
        return tries

    def _text_pin(self, pin: str) -> str | None:
        """Without tries to spare the login goes on and shares no attributes; a card with one PIN has no second one."""
        if JpkiSession(self.connection).next_generation:
            return pin if self.dialogue.share_attributes() else None
        tries = TextSession(self.connection).tries_left()
        if self._may_try(tries):
            return self.dialogue.text_pin(tries)
        self.dialogue.no_text_pin(tries)
        return None

    def _may_try(self, tries_left: int) -> bool:
        return tries_left > 1 or (tries_left == 1 and self.spend_last)


def _check_time(invitation: LoginInvitation, clock: Clock) -> None:
    if clock.now() >= invitation.expires_at:
        raise ChallengeExpired("the login has expired")
