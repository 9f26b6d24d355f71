"""Logins that are handed over to a phone, and clients whose logins must not be relayed."""

import sqlalchemy as sa
from alembic import op

revision = "provider_0006"
down_revision = "provider_0005b"


def upgrade() -> None:
    """Make the table; `warifu.wire.provider.hand_over_store` says what it means. Logins under way go without one."""
    op.add_column("client", sa.Column("phishing_resistant", sa.Boolean))
    op.create_table(
        "hand_over",
        sa.Column("transaction_id", sa.String(64), primary_key=True),
        sa.Column("strong", sa.Boolean, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("link_hash", sa.LargeBinary(32), nullable=False, index=True),
        sa.Column("code_hash", sa.LargeBinary(32), index=True),
        sa.Column("code_expires_at", sa.BigInteger, nullable=False),
        sa.Column("codes", sa.Integer, nullable=False),
        sa.Column("way", sa.String(16)),
        sa.Column("phone_hash", sa.LargeBinary(32), index=True),
        sa.Column("digits_hash", sa.LargeBinary(32)),
        sa.Column("digits_expires_at", sa.BigInteger),
        sa.Column("digits_drawn", sa.Integer),
        sa.Column("wrong", sa.Integer, nullable=False),
        sa.Column("ready", sa.Boolean, nullable=False),
        sa.Column("answered", sa.Boolean, nullable=False),
    )
