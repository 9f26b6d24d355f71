"""Where the authorities take the register's letters: what happened to people and cards, and orders for certificates.

Each letter has its effect once, in one transaction with the log, the record that it came, and the answer to it. An
order is prepared before that transaction: its serial number is reserved and committed, its certificate signed with no
lock held. If the program dies in between, the letter comes again and gets another number; the first one stays unused.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from warifu.ca import CertificateApplication, Entry, Issued, card_changes, resident_changes
from warifu.errors import Malformed, NotAllowed, WrongSignature
from warifu.messages import CardEvent, CertificateIssued, CertificateOrder, OrderRefused, ResidentEvent
from warifu.person import Municipality
from warifu.pki import CertificateKind
from warifu.wire.answers import error_name
from warifu.wire.authority import certificates, refusals
from warifu.wire.authority.recording import Recording, recording
from warifu.wire.authority.service import Authorities
from warifu.wire.authority.tables import inbox
from warifu.wire.database import reading
from warifu.wire.post import Desk, Letter, Mailbox, receive

__all__ = ["NAME", "REGISTER", "RegisterLetters"]

NAME = "authority"
"""What the authorities are called in letters."""
REGISTER = "registry"
"""Who writes to them."""

_ORDER = CertificateOrder.TYPE.replace("_", "-")
_EVENTS = {ResidentEvent.TYPE.replace("_", "-"), CardEvent.TYPE.replace("_", "-")}
_log = logging.getLogger("warifu.authority")


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An order, and the certificate made for it or why there is none."""

    order: CertificateOrder
    made: tuple[CertificateApplication, Issued] | NotAllowed | WrongSignature


class RegisterLetters(Mailbox):
    """The authorities' mailbox. `municipality` finds how a municipality is written, by its code."""

    def __init__(
        self,
        authorities: Authorities,
        municipality: Callable[[str], Municipality],
        *,
        name: str = NAME,
        register: str = REGISTER,
    ) -> None:
        self._authorities = authorities
        self._municipality = municipality
        desk = Desk(self._refuse, frozenset({register}))
        super().__init__(authorities.engine, name, authorities.clock, dict.fromkeys((_ORDER, *_EVENTS), desk))

    def take(self, letter: Letter) -> bytes:
        """Deal with a letter whose sender is known to have sent it; the answer.

        Raises:
            LetterRefused, LetterChanged, NotFound: as `Mailbox.take`.
            Malformed: the letter's body is not what its subject says.
            NotAllowed: what the letter tells cannot have happened to a certificate; nothing of it is recorded.
        """
        self._desk(letter)
        prepared = self._prepare(letter)
        now = self._authorities.clock.now()
        with recording(self._authorities.engine) as record:

            def handle(_connection: Connection, letter: Letter) -> bytes:
                if prepared is not None:
                    return self._settle(record, prepared, now)
                return self._happen(record, letter, now)

            if _came(record.connection, letter):
                return receive(record.connection, letter, handle, now)
            answer = receive(record.connection, letter, handle, now)
            record.note("letter", now, (inbox, {"sender": letter.sender, "id": letter.id}))
        _log.info("letter taken", extra={"subject_of_letter": letter.subject, "sender": letter.sender})
        return answer

    def _prepare(self, letter: Letter) -> _Prepared | None:
        if letter.subject != _ORDER:
            return None
        with reading(self._authorities.engine) as connection:
            if _came(connection, letter):
                return None
        order = CertificateOrder.decode(letter.body)
        if order.id != letter.id:
            raise Malformed("the letter has another id than its order")
        try:
            return _Prepared(order, self._authorities.prepare(order, self._municipality(order.municipality)))
        except (NotAllowed, WrongSignature) as refusal:
            return _Prepared(order, refusal)

    def _settle(self, record: Recording, prepared: _Prepared, now: datetime) -> bytes:
        try:
            if isinstance(prepared.made, NotAllowed | WrongSignature):
                raise prepared.made
            application, issued = prepared.made
            self._authorities.settle(record, application, issued, now, renew=prepared.order.renewal)
        except (NotAllowed, WrongSignature) as refusal:
            kind = CertificateKind(prepared.order.kind.value)
            refusals.record(record, kind, "order", None, refusal, now)
            return OrderRefused(prepared.order.id, error_name(refusal)).encode()
        its = self._authorities.authority(issued.entry.kind, issued.entry.generation)
        return CertificateIssued(prepared.order.id, issued.certificate, its.issuer.certificate_der).encode()

    def _happen(self, record: Recording, letter: Letter, now: datetime) -> bytes:
        if letter.subject == CardEvent.TYPE.replace("_", "-"):
            card = CardEvent.decode(letter.body)
            certificates.record_changes(record, card_changes(card, self._live(record, card.holder, now), now), now)
        else:
            resident = ResidentEvent.decode(letter.body)
            live = self._live(record, resident.holder, now)
            certificates.record_changes(record, resident_changes(resident, live, now), now)
        return b""

    def _live(self, record: Recording, holder: str, now: datetime) -> list[Entry]:
        return certificates.live_of(record.connection, self._authorities.holders.keyed(holder), now)

    def _refuse(self, _connection: Connection, _letter: Letter) -> bytes:
        raise AssertionError("letters are dealt with in `take`")


def _came(connection: Connection, letter: Letter) -> bool:
    """Whether a letter under this id came before."""
    here = inbox.select().where(inbox.c.sender == letter.sender, inbox.c.id == letter.id)
    return connection.execute(here).one_or_none() is not None
