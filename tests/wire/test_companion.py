"""The companion: whom it listens to, what it asks, what it refuses."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import anyio
import httpx2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from warifu.card import block_pin, tries_left
from warifu.cardmap import AUTHENTICATION_PIN, TEXT_PIN, PinSpec
from warifu.errors import (
    AnswerLost,
    Cancelled,
    ChallengeExpired,
    InUse,
    LastTry,
    Malformed,
    NoCard,
    NoReader,
    PinBlocked,
    PinRequired,
    WrongOrigin,
    WrongPin,
)
from warifu.messages import LoginAnswer, LoginInvitation, SigningData
from warifu.ports import Connection
from warifu.reader import JpkiSession, Key, check_attributes
from warifu.testing import SoftwareCard
from warifu.wire.companion import Desk, OpenCard, answer_invitation, application

PORT = 8710
HERE = f"http://localhost:{PORT}"
ORIGIN = "http://localhost:8700"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
INVITATION = LoginInvitation(
    ORIGIN, "bank", "架空銀行", "transaction", bytes(range(32)), ("openid",), NOW + timedelta(minutes=5)
)
WITH_ATTRIBUTES = replace(INVITATION, scopes=("openid", "name"))


@dataclass
class FixedClock:
    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment


@dataclass
class Holder:
    """The person at the prompt: gives these PINs one after another, and remembers what was said."""

    pins: list[str] = field(default_factory=lambda: ["1234"])
    text_pins: list[str | None] = field(default_factory=lambda: ["5678"])
    passwords: list[str] = field(default_factory=lambda: ["ABC123"])
    agrees: bool = True
    signs: bool = True
    heard: list[object] = field(default_factory=list)

    def confirm(self, client_name: str, origin: str, attributes: bool) -> None:
        self.heard.append(("confirm", client_name, origin, attributes))
        if not self.agrees:
            raise Cancelled

    def confirm_signing(self, client_name: str, origin: str, data: SigningData) -> None:
        self.heard.append(("sign", client_name, origin, data.text))
        if not self.signs:
            raise Cancelled

    def signing_password(self, tries_left: int) -> str:
        self.heard.append(("password", tries_left))
        return self.passwords.pop(0)

    def wait_for_card(self) -> None:
        self.heard.append("wait")

    def authentication_pin(self, tries_left: int) -> str:
        self.heard.append(("authentication", tries_left))
        return self.pins.pop(0)

    def text_pin(self, tries_left: int) -> str | None:
        self.heard.append(("text", tries_left))
        return self.text_pins.pop(0)

    def share_attributes(self) -> bool:
        self.heard.append("share?")
        return self.text_pins.pop(0) is not None

    def no_text_pin(self, tries_left: int) -> None:
        self.heard.append(("no text", tries_left))

    def wrong_pin(self, error: WrongPin) -> None:
        self.heard.append(("wrong", error.pin_name, error.tries_left))


def reader_with(card: SoftwareCard) -> OpenCard:
    @contextmanager
    def open_card(_waiting: object) -> Iterator[Connection]:
        yield card.connection

    return open_card


def log_in(
    card: SoftwareCard, holder: Holder, invitation: LoginInvitation = INVITATION, origin: str = ORIGIN
) -> LoginAnswer:
    return answer_invitation(invitation, origin, holder, reader_with(card), FixedClock())


# --- the login --------------------------------------------------------------------------------------------------------


def test_the_person_is_asked_before_the_card_is_touched(my_number_card: SoftwareCard) -> None:
    holder = Holder(agrees=False)
    with pytest.raises(Cancelled):
        log_in(my_number_card, holder)
    assert holder.heard == [("confirm", "架空銀行", ORIGIN, False)]


def test_the_origin_signed_is_the_one_the_browser_reported(my_number_card: SoftwareCard) -> None:
    answer = log_in(my_number_card, Holder())
    assert answer.challenge == INVITATION.challenge(ORIGIN)
    my_number_card.authentication_public_key.verify(
        answer.signature, answer.challenge.encode(), PKCS1v15(), hashes.SHA256()
    )


def test_the_tries_left_are_said_before_the_pin_is_asked(my_number_card: SoftwareCard) -> None:
    block_pin(my_number_card.store, AUTHENTICATION_PIN, tries_left=2)
    my_number_card.connection.power_cycle()
    holder = Holder()
    log_in(my_number_card, holder)
    assert holder.heard[1:] == [("authentication", 2)]


def test_attributes_come_with_the_text_pin_when_they_were_asked_for(my_number_card: SoftwareCard) -> None:
    holder = Holder()
    answer = log_in(my_number_card, holder, WITH_ATTRIBUTES)
    assert answer.attributes is not None
    found = check_attributes(answer.attributes, answer.challenge.card_nonce(), [my_number_card.cv_anchor])
    assert found == my_number_card.attributes
    assert holder.heard == [("confirm", "架空銀行", ORIGIN, True), ("authentication", 3), ("text", 3)]


def test_without_a_text_pin_no_attributes_are_shared(my_number_card: SoftwareCard) -> None:
    assert log_in(my_number_card, Holder(text_pins=[None]), WITH_ATTRIBUTES).attributes is None


def test_the_text_pin_is_not_asked_for_when_nobody_wants_attributes(my_number_card: SoftwareCard) -> None:
    holder = Holder()
    assert log_in(my_number_card, holder).attributes is None
    assert ("text", 3) not in holder.heard


@pytest.mark.parametrize("left", [0, 1])
def test_a_text_pin_without_tries_to_spare_is_left_alone(my_number_card: SoftwareCard, left: int) -> None:
    block_pin(my_number_card.store, TEXT_PIN, tries_left=left)
    my_number_card.connection.power_cycle()
    holder = Holder()
    assert log_in(my_number_card, holder, WITH_ATTRIBUTES).attributes is None
    assert holder.heard[-1] == ("no text", left)


def test_a_wrong_pin_is_asked_for_again_with_the_tries_left(my_number_card: SoftwareCard) -> None:
    holder = Holder(pins=["9999", "1234"], text_pins=["9999", "5678"])
    assert log_in(my_number_card, holder, WITH_ATTRIBUTES).attributes is not None
    assert holder.heard[1:] == [
        ("authentication", 3),
        ("text", 3),
        ("wrong", "text PIN", 2),
        ("text", 2),
        ("wrong", "authentication PIN", 2),
        ("authentication", 2),
    ]


def test_the_last_try_is_never_spent(my_number_card: SoftwareCard) -> None:
    holder = Holder(pins=["9999", "9999", "9999"])
    with pytest.raises(LastTry):
        log_in(my_number_card, holder)
    assert holder.pins == ["9999"]
    assert tries_left(my_number_card.store, AUTHENTICATION_PIN) == 1


@pytest.mark.parametrize("spec", [AUTHENTICATION_PIN, TEXT_PIN])
def test_the_last_try_is_spent_where_the_person_said_so(my_number_card: SoftwareCard, spec: PinSpec) -> None:
    block_pin(my_number_card.store, spec, tries_left=1)
    my_number_card.connection.power_cycle()
    holder, open_card = Holder(), reader_with(my_number_card)
    answer = answer_invitation(WITH_ATTRIBUTES, ORIGIN, holder, open_card, FixedClock(), spend_last=True)
    assert answer.attributes is not None
    assert tries_left(my_number_card.store, spec) == 3


def test_a_wrong_last_try_blocks_and_ends_the_login(my_number_card: SoftwareCard) -> None:
    block_pin(my_number_card.store, AUTHENTICATION_PIN, tries_left=1)
    my_number_card.connection.power_cycle()
    holder, open_card = Holder(pins=["9999", "1234"]), reader_with(my_number_card)
    with pytest.raises(PinBlocked):
        answer_invitation(INVITATION, ORIGIN, holder, open_card, FixedClock(), spend_last=True)
    assert holder.pins == ["1234"]


def test_a_blocked_pin_is_not_asked_for(my_number_card: SoftwareCard) -> None:
    block_pin(my_number_card.store, AUTHENTICATION_PIN)
    my_number_card.connection.power_cycle()
    holder = Holder()
    with pytest.raises(PinBlocked):
        log_in(my_number_card, holder)
    assert holder.pins == ["1234"]


def test_the_card_is_logged_out_afterwards(my_number_card: SoftwareCard) -> None:
    log_in(my_number_card, Holder(), WITH_ATTRIBUTES)
    with pytest.raises(PinRequired):
        JpkiSession(my_number_card.connection).sign(Key.AUTHENTICATION, bytes(32))


def test_an_invitation_of_another_origin_is_refused_before_anybody_is_asked(my_number_card: SoftwareCard) -> None:
    holder = Holder()
    with pytest.raises(WrongOrigin):
        log_in(my_number_card, holder, replace(INVITATION, origin="http://localhost:9999"))
    assert not holder.heard


def test_an_expired_invitation_is_refused_before_anybody_is_asked(my_number_card: SoftwareCard) -> None:
    holder = Holder()
    with pytest.raises(ChallengeExpired):
        log_in(my_number_card, holder, replace(INVITATION, expires_at=NOW))
    assert not holder.heard


def test_an_invitation_that_expired_while_the_person_thought_is_not_signed(my_number_card: SoftwareCard) -> None:
    clock = FixedClock()

    class Slow(Holder):
        def authentication_pin(self, tries_left: int) -> str:
            clock.moment += timedelta(minutes=6)
            return super().authentication_pin(tries_left)

    with pytest.raises(ChallengeExpired):
        answer_invitation(INVITATION, ORIGIN, Slow(), reader_with(my_number_card), clock)
    assert tries_left(my_number_card.store, AUTHENTICATION_PIN) == 3


@pytest.mark.parametrize("name", ["", "x" * 201, "bank\x1b[2J", "bank\nlog in to nothing?", "bank\u202eknab"])
def test_a_name_that_could_rewrite_the_prompt_is_malformed(my_number_card: SoftwareCard, name: str) -> None:
    holder = Holder()
    with pytest.raises(Malformed):
        log_in(my_number_card, holder, replace(INVITATION, client_name=name))
    assert not holder.heard


def test_a_name_may_have_the_space_that_japanese_uses(my_number_card: SoftwareCard) -> None:
    """U+3000, which Python does not count as printable."""
    holder = Holder()
    log_in(my_number_card, holder, replace(INVITATION, client_name="株式会社　架空銀行"))
    assert holder.heard[0] == ("confirm", "株式会社　架空銀行", ORIGIN, False)


# --- the desk ---------------------------------------------------------------------------------------------------------


@contextmanager
def working(desk: Desk[str]) -> Iterator[None]:
    clerk = threading.Thread(target=desk.work)
    clerk.start()
    try:
        yield
    finally:
        desk.close()
        clerk.join()


def test_the_desk_works_in_its_own_thread() -> None:
    desk: Desk[str] = Desk()
    with working(desk):
        assert desk.bring(lambda: threading.current_thread().name) != threading.current_thread().name


def test_the_desk_hands_errors_back() -> None:
    desk: Desk[str] = Desk()

    def fail() -> str:
        raise AnswerLost

    with working(desk), pytest.raises(AnswerLost):
        desk.bring(fail)


def test_a_second_login_is_refused_while_one_is_under_way() -> None:
    desk: Desk[str] = Desk()

    def second() -> str:
        with pytest.raises(InUse):
            desk.bring(lambda: "second")
        return "first"

    with working(desk):
        assert desk.bring(second) == "first"
        assert desk.bring(lambda: "third") == "third"


def test_a_closed_desk_cancels() -> None:
    desk: Desk[str] = Desk()
    desk.close()
    with pytest.raises(Cancelled):
        desk.bring(lambda: "too late")


# --- HTTP -------------------------------------------------------------------------------------------------------------


def ask(
    method: str,
    path: str,
    headers: Mapping[str, str] = {},
    content: bytes | None = None,
    *,
    answer: object = None,
    card: bool | Exception = True,
) -> httpx2.Response:
    """One request to the companion; `answer` is what the login gives or raises."""

    def log_in(invitation: LoginInvitation, origin: str) -> LoginAnswer:
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, LoginAnswer), "nobody should have been asked"
        return replace(answer, challenge=invitation.challenge(origin))

    def card_present() -> bool:
        if isinstance(card, Exception):
            raise card
        return card

    app = application(PORT, [ORIGIN], log_in, card_present)

    async def send() -> httpx2.Response:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=HERE) as client:
            return await client.request(method, path, headers=headers, content=content)

    return anyio.run(send)


FROM_PAGE = {"origin": ORIGIN, "content-type": "application/json"}
ANSWER = LoginAnswer(INVITATION.challenge(ORIGIN), b"certificate", b"signature")


def check_refused(response: httpx2.Response, error: str, status: int = 403) -> None:
    assert response.status_code == status
    assert response.json()["error"] == error


def test_a_page_of_an_allowed_origin_gets_its_answer_and_may_read_it() -> None:
    response = ask("POST", "/login", FROM_PAGE, INVITATION.encode(), answer=ANSWER)
    assert response.status_code == 200
    assert LoginAnswer.decode(response.content) == ANSWER
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert response.headers["vary"] == "Origin"
    assert response.headers["cache-control"] == "no-store"


def test_a_page_may_read_why_it_was_refused() -> None:
    response = ask("POST", "/login", FROM_PAGE, INVITATION.encode(), answer=LastTry(1))
    check_refused(response, "last_try")
    assert response.headers["access-control-allow-origin"] == ORIGIN


@pytest.mark.parametrize("origin", ["http://localhost:9999", "https://localhost:8700", "null", "", ORIGIN + "/"])
def test_a_page_of_another_origin_is_refused(origin: str) -> None:
    response = ask("POST", "/login", FROM_PAGE | {"origin": origin}, INVITATION.encode())
    check_refused(response, "not_allowed")
    assert "access-control-allow-origin" not in response.headers


def test_a_login_without_origin_is_refused() -> None:
    response = ask("POST", "/login", {"content-type": "application/json"}, INVITATION.encode())
    check_refused(response, "not_allowed")


@pytest.mark.parametrize("host", ["localhost", "localhost:80", "evil.example:8710", "localhost.evil.example:8710", ""])
@pytest.mark.parametrize("path", ["/login", "/status"])
def test_a_foreign_host_is_refused(host: str, path: str) -> None:
    """DNS rebinding: a name of somebody else's that resolves to 127.0.0.1."""
    method = "POST" if path == "/login" else "GET"
    check_refused(ask(method, path, FROM_PAGE | {"host": host}, INVITATION.encode()), "not_allowed")


