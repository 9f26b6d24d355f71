"""How one generation of an authority answers questions about certificates, itself or by a delegated responder."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from warifu.ca.record import Entry
from warifu.errors import NotAllowed
from warifu.pki import (
    CertificateKind,
    Issuer,
    OcspQuestions,
    OcspRequest,
    OcspResponder,
    Revocation,
    Standing,
    Status,
    build_ocsp_responses,
    build_responder_certificate,
    presign_ocsp,
)

RESPONDER_LIFETIME = timedelta(days=30)
"""How long a delegated responder's certificate is valid. Modelled: J-LIS's is not published."""


@dataclass(frozen=True, slots=True)
class Presigned:
    """An answer signed beforehand: what it says, since when, and until when it may be used."""

    serial_number: int = field(repr=False)
    status: Status
    this_update: datetime
    next_update: datetime
    der: bytes = field(repr=False)


class StatusAnswering:
    """What an authority's generation does for those who ask; `Authority` has the key and the responder."""

    issuer: Issuer
    responder: OcspResponder | None

    @property
    def kind(self) -> CertificateKind:
        """Which kind it issues."""
        return self.issuer.kind

    @property
    def generation(self) -> bytes:
        """The key identifier: tells this generation from others of the same name."""
        return self.issuer.key_id

    def answer(self, request: OcspRequest, entry: Entry | None, now: datetime) -> bytes:
        """The signed answer to one question; `entry` is what the record has under the serial number.

        Raises:
            NotAllowed: as `answer_all`.
        """
        questions = OcspQuestions((replace(request, nonce=None),), nonce=request.nonce)
        return self.answer_all(questions, {} if entry is None else {request.serial_number: entry}, now)

    def answer_all(self, questions: OcspQuestions, found: Mapping[int, Entry], now: datetime) -> bytes:
        """The signed answer to a message of questions, DER: good, revoked (held is revoked for hold), or unknown.

        `found` is what the record has under the serial numbers. The answer is true at this moment and the next may
        differ, so it names no next update (RFC 6960 §2.4). A clock that was set back does not make it older than what
        it tells.

        Raises:
            NotAllowed: a question is for another authority or another generation; of one message all are for the same,
                because one key signs the answer.
        """
        if not all(each.asks(self.issuer) for each in questions.asked):
            raise NotAllowed("these questions are for another authority, or for several")
        answers = [(each, self.status(found.get(each.serial_number), now)) for each in questions.asked]
        moment = max([now, *(status.at for _, status in answers if isinstance(status, Revocation))])
        signer = self.signer_at(now)
        return build_ocsp_responses(signer, answers, nonce=questions.nonce, produced_at=moment, this_update=moment)

    def presigned(self, entries: Iterable[Entry], now: datetime, lifetime: timedelta) -> Iterator[Presigned]:
        """Status answers made before anybody asks, to be used for `lifetime` (RFC 5019), in whole seconds.

        No answer says good beyond the certificate's end of validity. Expired entries and those of other generations
        have none: what is said of them is unknown, which is never said beforehand. Nor have those of which the record
        is ahead of the clock: an answer older than what it tells would not be believed.
        """
        now = now.replace(microsecond=0)
        told = {each.serial_number: self._beforehand(each, now, lifetime) for each in entries if _may_tell(each, now)}
        ours = {number: each for number, each in told.items() if each[0] is not Standing.UNKNOWN}
        answers = ((number, *each) for number, each in ours.items())
        signer = self.signer_at(now, now + lifetime)
        for number, der in presign_ocsp(signer, self.issuer, answers, produced_at=now):
            status, until = ours[number]
            yield Presigned(number, status, now, until, der)

    def _beforehand(self, entry: Entry, now: datetime, lifetime: timedelta) -> tuple[Status, datetime]:
        return self.status(entry, now), min(now + lifetime, entry.not_after)

    def status(self, entry: Entry | None, now: datetime) -> Status:
        """What this generation says about an entry of the record; nothing but unknown of what it did not issue."""
        if entry is None or (entry.kind, entry.generation) != (self.kind, self.generation):
            return Standing.UNKNOWN
        return entry.status(now)

    # --- the delegated responder ---

    def signer_at(self, now: datetime, until: datetime | None = None) -> Issuer | OcspResponder:
        """Who signs status answers at `now` that are used `until` then: the delegated responder.

        Out of its time it is the authority itself, which may always answer (RFC 6960 §4.2.2.2).
        """
        if self.responder is None:
            return self.issuer
        certificate = self.responder.certificate
        begun = certificate.not_valid_before_utc <= now.replace(microsecond=0)
        return self.responder if begun and (until or now) <= certificate.not_valid_after_utc else self.issuer

    def certify_responder(
        self, public_key_info: bytes, serial_number: int, now: datetime, lifetime: timedelta = RESPONDER_LIFETIME
    ) -> bytes:
        """A certificate for a delegated responder, DER: short-lived, because nobody can ask whether it was revoked.

        Raises:
            NotAllowed: it would outlive the authority's own, or the key may not be certified.
        """
        since = now.replace(microsecond=0)
        ends = since + lifetime
        if ends > self.issuer.certificate.not_valid_after_utc:
            raise NotAllowed("the responder's certificate would outlive the authority's own")
        return build_responder_certificate(
            self.issuer,
            serial_number=serial_number,
            common_name=f"OCSP {serial_number}",
            public_key_info=public_key_info,
            not_before=since,
            not_after=ends,
        )

    def needs_responder(self, now: datetime) -> bool:
        """Whether it is time to certify a new key for the delegated responder: half of the present one's life is over.

        Never so for an authority that signs its answers itself.
        """
        if self.responder is None:
            return False
        certificate = self.responder.certificate
        begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        return now >= begins + (ends - begins) / 2


def _may_tell(entry: Entry, now: datetime) -> bool:
    return entry.not_after > now and (entry.revocation is None or entry.revocation.at <= now)
