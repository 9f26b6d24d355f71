"""The tables of passkeys, their ceremonies and what happened to them, and rows as the engine's values."""

import hashlib
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, Integer, LargeBinary, Row, String, Table

from warifu.idp import Assurance, Attestation, CardEvent, Ceremony, Dropped, Passkey, Purpose
from warifu.wire.provider.tables import metadata, moment, seconds

__all__ = ["ceremonies", "ceremony_of", "events", "hash_of", "passkey_of", "passkeys", "values_of_passkey"]

passkeys = Table(
    "passkey",
    metadata,
    # A credential id has up to 1023 bytes, too long for some indexes; its SHA-256 also names it in addresses.
    Column("credential_hash", LargeBinary(32), primary_key=True),
    Column("credential_id", LargeBinary),
    Column("person", String(36)),
    Column("handle_hash", LargeBinary(32)),
    Column("public_key", LargeBinary),
    Column("aaguid", LargeBinary(16)),
    Column("transports", JSON),
    Column("flags", Integer),
    Column("backed_up", Boolean),
    Column("attestation", String(16)),
    Column("counter", BigInteger),
    Column("enrolment_hash", LargeBinary(32)),
    Column("created_at", BigInteger),
    Column("card_answer_hash", LargeBinary(32)),
    Column("card_certificate_hash", LargeBinary(32)),
    Column("card_acr", String(32)),
    Column("card_amr", JSON),
    Column("card_at", BigInteger),
    Column("question", LargeBinary),
    Column("used_at", BigInteger),
    Column("dropped_reason", Integer),
    Column("dropped_at", BigInteger),
    Column("set_aside_at", BigInteger),
)

ceremonies = Table(
    "passkey_ceremony",
    metadata,
    Column("transaction_id", String(64), primary_key=True),
    Column("expires_at", BigInteger),
    Column("question", LargeBinary),
    Column("tries", Integer),
    Column("purpose", String(8)),
    Column("challenge", LargeBinary),
    Column("challenge_until", BigInteger),
    Column("wanted", Boolean),
)

events = Table(
    "passkey_event",
    metadata,
    Column("person", String(36), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", BigInteger),
    Column("what", String(16)),
    Column("credential_hash", LargeBinary(32)),
)


def hash_of(credential_id: bytes) -> bytes:
    """What a passkey is found by: the SHA-256 of its credential id."""
    return hashlib.sha256(credential_id).digest()


def passkey_of(row: Row[Any]) -> Passkey:
    """A row of `passkeys`."""
    return Passkey(
        row.credential_id,
        row.person,
        row.handle_hash,
        row.public_key,
        row.aaguid,
        tuple(row.transports),
        row.flags,
        Attestation(row.attestation),
        row.counter,
        row.enrolment_hash,
        moment(row.created_at),
        CardEvent(
            row.card_answer_hash,
            row.card_certificate_hash,
            Assurance(row.card_acr, tuple(row.card_amr)),
            moment(row.card_at),
        ),
        row.question,
        row.backed_up,
        None if row.used_at is None else moment(row.used_at),
        None if row.dropped_at is None else Dropped(row.dropped_reason, moment(row.dropped_at)),
        None if row.set_aside_at is None else moment(row.set_aside_at),
    )


def values_of_passkey(passkey: Passkey) -> dict[str, Any]:
    """A passkey as a row."""
    card, dropped = passkey.card, passkey.dropped
    return {
        "credential_hash": hash_of(passkey.credential_id),
        "credential_id": passkey.credential_id,
        "person": passkey.person,
        "handle_hash": passkey.handle_hash,
        "public_key": passkey.public_key,
        "aaguid": passkey.aaguid,
        "transports": list(passkey.transports),
        "flags": passkey.flags,
        "backed_up": passkey.backed_up,
        "attestation": passkey.attestation.value,
        "counter": passkey.counter,
        "enrolment_hash": passkey.enrolment_hash,
        "created_at": seconds(passkey.created_at),
        "card_answer_hash": card.answer_hash,
        "card_certificate_hash": card.certificate_hash,
        "card_acr": card.assurance.acr,
        "card_amr": list(card.assurance.amr),
        "card_at": seconds(card.at),
        "question": passkey.question,
        "used_at": passkey.used_at and seconds(passkey.used_at),
        "dropped_reason": None if dropped is None else dropped.reason,
        "dropped_at": None if dropped is None else seconds(dropped.at),
        "set_aside_at": passkey.set_aside_at and seconds(passkey.set_aside_at),
    }


def ceremony_of(row: Row[Any]) -> Ceremony:
    """A row of `ceremonies`."""
    return Ceremony(
        row.transaction_id,
        moment(row.expires_at),
        row.question,
        row.tries,
        None if row.purpose is None else Purpose(row.purpose),
        row.challenge,
        None if row.challenge_until is None else moment(row.challenge_until),
    )
