"""How one generation of an authority answers questions about certificates, itself or by a delegated responder."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from warifu.ca.record import Entry
from warifu.errors import NotAllowed, StatusUnknown
from warifu.pki import (
    CertificateKind,
    Issuer,
    OcspQuestions,
    OcspRequest,
    OcspResponder,
    Standing,
    Status,
    build_ocsp_response,
    build_ocsp_responses,
    build_responder_certificate,
    presign_ocsp,
)

RESPONDER_LIFETIME = timedelta(days=30)
"""How long a delegated responder's certificate is valid. Modelled: J-LIS's is not published."""


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
        """The signed status answer, DER: good, revoked (held is revoked for certificateHold), or unknown.

        `entry` is what the record has under the serial number. The answer is true at this moment and the next may
        differ, so it names no next update (RFC 6960 §2.4).

        Raises:
            NotAllowed: the question is for another authority or another generation.
            StatusUnknown: the responder's certificate is not valid now.
        """
        if not request.asks(self.issuer):
            raise NotAllowed("this question is for another authority")
        status = self.status(entry, now)
        signer = self.responder_at(now)
        return build_ocsp_response(signer, request, status, produced_at=now, this_update=now, next_update=None)

    def answer_all(self, questions: OcspQuestions, found: Mapping[int, Entry], now: datetime) -> bytes:
        """The signed answer to a message of questions, DER; `found` is what the record has under the serial numbers.

        Raises:
            NotAllowed, StatusUnknown: as `answer`; of one message all questions are for the same generation, because
                one key signs the answer.
        """
        if not all(each.asks(self.issuer) for each in questions.asked):
            raise NotAllowed("these questions are for another authority, or for several")
        answers = [(each, self.status(found.get(each.serial_number), now)) for each in questions.asked]
        signer = self.responder_at(now)
        return build_ocsp_responses(signer, answers, nonce=questions.nonce, produced_at=now, this_update=now)

    def presigned(self, entries: Iterable[Entry], now: datetime, lifetime: timedelta) -> Iterator[tuple[int, bytes]]:
        """Status answers made before anybody asks, by serial number, to be used for `lifetime` (RFC 5019).

        No answer says good beyond the certificate's end of validity. Expired entries and those of other generations
        have none: what is said of them is unknown, which is never said beforehand.

        Raises:
            StatusUnknown: the responder's certificate is not valid now, or not for that long.
        """
        signer = self.responder_at(now)
        self.responder_at(now + lifetime)
        ours = (each for each in entries if self.status(each, now) is not Standing.UNKNOWN)
        answers = ((each.serial_number, each.status(now), min(now + lifetime, each.not_after)) for each in ours)
        return presign_ocsp(signer, self.issuer, answers, produced_at=now)

    def status(self, entry: Entry | None, now: datetime) -> Status:
        """What this generation says about an entry of the record; nothing but unknown of what it did not issue."""
        if entry is None or (entry.kind, entry.generation) != (self.kind, self.generation):
            return Standing.UNKNOWN
        return entry.status(now)

    # --- the delegated responder ---

    def responder_at(self, now: datetime) -> Issuer | OcspResponder:
        """Who signs status answers at `now`.

        Raises:
            StatusUnknown: the delegated responder's certificate is not valid then; it has to be renewed.
        """
        if self.responder is None:
            return self.issuer
        certificate = self.responder.certificate
        if not certificate.not_valid_before_utc <= now.replace(microsecond=0) <= certificate.not_valid_after_utc:
            raise StatusUnknown("the certificate of the OCSP responder is not valid now")
        return self.responder

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
