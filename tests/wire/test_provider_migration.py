"""A provider's store of an earlier version: whoever was known then is known now, by the same subject."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine, insert, inspect, select, text
from starlette.testclient import TestClient

from tests.idp import world
from tests.idp.world import CLIENT
from tests.wire.identity_world import ISSUER, NEW, OLD, Follows, Renewing
from tests.wire.migrating import empty_database, migrate_to
from tests.wire.postgresql import Server
from tests.wire.test_provider_identity import subject
from warifu.idp import How, Presented, traces
from warifu.wire.clock import SystemEntropy
from warifu.wire.database import open_database
from warifu.wire.provider import ProviderService, application
from warifu.wire.provider.tables import metadata

PARTY = "provider"
PERSON, SUBJECT = "5f0c2a6e-0000-4000-8000-000000000001", "5f0c2a6e-0000-4000-8000-000000000002"


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database as the version before had it: one client, one person, one subject."""
    url = empty_database(request, tmp_path)
    engine = create_engine(url)
    [trace] = traces(ISSUER, OLD, world.SECRET)
    with engine.begin() as connection:
        migrate_to(connection, PARTY, "provider_0005a")
        lists = {"uris": json.dumps(CLIENT.redirect_uris), "jwks": json.dumps(CLIENT.jwks), "scopes": '["openid"]'}
        insert = "INSERT INTO client (id, name, redirect_uris, jwks, scopes, active)"
        row = {"id": CLIENT.id, "name": CLIENT.name, "active": True, **lists}
        connection.execute(text(f"{insert} VALUES (:id, :name, :uris, :jwks, :scopes, :active)"), row)
        known = {"hash": trace.hash, "person": PERSON}
        connection.execute(text("INSERT INTO certificate_holder VALUES (:hash, :person)"), known)
        told = {"person": PERSON, "client": CLIENT.id, "subject": SUBJECT}
        connection.execute(text("INSERT INTO subject VALUES (:person, :client, :subject)"), told)
    engine.dispose()
    return url


def test_whoever_was_known_stays_known_also_after_a_renewal(old: str, tmp_path: Path) -> None:
    """Kept under the one key that there was, which is the first generation now."""
    stage = Renewing(tmp_path, old)
    with stage.opened(Follows({NEW: ((OLD, How.SUCCESSION),)})) as service:
        service.register(CLIENT)
        assert subject(stage, service, NEW) == SUBJECT
        assert subject(stage, service, OLD) == SUBJECT


def test_the_migrations_tables_are_the_programs(old: str) -> None:
    engine = open_database(old, PARTY)
    seen = inspect(engine)
    columns = {name: {column["name"] for column in seen.get_columns(name)} for name in seen.get_table_names()}
    engine.dispose()
    del columns["alembic_version_provider"]
    assert columns == {name: {column.name for column in table.columns} for name, table in metadata.tables.items()}


def as_of(revision: str, now: str, before: str) -> None:
    """Write what a store of today holds into one of an earlier version, as far as that had a place for it."""
    of_today, earlier = create_engine(now), create_engine(before)
    with of_today.connect() as found, earlier.begin() as kept:
        migrate_to(kept, PARTY, revision)
        tables = MetaData()
        tables.reflect(kept)
        for table in tables.sorted_tables:
            if table.name.startswith("alembic"):
                continue
            names = [column.name for column in table.columns]
            today = ["sector" if (table.name, name) == ("subject", "client_id") else name for name in names]
            for row in found.execute(select(*(metadata.tables[table.name].c[name] for name in today))):
                kept.execute(insert(table).values(**dict(zip(names, row, strict=True))))
    of_today.dispose()
    earlier.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def released(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database for the store of the version that was released before."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'released.sqlite'}"
    server: Server = request.getfixturevalue("postgresql")
    return server.bare_database()


def redeemed(service: ProviderService, jti: str, **form: str | None) -> dict[str, object]:
    return service.token(world.form(client_assertion=world.assertion(jti=jti), **form))


def test_what_is_under_way_goes_on_in_the_new_version(released: str, tmp_path: Path) -> None:
    """A login that waits, one that was allowed, a code, an access token and a refresh token, each from before."""
    today = Renewing(tmp_path, f"sqlite:///{tmp_path / 'today.sqlite'}")
    with today.opened(Follows()) as service:
        service.register(CLIENT)
        given = redeemed(service, "first", code=today.code(service, OLD))
        sub = service.userinfo(Presented(str(given["access_token"]), bound=False))["sub"]
        code = today.code(service, OLD)
        allowed, waiting = service.begin(world.parameters()), service.begin(world.parameters())
        today.hold(service, allowed, OLD)
    as_of("provider_0003", today.database, released)
    stage = Renewing(tmp_path, released)
    stage.entropy = SystemEntropy()
    with stage.opened(Follows()) as service:
        service.register(CLIENT)
        assert service.userinfo(Presented(str(given["access_token"]), bound=False))["sub"] == sub
        again = {"grant_type": "refresh_token", "refresh_token": str(given["refresh_token"])}
        unasked = dict.fromkeys(("code", "redirect_uri", "code_verifier"))
        told = redeemed(service, "second", **again, **unasked)
        assert claims_of(told)["acr"] == "aal3"
        assert claims_of(redeemed(service, "third", code=code))["amr"] == ["mfa", "sc", "pin"]
        late = world.query(service.go_back(allowed.transaction, allowed.cookie))["code"]
        assert claims_of(redeemed(service, "fourth", code=late))["sub"] == sub
        with TestClient(application(service), base_url=world.PROVIDER.origin) as browser:
            browser.cookies.set("login", waiting.cookie)
            assert browser.get(f"/login/{waiting.transaction}").status_code == 200
            assert browser.get(f"/login/{waiting.transaction}/state").json()["state"] == "waiting"
        stage.hold(service, waiting, OLD)
        last = world.query(service.go_back(waiting.transaction, waiting.cookie))["code"]
        assert claims_of(redeemed(service, "fifth", code=last))["sub"] == sub


def claims_of(tokens: dict[str, object]) -> dict[str, Any]:
    payload = str(tokens["id_token"]).split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims
