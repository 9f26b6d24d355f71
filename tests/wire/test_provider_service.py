"""The provider's conversations over its store: each message once, in order, also across a restart."""

import json
import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Connection, Engine, inspect, text

from tests.idp import world
from tests.idp.world import CLIENT, OTHER_CLIENT, query
from tests.verifier.scene import HELD, MOVED, ocsp
from tests.wire.provider_world import PIN, TEXT_PIN, Stage, answer, card, token_form
from warifu.errors import (
    AlreadyAnswered,
    ChallengeExpired,
    Malformed,
    NotAllowed,
    NotFound,
    NotIntact,
    OAuthRefused,
    Revoked,
    StatusUnknown,
    Suspended,
    Unavailable,
    WarifuError,
    WrongOrigin,
    WrongSignature,
    WrongTransaction,
)
from warifu.idp import IdTokenSigner, Presented, Status
from warifu.messages import LoginAnswer
from warifu.pki import KeySigner, Standing
from warifu.pki import Status as PkiStatus
from warifu.reader import answer_login
from warifu.verifier import Policy
from warifu.wire.clock import SystemEntropy
from warifu.wire.database import open_database, reading
from warifu.wire.provider import Begun, ProviderService, open_secret, open_signer
from warifu.wire.provider.store import read_login
from warifu.wire.verification import KeptRevocations


def begin(service: ProviderService, **changes: str | None) -> Begun:
    return service.begin(world.parameters(**changes))


def log_in(service: ProviderService, **changes: str | None) -> tuple[Begun, str]:
    """From the request to the code."""
    begun = begin(service, **changes)
    shared = service.answer(begun.transaction, answer(service.invitation(begun.transaction)))
    service.allow(begun.transaction, shared.decision_token)
    return begun, query(service.go_back(begun.transaction, begun.cookie))["code"]


def refused(service: ProviderService, code: str, jti: str = "once", **changes: str | None) -> OAuthRefused:
    with pytest.raises(OAuthRefused) as caught:
        service.token(token_form(code, jti, **changes))
    return caught.value


