"""Which generations of the certificate hashes' keys were let go, for processes that still have them."""

import sqlalchemy as sa
from alembic import op

revision = "provider_0008"
down_revision = "provider_0007a"


def upgrade() -> None:
    """Make the table; `warifu.wire.provider.identity_store` says what it means."""
    op.create_table("retired_generation", sa.Column("number", sa.Integer, primary_key=True, autoincrement=False))
