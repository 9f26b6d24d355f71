"""Whose certificates are whose and since when, sectors, consents, and what each client received."""

import sqlalchemy as sa
from alembic import op

revision = "provider_0005b"
down_revision = "provider_0005a"


def upgrade() -> None:
    """Make the tables; `identity_store`, `consent_store` and `account_store` of the provider say what they mean.

    What was known before has no moment and no way in which it came to be known.
    """
    op.add_column("client", sa.Column("sector", sa.String(255)))
    op.add_column("certificate_holder", sa.Column("generation", sa.Integer))
    op.add_column("certificate_holder", sa.Column("since", sa.BigInteger))
    op.add_column("certificate_holder", sa.Column("how", sa.String(16)))
    op.execute("UPDATE certificate_holder SET generation = 1")
    # A sector is no client: the table is made anew, for SQLite keeps the reference otherwise.
    op.create_table(
        "subject_of_sector",
        sa.Column("person", sa.String(36), primary_key=True),
        sa.Column("sector", sa.String(255), primary_key=True),
        sa.Column("subject", sa.String(36), nullable=False),
    )
    op.execute("INSERT INTO subject_of_sector SELECT person, client_id, subject FROM subject")
    op.drop_table("subject")
    op.rename_table("subject_of_sector", "subject")
    op.create_index("ix_subject_subject", "subject", ["subject"], unique=True)
    op.create_table(
        "former_subject",
        sa.Column("subject", sa.String(36), primary_key=True),
        sa.Column("person", sa.String(36), nullable=False, index=True),
        sa.Column("sector", sa.String(255), nullable=False),
        sa.Column("ended_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "recognition",
        sa.Column("transaction_id", sa.String(64), primary_key=True),
        sa.Column("seen", sa.JSON, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "sector_change",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("client_id", sa.String(255), nullable=False),
        sa.Column("before", sa.String(255), nullable=False),
        sa.Column("after", sa.String(255), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "consent_event",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("person", sa.String(36), nullable=False, index=True),
        sa.Column("client_id", sa.String(255), nullable=False),
        sa.Column("scope", sa.String(64), nullable=False),
        sa.Column("decision", sa.String(8), nullable=False),
        sa.Column("text", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "receipt",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("person", sa.String(36), nullable=False, index=True),
        sa.Column("client_id", sa.String(255), nullable=False),
        sa.Column("how", sa.String(16), nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "account_session",
        sa.Column("hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("person", sa.String(36), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
    )
