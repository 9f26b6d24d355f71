"""PINs and their tries, as they are kept when the power is gone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from warifu.chip.answer import Answered
from warifu.chip.files import PinFile
from warifu.errors import Malformed, Unavailable
from warifu.iso7816 import StatusWord
from warifu.ports import Store

MAX_TRIES = 15
MAX_SECRET = 16


@dataclass(frozen=True, slots=True)
class PinRecord:
    """One PIN in the store: its value and how many tries are left.

    Wire: tries left (u8, 0..15), then the PIN, 0..16 bytes; an empty one matches nothing.
    """

    tries_left: int
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.tries_left <= MAX_TRIES or len(self.secret) > MAX_SECRET:
            raise Malformed("not a PIN record")

    def encode(self) -> bytes:
        """The stored bytes."""
        return bytes((self.tries_left,)) + self.secret

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the stored bytes.

        Raises:
            Malformed: empty, too many tries, or a PIN longer than VERIFY carries.
        """
        if not data:
            raise Malformed("not a PIN record")
        return cls(data[0], data[1:])


class PinMemory:
    """The PIN records in hand, written through to the store."""

    def __init__(self, store: Store, stored: Mapping[str, bytes], pins: Iterable[PinFile]) -> None:
        self._store = store
        # An absent record reads as an empty one, which is malformed.
        self._records = {pin.name: PinRecord.decode(stored.get(pin.name, b"")) for pin in pins}

    def record(self, pin: PinFile) -> PinRecord:
        """The newest record that is on stable storage."""
        return self._records[pin.name]

    def keep(self, pin: PinFile, record: PinRecord) -> None:
        """Put `record` on stable storage; on return it is there.

        Raises:
            Answered: 6581, it may or may not be there.
        """
        try:
            self._store.write({pin.name: record.encode()})
        except (OSError, Unavailable):
            raise Answered(StatusWord.MEMORY_FAILURE) from None
        self._records[pin.name] = record

    def spend_try(self, pin: PinFile) -> PinRecord:
        """Count a try, durably, before anything is compared."""
        record = self.record(pin)
        spent = replace(record, tries_left=record.tries_left - 1)
        self.keep(pin, spent)
        return spent
