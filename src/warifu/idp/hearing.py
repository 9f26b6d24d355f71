"""Hearing a request to the end: every rule of it, kept or broken, by the functions that decide in earnest.

The engine stops at the first rule that is broken, and a developer mends one after another. Here each function is asked
by itself, in the engine's order: so the first broken rule is what the engine answers. Nothing is granted, spent or
kept, and no check is left out anywhere because of a hearing: whoever hears only calls.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import ParamSpec, TypeVar

from warifu.errors import Malformed, OAuthRefused
from warifu.idp.rules import RULES, Rule

__all__ = ["Finding", "Hearing", "Standing"]

P = ParamSpec("P")
T = TypeVar("T")


class Standing(Enum):
    """How a rule stands: kept, broken, or not looked at because something before it is missing."""

    KEPT = "kept"
    BROKEN = "broken"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule, and for a broken one the provider's own words."""

    rule: Rule
    standing: Standing
    error: str = ""
    description: str = ""


class Hearing:
    """What was found so far, in the engine's order."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def hear(self, name: str, check: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T | None:
        """What the engine's function says; None if it refuses, which is written down."""
        try:
            value = check(*arguments, **named)
        except OAuthRefused as refusal:
            self.tell(name, refusal)
            return None
        except Malformed as fault:
            self.tell(name, OAuthRefused("invalid_request", str(fault)))
            return None
        self.findings.append(Finding(RULES[name], Standing.KEPT))
        return value

    def tell(self, name: str, refusal: OAuthRefused | None) -> None:
        """Write down a rule that was looked at elsewhere: broken, or kept without a refusal."""
        if refusal is None:
            self.findings.append(Finding(RULES[name], Standing.KEPT))
        else:
            self.findings.append(Finding(RULES[name], Standing.BROKEN, refusal.error, refusal.description))

    def leave(self, *names: str) -> None:
        """Write down rules that nothing could be found out about."""
        self.findings.extend(Finding(RULES[name], Standing.UNSEEN) for name in names)

    @property
    def kept(self) -> bool:
        """Whether nothing is broken."""
        return not any(finding.standing is Standing.BROKEN for finding in self.findings)
