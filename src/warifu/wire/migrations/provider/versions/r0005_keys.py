"""The keys that sign ID tokens, and when each is used."""

import sqlalchemy as sa
from alembic import op

revision = "provider_0005"
down_revision = "provider_0004"


def upgrade() -> None:
    """Make the table; `warifu.wire.provider.key_store` says what it means."""
    op.create_table(
        "token_key",
        sa.Column("kid", sa.String(43), primary_key=True),
        sa.Column("public_key_info", sa.LargeBinary, nullable=False),
        sa.Column("announced_at", sa.BigInteger, nullable=False),
        sa.Column("used_from", sa.BigInteger, nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger),
        sa.Column("place", sa.Text, nullable=False),
    )
