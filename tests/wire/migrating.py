"""Databases as earlier versions left them."""

from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

import warifu.wire
from tests.wire.postgresql import Server


def migrate_to(connection: Connection, party: str, revision: str) -> None:
    """Bring an empty database to a version of a party's store."""
    revisions = Path(warifu.wire.__file__).parent / "migrations" / party
    scripts = ScriptDirectory(str(revisions), version_locations=[str(revisions / "versions")])
    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": f"alembic_version_{party}",
            "fn": lambda version, _context: scripts._upgrade_revs(revision, version),
        },
    )
    with Operations.context(context):
        context.run_migrations()


def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of one, on the server that the fixture's parameter names."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'old.sqlite'}"
    server: Server = request.getfixturevalue("postgresql")
    return server.bare_database()
