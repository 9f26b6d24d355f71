"""Which clients know a person under one subject (OpenID Connect Core 1.0 §8.1).

Each client is a sector of its own unless it is registered with a `sector`: the host of the
``sector_identifier_uri`` in life, here a name with a dot in it, which no client id has. Another sector means other
subjects for everybody, so that a client is moved only by who says from where to where.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from warifu.errors import Malformed, NotAllowed
from warifu.idp.client import Client

__all__ = ["SectorChange", "check_sector", "moved", "sector_of"]

_SECTOR = re.compile(r"(?=.{3,255}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


@dataclass(frozen=True, slots=True)
class SectorChange:
    """A client left one sector for another."""

    client_id: str
    before: str
    after: str
    at: datetime


def sector_of(client: Client) -> str:
    """The sector under which subjects of a client are kept."""
    return client.sector or client.id


def check_sector(name: str) -> None:
    """Check the name of a sector.

    Raises:
        Malformed: it is no host name with a dot (RFC 1123 §2.1).
    """
    if not _SECTOR.fullmatch(name):
        raise Malformed("a sector is named like a host: example.jp")


def moved(client: Client, known: Client | None, now: datetime) -> SectorChange | None:
    """What registering a client again does to its sector: nothing, unless it says which one it leaves.

    Raises:
        NotAllowed: the sector differs from the one that is kept, and `sector_before` does not name that.
    """
    if known is None or sector_of(known) == sector_of(client):
        return None
    if client.sector_before != sector_of(known):
        raise NotAllowed(
            f"client {client.id} is of the sector {sector_of(known)}, not {sector_of(client)}: everybody would get "
            f'another subject there; if that is meant, let it say "sector_before": "{sector_of(known)}"'
        )
    return SectorChange(client.id, sector_of(known), sector_of(client), now)
