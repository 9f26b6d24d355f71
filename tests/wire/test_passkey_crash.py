"""The provider's program dies (kill -9) around every commit of an enrolment and of a login by passkey."""

import sys
from pathlib import Path

import pytest

from tests.idp.authenticator import Device
from tests.idp.world import CLIENT
from tests.wire.passkey_world import ByCard, enrol, id_token, tokens_of
from tests.wire.provider_world import Stage
from tests.wire.sudden_death import live_until_death
from warifu.idp import EnrolmentAnswer, PasskeyAnswer
from warifu.wire.clock import SystemEntropy
from warifu.wire.provider import ProviderService
from warifu.wire.provider.passkey_store import Happening

WORKER = "tests.wire.passkey_crash_worker"
OPTIONS, LOOKED_UP, ENROLLED, BEGUN, ASKED, READ, ANSWERED = range(1, 8)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path, entropy=SystemEntropy())
    with stage.service() as service:
        service.register(CLIENT)
    return stage


def enrol_again(service: ProviderService, told: dict[str, str]) -> list[Happening]:
    """The browser sends its new passkey again; what happened in the end."""
    service.passkeys.enrol(told["card"], told["card_cookie"], EnrolmentAnswer.decode(told["made"].encode()))
    kept = service.passkeys.kept(told["card"], told["card_cookie"])
    assert len(kept.passkeys) == 1
    return [each.what for each in kept.events]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", [LOOKED_UP, ENROLLED])
def test_an_enrolment_is_finished_by_another_program(stage: Stage, when: str, number: int) -> None:
    """Whether it took effect or not: it takes effect once, and its holder is told once."""
    told = live_until_death(WORKER, stage.directory, when, number)
    with stage.service() as service:
        assert enrol_again(service, told) == [Happening.BOUND]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", [READ, ANSWERED])
def test_a_login_is_finished_by_another_program(stage: Stage, when: str, number: int) -> None:
    """The same answer again: the challenge is spent where the answer takes effect, not before."""
    told = live_until_death(WORKER, stage.directory, when, number)
    answer = PasskeyAnswer.decode(told["signed"].encode())
    with stage.service() as service:
        shared = service.answer_by_passkey(told["transaction"], told["cookie"], answer)
        service.allow(told["transaction"], shared.decision_token)
        assert id_token(tokens_of(service, told["transaction"], told["cookie"]))["acr"] == "aal2"


def test_a_challenge_that_never_arrived_is_asked_for_again(stage: Stage) -> None:
    """Nobody else can use it: it never left the store."""
    told = live_until_death(WORKER, stage.directory, "after", OPTIONS)
    assert "made" not in told
    with stage.service() as service:
        enrol(service, Device(), ByCard(told["card"], told["card_cookie"]))
        assert len(service.passkeys.kept(told["card"], told["card_cookie"]).passkeys) == 1
