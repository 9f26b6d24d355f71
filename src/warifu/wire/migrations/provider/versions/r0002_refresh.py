"""Refresh tokens, pushed requests, and tokens for the holder of a key."""

import sqlalchemy as sa
from alembic import op

revision = "provider_0002"
down_revision = "provider_0001"


def upgrade() -> None:
    """Make the tables; `warifu.wire.provider.tables` says what they mean."""
    op.add_column("login", sa.Column("response_mode", sa.String(16), nullable=False, server_default="query"))
    op.add_column("login", sa.Column("key_thumbprint", sa.String(43)))
    op.add_column("access_token", sa.Column("key_thumbprint", sa.String(43)))
    op.create_table(
        "refresh_token",
        sa.Column("hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("transaction_id", sa.String(64), nullable=False, index=True),
        sa.Column("client_id", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(36), nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("authenticated_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("spent", sa.Boolean, nullable=False),
    )
    op.create_table(
        "pushed_request",
        sa.Column("hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("client_id", sa.String(255), nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
    )
