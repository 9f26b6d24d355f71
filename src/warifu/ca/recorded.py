"""What goes into the authority's append-only log: one entry for each certificate issued, changed or refused.

The log is read by others, so an entry names nobody: a certificate appears as a keyed hash of its serial number, and
what the record holds about it as another. Whoever has the key and the record makes the same entry again and compares;
who has only the log can count, and see that nothing was taken out or changed (RFC 9162).
"""

import hashlib
import hmac
import re
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Self, TypeVar

from warifu.ca.application import CertificateApplication
from warifu.ca.authority import Issued
from warifu.ca.consequences import Change
from warifu.ca.record import Entry, State
from warifu.ca.transitions import Event
from warifu.errors import Malformed
from warifu.pki import CertificateKind, Medium, Reason, Revocation

T = TypeVar("T")


class Outcome(Enum):
    """What an entry of the log tells."""

    ISSUED = 1
    CHANGED = 2
    REFUSED = 3


@dataclass(frozen=True, slots=True)
class Recorded:
    """One entry of the log.

    Wire: the 16-byte tag ``warifu record 1`` NUL; one byte each for outcome (1 issued, 2 changed, 3 refused), kind
    (1 signing, 2 authentication), medium (1 card, 2 phone), state afterwards (0 none, 1 issued, 2 valid, 3 held,
    4 revoked) and reason (CRLReason, 255 none); moment of recording and moment since which revoked (u64 seconds since
    1970, the latter 0 for none); the generation's key identifier (20 bytes, zeros when refused); subject and detail
    (32 bytes each); the event's name, or the error's, in lower-case ASCII behind its length (u8).

    `subject` is HMAC-SHA-256 over kind and serial number, of a refusal over the application's holder; `detail` is the
    same over all that the record has. Both need the authority's key for its log.
    """

    TAG = b"warifu record 1\0"

    outcome: Outcome
    what: str
    kind: CertificateKind
    medium: Medium
    state: State | None
    revocation: Revocation | None
    at: datetime
    generation: bytes
    subject: bytes
    detail: bytes

    def __post_init__(self) -> None:
        if (len(self.generation), len(self.subject), len(self.detail)) != (20, 32, 32):
            raise Malformed("an entry of the log has 20 and twice 32 bytes of digests")
        if not _WORD.fullmatch(self.what):
            raise Malformed("what happened is told in lower-case ASCII")
        if (self.state is None) is not (self.outcome is Outcome.REFUSED) or self.state not in _STATES:
            raise Malformed("an entry of the log tells the state afterwards, unless it was refused")
        if (self.revocation is not None) is not (self.state in {State.HELD, State.REVOKED}):
            raise Malformed("held and revoked certificates have a revocation, and no others")

    def encode(self) -> bytes:
        """The bytes of the leaf."""
        reason, since = (255, 0) if self.revocation is None else (self.revocation.reason, _seconds(self.revocation.at))
        codes = (self.outcome.value, _KINDS.index(self.kind), _MEDIA.index(self.medium), _STATES.index(self.state))
        what = self.what.encode("ascii")
        return b"".join(
            (
                self.TAG,
                bytes((*codes, reason)),
                _seconds(self.at).to_bytes(8, "big"),
                since.to_bytes(8, "big"),
                self.generation,
                self.subject,
                self.detail,
                bytes((len(what),)),
                what,
            )
        )

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the bytes of a leaf.

        Raises:
            Malformed: another tag, an unknown code, a byte too many or too few.
        """
        if not data.startswith(cls.TAG) or len(data) < _FIXED or len(data) != _FIXED + data[_FIXED - 1]:
            raise Malformed("not an entry of an authority's log")
        try:
            outcome, kind, medium, state, reason = data[16:21]
            at, since = _moment(data[21:29]), _moment(data[29:37])
            if reason == _NO_REASON and since != _EPOCH:
                raise Malformed("revoked since a moment, but for no reason")
            return cls(
                Outcome(outcome),
                data[_FIXED:].decode("ascii"),
                _of(_KINDS, kind),
                _of(_MEDIA, medium),
                _STATES[state],
                None if reason == _NO_REASON else Revocation(since, Reason(reason)),
                at,
                data[37:57],
                data[57:89],
                data[89:121],
            )
        except (ValueError, IndexError, OverflowError, OSError) as error:
            raise Malformed("not an entry of an authority's log") from error

    @classmethod
    def of_issue(cls, issued: Issued, holder: bytes, key: bytes, now: datetime) -> Self:
        """A certificate was issued; `holder` is the keyed hash under which the record has its holder."""
        entry = replace(issued.entry, state=State.ISSUED, revocation=None)
        detail = keyed(key, entry_bytes(entry), issued.certificate, holder)
        return cls._of_entry(Outcome.ISSUED, Event.ISSUED, entry, detail, key, now)

    @classmethod
    def of_change(cls, change: Change, key: bytes, now: datetime) -> Self:
        """Something happened to a certificate, told with what the record has afterwards."""
        detail = keyed(key, entry_bytes(change.after))
        return cls._of_entry(Outcome.CHANGED, change.event, change.after, detail, key, now)

    @classmethod
    def of_refusal(cls, application: CertificateApplication, error: str, key: bytes, now: datetime) -> Self:
        """An application was refused; `error` is the name of the error in snake case."""
        subject = keyed(key, b"refused", application.kind.value.encode(), application.holder.encode())
        detail = keyed(key, hashlib.sha256(application.public_key_info).digest())
        kind, medium = application.kind, application.medium
        return cls(Outcome.REFUSED, error, kind, medium, None, None, _whole(now), bytes(20), subject, detail)

    @classmethod
    def _of_entry(cls, outcome: Outcome, event: Event, entry: Entry, detail: bytes, key: bytes, now: datetime) -> Self:
        return cls(
            outcome,
            event.value,
            entry.kind,
            entry.medium,
            entry.state,
            entry.revocation,
            _whole(now),
            entry.generation,
            log_subject(key, entry.kind, entry.serial_number),
            detail,
        )


def log_subject(key: bytes, kind: CertificateKind, serial_number: int) -> bytes:
    """As what a certificate appears in the log, 32 bytes."""
    return keyed(key, b"certificate", kind.value.encode(), str(serial_number).encode())


def keyed(key: bytes, *parts: bytes) -> bytes:
    """HMAC-SHA-256 over the parts, each behind its length (u32, big-endian)."""
    return hmac.digest(key, b"".join(len(part).to_bytes(4, "big") + part for part in parts), "sha256")


def entry_bytes(entry: Entry) -> bytes:
    """All that an entry of the record says, in one form only: each field as text behind its length."""
    return b"".join(len(text).to_bytes(2, "big") + text for text in map(_text, astuple(entry)))


def _text(value: object) -> bytes:
    if isinstance(value, datetime):
        return str(_seconds(value)).encode()
    if isinstance(value, Enum):
        return str(value.value).encode()
    if isinstance(value, bytes):
        return value.hex().encode()
    if isinstance(value, tuple):
        return b" ".join(map(_text, value))
    return str(value).encode()


_WORD = re.compile(r"[a-z][a-z0-9_]{0,63}")
_KINDS = (None, CertificateKind.SIGNING, CertificateKind.AUTHENTICATION)
_MEDIA = (None, Medium.CARD, Medium.PHONE)
_STATES = (None, State.ISSUED, State.VALID, State.HELD, State.REVOKED)
_NO_REASON = 255
_FIXED = 16 + 5 + 16 + 20 + 64 + 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _of(choices: tuple[T | None, ...], code: int) -> T:
    chosen = choices[code]
    if chosen is None:
        raise Malformed("not an entry of an authority's log")
    return chosen


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(data: bytes) -> datetime:
    return datetime.fromtimestamp(int.from_bytes(data, "big"), UTC)


def _whole(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(microsecond=0)
