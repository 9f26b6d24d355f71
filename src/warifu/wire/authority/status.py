"""Status answers: signed at once from the record, or beforehand for those who ask without a nonce.

An answer that was signed beforehand is true until something happens to the certificate, and goes then; what a cache on
the way keeps of it can be older, by as long as it may be used at most. Who wants to know how it stands at this moment
asks with a nonce.

`Modelled:` J-LIS's responder is not public. One message may ask about several certificates of one generation; about
several generations it is refused, for no one key could sign the answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine

from warifu.ca import Authority, Entry
from warifu.errors import Malformed
from warifu.pki import (
    CertificateKind,
    Issuer,
    OcspError,
    OcspQuestions,
    OcspResponder,
    Revocation,
    Standing,
    Status,
    build_ocsp_error,
    build_ocsp_responses,
    presign_ocsp,
)
from warifu.ports import Clock
from warifu.wire.authority import answers, certificates
from warifu.wire.authority.roster import Roster
from warifu.wire.database import reading, writing

__all__ = ["PRESIGNED_FOR", "Reply", "StatusDesk"]

PRESIGNED_FOR = timedelta(hours=6)
"""How long an answer signed beforehand may be used. Modelled: between a list's day and an answer's moment."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as sent. `this_update` and `next_update` are there for one that caches may keep (RFC 5019 §6)."""

    der: bytes = field(repr=False)
    this_update: datetime | None = None
    next_update: datetime | None = None


class StatusDesk:
    """Answers what is asked about certificates of the authorities of a roster."""

    def __init__(self, engine: Engine, roster: Roster, clock: Clock) -> None:
        self._engine = engine
        self._roster = roster
        self._clock = clock

    def reply(self, kind: CertificateKind, data: bytes) -> Reply:
        """The answer to an encoded message: signed, or an error without signature (RFC 6960 §2.3).

        Raises:
            Unavailable: the record or the key's holder does not answer.
        """
        try:
            return self.answer(kind, OcspQuestions.decode(data))
        except Malformed:
            return Reply(build_ocsp_error(OcspError.MALFORMED_REQUEST))

    def answer(self, kind: CertificateKind, questions: OcspQuestions) -> Reply:
        """The answer to a message whose asker may ask.

        Raises:
            Unavailable: as `reply`.
        """
        authorities = {self._roster.asked(kind, question) for question in questions.asked}
        [authority, *others] = authorities
        if authority is None or others:
            return Reply(build_ocsp_error(OcspError.UNAUTHORIZED))
        now = self._clock.now()
        with reading(self._engine) as connection:
            if (number := _asked_simply(questions)) is not None:
                found = answers.find(connection, kind, number, now)
                # The number counts among all generations; who asks another one about it is not answered by this one.
                if found is not None and questions.asked[0].issuer_key_hash in found[2]:
                    return Reply(found[2], found[0], found[1])
            numbers = [question.serial_number for question in questions.asked]
            entries = [certificates.find(connection, kind, number) for number in numbers]
        return Reply(_sign(authority, questions, entries, now))

    def presign(
        self,
        kind: CertificateKind,
        progress: Callable[[int], None] = lambda _done: None,
        *,
        lasting: timedelta = PRESIGNED_FOR,
    ) -> int:
        """Sign an answer about every certificate of a kind that has not expired; how many were kept.

        Raises:
            Unavailable: as `reply`.
        """
        kept = 0
        for authority in self._roster.generations(kind):
            after = 0
            while entries := self._some_of(authority, after):
                after = entries[-1].serial_number
                kept += self._presign(authority, entries, lasting)
                progress(kept)
        return kept

    def _some_of(self, authority: Authority, after: int) -> list[Entry]:
        with reading(self._engine) as connection:
            return certificates.after(connection, authority.kind, authority.generation, after, answers.BATCH)

    def _presign(self, authority: Authority, entries: Sequence[Entry], lasting: timedelta) -> int:
        now = self._clock.now().replace(microsecond=0)
        made = sign_beforehand(authority, entries, now, lasting)
        with writing(self._engine) as connection:
            return answers.keep(connection, authority.kind, made, now)


def sign_beforehand(
    authority: Authority, entries: Sequence[Entry], now: datetime, lasting: timedelta
) -> list[answers.Presigned]:
    """Answers about those of `entries` that have not expired; none is used after its certificate's end."""
    told = {
        entry.serial_number: (entry.status(now), min(now + lasting, entry.not_after))
        for entry in entries
        if not entry.has_expired(now) and _not_after(entry, now) and entry.not_after > now
    }
    signed = presign_ocsp(
        _signer(authority, now),
        authority.issuer,
        ((number, status, until) for number, (status, until) in told.items()),
        produced_at=now,
    )
    return [answers.Presigned(number, told[number][0], now, told[number][1], der) for number, der in signed]


def _signer(authority: Authority, now: datetime) -> Issuer | OcspResponder:
    """The delegated responder; out of its time the authority itself, which may always answer (RFC 6960 §4.2.2.2)."""
    own = authority.responder
    if own is None:
        return authority.issuer
    in_time = own.certificate.not_valid_before_utc <= now <= own.certificate.not_valid_after_utc
    return own if in_time else authority.issuer


def _not_after(entry: Entry, now: datetime) -> bool:
    """Whether the record is not ahead of the clock: an answer older than what it tells would not be believed."""
    return entry.revocation is None or entry.revocation.at <= now


def _asked_simply(questions: OcspQuestions) -> int | None:
    """The serial number, where an answer signed beforehand may do: one question, no nonce, SHA-1 (RFC 5019)."""
    [question, *more] = questions.asked
    simple = not more and questions.nonce is None and question.hash_name == "sha1"
    return question.serial_number if simple else None


def _sign(authority: Authority, questions: OcspQuestions, entries: Sequence[Entry | None], now: datetime) -> bytes:
    """Good, revoked (held is revoked for certificateHold), or unknown, true at this moment: no next update."""
    statuses = [_status(authority, entry, now) for entry in entries]
    # A clock that was set back does not make an answer older than what it tells.
    moment = max([now, *(status.at for status in statuses if isinstance(status, Revocation))])
    return build_ocsp_responses(
        _signer(authority, now),
        list(zip(questions.asked, statuses, strict=True)),
        nonce=questions.nonce,
        produced_at=moment,
        this_update=moment,
    )


def _status(authority: Authority, entry: Entry | None, now: datetime) -> Status:
    known = entry is not None and entry.generation == authority.generation
    return entry.status(now) if known and entry is not None else Standing.UNKNOWN
