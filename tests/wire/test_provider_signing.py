"""The signing API over its store: each step once, for its client and its person only, and nothing left open."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.idp import signing, world
from tests.idp.world import OTHER_CLIENT, query
from tests.wire.provider_world import Stage, token_form
from tests.wire.provider_world import answer as plain_answer
from tests.wire.signing_world import answer, begin_transaction, parameters, service_token
from warifu.errors import (
    AlreadyAnswered,
    CallbackRefused,
    ChallengeExpired,
    Malformed,
    OAuthRefused,
    WrongSignature,
)
from warifu.idp import Presented, Status
from warifu.messages import SigningData, SigningForm
from warifu.verifier import open_result, signed_form
from warifu.wire.database import open_database, reading
from warifu.wire.provider import Begun, ProviderService

CLIENT = signing.CLIENT
MINUTE = timedelta(minutes=1)


@pytest.fixture
def service(stage: Stage) -> Iterator[ProviderService]:
    with stage.service() as service:
        service.register(CLIENT)
        service.register(OTHER_CLIENT)
        yield service


def sign(service: ProviderService, transaction: str) -> tuple[Begun, str]:
    """From the authorization request to the token of the login."""
    begun = service.begin(parameters(transaction))
    shared = service.answer(begun.transaction, answer(service.invitation(begun.transaction)))
    service.allow(begun.transaction, shared.decision_token)
    code = query(service.go_back(begun.transaction, begun.cookie))["code"]
    return begun, str(service.token(token_form(code, f"code {code[:8]}"))["access_token"])


def fault(caught: pytest.ExceptionInfo[OAuthRefused]) -> str:
    return caught.value.error


@pytest.mark.parametrize("data", [signing.DATA, signing.BARE])
def test_what_a_client_submits_is_signed_and_opens_for_its_operator(
    service: ProviderService, data: SigningData
) -> None:
    """Both spellings, from the service token to the opened result."""
    transaction = begin_transaction(service, data)
    _, token = sign(service, transaction)
    told = service.signing_result(token, transaction)
    opened = open_result(str(told["sign_certificate_jwe"]), [signing.OPERATOR])
    assert signed_form(opened, data) is data.form
    assert service.userinfo(Presented(token, bound=False)).keys() == {"sub"}


def test_the_invitation_says_what_is_to_be_signed(service: ProviderService) -> None:
    begun = service.begin(parameters(begin_transaction(service)))
    assert service.invitation(begun.transaction).signing == signing.DATA


def test_a_result_may_be_fetched_again_until_it_ends(service: ProviderService, stage: Stage) -> None:
    """An answer can get lost; ten minutes later nothing is left."""
    transaction = begin_transaction(service)
    _, token = sign(service, transaction)
    assert service.signing_result(token, transaction) == service.signing_result(token, transaction)
    stage.clock.go_on(11 * MINUTE)
    service.forget()
    engine = open_database(stage.database, "provider")
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM signing_transaction")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM service_token")).scalar() == 0
    engine.dispose()


def test_nothing_open_is_in_the_store(service: ProviderService, stage: Stage) -> None:
    """What is kept is encrypted for the operator: neither name nor certificate nor signature."""
    transaction = begin_transaction(service)
    begun = service.begin(parameters(transaction))
    given = answer(service.invitation(begun.transaction))
    service.answer(begun.transaction, given)
    engine = open_database(stage.database, "provider")
    with reading(engine) as connection:
        [row] = connection.execute(text("SELECT * FROM signing_transaction")).mappings().all()
    engine.dispose()
    assert row["result"].count(".") == 4
    assert row["data"] == signing.DATA.encode()
    assert set(row.keys()) == {"id", "client_id", "data", "expires_at", "login", "result"}


def test_a_lost_answer_is_repeated(service: ProviderService) -> None:
    """The same answer again gives the same token, and one result."""
    transaction = begin_transaction(service)
    begun = service.begin(parameters(transaction))
    given = answer(service.invitation(begun.transaction))
    first, again = service.answer(begun.transaction, given), service.answer(begun.transaction, given)
    assert first.decision_token == again.decision_token
    assert first.scopes == ("openid", "sign")


def test_who_says_no_leaves_nothing(service: ProviderService, stage: Stage) -> None:
    transaction = begin_transaction(service)
    begun = service.begin(parameters(transaction))
    service.answer(begun.transaction, answer(service.invitation(begun.transaction)))
    service.deny(begun.transaction, "cancelled")
    engine = open_database(stage.database, "provider")
    with reading(engine) as connection:
        assert connection.execute(text("SELECT result FROM signing_transaction")).scalar() is None
    engine.dispose()


def test_one_transaction_is_signed_once(service: ProviderService) -> None:
    """Who begins a second login with it is told; who began before and answers second is refused."""
    transaction = begin_transaction(service)
    slower = service.begin(parameters(transaction))
    waiting = answer(service.invitation(slower.transaction))
    _, token = sign(service, transaction)
    with pytest.raises(AlreadyAnswered):
        service.answer(slower.transaction, waiting)
    with pytest.raises(CallbackRefused) as caught:
        service.begin(parameters(transaction))
    assert fault(caught) == "invalid_request"
    assert service.signing_result(token, transaction)


def test_another_login_s_token_opens_nothing(service: ProviderService) -> None:
    """Also of the same client and the same person."""
    first, second = begin_transaction(service), begin_transaction(service, jti="second")
    sign(service, first)
    _, token = sign(service, second)
    with pytest.raises(OAuthRefused) as caught:
        service.signing_result(token, first)
    assert fault(caught) == "invalid_request"


def test_a_login_without_signing_opens_nothing(service: ProviderService) -> None:
    begun = service.begin(world.parameters())
    shared = service.answer(begun.transaction, plain_answer(service.invitation(begun.transaction)))
    service.allow(begun.transaction, shared.decision_token)
    code = query(service.go_back(begun.transaction, begun.cookie))["code"]
    token = str(service.token(token_form(code))["access_token"])
    with pytest.raises(OAuthRefused) as caught:
        service.signing_result(token, signing.ID)
    assert fault(caught) == "insufficient_scope"


def test_a_client_s_own_token_opens_nothing_else(service: ProviderService) -> None:
    """It is no person's: neither UserInfo nor a result."""
    token = service_token(service)
    with pytest.raises(OAuthRefused) as caught:
        service.userinfo(Presented(token, bound=False))
    assert fault(caught) == "invalid_token"
    with pytest.raises(OAuthRefused) as caught:
        service.signing_result(token, signing.ID)
    assert fault(caught) == "invalid_token"


