"""The certification authorities on the wire: their record in a database, and their services over HTTP.

`Authorities` issues, records events, publishes revocation lists and answers status questions; `application` is the HTTP
side. The database's party is ``authority``: ``open_database(path, PARTY)``.
"""

from warifu.wire.authority.http import application
from warifu.wire.authority.service import Authorities

__all__ = ["PARTY", "Authorities", "application"]

PARTY = "authority"
"""What the party's migrations are called."""
