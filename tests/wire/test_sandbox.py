"""Faults behind a good login: each happens to the login it was asked for, and as late as its name says."""

import asyncio
import base64
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from starlette.responses import JSONResponse

from tests.idp import signing, world
from tests.idp.world import PROVIDER
from tests.wire import signing_world
from tests.wire.provider_world import PIN, Stage, token_form
from tests.wire.signing_world import PASSWORD
from warifu.errors import Malformed
from warifu.idp import Parameters
from warifu.wire.headless import CardInHand
from warifu.wire.provider import application
from warifu.wire.sandbox.faulty import Faulty
from warifu.wire.sandbox.responses import LATER, Endpoint, Response
from warifu.wire.sandbox.service import SandboxService

PERSONA = CardInHand(lambda: nullcontext(signing_world.card()), PIN, signing_password=PASSWORD)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxService]:
    with Stage(tmp_path).service() as service:
        service.register(signing.CLIENT)
        yield SandboxService.around(service)


def play(sandbox: SandboxService, outcome: str, seconds: int = 0, asked: Parameters | None = None) -> str:
    """A login that goes well so far; its code."""
    begun = sandbox.begin(asked or world.parameters())
    sandbox.play(begun.transaction, Response(outcome, seconds=seconds), lambda _: PERSONA)
    back = sandbox.go_back(begun.transaction, begun.cookie)
    return parse_qs(urlsplit(back).query)["code"][0]


def test_a_fault_is_for_its_own_login(sandbox: SandboxService) -> None:
    """Two logins of one client, side by side: the other one goes well, whoever comes first."""
    failing = play(sandbox, "token_invalid_grant")
    going = play(sandbox, "card")
    assert sandbox.take_fault(Endpoint.TOKEN, going) is None
    assert sandbox.take_fault(Endpoint.USERINFO, failing) is None
    assert sandbox.take_fault(Endpoint.TOKEN, failing) == (LATER["token_invalid_grant"], 0)
    assert sandbox.take_fault(Endpoint.TOKEN, failing) is None


def test_a_fault_of_userinfo_is_for_the_login_whose_token_is_shown(sandbox: SandboxService) -> None:
    codes = play(sandbox, "userinfo_down"), play(sandbox, "card")
    failing, going = (str(sandbox.token(token_form(code, code))["access_token"]) for code in codes)
    assert sandbox.take_fault(Endpoint.USERINFO, going) is None
    assert sandbox.take_fault(Endpoint.USERINFO, "nobodys") is None
    assert sandbox.take_fault(Endpoint.USERINFO, failing) == (LATER["userinfo_down"], 0)


def test_the_operators_fault_is_for_what_was_signed_in_that_login(sandbox: SandboxService) -> None:
    transaction = signing_world.begin_transaction(sandbox)
    play(sandbox, "operator_down", asked=signing_world.parameters(transaction))
    other, signed = (base64.b64encode(each.encode()).decode() for each in (signing.BARE, signing.DATA))
    assert sandbox.take_fault(Endpoint.OPERATOR, other) is None
    assert sandbox.take_fault(Endpoint.OPERATOR, signed) == (LATER["operator_down"], 0)
    with pytest.raises(Malformed):
        sandbox.take_fault(Endpoint.OPERATOR, "no base64")


def test_what_is_late_is_late_though_nobody_said_by_how_much(sandbox: SandboxService) -> None:
    """A client with a time limit runs into it."""
    late, told, failing = (
        play(sandbox, outcome, seconds)
        for outcome, seconds in (("token_slow", 0), ("token_slow", 2), ("token_down", 3))
    )
    taken = [sandbox.take_fault(Endpoint.TOKEN, code) for code in (late, told, failing)]
    assert [each and each[1] for each in taken] == [10, 2, 3]


def test_a_fault_stands_in_for_the_endpoint_and_the_next_request_goes_through(sandbox: SandboxService) -> None:
    code, spent = play(sandbox, "token_server_error"), token_form("nobodys", "first")
    form = token_form(code, "second")
    answers = asyncio.run(ask(sandbox, [dict(each.pairs()) for each in (spent, form, form)]))
    assert [each.status_code for each in answers] == [400, 500, 200]
    assert answers[1].json() == {"error": "server_error", "error_description": "asked for by a test"}


async def ask(sandbox: SandboxService, forms: list[dict[str, str]]) -> list[httpx2.Response]:
    app = Faulty(application(sandbox), JSONResponse({}), sandbox)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), trust_env=False) as client:
        return [await client.post(PROVIDER.token_endpoint, data=form) for form in forms]
