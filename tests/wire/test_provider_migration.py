"""A provider's store of an earlier version: whoever was known then is known now, by the same subject."""

import json
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text

import warifu.wire
from tests.idp import world
from tests.idp.world import CLIENT
from tests.wire.identity_world import ISSUER, NEW, OLD, Follows, Renewing
from tests.wire.postgresql import Server
from tests.wire.test_provider_identity import subject
from warifu.idp import How, traces
from warifu.wire.database import open_database
from warifu.wire.provider.tables import metadata

PARTY = "provider"
REVISIONS = Path(warifu.wire.__file__).parent / "migrations" / PARTY
PERSON, SUBJECT = "5f0c2a6e-0000-4000-8000-000000000001", "5f0c2a6e-0000-4000-8000-000000000002"


def migrate_to(connection: Connection, revision: str) -> None:
    scripts = ScriptDirectory(str(REVISIONS), version_locations=[str(REVISIONS / "versions")])
    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": f"alembic_version_{PARTY}",
            "fn": lambda version, _context: scripts._upgrade_revs(revision, version),
        },
    )
    with Operations.context(context):
        context.run_migrations()


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database as the version before had it: one client, one person, one subject."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.sqlite'}"
    else:
        server: Server = request.getfixturevalue("postgresql")
        url = server.bare_database()
    engine = create_engine(url)
    [trace] = traces(ISSUER, OLD, world.SECRET)
    with engine.begin() as connection:
        migrate_to(connection, "provider_0005a")
        lists = {"uris": json.dumps(CLIENT.redirect_uris), "jwks": json.dumps(CLIENT.jwks), "scopes": '["openid"]'}
        insert = "INSERT INTO client (id, name, redirect_uris, jwks, scopes, active)"
        row = {"id": CLIENT.id, "name": CLIENT.name, "active": True, **lists}
        connection.execute(text(f"{insert} VALUES (:id, :name, :uris, :jwks, :scopes, :active)"), row)
        known = {"hash": trace.hash, "person": PERSON}
        connection.execute(text("INSERT INTO certificate_holder VALUES (:hash, :person)"), known)
        told = {"person": PERSON, "client": CLIENT.id, "subject": SUBJECT}
        connection.execute(text("INSERT INTO subject VALUES (:person, :client, :subject)"), told)
    engine.dispose()
    return url


def test_whoever_was_known_stays_known_also_after_a_renewal(old: str, tmp_path: Path) -> None:
    """Kept under the one key that there was, which is the first generation now."""
    stage = Renewing(tmp_path, old)
    with stage.opened(Follows({NEW: ((OLD, How.SUCCESSION),)})) as service:
        service.register(CLIENT)
        assert subject(stage, service, NEW) == SUBJECT
        assert subject(stage, service, OLD) == SUBJECT


def test_the_migrations_tables_are_the_programs(old: str) -> None:
    engine = open_database(old, PARTY)
    seen = inspect(engine)
    columns = {name: {column["name"] for column in seen.get_columns(name)} for name in seen.get_table_names()}
    engine.dispose()
    del columns["alembic_version_provider"]
    assert columns == {name: {column.name for column in table.columns} for name, table in metadata.tables.items()}
