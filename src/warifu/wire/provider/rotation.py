"""The provider's keys at work: which signs at this moment, as the schedule in the store says, and where each one is.

Every process looks at the schedule in the transaction in which it signs, so that all of them change at the same moment
and nobody restarts anything. A key is opened when it is needed, once; a process that cannot open the key whose time it
is signs nothing (`Unavailable`): what an older key signed could outlive its publication.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine

from warifu.errors import Malformed, Unavailable, WarifuError
from warifu.idp import IdTokenSigner, KeySchedule, KeyState, SigningKey
from warifu.ports import Signer
from warifu.wire.database import reading, writing
from warifu.wire.provider import key_store

__all__ = ["KeyRoom", "OneKey", "ScheduledKeys", "SigningKeys", "announce", "enter_first", "retire"]

_log = logging.getLogger("warifu.provider")


class SigningKeys(Protocol):
    """The keys of one provider."""

    def at(self, connection: Connection, now: datetime) -> IdTokenSigner:
        """The key that signs now.

        Raises:
            Unavailable: it is not there.
        """
        ...

    def published(self, connection: Connection, now: datetime) -> Sequence[bytes]:
        """The public keys of the JWK Set, newest first, DER SubjectPublicKeyInfo."""
        ...

    def trusted(self, connection: Connection) -> Sequence[bytes]:
        """All public keys that ever signed and were not withdrawn: for tokens of ours that come back late."""
        ...


class OneKey:
    """A single key, for as long as the process runs."""

    def __init__(self, signer: IdTokenSigner) -> None:
        self._signer = signer

    def at(self, _connection: Connection, _now: datetime) -> IdTokenSigner:
        """The key."""
        return self._signer

    def published(self, _connection: Connection, _now: datetime) -> Sequence[bytes]:
        """The key."""
        return [self._signer.public_key_info]

    def trusted(self, _connection: Connection) -> Sequence[bytes]:
        """The key."""
        return [self._signer.public_key_info]


class KeyRoom:
    """Where keys are: a folder with one file for each, named for its id, the one of the settings, and tokens.

    `read_file` and `open_address` open a key in a file and one at a ``pkcs11:`` address.
    """

    def __init__(
        self,
        folder: Path,
        named: IdTokenSigner | None,
        read_file: Callable[[Path], Signer],
        open_address: Callable[[str], Signer],
    ) -> None:
        self._folder, self._read, self._open_address = folder, read_file, open_address
        self._opened = {} if named is None else {str(named.jwk["kid"]): named}

    def file_of(self, kid: str) -> Path:
        """Where a key is kept that is kept in a file."""
        return self._folder / f"{kid}.key"

    def open(self, key: SigningKey) -> IdTokenSigner:
        """The key itself.

        Raises:
            Unavailable: it is not on this machine.
            Malformed: another key is in its place.
        """
        if key.kid not in self._opened:
            place = self._open_address(key.place) if key.place else self._read(self.file_of(key.kid))
            signer = IdTokenSigner(place)
            if signer.jwk["kid"] != key.kid:
                raise Malformed(f"another key is in the place of {key.kid}")
            self._opened[key.kid] = signer
        return self._opened[key.kid]


class ScheduledKeys:
    """Keys that follow each other as the store's schedule says; `kept` is how long each is published after its use."""

    def __init__(self, room: KeyRoom, kept: timedelta) -> None:
        self._room, self._kept = room, kept

    def at(self, connection: Connection, now: datetime) -> IdTokenSigner:
        """The key whose time it is."""
        key = key_store.read_schedule(connection).in_use(now)
        try:
            return self._room.open(key)
        except WarifuError as error:
            raise Unavailable("the key that signs now is not on this machine", detail=str(error)) from error

    def published(self, connection: Connection, now: datetime) -> Sequence[bytes]:
        """Announced, in use, and over as long as something that they signed may be good."""
        return [key.public_key_info for key in key_store.read_schedule(connection).published(now, self._kept)]

    def trusted(self, connection: Connection) -> Sequence[bytes]:
        """Every key but the withdrawn ones."""
        return [key.public_key_info for key in key_store.read_schedule(connection).trusted()]

    def look_ahead(self, engine: Engine, now: datetime) -> None:
        """Say in the log, while there is time, which announced key this machine lacks."""
        with reading(engine) as connection:
            schedule = key_store.read_schedule(connection)
        for key, state, _ in schedule.states(now, self._kept):
            if state not in (KeyState.ANNOUNCED, KeyState.IN_USE):
                continue
            try:
                self._room.open(key)
            except WarifuError as error:
                _log.warning("key %s is %s and not on this machine: %s", key.kid, state.value, error)


def enter_first(connection: Connection, named: IdTokenSigner, place: str, now: datetime, ahead: timedelta) -> None:
    """Enter the key that the settings name: the very first is used at once, a new one after it was announced."""
    schedule, kid = key_store.read_schedule(connection), str(named.jwk["kid"])
    if schedule.find(kid) is not None:
        return
    try:
        schedule.in_use(now)
    except Unavailable:
        ahead = timedelta(0)
    announce(connection, named, place, now, ahead)


def announce(connection: Connection, signer: IdTokenSigner, place: str, now: datetime, ahead: timedelta) -> SigningKey:
    """Publish a key from now on, and use it after this while.

    Raises:
        NotAllowed: it is there already, or another is announced for later.
    """
    now = now.replace(microsecond=0)
    key = SigningKey(str(signer.jwk["kid"]), signer.public_key_info, now, now + ahead, place=place)
    key_store.read_schedule(connection).check_may_announce(key)
    key_store.add_key(connection, key)
    return key


def retire(engine: Engine, kid: str, now: datetime) -> KeySchedule:
    """Take a key out at once; the schedule afterwards.

    Raises:
        NotFound, NotAllowed: as `KeySchedule.withdraw`.
    """
    with writing(engine) as connection:
        for key in key_store.read_schedule(connection).withdraw(kid, now.replace(microsecond=0)):
            key_store.save_key(connection, key)
        return key_store.read_schedule(connection)
