"""Journey A, logging in: a shop sends a browser to the provider, a card signs, the shop learns who came.

The same story runs in one process, engine to engine, and again over loopback HTTP with every party a server; with a
card of today's, and with one of the next generation (P-384; modelled).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.login_stages import ENTROPY, PARTY, InProcess, OverHttp, Stage, card_with, over_http
from warifu import services
from warifu.card import Card
from warifu.errors import OAuthRefused, PartyRefused, Revoked, WrongPin
from warifu.reader import answer_login

EVERYTHING = ("openid", "name", "address", "birthdate", "gender")
PIN, TEXT_PIN = "1234", "5678"


@pytest.fixture(params=["today's card", "next generation"])
def next_generation(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "next generation")


@pytest.fixture(params=["in one process", "over HTTP"])
def stage(request: pytest.FixtureRequest, tmp_path: Path, next_generation: bool) -> Iterator[Stage]:
    stages: dict[str, Callable[[], AbstractContextManager[InProcess | OverHttp]]] = {
        "in one process": lambda: nullcontext(InProcess(next_generation=next_generation)),
        "over HTTP": lambda: over_http(tmp_path, next_generation=next_generation),
    }
    with stages[request.param]() as stage:
        yield stage


@dataclass
class Story:
    """The parties of the story; each method is one scene of it."""

    stage: Stage
    card: Card

    def shop_sends_browser(self, scopes: Sequence[str] = EVERYTHING) -> str:
        """The shop begins a login, the browser opens the provider's page; the transaction that it shows."""
        self.metadata = services.ProviderMetadata.read(self.stage.metadata(), self.stage.provider.issuer)
        address, self.pending = services.begin(PARTY, self.metadata, scopes, ENTROPY, ("aal3", "crl"))
        return self.stage.open(address)

    def card_answers(self, transaction: str, pin: str = PIN, text_pin: str | None = TEXT_PIN) -> Any:
        """The phone reads the invitation, the card signs it, the provider verifies; what the consent page shows."""
        invitation = self.stage.invitation(transaction)
        challenge = invitation.challenge(self.stage.provider.origin)
        return self.stage.answer(answer_login(self.card, challenge, pin, text_pin))

    def shop_learns(self) -> tuple[services.LoggedIn, Mapping[str, Any]]:
        """The browser comes back, the shop exchanges the code, checks the ID token, asks UserInfo."""
        now = self.stage.clock.now()
        form = services.redeem(self.pending, self.stage.go_on(), PARTY, self.metadata, now, ENTROPY)
        self.form = form
        logged_in = services.complete(
            self.pending, self.stage.tokens(form), self.stage.keys(), PARTY, self.metadata, now
        )
        return logged_in, services.join(logged_in, self.stage.userinfo(logged_in.access_token))


@pytest.fixture
def story(stage: Stage) -> Story:
    return Story(stage, card_with(stage.issue(), next_generation=stage.next_generation))


def test_somebody_logs_in_with_a_card(story: Story) -> None:
    """Signed by the card, verified against the authority, believed by the shop."""
    transaction = story.shop_sends_browser()
    shown = story.card_answers(transaction)
    assert (shown.client_name, shown.scopes) == ("割符商店", EVERYTHING)
    story.stage.allow(transaction, shown.decision_token)
    logged_in, claims = story.shop_learns()
    assert dict(claims) == {
        "sub": logged_in.subject,
        "name": "割符　花子",
        "address": "東京都千代田区架空町一丁目２番３号",
        "birthdate": "19800217",
        "gender": "2",
    }
    assert logged_in.claims["acr"] == "aal3"
    assert logged_in.claims["amr"] == ["mfa", "sc", "pin"]


def test_the_same_person_is_recognised_the_next_time(story: Story) -> None:
    """The subject is stored; nothing about the certificate is."""
    subjects = set()
    for scopes in (("openid",), EVERYTHING):
        transaction = story.shop_sends_browser(scopes)
        story.stage.allow(transaction, story.card_answers(transaction).decision_token)
        subjects.add(story.shop_learns()[0].subject)
    assert len(subjects) == 1


def test_without_the_text_pin_the_shop_learns_no_attributes(story: Story) -> None:
    """In life the four attributes have a PIN of their own."""
    transaction = story.shop_sends_browser()
    shown = story.card_answers(transaction, text_pin=None)
    assert shown.scopes == ("openid",)
    story.stage.allow(transaction, shown.decision_token)
    assert story.shop_learns()[1].keys() == {"sub"}


def test_a_wrong_pin_never_leaves_the_phone(story: Story) -> None:
    """The card counts the try; the login still waits."""
    transaction = story.shop_sends_browser()
    with pytest.raises(WrongPin) as caught:
        story.card_answers(transaction, pin="9999", text_pin=None)
    assert caught.value.tries_left == 2
    assert story.card_answers(transaction).scopes == EVERYTHING


def test_cancelling_tells_the_shop(story: Story) -> None:
    """Relying parties forget this callback; ours does not."""
    transaction = story.shop_sends_browser()
    story.card_answers(transaction)
    story.stage.deny(transaction, "cancelled")
    with pytest.raises(OAuthRefused) as caught:
        story.shop_learns()
    assert (caught.value.error, caught.value.description) == ("access_denied", "cancelled")


def test_a_revoked_certificate_tells_the_shop(story: Story) -> None:
    """The authority is asked at every login."""
    transaction = story.shop_sends_browser()
    story.stage.revoke()
    with pytest.raises((Revoked, PartyRefused), match="has been revoked"):
        story.card_answers(transaction)
    with pytest.raises(OAuthRefused) as caught:
        story.shop_learns()
    assert (caught.value.error, caught.value.description) == ("access_denied", "certificate_revoked")


def test_a_stolen_code_is_worth_nothing(story: Story) -> None:
    """PKCE: only who began has the verifier."""
    transaction = story.shop_sends_browser()
    story.stage.allow(transaction, story.card_answers(transaction).decision_token)
    now = story.stage.clock.now()
    form = services.redeem(story.pending, story.stage.go_on(), PARTY, story.metadata, now, ENTROPY)
    answer = services.read_object(story.stage.tokens({**form, "code_verifier": "guess" * 10}))
    assert answer["error"] == "invalid_grant"


def test_a_code_is_used_once(story: Story) -> None:
    """And a fresh assertion does not help."""
    transaction = story.shop_sends_browser()
    story.stage.allow(transaction, story.card_answers(transaction).decision_token)
    story.shop_learns()
    now = story.stage.clock.now()
    assertion = PARTY.key.assertion(PARTY.client_id, story.metadata.token_endpoint, now, ENTROPY)
    again = services.read_object(story.stage.tokens({**story.form, "client_assertion": assertion}))
    assert again["error"] == "invalid_grant"
