"""One visit to the phone page: how far a person has come in answering one login.

::

    CARD ──▶ PIN ──▶ TEXT_PIN ──▶ PASSWORD ──▶ HOLD ──▶ READING ──▶ CONSENT ──▶ DECIDING ──▶ DONE
      ▲       │ ▲        │           │  ▲        ▲         │
      └ back ─┘ └─ back ─┴───────────┘  └ wrong ─┴─────────┤          every step can be left: DONE
                                                           └─ card in use: HOLD

TEXT_PIN is passed over when the client asks for none of the four attributes, PASSWORD when it wants nothing signed.
READING and DECIDING last while the card
or the provider works; a second click finds the visit there and changes nothing.
"""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from warifu.errors import NotAllowed
from warifu.messages import LoginInvitation
from warifu.person import BasicAttributes
from warifu.wire.phone.kept import Kept
from warifu.wire.phone.provider import KnownProvider, Shares
from warifu.wire.phone.wallet import WalletCard

LINGER: Final = timedelta(minutes=10)
"""How long the last page of a visit can be looked at after the login's own end."""


class Step(Enum):
    """Where a visit is."""

    CARD = "card"
    PIN = "pin"
    TEXT_PIN = "text_pin"
    PASSWORD = "password"  # noqa: S105 - a step's name
    HOLD = "hold"
    READING = "reading"
    CONSENT = "consent"
    DECIDING = "deciding"
    DONE = "done"


PIN_STEPS: Final = (Step.PIN, Step.TEXT_PIN, Step.PASSWORD)


@dataclass(slots=True)
class Entry:
    """What is known about one of the PINs during a visit; the PIN itself never shows in a repr.

    `tries_left` counts after a wrong try; `confirm` means that only one is left, and `confirmed` that the person wants
    to spend it; `skipped` that they go on without.
    """

    pin: str | None = field(default=None, repr=False)
    tries_left: int | None = None
    confirm: bool = False
    confirmed: bool = False
    skipped: bool = False
    blocked: bool = False

    def take(self, pin: str, *, confirmed: bool) -> None:
        """Keep a PIN until the card is held."""
        self.pin, self.skipped, self.confirmed, self.tries_left = pin, False, confirmed, None

    def skip(self) -> None:
        """Go on without this PIN."""
        self.pin, self.skipped, self.tries_left = None, True, None

    def forget(self) -> None:
        """Drop the PIN, keep what was learnt about its tries."""
        self.pin, self.confirmed, self.skipped = None, False, False


