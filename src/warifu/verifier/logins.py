"""Checking many logins in one call: each on its own, and none keeps the others from being told."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from warifu.errors import WarifuError
from warifu.messages import LoginAnswer, LoginChallenge
from warifu.verifier.anchors import Anchors
from warifu.verifier.login import VerifiedLogin, check_login
from warifu.verifier.memory import Memory, SeenRevocations
from warifu.verifier.policy import Policy
from warifu.verifier.revocation import Evidence

__all__ = ["LoginCase", "check_logins"]

_DEFAULT_POLICY = Policy()


@dataclass(frozen=True, slots=True, repr=False)
class LoginCase:
    """One login to be checked, as `check_login` takes it: the answer, the challenge asked, until when, and evidence."""

    answer: LoginAnswer
    expected: LoginChallenge
    expires_at: datetime
    evidence: Evidence = field(default_factory=Evidence)

    def __repr__(self) -> str:
        return "LoginCase()"


def check_logins(
    cases: Iterable[LoginCase],
    anchors: Anchors,
    now: datetime,
    *,
    policy: Policy = _DEFAULT_POLICY,
    memory: Memory | None = None,
    seen: SeenRevocations | None = None,
) -> Iterator[VerifiedLogin | WarifuError]:
    """What `check_login` returns or raises for each, in their order; nobody's refusal stops the next.

    Without a `memory` of the caller's, issuers' signatures are remembered for this call.
    """
    kept = Memory() if memory is None else memory
    for case in cases:
        try:
            yield check_login(
                case.answer,
                case.expected,
                case.expires_at,
                case.evidence,
                anchors,
                now,
                policy=policy,
                memory=kept,
                seen=seen,
            )
        except WarifuError as refusal:
            yield refusal
