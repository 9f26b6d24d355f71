"""The card as a reader holds it."""

from collections.abc import Mapping

from warifu.card.layout import applications
from warifu.card.plan import FORMAT, PROFILE, WIPED
from warifu.card.profile import Profile
from warifu.chip import Alarm, Chip, Sensor
from warifu.errors import Unavailable
from warifu.iso7816 import StatusWord
from warifu.ports import Entropy, Store

_DEAD = StatusWord.NO_DIAGNOSIS.to_bytes(2, "big")


class Card:
    """A powered My Number Card over a store; the software counterpart of a card in a reader.

    Used from one thread at a time. The store belongs to this card alone while it is powered.

    When its sensor raises an alarm, keys, PINs and files are gone for good, from the store in one write and from here:
    from then on every command is answered 6F00, and the card that is powered over that store again is as dead.
    Modelled: entirely; which sensors real cards have and what they do is not public.
    """

    def __init__(self, store: Store, entropy: Entropy, sensor: Sensor | None = None) -> None:
        """Power the card on.

        Raises:
            Malformed: the store does not hold a card.
            DataTooNew: it holds one of a newer version.
        """
        self._store = store
        self._entropy = entropy
        self._sensor = sensor
        self._unfinished: Alarm | None = None
        self.power_cycle()

    @property
    def atr(self) -> bytes:
        """Answer to reset of the card's generation."""
        return self._atr

    def transmit(self, command: bytes) -> bytes:
        """Answer one command APDU; never raises, whatever the bytes."""
        if self._sensor is not None:
            self._watch(self._sensor)
        return _DEAD if self._chip is None else self._chip.transmit(command)

    def reset(self) -> None:
        """Warm reset: the card manager is current again, verified PINs stay verified in their application.

        Source: soltia48/myna-card `src/transport/pcsc.rs` (measured).
        """
        if self._chip is not None:
            self._chip.warm_reset()

    def power_cycle(self) -> None:
        """Power off and on: everything verified is forgotten, and the store is read anew."""
        stored = self._store.read()
        profile = Profile.decode(stored.get(PROFILE, b""))
        self._atr = profile.atr
        self._chip = None if WIPED in stored or self._unfinished else self._awake(stored, profile)
        if self._sensor is not None:
            self._watch(self._sensor)

    def _awake(self, stored: Mapping[str, bytes], profile: Profile) -> Chip:
        return Chip(applications(stored, profile), self._store, stored, self._entropy, profile.behaviour)

    def _watch(self, sensor: Sensor) -> None:
        """Heed an alarm, or finish what an earlier one began."""
        alarm = self._unfinished or sensor.alarm()
        if alarm is not None:
            self._wipe(alarm)

    def _wipe(self, alarm: Alarm) -> None:
        self._chip = None
        self._unfinished = alarm
        kept = {FORMAT, PROFILE}
        try:
            stored = self._store.read()
            if WIPED not in stored:
                self._store.write({place: b"" for place in stored if place not in kept} | {WIPED: alarm.value.encode()})
        except (OSError, Unavailable):
            return  # the card is dead already; its memory is wiped as soon as the storage lets it
        self._unfinished = None
