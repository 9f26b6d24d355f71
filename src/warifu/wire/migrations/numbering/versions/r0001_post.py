"""What the party sends to others and gets from them."""

from warifu.wire.post import create_tables

revision = "numbering_0001"
down_revision = None


def upgrade() -> None:
    """Make the post's tables."""
    create_tables()
