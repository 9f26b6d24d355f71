"""Status answers: several at once, beforehand, by the right key, and never older than what they tell."""

from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.x509 import ocsp

from tests.ca.town import AUTHENTICATION, KIYOSE, NOW, SIGNING, Moment, application, authority, responder
from tests.wire.authorities import FIRST, HOLDER_KEY
from tests.wire.authority.world import World, open_world
from tests.wire.conftest import Place
from warifu.ca import Authority, Event, Presigned
from warifu.pki import (
    OcspAnswer,
    OcspQuestions,
    OcspRequest,
    Reason,
    Revocation,
    RevocationList,
    Standing,
    build_ocsp_request,
    encode_ocsp_get,
    issuer_hashes,
)
from warifu.wire.authority import PARTY, Authorities
from warifu.wire.authority import application as desk
from warifu.wire.authority.answers import keep
from warifu.wire.authority.house import renew_responders
from warifu.wire.authority.status import PRESIGNED_FOR
from warifu.wire.clock import SystemClock
from warifu.wire.database import open_database, reading, writing
from warifu.wire.serving import reserve, serve_in_thread

NONCE = b"0123456789abcdef"


@pytest.fixture
def world(place: Place, tmp_path: Path) -> Iterator[World]:
    opened = open_world(place.of(PARTY), tmp_path)
    opened.authorities.issue_all([application(holder=holder) for holder in "abc"])
    yield opened
    opened.close()


def asking(*numbers: int, nonce: bytes | None = None, of: Authority | None = None, digest: str = "sha1") -> bytes:
    its = (of or authority(AUTHENTICATION, 1)).issuer.certificate
    asked = tuple(OcspRequest(digest, *issuer_hashes(its, digest), number) for number in numbers)
    return OcspQuestions(asked, nonce).encode()


def statuses(world: World, question: bytes) -> list[object]:
    return [each.status for each in OcspAnswer.decode_all(world.authorities.answer(AUTHENTICATION, question))]


# --- several ----------------------------------------------------------------------------------------------------------


def test_several_certificates_are_answered_in_one_message(world: World) -> None:
    """RFC 6960 §4.2.1: one SingleResponse for each, under one signature and one nonce."""
    world.authorities.record(AUTHENTICATION, FIRST + 1, Event.KEY_COMPROMISED)
    question = asking(FIRST, FIRST + 1, FIRST + 9, nonce=NONCE)
    revoked = Revocation(NOW, Reason.KEY_COMPROMISE)
    assert statuses(world, question) == [Standing.GOOD, revoked, Standing.UNKNOWN]
    answer = ocsp.load_der_ocsp_response(world.authorities.answer(AUTHENTICATION, question))
    assert len(list(answer.responses)) == 3


def test_questions_for_two_generations_in_one_message_are_refused(world: World) -> None:
    """No one key could sign the answer."""
    other = authority(AUTHENTICATION, 2)
    new = Authorities(world.engine, [authority(AUTHENTICATION, 1), other], world.clock, holder_key=HOLDER_KEY)
    both = new.generations(AUTHENTICATION)
    names = [OcspRequest("sha1", *issuer_hashes(each.issuer.certificate), FIRST) for each in both]
    answer = ocsp.load_der_ocsp_response(new.answer(AUTHENTICATION, OcspQuestions(tuple(names)).encode()))
    assert answer.response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED


def test_each_generation_answers_with_its_own_key_about_its_own(world: World) -> None:
    old, new = authority(AUTHENTICATION, 1), authority(AUTHENTICATION, 2)
    rolled = Authorities(world.engine, [old, new], world.clock, holder_key=HOLDER_KEY)
    number = rolled.issue(application(holder="d")).entry.serial_number
    for its, asked, expected in (
        (old, FIRST, Standing.GOOD),
        (new, number, Standing.GOOD),
        (old, number, Standing.UNKNOWN),
        (new, FIRST, Standing.UNKNOWN),
    ):
        [answer] = OcspAnswer.decode_all(rolled.answer(AUTHENTICATION, asking(asked, of=its)))
        assert (answer.status, answer.responder_key_id) == (expected, its.generation)


def test_a_question_for_the_other_kind_is_refused(world: World) -> None:
    question = asking(FIRST, of=authority(SIGNING, 0))
    answer = ocsp.load_der_ocsp_response(world.authorities.answer(AUTHENTICATION, question))
    assert answer.response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED


# --- beforehand -------------------------------------------------------------------------------------------------------


