"""What a browser answers for a passkey, read strictly; nothing in it is believed yet."""

import binascii
import hashlib
import struct
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from fido2.webauthn import AttestationObject, AuthenticatorData, CollectedClientData

from warifu.errors import Malformed
from warifu.idp.encoding import base64url
from warifu.messages import json

MAX_CREDENTIAL_ID = 1023
"""Bytes of a credential id (WebAuthn §7.1)."""

T = TypeVar("T")

_MAX_TRANSPORTS = 8
# What the parsers of fido2 raise at bytes that are something else.
_UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError, struct.error)


@dataclass(frozen=True, slots=True, repr=False)
class EnrolmentAnswer:
    """A new credential. Wire: JSON object of `client_data`, `attestation_object` (base64url) and `transports`."""

    client_data: bytes
    attestation_object: bytes
    transports: tuple[str, ...]

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the wire form.

        Raises:
            Malformed: anything else.
        """
        members = json.load(data, {"client_data": str, "attestation_object": str, "transports": list})
        transports = members["transports"]
        if len(transports) > _MAX_TRANSPORTS or not all(_is_word(each) for each in transports):
            raise Malformed("transports are a few short words")
        client_data, attested = (_bytes(members[name]) for name in ("client_data", "attestation_object"))
        return cls(client_data, attested, tuple(transports))

    @property
    def hash(self) -> bytes:
        """What tells a repetition from another answer."""
        return hashlib.sha256(hashlib.sha256(self.client_data).digest() + self.attestation_object).digest()

    def read(self) -> tuple[CollectedClientData, AttestationObject]:
        """Its parts.

        Raises:
            Malformed: not what WebAuthn §5.8.1 and §6.5 say, or no credential in it.
        """
        client_data, attested = _client_data(self.client_data), _parsed(AttestationObject, self.attestation_object)
        new, told = attested.auth_data.credential_data, (attested.fmt, attested.att_stmt)
        if new is None or tuple(map(type, told)) != (str, dict):
            raise Malformed("no new credential in the answer")
        if not 0 < len(new.credential_id) <= MAX_CREDENTIAL_ID:
            raise Malformed("a credential id has 1 to 1023 bytes")
        return client_data, attested


@dataclass(frozen=True, slots=True, repr=False)
class PasskeyAnswer:
    """A signature. Wire: JSON object of `id`, `client_data`, `authenticator_data`, `signature`, `user_handle`."""

    credential_id: bytes
    client_data: bytes
    authenticator_data: bytes
    signature: bytes
    user_handle: bytes

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the wire form, all of it base64url.

        Raises:
            Malformed: anything else.
        """
        names = ("id", "client_data", "authenticator_data", "signature", "user_handle")
        members = json.load(data, dict.fromkeys(names, str))
        return cls(*(_bytes(members[name]) for name in names))

    @property
    def hash(self) -> bytes:
        """What tells a repetition from another answer."""
        parts = (self.credential_id, self.client_data, self.authenticator_data, self.signature, self.user_handle)
        return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()

    def read(self) -> tuple[CollectedClientData, AuthenticatorData]:
        """Its parts.

        Raises:
            Malformed: not what WebAuthn §5.8.1 and §6.1 say.
        """
        return _client_data(self.client_data), _parsed(AuthenticatorData, self.authenticator_data)


def _client_data(data: bytes) -> CollectedClientData:
    client_data = _parsed(CollectedClientData, data)
    texts = (client_data.type, client_data.origin)
    if not all(isinstance(each, str) for each in texts) or not isinstance(client_data.challenge, bytes):
        raise Malformed("client data of another shape")
    return client_data


def _parsed(kind: Callable[[bytes], T], data: bytes) -> T:
    try:
        return kind(data)
    except _UNREADABLE as error:
        raise Malformed("the passkey's answer cannot be read") from error


def _bytes(text: str) -> bytes:
    """Read base64url without padding; only the canonical spelling is accepted."""
    try:
        data = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (ValueError, binascii.Error) as error:
        raise Malformed("not base64url") from error
    if base64url(data) != text:
        raise Malformed("not base64url")
    return data


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 32 and value.isascii() and value.isprintable()
