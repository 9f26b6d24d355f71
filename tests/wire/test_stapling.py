"""A status answer that travels with a login: only a good one, only in time, only from where one may ask."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import httpx2
import pytest

from tests.ca.town import Moment
from tests.idp import world
from tests.pki import world as pki
from tests.pki.world import AUTHENTICATION, NOW
from tests.verifier.scene import MOVED, ocsp
from tests.verifier.test_anchors import real_anchors
from tests.waiting import PATIENCE
from tests.wire.phone_world import Visitor
from tests.wire.provider_world import PIN, card
from tests.wire.test_companion import Holder
from warifu.errors import Malformed, NotOnCard
from warifu.messages import LoginAnswer, LoginChallenge, LoginInvitation
from warifu.pki import EndEntityCertificate, OcspRequest
from warifu.ports import Connection
from warifu.reader import answer_login
from warifu.verifier import Anchors
from warifu.wire.companion import answer_invitation
from warifu.wire.stapling import FROM_CERTIFICATE, SECONDS, Stapling

SERVICE = "http://127.0.0.1:1/ocsp/authentication"
HEADERS = {"content-type": "application/ocsp-response"}
ISSUER = pki.authority(AUTHENTICATION).certificate_der
HOURS = timedelta(hours=6)


class Service:
    """An OCSP service that answers what it is told to, and remembers who asked what."""

    def __init__(self, answer: bytes = b"", *, status: int = 200) -> None:
        self.answer, self.status = answer, status
        self.asked: list[httpx2.Request] = []
        self.awake = threading.Event()
        self.awake.set()

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        assert self.awake.wait(PATIENCE)
        return httpx2.Response(self.status, headers=HEADERS, stream=httpx2.ByteStream(self.answer))


@contextmanager
def stapling(
    service: Service, clock: Moment | None = None, address: str = SERVICE, seconds: float = PATIENCE
) -> Iterator[Stapling]:
    moment = clock or Moment(NOW)
    with Stapling(address, moment, seconds=seconds, transport=httpx2.MockTransport(service)) as made:
        yield made


@pytest.fixture(scope="module")
def login() -> LoginAnswer:
    """What a card answered."""
    return answer_login(card(), LoginChallenge(world.PROVIDER.origin, "RP00000001", "T" * 43, bytes(32)), PIN)


def good(**said: object) -> bytes:
    """An answer that was signed beforehand."""
    return ocsp(nonce=None, next_update=NOW + HOURS, **said)  # type: ignore[arg-type]


def test_a_good_answer_travels_along_and_is_kept_until_its_end(login: LoginAnswer) -> None:
    """Asked as for one that was signed beforehand: without a nonce (RFC 5019 §2.1.1)."""
    service, clock = Service(good()), Moment(NOW)
    with stapling(service, clock) as staples:
        sent = staples.attach(login, staples.issuer_on(card(), login))
        assert sent == replace(login, status=good())
        clock.go_on(HOURS - timedelta(seconds=1))
        assert staples.issuer_on(card(), login) is None, "nothing has to be read any more"
        assert staples.attach(login, None).status == good()
        clock.go_on(timedelta(seconds=1))
        assert staples.attach(login, None).status is None
    [asked] = service.asked
    assert (str(asked.url), OcspRequest.decode(asked.content).nonce) == (SERVICE, None)


def test_an_answer_of_this_moment_only_is_not_kept(login: LoginAnswer) -> None:
    service = Service(ocsp(nonce=None, next_update=None))
    with stapling(service) as staples:
        assert staples.attach(login, ISSUER).status == service.answer
        assert staples.attach(login, ISSUER).status == service.answer
    assert len(service.asked) == 2


@pytest.mark.parametrize(
    "service",
    [
        Service(b"rubbish"),
        Service(good(), status=500),
        Service(good(status=MOVED)),
        Service(good(serial_number=pki.SERIAL + 1)),
        Service(good(this_update=NOW - 2 * HOURS).replace(b"\x01", b"\x02", 1)),
        Service(ocsp(nonce=None, this_update=NOW - 3 * HOURS, next_update=NOW - HOURS)),
    ],
    ids=["rubbish", "error", "revoked", "another certificate", "broken", "old"],
)
def test_what_a_verifier_would_refuse_is_not_sent_along(login: LoginAnswer, service: Service) -> None:
    """A revoked certificate is the verifier's to find out: what we kept may be older than what it is told."""
    with stapling(service) as staples:
        assert staples.attach(login, ISSUER) == login
    assert len(service.asked) == 1


def test_a_slow_service_does_not_keep_a_login_waiting(login: LoginAnswer) -> None:
    service = Service(good())
    service.awake.clear()
    with stapling(service, seconds=0.2) as staples:
        assert staples.attach(login, ISSUER) == login, "it answers only after that"
        service.awake.set()


def test_a_login_waits_for_a_second_at_most() -> None:
    assert SECONDS <= 1.0


@pytest.mark.parametrize("configured", [True, False])
def test_the_address_in_the_certificate_is_asked_only_if_that_was_configured(
    login: LoginAnswer, configured: bool
) -> None:
    service = Service(good())
    named = EndEntityCertificate.decode(login.unverified_certificate).ocsp_address
    assert named != SERVICE
    with stapling(service, address=FROM_CERTIFICATE if configured else SERVICE) as staples:
        staples.attach(login, ISSUER)
    assert [str(each.url) for each in service.asked] == [named if configured else SERVICE]


def test_nobody_is_asked_about_a_real_certificate(login: LoginAnswer, monkeypatch: pytest.MonkeyPatch) -> None:
    """公的個人認証法 第18条, 第37条: who may ask is listed there, and a holder's side is not."""
    service = Service(good())
    monkeypatch.setattr(Anchors, "load", lambda _certificates: real_anchors())
    with stapling(service) as staples:
        assert staples.attach(login, ISSUER) == login
    assert service.asked == []


def test_an_address_that_is_none_is_malformed() -> None:
    with pytest.raises(Malformed):
        Stapling("ocsp.example", Moment(NOW))


def test_a_card_without_its_authoritys_certificate_logs_in_without_a_status(login: LoginAnswer) -> None:
    class Empty:
        def transmit(self, _command: bytes) -> bytes:
            raise NotOnCard

    service = Service(good())
    with stapling(service) as staples:
        nobody: Connection = Empty()  # type: ignore[assignment]
        assert staples.attach(login, staples.issuer_on(nobody, login)) == login
    assert service.asked == []


# --- who sends them ---------------------------------------------------------------------------------------------------


def test_the_companion_sends_one_along_and_the_card_can_be_gone_by_then() -> None:
    service = Service(good())
    origin, ends = world.PROVIDER.origin, NOW + timedelta(minutes=5)
    invitation = LoginInvitation(origin, "bank", "架空銀行", "transaction", bytes(32), ("openid",), ends)
    held: list[str] = []

    @contextmanager
    def reader(_waiting: object) -> Iterator[Connection]:
        yield card()
        held.append(f"taken away, {len(service.asked)} asked")

    with stapling(service) as staples:
        answer = answer_invitation(invitation, origin, Holder(), reader, Moment(NOW), stapling=staples)
    assert (answer.status, held) == (good(), ["taken away, 0 asked"])


def test_the_phone_sends_one_along() -> None:
    service = Service(good())
    with stapling(service) as staples:
        visitor = Visitor(SimpleNamespace(connection=card()), stapling=staples)  # type: ignore[arg-type]
        visitor.to_consent()
    [answer] = visitor.provider.answers
    assert answer.status == good()
