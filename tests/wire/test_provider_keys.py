"""A provider changes the key that signs while people log in; nobody is asked again and no token is lost."""

import itertools
import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.idp import world
from tests.idp.world import CLIENT, query
from tests.wire.conftest import Place
from tests.wire.provider_world import Stage, answer
from warifu import services
from warifu.errors import Malformed, NotAllowed, TokenRefused, Unavailable, WrongTokenSignature
from warifu.idp import IdTokenSigner, longest_signed
from warifu.pki import KeySigner
from warifu.ports import Signer
from warifu.wire.database import open_database, writing
from warifu.wire.key_files import read_key, write_key
from warifu.wire.key_uri import KeyUri
from warifu.wire.provider import KeyRoom, ProviderService, ScheduledKeys, announce, enter_first, retire
from warifu.wire.settings import ProviderSettings, Settings
from warifu.wire.token_keys import open_keeper, scheduled_keys

AHEAD = timedelta(hours=1)
KEPT = longest_signed(world.PROVIDER)
NUMBERS = itertools.count()
FIRST = str(world.SIGNER.jwk["kid"])


def no_token(_address: str) -> Signer:
    raise Unavailable("no token here")


class Rotating:
    """Two processes of one provider over one database; each opens its keys for itself."""

    def __init__(self, place: Place, stack: ExitStack) -> None:
        self.stage = Stage(place.folder, place.of("provider"))
        self.clock = self.stage.clock
        self.keys_folder = place.folder / "keys"
        self.keys_folder.mkdir()
        self.engine = open_database(self.stage.database, "provider")
        stack.callback(self.engine.dispose)
        with writing(self.engine) as connection:
            enter_first(connection, world.SIGNER, "", self.clock.now(), AHEAD)
        self.rooms = [KeyRoom(self.keys_folder, world.SIGNER, read_key, no_token) for _ in range(2)]
        self.processes = [
            stack.enter_context(self.stage.service(keys=ScheduledKeys(room, KEPT))) for room in self.rooms
        ]
        self.processes[0].register(CLIENT)

    def add(self, *, filed: bool = True) -> str:
        """Announce a new key; its id."""
        key = KeySigner.generate("ES256")
        signer = IdTokenSigner(key)
        kid = str(signer.jwk["kid"])
        if filed:
            write_key(self.keys_folder / f"{kid}.key", key)
        with writing(self.engine) as connection:
            announce(connection, signer, "", self.clock.now(), AHEAD)
        return kid

    def begin(self, process: int = 0) -> "Login":
        return Login(self, self.processes[process])


class Login:
    """One login as far as the code, at one process."""

    def __init__(self, rotating: Rotating, service: ProviderService) -> None:
        self._clock = rotating.clock
        begun = service.begin(world.parameters())
        shared = service.answer(begun.transaction, answer(service.invitation(begun.transaction)))
        service.allow(begun.transaction, shared.decision_token)
        self.code = query(service.go_back(begun.transaction, begun.cookie))["code"]

    def redeem(self, service: ProviderService) -> dict[str, Any]:
        now = int(self._clock.now().timestamp())
        assertion = world.assertion(jti=f"jti {next(NUMBERS)}", iat=now, exp=now + 60)
        return service.token(world.form(code=self.code, client_assertion=assertion))


@pytest.fixture
def rotating(place: Place) -> Iterator[Rotating]:
    with ExitStack() as stack:
        yield Rotating(place, stack)


def kids(service: ProviderService) -> list[str]:
    return [key["kid"] for key in service.jwks()["keys"]]


def signed_by(tokens: dict[str, Any]) -> str:
    return str(services.read_token(str(tokens["id_token"])).header["kid"])


def check(tokens: dict[str, Any], jwks: dict[str, Any]) -> None:
    """As a client with this key set does, which it may have kept for long."""
    services.check_token(str(tokens["id_token"]), jwks)


def test_a_key_is_seen_by_every_process_before_it_is_used(rotating: Rotating) -> None:
    new = rotating.add()
    for process in rotating.processes:
        assert kids(process) == [new, FIRST]
    assert signed_by(rotating.begin().redeem(rotating.processes[1])) == FIRST


def test_logins_that_are_under_way_go_on_across_the_change(rotating: Rotating) -> None:
    """Begun before it at one process, redeemed after it at the other."""
    new = rotating.add()
    kept = rotating.processes[0].jwks()
    rotating.clock.go_on(AHEAD - timedelta(seconds=20))
    before, across = rotating.begin(0), rotating.begin(0)
    tokens = before.redeem(rotating.processes[1])
    rotating.clock.go_on(timedelta(seconds=20))
    later = across.redeem(rotating.processes[1])
    assert (signed_by(tokens), signed_by(later)) == (FIRST, new)
    for each in (tokens, later):
        check(each, kept)


def test_both_processes_change_at_the_same_moment(rotating: Rotating) -> None:
    new = rotating.add()
    rotating.clock.go_on(AHEAD - timedelta(seconds=1))
    assert {signed_by(rotating.begin().redeem(process)) for process in rotating.processes} == {FIRST}
    rotating.clock.go_on(timedelta(seconds=1))
    assert {signed_by(rotating.begin().redeem(process)) for process in rotating.processes} == {new}


