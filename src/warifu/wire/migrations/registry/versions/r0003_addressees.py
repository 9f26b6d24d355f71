"""The ladder of numbers inside a municipality."""

import sqlalchemy as sa
from alembic import op

revision = "registry_0003"
down_revision = "registry_0002"


def upgrade() -> None:
    """Make the tables; `warifu.wire.registry.tables` says what they mean."""
    op.create_table(
        "addressee",
        sa.Column("municipality", sa.String(5), primary_key=True),
        sa.Column("holder", sa.String(32), primary_key=True),
        sa.Column("integrated", sa.String(15), nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
    )
    op.create_index("one_integrated_number", "addressee", ["municipality", "integrated"], unique=True)
    op.create_table(
        "addressee_number",
        sa.Column("municipality", sa.String(5), primary_key=True),
        sa.Column("section", sa.String(16), primary_key=True),
        sa.Column("digits", sa.String(15), primary_key=True),
        sa.Column("holder", sa.String(32), nullable=False),
        sa.Column("given_at", sa.BigInteger, nullable=False),
    )
    op.create_index("one_number_of_section", "addressee_number", ["municipality", "section", "holder"], unique=True)
