"""The append-only log; phone certificates, recipients and their counts, consents, refusals, early answers, the post.

What an earlier version recorded is taken into the log as it stands, a thousand rows a leaf: from here on an edit of it
is found like any other.
"""

import time
from collections.abc import Iterator
from itertools import islice

import sqlalchemy as sa
from alembic import op

from warifu.wire.authority import Imaged, Key, Leaf, append_leaves
from warifu.wire.post import create_tables

revision = "authority_0002"
down_revision = "authority_0001"

_ROWS_OF_A_LEAF = 1000
_Image = tuple[str, Key, bytes | None]

# As these tables are at this version; later versions change `warifu.wire.authority.tables`, not this.
_ADOPTED = (
    Imaged("serial_counter", ("kind",), ("kind", "next")),
    Imaged("list_counter", ("kind", "generation", "municipality"), ("kind", "generation", "municipality", "next")),
    Imaged("municipality", ("code",), ("code", "prefecture", "name", "prefecture_romaji", "name_romaji")),
    Imaged(
        "certificate",
        ("kind", "serial_number"),
        (
            *("kind", "serial_number", "generation", "medium", "holder", "municipality", "not_before", "not_after"),
            *("state", "live", "revoked_at", "reason", "der", "card", "as_of", "abroad", "signed_with"),
            "sealed_holder",
        ),
    ),
    Imaged("happening", ("id",), ("id", "kind", "serial_number", "event", "at")),
    Imaged(
        "revocation_list",
        ("kind", "generation", "municipality", "number"),
        ("kind", "generation", "municipality", "number", "this_update", "der"),
    ),
)


def upgrade() -> None:
    """Make the tables; `warifu.wire.authority` says what they mean."""
    op.add_column("certificate", sa.Column("card", sa.String(32)))
    op.add_column("certificate", sa.Column("as_of", sa.BigInteger))
    op.add_column("certificate", sa.Column("abroad", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("certificate", sa.Column("signed_with", sa.BigInteger))
    op.add_column("certificate", sa.Column("sealed_holder", sa.LargeBinary))
    op.create_index("certificates_of_holder", "certificate", ["holder"])
    op.create_index("happening_of_certificate", "happening", ["kind", "serial_number"])
    _log()
    _records()
    _access()
    _answers()
    create_tables()
    _adopt()


def _adopt() -> None:
    """Take the rows that are there into the log."""
    connection = op.get_bind()
    connection.execute(sa.text("INSERT INTO log_state (id, frontier) VALUES (1, :empty)"), {"empty": bytes(8)})
    at = int(time.time())
    for table in _ADOPTED:
        for rows in _batches((table.name, *image) for image in table.all_of(connection)):
            append_leaves(connection, [Leaf(at, "adopted", rows).encode()])


def _batches(images: Iterator[_Image]) -> Iterator[tuple[_Image, ...]]:
    while batch := tuple(islice(images, _ROWS_OF_A_LEAF)):
        yield batch


def _log() -> None:
    op.create_table(
        "log_entry",
        sa.Column("position", sa.BigInteger, primary_key=True),
        sa.Column("entry", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "log_node",
        sa.Column("level", sa.SmallInteger, primary_key=True),
        sa.Column("position", sa.BigInteger, primary_key=True),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
    )
    op.create_table(
        "log_state",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("frontier", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "log_head",
        sa.Column("moment", sa.BigInteger, primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
    )


def _records() -> None:
    op.create_table(
        "generation",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("key_id", sa.LargeBinary(20), primary_key=True),
        sa.Column("certificate", sa.LargeBinary, nullable=False),
        sa.Column("known_since", sa.BigInteger, nullable=False),
        sa.Column("compromised_at", sa.BigInteger),
    )
    op.create_table(
        "refusal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("serial_number", sa.BigInteger),
        sa.Column("error", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "authority_list",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("generation", sa.LargeBinary(20), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("this_update", sa.BigInteger, nullable=False),
        sa.Column("der", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("agreed", sa.String(64), primary_key=True),
        sa.Column("holder", sa.LargeBinary(32), nullable=False),
        sa.Column("recipient", sa.String(32), nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger),
    )
    op.create_index("consents_of_holder", "consent", ["holder"])
    op.create_table(
        "consent_message",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("holder", sa.LargeBinary(32), nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("message", sa.LargeBinary, nullable=False),
    )


def _access() -> None:
    op.create_table(
        "recipient",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("verifies", sa.String(32), nullable=False),
        sa.Column("agreed_on", sa.String(10)),
        sa.Column("certified_until", sa.String(10)),
        sa.Column("public_key_info", sa.LargeBinary),
        sa.Column("requestor", sa.LargeBinary),
        sa.Column("stopped", sa.Boolean, nullable=False),
        sa.Column("registered_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "recipient_count",
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("recipient", sa.String(32), primary_key=True),
        sa.Column("service", sa.String(32), primary_key=True),
        sa.Column("way", sa.String(16), primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "access_token",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("recipient", sa.String(32)),
        sa.Column("scopes", sa.String(255), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger),
        sa.Column("withdrawn_at", sa.BigInteger),
    )


def _answers() -> None:
    op.create_table(
        "status_answer",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("serial_number", sa.BigInteger, primary_key=True),
        sa.Column("this_update", sa.BigInteger, nullable=False),
        sa.Column("next_update", sa.BigInteger, nullable=False),
        sa.Column("der", sa.LargeBinary, nullable=False),
    )
