"""The keys that sign a provider's ID tokens, where its settings say that they are: in files and on tokens.

The schedule, which says which key is used when, is in the provider's database; `warifu.idp.KeySchedule` has its rules.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from warifu.errors import Malformed
from warifu.idp import PROFILES, IdTokenSigner, KeySchedule, Provider, SigningKey, longest_signed
from warifu.pki import KeySigner
from warifu.wire.database import reading, writing
from warifu.wire.key_files import read_key, write_key
from warifu.wire.key_uri import KeyUri
from warifu.wire.pkcs11 import TokenSigner
from warifu.wire.provider import KeyRoom, ScheduledKeys, announce, enter_first, open_signer, read_schedule, retire
from warifu.wire.provider_place import provider_store
from warifu.wire.settings import Settings

__all__ = ["KeyKeeper", "keys_in", "open_keeper", "provider_of", "scheduled_keys"]

_CACHED = timedelta(minutes=5)
"""How long a client may keep the key set, as its answer says (Cache-Control)."""


def provider_of(settings: Settings) -> Provider:
    """The provider that the settings describe.

    Raises:
        Malformed: a profile that nobody knows.
    """
    profile = PROFILES.get(settings.provider.profile)
    if profile is None:
        raise Malformed(f"the profile of a provider is {' or '.join(PROFILES)}")
    strong = profile.phishing_resistant or settings.provider.phishing_resistant
    switch = {"": profile.ends_sessions, "on": True, "off": False}
    if settings.provider.logout not in switch:
        raise Malformed("logout is on, off or empty")
    ends = switch[settings.provider.logout]
    passkeys = profile.passkeys if settings.provider.passkeys else None
    changed = replace(profile, phishing_resistant=strong, ends_sessions=ends, passkeys=passkeys)
    return Provider(settings.provider.origin, changed)


def scheduled_keys(settings: Settings, engine: Engine, now: datetime) -> ScheduledKeys:
    """The keys at work. The one that the settings name is made if it is not there, and entered into the schedule.

    Raises:
        Malformed, Unavailable, PinRefused: the key that the settings name cannot be opened.
        NotAllowed: it is new, and another one is announced for later.
    """
    place = settings.key_place(settings.provider.key, "provider/tokens.key")
    named = IdTokenSigner(TokenSigner(place)) if isinstance(place, KeyUri) else open_signer(place)
    with writing(engine) as connection:
        # Found by its thumbprint from now on: the settings may name another file or token tomorrow.
        enter_first(connection, named, place.encode() if isinstance(place, KeyUri) else "", now, _ahead(settings))
    keys = ScheduledKeys(_room(settings, named), longest_signed(provider_of(settings)))
    if not isinstance(place, KeyUri):
        _keep_copy(settings, place, named)
    keys.look_ahead(engine, now)
    return keys


def keys_in(folder: Path, engine: Engine, provider: Provider, now: datetime) -> ScheduledKeys:
    """The keys at work of a provider whose keys are all in one folder; the first is made if there is none.

    Raises:
        Malformed, Unavailable: the first key cannot be read or made.
    """
    named = open_signer(folder / "tokens.key")
    with writing(engine) as connection:
        enter_first(connection, named, "", now, 2 * _CACHED)
    room = KeyRoom(folder / "keys", named, read_key, lambda address: TokenSigner(KeyUri.parse(address)))
    return ScheduledKeys(room, longest_signed(provider))


@dataclass(frozen=True, slots=True)
class KeyKeeper:
    """Whoever looks after the keys of one provider, beside its processes."""

    settings: Settings
    engine: Engine

    def schedule(self) -> KeySchedule:
        """What is written down."""
        with reading(self.engine) as connection:
            return read_schedule(connection)

    @property
    def kept(self) -> timedelta:
        """How long a key is published after its use."""
        return longest_signed(provider_of(self.settings))

    def add(self, place: str | None, now: datetime, hours: int | None = None) -> SigningKey:
        """Announce a key: a new one in a file, or the one in a file or at a ``pkcs11:`` address.

        Raises:
            Malformed: not a P-256 key; or it would be used before every client can have seen it.
            Unavailable, PinRefused, NotAllowed: as the names say.
        """
        ahead = _ahead(self.settings) if hours is None else timedelta(hours=hours)
        if ahead < 2 * _CACHED:
            raise Malformed("a key is announced for an hour or more before it is used")
        address = place if place is not None and place.startswith("pkcs11:") else ""
        if address:
            signer = IdTokenSigner(TokenSigner(KeyUri.parse(address)))
        else:
            signer = self._filed(KeySigner.generate("ES256") if place is None else read_key(Path(place)))
        with writing(self.engine) as connection:
            return announce(connection, signer, address, now, ahead)

    def retire(self, kid: str, now: datetime) -> KeySchedule:
        """Take a key out at once.

        Raises:
            NotFound, NotAllowed: as `KeySchedule.withdraw`.
        """
        return retire(self.engine, kid, now)

    def _filed(self, key: KeySigner) -> IdTokenSigner:
        signer = IdTokenSigner(key)
        _write(_room(self.settings, None).file_of(str(signer.jwk["kid"])), key)
        return signer


@contextmanager
def open_keeper(settings: Settings) -> Iterator[KeyKeeper]:
    """The keys of the provider of the settings, whose processes may be running meanwhile.

    Raises:
        Malformed, Unavailable: its database cannot be opened.
    """
    with provider_store(settings) as engine:
        yield KeyKeeper(settings, engine)


def _room(settings: Settings, named: IdTokenSigner | None) -> KeyRoom:
    folder = settings.place(settings.provider.keys, "provider/keys")
    return KeyRoom(folder, named, read_key, lambda address: TokenSigner(KeyUri.parse(address)))


def _keep_copy(settings: Settings, place: Path, named: IdTokenSigner) -> None:
    """The key file that the settings name may be replaced: the key stays under its own name until it is gone."""
    _write(_room(settings, None).file_of(str(named.jwk["kid"])), read_key(place))


def _write(path: Path, key: KeySigner) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        write_key(path, key)


def _ahead(settings: Settings) -> timedelta:
    return timedelta(hours=settings.provider.announce_hours)
