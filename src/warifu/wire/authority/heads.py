"""Signing the log's heads and handing them to the party that keeps them; proofs for whoever wants to check an entry.

The log has a key of its own: a signature on a head does not say which log it is of, so the key does (RFC 9162 §4.4).
"""

import logging
from datetime import datetime

from sqlalchemy import Connection, Engine

from warifu.errors import LogRefused, NotFound
from warifu.ledger import (
    ConsistencyProof,
    InclusionProof,
    SignedTreeHead,
    log_id,
    next_tree_head,
    prove_consistency,
    prove_inclusion,
    sign_tree_head,
)
from warifu.ports import Clock, Signer
from warifu.wire.authority import log
from warifu.wire.database import reading, writing
from warifu.wire.witness import Witness

__all__ = ["Heads"]

_log = logging.getLogger("warifu.authority.log")


class Heads:
    """Signs heads of the log in a database; with a `witness` every head is handed to it."""

    def __init__(self, engine: Engine, signer: Signer, clock: Clock, witness: Witness | None = None) -> None:
        self._engine = engine
        self._signer = signer
        self._clock = clock
        self._witness = witness
        self._log_id = log_id(signer.public_key_info)

    @property
    def public_key_info(self) -> bytes:
        """The log's public key."""
        return self._signer.public_key_info

    @property
    def witness(self) -> Witness | None:
        """Whoever keeps the heads."""
        return self._witness

    def sign(self) -> SignedTreeHead:
        """The head of the log as it is, signed, kept and witnessed; the last one when nothing came since.

        Raises:
            LogRefused: the witness holds a head that this log does not continue: somebody changed the log.
            Unavailable: the key's holder or the witness does not answer.
        """
        signed = self._sign(self._clock.now())
        if self._witness is not None:
            self._hand_over(self._witness, signed)
        return signed

    def _sign(self, now: datetime) -> SignedTreeHead:
        # The key may be slow, and nobody waits for it: what is appended meanwhile is in the next head.
        with reading(self._engine) as connection:
            frontier, newest = log.read_frontier(connection), log.newest_head(connection)
        if newest is not None and newest.tree_head.size == frontier.size:
            return newest
        previous = None if newest is None else newest.tree_head
        signed = sign_tree_head(next_tree_head(frontier, now, previous), self._signer)
        with writing(self._engine) as connection:
            latest = log.newest_head(connection)
            if latest is not None and latest.tree_head.moment >= signed.tree_head.moment:
                return latest  # another server signed at the same time
            log.keep_head(connection, signed)
        return signed

    def _hand_over(self, witness: Witness, signed: SignedTreeHead) -> None:
        kept = witness.newest()
        if kept == signed:
            return
        try:
            with reading(self._engine) as connection:
                proof = None if kept is None else self._consistency(connection, kept, signed)
            witness.keep(signed, proof)
        except (LogRefused, NotFound):
            _log.critical("the witness holds a head that this log does not continue")
            raise

    def _consistency(self, connection: Connection, older: SignedTreeHead, newer: SignedTreeHead) -> ConsistencyProof:
        sizes = older.tree_head.size, newer.tree_head.size
        return prove_consistency(log.SqlNodes(connection), self._log_id, *sizes)

    def newest(self) -> SignedTreeHead:
        """The newest signed head.

        Raises:
            NotFound: none was signed yet.
        """
        with reading(self._engine) as connection:
            found = log.newest_head(connection)
        if found is None:
            raise NotFound("no head of the log was signed yet")
        return found

    def inclusion(self, position: int, size: int) -> tuple[bytes, InclusionProof]:
        """A leaf of the log, and the proof that it is in the tree of `size` leaves.

        Raises:
            NotFound: there is no such leaf, or no such tree yet.
        """
        with reading(self._engine) as connection:
            self._check_size(connection, size)
            proof = prove_inclusion(log.SqlNodes(connection), self._log_id, position, size)
            return log.leaf(connection, position), proof

    def consistency(self, older: int, newer: int) -> ConsistencyProof:
        """The proof that the tree of `newer` leaves begins with that of `older`.

        Raises:
            NotFound: there is no such tree yet.
        """
        with reading(self._engine) as connection:
            self._check_size(connection, newer)
            return prove_consistency(log.SqlNodes(connection), self._log_id, older, newer)

    def _check_size(self, connection: Connection, size: int) -> None:
        if not 0 < size <= log.read_frontier(connection).size:
            raise NotFound("the log is not that long")
