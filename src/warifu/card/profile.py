"""Kinds of cards, as data."""

from dataclasses import dataclass, replace
from enum import Enum
from typing import ClassVar, Self

from warifu.cardmap import ATR_GENERATION_A, ATR_GENERATION_B, ATR_NEXT, TokenInfo
from warifu.chip import Behaviour
from warifu.errors import Malformed

MEASURED = Behaviour()
_SIGNING, _PINS, _RESELECTION_CLEARS, _WARM_RESET_CLEARS, _LATER = 1, 2, 4, 8, 16
_ANDROID, _IPHONE, _NEXT = 32, 64, 128


class Token(Enum):
    """What holds the JPKI application; the value is the name that its token information tells.

    Source: jpki/myna `libmyna` (plastic, Android), soltia48/myna-card `src/ap/jpki.rs` (iPhone).
    """

    PLASTIC = TokenInfo.PLASTIC
    ANDROID = TokenInfo.PHONE
    IPHONE = "JPKIAPIOSTOKEN"


@dataclass(frozen=True, slots=True)
class Profile:
    """What kind of card it is. `signing`: there is a signing certificate; `pins`: the holder has PINs.

    `later`: the card manager has the certificate 7F21, and the contact answer to reset (5F51) is told inside of
    applications only. `token`: on a phone there is the JPKI application and nothing else, and the authentication
    certificate is read after its PIN only. Modelled: that the two differences of `later`, seen among cards, go with the
    answer to reset of 2024.

    `next_generation`: P-384 keys, two applications, one PIN beside the signing password.

    Wire: one byte of flags (1 signing, 2 PINs, 4 reselection clears, 8 warm reset clears, 16 later, 32 Android,
    64 iPhone, 128 next generation), then the answer to reset.
    """

    ADULT: ClassVar["Profile"]
    CHILD_WITHOUT_SIGNING: ClassVar["Profile"]
    """Under 15: no signing certificate, as municipalities handle it; the rule is not in the Act itself."""
    FACE_VERIFICATION: ClassVar["Profile"]
    """暗証番号設定のない顔認証カード. Modelled: its PIN files answer as blocked ones."""
    ANDROID: ClassVar["Profile"]
    """スマホ用電子証明書 on an Android phone. Modelled: that it has an answer to reset."""
    IPHONE: ClassVar["Profile"]
    NEXT_GENERATION: ClassVar["Profile"]
    """次期個人番号カード. Modelled: entirely, see `warifu.cardmap.next_table`."""

    signing: bool = True
    pins: bool = True
    atr: bytes = ATR_GENERATION_A
    behaviour: Behaviour = MEASURED
    later: bool = False
    token: Token = Token.PLASTIC
    next_generation: bool = False

    def __post_init__(self) -> None:
        if not 2 <= len(self.atr) <= 33:
            raise Malformed("an answer to reset has 2 to 33 bytes")
        if self.next_generation and self.on_phone:
            raise Malformed("no phone holds a card of the next generation")

    @property
    def on_phone(self) -> bool:
        """Whether a phone holds it."""
        return self.token is not Token.PLASTIC

    @property
    def token_label(self) -> str:
        """The name that its token information tells."""
        return TokenInfo.NEXT if self.next_generation else self.token.value

    def of_generation_b(self) -> Self:
        """The same kind of card, as those seen since 2024 are."""
        return replace(self, atr=ATR_GENERATION_B, later=True)

    def encode(self) -> bytes:
        """The stored bytes."""
        behaviour = self.behaviour
        flags: tuple[bool, ...] = (
            self.signing,
            self.pins,
            behaviour.reselection_clears,
            behaviour.warm_reset_clears,
            self.later,
        )
        flags += (self.token is Token.ANDROID, self.token is Token.IPHONE, self.next_generation)
        return bytes((sum(1 << bit for bit, flag in enumerate(flags) if flag),)) + self.atr

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the stored bytes.

        Raises:
            Malformed: flags that exclude each other, or no answer to reset.
        """
        if not data:
            raise Malformed("not a card profile")
        flags = data[0]
        behaviour = Behaviour(bool(flags & _RESELECTION_CLEARS), bool(flags & _WARM_RESET_CLEARS))
        return cls(
            bool(flags & _SIGNING),
            bool(flags & _PINS),
            data[1:],
            behaviour,
            bool(flags & _LATER),
            _token(flags),
            bool(flags & _NEXT),
        )


def _token(flags: int) -> Token:
    if flags & _ANDROID and flags & _IPHONE:
        raise Malformed("no phone is of both kinds")
    return Token.ANDROID if flags & _ANDROID else Token.IPHONE if flags & _IPHONE else Token.PLASTIC


Profile.ADULT = Profile()
Profile.CHILD_WITHOUT_SIGNING = Profile(signing=False)
Profile.FACE_VERIFICATION = Profile(signing=False, pins=False)
Profile.ANDROID = Profile(token=Token.ANDROID)
Profile.IPHONE = Profile(token=Token.IPHONE)
Profile.NEXT_GENERATION = Profile(atr=ATR_NEXT, later=True, next_generation=True)
