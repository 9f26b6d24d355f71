"""One person over renewals, new phones, new keys and clients of one sector; on SQLite and PostgreSQL."""

import itertools
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from tests.idp import world
from tests.idp.world import CLIENT, OTHER_CLIENT
from tests.wire.conftest import Place
from tests.wire.identity_world import NEW, NEWER, OLD, PHONE, Follows, Renewing, answer
from warifu.errors import NotAllowed, Unavailable
from warifu.idp import How, Presented, Secret, Unasked
from warifu.wire.database import open_database, reading, writing
from warifu.wire.provider import ProviderService, identity_store

JTI = itertools.count()
RENEWED = {NEW: ((OLD, How.SUCCESSION),), NEWER: ((NEW, How.SUCCESSION), (OLD, How.SUCCESSION))}


@pytest.fixture
def stage(place: Place) -> Renewing:
    return Renewing(place.folder, place.of("provider"))


@pytest.fixture
def follows() -> Follows:
    return Follows(RENEWED)


@pytest.fixture
def service(stage: Renewing, follows: Follows) -> Iterator[ProviderService]:
    with stage.opened(follows) as service:
        service.register(CLIENT)
        service.register(OTHER_CLIENT)
        yield service


def subject(stage: Renewing, service: ProviderService, serial_number: int, client: str = CLIENT.id) -> str:
    """Log in with a certificate; the subject that the client is told."""
    code = stage.code(service, serial_number, client_id=client)
    changes = {"iss": client, "sub": client}
    asserted = world.assertion(jti=str(next(JTI)), **changes)
    tokens = service.token(world.form(code=code, client_id=client, client_assertion=asserted))
    return service.userinfo(Presented(str(tokens["access_token"]), bound=False))["sub"]


def rows(stage: Renewing, query: str) -> list[tuple[object, ...]]:
    engine = open_database(stage.database, "provider")
    try:
        with reading(engine) as connection:
            return [tuple(row) for row in connection.execute(text(query))]
    finally:
        engine.dispose()


HOW = "SELECT how, generation FROM certificate_holder ORDER BY since, how"


def test_a_renewed_card_is_the_same_person(stage: Renewing, service: ProviderService, follows: Follows) -> None:
    first = subject(stage, service, OLD)
    assert subject(stage, service, NEW) == first
    assert follows.asked == [OLD, NEW]
    assert subject(stage, service, NEW) == first
    assert follows.asked == [OLD, NEW]  # a known one is nobody's business
    assert sorted(str(how) for how, _ in rows(stage, HOW)) == ["first_login", "succession"]


def test_one_renewal_may_pass_without_a_login(stage: Renewing, service: ProviderService) -> None:
    assert subject(stage, service, OLD) == subject(stage, service, NEWER)


def test_the_phones_certificate_is_the_cards_holders_and_so_is_the_next_phones(
    stage: Renewing, service: ProviderService, follows: Follows
) -> None:
    """公的個人認証法 第37条第3項: the authority links the two media."""
    follows.told = {PHONE: ((OLD, How.LINKED),), PHONE + 1: ((PHONE, How.SUCCESSION), (OLD, How.LINKED))}
    first = subject(stage, service, OLD)
    assert subject(stage, service, PHONE) == first
    assert subject(stage, service, PHONE + 1) == first


def test_after_a_lapse_the_authority_names_nobody_and_somebody_new_begins(
    stage: Renewing, service: ProviderService, follows: Follows
) -> None:
    """UTokyo: the link may break when a certificate lapsed or was revoked and another one was issued later."""
    first = subject(stage, service, OLD)
    follows.told = {}
    assert subject(stage, service, NEW) != first
    follows.told = RENEWED
    assert subject(stage, service, NEW) != first  # and the two are never made one


def test_both_certificates_in_use_at_once_are_one_person_whoever_allows_first(
    stage: Renewing, service: ProviderService
) -> None:
    """Both answered before either was allowed; nobody was known when the authority was asked."""
    both = [service.begin(world.parameters()) for _ in range(2)]
    shared = []
    for begun, serial_number in zip(both, (OLD, NEW), strict=True):
        stage.every.serial_number = serial_number
        shared.append(service.answer(begun.transaction, answer(service.invitation(begun.transaction), serial_number)))
    for begun, its in reversed(list(zip(both, shared, strict=True))):
        service.allow(begun.transaction, its.decision_token)
    assert len(set(rows(stage, "SELECT person FROM certificate_holder"))) == 1
    assert len(rows(stage, "SELECT subject FROM subject")) == 1


def test_without_the_authoritys_answer_nobody_new_begins(
    stage: Renewing, service: ProviderService, follows: Follows
) -> None:
    """The login ends as it does when nobody can say whether the certificate is good: try again later."""
    first = subject(stage, service, OLD)
    follows.silent = True
    assert subject(stage, service, OLD) == first  # known: nobody has to be asked
    begun = service.begin(world.parameters())
    with pytest.raises(Unavailable):
        stage.hold(service, begun, NEW)
    assert "temporarily_unavailable" in service.go_back(begun.transaction, begun.cookie)
    follows.silent = False
    assert subject(stage, service, NEW) == first


