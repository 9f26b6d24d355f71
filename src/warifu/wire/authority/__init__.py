"""The certification authorities on the wire: their record in a database, their services over HTTP, and who asks them.

`Authorities` issues, records events, publishes revocation lists and answers status questions; `application` is the HTTP
side; `OcspClient` is the other end of it, for verifiers. The database's party is ``authority``:
``open_database(path, PARTY)``.
"""

from warifu.wire.authority.bulk import AnswerPiece, ListPiece, answer_pieces, list_pieces, make_answers, make_list
from warifu.wire.authority.client import OcspClient
from warifu.wire.authority.http import application
from warifu.wire.authority.production import Produced, produce_answers, produce_lists
from warifu.wire.authority.service import Authorities

__all__ = [
    "PARTY",
    "AnswerPiece",
    "Authorities",
    "ListPiece",
    "OcspClient",
    "Produced",
    "answer_pieces",
    "application",
    "list_pieces",
    "make_answers",
    "make_list",
    "produce_answers",
    "produce_lists",
]

PARTY = "authority"
"""What the party's migrations are called."""
