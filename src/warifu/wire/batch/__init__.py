"""What an authority makes in bulk: revocation lists, answers signed beforehand, the status of all certificates.

Batch work runs on Dask: on processes of this machine, or on whatever a scheduler's address stands for. Every piece of
work can be done twice without harm, because a worker may die after doing it and before saying so.
"""

from warifu.wire.batch.heading import Heading
from warifu.wire.batch.snapshot import Snapshot
from warifu.wire.batch.snapshot_writing import StatusRow, write_snapshot
from warifu.wire.batch.status import take_snapshot
from warifu.wire.batch.workers import Crew, Opening, crew

__all__ = ["Crew", "Heading", "Opening", "Snapshot", "StatusRow", "crew", "take_snapshot", "write_snapshot"]
