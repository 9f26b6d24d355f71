"""All input and output: HTTP servers and clients, SQL stores, readers, the virtual reader, pages.

A corridor, not a room: each module or package in here is its own door, one for each party or device, and importing
``warifu.wire`` itself loads none of them. A party decides; its module here gathers what the party needs, calls it, and
commits what it decided in one transaction.

For everybody: `clock` (time and chance), `database` (engines and migrations), `serving` (several servers in one event
loop), `answers` (errors as HTTP answers), `logs` (structured, without secrets).
"""

__all__: list[str] = []
