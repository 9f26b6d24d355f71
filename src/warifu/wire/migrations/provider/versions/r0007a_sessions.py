"""Sessions at clients, clients' addresses for logging out, and what clients are yet to be told."""

import sqlalchemy as sa
from alembic import op

revision = "provider_0007a"
down_revision = "provider_0007"


def upgrade() -> None:
    """Make the tables; `warifu.wire.provider.session_store` says what they mean."""
    op.add_column("client", sa.Column("post_logout_redirect_uris", sa.JSON))
    op.add_column("client", sa.Column("backchannel_logout_uri", sa.String(255)))
    op.create_table(
        "client_session",
        sa.Column("sid", sa.String(36), primary_key=True),
        sa.Column("transaction_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(36), nullable=False, index=True),
        sa.Column("certificate_hash", sa.LargeBinary(32), index=True),
        sa.Column("authenticated_at", sa.BigInteger, nullable=False),
        sa.Column("acr", sa.String(16), nullable=False),
        sa.Column("ended", sa.Boolean, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "logout_message",
        sa.Column("sid", sa.String(36), primary_key=True),
        sa.Column("due_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("tries", sa.BigInteger, nullable=False),
        sa.Column("gives_up_at", sa.BigInteger, nullable=False),
    )
