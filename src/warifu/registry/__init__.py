"""The resident register: who lives where, under which numbers, and what happens to them from birth to death.

In life these are the municipalities, each keeping the records of its people (住民基本台帳), and the network between
them. It knows everything about a person that an office writes down. It never sees a private key or a PIN, and it does
not decide which certificate ends: it tells the authorities what happened (`messages.ResidentEvent`, `CardEvent`) and of
a person only a `holder`, an identifier that is neither of the two numbers.

Pure: functions take records, an `Act` (who, at which desk, when) and what else was gathered, and return a `Change`:
records after it, messages out, entries of the log, to be committed together. Who may see what is a table (`SEES`),
every look is an entry, and a look is written down before what it shows is opened.

`numbering` is a party inside of it, with its own store: it gives out codes and numbers and sees nothing else.
"""

from warifu.registry.card_validity import Residence, Stay
from warifu.registry.change import Act, ActKind, Change, LogEntry, Message
from warifu.registry.names import RecordedName
from warifu.registry.numbering import AllottedCode, Designation, NumberingChange, allot, designate, follow_code
from warifu.registry.pool import PooledCode, pooled
from warifu.registry.record import (
    ABROAD,
    Annex,
    Deletion,
    MovingOut,
    Outcome,
    Protection,
    ResidentRecord,
)
from warifu.registry.relationship import Relationship
from warifu.registry.roles import SEES, Clerk, Desk, Office, Section, Sight

__all__ = [
    "ABROAD",
    "SEES",
    "Act",
    "ActKind",
    "AllottedCode",
    "Annex",
    "Change",
    "Clerk",
    "Deletion",
    "Designation",
    "Desk",
    "LogEntry",
    "Message",
    "MovingOut",
    "NumberingChange",
    "Office",
    "Outcome",
    "PooledCode",
    "Protection",
    "RecordedName",
    "Relationship",
    "Residence",
    "ResidentRecord",
    "Section",
    "Sight",
    "Stay",
    "allot",
    "designate",
    "follow_code",
    "pooled",
]
