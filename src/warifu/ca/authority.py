"""One generation of one authority: issues certificates, writes revocation lists, answers status questions."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from warifu.ca.admission import check_stands_on_card
from warifu.ca.application import CertificateApplication
from warifu.ca.record import Entry
from warifu.errors import NotAllowed, StatusUnknown
from warifu.person import Municipality
from warifu.pki import (
    CertificateKind,
    Issuer,
    Medium,
    OcspQuestions,
    OcspRequest,
    OcspResponder,
    Revocation,
    ServiceAddresses,
    Standing,
    Status,
    build_authentication_certificate,
    build_authority_list,
    build_crl,
    build_ocsp_response,
    build_ocsp_responses,
    build_responder_certificate,
    build_signing_certificate,
    common_name,
    presign_ocsp,
    write_crl,
)

LIST_LIFETIME = timedelta(hours=48)
"""How long a revocation list may be used."""
RESPONDER_LIFETIME = timedelta(days=30)
"""How long a delegated responder's certificate is valid. Modelled: J-LIS's is not published."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its entry in the record; the entry is kept before the certificate is handed out."""

    entry: Entry
    certificate: bytes = field(repr=False)


@dataclass(frozen=True)
class Authority:
    """An authority with one key. After a change of key there are two of the same name, told apart by the key.

    Status answers are signed by `responder`, or with the authority's own key if there is none (RFC 6960 §4.2.2.2 allows
    both); an own responder is the better practice where the authority's key is kept offline.
    """

    issuer: Issuer
    addresses: ServiceAddresses
    responder: OcspResponder | None = None

    @property
    def kind(self) -> CertificateKind:
        """Which kind it issues."""
        return self.issuer.kind

    @property
    def generation(self) -> bytes:
        """The key identifier: tells this generation from others of the same name."""
        return self.issuer.key_id

    def check(self, application: CertificateApplication, now: datetime, live: Iterable[Entry] = ()) -> None:
        """Check an application; `live` are all live certificates of the holder, which a phone's needs.

        That no other certificate stands in the way is `room_for`'s to check.

        Raises:
            NotAllowed: wrong kind or end of validity, or a phone's certificate that does not stand on a card's.
        """
        if application.kind is not self.kind:
            raise NotAllowed("this authority issues the other kind of certificate")
        if application.medium is Medium.PHONE:
            check_stands_on_card(application, live, now)
        application.check_validity(now, self.issuer.certificate.not_valid_after_utc)

    def issue(
        self, application: CertificateApplication, serial_number: int, now: datetime, live: Iterable[Entry] = ()
    ) -> Issued:
        """Sign the certificate number `serial_number`, valid from `now`.

        Raises:
            NotAllowed: the application breaks a rule, or its key may not be certified.
        """
        self.check(application, now, live)
        since = now.replace(microsecond=0)
        certificate = self._sign(application, serial_number, since)
        entry = Entry(
            kind=self.kind,
            serial_number=serial_number,
            generation=self.generation,
            medium=application.medium,
            municipality=application.municipality.code,
            not_before=since,
            not_after=application.not_after,
            card=application.card,
            as_of=application.as_of,
            abroad=application.says_abroad,
        )
        return Issued(entry, certificate)

    def revocation_list(
        self, municipality: Municipality, entries: Iterable[Entry], *, number: int, now: datetime
    ) -> bytes:
        """The revocation list of one municipality at `now`, DER; of `entries` it takes those that belong into it.

        An entry stays for one list's lifetime after the certificate expired, so that it appears on at least one list
        made after that (RFC 5280 §3.3).
        """
        return build_crl(
            self.issuer,
            municipality=municipality,
            revoked=dict(self.revoked(municipality, entries, now)),
            number=number,
            this_update=now,
            next_update=now + LIST_LIFETIME,
        )

    def revoked(
        self, municipality: Municipality, entries: Iterable[Entry], now: datetime
    ) -> Iterator[tuple[int, Revocation]]:
        """Of `entries` those that belong on a municipality's revocation list, in the order given."""
        for entry in entries:
            ours = (entry.kind, entry.generation, entry.municipality) == (self.kind, self.generation, municipality.code)
            if ours and entry.revocation is not None and not entry.has_expired(now - LIST_LIFETIME):
                yield entry.serial_number, entry.revocation

    def write_revocation_list(
        self,
        write: Callable[[bytes], object],
        municipality: Municipality,
        entries: Callable[[], Iterable[Entry]],
        *,
        number: int,
        now: datetime,
    ) -> None:
        """Write the revocation list of one municipality piece by piece, in constant memory; see `pki.write_crl`.

        `entries` begins a new walk through the record, by ascending serial number.

        Raises:
            NotAllowed: the key signs no digests, the numbers do not ascend, or the record changed in between.
        """
        write_crl(
            write,
            self.issuer,
            municipality=municipality,
            revoked=lambda: self.revoked(municipality, entries(), now),
            number=number,
            this_update=now,
            next_update=now + LIST_LIFETIME,
        )

    def authority_list(self, revoked: Mapping[int, Revocation], *, number: int, now: datetime) -> bytes:
        """The list of revoked certificates of this authority's own generations (ARL), DER, by their serial numbers."""
        return build_authority_list(
            self.issuer, revoked=revoked, number=number, this_update=now, next_update=now + LIST_LIFETIME
        )

    # --- status answers ---

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

    def _sign(self, application: CertificateApplication, serial_number: int, since: datetime) -> bytes:
        name = common_name(self.kind, serial_number, since, application.municipality)
        if application.attributes is None:
            return build_authentication_certificate(
                self.issuer,
                serial_number=serial_number,
                common_name=name,
                public_key_info=application.public_key_info,
                municipality=application.municipality,
                not_before=since,
                not_after=application.not_after,
                addresses=self.addresses,
                medium=application.medium,
            )
        return build_signing_certificate(
            self.issuer,
            serial_number=serial_number,
            common_name=name,
            public_key_info=application.public_key_info,
            municipality=application.municipality,
            attributes=application.attributes,
            not_before=since,
            not_after=application.not_after,
            addresses=self.addresses,
            medium=application.medium,
        )
