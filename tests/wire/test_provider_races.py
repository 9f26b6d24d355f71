"""Two processes of a provider over one PostgreSQL, at the same moment: what may happen once happens once.

There transactions of different logins run side by side (`warifu.wire.database`); on SQLite each is alone.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import text

from tests.idp import world
from tests.idp.authenticator import Device
from tests.idp.world import CLIENT, OTHER_CLIENT, SECRET, query
from tests.waiting import PATIENCE
from tests.wire.passkey_world import begin, enrol, signed
from tests.wire.postgresql import Server
from tests.wire.provider_world import Stage, answer
from warifu.errors import HandOverEnded, OAuthRefused, TooManyRequests, WarifuError, WrongDigits
from warifu.idp import AuditKey, Presented
from warifu.wire.clock import SystemEntropy
from warifu.wire.database import open_database, reading, writing
from warifu.wire.provider import Begun, Limiter, Limits, ProviderService, check_chain, store

T = TypeVar("T")
CROWD = 6
ADDRESS = "192.0.2.7"


@pytest.fixture
def stage(tmp_path: Path, postgresql: Server) -> Iterator[Stage]:
    stage = Stage(tmp_path, postgresql.new_database("provider"), entropy=SystemEntropy())
    yield stage
    postgresql.drop(stage.database)


@pytest.fixture
def both(stage: Stage) -> Iterator[list[ProviderService]]:
    """Two processes; afterwards the audit log is whole."""
    with stage.service() as first, stage.service() as second:
        first.register(CLIENT)
        yield [first, second]
    engine = open_database(stage.database, "provider")
    with reading(engine) as connection:
        written = sum(1 for _ in check_chain(connection, AuditKey(SECRET)))
        assert written == connection.scalar(text("select coalesce(max(number), 0) from audit_entry"))
    engine.dispose()


def race(acts: list[Callable[[], T]]) -> list[T | WarifuError]:
    """What came of all of these, begun at the same moment; an error that is no refusal ends the test."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], T]) -> T | WarifuError:
        start.wait()
        try:
            return act()
        except WarifuError as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def at_both(both: list[ProviderService], act: Callable[[ProviderService, int], T]) -> list[T | WarifuError]:
    """The same act by a crowd, half of it at each process."""
    return race([lambda number=number: act(both[number % 2], number) for number in range(CROWD)])  # type: ignore[misc]


def kinds(outcomes: list[Any]) -> Counter[str]:
    """How often each error was told; by OAuth's name where it has one."""
    return Counter(getattr(each, "error", type(each).__name__) for each in outcomes)


def answered(service: ProviderService, **changes: str) -> tuple[str, str, str]:
    """A login whose card has answered: its transaction, its cookie, and the token to decide with."""
    begun = begin(service, **changes)
    shared = service.answer(begun.transaction, answer(service.invitation(begun.transaction)))
    return begun.transaction, begun.cookie, shared.decision_token


def code_of(service: ProviderService, **changes: str) -> str:
    transaction, cookie, decision = answered(service, **changes)
    service.allow(transaction, decision)
    return query(service.go_back(transaction, cookie))["code"]


def pass_by(service: ProviderService, begun: Begun, device: Device) -> str:
    """A passkey answers: the token to decide with."""
    said = signed(service, begun, device)
    return service.answer_by_passkey(begun.transaction, begun.cookie, said).decision_token


def exchange(service: ProviderService, jti: str, **fields: str | None) -> dict[str, Any]:
    return service.token(world.form(client_assertion=world.assertion(jti=jti), **fields))


def refresh(service: ProviderService, jti: str, token: object) -> dict[str, Any]:
    return exchange(service, jti, grant_type="refresh_token", code=None, refresh_token=str(token))


def check_ended(service: ProviderService, tokens: dict[str, Any]) -> None:
    """Nothing that these tokens open is left."""
    with pytest.raises(OAuthRefused, match="revoked"):
        service.userinfo(Presented(str(tokens["access_token"]), bound=False))
    with pytest.raises(OAuthRefused, match="unknown"):
        refresh(service, "afterwards", tokens["refresh_token"])


