"""Checking logins on several processors: verification holds Python's lock, so each worker is a process of its own.

A worker has the trust store's anchors, the kept lists and a memory of its own. Who asks gathers OCSP answers and sends
them along; lists are too long to travel, so the worker opens them where they are kept.
"""

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Self

from warifu.errors import Unavailable, WarifuError
from warifu.verifier import Evidence, LoginCase, Memory, Policy, VerifiedLogin, check_logins, needs
from warifu.wire.clock import SystemEntropy
from warifu.wire.verification.lists import ListStore
from warifu.wire.verification.seen import KeptRevocations
from warifu.wire.verification.trust import TrustStore

__all__ = ["Desk", "VerificationPool"]

_PIECE = 64
"""Logins that a worker is given at once: a few milliseconds of work."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a worker works with: where the anchors, the lists and the revocations seen are kept, and by which policy."""

    trust: Path
    lists: Path | None = None
    seen: Path | None = None
    policy: Policy = field(default_factory=Policy)


class VerificationPool:
    """Processes that check logins; close it, or use it as a context manager. Usable from several threads."""

    def __init__(self, desk: Desk, processes: int | None = None) -> None:
        # Not forked: a server has threads, and a fork takes locks that they hold into the child for ever.
        self._workers = ProcessPoolExecutor(
            processes or os.cpu_count(), multiprocessing.get_context("spawn"), _begin, (desk,)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the workers go."""
        self._workers.shutdown(cancel_futures=True)

    def check(self, cases: Sequence[LoginCase], now: datetime) -> list[VerifiedLogin | WarifuError]:
        """As `check_logins`, on all processes; a case without a list gets the one that is kept.

        Raises:
            Unavailable: a worker died.
        """
        pieces = [cases[begin : begin + _PIECE] for begin in range(0, len(cases), _PIECE)]
        try:
            told = list(self._workers.map(_work, pieces, [now] * len(pieces)))
        except BrokenProcessPool as error:
            raise Unavailable("a verification process died") from error
        return [each for piece in told for each in piece]


class _Worker:
    """One process's own."""

    def __init__(self, desk: Desk) -> None:
        self.anchors = TrustStore(desk.trust).anchors()
        self.lists = None if desk.lists is None else ListStore(desk.lists, self.anchors)
        self.seen = None if desk.seen is None else KeptRevocations(desk.seen, SystemEntropy())
        self.policy, self.memory = desk.policy, Memory()

    def check(self, cases: Sequence[LoginCase], now: datetime) -> list[VerifiedLogin | WarifuError]:
        ready = map(self._with_list, cases)
        return list(check_logins(ready, self.anchors, now, policy=self.policy, memory=self.memory, seen=self.seen))

    def _with_list(self, case: LoginCase) -> LoginCase:
        if self.lists is None or case.evidence.crl is not None or "crl" not in self.policy.sources.value:
            return case
        try:
            asked = needs(case.answer.unverified_certificate, self.anchors, policy=self.policy, memory=self.memory)
        except WarifuError:
            return case  # it will be refused, and told why
        found = self.lists.find(self.anchors.of_key(asked.issuer_key_id), asked.distribution_point)
        evidence: Evidence = replace(case.evidence, crl=found)
        return replace(case, evidence=evidence)


_here: list[_Worker] = []
"""The one worker of this process."""


def _begin(desk: Desk) -> None:
    _here.append(_Worker(desk))


def _work(cases: Sequence[LoginCase], now: datetime) -> list[VerifiedLogin | WarifuError]:
    return _here[0].check(cases, now)
