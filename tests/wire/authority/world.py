"""Authorities with a log that another party watches, on any database."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, Table, insert

from tests.ca.town import AUTHENTICATION, KIYOSE, SIGNING, Moment, application, authority, key
from tests.wire.authorities import FIRST, HOLDER_KEY
from warifu.ca import Event
from warifu.errors import NotAllowed
from warifu.wire.authority import PARTY, Authorities
from warifu.wire.authority.audit import Audit, audit
from warifu.wire.authority.heads import Heads
from warifu.wire.authority.recording import recording
from warifu.wire.authority.tables import (
    access_tokens,
    consent_messages,
    consents,
    inbox,
    recipient_counts,
    recipients,
)
from warifu.wire.database import open_database
from warifu.wire.witness import HeadFile

LOG_KEY = 120
RENAMED = replace(KIYOSE, name="新清瀬市", name_romaji="Shin-Kiyose-shi")


@dataclass
class World:
    """Both authorities, their log and its witness."""

    engine: Engine
    authorities: Authorities
    heads: Heads
    witness: HeadFile
    clock: Moment

    def audit(self) -> Audit:
        return audit(self.engine, self.heads.public_key_info, self.witness)

    def faults(self) -> set[str]:
        return {str(finding) for finding in self.audit().findings}

    def close(self) -> None:
        self.engine.dispose()


def open_world(where: str | Path, folder: Path) -> World:
    """The world as it is after a start of the program."""
    engine, clock = open_database(where, PARTY), Moment()
    both = [authority(SIGNING, 0), authority(AUTHENTICATION, 1)]
    authorities = Authorities(engine, both, clock, holder_key=HOLDER_KEY, first_serial_number=FIRST)
    witness = HeadFile(folder / "heads", key(LOG_KEY).public_key_info)
    return World(engine, authorities, Heads(engine, key(LOG_KEY), clock, witness), witness, clock)


def live(world: World) -> None:
    """Let a little of everything happen, with three heads signed meanwhile."""
    authorities = world.authorities
    first, *_ = authorities.issue_all([application(AUTHENTICATION), application(SIGNING), application(holder="other")])
    serial_number = first.entry.serial_number
    world.heads.sign()
    authorities.record(AUTHENTICATION, serial_number, Event.DELIVERED)
    authorities.record(AUTHENTICATION, serial_number, Event.HELD)
    try:
        authorities.issue(application(holder="other"))
    except NotAllowed:
        world.clock.go_on(timedelta(seconds=7))
    world.heads.sign()
    authorities.publish(AUTHENTICATION, KIYOSE.code)
    authorities.publisher.publish_of_authorities(SIGNING)
    _insert_access(world)
    world.heads.sign()
    authorities.record(AUTHENTICATION, serial_number + 1, Event.DELIVERED)  # not under a head yet


def rename(world: World) -> None:
    """Write the municipality anew, which leaves it a former spelling with a list of its own."""
    world.authorities.issue(replace(application(holder="newcomer"), municipality=RENAMED))
    world.authorities.publish(AUTHENTICATION, KIYOSE.code)


def _insert_access(world: World) -> None:
    bank, holder = "b" * 32, bytes(range(32))
    allowed = {"kind": "certified", "verifies": "signing", "agreed_on": "2026-01-01", "certified_until": "2026-12-31"}
    counted = {"month": "2026-11", "recipient": bank, "service": "signing_status", "way": "ocsp", "count": 3}
    token = {"digest": holder, "name": "batch", "recipient": bank, "scopes": "status", "made_at": 1, "until": 2}
    consent = {"id": "c" * 32, "agreed": "name", "holder": holder, "recipient": bank, "since": 1, "until": 2}
    message = {"id": "c" * 32, "holder": holder, "received_at": 1, "message": b"signed"}
    rows: tuple[tuple[Table, dict[str, object]], ...] = (
        (recipients, {"id": bank, "name": "銀行", **allowed, "stopped": False, "registered_at": 1}),
        (recipient_counts, counted),
        (access_tokens, token),
        (consents, consent),
        (consent_messages, message),
    )
    letter = {"sender": "register", "id": "e" * 32, "subject": "x", "digest": bytes(range(32)), "answer": b"yes"}
    rows = (*rows, (inbox, {**letter, "received_at": 1}))
    with recording(world.engine) as record:
        for table, values in rows:
            record.connection.execute(insert(table).values(**values))
            record.note("inserted", world.clock.now(), (table, values))
