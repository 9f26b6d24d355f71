"""Journey C, living: from birth to death, and what becomes of numbers, cards and certificates on the way.

The same life in one process, engine to engine, and again over loopback HTTP with every party a server: the register,
the party that numbers, J-LIS, both authorities (in process through eight keys each), and the chips. Whether a
certificate is good is asked of the authority with OCSP; what is on a card is read by a reader.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tests.ca.town import SHIBUYA
from tests.journeys.chips import PINS
from tests.journeys.live_in_process import InProcess
from tests.journeys.live_over_http import OverHttp, over_http
from tests.journeys.live_stages import Stage
from warifu.errors import NotAllowed, PartyRefused, PinBlocked
from warifu.messages import OrderedKind
from warifu.person import Address
from warifu.registry import (
    Applicant,
    CardApplication,
    CardStep,
    Collector,
    Ground,
    Medium,
    Proof,
    Route,
)

SIGNING, AUTHENTICATION = OrderedKind.SIGNING, OrderedKind.AUTHENTICATION
REFUSED = (NotAllowed, PartyRefused)
BORN, TODAY = date(2026, 4, 10), date(2026, 4, 20)
RENAMED = Address("東京都清瀬市新架空町一丁目２番３号")
ELSEWHERE = Address("東京都渋谷区架空町四丁目５番６号")
CARD, PHONE = frozenset({Medium.CARD}), frozenset({Medium.PHONE})


@pytest.fixture(params=["in one process", "over HTTP"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    stages: dict[str, Callable[[], AbstractContextManager[InProcess | OverHttp]]] = {
        "in one process": lambda: nullcontext(InProcess(TODAY)),
        "over HTTP": lambda: over_http(tmp_path, TODAY),
    }
    with stages[request.param]() as stage:
        stage.is_born(BORN)
        yield stage


@pytest.fixture
def engines() -> InProcess:
    stage = InProcess(TODAY)
    stage.is_born(BORN)
    return stage


def gets_card(stage: Stage, application: CardApplication) -> str:
    """From application to hand-over at the counter."""
    card = stage.apply(application)
    stage.make(card)
    stage.collect(card, Collector.HOLDER, Proof.PHOTO_DOCUMENT)
    return card


def on_card(stage: Stage, card: str) -> list[bytes]:
    """The signing and the authentication certificate that a reader finds there."""
    return [stage.chips.certificate(card, kind) for kind in (SIGNING, AUTHENTICATION)]


def statuses(stage: Stage, card: str) -> list[str]:
    """What the authorities say of both."""
    return [stage.status(each) for each in on_card(stage, card)]


def check_signs(stage: Stage, card: str, kind: OrderedKind) -> None:
    """The key on the card is the one in its certificate."""
    public = x509.load_der_x509_certificate(stage.chips.certificate(card, kind)).public_key()
    assert isinstance(public, RSAPublicKey)
    signature = stage.chips.sign(card, kind, hashlib.sha256(b"a document").digest())
    public.verify(signature, b"a document", PKCS1v15(), hashes.SHA256())


def last_day(certificate: bytes) -> date:
    """The day in Japan on which its validity ends, a second before midnight."""
    return x509.load_der_x509_certificate(certificate).not_valid_after_utc.date()


def test_an_infants_card_comes_by_post_and_ends_on_the_fifth_birthday(stage: Stage) -> None:
    number, code = stage.numbers()
    assert (len(number), len(code)) == (12, 11)
    assert code not in number
    with pytest.raises(REFUSED, match="too young"):
        stage.apply(CardApplication(applicant=Applicant.GUARDIAN))
    infants = CardApplication(
        applicant=Applicant.GUARDIAN,
        route=Route.EXPRESS,
        kinds=frozenset({AUTHENTICATION}),
        photo=False,
        in_person=True,
    )
    card = stage.apply(infants)
    stage.make(card, b"an envelope that the maker's machine opens")
    stage.collect(card, Collector.GUARDIAN, Proof.SEEN_AT_APPLICATION)
    certificate = stage.chips.certificate(card, AUTHENTICATION)
    assert stage.card(card).expires == date(2031, 4, 10)
    stage.go_to(date(2031, 4, 10))
    assert stage.status(certificate) == "good"
    stage.go_to(date(2031, 4, 11))
    assert stage.card(card).ended_by is CardStep.EXPIRED
    assert stage.status(certificate) == "unknown"


def test_a_life(stage: Stage) -> None:
    """The whole of it."""
    # At fifteen she applies herself, collects the card and sets its PINs.
    stage.go_to(date(2041, 5, 7))
    card = stage.apply(CardApplication())
    stage.make(card)
    with pytest.raises(PinBlocked):
        stage.chips.sign(card, AUTHENTICATION, bytes(32))
    stage.collect(card, Collector.HOLDER, Proof.TWO_DOCUMENTS)
    assert statuses(stage, card) == ["good", "good"]
    check_signs(stage, card, SIGNING)
    check_signs(stage, card, AUTHENTICATION)
    assert stage.card(card).expires == date(2046, 4, 10)

    # The town is renamed: a minor correction, and nothing ends.
    stage.go_to(date(2042, 3, 3))
    stage.rename_town(RENAMED)
    assert statuses(stage, card) == ["good", "good"]

    # She moves: the signing certificate ends, the card is shown and gets a new one.
    stage.go_to(date(2042, 4, 1))
    stage.move(SHIBUYA.code, ELSEWHERE)
    assert statuses(stage, card) == ["affiliationChanged", "good"]
    stage.present(card)
    stage.order(card, SIGNING)
    assert statuses(stage, card) == ["good", "good"]
    check_signs(stage, card, SIGNING)

    # She misses it: one call, and it is held; found in a coat, it is back in force with new certificates.
    stage.go_to(date(2042, 9, 1))
    stage.call_hotline(CARD)
    held = on_card(stage, card)
    assert [stage.status(each) for each in held] == ["certificateHold", "certificateHold"]
    stage.find(card)
    assert [stage.status(each) for each in held] == ["superseded", "superseded"], "a card's hold is never released"
    assert stage.card(card).state == "in_force"
    for kind in (AUTHENTICATION, SIGNING):
        stage.order(card, kind)
    assert statuses(stage, card) == ["good", "good"]

    # It is gone for good: reported, another one asked for, and the old one never comes back.
    stage.go_to(date(2043, 2, 2))
    lost = on_card(stage, card)
    stage.report_lost(card)
    assert [stage.status(each) for each in lost] == ["keyCompromise", "keyCompromise"]
    second = gets_card(stage, CardApplication(ground=Ground.LOST, proof_of_loss=True))
    assert stage.card(card).ended_by is CardStep.REISSUE_ASKED
    with pytest.raises(REFUSED, match="cannot be found"):
        stage.find(card)
    assert statuses(stage, second) == ["good", "good"]
    assert stage.card(second).expires == date(2047, 4, 10), "the fifth birthday: she is sixteen"

    # She comes of age and nothing happens. In the last three months the card is exchanged for an adult's.
    stage.go_to(date(2044, 4, 10))
    assert statuses(stage, second) == ["good", "good"]
    stage.go_to(date(2047, 2, 1))
    assert stage.renewals() == [date(2047, 4, 10)]
    running = on_card(stage, second)
    third = stage.apply(CardApplication(ground=Ground.SOON_OVER))
    stage.make(third)
    assert [stage.status(each) for each in running] == ["good", "good"], "until the exchange"
    stage.collect(third, Collector.HOLDER, Proof.PHOTO_DOCUMENT)
    assert [stage.status(each) for each in running] == ["superseded", "superseded"]
    assert stage.card(second).ended_by is CardStep.EXCHANGED
    assert statuses(stage, third) == ["good", "good"]
    assert stage.card(third).expires == date(2057, 4, 10), "the eleventh birthday"
    assert last_day(stage.chips.certificate(third, SIGNING)) == date(2052, 4, 10), "the sixth birthday"

    # Five years later the certificates are renewed alone.
    stage.go_to(date(2052, 1, 20))
    assert len(stage.renewals()) == 2
    for kind in (AUTHENTICATION, SIGNING):
        stage.order(third, kind)
    assert statuses(stage, third) == ["good", "good"]
    assert last_day(stage.chips.certificate(third, SIGNING)) == date(2057, 4, 10), "the card's own end comes first"

    # A phone gets certificates on top of the card's.
    on_phone = stage.phone_certificates(stage.enrol_phone(third))
    assert {kind: stage.status(each) for kind, each in on_phone.items()} == {SIGNING: "good", AUTHENTICATION: "good"}

    # She dies. Everything ends, on the phone too, and nobody orders anything for her any more.
    stage.go_to(date(2055, 8, 8))
    alive = on_card(stage, third)
    stage.die()
    assert {stage.status(each) for each in (*alive, *on_phone.values())} == {"cessationOfOperation"}
    assert {stage.card(each).state for each in (card, second, third)} == {"ended"}
    with pytest.raises(REFUSED, match="dead"):
        stage.order(third, SIGNING)
    assert stage.refusals == 0, "the register asked for nothing that the authorities refused"


def test_the_signing_certificate_falls_and_the_phones_with_it_and_the_other_kind_stays(stage: Stage) -> None:
    """公的個人認証法 第16条の13: of the same kind only."""
    stage.go_to(date(2046, 5, 1))
    card = gets_card(stage, CardApplication())
    phone = stage.enrol_phone(card)
    first = stage.phone_certificates(phone)
    stage.move(SHIBUYA.code, ELSEWHERE)
    assert stage.status(first[SIGNING]) != "good"
    assert stage.status(first[AUTHENTICATION]) == "good"
    stage.present(card)
    stage.order(card, SIGNING)
    stage.sign_phone_again(phone, card)
    again = stage.phone_certificates(phone)
    assert stage.status(again[SIGNING]) == "good"

    stage.call_hotline(PHONE)
    assert {stage.status(each) for each in again.values()} == {"certificateHold"}
    assert statuses(stage, card) == ["good", "good"]
    stage.find_phone(phone)
    assert stage.status(again[AUTHENTICATION]) == "good", "only this one comes back"
    assert stage.status(again[SIGNING]) == "superseded"


def test_who_does_not_show_the_card_after_a_move_loses_it(stage: Stage) -> None:
    """施行令 第14条第3号: ninety days."""
    stage.go_to(date(2046, 5, 1))
    card = gets_card(stage, CardApplication())
    certificate = stage.chips.certificate(card, AUTHENTICATION)
    stage.move(SHIBUYA.code, ELSEWHERE)
    stage.go_to(date(2046, 7, 30))
    assert stage.status(certificate) == "good"
    stage.go_to(date(2046, 7, 31))
    assert stage.card(card).ended_by is CardStep.NOT_PRESENTED
    assert stage.status(certificate) == "cessationOfOperation"


def test_who_leaves_the_country_takes_the_card_along_if_it_was_shown(engines: InProcess) -> None:
    """番号法 第17条第6項, 施行令 第14条第1号; the annex's municipality looks after it and certifies anew."""
    engines.go_to(date(2046, 5, 1))
    card = gets_card(engines, CardApplication())
    certificates = on_card(engines, card)
    engines.keep_card_abroad(card)
    engines.leave_the_country()
    assert [engines.status(each) for each in certificates] == ["affiliationChanged", "good"]
    assert (engines.card(card).state, engines.card(card).municipality) == ("in_force", SHIBUYA.code)
    engines.order(card, SIGNING)
    assert statuses(engines, card) == ["good", "good"]
    engines.lose_annex()
    assert engines.card(card).ended_by is CardStep.ANNEX_DELETED
    assert statuses(engines, card) == ["cessationOfOperation", "cessationOfOperation"]


