"""The audit log of every token: whole, without anybody's data, written in the transaction of the act."""

import itertools
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, text, update

from tests.idp import world
from tests.idp.world import CLIENT, query
from tests.wire.provider_world import Stage, answer
from tests.wire.sudden_death import live_until_death
from warifu.errors import NotConsistent, OAuthRefused
from warifu.idp import AuditEntry, AuditHead, AuditKey, Presented
from warifu.wire.clock import SystemEntropy
from warifu.wire.database import open_database, reading, writing
from warifu.wire.provider import ProviderService, check_chain
from warifu.wire.provider.audit_store import audit_entries

KEY = AuditKey(world.SECRET)
NUMBERS = itertools.count()


@pytest.fixture
def engine(stage: Stage) -> Iterator[Engine]:
    opened = open_database(stage.database, "provider")
    yield opened
    opened.dispose()


def log(engine: Engine, known: AuditHead | None = None) -> list[AuditEntry]:
    with reading(engine) as connection:
        return [entry for entry, _ in check_chain(connection, KEY, known)]


def head(engine: Engine) -> AuditHead:
    with reading(engine) as connection:
        return [after for _, after in check_chain(connection, KEY)][-1]


def told(engine: Engine) -> list[str]:
    return [f"{entry.act.value} {entry.kind.value}" for entry in log(engine)]


def code(service: ProviderService) -> str:
    begun = service.begin(world.parameters())
    shared = service.answer(begun.transaction, answer(service.invitation(begun.transaction)))
    service.allow(begun.transaction, shared.decision_token)
    return query(service.go_back(begun.transaction, begun.cookie))["code"]


def exchange(service: ProviderService, **fields: str | None) -> dict[str, Any]:
    return service.token(world.form(client_assertion=world.assertion(jti=f"audit {next(NUMBERS)}"), **fields))


def refresh(service: ProviderService, token: object) -> dict[str, Any]:
    return exchange(service, grant_type="refresh_token", refresh_token=str(token))


GRANTED = ["issued code", "used code", "issued access token", "issued id token", "issued refresh token"]


def test_a_login_leaves_its_tokens(service: ProviderService, engine: Engine) -> None:
    tokens = exchange(service, code=code(service))
    service.userinfo(Presented(str(tokens["access_token"]), bound=False))
    refresh(service, tokens["refresh_token"])
    refreshed = ["used refresh token", "refreshed access token", "refreshed id token", "refreshed refresh token"]
    assert told(engine) == [*GRANTED, "used access token", *refreshed]


def test_entries_of_one_person_one_login_and_one_token_are_found(service: ProviderService, engine: Engine) -> None:
    tokens = exchange(service, code=code(service))
    subject = service.userinfo(Presented(str(tokens["access_token"]), bound=False))["sub"]
    entries = log(engine)
    assert {entry.person for entry in entries} == {KEY.person(CLIENT.id, subject)}
    assert len({entry.login for entry in entries}) == 1
    issued, _, _, used = entries[2:]
    assert issued.token == used.token
    assert [entry.kid for entry in entries if entry.kid] == [world.SIGNER.jwk["kid"]]


def test_it_names_nobody_and_opens_nothing(stage: Stage, service: ProviderService, engine: Engine) -> None:
    """Neither subject nor transaction, neither a token nor its hash."""
    tokens = exchange(service, code=code(service))
    claims = service.userinfo(Presented(str(tokens["access_token"]), bound=False))
    with reading(engine) as connection:
        rows = connection.execute(text("select * from audit_entry")).mappings().all()
        kept = connection.execute(text("select transaction_id, hash from access_token")).one()
    given = [str(tokens[each]) for each in ("access_token", "refresh_token", "id_token")]
    secrets = [claims["sub"], claims["name"], claims["address"], *given, kept.transaction_id, bytes(kept.hash).hex()]
    assert [secret for secret in secrets if secret in repr(rows)] == []
    # Any few digits come up in references and links, which are of an ID token's signature, too: another one each time.
    plain = [{name: row[name] for name in ("number", "at", "act", "kind", "client_id", "kid", "why")} for row in rows]
    assert claims["birthdate"] not in repr(plain)


