"""Codes in blocks, and the numbers that belong to them."""

import sqlalchemy as sa
from alembic import op

revision = "numbering_0002"
down_revision = "numbering_0001"


def upgrade() -> None:
    """Make the tables; `warifu.wire.numbering.tables` says what they mean."""
    op.create_table(
        "code",
        sa.Column("code", sa.String(11), primary_key=True),
        sa.Column("municipality", sa.String(5), nullable=False),
        sa.Column("request_id", sa.String(32), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("code_of_request", "code", ["request_id", "place"], unique=True)
    op.create_table(
        "designation",
        sa.Column("number", sa.String(12), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("current", sa.Boolean, nullable=False),
        sa.Column("code", sa.String(11), nullable=False),
        sa.Column("request_id", sa.String(32), nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("former_since", sa.BigInteger),
        sa.Column("written_at", sa.BigInteger, nullable=False),
    )
    _one("one_current_version", "number", "current")
    _one("one_number_of_code", "code", "current AND former_since IS NULL")


def _one(name: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "designation", [column], unique=True, sqlite_where=where, postgresql_where=where)
