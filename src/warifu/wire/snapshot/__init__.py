"""The status of every certificate of an authority in one file that is only read.

`write_snapshot` makes one from rows; `Snapshot` answers from it. `Authorities.take_snapshot` makes one of the record.
"""

from warifu.wire.snapshot.heading import Heading, StatusRow
from warifu.wire.snapshot.reading import DAY, END_OF_DAY, ODD, Snapshot
from warifu.wire.snapshot.writing import write_snapshot

__all__ = ["DAY", "END_OF_DAY", "ODD", "Heading", "Snapshot", "StatusRow", "write_snapshot"]