def test_an_operator_may_take_new_persons_all_the_same_and_it_is_written_down(
    stage: Renewing, follows: Follows, caplog: pytest.LogCaptureFixture
) -> None:
    stage.unasked = Unasked.NEW_PERSON
    with stage.opened(follows) as service, caplog.at_level(logging.WARNING, "warifu.provider"):
        service.register(CLIENT)
        first = subject(stage, service, OLD)
        follows.silent = True
        assert subject(stage, service, NEW) != first
    assert "becomes a new person" in caplog.text
    assert sorted(str(how) for how, _ in rows(stage, HOW)) == ["first_login", "not_asked"]


def test_a_new_key_for_the_hashes_takes_the_links_over(stage: Renewing, follows: Follows) -> None:
    """Until everybody has logged in once, both keys are in force; then the old one may go."""
    first_key = dict(world.SECRET.certificate_keys)
    second = first_key | {2: b"2" * 32}
    with stage.opened(follows) as service:
        service.register(CLIENT)
        first = subject(stage, service, OLD)
    stage.secret = Secret(bytes(range(32)), second)
    with stage.opened(follows) as service:
        assert subject(stage, service, OLD) == first
    assert set(rows(stage, HOW)) == {("first_login", 1), ("new_key", 2)}
    stage.secret = Secret(bytes(range(32)), {2: b"2" * 32})
    with stage.opened(follows) as service:
        assert subject(stage, service, OLD) == first
        assert subject(stage, service, NEW) == first  # its predecessor is found under the new key
    assert follows.asked == [OLD, NEW]


def test_a_generation_is_retired_while_processes_run(stage: Renewing, follows: Follows) -> None:
    """One that has its key still fills it no more; one that has nothing newer takes nobody for somebody new."""
    with stage.opened(follows) as older:
        older.register(CLIENT)
        first = subject(stage, older, OLD)
        stage.secret = Secret(bytes(range(32)), dict(world.SECRET.certificate_keys) | {2: b"2" * 32})
        with stage.opened(follows) as newer:
            assert subject(stage, newer, OLD) == first
            with writing(newer._engine) as connection:
                assert identity_store.retire_generation(connection, 1) == 1
            assert subject(stage, newer, OLD) == first
            assert subject(stage, newer, NEW) == first
        with pytest.raises(Unavailable):
            subject(stage, older, OLD)
    assert {generation for _, generation in rows(stage, HOW)} == {2}
    assert len(set(rows(stage, "SELECT person FROM certificate_holder"))) == 1


def test_neither_serial_numbers_nor_subjects_of_others_are_stored(stage: Renewing, service: ProviderService) -> None:
    """公的個人認証法 第63条: there is nothing in the store that a serial number could be looked up in."""
    subject(stage, service, OLD)
    subject(stage, service, NEW)
    for table in ("certificate_holder", "recognition", "subject", "login"):
        kept = repr(rows(stage, f"SELECT * FROM {table}"))
        for number in (OLD, NEW):
            assert str(number) not in kept
            assert number.to_bytes(2, "big") not in kept.encode("latin-1", "replace")


def test_what_a_login_found_out_is_gone_when_it_ends(stage: Renewing, service: ProviderService) -> None:
    begun = service.begin(world.parameters())
    stage.every.serial_number = NEW
    service.answer(begun.transaction, answer(service.invitation(begun.transaction), NEW))
    assert len(rows(stage, "SELECT * FROM recognition")) == 1
    stage.clock.go_on(world.PROVIDER.profile.login_lifetime)
    service.forget()
    assert rows(stage, "SELECT * FROM recognition") == []
    assert rows(stage, "SELECT * FROM certificate_holder") == []  # nobody agreed to anything


# --- sectors ----------------------------------------------------------------------------------------------------------


def test_clients_of_one_sector_know_one_subject(stage: Renewing, service: ProviderService) -> None:
    """OpenID Connect Core 1.0 §8.1."""
    assert subject(stage, service, OLD) != subject(stage, service, OLD, OTHER_CLIENT.id)
    with stage.opened(Follows(RENEWED)) as again:
        for client in (CLIENT, OTHER_CLIENT):
            again.register(replace(client, sector="bank.example.jp", sector_before=client.id))
        assert subject(stage, again, OLD) == subject(stage, again, NEW, OTHER_CLIENT.id)


def test_a_client_is_not_moved_by_a_slip(stage: Renewing, service: ProviderService) -> None:
    first = subject(stage, service, OLD)
    with pytest.raises(NotAllowed, match="sector_before"):
        service.register(replace(CLIENT, sector="bank.example.jp"))
    assert subject(stage, service, OLD) == first
    service.register(replace(CLIENT, sector="bank.example.jp", sector_before=CLIENT.id))
    assert subject(stage, service, OLD) != first
    service.register(replace(CLIENT, sector="bank.example.jp", sector_before=CLIENT.id))  # the file stays as it is
    moves = "SELECT client_id, before, after FROM sector_change".replace("before", '"before"').replace(
        "after", '"after"'
    )
    assert rows(stage, moves) == [(CLIENT.id, CLIENT.id, "bank.example.jp")]


def test_no_client_has_the_id_of_the_residents_page(service: ProviderService) -> None:
    with pytest.raises(NotAllowed):
        service.register(replace(CLIENT, id="account"))