def test_who_asks_without_a_nonce_gets_the_answer_made_beforehand(world: World) -> None:
    """RFC 5019 §2.2: with a next update; byte for byte the same until then."""
    assert world.authorities.status.presign(AUTHENTICATION) == 3
    first = world.authorities.answer(AUTHENTICATION, asking(FIRST))
    world.clock.go_on(PRESIGNED_FOR - timedelta(seconds=1))
    assert world.authorities.answer(AUTHENTICATION, asking(FIRST)) == first
    answer = OcspAnswer.decode(first)
    assert (answer.this_update, answer.next_update) == (NOW, NOW + PRESIGNED_FOR)
    world.clock.go_on(timedelta(seconds=1))
    assert OcspAnswer.decode(world.authorities.answer(AUTHENTICATION, asking(FIRST))).next_update is None


def test_another_generation_knows_nothing_though_an_answer_was_made_beforehand(world: World) -> None:
    """RFC 6960 §3.2: an answer is about the certificate that was asked about, and that is one of the other issuer's."""
    old, new = authority(AUTHENTICATION, 1), authority(AUTHENTICATION, 2)
    both = Authorities(world.engine, [old, new], world.clock, holder_key=HOLDER_KEY)
    both.status.presign(AUTHENTICATION)
    answer = OcspAnswer.decode(both.answer(AUTHENTICATION, asking(FIRST, of=new)))
    assert (answer.status, answer.about.issuer_key_hash) == (Standing.UNKNOWN, new.generation)
    assert OcspAnswer.decode(both.answer(AUTHENTICATION, asking(FIRST, of=old))).next_update is not None


@pytest.mark.parametrize(
    "question",
    [
        asking(FIRST, nonce=NONCE),
        asking(FIRST, digest="sha256"),
        asking(FIRST, FIRST + 1),
    ],
)
def test_who_asks_otherwise_gets_an_answer_of_this_moment(world: World, question: bytes) -> None:
    world.authorities.status.presign(AUTHENTICATION)
    world.clock.go_on(timedelta(hours=1))
    for answer in OcspAnswer.decode_all(world.authorities.answer(AUTHENTICATION, question)):
        assert (answer.this_update, answer.next_update) == (NOW + timedelta(hours=1), None)


@pytest.mark.parametrize("event", [Event.HELD, Event.KEY_COMPROMISED])
def test_an_answer_made_beforehand_goes_when_something_happens(world: World, event: Event) -> None:
    """公的個人認証法 第15条, 第34条: the effect is lost at the moment of recording."""
    world.authorities.status.presign(AUTHENTICATION)
    world.authorities.record(AUTHENTICATION, FIRST, event)
    [status] = statuses(world, asking(FIRST))
    assert isinstance(status, Revocation)


def test_an_answer_made_while_something_happened_is_not_kept(world: World) -> None:
    stale = Presigned(FIRST, Standing.GOOD, NOW, NOW + PRESIGNED_FOR, b"good")
    world.authorities.record(AUTHENTICATION, FIRST, Event.HELD)
    with writing(world.engine) as connection:
        assert keep(connection, AUTHENTICATION, [stale], NOW) == 0
    [status] = statuses(world, asking(FIRST))
    assert isinstance(status, Revocation)


def test_no_answer_made_beforehand_outlives_its_certificate(world: World) -> None:
    found = world.authorities.find(AUTHENTICATION, FIRST)
    assert found is not None
    world.clock.go_on(found.not_after - timedelta(hours=1) - NOW)
    world.authorities.status.presign(AUTHENTICATION)
    answer = OcspAnswer.decode(world.authorities.answer(AUTHENTICATION, asking(FIRST)))
    assert answer.next_update == found.not_after
    world.clock.go_on(timedelta(hours=2))
    assert world.authorities.status.presign(AUTHENTICATION) == 0
    assert statuses(world, asking(FIRST)) == [Standing.UNKNOWN]


def test_a_delegated_responder_signs_beforehand_too(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "a.sqlite", PARTY)
    whole = Authority(authority(AUTHENTICATION).issuer, authority(AUTHENTICATION).addresses, responder(AUTHENTICATION))
    authorities = Authorities(engine, [whole], Moment(), holder_key=HOLDER_KEY)
    number = authorities.issue(application()).entry.serial_number
    authorities.status.presign(AUTHENTICATION)
    answer = OcspAnswer.decode(authorities.answer(AUTHENTICATION, asking(number, of=whole)))
    assert answer.certificates == (responder(AUTHENTICATION).certificate_der,)
    engine.dispose()


