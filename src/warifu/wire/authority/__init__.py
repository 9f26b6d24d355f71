"""The certification authorities on the wire: their record in a database, their services over HTTP, and who asks them.

`Authorities` issues, records events, publishes revocation lists and answers status questions, all of it in a record
that an append-only log vouches for (`audit`, `Heads`). `application` is the HTTP side, `RegisterLetters` where the
register's letters arrive, `OcspClient` the other end of the status questions, for verifiers. `open_house` puts both
authorities together from settings, with keys that two persons made at a `Ceremony`. The database's party is
``authority``: ``open_database(path, PARTY)``.
"""

from warifu.wire.authority.access import Access
from warifu.wire.authority.audit import Audit, Finding, audit
from warifu.wire.authority.bulk import AnswerPiece, ListPiece, answer_pieces, list_pieces, make_answers, make_list
from warifu.wire.authority.ceremony import Ceremony, check_ceremonies, hold_first, hold_roll_over, hold_specimen
from warifu.wire.authority.certificates import take_serial
from warifu.wire.authority.client import OcspClient
from warifu.wire.authority.custody import Custodian, Custody, open_custody
from warifu.wire.authority.figures import Day, Figures
from warifu.wire.authority.generations import Generations, KeyMaker
from warifu.wire.authority.heads import Heads
from warifu.wire.authority.house import (
    PARTY,
    House,
    Record,
    application_of,
    generations_of,
    holder_key,
    log_key,
    name_of,
    open_house,
    open_keys,
    open_record,
    passphrases_of,
    witness_of,
)
from warifu.wire.authority.http import application
from warifu.wire.authority.images import Imaged, Key
from warifu.wire.authority.inspecting import Freshness, Happening, Inspection, Wanted
from warifu.wire.authority.keeping import Over, delete_over, find_over
from warifu.wire.authority.known import compromise
from warifu.wire.authority.letters import RegisterLetters
from warifu.wire.authority.log import Leaf, append_leaves
from warifu.wire.authority.mounted import SERVICES_PATH, mounted_services
from warifu.wire.authority.production import Produced, produce_answers, produce_lists
from warifu.wire.authority.recipients import Bearer, Counts, Recipients, Tokens
from warifu.wire.authority.service import Authorities
from warifu.wire.authority.services import Services
from warifu.wire.authority.snapshots import take_snapshot
from warifu.wire.authority.tending import tended

__all__ = [
    "PARTY",
    "SERVICES_PATH",
    "Access",
    "AnswerPiece",
    "Audit",
    "Authorities",
    "Bearer",
    "Ceremony",
    "Counts",
    "Custodian",
    "Custody",
    "Day",
    "Figures",
    "Finding",
    "Freshness",
    "Generations",
    "Happening",
    "Heads",
    "House",
    "Imaged",
    "Inspection",
    "Key",
    "KeyMaker",
    "Leaf",
    "ListPiece",
    "OcspClient",
    "Over",
    "Produced",
    "Recipients",
    "Record",
    "RegisterLetters",
    "Services",
    "Tokens",
    "Wanted",
    "answer_pieces",
    "append_leaves",
    "application",
    "application_of",
    "audit",
    "check_ceremonies",
    "compromise",
    "delete_over",
    "find_over",
    "generations_of",
    "hold_first",
    "hold_roll_over",
    "hold_specimen",
    "holder_key",
    "list_pieces",
    "log_key",
    "make_answers",
    "make_list",
    "mounted_services",
    "name_of",
    "open_custody",
    "open_house",
    "open_keys",
    "open_record",
    "passphrases_of",
    "produce_answers",
    "produce_lists",
    "take_serial",
    "take_snapshot",
    "tended",
    "witness_of",
]
