"""How often somebody asked lately."""

import sqlalchemy as sa
from alembic import op

revision = "provider_0006a"
down_revision = "provider_0006"


def upgrade() -> None:
    """Make the table; `warifu.wire.provider.pace_store` says what it means."""
    op.create_table(
        "pace_account",
        sa.Column("asker", sa.LargeBinary(32), primary_key=True),
        sa.Column("full_at", sa.BigInteger, nullable=False, index=True),
    )