@pytest.mark.parametrize("host", [f"localhost:{PORT}", f"127.0.0.1:{PORT}", f"LOCALHOST:{PORT}"])
def test_both_names_of_loopback_are_ours(host: str) -> None:
    assert ask("GET", "/status", {"host": host}).status_code == 200


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_only_json_is_taken(kind: str) -> None:
    """What a form can send needs no preflight; JSON does."""
    response = ask("POST", "/login", {"origin": ORIGIN, "content-type": kind}, INVITATION.encode())
    check_refused(response, "malformed", 400)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", INVITATION.encode()[:-1] + b',"x":1}'])
def test_a_body_that_is_no_invitation_is_malformed(body: bytes) -> None:
    check_refused(ask("POST", "/login", FROM_PAGE, body), "malformed", 400)


def test_a_body_that_is_too_long_is_not_read() -> None:
    check_refused(ask("POST", "/login", FROM_PAGE, b"x" * 20_000), "content_too_large", 413)


def preflight(origin: str, **extra: str) -> httpx2.Response:
    wanted = {"origin": origin, "access-control-request-method": "POST"}
    return ask("OPTIONS", "/login", wanted | {name.replace("_", "-"): value for name, value in extra.items()})


def test_a_preflight_of_an_allowed_origin_is_granted() -> None:
    response = preflight(ORIGIN, access_control_request_headers="content-type")
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert "POST" in response.headers["access-control-allow-methods"]
    assert response.headers["access-control-allow-headers"] == "content-type"
    assert "access-control-allow-private-network" not in response.headers
    assert "access-control-allow-credentials" not in response.headers


