"""One generation of one authority: issues certificates, writes revocation lists, answers status questions."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from warifu.ca.admission import check_stands_on_card
from warifu.ca.answering import StatusAnswering
from warifu.ca.application import CertificateApplication
from warifu.ca.record import Entry
from warifu.errors import NotAllowed
from warifu.person import Municipality
from warifu.pki import (
    Issuer,
    Medium,
    OcspResponder,
    Revocation,
    ServiceAddresses,
    build_authentication_certificate,
    build_authority_list,
    build_crl,
    build_signing_certificate,
    common_name,
    write_crl,
)

LIST_LIFETIME = timedelta(hours=48)
"""How long a revocation list may be used."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its entry in the record; the entry is kept before the certificate is handed out."""

    entry: Entry
    certificate: bytes = field(repr=False)


@dataclass(frozen=True)
class Authority(StatusAnswering):
    """An authority with one key. After a change of key there are two of the same name, told apart by the key.

    Status answers are signed by `responder`, or with the authority's own key if there is none (RFC 6960 §4.2.2.2 allows
    both); an own responder is the better practice where the authority's key is kept offline.
    """

    issuer: Issuer
    addresses: ServiceAddresses
    responder: OcspResponder | None = None

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
