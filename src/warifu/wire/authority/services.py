"""What the authorities tell recipients besides status answers: links, consents, newest attributes, the report.

Whether somebody may be told is the room's to decide (`ca.check_may_receive`, `ca.linked`, `ca.items_to_share`); here
the record is read, what was decided is kept, and what was told is counted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from warifu.ca import (
    Consent,
    Entry,
    LinkedNumber,
    Predecessors,
    Recipient,
    ReportRow,
    Service,
    Way,
    after_consent,
    check_may_receive,
    items_to_share,
    linked,
    predecessors,
    read_consent,
    yearly_report,
)
from warifu.errors import NotAllowed, NotFound, Unavailable
from warifu.messages import Attribute, AttributesConsent, AttributesRequest, CurrentAttributes, SignedConsent
from warifu.pki import CertificateKind, EndEntityCertificate, Medium, Status
from warifu.wire.authority import certificates
from warifu.wire.authority.access import Access
from warifu.wire.authority.recording import Recording, RowKey, recording
from warifu.wire.authority.service import Authorities
from warifu.wire.authority.tables import consent_messages, consents, moment, seconds
from warifu.wire.database import reading

__all__ = ["AskRegister", "NewestAttributes", "Services"]

AskRegister = Callable[[AttributesRequest], CurrentAttributes]
"""Asks the register what is true of a holder; raises Unavailable when it does not answer."""

MOST_NUMBERS = 1000
"""Serial numbers in one question over the services' own interface."""


@dataclass(frozen=True, slots=True)
class NewestAttributes:
    """What the holder agreed to share, and the number of the new signing certificate."""

    serial_number: int = field(repr=False)
    items: frozenset[Attribute]
    attributes: CurrentAttributes = field(repr=False)


class Services:
    """The services to recipients. Without `ask_register` no attributes are told."""

    def __init__(self, authorities: Authorities, access: Access, ask_register: AskRegister | None = None) -> None:
        self._authorities = authorities
        self._access = access
        self._ask_register = ask_register

    def statuses(
        self, recipient: Recipient, kind: CertificateKind, serial_numbers: Sequence[int]
    ) -> list[tuple[int, Status]]:
        """What the record says about certificates of a kind, in the order asked.

        Raises:
            NotAllowed: the recipient may not ask this, or asks about too many at once.
        """
        now, service = self._authorities.clock.now(), Service.status_of(kind)
        check_may_receive(recipient, service, now)
        if len(serial_numbers) > MOST_NUMBERS:
            raise NotAllowed(f"at most {MOST_NUMBERS} certificates are told about at once")
        with reading(self._authorities.engine) as connection:
            told = [(number, certificates.status_of(connection, kind, number, now)) for number in serial_numbers]
        self._access.count(recipient, service, Way.REQUEST, len(told))
        return told

    def link(
        self,
        recipient: Recipient,
        known: tuple[CertificateKind, int],
        wanted: tuple[CertificateKind, Medium],
        purpose: str,
    ) -> LinkedNumber:
        """The number of another certificate of the same person (第18条第4項, 第5項, 第37条第3項).

        Raises:
            NotAllowed, NotFound: as `ca.linked`; or nobody was issued the certificate that is known.
        """
        now = self._authorities.clock.now()
        with reading(self._authorities.engine) as connection:
            asked = self._known(connection, *known)
            all_of_holder = certificates.of_holder(connection, certificates.find_holder(connection, asked))
        found = linked(asked, wanted, all_of_holder, recipient, purpose, now)
        self._access.count(recipient, found.service, Way.REQUEST)
        return found

    def predecessors(self, recipient: Recipient, serial_number: int, purpose: str) -> Predecessors:
        """What an authentication certificate took the place of.

        Raises:
            NotAllowed: as `ca.predecessors`.
            NotFound: nobody was issued it.
        """
        now = self._authorities.clock.now()
        with reading(self._authorities.engine) as connection:
            asked = self._known(connection, CertificateKind.AUTHENTICATION, serial_number)
            all_of_holder = certificates.of_holder(connection, certificates.find_holder(connection, asked))
        found = predecessors(asked, all_of_holder, recipient, purpose, now)
        self._access.count(recipient, Service.AUTHENTICATION_SUCCESSION, Way.REQUEST)
        return found

    def take_consent(self, recipient: Recipient, signed: SignedConsent) -> AttributesConsent:
        """Keep what a holder signed: a consent, or its withdrawal; the recipient passes on what is about itself.

        Raises:
            NotAllowed, WrongSignature, Malformed, CertificateRefused: as `ca.read_consent`; or it is another
                recipient's.
            NotFound: the certificate was never issued.
        """
        now = self._authorities.clock.now()
        certificate = EndEntityCertificate.decode(signed.certificate)
        with recording(self._authorities.engine) as record:
            number = certificate.serial_number
            entry = self._known(record.connection, CertificateKind.SIGNING, number)
            der = certificates.find_der(record.connection, entry.kind, number)
            consent = read_consent(signed, entry, der or b"", now)
            if consent.recipient != recipient.id:
                raise NotAllowed("the consent is to another recipient")
            check_may_receive(recipient, Service.CURRENT_ATTRIBUTES, now)
            holder = certificates.find_holder(record.connection, entry)
            _keep_consent(record, holder, signed, consent, now)
        return consent

    def newest_attributes(
        self, recipient: Recipient, serial_number: int, wanted: frozenset[Attribute]
    ) -> NewestAttributes:
        """What is true now of whoever held a signing certificate that lost its effect (第18条第3項).

        Raises:
            NotAllowed, NotFound: as `ca.items_to_share`.
            Unavailable: the register does not answer, or cannot be asked about this holder.
        """
        now = self._authorities.clock.now()
        with reading(self._authorities.engine) as connection:
            asked = self._known(connection, CertificateKind.SIGNING, serial_number)
            holder = certificates.find_holder(connection, asked)
            all_of_holder = certificates.of_holder(connection, holder)
            agreed = _consents_of(connection, holder)
            shared = items_to_share(recipient, asked, all_of_holder, agreed, wanted, now)
            sealed = certificates.find_sealed_holder(connection, shared.certificate)
        if self._ask_register is None or sealed is None:
            raise Unavailable("the register cannot be asked about this holder")
        told = self._ask_register(AttributesRequest(self._authorities.holders.open(sealed), shared.items))
        self._access.count(recipient, Service.CURRENT_ATTRIBUTES, Way.REQUEST)
        return NewestAttributes(shared.certificate.serial_number, shared.items, told)

    def report(self, year: int) -> tuple[ReportRow, ...]:
        """What was told to whom in a year (第41条).

        Raises:
            NotFound: something was told to somebody who is not registered.
        """
        self._access.counts.write()
        return yearly_report(self._access.counts.all(), self._access.recipients.all(), year)

    def _known(self, connection: Connection, kind: CertificateKind, serial_number: int) -> Entry:
        entry = certificates.find(connection, kind, serial_number)
        if entry is None:
            raise NotFound("no such certificate was issued")
        return entry