def test_reaching_into_the_loopback_network_is_granted_to_an_allowed_origin_only() -> None:
    """Private Network Access: the browser asks before a public page may reach a loopback address."""
    wanted = {"access_control_request_private_network": "true"}
    assert preflight(ORIGIN, **wanted).headers["access-control-allow-private-network"] == "true"
    refused = preflight("http://evil.example", **wanted)
    assert refused.status_code == 403
    assert not [name for name in refused.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("card", "said"),
    [
        (True, {"reader": True, "card": True}),
        (False, {"reader": True, "card": False}),
        (NoReader(), {"reader": False, "card": False}),
    ],
)
def test_the_status_tells_whether_a_card_is_there_and_nothing_else(card: bool | Exception, said: object) -> None:
    response = ask("GET", "/status", {"origin": ORIGIN}, card=card)
    assert json.loads(response.content) == said
    assert response.headers["access-control-allow-origin"] == ORIGIN


def test_the_status_is_not_for_pages_of_other_origins() -> None:
    check_refused(ask("GET", "/status", {"origin": "http://evil.example"}), "not_allowed")


def test_a_card_that_is_not_there_is_an_answer_too() -> None:
    check_refused(ask("POST", "/login", FROM_PAGE, INVITATION.encode(), answer=NoCard()), "no_card", 503)
