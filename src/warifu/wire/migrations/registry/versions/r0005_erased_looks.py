"""Entries of the log whose time is over: erased, and only their leaf stays in the tree."""

import sqlalchemy as sa
from alembic import op

revision = "registry_0005"
down_revision = "registry_0004"


def upgrade() -> None:
    """Give an entry a place for its leaf, which is filled when the entry is erased."""
    op.add_column("log_entry", sa.Column("leaf", sa.LargeBinary(32)))
