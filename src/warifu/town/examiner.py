"""Examining somebody's client with a provider that misbehaves on purpose."""

from warifu.ports import Clock, Entropy
from warifu.wire.sandbox import Examiner, Verdict, examine
from warifu.wire.serving import Reserved, serve_in_thread

__all__ = ["Verdict", "examine_client", "issuer_at"]


def issuer_at(reserved: Reserved, clock: Clock, entropy: Entropy) -> Examiner:
    """The examining provider for an address; its issuer is what the client has to be configured for."""
    return Examiner(reserved.origin, clock, entropy)


def examine_client(address: str, examiner: Examiner, reserved: Reserved, *, marker: str | None = None) -> list[Verdict]:
    """Serve the examiner while the client at `address` is examined.

    Raises:
        Unavailable, NotAllowed, Malformed: as `warifu.wire.sandbox.examine`.
    """
    with serve_in_thread([(reserved, examiner.application())]):
        return examine(address, examiner, marker=marker)
