"""What comes back to the register: numbers and codes, certificates, and authorities' questions.

Each answer is an act of a machine at the desk that it concerns, with an id that follows from the letter, so it is one
act however often it comes.
"""

import hashlib
from datetime import datetime
from typing import Any

from cryptography import x509
from sqlalchemy import Connection, select, update

from warifu.errors import Malformed, NotFound
from warifu.messages import (
    AttributesRequest,
    CertificateIssued,
    CodeBlock,
    CodeBlockRequest,
    NumberAnswer,
    NumberReason,
    NumberRequest,
    OrderRefused,
    message_type,
)
from warifu.registry import (
    Act,
    Card,
    Change,
    Clerk,
    Desk,
    Office,
    Section,
    accept_number,
    follow_number_change,
    note_issued,
    note_phone_answer,
    note_refused,
    pooled,
)
from warifu.wire import post
from warifu.wire.post import Letter
from warifu.wire.registry.doing import Doing
from warifu.wire.registry.letters import PARTY
from warifu.wire.registry.looks import Looks
from warifu.wire.registry.reading import cards_of, last_record
from warifu.wire.registry.tables import orders, phones, residents
from warifu.wire.registry.versions import CARDS, PHONES

JLIS_MACHINE = Clerk("authority-desk", Desk(Office.JLIS))


class Answers:
    """What the register does with answers and letters."""

    def __init__(self, doing: Doing, looks: Looks) -> None:
        self._doing = doing
        self._looks = looks

    def handlers(self) -> dict[str, post.OnAnswer]:
        """For the courier: what to do with answers, by what was asked."""
        return {
            "code-block-request": self._stock,
            "number-request": self._designate,
            "certificate-order": self._note_answer,
        }

    def mailbox(self) -> post.Mailbox:
        """Where the register takes letters: certificates issued later, and requests for current attributes."""
        authorities = frozenset(self._doing.correspondents.authorities.values())
        desks = {
            "certificate-issued": post.Desk(self._take_answer, authorities),
            "order-refused": post.Desk(self._take_answer, authorities),
            "attributes-request": post.Desk(self._tell, authorities),
        }
        return post.Mailbox(self._doing.engine, PARTY, self._doing.clock, desks, settled=[self._doing.wake])

    def _stock(self, connection: Connection, letter: Letter, answer: bytes) -> None:
        request, block = CodeBlockRequest.decode(letter.body), CodeBlock.decode(answer)
        if block.request_id != request.id:
            raise Malformed("the answer is to another request")
        act = self._machine(letter, request.municipality)
        self._doing.write(connection, act, Change(pooled(block, request.municipality)))

    def _designate(self, connection: Connection, letter: Letter, body: bytes) -> None:
        answer = NumberAnswer.decode(body)
        if answer.request_id != NumberRequest.decode(letter.body).id:
            raise Malformed("the answer is to another request")
        record = last_record(connection, _holder_of_code(connection, answer.code.reveal()))
        act = self._machine(letter, record.municipality)
        if record.code != answer.code:
            # The code was changed while the question was on its way: the number is asked for again, with the new one.
            again = NumberRequest(act.id_for("number again"), record.code, NumberReason.FIRST)
            self._doing.write(connection, act, Change((), (again,)))
            return
        change: Change[Any] = accept_number(act, record, answer)
        if record.number is not None and change.records:
            ended = follow_number_change(act, cards_of(connection, [record.holder]))
            change = Change(
                (*change.records, *ended.records),
                (*change.messages, *ended.messages),
                (*change.entries, *ended.entries),
            )
        self._doing.write(connection, act, change)

    def _note_answer(self, connection: Connection, letter: Letter, answer: bytes) -> None:
        """An authority may answer an order at once, or take it now and write later."""
        if answer:
            self._note(connection, letter, answer)

    def _take_answer(self, connection: Connection, letter: Letter) -> bytes:
        self._note(connection, letter, letter.body)
        return b""

    def _note(self, connection: Connection, letter: Letter, body: bytes) -> None:
        answer = _read_answer(body)
        columns = (orders.c.card, orders.c.phone, orders.c.answered_at)
        row = connection.execute(select(*columns).where(orders.c.id == answer.order_id)).one_or_none()
        if row is None:
            raise NotFound("no certificate was ordered under this id")
        if row.answered_at is not None:
            return
        act = Act(_act_id(letter), JLIS_MACHINE, self._doing.clock.now())
        if row.phone is None:
            change = _noted_on_card(act, CARDS.read(connection, row.card), answer)
        else:
            change = _noted_on_phone(connection, act, row.card, answer)
        self._doing.write(connection, act, change)
        values = {"answered_at": int(act.at.timestamp()), "answer": body}
        connection.execute(update(orders).where(orders.c.id == answer.order_id).values(**values))

    def _tell(self, connection: Connection, letter: Letter) -> bytes:
        request = AttributesRequest.decode(letter.body)
        return self._looks.tell_attributes(connection, JLIS_MACHINE, request).encode()

    def _machine(self, letter: Letter, municipality: str) -> Act:
        """A machine's act at the residents' section; repeated with the letter, it is the same one."""
        desk = Desk(Office.MUNICIPALITY, municipality, Section.RESIDENTS)
        return Act(_act_id(letter), Clerk("number-desk", desk), self._doing.clock.now())


def _act_id(letter: Letter) -> str:
    return hashlib.sha256(f"warifu answer 1\n{letter.sender}\n{letter.to}\n{letter.id}".encode()).hexdigest()[:32]


def _holder_of_code(connection: Connection, code: str) -> str:
    """Whose code this is or was."""
    holder = connection.scalar(select(residents.c.holder).where(residents.c.code == code).limit(1))
    if holder is None:
        raise NotFound("no record has or had this code")
    return str(holder)


def _read_answer(body: bytes) -> CertificateIssued | OrderRefused:
    if message_type(body) == OrderRefused.TYPE:
        return OrderRefused.decode(body)
    return CertificateIssued.decode(body)


def _noted_on_card(act: Act, card: Card, answer: CertificateIssued | OrderRefused) -> Change[Any]:
    """The card's note of the answer; a card that has another order since, or ended, has no place for it."""
    if not any(each.order == answer.order_id for each in card.certificates):
        return Change()
    if isinstance(answer, OrderRefused):
        return note_refused(act, card, answer)
    return note_issued(act, card, answer, _ends(answer))


def _noted_on_phone(
    connection: Connection, act: Act, card_id: str, answer: CertificateIssued | OrderRefused
) -> Change[Any]:
    for phone in PHONES.all_of(connection, PHONES.current(phones.c.card == card_id)):
        if any(each.order == answer.order_id for each in phone.certificates):
            not_after = _ends(answer) if isinstance(answer, CertificateIssued) else None
            return note_phone_answer(act, phone, answer, not_after)
    return Change()


def _ends(answer: CertificateIssued) -> datetime:
    try:
        return x509.load_der_x509_certificate(answer.certificate).not_valid_after_utc
    except ValueError as error:
        raise Malformed("what was issued is no certificate") from error
