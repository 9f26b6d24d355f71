"""The provider's program dies (kill -9) around every commit of a login; another one goes on where it stopped."""

import sys
from pathlib import Path

import pytest

from tests.idp import world
from tests.idp.world import CLIENT, query
from tests.wire.provider_world import Stage, token_form
from tests.wire.sudden_death import live_until_death
from warifu.errors import OAuthRefused
from warifu.idp import Presented
from warifu.messages import LoginAnswer
from warifu.wire.clock import SystemEntropy
from warifu.wire.provider import ProviderService

WORKER = "tests.wire.provider_crash_worker"
BEGUN, ANSWERED, ALLOWED, SENT_BACK, EXCHANGED = 1, 2, 3, 4, 5

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")


def go_on(service: ProviderService, told: dict[str, str]) -> str:
    """The phone and the browser repeat the message that got no answer, and go on; the code at the end."""
    transaction, cookie = told["transaction"], told["cookie"]
    token = told.get("decision_token")
    if token is None:
        token = service.answer(transaction, LoginAnswer.decode(told["answer"].encode())).decision_token
    service.allow(transaction, token)
    return query(service.go_back(transaction, cookie))["code"]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path, entropy=SystemEntropy())
    with stage.service() as service:
        service.register(CLIENT)
    return stage


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", [ANSWERED, ALLOWED, SENT_BACK])
def test_a_login_is_finished_by_another_program(stage: Stage, when: str, number: int) -> None:
    """Every message is one transaction and may be repeated."""
    told = live_until_death(WORKER, stage.directory, when, number)
    with stage.service() as service:
        tokens = service.token(token_form(go_on(service, told)))
        assert service.userinfo(Presented(str(tokens["access_token"]), bound=False))["name"] == "割符　花子"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_login_whose_page_never_came_is_begun_anew(stage: Stage, when: str) -> None:
    """The browser knows nothing of it, so nobody can answer it."""
    assert live_until_death(WORKER, stage.directory, when, BEGUN) == {}
    with stage.service() as service:
        assert service.begin(world.parameters()).transaction


def test_a_code_not_yet_spent_is_still_good(stage: Stage) -> None:
    """The client repeats its request with a new assertion."""
    told = live_until_death(WORKER, stage.directory, "before", EXCHANGED)
    with stage.service() as service:
        tokens = service.token(token_form(told["code"], "again"))
        assert service.userinfo(Presented(str(tokens["access_token"]), bound=False))["name"] == "割符　花子"


def test_tokens_that_never_arrived_are_taken_back(stage: Stage) -> None:
    """RFC 6749 §4.1.2: the code is spent, and nobody can tell the client from a thief; it logs in again."""
    told = live_until_death(WORKER, stage.directory, "after", EXCHANGED)
    assert "access_token" not in told
    with stage.service() as service, pytest.raises(OAuthRefused) as caught:
        service.token(token_form(told["code"], "again"))
    assert caught.value.error == "invalid_grant"
