"""Which clients a process is just telling that sessions are over."""

import sqlalchemy as sa
from alembic import op

revision = "provider_0008a"
down_revision = "provider_0008"


def upgrade() -> None:
    """Make the table; `warifu.wire.provider.session_store` says what it means."""
    op.create_table(
        "logout_lane",
        sa.Column("client_id", sa.String(255), primary_key=True),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