def test_out_of_its_time_a_responder_does_not_sign(tmp_path: Path) -> None:
    """RFC 6960 §4.2.2.2: the authority itself may always answer."""
    engine, clock = open_database(tmp_path / "a.sqlite", PARTY), Moment()
    whole = Authority(authority(AUTHENTICATION).issuer, authority(AUTHENTICATION).addresses, responder(AUTHENTICATION))
    authorities = Authorities(engine, [whole], clock, holder_key=HOLDER_KEY)
    number = authorities.issue(application()).entry.serial_number
    for days, certificates in ((0, (responder(AUTHENTICATION).certificate_der,)), (40, ())):
        clock.go_on(timedelta(days=days))
        answer = OcspAnswer.decode(authorities.answer(AUTHENTICATION, asking(number, nonce=NONCE, of=whole)))
        assert answer.certificates == certificates
    engine.dispose()


# --- a clock set back -------------------------------------------------------------------------------------------------


def test_nothing_on_record_goes_back_with_the_clock(world: World) -> None:
    """An event counts from the moment of recording (第15条, 第34条), and never from before the one before it."""
    world.clock.go_on(timedelta(hours=5))
    world.authorities.record(AUTHENTICATION, FIRST, Event.DELIVERED)
    world.clock.go_on(-timedelta(hours=7))
    held = world.authorities.record(AUTHENTICATION, FIRST, Event.HELD)
    assert held.revocation == Revocation(NOW + timedelta(hours=5), Reason.CERTIFICATE_HOLD)
    fresh = world.authorities.record(AUTHENTICATION, FIRST + 1, Event.HELD)
    assert fresh.revocation == Revocation(NOW, Reason.CERTIFICATE_HOLD)  # its own beginning, not the clock's two hours


def test_an_answer_is_never_older_than_what_it_tells(world: World) -> None:
    world.clock.go_on(timedelta(hours=5))
    world.authorities.record(AUTHENTICATION, FIRST, Event.KEY_COMPROMISED)
    world.clock.go_on(-timedelta(hours=7))
    answer = OcspAnswer.decode(world.authorities.answer(AUTHENTICATION, asking(FIRST, nonce=NONCE)))
    assert isinstance(answer.status, Revocation)
    assert answer.this_update >= answer.status.at
    assert answer.produced_at >= answer.status.at


def test_lists_go_on_though_the_clock_was_set_back(world: World) -> None:
    """RFC 5280 §5.2.3: the later list has the higher number; nor is it older, nor older than its entries."""
    before = RevocationList.decode(world.authorities.publish(AUTHENTICATION, KIYOSE.code))
    world.clock.go_on(timedelta(hours=5))
    world.authorities.record(AUTHENTICATION, FIRST, Event.KEY_COMPROMISED)
    world.clock.go_on(-timedelta(days=2))
    after = RevocationList.decode(world.authorities.publish(AUTHENTICATION, KIYOSE.code))
    assert after.number == before.number + 1
    assert after.this_update >= max(before.this_update, after.revoked[FIRST].at)
    assert world.audit().findings == []


# --- over HTTP --------------------------------------------------------------------------------------------------------


@pytest.fixture
def http(world: World) -> Iterator[httpx2.Client]:
    with (
        serve_in_thread([(at := reserve(), desk(world.authorities))]),
        httpx2.Client(base_url=at.origin, trust_env=False) as client,
    ):
        yield client


def test_caches_are_told_how_long_an_answer_made_beforehand_lasts(tmp_path: Path) -> None:
    """RFC 5019 §6.2."""
    now = SystemClock().now().replace(microsecond=0)
    engine, clock = open_database(tmp_path / "a.sqlite", PARTY), Moment(now)
    its = authority(AUTHENTICATION)
    authorities = Authorities(engine, [its], clock, holder_key=HOLDER_KEY)
    number = authorities.issue(application()).entry.serial_number
    authorities.status.presign(AUTHENTICATION)
    with (
        serve_in_thread([(at := reserve(), desk(authorities))]),
        httpx2.Client(base_url=at.origin, trust_env=False) as client,
    ):
        path = encode_ocsp_get(asking(number, of=its))
        early = client.get(f"/ocsp/authentication/{path}")
        now_asked = client.get(f"/ocsp/authentication/{encode_ocsp_get(asking(number, nonce=NONCE, of=its))}")
    engine.dispose()
    assert parsedate_to_datetime(early.headers["last-modified"]) == now
    assert parsedate_to_datetime(early.headers["expires"]) == now + PRESIGNED_FOR
    age, *rest = early.headers["cache-control"].split(", ")
    assert rest == ["public", "no-transform", "must-revalidate"]
    assert 0 < int(age.removeprefix("max-age=")) <= PRESIGNED_FOR.total_seconds()
    assert now_asked.headers["cache-control"] == "no-store"
    assert "expires" not in now_asked.headers


