"""Certificates, what happened to them, serial numbers, revocation lists and their numbers."""

import sqlalchemy as sa
from alembic import op

revision = "authority_0001"
down_revision = None


def upgrade() -> None:
    """Make the tables; `warifu.wire.authority.tables` says what they mean."""
    _counters()
    op.create_table(
        "municipality",
        sa.Column("code", sa.String(5), primary_key=True),
        *(
            sa.Column(name, sa.String(64), nullable=False)
            for name in ("prefecture", "name", "prefecture_romaji", "name_romaji")
        ),
    )
    _certificates()
    _lists()


def _counters() -> None:
    op.create_table(
        "serial_counter",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("next", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "list_counter",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("generation", sa.LargeBinary(20), primary_key=True),
        sa.Column("municipality", sa.String(5), primary_key=True),
        sa.Column("next", sa.BigInteger, nullable=False),
    )


def _certificates() -> None:
    op.create_table(
        "certificate",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("serial_number", sa.BigInteger, primary_key=True),
        sa.Column("generation", sa.LargeBinary(20), nullable=False),
        sa.Column("medium", sa.String(8), nullable=False),
        sa.Column("holder", sa.LargeBinary(32), nullable=False),
        sa.Column("municipality", sa.String(5), sa.ForeignKey("municipality.code"), nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.Column("not_after", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("live", sa.Boolean, nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
        sa.Column("reason", sa.SmallInteger),
        sa.Column("der", sa.LargeBinary),
    )
    live, revoked = sa.text("live"), sa.text("revoked_at IS NOT NULL")
    op.create_index(
        "one_live_certificate",
        "certificate",
        ["holder", "kind", "medium"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
    op.create_index(
        "revoked_of_municipality",
        "certificate",
        ["kind", "generation", "municipality"],
        sqlite_where=revoked,
        postgresql_where=revoked,
    )
    op.create_table(
        "happening",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("serial_number", sa.BigInteger, nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["kind", "serial_number"], ["certificate.kind", "certificate.serial_number"]),
    )


def _lists() -> None:
    op.create_table(
        "revocation_list",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("generation", sa.LargeBinary(20), primary_key=True),
        sa.Column("municipality", sa.String(5), sa.ForeignKey("municipality.code"), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("this_update", sa.BigInteger, nullable=False),
        sa.Column("der", sa.LargeBinary, nullable=False),
    )