def test_refusals_are_written_down(service: ProviderService, engine: Engine) -> None:
    spent = code(service)
    tokens = exchange(service, code=spent)
    for fields in ({"code": spent}, {"code": "nobody's"}, {"grant_type": "password"}):
        with pytest.raises(OAuthRefused):
            exchange(service, **fields)
    with pytest.raises(OAuthRefused):
        service.userinfo(Presented(str(tokens["access_token"]), bound=False))
    later = log(engine)[len(GRANTED) :]
    assert [(f"{entry.act.value} {entry.kind.value}", entry.why.partition(":")[0]) for entry in later] == [
        ("refused code", "invalid_grant"),
        ("revoked login", "used twice"),
        ("refused code", "invalid_grant"),
        ("refused access token", "unsupported_grant_type"),
        ("refused access token", "invalid_token"),
    ]


def test_who_is_nobody_cannot_fill_it(service: ProviderService, engine: Engine) -> None:
    """Neither a client that does not prove itself nor a token that nobody knows leaves an entry."""
    for form in (world.form(), world.form(client_assertion=world.assertion(world.OTHER_RSA))):
        with pytest.raises(OAuthRefused):
            service.token(form)
    with pytest.raises(OAuthRefused):
        service.userinfo(Presented("nobody's", bound=False))
    assert log(engine) == []


@pytest.mark.parametrize("column", ["at", "act", "kind", "client_id", "person", "login", "token", "kid", "why", "link"])
def test_an_entry_that_was_changed_is_seen(service: ProviderService, engine: Engine, column: str) -> None:
    exchange(service, code=code(service))
    changed: dict[str, Any] = {"at": 1, "act": "refused", "kind": "login", "link": bytes(32)}
    with writing(engine) as connection:
        values = {column: changed.get(column, "another")}
        connection.execute(update(audit_entries).where(audit_entries.c.number == 3).values(values))
    with pytest.raises(NotConsistent):
        log(engine)


@pytest.mark.parametrize("number", [1, 3])
def test_an_entry_that_was_taken_out_is_seen(service: ProviderService, engine: Engine, number: int) -> None:
    exchange(service, code=code(service))
    with writing(engine) as connection:
        connection.execute(delete(audit_entries).where(audit_entries.c.number == number))
    with pytest.raises(NotConsistent):
        log(engine)


def test_a_cut_end_is_seen_by_who_kept_the_head(service: ProviderService, engine: Engine) -> None:
    exchange(service, code=code(service))
    kept = head(engine)
    code(service)
    assert len(log(engine, kept)) == kept.number + 1
    with writing(engine) as connection:
        connection.execute(delete(audit_entries).where(audit_entries.c.number >= kept.number))
    assert len(log(engine)) == kept.number - 1
    with pytest.raises(NotConsistent):
        log(engine, kept)


def test_who_lacks_the_secret_cannot_write_an_entry(service: ProviderService, engine: Engine) -> None:
    exchange(service, code=code(service))
    with reading(engine) as connection, pytest.raises(NotConsistent):
        list(check_chain(connection, AuditKey(type(world.SECRET)(bytes(32)))))


def test_old_entries_go_and_the_rest_stays_whole(stage: Stage, service: ProviderService, engine: Engine) -> None:
    exchange(service, code=code(service))
    first = head(engine)
    stage.clock.go_on(timedelta(days=365))
    now = int(stage.clock.now().timestamp())
    fields = {"code": code(service), "client_assertion": world.assertion(jti="late", iat=now, exp=now + 60)}
    service.token(world.form(**fields))
    stage.clock.go_on(timedelta(days=2))
    service.forget()
    assert told(engine) == GRANTED
    assert head(engine).number == 2 * first.number
    stage.clock.go_on(timedelta(days=400))
    service.forget()
    assert log(engine) == []
    stage.clock.go_on(timedelta(seconds=1))
    service.forget()
    code(service)
    assert head(engine).number == 2 * first.number + 1


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
@pytest.mark.parametrize(("when", "written"), [("before", 1), ("after", 5)])
def test_a_death_leaves_what_was_committed_and_nothing_else(tmp_path: Path, when: str, written: int) -> None:
    """Around the commit in which a code becomes tokens: the code was issued, and used only if that counts."""
    stage = Stage(tmp_path, entropy=SystemEntropy())
    with stage.service() as service:
        service.register(CLIENT)
    live_until_death("tests.wire.provider_crash_worker", tmp_path, when, 5)
    engine = open_database(stage.database, "provider")
    assert told(engine) == GRANTED[:written]
    engine.dispose()