def test_a_login_from_request_to_userinfo(service: ProviderService) -> None:
    """Authserver: the authentication API, with all four attributes."""
    _, code = log_in(service)
    tokens = service.token(token_form(code))
    claims = service.userinfo(Presented(str(tokens["access_token"]), bound=False))
    assert tokens["scope"] == "openid name address birthdate gender"
    assert re.fullmatch(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", claims.pop("sub"))
    assert claims == {
        "name": "割符　花子",
        "address": "東京都千代田区架空町一丁目２番３号",
        "birthdate": "19800217",
        "gender": "2",
    }


def test_without_the_text_pin_the_client_gets_openid_alone(service: ProviderService) -> None:
    """The scope of the token response says what was granted (RFC 6749 §5.1)."""
    begun = begin(service)
    shared = service.answer(begun.transaction, answer(service.invitation(begun.transaction), text_pin=None))
    service.allow(begun.transaction, shared.decision_token)
    tokens = service.token(token_form(query(service.go_back(begun.transaction, begun.cookie))["code"]))
    assert shared.scopes == ("openid",)
    assert tokens["scope"] == "openid"
    assert service.userinfo(Presented(str(tokens["access_token"]), bound=False)).keys() == {"sub"}


def test_one_person_has_one_subject_at_one_client_and_another_elsewhere(service: ProviderService) -> None:
    """OpenID Connect Core 1.0 §8.1: pairwise."""
    subjects = []
    for jti, client in (("1", CLIENT), ("2", CLIENT), ("3", OTHER_CLIENT)):
        _, code = log_in(service, client_id=client.id)
        assertion = world.assertion(jti=jti, iss=client.id, sub=client.id)
        tokens = service.token(world.form(code=code, client_id=client.id, client_assertion=assertion))
        subjects.append(service.userinfo(Presented(str(tokens["access_token"]), bound=False))["sub"])
    assert subjects[0] == subjects[1] != subjects[2]


def test_a_login_goes_on_after_a_restart_between_any_two_messages(stage: Stage) -> None:
    """All state is in the store."""
    with stage.service() as service:
        service.register(CLIENT)
        begun = begin(service)
    with stage.service() as service:
        given = answer(service.invitation(begun.transaction))
    with stage.service() as service:
        shared = service.answer(begun.transaction, given)
    with stage.service() as service:
        assert service.answer(begun.transaction, given) == shared
        service.allow(begun.transaction, shared.decision_token)
    with stage.service() as service:
        service.allow(begun.transaction, shared.decision_token)
        url = service.go_back(begun.transaction, begun.cookie)
    with stage.service() as service:
        assert service.go_back(begun.transaction, begun.cookie) == url
        tokens = service.token(token_form(query(url)["code"]))
    with stage.service() as service:
        assert service.userinfo(Presented(str(tokens["access_token"]), bound=False))["name"] == "割符　花子"


def test_a_code_used_twice_takes_back_its_tokens(service: ProviderService) -> None:
    """RFC 6749 §4.1.2."""
    _, code = log_in(service)
    tokens = service.token(token_form(code))
    assert refused(service, code, "twice").error == "invalid_grant"
    with pytest.raises(OAuthRefused) as caught:
        service.userinfo(Presented(str(tokens["access_token"]), bound=False))
    assert caught.value.error == "invalid_token"


def test_two_exchanges_at_once_give_tokens_once(service: ProviderService) -> None:
    """RFC 6749 §4.1.2: a code is single-use, whatever the timing."""
    _, code = log_in(service)

    def exchange(number: int) -> str:
        try:
            return str(service.token(token_form(code, f"jti-{number}"))["token_type"])
        except OAuthRefused as refusal:
            return refusal.error

    with ThreadPoolExecutor(4) as pool:
        results = sorted(pool.map(exchange, range(4)))
    assert results == ["Bearer", "invalid_grant", "invalid_grant", "invalid_grant"]


def test_a_wrong_verifier_spends_the_code(service: ProviderService) -> None:
    """RFC 7636 §7.1: one guess."""
    _, code = log_in(service)
    assert refused(service, code, code_verifier="w" * 43).error == "invalid_grant"
    assert refused(service, code, "second").description == "the code has been used before"


def test_a_replayed_assertion_is_refused_and_leaves_the_code_alone(service: ProviderService) -> None:
    """RFC 7523 §3 no. 7."""
    _, first = log_in(service)
    _, second = log_in(service)
    service.token(token_form(first))
    refusal = refused(service, second)
    assert (refusal.error, refusal.description) == ("invalid_client", "the assertion has been used before")
    assert service.token(token_form(second, "fresh"))["token_type"] == "Bearer"


def test_an_assertion_is_spent_even_when_the_form_is_wrong(service: ProviderService) -> None:
    """Whoever reads it in transit can't use it afterwards."""
    _, code = log_in(service)
    assert refused(service, code, code_verifier=None).error == "invalid_request"
    assert refused(service, code).description == "the assertion has been used before"


def test_an_assertion_of_an_unknown_client_is_refused(service: ProviderService) -> None:
    """RFC 6749 §5.2 invalid_client."""
    form = world.form(client_assertion=world.assertion(iss="NOBODY", sub="NOBODY"))
    with pytest.raises(OAuthRefused, match="not registered"):
        service.token(form)


def test_a_code_of_another_client_is_refused(service: ProviderService) -> None:
    """RFC 6749 §4.1.3."""
    _, code = log_in(service)
    assertion = world.assertion(iss=OTHER_CLIENT.id, sub=OTHER_CLIENT.id)
    with pytest.raises(OAuthRefused, match="another client"):
        service.token(world.form(code=code, client_id=OTHER_CLIENT.id, client_assertion=assertion))


def test_an_old_code_is_refused(stage: Stage, service: ProviderService) -> None:
    """RFC 6749 §4.1.2."""
    _, code = log_in(service)
    stage.clock.go_on(timedelta(minutes=1))
    assert refused(service, code).description == "the code has expired"


def test_an_access_token_ends(stage: Stage, service: ProviderService) -> None:
    """RFC 6750 §3.1 invalid_token."""
    _, code = log_in(service)
    token = str(service.token(token_form(code))["access_token"])
    stage.clock.go_on(timedelta(minutes=5))
    with pytest.raises(OAuthRefused) as caught:
        service.userinfo(Presented(token, bound=False))
    assert caught.value.error == "invalid_token"


REFUSALS = [
    (MOVED, Revoked, "access_denied", "certificate_revoked"),
    (None, Unavailable, "temporarily_unavailable", "unavailable"),
]


@pytest.mark.parametrize(("status", "error", "code", "word"), REFUSALS)
def test_a_refused_answer_goes_back_to_the_client_with_its_cause(
    stage: Stage, service: ProviderService, status: object, error: type[WarifuError], code: str, word: str
) -> None:
    """RFC 6749 §4.1.2.1."""
    stage.authority.status = status  # type: ignore[assignment]
    begun = begin(service)
    given = answer(service.invitation(begun.transaction))
    with pytest.raises(error):
        service.answer(begun.transaction, given)
    url = service.go_back(begun.transaction, begun.cookie)
    assert query(url) == {"error": code, "error_description": word, "state": "a state"}
    with pytest.raises(AlreadyAnswered):
        service.answer(begun.transaction, given)


TAKES_STAPLES = Policy(oldest_staple=timedelta(minutes=10))


def stapled(stage: Stage, service: ProviderService, status: PkiStatus = Standing.GOOD, age: int = 1) -> None:
    """Begin a login and answer it with a status answer that was made `age` minutes ago."""
    begun = begin(service)
    made = stage.clock.now() - timedelta(minutes=age)
    status_answer = ocsp(status, nonce=None, this_update=made, next_update=made + timedelta(hours=6))
    service.answer(begun.transaction, replace(answer(service.invitation(begun.transaction)), status=status_answer))


def test_with_a_fresh_answer_that_came_along_nobody_is_asked(stage: Stage) -> None:
    with stage.service(policy=TAKES_STAPLES) as service:
        service.register(CLIENT)
        stapled(stage, service)
        assert stage.authority.asked == 0
        with pytest.raises(Revoked):
            stapled(stage, service, MOVED)
        assert stage.authority.asked == 0


def test_with_an_old_answer_that_came_along_the_authority_is_asked(stage: Stage) -> None:
    with stage.service(policy=TAKES_STAPLES) as service:
        service.register(CLIENT)
        stapled(stage, service, age=60)
        assert stage.authority.asked == 1


def test_a_provider_that_takes_no_answers_that_came_along_asks(stage: Stage, service: ProviderService) -> None:
    stapled(stage, service, MOVED)
    assert stage.authority.asked == 1


@pytest.mark.parametrize("came_along", [True, False])
def test_what_was_revoked_once_is_refused_also_after_a_restart(stage: Stage, came_along: bool) -> None:
    """RFC 5280 §5.3.1; 公的個人認証法 第15条: an authority that says otherwise later is not believed."""
    stage.seen = KeptRevocations(stage.directory / "seen", SystemEntropy())
    with stage.service(policy=TAKES_STAPLES) as service:
        service.register(CLIENT)
        stage.authority.status = MOVED
        with pytest.raises(Revoked):
            stapled(stage, service, MOVED, age=1 if came_along else 60)
    stage.seen = KeptRevocations(stage.directory / "seen", SystemEntropy())
    stage.authority.status = Standing.GOOD
    with stage.service(policy=TAKES_STAPLES) as service, pytest.raises(Revoked):
        stapled(stage, service, age=1 if came_along else 60)


def test_a_hold_that_was_seen_may_be_lifted(stage: Stage) -> None:
    """A found phone's certificate resumes."""
    stage.seen = KeptRevocations(stage.directory / "seen", SystemEntropy())
    with stage.service() as service:
        service.register(CLIENT)
        stage.authority.status = HELD
        with pytest.raises(Suspended):
            stapled(stage, service)
        stage.authority.status = Standing.GOOD
        stapled(stage, service)


def test_an_answer_from_yesterday_is_no_answer(stage: Stage, service: ProviderService) -> None:
    """Don't know is neither valid nor revoked."""
    stage.authority.clock = None
    stage.clock.go_on(timedelta(hours=3))
    begun = begin(service)
    with pytest.raises(StatusUnknown):
        service.answer(begun.transaction, answer(service.invitation(begun.transaction)))
    told = query(service.go_back(begun.transaction, begun.cookie))
    assert told["error_description"] == "status_unknown"


def test_attributes_of_another_card_are_refused(service: ProviderService) -> None:
    """The integrity signature must cover what is read."""
    begun = begin(service)
    given = answer(service.invitation(begun.transaction))
    assert given.attributes is not None
    attributes = given.attributes.attributes.replace("花子".encode(), "葉子".encode())
    forged = replace(given, attributes=replace(given.attributes, attributes=attributes))
    with pytest.raises(NotIntact):
        service.answer(begun.transaction, forged)


def test_an_answer_to_another_login_is_told_as_that(service: ProviderService) -> None:
    """Its attributes cannot fit either, but they are not what is wrong."""
    given = answer(service.invitation(begin(service).transaction))
    assert given.attributes is not None
    begun = begin(service)
    with pytest.raises(WrongTransaction):
        service.answer(begun.transaction, given)
    assert query(service.go_back(begun.transaction, begun.cookie))["error_description"] == "wrong_transaction"


def test_an_answer_to_another_origin_is_told_as_that(service: ProviderService) -> None:
    """The look-alike site's invitation, signed with both PINs."""
    begun = begin(service)
    challenge = service.invitation(begun.transaction).challenge("http://localhost.example:8700")
    with pytest.raises(WrongOrigin):
        service.answer(begun.transaction, answer_login(card(), challenge, PIN, TEXT_PIN))
    assert query(service.go_back(begun.transaction, begun.cookie))["error_description"] == "wrong_origin"


def test_attributes_nobody_asked_for_are_not_looked_at(service: ProviderService) -> None:
    """Asking for openid alone reveals nothing more, whatever the phone sends."""
    begun = begin(service, scope="openid")
    given = answer(service.invitation(begun.transaction))
    assert given.attributes is not None
    broken = replace(given, attributes=replace(given.attributes, attributes=b""))
    assert service.answer(begun.transaction, broken).scopes == ("openid",)


def test_a_forged_signature_ends_the_login(service: ProviderService) -> None:
    """One answer each."""
    begun = begin(service)
    given = answer(service.invitation(begun.transaction))
    with pytest.raises(WrongSignature):
        service.answer(begun.transaction, replace(given, signature=bytes(256)))
    assert service.watch(begun.transaction, begun.cookie)[2] is Status.REFUSED


def test_an_unreadable_certificate_ends_nothing(service: ProviderService) -> None:
    """Nothing was answered; the person may try again."""
    begun = begin(service)
    given = answer(service.invitation(begun.transaction))
    with pytest.raises(Malformed):
        service.answer(begun.transaction, replace(given, unverified_certificate=b"not a certificate"))
    assert service.answer(begun.transaction, given).client_name == CLIENT.name


def test_two_different_answers_at_once_count_once(service: ProviderService) -> None:
    """Answered once."""
    begun = begin(service)
    invitation = service.invitation(begun.transaction)
    with_name, without = answer(invitation), answer(invitation, text_pin=None)

    def give(given: LoginAnswer) -> tuple[str, ...]:
        return service.answer(begun.transaction, given).scopes

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(give, (with_name, without))
    # The same certificate and signature: the one that came second gets what the first one decided.
    assert first == second


def test_another_browser_sees_and_gets_nothing(service: ProviderService) -> None:
    """RFC 9700 §4.7."""
    begun = begin(service)
    for cookie in (None, "", begin(service).cookie):
        with pytest.raises(NotAllowed):
            service.watch(begun.transaction, cookie)
        with pytest.raises(NotAllowed):
            service.go_back(begun.transaction, cookie)


@pytest.mark.parametrize("name", ["", "\0", "\ud800", "あ", "x" * 65, "a b"])
def test_what_can_be_no_transaction_does_not_reach_the_database(name: str) -> None:
    """PostgreSQL refuses NUL in a text, other drivers half a surrogate pair: that would be a fault of ours."""
    with pytest.raises(NotFound):
        read_login(cast("Connection", None), name)


@pytest.mark.parametrize("message", ["watch", "go_back", "invitation", "allow", "deny"])
def test_an_unknown_login_is_not_found(service: ProviderService, message: str) -> None:
    """256 bits are not guessed."""
    arguments: dict[str, list[str | None]] = {
        "watch": [None],
        "go_back": [None],
        "invitation": [],
        "allow": ["t"],
        "deny": ["cancelled"],
    }
    with pytest.raises(NotFound):
        getattr(service, message)("unknown", *arguments[message])


def test_cancelling_goes_back_to_the_client(service: ProviderService) -> None:
    """RFC 6749 §4.1.2.1 access_denied."""
    begun = begin(service)
    service.deny(begun.transaction, "cancelled")
    service.deny(begun.transaction, "cancelled")
    told = query(service.go_back(begun.transaction, begun.cookie))
    assert told == {"error": "access_denied", "error_description": "cancelled", "state": "a state"}


def test_time_runs_out(stage: Stage, service: ProviderService) -> None:
    """The client is told, not left waiting."""
    begun = begin(service)
    given = answer(service.invitation(begun.transaction))
    stage.clock.go_on(timedelta(minutes=5))
    with pytest.raises(ChallengeExpired):
        service.answer(begun.transaction, given)
    assert query(service.go_back(begun.transaction, begun.cookie))["error_description"] == "login_expired"


def test_the_person_is_known_only_after_consent(stage: Stage, service: ProviderService) -> None:
    """Who cancels leaves no trace of who they are."""
    begun = begin(service)
    service.answer(begun.transaction, answer(service.invitation(begun.transaction)))
    service.deny(begun.transaction, "cancelled")
    assert _count(stage, "certificate_holder") == 0
    log_in(service)
    assert _count(stage, "certificate_holder") == 1


def test_attributes_go_with_the_access_token(stage: Stage, service: ProviderService) -> None:
    """They are kept no longer than the token lives."""
    _, code = log_in(service)
    assert _holds(stage, "login", "割符")
    service.token(token_form(code))
    assert not _holds(stage, "login", "割符")
    assert _holds(stage, "access_token", "割符")
    stage.clock.go_on(timedelta(minutes=5))
    service.forget()
    assert not _holds(stage, "access_token", "割符")


def test_forgotten_attributes_are_not_in_the_files_any_more(stage: Stage, service: ProviderService) -> None:
    """SQLite by itself leaves deleted bytes where they were."""
    name = json.dumps("割符")[1:-1].encode()
    _, code = log_in(service)
    service.token(token_form(code))
    assert name in _stored(stage)
    stage.clock.go_on(timedelta(minutes=5))
    service.forget()
    assert name not in _stored(stage)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_forgetting_waits_for_nobody(stage: Stage, service: ProviderService) -> None:
    """A reader that does not end leaves the log for the next time; writers go on."""
    log_in(service)
    reader = sqlite3.connect(stage.database, isolation_level=None)
    reader.execute("BEGIN").execute("SELECT * FROM login").fetchall()
    log_in(service)
    service.forget()
    log_in(service)
    assert Path(f"{stage.database}-wal").stat().st_size > 0
    reader.close()
    service.forget()
    assert Path(f"{stage.database}-wal").stat().st_size == 0


def test_attributes_of_a_login_nobody_finished_go_too(stage: Stage, service: ProviderService) -> None:
    """After the last moment at which a code could have been used."""
    log_in(service)
    stage.clock.go_on(timedelta(minutes=6))
    service.forget()
    assert not _holds(stage, "login", "割符")


def test_everything_but_the_people_is_forgotten_in_the_end(stage: Stage, service: ProviderService) -> None:
    """Logins, tokens and spent assertions have their time."""
    _, code = log_in(service)
    service.token(token_form(code))
    stage.clock.go_on(timedelta(minutes=7) + service.provider.profile.longest_token)
    service.forget()
    tables = ("login", "access_token", "refresh_token", "spent_assertion")
    assert [_count(stage, table) for table in tables] == [0, 0, 0, 0]
    assert [_count(stage, table) for table in ("certificate_holder", "subject")] == [1, 1]


def test_a_spent_assertion_is_remembered_until_it_has_expired(stage: Stage, service: ProviderService) -> None:
    """RFC 7523 §3 no. 7."""
    _, code = log_in(service)
    service.token(token_form(code))
    stage.clock.go_on(timedelta(seconds=89))
    service.forget()
    assert refused(service, code).description == "the assertion has been used before"


def test_no_serial_number_certificate_pin_or_number_digest_is_stored(stage: Stage, service: ProviderService) -> None:
    """公的個人認証法 第63条; 番号法 第19条; the digest of the individual number can be searched by trying all."""
    begun = begin(service)
    given = answer(service.invitation(begun.transaction))
    shared = service.answer(begun.transaction, given)
    service.allow(begun.transaction, shared.decision_token)
    stored = _stored(stage)
    assert given.attributes is not None
    digest = given.attributes.integrity[given.attributes.integrity.index(b"\xdf\x31\x20") :][3:35]
    assert begun.transaction.encode() in stored
    for secret in (digest, given.unverified_certificate[:200], given.signature, begun.cookie.encode()):
        assert secret not in stored


def test_codes_and_access_tokens_are_not_stored(stage: Stage, service: ProviderService) -> None:
    """RFC 6749 §10.3, §10.5: a stolen table opens nothing."""
    _, code = log_in(service)
    token = str(service.token(token_form(code))["access_token"])
    stored = _stored(stage)
    assert code.encode() not in stored
    assert token.encode() not in stored


def test_a_client_can_be_changed(service: ProviderService) -> None:
    """Registered again under its id."""
    service.register(replace(CLIENT, active=False))
    with pytest.raises(OAuthRefused) as caught:
        begin(service)
    assert caught.value.error == "unauthorized_client"


def test_a_suspended_client_reads_nothing_with_what_it_has(service: ProviderService) -> None:
    """It stays known and may do nothing."""
    _, code = log_in(service)
    token = str(service.token(token_form(code))["access_token"])
    service.register(replace(CLIENT, active=False))
    service.register(CLIENT)
    with pytest.raises(OAuthRefused) as caught:
        service.userinfo(Presented(token, bound=False))
    assert caught.value.error == "invalid_token"


def test_the_key_and_the_secret_are_made_once_and_kept_private(tmp_path: Path) -> None:
    """A restart must not forget who people are, nor break ID tokens."""
    key, secret = tmp_path / "keys" / "provider.key", tmp_path / "keys" / "provider.secret"
    first = open_signer(key), open_secret(secret, SystemEntropy())
    second = open_signer(key), open_secret(secret, SystemEntropy())
    assert first[0].jwk == second[0].jwk
    assert first[1].derive("x") == second[1].derive("x")
    assert {path.stat().st_mode & 0o777 for path in (key, secret)} == {0o600}
    assert sorted(path.name for path in key.parent.iterdir()) == ["provider.key", "provider.secret"]


def test_an_encrypted_key_needs_its_password(tmp_path: Path) -> None:
    """PKCS#8 with PBES2."""
    path = tmp_path / "provider.key"
    kept = open_signer(path, b"password").jwk
    assert open_signer(path, b"password").jwk == kept
    for password in (None, b"another"):
        with pytest.raises(Malformed):
            open_signer(path, password)


def test_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    """ID tokens are ES256."""
    path = tmp_path / "provider.key"
    path.write_bytes(KeySigner.generate("ES384").private_bytes())
    with pytest.raises(Malformed):
        open_signer(path)
    assert IdTokenSigner(KeySigner.generate("ES256")).jwk["crv"] == "P-256"


def test_a_key_file_that_can_not_be_read_is_unavailable(tmp_path: Path) -> None:
    """The operator is told which file."""
    with pytest.raises(Unavailable, match=r"provider\.secret"):
        open_secret(_directory(tmp_path), SystemEntropy())


def _directory(tmp_path: Path) -> Path:
    path = tmp_path / "provider.secret"
    path.mkdir()
    return path


def _stored(stage: Stage) -> bytes:
    """All that is stored: of SQLite the files, with what was deleted and the log; of PostgreSQL the rows."""
    if "://" not in stage.database:
        return b"".join(path.read_bytes() for path in stage.directory.iterdir())
    with closing_engine(stage.database) as engine, reading(engine) as connection:
        tables = inspect(connection).get_table_names()
        cells = [cell for table in tables for row in connection.execute(text(f"SELECT * FROM {table}")) for cell in row]
    return b"".join(cell if isinstance(cell, bytes) else json.dumps(cell, default=str).encode() for cell in cells)


def _rows(stage: Stage, table: str) -> list[tuple[object, ...]]:
    with closing_engine(stage.database) as engine, reading(engine) as connection:
        return [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table}"))]


@contextmanager
def closing_engine(database: str) -> Iterator[Engine]:
    engine = open_database(database, "provider")
    try:
        yield engine
    finally:
        engine.dispose()


def _count(stage: Stage, table: str) -> int:
    return len(_rows(stage, table))


def _holds(stage: Stage, table: str, text: str) -> bool:
    cells = (cell for row in _rows(stage, table) for cell in row)
    return any(text in str(cell) or json.dumps(text)[1:-1] in str(cell) for cell in cells)
