"""Getting a PIN from its holder and to the card, without wasting a try.

How many tries are left is said first. A PIN without tries is not asked for, nor is one whose last try may not be spent.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from warifu.cli.card_choice import Held
from warifu.cli.pins import read_pin
from warifu.cli.texts import Text, counted_tries, tell, words
from warifu.errors import LastTry, PinBlocked
from warifu.reader import Credential

__all__ = ["NAMES", "Counted", "Presenting", "check_spendable", "key_of"]

NAMES = {
    Credential.AUTHENTICATION_PIN: Text("利用者証明用暗証番号", "authentication PIN"),
    Credential.SIGNING_PASSWORD: Text("署名用パスワード", "signing password"),
    Credential.TEXT_PIN: Text("券面事項入力補助用暗証番号", "text PIN"),
    Credential.RESIDENT_PIN: Text("住民基本台帳用暗証番号", "resident PIN"),
    Credential.COMMON_PIN: Text("共通カードAPの暗証番号", "common PIN"),
    Credential.TEXT_MATCHING_NUMBER_A: Text("照合番号A（個人番号、入力補助AP）", "matching number A (text)"),
    Credential.TEXT_MATCHING_NUMBER_B: Text("照合番号B（入力補助AP）", "matching number B (text)"),
    Credential.VISUAL_MATCHING_NUMBER_A: Text("照合番号A（個人番号、券面AP）", "matching number A (visual)"),
    Credential.VISUAL_MATCHING_NUMBER_B: Text("照合番号B（券面AP）", "matching number B (visual)"),
    Credential.BIRTH_DATE: Text("生年月日（券面の年で6桁）", "birth date (YYMMDD, year as printed)"),
    Credential.NEXT_PIN: Text("暗証番号（次期カード）", "PIN (next generation)"),
    Credential.NEXT_SIGNING_PASSWORD: Text("署名用パスワード（次期カード）", "signing password (next generation)"),
    Credential.NEXT_MATCHING_NUMBER_A: Text("照合番号A（個人番号、次期カード）", "matching number A (next generation)"),
    Credential.NEXT_MATCHING_NUMBER_B: Text("照合番号B（次期カード）", "matching number B (next generation)"),
    Credential.NEXT_BIRTH_DATE: Text("生年月日（6桁、次期カード）", "birth date (YYMMDD, next generation)"),
}
"""What people call them."""


class Counted(Protocol):
    """How `present` asks an application for the tries left, and presents."""

    def __call__(self, value: str, *, spend_last: bool) -> None:
        """Present the value."""
        ...


class Presenting:
    """Where the holder's secrets come from in this run: the PIN file, the town's list, or a prompt."""

    def __init__(self, held: Held, file: Path | None, force: bool) -> None:
        self._held, self._file, self._force = held, file, force

    def present(self, credential: Credential, tries_left: Callable[[], int], verify: Counted) -> None:
        """Say the tries left, get the secret, present it.

        Raises:
            PinBlocked, LastTry: before anybody is asked.
            Malformed, WrongPin: as `warifu.reader.pins.verify`.
        """
        verify(self.obtain(credential, tries_left()), spend_last=self._force)

    def obtain(self, credential: Credential, tries: int) -> str:
        """The secret that is to be presented next."""
        check_spendable(credential, tries, self._force)
        name = words(NAMES[credential])
        known = self._held.known.get(credential) if self._file is None else None
        if known is None and self._file is None:
            return read_pin(None, f"{name} ({counted_tries(tries)})")
        tell(f"{name}: {counted_tries(tries)}")
        return known if known is not None else read_pin(self._file, name)


def check_spendable(credential: Credential, tries: int, force: bool) -> None:
    """Check that a try may be made.

    Raises:
        PinBlocked: none is left.
        LastTry: one is left and `force` is not set.
    """
    if tries == 0:
        raise PinBlocked(pin_name=credential.pin.name)
    if tries == 1 and not force:
        raise LastTry(tries, credential.pin.name)


def key_of(credential: Credential) -> str:
    """What ``--json`` calls it."""
    return credential.name.lower()
