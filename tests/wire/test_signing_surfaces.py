"""Signing for a client where people meet it: at the phone, at the companion, without anybody, and over HTTP."""

import itertools
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from tests.idp import signing, world
from tests.idp.world import REQUEST, query
from tests.wire.phone_world import LINK, Visitor, heading
from tests.wire.provider_world import PIN, Stage
from tests.wire.signing_world import PASSWORD, card, childs_card
from tests.wire.test_companion import INVITATION, ORIGIN, FixedClock, Holder
from warifu.card import Card
from warifu.errors import Cancelled, NotOnCard, PinBlocked, WarifuError, WrongPin
from warifu.idp import ASSERTION_TYPE, Provider
from warifu.messages import SigningData
from warifu.pki import EndEntityCertificate
from warifu.reader import JpkiSession, Key
from warifu.town import pool
from warifu.verifier import open_result, signed_form
from warifu.wire.companion import answer_invitation
from warifu.wire.headless import CardInHand, Headless
from warifu.wire.provider import application
from warifu.wire.serving import reserve, serve_in_thread

API = "/api/sign-transactions"
JTI = itertools.count()


@dataclass
class Held:
    """A card with the member that the phone's wallet of tests looks at."""

    connection: Card


# --- over HTTP, without a browser -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The origin of a provider that answers all tests of this module."""
    stage, at = Stage(tmp_path_factory.mktemp("provider")), reserve("localhost")
    with stage.service(Provider(at.origin)) as service:
        service.register(signing.CLIENT)
        with serve_in_thread([(at, application(service))]):
            yield at.origin


@pytest.fixture
def server(provider: str) -> Iterator[httpx2.Client]:
    """The client's server."""
    with httpx2.Client(base_url=provider, trust_env=False) as client:
        yield client


def post_token(server: httpx2.Client, **fields: str) -> dict[str, Any]:
    assertion = world.assertion(jti=f"http {next(JTI)}", aud=f"{server.base_url}".rstrip("/") + "/api/realms/main")
    form = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion, **fields}
    answer: dict[str, Any] = server.post("/api/realms/main/protocol/openid-connect/token", data=form).json()
    return answer


def submit(server: httpx2.Client, data: SigningData = signing.DATA) -> httpx2.Response:
    token = post_token(server, grant_type="client_credentials")["access_token"]
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    return server.post(API, content=signing.body(data), headers=headers)


def request_to_sign(provider: str, transaction: str) -> str:
    parameters = {**REQUEST, "scope": signing.SCOPE, "sign_transaction_id": transaction}
    return str(httpx2.URL(f"{provider}/api/realms/main/protocol/openid-connect/auth", params=parameters))


def in_hand(held: Card, password: str = PASSWORD) -> CardInHand:
    return CardInHand(lambda: nullcontext(held), PIN, signing_password=password)


@pytest.mark.parametrize("data", [signing.DATA, signing.BARE])
def test_the_whole_way_over_http(provider: str, server: httpx2.Client, data: SigningData) -> None:
    """docs.p8n.app: token, sign-transactions, browser, code, result."""
    begun = submit(server, data)
    assert (begun.status_code, begun.headers["cache-control"]) == (201, "no-store")
    transaction = begun.json()["id"]
    with Headless([provider]) as headless:
        outcome = headless.log_in(request_to_sign(provider, transaction), in_hand(card()))
    assert outcome.shares == ("openid", "sign")
    code = query(outcome.callback)["code"]
    tokens = post_token(
        server,
        grant_type="authorization_code",
        code=code,
        redirect_uri=world.REDIRECT_URI,
        code_verifier=world.VERIFIER,
    )
    result = server.get(f"{API}/{transaction}/result", headers={"authorization": f"Bearer {tokens['access_token']}"})
    assert result.status_code == 200
    assert signed_form(open_result(result.json()["sign_certificate_jwe"], [signing.OPERATOR]), data) is data.form


def test_a_child_cannot_sign(provider: str, server: httpx2.Client) -> None:
    """事務処理要領: no signing certificate under 15; the client is told, and no try is spent."""
    address, held = request_to_sign(provider, submit(server).json()["id"]), childs_card()
    with Headless([provider]) as headless:
        outcome = headless.log_in(address, in_hand(held))
    assert isinstance(outcome.fault, NotOnCard)
    told = query(outcome.callback)
    assert (told["error"], told["error_description"]) == ("access_denied", "not_on_card")
    assert JpkiSession(held).tries_left(Key.AUTHENTICATION) == 3


@pytest.mark.parametrize(("spent", "word", "kind"), [(0, "wrong_pin", WrongPin), (5, "pin_blocked", PinBlocked)])
def test_a_wrong_and_a_blocked_password_are_told(
    provider: str, server: httpx2.Client, spent: int, word: str, kind: type[WarifuError]
) -> None:
    address, held = request_to_sign(provider, submit(server).json()["id"]), card()
    for _ in range(spent):
        with pytest.raises((WrongPin, PinBlocked)):
            JpkiSession(held).verify(Key.SIGNING, "WRONG1", spend_last=True)
    with Headless([provider]) as headless:
        outcome = headless.log_in(address, in_hand(held, "WRONG1"))
    assert isinstance(outcome.fault, kind)
    assert query(outcome.callback)["error_description"] == word


def test_the_page_shows_what_is_to_be_signed(provider: str, server: httpx2.Client) -> None:
    """As digits to compare; and what the signature carries."""
    address = request_to_sign(provider, submit(server).json()["id"])
    with httpx2.Client(trust_env=False, follow_redirects=True, headers={"accept-language": "en"}) as browser:
        page = browser.get(address).text
    assert signing.DATA.text in page
    assert "carries name, address, birth date and sex" in page


