"""The provider's program dies (kill -9) around every commit of a signing; another one loses and repeats nothing."""

import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.idp import signing
from tests.idp.world import query
from tests.wire.provider_world import Stage, token_form
from tests.wire.signing_world import answer, begin_transaction, parameters
from tests.wire.sudden_death import live_until_death
from warifu.messages import LoginAnswer
from warifu.verifier import open_result, signed_form
from warifu.wire.clock import SystemEntropy
from warifu.wire.database import open_database, reading
from warifu.wire.provider import ProviderService

WORKER = "tests.wire.signing_crash_worker"
SUBMITTED, ANSWERED, ALLOWED, EXCHANGED = 2, 4, 5, 7

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path, entropy=SystemEntropy())
    with stage.service() as service:
        service.register(signing.CLIENT)
    return stage


def finish(service: ProviderService, told: dict[str, str]) -> str:
    """Everybody repeats the message that got no answer, and goes on; the opened result's form at the end."""
    name = told.get("id") or begin_transaction(service, jti="again")
    if "transaction" not in told:
        begun = service.begin(parameters(name))
        told = {**told, "transaction": begun.transaction, "cookie": begun.cookie}
    transaction, cookie = told["transaction"], told["cookie"]
    if "decision_token" not in told:
        kept = told.get("answer")
        given = LoginAnswer.decode(kept.encode()) if kept else answer(service.invitation(transaction))
        told["decision_token"] = service.answer(transaction, given).decision_token
    service.allow(transaction, told["decision_token"])
    code = query(service.go_back(transaction, cookie))["code"]
    token = str(service.token(token_form(code, "after the crash"))["access_token"])
    result = str(service.signing_result(token, name)["sign_certificate_jwe"])
    return signed_form(open_result(result, [signing.OPERATOR]), signing.DATA).value


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", [SUBMITTED, ANSWERED, ALLOWED])
def test_a_signing_is_finished_by_another_program(stage: Stage, when: str, number: int) -> None:
    """There is one result afterwards, and no second one."""
    told = live_until_death(WORKER, stage.directory, when, number)
    with stage.service() as service:
        assert finish(service, told) == "digest_info"
    engine = open_database(stage.database, "provider")
    with reading(engine) as connection:
        query = "SELECT count(*) FROM signing_transaction WHERE result IS NOT NULL"
        assert connection.execute(text(query)).scalar() == 1
    engine.dispose()


def test_a_token_that_arrived_opens_the_result_after_a_crash(stage: Stage) -> None:
    """The exchange was not committed: the code is still good."""
    told = live_until_death(WORKER, stage.directory, "before", EXCHANGED)
    with stage.service() as service:
        token = str(service.token(token_form(told["code"], "again"))["access_token"])
        assert service.signing_result(token, told["id"])