def test_a_key_stays_published_until_its_last_token_has_expired(rotating: Rotating) -> None:
    new = rotating.add()
    rotating.clock.go_on(AHEAD - timedelta(seconds=1))
    last = rotating.begin().redeem(rotating.processes[0])
    rotating.clock.go_on(world.PROVIDER.profile.id_token_lifetime)
    check(last, rotating.processes[1].jwks())
    rotating.clock.go_on(KEPT)
    assert kids(rotating.processes[1]) == [new]


def test_a_client_with_an_old_key_set_asks_again(rotating: Rotating) -> None:
    """What clients do with a kid that they do not know; the set has it."""
    old = rotating.processes[0].jwks()
    new = rotating.add()
    rotating.clock.go_on(AHEAD)
    tokens = rotating.begin().redeem(rotating.processes[0])
    with pytest.raises(WrongTokenSignature):
        check(tokens, old)
    check(tokens, rotating.processes[0].jwks())
    assert signed_by(tokens) == new


def test_a_leaked_key_is_out_at_once_everywhere(rotating: Rotating) -> None:
    new = rotating.add()
    leaked = rotating.begin().redeem(rotating.processes[0])
    retire(rotating.engine, FIRST, rotating.clock.now())
    for process in rotating.processes:
        assert kids(process) == [new]
        assert signed_by(rotating.begin().redeem(process)) == new
        with pytest.raises(TokenRefused):
            check(leaked, process.jwks())


def test_a_process_that_lacks_the_key_signs_nothing(rotating: Rotating) -> None:
    """It could sign with the old one, and nobody could check that for long. The code stays good for another process."""
    rotating.add(filed=False)
    rotating.clock.go_on(AHEAD - timedelta(seconds=10))
    login = rotating.begin()
    rotating.clock.go_on(timedelta(seconds=10))
    with pytest.raises(Unavailable):
        login.redeem(rotating.processes[0])


def test_another_key_in_its_place_is_not_taken(rotating: Rotating) -> None:
    kid = rotating.add(filed=False)
    write_key(rotating.keys_folder / f"{kid}.key", KeySigner.generate("ES256"))
    rotating.clock.go_on(AHEAD)
    with pytest.raises(Unavailable) as caught:
        rotating.begin()
    assert "another key is in the place" in caught.value.detail


def test_two_keys_are_not_announced_for_the_same_time(rotating: Rotating) -> None:
    rotating.add()
    with pytest.raises(NotAllowed):
        rotating.add()


# --- from settings ---


def settings(folder: Path, **own: Any) -> Settings:
    return Settings(data_directory=folder, provider=ProviderSettings(**own))


def in_use(chosen: Settings, after: timedelta = timedelta(0)) -> str:
    with open_keeper(chosen) as keeper:
        return keeper.schedule().in_use(world.NOW + after).kid


def enter(chosen: Settings, after: timedelta = timedelta(0)) -> ScheduledKeys:
    """A start of the provider's program."""
    with open_keeper(chosen) as keeper:
        return scheduled_keys(chosen, keeper.engine, world.NOW + after)


def test_the_first_start_makes_the_key_and_later_ones_keep_it(tmp_path: Path) -> None:
    enter(settings(tmp_path))
    first = in_use(settings(tmp_path))
    enter(settings(tmp_path), AHEAD)
    assert in_use(settings(tmp_path), AHEAD) == first


def test_another_key_in_the_settings_is_announced_first(tmp_path: Path) -> None:
    """The one before signs meanwhile, although the settings do not name it any more."""
    enter(settings(tmp_path))
    first = in_use(settings(tmp_path))
    write_key(tmp_path / "new.key", KeySigner.generate("ES256"))
    (tmp_path / "provider" / "tokens.key").unlink()
    changed = settings(tmp_path, key=tmp_path / "new.key", announce_hours=2)
    keys = enter(changed)
    assert in_use(changed, timedelta(hours=1)) == first
    with open_keeper(changed) as keeper, writing(keeper.engine) as connection:
        assert keys.at(connection, world.NOW).jwk["kid"] == first
        assert keys.at(connection, world.NOW + timedelta(hours=2)).jwk["kid"] != first


def test_a_key_of_ones_own_is_filed_under_its_id(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    enter(chosen)
    write_key(tmp_path / "mine.key", KeySigner.generate("ES256"))
    with open_keeper(chosen) as keeper:
        key = keeper.add(str(tmp_path / "mine.key"), world.NOW)
    filed = tmp_path / "provider" / "keys" / f"{key.kid}.key"
    assert read_key(filed).public_key_info == key.public_key_info
    assert filed.stat().st_mode & 0o077 == 0


def test_a_key_is_not_used_before_clients_can_have_seen_it(tmp_path: Path) -> None:
    """The key set may be kept for five minutes, as its answer says."""
    chosen = settings(tmp_path)
    enter(chosen)
    with open_keeper(chosen) as keeper, pytest.raises(Malformed):
        keeper.add(None, world.NOW, 0)


def test_only_keys_for_es256_are_taken(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    enter(chosen)
    write_key(tmp_path / "rsa.key", KeySigner.generate())
    with open_keeper(chosen) as keeper, pytest.raises(Malformed):
        keeper.add(str(tmp_path / "rsa.key"), world.NOW)


def test_the_address_of_a_key_on_a_token_can_be_written_down() -> None:
    """RFC 7512."""
    text = "pkcs11:token=a%20b;object=x%3By;id=%01%FF?module-path=/usr/lib/m.so&pin-source=file:/etc/pin"
    uri = KeyUri.parse(text)
    assert KeyUri.parse(uri.encode()) == uri
    assert json.dumps(uri.encode()).isascii()
