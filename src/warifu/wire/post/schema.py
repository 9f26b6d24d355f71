"""The post's tables: one definition for every party's migrations and queries.

``outbox``: a row for each letter sent, in order of writing. ``state`` is ``waiting``, ``settled`` (answered, and the
answer dealt with; the body is then erased, because it can hold personal data), or ``aside`` (the operator gave up).
``next_try`` is in seconds since 1970; ``failure`` names the last error, ``refused`` tells a refusal from silence.

``inbox``: a row for each letter that has had its effect, with its digest and the answer it got.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

_metadata = sa.MetaData()

WAITING, SETTLED, ASIDE = "waiting", "settled", "aside"


def _outbox_columns() -> list[Any]:
    return [
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("recipient", sa.String(32), nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("sender", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("thread", sa.String(80), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("written_at", sa.BigInteger, nullable=False),
        sa.Column("settled_at", sa.BigInteger),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_try", sa.BigInteger, nullable=False),
        sa.Column("failure", sa.String(64), nullable=False),
        sa.Column("refused", sa.Boolean, nullable=False),
    ]


def _inbox_columns() -> list[Any]:
    return [
        sa.Column("sender", sa.String(32), primary_key=True),
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
    ]


outbox = sa.Table("outbox", _metadata, *_outbox_columns())
inbox = sa.Table("inbox", _metadata, *_inbox_columns())


def create_tables() -> None:
    """Make the post's tables, as the first version had them: for a party's Alembic revision."""
    op.create_table("outbox", *_outbox_columns())
    op.create_index("letter_of_recipient", "outbox", ["recipient", "id"], unique=True)
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "waiting_letters",
        "outbox",
        ["recipient", "thread", "number"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table("inbox", *_inbox_columns())