def test_the_list_of_authorities_has_an_address_and_is_empty(http: httpx2.Client) -> None:
    """Its point is the one that the authority's own certificate names."""
    answer = http.get("/arl/signing.crl")
    crl = x509.load_der_x509_crl(answer.content)
    assert list(crl) == []
    assert crl.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value.only_contains_ca_certs
    generation = authority(SIGNING, 0).generation.hex()
    assert http.get(f"/arl/signing/{generation}.crl").content == answer.content
    assert http.get("/arl/signing/00.crl").status_code == 404


@pytest.mark.parametrize("path", ["/crl/authentication/13221.crl", "/arl/authentication.crl", "/ca/signing.cer"])
def test_who_has_a_document_is_told_so(http: httpx2.Client, path: str) -> None:
    """RFC 9110 §13.1.2, §13.1.3: the tag decides, a date only alone."""
    first = http.get(path)
    tag, made = first.headers["etag"], first.headers["last-modified"]
    assert http.get(path, headers={"if-none-match": tag}).status_code == 304
    assert http.get(path, headers={"if-modified-since": made}).status_code == 304
    assert http.get(path, headers={"if-none-match": '"x"', "if-modified-since": made}).status_code == 200
    assert http.get(path, headers={"if-modified-since": "yesterday"}).status_code == 200


def test_a_list_of_another_day_is_another_document(http: httpx2.Client, world: World) -> None:
    first = http.get("/crl/authentication/13221.crl")
    world.clock.go_on(timedelta(days=1))
    again = http.get("/crl/authentication/13221.crl", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 200
    assert again.headers["etag"] != first.headers["etag"]
    made = parsedate_to_datetime(again.headers["last-modified"])
    assert made == NOW + timedelta(days=1)


def test_a_hundred_questions_fit_and_more_do_not(http: httpx2.Client, world: World) -> None:
    headers = {"content-type": "application/ocsp-request"}
    whole = http.post("/ocsp/authentication", content=asking(*range(FIRST, FIRST + 100)), headers=headers)
    assert len(OcspAnswer.decode_all(whole.content)) == 100
    too_many = http.post("/ocsp/authentication", content=bytes(40_000), headers=headers)
    assert ocsp.load_der_ocsp_response(too_many.content).response_status is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_every_list_is_made_at_once(world: World) -> None:
    told: list[tuple[int, int]] = []
    count = world.authorities.publisher.publish_all(lambda done, all_of_them: told.append((done, all_of_them)))
    assert count == 4  # one municipality and the authorities', of two generations
    assert told[-1] == (4, 4)
    with reading(world.engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM revocation_list").scalar() == 2


def test_openssls_question_is_answered_beforehand_too(world: World) -> None:
    """Whoever builds a question by the book asks without a nonce and with SHA-1."""
    issuer = authority(AUTHENTICATION, 1).issuer.certificate_der
    question = build_ocsp_request(world.authorities.certificate(AUTHENTICATION, FIRST), issuer)
    world.authorities.status.presign(AUTHENTICATION)
    assert OcspAnswer.decode(world.authorities.answer(AUTHENTICATION, question)).next_update is not None


def test_the_days_lists_are_made_though_nobody_asks(world: World) -> None:
    """公的個人認証法 第16条, 第35条: periodically."""
    publisher = world.authorities.publisher
    publisher.publish_all()
    world.clock.go_on(timedelta(hours=23))
    assert publisher.publish_due() == 0
    world.clock.go_on(timedelta(hours=1))
    assert [publisher.publish_due(), publisher.publish_due()] == [2, 0]
    assert world.audit().findings == []


def test_a_responder_is_renewed_at_half_its_time_and_not_for_an_authority_that_is_over(world: World) -> None:
    """An expired generation among the others stops nothing; the answers about its certificates are unknown."""
    ends = world.authorities.authority(AUTHENTICATION).issuer.certificate.not_valid_after_utc

    def certificate() -> x509.Certificate:
        responder = world.authorities.authority(AUTHENTICATION).responder
        assert responder is not None
        return responder.certificate

    renew_responders(world.authorities, NOW)
    first = certificate()
    renew_responders(world.authorities, NOW + timedelta(days=14))
    assert certificate() == first
    renew_responders(world.authorities, NOW + timedelta(days=16))
    assert certificate() != first
    renew_responders(world.authorities, ends - timedelta(days=1))
    assert certificate().not_valid_after_utc == ends
    renew_responders(world.authorities, ends)
    assert world.authorities.authority(AUTHENTICATION).responder is None
    world.clock.go_on(ends - NOW + timedelta(seconds=1))
    assert statuses(world, asking(FIRST)) == [Standing.UNKNOWN]
