"""What became of every token, as an entry in a chain that nobody can change or thin out unseen.

An entry says who (the client, a keyed reference to the person at that client), what (a kind of token and what happened
to it), when, by which key, and of which login and token; of all these nothing opens anything and nothing names anybody.
Each entry is chained to the one before it by HMAC-SHA256 under a key derived from the provider's secret: who can write
into the database but has not the secret can cut the end off and nothing else. Against that, and against who has the
secret too, the operator keeps the chain's head elsewhere from time to time.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from warifu.errors import NotConsistent
from warifu.idp.secret import Secret

__all__ = ["Act", "AuditEntry", "AuditHead", "AuditKey", "TokenKind"]

_TAG = b"warifu provider audit 1"
_REFERENCE_BYTES = 16
BEGINNING = bytes(32)
"""What the first entry is chained to."""


class Act(Enum):
    """What happened. Wire: the value."""

    ISSUED = "issued"
    REFRESHED = "refreshed"
    USED = "used"
    REVOKED = "revoked"
    REFUSED = "refused"


class TokenKind(Enum):
    """To what it happened. Wire: the value."""

    CODE = "code"
    ACCESS = "access token"
    REFRESH = "refresh token"
    ID = "id token"
    SERVICE = "service token"
    RESULT = "sign result"
    LOGOUT = "logout token"
    LOGIN = "login"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act. `person`, `login` and `token` are keyed references, hexadecimal, empty where there is none.

    `kid` is the key that signed, `why` the error of a refusal or what ended a login.
    Wire: the fields in this order, each UTF-8 behind its length in four bytes; the moment in seconds since 1970.
    """

    at: datetime
    act: Act
    kind: TokenKind
    client_id: str
    person: str = ""
    login: str = ""
    token: str = ""
    kid: str = ""
    why: str = ""

    def encode(self) -> bytes:
        """What is chained."""
        seconds = str(int(self.at.astimezone(UTC).timestamp()))
        texts = (seconds, self.act.value, self.kind.value, self.client_id, self.person, self.login, self.token)
        return _fields(*(text.encode() for text in (*texts, self.kid, self.why)))


@dataclass(frozen=True, slots=True)
class AuditHead:
    """How far the chain has come: the number of its last entry and that entry's link. Wire: ``NUMBER:HEX``."""

    number: int = 0
    link: bytes = BEGINNING

    def __str__(self) -> str:
        return f"{self.number}:{self.link.hex()}"


class AuditKey:
    """The keys of the references and of the chain."""

    def __init__(self, secret: Secret) -> None:
        self._references = secret.derive("audit references")
        self._chain = secret.derive("audit chain")

    def person(self, client_id: str, subject: str | None) -> str:
        """The reference to a person at one client; another at each, as the subject is."""
        return "" if subject is None else self._reference(b"person", client_id.encode(), subject.encode())

    def login(self, transaction: str | None) -> str:
        """The reference to a login."""
        return "" if transaction is None else self._reference(b"login", transaction.encode())

    def token(self, token_hash: bytes) -> str:
        """The reference to a token, by its SHA-256."""
        return self._reference(b"token", token_hash)

    def following(self, head: AuditHead, entry: AuditEntry) -> AuditHead:
        """The head after this entry."""
        number = head.number + 1
        data = _fields(_TAG, number.to_bytes(8, "big"), head.link, entry.encode())
        return AuditHead(number, hmac.digest(self._chain, data, hashlib.sha256))

    def check(self, head: AuditHead, entry: AuditEntry, kept: AuditHead) -> AuditHead:
        """Check that `kept` is what is written beside an entry that follows `head`; then the head after it.

        Raises:
            NotConsistent: the entry, the link or the number was changed, or something before it is gone.
        """
        expected = self.following(head, entry)
        if kept.number != expected.number or not hmac.compare_digest(kept.link, expected.link):
            raise NotConsistent(f"entry {kept.number} of the audit log does not follow from entry {head.number}")
        return expected

    def _reference(self, *parts: bytes) -> str:
        return hmac.digest(self._references, _fields(*parts), hashlib.sha256)[:_REFERENCE_BYTES].hex()


def _fields(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
