"""The register of the municipalities on the wire: its database, its desks over HTTP, what it tells the other parties.

`Registry` does everything in transactions of its own database (``open_database(path, PARTY)``): the records in all
their versions, the log of everything done and seen, and the letters to the authorities and to the party that numbers.
"""

from warifu.wire.registry.calling import Calling, LocalCalls, RemoteCalls
from warifu.wire.registry.cards import Cards, WindowStep
from warifu.wire.registry.days import Turned
from warifu.wire.registry.doing import Done
from warifu.wire.registry.effects import Effect
from warifu.wire.registry.filling import Filled, fill
from warifu.wire.registry.house import House, open_house, open_numbering, open_register, window_desk
from warifu.wire.registry.letters import PARTY, Correspondents
from warifu.wire.registry.lives import Life, LifeEvent
from warifu.wire.registry.looks import Found, Version
from warifu.wire.registry.past import PastAct, has_nobody, keep_past
from warifu.wire.registry.people import People, Person
from warifu.wire.registry.rest import application
from warifu.wire.registry.retention import Over, Retention
from warifu.wire.registry.service import Registry
from warifu.wire.registry.tokens import Bearer, TokenNote
from warifu.wire.registry.turning import days_turning

__all__ = [
    "PARTY",
    "Bearer",
    "Calling",
    "Cards",
    "Correspondents",
    "Done",
    "Effect",
    "Filled",
    "Found",
    "House",
    "Life",
    "LifeEvent",
    "LocalCalls",
    "Over",
    "PastAct",
    "People",
    "Person",
    "Registry",
    "RemoteCalls",
    "Retention",
    "TokenNote",
    "Turned",
    "Version",
    "WindowStep",
    "application",
    "days_turning",
    "fill",
    "has_nobody",
    "keep_past",
    "open_house",
    "open_numbering",
    "open_register",
    "window_desk",
]
