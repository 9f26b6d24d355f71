"""How municipalities were written before, and the revocation lists under those spellings.

Of one that was written anew by an earlier version the former spelling is not known: it was overwritten.
"""

import sqlalchemy as sa
from alembic import op

revision = "authority_0003"
down_revision = "authority_0002"


def upgrade() -> None:
    """Make the tables; `warifu.wire.authority` says what they mean."""
    op.create_table(
        "former_spelling",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("code", sa.String(5), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("prefecture", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("prefecture_romaji", sa.String(64), nullable=False),
        sa.Column("name_romaji", sa.String(64), nullable=False),
        sa.Column("before", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "former_list",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("generation", sa.LargeBinary(20), primary_key=True),
        sa.Column("municipality", sa.String(5), primary_key=True),
        sa.Column("spelling", sa.Integer, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("this_update", sa.BigInteger, nullable=False),
        sa.Column("der", sa.LargeBinary, nullable=False),
    )