@pytest.mark.parametrize("authorization", [None, "Basic eDp5", "DPoP abc"])
def test_without_a_bearer_token_nothing_begins(server: httpx2.Client, authorization: str | None) -> None:
    """RFC 6750 §3: the challenge names no error."""
    headers = {} if authorization is None else {"authorization": authorization}
    for answer in (server.post(API, headers=headers), server.get(f"{API}/{signing.ID}/result", headers=headers)):
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer realm="main"'


def test_a_wrong_token_is_told(server: httpx2.Client) -> None:
    answer = server.get(f"{API}/{signing.ID}/result", headers={"authorization": "Bearer abc"})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_a_form_is_no_request(server: httpx2.Client) -> None:
    token = post_token(server, grant_type="client_credentials")["access_token"]
    answer = server.post(API, data={"digest": "x"}, headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


# --- the companion ----------------------------------------------------------------------------------------------------

TO_SIGN = replace(INVITATION, signing=signing.DATA)


def at_companion(signer: Holder, held: Any) -> Any:
    return answer_invitation(TO_SIGN, ORIGIN, signer, lambda _waiting: nullcontext(held), FixedClock())


def test_the_companion_says_what_is_signed_and_signs() -> None:
    """Asked before any PIN; the signature is an ordinary one."""
    signer = Holder()
    answer = at_companion(signer, card())
    assert signer.heard[:2] == [
        ("confirm", "架空銀行", ORIGIN, False),
        ("sign", "架空銀行", ORIGIN, signing.DATA.text),
    ]
    assert signer.heard[-1] == ("password", 5)
    public = pool.private_key(signing.KEY).public_key()
    public.verify(answer.signing.signature, "売買契約書（見本）".encode(), PKCS1v15(), hashes.SHA256())
    assert EndEntityCertificate.decode(answer.signing.unverified_certificate).personal_data is not None


def test_the_companion_asks_again_for_a_wrong_password() -> None:
    signer = Holder()
    signer.pins, signer.passwords = ["1234", "1234"], ["WRONG1", PASSWORD]
    assert at_companion(signer, card()).signing is not None
    assert [heard for heard in signer.heard if heard[0] == "password"] == [("password", 5), ("password", 4)]  # type: ignore[index]


def test_who_says_no_at_the_companion_is_asked_for_no_pin() -> None:
    signer = Holder()
    signer.signs = False
    with pytest.raises(Cancelled):
        at_companion(signer, card())
    assert len(signer.heard) == 2


def test_a_child_at_the_companion_is_asked_for_no_pin() -> None:
    signer = Holder()
    with pytest.raises(NotOnCard):
        at_companion(signer, childs_card())
    assert len(signer.heard) == 2


# --- the phone --------------------------------------------------------------------------------------------------------


def visitor(held: Card) -> Visitor:
    visitor = Visitor(Held(held))  # type: ignore[arg-type]
    asked = replace(visitor.provider.invitation, scopes=("openid", "sign"), signing=signing.DATA)
    visitor.provider.invitation = replace(asked, expires_at=asked.expires_at + timedelta(0))
    return visitor


def to_password(held: Card) -> Visitor:
    there = visitor(held)
    there.choose()
    assert heading(there.enter(PIN)) == "Signing password"
    return there


def test_the_phone_shows_the_value_before_anything_else() -> None:
    there = visitor(card())
    page = there.browser.get(LINK).text
    assert signing.DATA.text in page


def test_the_phone_signs_and_shows_what_goes_along() -> None:
    """Name, address, birth date and sex as the certificate has them, before the person agrees."""
    there = to_password(card())
    there.enter("abc123", "password")
    page = there.hold()
    assert all(text in page.text for text in ("割符　花子", "東京都清瀬市架空町一丁目２番３号", "1980-02-17", "female"))
    [answer] = there.provider.answers
    assert answer.signing is not None
    assert heading(there.post("/visit/consent", decision="allow")) == "Allowed"
    assert "割符　花子" not in there.browser.get("/visit").text


def test_a_wrong_password_is_asked_for_again() -> None:
    there = to_password(card())
    there.enter("WRONG1", "password")
    page = there.hold()
    assert heading(page) == "Signing password"
    assert "4 tries left" in page.text


@pytest.mark.parametrize("typed", ["abc", "", "あいうえおか", "x" * 17, "abc 123"])
def test_what_can_be_no_password_never_reaches_the_card(typed: str) -> None:
    there = to_password(card())
    assert "6 to 16 letters and digits" in there.enter(typed, "password").text
    assert there.wallet.opened == 0


def test_a_card_that_cannot_sign_ends_the_visit() -> None:
    there = to_password(childs_card())
    there.enter(PASSWORD, "password")
    assert heading(there.hold()) == "This card cannot sign"
    assert there.provider.decisions == [{"decision": "deny", "reason": "not_on_card"}]


def test_a_blocked_password_ends_the_visit() -> None:
    held = card()
    for _ in range(5):
        with pytest.raises((WrongPin, PinBlocked)):
            JpkiSession(held).verify(Key.SIGNING, "WRONG1", spend_last=True)
    there = to_password(held)
    there.enter(PASSWORD, "password")
    assert heading(there.hold()) == "The signing password is blocked"
    assert there.provider.decisions == [{"decision": "deny", "reason": "pin_blocked"}]
