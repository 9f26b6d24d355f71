"""What the register tells and orders has its effect once, in the order of its letters, and the answers are kept."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from sqlalchemy import text

from tests.ca.town import ATTRIBUTES, AUTHENTICATION, ENDS, KIYOSE, NOW, key
from tests.wire.authorities import FIRST
from tests.wire.authority.world import World, open_world
from tests.wire.conftest import Place
from warifu.ca import State
from warifu.errors import LetterChanged, LetterRefused, Malformed, NotFound
from warifu.messages import (
    CardEvent,
    CardHappening,
    Cause,
    CertificateIssued,
    CertificateOrder,
    OrderedKind,
    OrderedMedium,
    OrderRefused,
    PhoneApplication,
    ResidentEvent,
    SignedApplication,
)
from warifu.pki import CertificateKind, KeySigner, Medium, Reason, Revocation
from warifu.wire.authority import PARTY, delete_over, find_over
from warifu.wire.authority.letters import NAME, REGISTER, RegisterLetters
from warifu.wire.database import reading
from warifu.wire.post import Letter

HOLDER, CARD = "a1" * 16, "c1" * 16


@pytest.fixture
def world(place: Place, tmp_path: Path) -> Iterator[World]:
    opened = open_world(place.of(PARTY), tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def letters(world: World) -> RegisterLetters:
    return RegisterLetters(world.authorities, {KIYOSE.code: KIYOSE}.__getitem__)


def order(
    number: int,
    kind: OrderedKind = OrderedKind.AUTHENTICATION,
    medium: OrderedMedium = OrderedMedium.CARD,
    *,
    holder: str = HOLDER,
    renewal: bool = False,
    signed_by: KeySigner | None = None,
) -> CertificateOrder:
    """An order; `issue_both` leaves a signing certificate with the second number, for key 22."""
    attributes = ATTRIBUTES if kind is OrderedKind.SIGNING else None
    public = key(20 + number).public_key_info
    birth, name = ATTRIBUTES.birth_date, f"{number:032x}"
    signed = None
    if medium is OrderedMedium.PHONE:
        application = PhoneApplication(name, kind, public, FIRST, NOW).encode()
        signed = SignedApplication(application, (signed_by or key(22)).sign(application))
    return CertificateOrder(
        name, holder, kind, medium, CARD, KIYOSE.code, public, attributes, birth, ENDS, renewal, NOW, signed
    )


def letter(message: CertificateOrder | CardEvent | ResidentEvent, sender: str = REGISTER) -> Letter:
    subject = message.TYPE.replace("_", "-")
    return Letter(id=message.id, sender=sender, to=NAME, subject=subject, thread=message.holder, body=message.encode())


def event(number: int, what: CardHappening) -> CardEvent:
    return CardEvent(f"{number:032x}", HOLDER, CARD, what, NOW)


def issue_both(letters: RegisterLetters) -> None:
    for number, kind in ((1, OrderedKind.AUTHENTICATION), (2, OrderedKind.SIGNING)):
        CertificateIssued.decode(letters.take(letter(order(number, kind))))
    letters.take(letter(event(3, CardHappening.DELIVERED)))


def live(world: World) -> dict[tuple[CertificateKind, Medium], State]:
    return {(entry.kind, entry.medium): entry.state for entry in world.authorities.live_of(HOLDER)}


def test_an_order_is_answered_with_a_certificate(world: World, letters: RegisterLetters) -> None:
    answer = CertificateIssued.decode(letters.take(letter(order(1))))
    certificate = x509.load_der_x509_certificate(answer.certificate)
    certificate.verify_directly_issued_by(x509.load_der_x509_certificate(answer.issuer_certificate))
    assert answer.order_id == f"{1:032x}"
    assert world.authorities.certificate(AUTHENTICATION, certificate.serial_number) == answer.certificate
    assert live(world) == {(AUTHENTICATION, Medium.CARD): State.ISSUED}
    assert world.audit().findings == []


def test_a_letter_that_comes_again_has_no_effect_and_the_same_answer(world: World, letters: RegisterLetters) -> None:
    first = letters.take(letter(order(1)))
    size = world.heads.sign().tree_head.size
    world.clock.go_on(timedelta(days=1))
    assert letters.take(letter(order(1))) == first
    assert world.heads.sign().tree_head.size == size
    assert world.audit().findings == []


def test_the_answer_with_the_certificate_is_kept_no_longer_than_an_application(
    world: World, letters: RegisterLetters
) -> None:
    """施行規則 第82条: fifteen years; a signing certificate says who its holder is, wherever a copy of it lies."""
    issue_both(letters)
    until = NOW.replace(year=NOW.year + 15)
    assert not [each for each in find_over(world.engine, until) if each.table.name == "inbox"]
    later = until + timedelta(days=1)
    over = [each for each in find_over(world.engine, later) if each.table.name == "inbox"]
    assert {each.deletion.why for each in over} == {
        "kept 15 years after the receipt of the application (施行規則 第82条)"
    }
    assert delete_over(world.engine, over, later) == 2
    with reading(world.engine) as connection:
        assert connection.scalars(text("SELECT subject FROM inbox")).all() == ["card-event"]
    assert world.audit().findings == []


def test_another_letter_under_the_same_id_is_refused(letters: RegisterLetters) -> None:
    letters.take(letter(order(1)))
    with pytest.raises(LetterChanged):
        letters.take(letter(replace(order(1), holder="b2" * 16)))


def test_an_order_that_may_not_be_is_answered_and_on_record(world: World, letters: RegisterLetters) -> None:
    """公的個人認証法 第25条: no second one while the first is in effect."""
    letters.take(letter(order(1)))
    refused = OrderRefused.decode(letters.take(letter(order(2))))
    assert (refused.order_id, refused.error) == (f"{2:032x}", "not_allowed")
    with reading(world.engine) as connection:
        rows = connection.exec_driver_sql("SELECT kind, what, error FROM refusal").all()
    assert [tuple(row) for row in rows] == [("authentication", "order", "NotAllowed")]
    assert letters.take(letter(order(2))) == refused.encode()
    assert world.audit().findings == []


def test_a_renewal_takes_the_place_of_the_old_one(world: World, letters: RegisterLetters) -> None:
    issue_both(letters)
    CertificateIssued.decode(letters.take(letter(order(4, renewal=True))))
    assert live(world)[(AUTHENTICATION, Medium.CARD)] is State.ISSUED
    old = world.authorities.find(AUTHENTICATION, FIRST)
    assert old is not None
    assert old.revocation == Revocation(NOW, Reason.SUPERSEDED)


def test_a_move_ends_the_signing_certificates_of_card_and_phone_together(
    world: World, letters: RegisterLetters
) -> None:
    """公的個人認証法 第12条第1号, 第16条の13."""
    issue_both(letters)
    for number, kind in ((5, OrderedKind.SIGNING), (6, OrderedKind.AUTHENTICATION)):
        CertificateIssued.decode(letters.take(letter(order(number, kind, OrderedMedium.PHONE))))
    assert len(live(world)) == 4
    moved = ResidentEvent(f"{7:032x}", HOLDER, Cause.MOVE_OUT, frozenset(), None, NOW)
    assert letters.take(letter(moved)) == b""
    assert set(live(world)) == {(AUTHENTICATION, Medium.CARD), (AUTHENTICATION, Medium.PHONE)}
    assert world.audit().findings == []


def test_nothing_is_issued_to_a_phone_that_the_card_did_not_sign_for(world: World, letters: RegisterLetters) -> None:
    """公的個人認証法 第16条の2, 第35条の2; the register alone cannot apply."""
    issue_both(letters)
    asked = order(5, OrderedKind.AUTHENTICATION, OrderedMedium.PHONE, signed_by=key(21))
    assert OrderRefused.decode(letters.take(letter(asked))) == OrderRefused(asked.id, "wrong_signature")
    assert (AUTHENTICATION, Medium.PHONE) not in live(world)
    assert world.audit().findings == []


def test_an_order_arrives_in_the_letter_of_its_id(world: World, letters: RegisterLetters) -> None:
    """A letter has its effect once; an application for a phone would count again under another id."""
    with pytest.raises(Malformed, match="another id"):
        letters.take(replace(letter(order(1)), id="f" * 32))
    assert live(world) == {}


def test_an_event_that_comes_again_changes_nothing(world: World, letters: RegisterLetters) -> None:
    issue_both(letters)
    letters.take(letter(event(4, CardHappening.HELD)))
    held = {entry.serial_number: entry for entry in world.authorities.live_of(HOLDER)}
    world.clock.go_on(timedelta(hours=3))
    letters.take(letter(event(4, CardHappening.HELD)))
    letters.take(letter(event(5, CardHappening.HELD)))  # told again, under another id
    assert {entry.serial_number: entry for entry in world.authorities.live_of(HOLDER)} == held


@pytest.mark.parametrize("sender", ["stranger", NAME])
def test_only_the_register_writes_here(letters: RegisterLetters, sender: str) -> None:
    with pytest.raises(LetterRefused):
        letters.take(letter(order(1), sender=sender))


def test_nothing_else_is_taken(letters: RegisterLetters) -> None:
    with pytest.raises(NotFound):
        letters.take(replace(letter(order(1)), subject="gossip"))
    with pytest.raises(Malformed):
        letters.take(replace(letter(order(1)), body=b"{}"))


def test_a_refused_letter_leaves_nothing(world: World, letters: RegisterLetters) -> None:
    with pytest.raises(Malformed):
        letters.take(replace(letter(event(1, CardHappening.HELD)), body=b"{}"))
    with reading(world.engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM inbox").scalar() == 0


def test_who_dies_between_signing_and_recording_answers_the_letter_when_it_comes_again(
    world: World, letters: RegisterLetters
) -> None:
    """The number taken in vain stays unused; the certificate that nobody saw was never issued."""
    prepared = world.authorities.prepare(order(1), KIYOSE)[1]
    answer = CertificateIssued.decode(letters.take(letter(order(1))))
    assert x509.load_der_x509_certificate(answer.certificate).serial_number == prepared.entry.serial_number + 1
    assert world.authorities.find(AUTHENTICATION, prepared.entry.serial_number) is None
    assert world.audit().findings == []


def test_the_record_gives_the_register_its_holder_back(world: World, letters: RegisterLetters) -> None:
    """Only under the operator's key: the record alone names nobody."""
    letters.take(letter(order(1)))
    with reading(world.engine) as connection:
        sealed, keyed = connection.exec_driver_sql("SELECT sealed_holder, holder FROM certificate").one()
    assert world.authorities.holders.open(bytes(sealed)) == HOLDER
    assert HOLDER.encode() not in bytes(sealed) + bytes(keyed)