def test_a_code_is_redeemed_once_and_its_second_use_ends_the_tokens(both: list[ProviderService]) -> None:
    """RFC 6749 §4.1.2."""
    code = code_of(both[0])
    outcomes = at_both(both, lambda one, number: exchange(one, f"code {number}", code=code))
    [tokens] = [each for each in outcomes if isinstance(each, dict)]
    assert kinds(outcomes)["invalid_grant"] == CROWD - 1
    check_ended(both[1], tokens)


def test_a_refresh_token_is_used_once_and_its_second_use_ends_the_tokens(both: list[ProviderService]) -> None:
    """RFC 9700 §4.14.2: also those that the first use has just brought."""
    tokens = exchange(both[0], "first", code=code_of(both[0]))
    outcomes = at_both(both, lambda one, number: refresh(one, f"refresh {number}", tokens["refresh_token"]))
    [renewed] = [each for each in outcomes if isinstance(each, dict)]
    assert kinds(outcomes)["invalid_grant"] == CROWD - 1
    check_ended(both[1], renewed)


def test_an_assertion_is_used_once(both: list[ProviderService]) -> None:
    """RFC 7523 §3 (7)."""
    outcomes = at_both(both, lambda one, _number: exchange(one, "the same", grant_type="password"))
    assert kinds(outcomes) == {"unsupported_grant_type": 1, "invalid_client": CROWD - 1}


def test_a_code_on_a_screen_is_one_phones_and_every_wrong_try_counts(both: list[ProviderService]) -> None:
    begun = both[0].begin(world.parameters())
    shown = both[0].hand_overs.shown(begun.transaction, begun.cookie)
    taken = at_both(both, lambda one, _number: one.hand_overs.take(str(shown.code)))
    assert kinds(taken) == {"Taken": 1, "HandOverEnded": CROWD - 1}
    [drawn] = [each.drawn for each in taken if not isinstance(each, WarifuError)]
    assert drawn is not None
    wrong = f"{(int(drawn.digits) + 1) % 10**6:06}"
    tries = at_both(both, lambda one, _number: one.hand_overs.type_digits(begun.transaction, begun.cookie, wrong))
    told = sorted(each.tries_left for each in tries if isinstance(each, WrongDigits))
    assert told == list(range(1, both[0].provider.profile.digits_tries))
    with pytest.raises(HandOverEnded):
        both[1].hand_overs.type_digits(begun.transaction, begun.cookie, drawn.digits)


