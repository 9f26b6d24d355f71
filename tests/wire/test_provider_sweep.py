"""Certificates that lose their effect end the sessions that stand on them, without anybody coming with them again."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.idp import world
from tests.idp.world import CLIENT, query
from tests.pki import world as pki
from tests.wire.provider_world import Stage, answer
from tests.wire.sudden_death import live_until_death
from tests.wire.test_provider_account import SYNCED
from tests.wire.test_provider_logout import PROVIDER, SHOP, Shop, courier, form, log_in, opens
from warifu.errors import Malformed, OAuthRefused, Suspended, Unavailable
from warifu.idp import Act, CardEvent, Secret, open_of_session, seal_for_session
from warifu.pki import Reason, Revocation
from warifu.verifier import CertificateQuestion, Evidence, Needs
from warifu.wire.database import reading, writing
from warifu.wire.provider import ProviderService, audit_store, passkey_store

HOUR = timedelta(hours=1)
WATCHED = "SELECT certificate_hash, question, due_at, until FROM watched_certificate"


@pytest.fixture
def service(stage: Stage) -> Iterator[ProviderService]:
    with stage.service(PROVIDER, sweeps=HOUR) as service:
        service.register(SHOP)
        yield service


@pytest.fixture
def shop() -> Shop:
    return Shop()


def revoked(reason: Reason = Reason.KEY_COMPROMISE) -> Revocation:
    return Revocation(pki.NOW, reason)


def rows(service: ProviderService, statement: str = WATCHED) -> list[Any]:
    with reading(service._engine) as connection:
        return list(connection.execute(text(statement)).all())


def why(service: ProviderService) -> list[str]:
    """What the audit log says of what was taken back."""
    with reading(service._engine) as connection:
        return [entry.why for entry, _ in audit_store.entries(connection) if entry.act is Act.REVOKED]


def passkey(service: ProviderService) -> None:
    """Somebody has one that was made with the card."""
    [(person, by)] = rows(service, "SELECT person, certificate_hash FROM certificate_holder")
    card = CardEvent(b"a" * 32, bytes(by), PROVIDER.profile.by_card, world.NOW)
    with writing(service._engine) as connection:
        passkey_store.add(connection, replace(SYNCED, person=person, card=card))


def dropped(service: ProviderService) -> list[int | None]:
    return [each.dropped_reason for each in rows(service, "SELECT dropped_reason FROM passkey")]


def test_a_revoked_certificate_ends_all_that_stands_on_it(stage: Stage, service: ProviderService, shop: Shop) -> None:
    """Asked once, however many sessions; clients are told, the log says why, and passkeys vouch no more."""
    sessions = [log_in(service) for _ in range(2)]
    passkey(service)
    stage.clock.go_on(HOUR)
    stage.authority.status, stage.authority.asked = revoked(), 0
    swept = service.sweeper.sweep()
    assert (swept.asked, swept.ended, stage.authority.asked) == (1, 1, 1)
    for tokens in sessions:
        with pytest.raises(OAuthRefused):
            opens(service, tokens)
    assert why(service) == ["certificate revoked"] * 2
    assert courier(service, shop)() == 2
    assert dropped(service) == [int(Reason.KEY_COMPROMISE)]
    assert (rows(service), service.sweeper.sweep().asked) == ([], 0)


def test_a_good_one_is_asked_about_once_a_period(stage: Stage, service: ProviderService) -> None:
    tokens = log_in(service)
    assert service.sweeper.sweep().asked == 0
    stage.clock.go_on(HOUR)
    assert [service.sweeper.sweep().asked for _ in range(2)] == [1, 0]
    assert service.sweeper.sweep(everything=True).asked == 1
    assert why(service) == []
    assert tokens


def test_an_authority_that_is_silent_ends_nothing(stage: Stage, service: ProviderService, shop: Shop) -> None:
    log_in(service)
    stage.clock.go_on(HOUR)
    stage.authority.status = None
    swept = service.sweeper.sweep()
    assert (swept.ended, swept.unanswered, why(service)) == (0, True, [])
    stage.authority.status = revoked()
    assert service.sweeper.sweep().asked == 0
    stage.clock.go_on(timedelta(minutes=5))
    assert service.sweeper.sweep().ended == 1
    assert courier(service, shop)() == 1


def test_what_cannot_be_told_of_one_holds_up_no_other(stage: Stage, service: ProviderService) -> None:
    """Neither a question that nobody can open nor an authority that is silent; that one is asked about one only."""
    log_in(service)
    [(by, sealed, due, until)] = rows(service)
    asked = open_of_session(bytes(sealed), world.SECRET, bytes(by))
    silent = replace(asked, issuer_key_id=b"another's" * 3)
    with writing(service._engine) as connection:
        for name in (b"1" * 32, b"2" * 32, b"3" * 32):
            kept = seal_for_session(silent, world.SECRET, name, stage.entropy) if name[0] != 0x31 else b"nonsense"
            values = {"by": name, "kept": kept, "due": due - 1, "until": until}
            connection.execute(text("INSERT INTO watched_certificate VALUES (:by, :kept, :due, :until)"), values)
    trusted, gone = service.sweeper._trust, list[bytes]()

    class Trust:
        def check_again(self, asked: CertificateQuestion, now: datetime) -> None:
            gone.append(asked.issuer_key_id)
            if asked.issuer_key_id == silent.issuer_key_id:
                raise Unavailable("the authority does not answer")
            trusted.check_again(asked, now)

    service.sweeper._trust = Trust()  # type: ignore[assignment]
    stage.clock.go_on(HOUR)
    stage.authority.status = revoked()
    swept = service.sweeper.sweep()
    assert (swept.asked, swept.ended, swept.unanswered) == (4, 1, True)
    assert gone == [silent.issuer_key_id, asked.issuer_key_id]
    waits = sorted(each.due_at - int(stage.clock.now().timestamp()) for each in rows(service))
    assert waits == [120, 300, 300]


@pytest.mark.parametrize(
    ("reason", "word"),
    [(Reason.CERTIFICATE_HOLD, "certificate suspended"), (Reason.SUPERSEDED, "certificate expired or replaced")],
)
def test_a_hold_and_a_renewal_end_sessions_and_passkeys_stay(
    stage: Stage, service: ProviderService, reason: Reason, word: str
) -> None:
    log_in(service)
    passkey(service)
    stage.clock.go_on(HOUR)
    stage.authority.status = revoked(reason)
    assert service.sweeper.sweep().ended == 1
    assert (why(service), dropped(service)) == ([word], [None])


def test_of_an_expired_one_nobody_is_asked(stage: Stage, service: ProviderService) -> None:
    log_in(service)
    asked = stage.authority.asked
    with writing(service._engine) as connection:
        connection.execute(text("UPDATE watched_certificate SET until = until + 999999999"))
    stage.clock.go_on(timedelta(days=3660))
    assert service.sweeper.sweep().ended == 1
    assert (why(service), stage.authority.asked) == (["certificate expired or replaced"], asked)


def test_a_login_on_its_way_ends_too(stage: Stage, service: ProviderService) -> None:
    """Or it would begin a session that nobody watches."""
    log_in(service)
    begun = service.begin(world.parameters())
    shared = service.answer(begun.transaction, answer(service.invitation(begun.transaction)))
    service.allow(begun.transaction, shared.decision_token)
    code = query(service.go_back(begun.transaction, begun.cookie))["code"]
    stage.authority.status = revoked()
    service.sweeper.sweep(everything=True)
    with pytest.raises(OAuthRefused):
        service.token(form(code=code))


def test_two_processes_ask_once_and_tell_once(stage: Stage, service: ProviderService, shop: Shop) -> None:
    """Also when the second begins while the first is asking."""
    log_in(service)
    stage.clock.go_on(HOUR)
    stage.authority.status = revoked()
    with stage.service(PROVIDER, sweeps=HOUR) as another:
        meanwhile = []

        def ask(needs: Needs) -> Evidence:
            meanwhile.append(another.sweeper.sweep().asked)
            return stage.authority(needs)

        service.sweeper._trust = replace(service.sweeper._trust, gather=ask)
        assert (service.sweeper.sweep().ended, meanwhile) == (1, [0])
        assert courier(service, shop)() + courier(another, shop)() == 1
    assert why(service) == ["certificate revoked"]


def test_what_a_killed_process_was_asking_another_asks(stage: Stage, service: ProviderService, shop: Shop) -> None:
    log_in(service)
    stage.clock.go_on(HOUR)

    def die(needs: Needs) -> Evidence:
        raise KeyboardInterrupt

    with stage.service(PROVIDER, sweeps=HOUR) as killed:
        killed.sweeper._trust = replace(killed.sweeper._trust, gather=die)
        with pytest.raises(KeyboardInterrupt):
            killed.sweeper.sweep()
    stage.authority.status = revoked()
    stage.clock.go_on(timedelta(minutes=2))
    assert service.sweeper.sweep().ended == 1
    assert courier(service, shop)() == 1


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
@pytest.mark.parametrize(("when", "number"), [("before", 1), ("after", 1), ("before", 2), ("after", 2)])
def test_a_sweep_that_is_killed_ends_and_tells_once(tmp_path: Path, shop: Shop, when: str, number: int) -> None:
    """Around both commits: the certificate is taken; what stands on it ends, with what clients are to be told."""
    stage = Stage(tmp_path)
    with stage.service(PROVIDER, sweeps=HOUR) as service:
        service.register(SHOP)
        log_in(service)
        live_until_death("tests.wire.sweep_crash_worker", tmp_path, when, number)
        stage.clock.go_on(HOUR + timedelta(minutes=2))
        stage.authority.status = revoked()
        service.sweeper.sweep()
        assert courier(service, shop)() == 1
        assert why(service) == ["certificate revoked"]


def test_whoever_comes_with_a_suspended_card_is_logged_in_nowhere(stage: Stage, service: ProviderService) -> None:
    tokens = log_in(service)
    stage.authority.status = revoked(Reason.CERTIFICATE_HOLD)
    begun = service.begin(world.parameters())
    with pytest.raises(Suspended):
        service.answer(begun.transaction, answer(service.invitation(begun.transaction)))
    with pytest.raises(OAuthRefused):
        opens(service, tokens)


def test_what_is_kept_is_sealed_and_goes_with_what_it_is_for(stage: Stage, service: ProviderService) -> None:
    """公的個人認証法 第63条: no serial number can be read in the store alone."""
    log_in(service)
    [(by, question, _, until)] = rows(service)
    asked = open_of_session(bytes(question), world.SECRET, bytes(by))
    assert asked.encode() not in bytes(question)
    with pytest.raises(Malformed):
        open_of_session(bytes(question), Secret(bytes(32)), bytes(by))
    assert until == int((stage.clock.now() + timedelta(days=1)).timestamp())
    stage.clock.go_on(timedelta(days=1))
    service.forget()
    assert rows(service) == []


def test_without_clients_to_tell_it_is_kept_as_long_as_tokens_live(stage: Stage, service: ProviderService) -> None:
    service.register(CLIENT)
    log_in(service)
    [(*_, until)] = rows(service)
    assert until == int((stage.clock.now() + PROVIDER.profile.longest_token).timestamp())


def test_where_nothing_is_swept_nothing_is_kept(stage: Stage) -> None:
    with stage.service(PROVIDER) as service:
        service.register(SHOP)
        log_in(service)
        assert rows(service) == []
