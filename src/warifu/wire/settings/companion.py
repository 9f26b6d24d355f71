"""The settings of the companion."""

from dataclasses import dataclass

__all__ = ["CompanionSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanionSettings:
    """The small program between a browser and a card reader (``[companion]``, ``warifu companion``)."""

    port: int = 8710
    providers: tuple[str, ...] = ("http://localhost:8700",)
    """The origins whose logins may be answered."""
    reader: str = ""
    """The reader's name, or part of it; empty means the first one with a card."""
    ocsp: str = ""
    """Where to fetch a status answer to send along with a login: an address, ``certificate`` for the one that the
    card's certificate names, or empty to send none."""
