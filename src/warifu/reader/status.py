"""What a card's status word means for us: nothing, or one error class.

Source: ISO/IEC 7816-4:2005 §5.1.3; for the retry counter OpenSC `src/libopensc/card-jpki.c` and `soltia48/myna-card`.
"""

from warifu.errors import ApplicationLocked, CardRefused, NotOnCard, PinBlocked, PinRequired, WrongPin
from warifu.iso7816 import Response, StatusWord

# 6984 is what plastic cards answer when a blocked PIN is presented; other clients have also met 6983.
BLOCKED = frozenset({0x63C0, 0x6983, StatusWord.BLOCKED})


def check(response: Response, what: str = "application or file") -> bytes:
    """Return the data of a response that says 9000. `what` names the application, file or PIN in the errors.

    Raises:
        WrongPin: 63Cx with tries left.
        PinBlocked: 63C0, 6983 or 6984.
        PinRequired: 6982.
        NotOnCard: 6A82.
        ApplicationLocked: 6283.
        CardRefused: any other status word.
    """
    if response.status_word == StatusWord.OK:
        return response.data
    raise refusal(response.status_word, what)


def refusal(status_word: int, what: str) -> CardRefused:
    """The error that a status word other than 9000 stands for."""
    if status_word in BLOCKED:
        return PinBlocked(status_word, what)
    if (tries := tries_in(status_word)) is not None:
        return WrongPin(tries, what)
    if status_word == StatusWord.SECURITY_STATUS:
        return PinRequired()
    if status_word == StatusWord.NOT_FOUND:
        return NotOnCard(what)
    if status_word == StatusWord.FILE_DEACTIVATED:
        return ApplicationLocked(what)
    return CardRefused(status_word)


def tries_in(status_word: int) -> int | None:
    """The tries left that a 63Cx tells, 0..15; None for any other status word."""
    return status_word & 0x0F if status_word & 0xFFF0 == 0x63C0 else None