def test_who_leaves_the_country_without_showing_it_loses_it(engines: InProcess) -> None:
    """施行令 第14条第1号."""
    engines.go_to(date(2046, 5, 1))
    card = gets_card(engines, CardApplication())
    certificate = engines.chips.certificate(card, AUTHENTICATION)
    engines.leave_the_country()
    assert engines.card(card).ended_by is CardStep.LEFT_COUNTRY
    assert engines.status(certificate) == "cessationOfOperation"


def test_a_foreign_residents_card_is_prolonged_with_the_stay_and_its_certificates_are_not(engines: InProcess) -> None:
    """カード命令 第27条; the certificates keep the end that they say, and are ordered anew."""
    engines.go_to(date(2026, 5, 1))
    engines.arrive_from_abroad(until=date(2028, 6, 30))
    card = gets_card(engines, CardApplication())
    assert engines.card(card).expires == date(2028, 6, 30)
    assert last_day(engines.chips.certificate(card, SIGNING)) == date(2028, 6, 30)
    engines.go_to(date(2028, 6, 1))
    engines.prolong_stay(date(2033, 6, 30), card)
    assert engines.card(card).expires == date(2033, 6, 30)
    assert last_day(engines.chips.certificate(card, SIGNING)) == date(2028, 6, 30)
    for kind in (AUTHENTICATION, SIGNING):
        engines.order(card, kind)
    assert statuses(engines, card) == ["good", "good"]
    assert last_day(engines.chips.certificate(card, SIGNING)) == date(2033, 6, 30)
    engines.go_to(date(2033, 7, 1))
    assert engines.card(card).ended_by is CardStep.EXPIRED
    assert statuses(engines, card) == ["unknown", "unknown"]


def test_no_pin_and_no_number_is_in_the_log(engines: InProcess) -> None:
    engines.go_to(date(2046, 5, 1))
    gets_card(engines, CardApplication())
    kept = b"".join(entry.encode() for entry in engines.country.log).decode()
    name = engines.country.record_of(engines.person).attributes.name.text
    secrets = [*engines.numbers(), name, *(typed for _, typed in PINS.values() if len(typed) > 4)]
    assert not any(secret in kept for secret in secrets)
