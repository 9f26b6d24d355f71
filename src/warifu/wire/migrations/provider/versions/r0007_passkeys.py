"""Passkeys, their ceremonies, and what happened to them; what a login without the card says was proofed."""

import sqlalchemy as sa
from alembic import op

revision = "provider_0007"
down_revision = "provider_0006a"


def upgrade() -> None:
    """Make the tables; `warifu.wire.provider.passkey_store` says what they mean."""
    op.add_column("login", sa.Column("proofed", sa.JSON))
    op.create_table(
        "passkey",
        sa.Column("credential_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("credential_id", sa.LargeBinary, nullable=False),
        sa.Column("person", sa.String(36), nullable=False, index=True),
        sa.Column("handle_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("aaguid", sa.LargeBinary(16), nullable=False),
        sa.Column("transports", sa.JSON, nullable=False),
        sa.Column("flags", sa.Integer, nullable=False),
        sa.Column("backed_up", sa.Boolean, nullable=False),
        sa.Column("attestation", sa.String(16), nullable=False),
        sa.Column("counter", sa.BigInteger, nullable=False),
        sa.Column("enrolment_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("card_answer_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("card_certificate_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("card_acr", sa.String(32), nullable=False),
        sa.Column("card_amr", sa.JSON, nullable=False),
        sa.Column("card_at", sa.BigInteger, nullable=False),
        sa.Column("question", sa.LargeBinary, nullable=False),
        sa.Column("used_at", sa.BigInteger),
        sa.Column("dropped_reason", sa.Integer),
        sa.Column("dropped_at", sa.BigInteger),
        sa.Column("set_aside_at", sa.BigInteger),
    )
    op.create_table(
        "passkey_ceremony",
        sa.Column("transaction_id", sa.String(64), primary_key=True),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("question", sa.LargeBinary),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("purpose", sa.String(8)),
        sa.Column("challenge", sa.LargeBinary),
        sa.Column("challenge_until", sa.BigInteger),
        sa.Column("wanted", sa.Boolean, nullable=False),
    )
    op.create_table(
        "passkey_event",
        sa.Column("person", sa.String(36), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("credential_hash", sa.LargeBinary(32), nullable=False),
    )
