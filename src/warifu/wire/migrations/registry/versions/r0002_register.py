"""Residents, annexes, codes in store, cards, phones, orders, calls, acts, the log, tokens."""

import sqlalchemy as sa
from alembic import op

revision = "registry_0002"
down_revision = "registry_0001"

_EMPTY_FRONTIER = bytes(8)


def upgrade() -> None:
    """Make the tables; `warifu.wire.registry.tables` says what they mean."""
    _people()
    _cards()
    _doings()
    _log()
    _desk()


def _people() -> None:
    _versions(
        "resident",
        _text("holder", 32),
        _text("municipality", 5),
        _text("household", 32),
        sa.Column("live", sa.Boolean, nullable=False),
        _text("name", 300),
        _text("reading", 100),
        _text("birth_date", 8),
        _text("code", 11),
        sa.Column("lapses", sa.String(10)),
    )
    op.create_index("resident_of_holder", "resident", ["holder"])
    op.create_index("resident_of_household", "resident", ["household"])
    op.create_index("resident_of_municipality", "resident", ["municipality", "id"])
    op.create_index("resident_of_birth_date", "resident", ["birth_date"])
    op.create_index("resident_of_code", "resident", ["code"])
    op.create_index("resident_that_lapses", "resident", ["lapses"])
    _one("one_live_record", "resident", ["holder"], "live AND current")
    _versions(
        "annex",
        _text("holder", 32),
        _text("municipality", 5),
        sa.Column("live", sa.Boolean, nullable=False),
        _text("name", 300),
        _text("birth_date", 8),
        _text("code", 11),
    )
    op.create_index("annex_of_holder", "annex", ["holder"])
    op.create_index("annex_of_birth_date", "annex", ["birth_date"])
    _one("one_live_annex", "annex", ["holder"], "live AND current")
    _versions("pooled_code", _text("municipality", 5), sa.Column("unused", sa.Boolean, nullable=False))
    op.create_index("code_in_store", "pooled_code", ["municipality", "current", "unused"])


def _cards() -> None:
    _versions(
        "card",
        _text("holder", 32),
        _text("municipality", 5),
        _text("state", 16),
        sa.Column("expires", sa.String(10)),
        sa.Column("present_by", sa.String(10)),
    )
    op.create_index("card_of_holder", "card", ["holder"])
    op.create_index("card_of_state", "card", ["state", "expires"])
    _versions("phone", _text("holder", 32), _text("card", 32), _text("state", 16))
    op.create_index("phone_of_holder", "phone", ["holder"])
    op.create_table(
        "certificate_order",
        sa.Column("id", sa.String(32), primary_key=True),
        _text("holder", 32),
        _text("card", 32),
        sa.Column("phone", sa.String(32)),
        _text("kind", 16),
        sa.Column("ordered_at", sa.BigInteger, nullable=False),
        sa.Column("answered_at", sa.BigInteger),
        sa.Column("answer", sa.LargeBinary),
    )
    op.create_index("order_of_card", "certificate_order", ["card"])


def _doings() -> None:
    op.create_table(
        "hotline_call",
        sa.Column("id", sa.String(32), primary_key=True),
        _text("clerk", 64),
        sa.Column("holder", sa.String(32)),
        sa.Column("called_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "act",
        sa.Column("id", sa.String(32), primary_key=True),
        _text("what", 32),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("done_at", sa.BigInteger, nullable=False),
    )


def _log() -> None:
    op.create_table(
        "log_entry",
        sa.Column("position", sa.BigInteger, primary_key=True),
        sa.Column("entry", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "log_holder",
        sa.Column("holder", sa.String(32), primary_key=True),
        sa.Column("position", sa.BigInteger, primary_key=True),
    )
    op.create_table(
        "log_state",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("frontier", sa.LargeBinary, nullable=False),
    )
    begin = sa.text("INSERT INTO log_state (id, frontier) VALUES (1, :empty)")
    op.get_bind().execute(begin, {"empty": _EMPTY_FRONTIER})


def _desk() -> None:
    op.create_table(
        "token",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        _text("name", 64),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger),
        sa.Column("withdrawn_at", sa.BigInteger),
    )
    op.create_index("token_of_name", "token", ["name"], unique=True)


def _text(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), nullable=False)


def _versions(name: str, *columns: "sa.Column[str] | sa.Column[bool] | sa.Column[str | None]") -> None:
    op.create_table(
        name,
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        _text("id", 64),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("current", sa.Boolean, nullable=False),
        *columns,
        _text("act", 32),
        sa.Column("written_at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index(f"version_of_{name}", name, ["id", "version"], unique=True)
    _one(f"one_current_{name}", name, ["id"], "current")


def _one(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)
