"""How sure each login is, and logins without a certificate."""

import sqlalchemy as sa
from alembic import op

revision = "provider_0004"
down_revision = "provider_0003"

_BY_CARD = {"acr": "aal3", "amr": ["mfa", "sc", "pin"]}


def upgrade() -> None:
    """Add the columns; `warifu.wire.provider.tables` says what they mean. Until now every login was by card."""
    op.add_column("login", sa.Column("person", sa.String(36)))
    for name in ("login", "refresh_token"):
        op.add_column(name, sa.Column("acr", sa.String(32)))
        op.add_column(name, sa.Column("amr", sa.JSON(none_as_null=True)))
        table = sa.table(name, sa.column("acr", sa.String), sa.column("amr", sa.JSON), sa.column("answer_hash"))
        update = sa.update(table).values(**_BY_CARD)
        op.execute(update.where(table.c.answer_hash.is_not(None)) if name == "login" else update)
