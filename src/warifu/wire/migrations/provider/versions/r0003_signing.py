"""The signing API: what clients want signed, and their own tokens."""

import sqlalchemy as sa
from alembic import op

revision = "provider_0003"
down_revision = "provider_0002"


def upgrade() -> None:
    """Make the tables; `warifu.wire.provider.signing_store` says what they mean."""
    op.add_column("client", sa.Column("operator_jwks", sa.JSON))
    op.add_column("login", sa.Column("sign_transaction_id", sa.String(36)))
    op.create_table(
        "service_token",
        sa.Column("hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("client_id", sa.String(255), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "signing_transaction",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("client_id", sa.String(255), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("login", sa.String(64)),
        sa.Column("result", sa.Text),
    )
