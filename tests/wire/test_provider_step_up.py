"""A resource asks for a better or a fresher login, and gets it (RFC 9470)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.idp import world
from tests.idp.world import CLIENT, query
from tests.wire.provider_world import Stage, answer
from warifu import services
from warifu.errors import Malformed, NotLoggedInSo
from warifu.idp import DA_COMPAT, Assurance, Provider
from warifu.services import Demand
from warifu.wire.provider import ProviderService

LOWER = replace(DA_COMPAT, ends_sessions=True, by_card=Assurance("aal2", ("sc",)))
ESSENTIAL = replace(LOWER, essential_acr=True)
MINUTES = timedelta(minutes=1)


@pytest.fixture
def service(stage: Stage) -> Iterator[ProviderService]:
    with stage.service(Provider(world.PROVIDER.origin, ESSENTIAL)) as service:
        service.register(CLIENT)
        yield service


def callback(service: ProviderService, acr_values: str | None) -> dict[str, str]:
    begun = service.begin(world.parameters(acr_values=acr_values))
    shared = service.answer(begun.transaction, answer(service.invitation(begun.transaction)))
    service.allow(begun.transaction, shared.decision_token)
    first = query(service.go_back(begun.transaction, begun.cookie))
    assert query(service.go_back(begun.transaction, begun.cookie)) == first
    return first


class Resource:
    """A resource server of the client, which knows of a login what the provider tells it."""

    def __init__(self, stage: Stage, service: ProviderService, demand: Demand) -> None:
        self._stage, self._service, self._demand, self._number = stage, service, demand, 0

    def ask(self, token: object) -> str | None:
        """None when it answers, else its challenge."""
        told = self._service.introspect(self.form(token=str(token)))
        assert told["active"] is True
        try:
            services.check_login_is(told, self._demand, self._stage.clock.now())
        except NotLoggedInSo as refusal:
            return services.step_up_challenge(self._demand, str(refusal))
        return None

    def form(self, **fields: str) -> Any:
        self._number += 1
        now = int(self._stage.clock.now().timestamp())
        signed = world.assertion(jti=f"step {self._number}", iat=now, exp=now + 60)
        return world.form(client_assertion=signed, **fields)


def test_an_unmet_level_gives_no_code_where_it_is_essential(service: ProviderService) -> None:
    """OpenID Connect Core Unmet Authentication Requirements 1.0 §2."""
    told = callback(service, "aal3 crl")
    assert (told["error"], told["error_description"]) == ("unmet_authentication_requirements", "acr_not_reached")
    assert "code" not in told


@pytest.mark.parametrize("acr_values", [None, "crl", "aal2", "aal1", "aal3 aal2"])
def test_a_level_that_was_reached_is_enough(service: ProviderService, acr_values: str | None) -> None:
    assert "code" in callback(service, acr_values)


def test_elsewhere_a_level_is_a_wish(stage: Stage) -> None:
    """OpenID Connect Core 1.0 §3.1.2.1; the token says what was reached."""
    with stage.service(Provider(world.PROVIDER.origin, LOWER)) as service:
        service.register(CLIENT)
        assert "code" in callback(service, "aal3")


def test_a_refreshed_token_is_of_the_old_login_and_a_new_login_is_fresh(stage: Stage, service: ProviderService) -> None:
    demand = Demand(("aal2",), 10 * MINUTES)
    resource = Resource(stage, service, demand)
    tokens = service.token(resource.form(code=callback(service, None)["code"]))
    assert resource.ask(tokens["access_token"]) is None
    stage.clock.go_on(11 * MINUTES)
    again = service.token(resource.form(grant_type="refresh_token", refresh_token=str(tokens["refresh_token"])))
    challenge = resource.ask(again["access_token"])
    assert challenge is not None
    assert 'error="insufficient_user_authentication"' in challenge
    wanted = services.read_step_up(challenge)
    assert wanted == demand
    fresh = service.token(resource.form(code=callback(service, wanted.parameters()["acr_values"])["code"]))
    assert resource.ask(fresh["access_token"]) is None


@pytest.mark.parametrize(
    ("told", "demand"),
    [
        ({"acr": "aal2"}, Demand(("aal3",))),
        ({}, Demand(("aal1",))),
        ({"acr": "phr"}, Demand(("aal3",))),
        ({"acr": 3}, Demand(("aal3",))),
        ({"acr": "aal3", "auth_time": int(world.NOW.timestamp()) - 61}, Demand(("aal3",), MINUTES)),
        ({"acr": "aal3"}, Demand((), MINUTES)),
        ({"auth_time": True}, Demand((), MINUTES)),
    ],
)
def test_what_is_not_told_or_not_enough_is_refused(told: dict[str, object], demand: Demand) -> None:
    with pytest.raises(NotLoggedInSo):
        services.check_login_is(told, demand, world.NOW)


def test_a_higher_level_and_another_word_are_enough() -> None:
    services.check_login_is({"acr": "aal3"}, Demand(("aal2",)), world.NOW)
    services.check_login_is({"acr": "phr"}, Demand(("phr",)), world.NOW)
    at = int(world.NOW.timestamp()) - 60
    services.check_login_is({"auth_time": at}, Demand((), MINUTES), world.NOW)


@pytest.mark.parametrize(
    "header",
    [
        'Bearer error="insufficient_user_authentication"',
        'Bearer error="insufficient_user_authentication", max_age="soon"',
    ],
)
def test_a_challenge_that_says_nothing_is_malformed(header: str) -> None:
    with pytest.raises(Malformed):
        services.read_step_up(header)


def test_other_challenges_are_others() -> None:
    assert services.read_step_up('Bearer error="invalid_token"') is None
    assert services.read_step_up("Bearer") is None


def test_a_demand_is_said_without_quotes() -> None:
    for values in (('a"b',), ("a b",), ("",)):
        with pytest.raises(Malformed):
            Demand(values)
    with pytest.raises(Malformed):
        Demand((), -MINUTES)
