"""What to ask about the certificates by which people are logged in."""

import sqlalchemy as sa
from alembic import op

revision = "provider_0008b"
down_revision = "provider_0008a"


def upgrade() -> None:
    """Make the table; `warifu.wire.provider.watch_store` says what it means."""
    op.create_table(
        "watched_certificate",
        sa.Column("certificate_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("question", sa.LargeBinary, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("until", sa.BigInteger, nullable=False, index=True),
    )