def test_a_person_s_token_begins_nothing(service: ProviderService) -> None:
    _, token = sign(service, begin_transaction(service))
    with pytest.raises(OAuthRefused) as caught:
        service.begin_signing(token, signing.body())
    assert fault(caught) == "invalid_token"


def test_an_expired_service_token_begins_nothing(service: ProviderService, stage: Stage) -> None:
    token = service_token(service)
    stage.clock.go_on(6 * MINUTE)
    with pytest.raises(OAuthRefused) as caught:
        service.begin_signing(token, signing.body())
    assert fault(caught) == "invalid_token"


def test_an_answer_without_the_signature_is_refused_and_may_be_repeated(service: ProviderService) -> None:
    """It is nobody's fault but the phone's, so the login goes on."""
    begun = service.begin(parameters(begin_transaction(service)))
    with pytest.raises(Malformed):
        service.answer(begun.transaction, plain_answer(service.invitation(begun.transaction), None))
    service.answer(begun.transaction, answer(service.invitation(begun.transaction)))


def test_a_signature_over_something_else_ends_the_login(service: ProviderService) -> None:
    begun = service.begin(parameters(begin_transaction(service)))
    other = SigningData(bytes(32), SigningForm.DIGEST_INFO)
    with pytest.raises(WrongSignature):
        service.answer(begun.transaction, answer(service.invitation(begun.transaction), other))
    assert service.watch(begun.transaction, begun.cookie)[2] is Status.REFUSED


def test_a_signature_in_the_other_form_is_refused(service: ProviderService) -> None:
    begun = service.begin(parameters(begin_transaction(service)))
    with pytest.raises(Malformed):
        service.answer(begun.transaction, answer(service.invitation(begun.transaction), signing.BARE))


def test_a_signature_that_nobody_asked_for_is_refused(service: ProviderService) -> None:
    begun = service.begin(world.parameters())
    with pytest.raises(Malformed):
        service.answer(begun.transaction, answer(service.invitation(begun.transaction), signing.DATA))


def test_what_waited_too_long_is_not_signed(service: ProviderService, stage: Stage) -> None:
    transaction = begin_transaction(service)
    stage.clock.go_on(7 * MINUTE)
    begun = service.begin(parameters(transaction))
    given = answer(service.invitation(begun.transaction))
    stage.clock.go_on(4 * MINUTE)
    with pytest.raises(ChallengeExpired):
        service.answer(begun.transaction, given)


def test_two_at_once_both_see_one_result(stage: Stage, service: ProviderService, tmp_path: Path) -> None:
    """Another process over the same store hands out what this one kept."""
    transaction = begin_transaction(service)
    _, token = sign(service, transaction)
    with stage.service() as other:
        assert other.signing_result(token, transaction) == service.signing_result(token, transaction)


def test_a_client_without_an_operator_may_not(service: ProviderService) -> None:
    """Nobody could open the result."""
    form = signing.service_form(
        client_id=OTHER_CLIENT.id, client_assertion=world.assertion(iss=OTHER_CLIENT.id, sub=OTHER_CLIENT.id)
    )
    with pytest.raises(OAuthRefused) as caught:
        service.token(form)
    assert fault(caught) == "unauthorized_client"


def test_the_body_is_json_with_the_one_member(service: ProviderService) -> None:
    token = service_token(service)
    for body in (
        b"",
        b"{}",
        b'{"digest":"x"}',
        json.dumps({"digest": "QUJD"}).encode(),
        signing.body()[:-1] + b',"a":1}',
    ):
        with pytest.raises(OAuthRefused) as caught:
            service.begin_signing(token, body)
        assert fault(caught) == "invalid_request"
