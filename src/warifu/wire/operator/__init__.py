"""The page of who runs the certification authorities: counts, freshness, queues, and a button that publishes lists.

Nobody's name, address, number or serial number is on it. `application` is a server of its own on the loopback; `door`
lets in whoever has the link that was printed at the start, or a token for operating.
"""

from warifu.wire.operator.publishing import Publishing
from warifu.wire.operator.site import application, door

__all__ = ["Publishing", "application", "door"]