@dataclass(slots=True, repr=False)
class Visit:
    """The state of one visit; it lives in the phone's server and holds PINs no longer than needed."""

    provider: KnownProvider
    invitation: LoginInvitation
    token: str = ""
    """Says to the provider that this phone has the login."""
    way: str = "code"
    step: Step = Step.CARD
    card: WalletCard | None = None
    authentication: Entry = field(default_factory=Entry)
    text: Entry = field(default_factory=Entry)
    password: Entry = field(default_factory=Entry)
    carried: BasicAttributes | None = None
    """What the signing certificate says about its holder, until the person has decided."""
    shares: Shares | None = None
    leaving: bool = False
    notice: str = ""
    outcome: str = ""
    finish_token: str = ""
    """What the browser of this device needs to finish."""

    @property
    def same_device(self) -> bool:
        """Whether the login began in a browser of this device, to which the last page leads back."""
        return self.way == "same_device"

    @property
    def back_url(self) -> str:
        """Where that browser goes on."""
        return self.provider.way_back(self.invitation.transaction, self.finish_token)

    @property
    def entry(self) -> Entry:
        """The PIN that the current step asks for."""
        return {Step.TEXT_PIN: self.text, Step.PASSWORD: self.password}.get(self.step, self.authentication)

    @property
    def troubled(self) -> bool:
        """Whether the page has to say that something did not work."""
        wrong = self.step in PIN_STEPS and (self.entry.tries_left is not None or self.entry.blocked)
        return bool(self.notice) or wrong

    @property
    def ends(self) -> datetime:
        """When the login itself expires."""
        return self.invitation.expires_at

    def over(self, now: datetime) -> bool:
        """Whether its last page has been there long enough."""
        return now >= self.ends + LINGER

    def choose(self, card: WalletCard) -> None:
        """Take a card; what was entered for another one is forgotten."""
        self.card, self.authentication, self.text, self.password = card, Entry(), Entry(), Entry()
        self._go(Step.PIN)

    def enter(self, pin: str, *, confirmed: bool) -> None:
        """Take the PIN that the current step asks for."""
        self.entry.take(pin, confirmed=confirmed)
        self._onward()

    def skip_text(self) -> None:
        """Go on without the four attributes."""
        self.text.skip()
        self._onward()

    def back(self) -> None:
        """One step back, as long as the card has not been read."""
        before = {Step.PIN: Step.CARD, Step.TEXT_PIN: Step.PIN, Step.PASSWORD: Step.PIN, Step.HOLD: Step.PIN}
        if self.step in before:
            self._forget_pins()
            self._go(before[self.step])

    def ask_again(self, entry: Entry) -> None:
        """The card did not take a PIN: return to where it is entered."""
        entry.forget()
        steps = {id(self.text): Step.TEXT_PIN, id(self.password): Step.PASSWORD}
        self._go(steps.get(id(entry), Step.PIN))

    def hold_again(self, notice: str) -> None:
        """The card could not be read this time, through no fault of a PIN."""
        self._go(Step.HOLD)
        self.notice = notice

    def agree_to(self, shares: Shares, carried: BasicAttributes | None = None) -> None:
        """The provider accepted the card's answer: ask for consent."""
        self._forget_pins()
        self.shares, self.carried = shares, carried
        self._go(Step.CONSENT)

    def finish(self, outcome: str) -> None:
        """Nothing more to do; `outcome` is allowed, cancelled, or what went wrong."""
        self._forget_pins()
        self.outcome, self.carried = outcome, None
        self._go(Step.DONE)

    def _onward(self) -> None:
        if self.authentication.pin is None:  # the card refused another one first
            self._go(Step.PIN)
        elif self.invitation.attributes and self.text.pin is None and not self.text.skipped:
            self._go(Step.TEXT_PIN)
        elif self.invitation.signing is not None and self.password.pin is None:
            self._go(Step.PASSWORD)
        else:
            self._go(Step.HOLD)

    def _forget_pins(self) -> None:
        for entry in (self.authentication, self.text, self.password):
            entry.forget()

    def _go(self, step: Step) -> None:
        self.step, self.notice, self.leaving = step, "", False


class Visits(Kept[Visit]):
    """All visits."""

    def find(self, secret: str, now: datetime) -> Visit | None:
        """The visit, unless it is long over; one whose login expired meanwhile ends, PINs and all."""
        visit = super().find(secret, now)
        if visit is not None and now >= visit.ends and visit.step not in (Step.DONE, Step.READING, Step.DECIDING):
            visit.finish("too_late")
        return visit


def read_pin(text: str) -> str:
    """Four digits; full-width ones, as a Japanese input method gives them, count too.

    Raises:
        NotAllowed: anything else; the card never sees it.
    """
    digits = unicodedata.normalize("NFKC", text).strip()
    if len(digits) != 4 or not (digits.isascii() and digits.isdigit()):
        raise NotAllowed("the PIN has four digits")
    return digits


def read_password(text: str) -> str:
    """Six to sixteen letters and digits, full-width ones too; the card takes letters as upper case.

    Raises:
        NotAllowed: anything else; the card never sees it.
    """
    password = unicodedata.normalize("NFKC", text).strip()
    if not 6 <= len(password) <= 16 or not (password.isascii() and password.isalnum()):
        raise NotAllowed("the signing password has 6 to 16 letters and digits")
    return password
