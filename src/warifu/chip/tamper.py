"""What a chip senses of attempts to open it, as a port: whoever models the attack supplies the sensor."""

from enum import Enum
from typing import Protocol


class Alarm(Enum):
    """What a sensor noticed. Any one of them is enough.

    Source: the threats that chips of this kind are certified against (BSI-CC-PP-0084-2014: T.Malfunction,
    T.Phys-Probing, T.Phys-Manipulation).
    """

    LIGHT = "light"
    """The cover is off."""
    VOLTAGE = "voltage"
    """Supply outside of its range, as in fault attacks."""
    CLOCK = "clock"
    """Clock outside of its range."""
    PROBING = "probing"
    """The mesh over the memory is cut or bridged."""


class Sensor(Protocol):
    """Asked before each command and at power-on."""

    def alarm(self) -> Alarm | None:
        """What is wrong, or None."""
        ...
