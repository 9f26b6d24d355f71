"""Status answers: signed at once from the record, or beforehand for those who ask without a nonce.

An answer that was signed beforehand is true until something happens to the certificate, and goes then; what a cache on
the way keeps of it can be older, by as long as it may be used at most. Who wants to know how it stands at this moment
asks with a nonce.

`Modelled:` J-LIS's responder is not public. One message may ask about several certificates of one generation; about
several generations it is refused, for no one key could sign the answer.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine

from warifu.ca import Authority, Presigned
from warifu.errors import Malformed
from warifu.pki import CertificateKind, OcspError, OcspQuestions, build_ocsp_error
from warifu.ports import Clock
from warifu.wire.authority import answers, certificates
from warifu.wire.authority.roster import Roster
from warifu.wire.database import reading, writing

__all__ = ["PRESIGNED_FOR", "Reply", "Signed", "StatusDesk", "sign_some"]

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
                kept = answers.find(connection, kind, number, now)
                # The number counts among all generations; who asks another one about it is not answered by this one.
                if kept is not None and questions.asked[0].issuer_key_hash in kept[2]:
                    return Reply(kept[2], kept[0], kept[1])
            numbers = {question.serial_number for question in questions.asked}
            entries = (certificates.find(connection, kind, number) for number in numbers)
            found = {entry.serial_number: entry for entry in entries if entry is not None}
        return Reply(authority.answer_all(questions, found, now))

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
            for some in sign_some(self._engine, authority, self._clock, lasting):
                kept += some.kept
                progress(kept)
        return kept


@dataclass(frozen=True, slots=True)
class Signed:
    """Answers signed together, and how many of them were kept: of a certificate that changed meanwhile none is."""

    answers: Sequence[Presigned]
    kept: int


def sign_some(
    engine: Engine,
    authority: Authority,
    clock: Clock,
    lasting: timedelta = PRESIGNED_FOR,
    numbers: tuple[int, int] = (1, certificates.LARGEST),
) -> Iterator[Signed]:
    """Sign and keep answers about one generation's certificates, some at a time; `numbers` are the first and last."""
    before, last = numbers[0] - 1, numbers[1]
    while before < last:
        with reading(engine) as connection:
            some = certificates.after(connection, authority.kind, authority.generation, before, answers.BATCH)
        some = [entry for entry in some if entry.serial_number <= last]
        if not some:
            return
        before, now = some[-1].serial_number, clock.now().replace(microsecond=0)
        made = list(authority.presigned(some, now, lasting))
        with writing(engine) as connection:
            kept = answers.keep(connection, authority.kind, made, now)
        yield Signed(made, kept)


def _asked_simply(questions: OcspQuestions) -> int | None:
    """The serial number, where an answer signed beforehand may do: one question, no nonce, SHA-1 (RFC 5019)."""
    [question, *more] = questions.asked
    simple = not more and questions.nonce is None and question.hash_name == "sha1"
    return question.serial_number if simple else None