def test_a_login_is_decided_once(both: list[ProviderService]) -> None:
    """Yes or no, whichever came first; the same again changes nothing."""
    transaction, _, decision = answered(both[0])

    def decide(one: ProviderService, number: int) -> str:
        if number in (0, 3, 4):
            one.allow(transaction, decision)
            return "yes"
        one.deny(transaction, "cancelled")
        return "no"

    assert kinds(at_both(both, decide)) == {"str": CROWD // 2, "AlreadyAnswered": CROWD // 2}


def test_a_login_ends_in_one_code(both: list[ProviderService], stage: Stage) -> None:
    """The browser may ask again until it is redeemed; it was issued once."""
    transaction, cookie, decision = answered(both[0])
    both[0].allow(transaction, decision)
    outcomes = at_both(both, lambda one, _number: one.go_back(transaction, cookie))
    assert kinds(outcomes) == {"str": CROWD}
    assert len(set(outcomes)) == 1
    engine = open_database(stage.database, "provider")
    with reading(engine) as connection:
        assert list(connection.scalars(text("select act from audit_entry"))) == ["issued"]
    engine.dispose()


@pytest.mark.parametrize("known", [False, True])
def test_whoever_logs_in_twice_at_once_is_one_person(both: list[ProviderService], stage: Stage, known: bool) -> None:
    """At a client for the first time: one subject, one certificate, and each item agreed to once."""
    if known:
        both[0].register(OTHER_CLIENT)
        code_of(both[0], client_id=OTHER_CLIENT.id)
    logins = [answered(both[number % 2]) for number in range(CROWD)]
    at_both(both, lambda one, number: one.allow(logins[number][0], logins[number][2]))
    engine = open_database(stage.database, "provider")
    with reading(engine) as connection:
        assert len({store.read_login(connection, transaction).subject for transaction, _, _ in logins}) == 1
        assert connection.scalar(text("select count(*) from certificate_holder")) == 1
        its = text("select scope from consent_event where client_id = :client")
        agreed = list(connection.scalars(its, {"client": CLIENT.id}))
    engine.dispose()
    assert sorted(agreed) == sorted(world.REQUEST["scope"].split())


def test_whoever_logs_in_twice_at_once_by_passkey_has_one_subject(both: list[ProviderService], stage: Stage) -> None:
    """At a client for the first time."""
    both[0].register(OTHER_CLIENT)
    device = Device(synced=True)
    enrol(both[0], device)
    logins = [
        (begun := begin(both[0], client_id=OTHER_CLIENT.id), pass_by(both[0], begun, device)) for _ in range(CROWD)
    ]
    outcomes = at_both(both, lambda one, number: one.allow(logins[number][0].transaction, logins[number][1]))
    assert kinds(outcomes) == {"NoneType": CROWD}
    engine = open_database(stage.database, "provider")
    with reading(engine) as connection:
        assert len({store.read_login(connection, begun.transaction).subject for begun, _ in logins}) == 1
    engine.dispose()


def test_whole_logins_side_by_side_leave_one_log(both: list[ProviderService]) -> None:
    outcomes = at_both(both, lambda one, number: exchange(one, f"beside {number}", code=code_of(one)))
    assert kinds(outcomes) == {"dict": CROWD}


def test_a_passkeys_counter_is_counted_once(both: list[ProviderService]) -> None:
    """W3C Web Authentication §6.1.1: two devices that say the same number are one and its copy."""
    device = Device(synced=False)
    enrol(both[0], device)
    logins = [begin(one) for one in both]
    answers = [signed(one, begun, device, counter=7) for one, begun in zip(both, logins, strict=True)]
    outcomes = race([
        lambda one=one, begun=begun, said=said: one.answer_by_passkey(begun.transaction, begun.cookie, said)  # type: ignore[misc]
        for one, begun, said in zip(both, logins, answers, strict=True)
    ])  # fmt: skip
    assert kinds(outcomes)["Shared"] == 1


def test_no_more_begin_than_may(stage: Stage) -> None:
    with ExitStack() as opened:
        engines = [open_database(stage.database, "provider") for _ in range(2)]
        limiters = [Limiter(each, SECRET, stage.clock, Limits(logins_by_address=20)) for each in engines]
        for each in engines:
            opened.callback(each.dispose)
        outcomes = race([lambda n=n: limiters[n % 2].login_begun(ADDRESS) for n in range(14)])  # type: ignore[misc]
        outcomes += race([lambda n=n: limiters[n % 2].login_begun(ADDRESS) for n in range(14)])  # type: ignore[misc]
    assert Counter(map(type, outcomes)) == {type(None): 20, TooManyRequests: 8}


def test_a_login_does_not_wait_for_another_one(both: list[ProviderService], stage: Stage) -> None:
    """While one process is in the middle of a login's transaction, the other one has all of another login."""
    engine = open_database(stage.database, "provider")
    transaction, _, _ = answered(both[0])
    with ThreadPoolExecutor(1) as pool, writing(engine, alone=False) as connection:
        store.read_login(connection, transaction, lock=True)
        tokens = pool.submit(lambda: exchange(both[1], "beside", code=code_of(both[1]))).result(PATIENCE)
    engine.dispose()
    assert both[0].userinfo(Presented(str(tokens["access_token"]), bound=False))["sub"]