def _consents_of(connection: Connection, holder: bytes) -> list[Consent]:
    rows = connection.execute(select(consents).where(consents.c.holder == holder).order_by(consents.c.since))
    return [
        Consent(
            row.id,
            row.recipient,
            frozenset(map(Attribute, row.agreed.split())),
            moment(row.since),
            moment(row.until),
            None if row.withdrawn_at is None else moment(row.withdrawn_at),
        )
        for row in rows
    ]


def _keep_consent(
    record: Recording, holder: bytes, signed: SignedConsent, consent: AttributesConsent, now: datetime
) -> None:
    """Write a person's consents anew as they are after this message; both sides of the change are in the log."""
    before = _consents_of(record.connection, holder)
    after = after_consent(before, consent, now)
    if list(after) == before:
        return
    gone, come = [each for each in before if each not in after], [each for each in after if each not in before]
    for each in gone:
        record.connection.execute(delete(consents).filter_by(**_key(each)))
    for each in come:
        record.connection.execute(insert(consents).values(holder=holder, **_values(each)))
    message = {"id": consent.id, "holder": holder, "received_at": seconds(now), "message": signed.encode()}
    record.connection.execute(insert(consent_messages).values(**message))
    keys = {tuple(_key(each).values()): _key(each) for each in (*gone, *come)}
    touched: list[RowKey] = [(consents, key) for key in keys.values()]
    what = "consent_withdrawn" if consent.withdrawn else "consent"
    record.note(what, now, (consent_messages, {"id": consent.id}), *touched)


def _key(consent: Consent) -> dict[str, str]:
    return {"id": consent.id, "agreed": " ".join(sorted(item.value for item in consent.items))}


def _values(consent: Consent) -> dict[str, object]:
    return {
        **_key(consent),
        "recipient": consent.recipient,
        "since": seconds(consent.since),
        "until": seconds(consent.until),
        "withdrawn_at": None if consent.withdrawn_at is None else seconds(consent.withdrawn_at),
    }
