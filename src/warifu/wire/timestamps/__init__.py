"""The timestamp authority on the wire: its keys in files, its service over HTTP (RFC 3161 §3.4), and who asks it.

`found_timestamps` makes a root and a unit as the settings say, `open_timestamps` serves the unit; `make_unit` and
`open_unit` do the same in a folder that is named. `TimestampClient` asks any such service.
"""

from warifu.wire.timestamps.client import TimestampClient
from warifu.wire.timestamps.desk import application
from warifu.wire.timestamps.house import (
    found_timestamps,
    make_unit,
    open_timestamps,
    open_unit,
    root_certificate,
)

__all__ = [
    "TimestampClient",
    "application",
    "found_timestamps",
    "make_unit",
    "open_timestamps",
    "open_unit",
    "root_certificate",
]
