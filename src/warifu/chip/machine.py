"""Where the chip is and what has been proved to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from warifu.chip.answer import Answered
from warifu.chip.files import Application, AuthorityFile, File, PinFile
from warifu.chip.guest import Guest
from warifu.chip.pins import PinMemory
from warifu.chip.session import Session
from warifu.iso7816 import StatusWord
from warifu.ports import Entropy

_REFERENCE = 0x80
_REFERENCE_BITS = 0xE0
_SHORT_IDENTIFIER = 0x1F


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Where sources on real cards disagree: the defaults are what was measured, the switches the other reading.

    `reselection_clears`: selecting the current application again empties the security status, as OpenSC's logout
    (`src/libopensc/card-jpki.c`) believes; measured cards keep it (JICSAP §5.1.3). `warm_reset_clears`: so does a warm
    reset, as a card resets by ISO/IEC 7816-4:2005 §5.4.1; measured cards keep it over SCardDisconnect and reset.
    """

    reselection_clears: bool = False
    warm_reset_clears: bool = False


class Machine:
    """The current application and file, and the security status with the application it belongs to."""

    __slots__ = (
        "_behaviour",
        "_owner",
        "_verified",
        "application",
        "applications",
        "challenge",
        "entropy",
        "file",
        "guest",
        "pins",
        "session",
    )

    def __init__(
        self, applications: Sequence[Application], pins: PinMemory, entropy: Entropy, behaviour: Behaviour
    ) -> None:
        self.applications = applications
        self.pins = pins
        self.entropy = entropy
        self._behaviour = behaviour
        self.application = self._owner = applications[0]
        self.file: File | None = None
        self.session: Session | None = None
        self.guest: Guest | None = None
        self.challenge = b""
        self._verified: set[int] = set()

    def enter(self, application: Application) -> None:
        """Make `application` current."""
        if application is not self._owner or self._behaviour.reselection_clears:
            self._owner = application
            self._verified.clear()
        if application is not self.application:
            self._forget_terminal()
        self.application = application
        self.file = None

    def warm_reset(self) -> None:
        """Back to the card manager; the security status waits for its application to be selected again."""
        self.application = self.applications[0]
        self.file = None
        self._forget_terminal()
        if self._behaviour.warm_reset_clears:
            self._verified.clear()

    def _forget_terminal(self) -> None:
        self.session = self.guest = None
        self.challenge = b""

    def choose(self, fid: int) -> File:
        """Make a file of the current application current.

        Raises:
            Answered: 6A82, there is none.
        """
        file = self.application.files.get(fid)
        if file is None:
            raise Answered(StatusWord.NOT_FOUND)
        self.file = file
        return file

    def addressed(self, reference: int) -> File:
        """The file that a reference byte means: 80 the current one, 80 + short identifier that one.

        Raises:
            Answered: 6A86 another byte, 6986 no file is current, 6A82 there is none.
        """
        if reference & _REFERENCE_BITS != _REFERENCE:
            raise Answered(StatusWord.WRONG_P1_P2)
        short = reference & _SHORT_IDENTIFIER
        if short:
            return self.choose(short)
        if self.file is None:
            raise Answered(StatusWord.NO_CURRENT_FILE)
        return self.file

    def check_opened(self, opens_with: frozenset[int] | None) -> None:
        """Check that any PIN of `opens_with` has been verified; None needs none.

        Raises:
            Answered: 6982.
        """
        if opens_with is not None and (self.application is not self._owner or self._verified.isdisjoint(opens_with)):
            raise Answered(StatusWord.SECURITY_STATUS)

    def trust(self, pin: PinFile | AuthorityFile) -> None:
        """A PIN of the current application has been verified, or a terminal by its authority."""
        if self._owner is not self.application:
            self._owner = self.application
            self._verified.clear()
        self._verified.add(pin.fid)

    def distrust(self, pin: PinFile) -> None:
        """A wrong PIN of the current application was presented."""
        if self._owner is self.application:
            self._verified.discard(pin.fid)
