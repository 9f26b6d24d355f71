"""Clients, people as keyed hashes and subjects, logins, spent assertions and access tokens."""

import sqlalchemy as sa
from alembic import op

revision = "provider_0001"
down_revision = None


def upgrade() -> None:
    """Make the tables; `warifu.wire.provider.tables` says what they mean."""
    op.create_table(
        "client",
        sa.Column("id", sa.String(255), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("redirect_uris", sa.JSON, nullable=False),
        sa.Column("jwks", sa.JSON, nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    _people()
    _logins()
    op.create_table(
        "spent_assertion",
        sa.Column("client_id", sa.String(255), primary_key=True),
        sa.Column("jti", sa.String(255), primary_key=True),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "access_token",
        sa.Column("hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("transaction_id", sa.String(64), nullable=False, index=True),
        sa.Column("client_id", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(36), nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("claims", sa.JSON, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("revoked", sa.Boolean, nullable=False),
    )


def _people() -> None:
    op.create_table(
        "certificate_holder",
        sa.Column("certificate_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("person", sa.String(36), nullable=False, index=True),
    )
    op.create_table(
        "subject",
        sa.Column("person", sa.String(36), primary_key=True),
        sa.Column("client_id", sa.String(255), sa.ForeignKey("client.id"), primary_key=True),
        sa.Column("subject", sa.String(36), nullable=False, unique=True),
    )


def _logins() -> None:
    op.create_table(
        "login",
        sa.Column("transaction_id", sa.String(64), primary_key=True),
        sa.Column("browser_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("client_id", sa.String(255), sa.ForeignKey("client.id"), nullable=False),
        *(sa.Column(name, sa.String(255), nullable=False) for name in ("redirect_uri", "state", "client_nonce")),
        sa.Column("code_challenge", sa.String(128), nullable=False),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("acr_values", sa.JSON, nullable=False),
        sa.Column("nonce", sa.LargeBinary(32), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("answer_hash", sa.LargeBinary(32)),
        sa.Column("certificate_hash", sa.LargeBinary(32)),
        sa.Column("answered_at", sa.BigInteger),
        sa.Column("shared_scopes", sa.JSON),
        sa.Column("claims", sa.JSON),
        sa.Column("error", sa.String(64)),
        sa.Column("error_description", sa.String(64)),
        sa.Column("subject", sa.String(36)),
        sa.Column("code_hash", sa.LargeBinary(32), unique=True),
        sa.Column("code_expires_at", sa.BigInteger),
        sa.Column("code_spent", sa.Boolean, nullable=False),
    )
