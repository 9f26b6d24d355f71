"""Who may have a verifier verify: callers, each with a token, and ids of signers that are one caller's own.

::

    <directory>/secret             32 bytes, from which each caller's secret is derived
    <directory>/lock               held while something changes
    <directory>/<SHA-256>.json     one token, by its digest: whose it is, what for, until when

A token is 32 bytes by chance, base64url (RFC 6750 §2.1); only its digest is kept. The ids of signers depend on the
caller's name, so a caller's next token knows the same ids, and no two callers can put theirs together (公的個人認証法
第63条).
"""

import base64
import contextlib
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock

from warifu.errors import AlreadyAnswered, Malformed, NotFound, TokenUnknown
from warifu.ports import Clock, Entropy
from warifu.wire.key_files import write_private

__all__ = ["SCOPES", "Caller", "Callers"]

SCOPES = ("documents", "evidence", "logins", "platform")
"""What a token can be for. Evidence carries certificates, serial numbers and all: not everybody may have those."""

_LENGTH = 32
_TAG = b"warifu caller 1\n\0"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of a token: whose it is, what for, since when and until when; never the token."""

    name: str
    scopes: tuple[str, ...]
    made_at: datetime
    until: datetime | None = None


class Callers:
    """The callers of a verifier, in a directory; several processes may use it."""

    def __init__(self, directory: Path, clock: Clock, entropy: Entropy) -> None:
        self._directory = directory
        self._clock = clock
        self._entropy = entropy
        self._secret = b""

    def __repr__(self) -> str:
        return "Callers()"

    def make(self, name: str, scopes: tuple[str, ...] = SCOPES, until: datetime | None = None) -> str:
        """Make a token for a caller; it is shown this once.

        Raises:
            Malformed: no name for a caller, or no scope.
            AlreadyAnswered: the caller has a token.
        """
        if not _NAME.match(name):
            raise Malformed("a caller's name has 1 to 64 of a-z, 0-9, dot, hyphen, underscore")
        if not scopes or not set(scopes) <= set(SCOPES):
            raise Malformed(f"scopes are {', '.join(SCOPES)}")
        token = base64.urlsafe_b64encode(self._entropy.bytes(_LENGTH)).decode().rstrip("=")
        told = {
            "name": name,
            "scopes": sorted(scopes),
            "made_at": int(self._clock.now().timestamp()),
            "until": None if until is None else int(until.timestamp()),
        }
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(self._directory / "lock"):
            if any(each.name == name for _, each in self._files()):
                raise AlreadyAnswered("there is a token of this name")
            write_private(self._path(token), json.dumps(told).encode())
        return token

    def withdraw(self, name: str) -> None:
        """Let a caller's token count no more.

        Raises:
            NotFound: the caller has none.
        """
        found = [path for path, each in self._files() if each.name == name]
        if not found:
            raise NotFound("there is no token of this name")
        for path in found:
            path.unlink(missing_ok=True)

    def all(self) -> list[Caller]:
        """Every caller, by name."""
        return sorted((each for _, each in self._files()), key=lambda each: each.name)

    def find(self, token: str) -> Caller:
        """Whose token this is.

        Raises:
            TokenUnknown: nobody's, or it was withdrawn or is over.
        """
        try:
            caller = _read(self._path(token))
        except FileNotFoundError:
            raise TokenUnknown from None
        if caller.until is not None and caller.until <= self._clock.now():
            raise TokenUnknown
        return caller

    def secret_of(self, caller: Caller) -> bytes:
        """The key of this caller's ids of signers."""
        if not self._secret:
            self._secret = self._read_secret()
        return hmac.digest(self._secret, _TAG + caller.name.encode(), "sha256")

    def _read_secret(self) -> bytes:
        path = self._directory / "secret"
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(self._directory / "lock"), contextlib.suppress(FileExistsError):
            write_private(path, self._entropy.bytes(_LENGTH))
        secret = path.read_bytes()
        if len(secret) != _LENGTH:
            raise Malformed(f"this is no key: {path}")
        return secret

    def _path(self, token: str) -> Path:
        # Found by its digest: how long that takes tells nothing about the token.
        return self._directory / f"{hashlib.sha256(token.encode()).hexdigest()}.json"

    def _files(self) -> list[tuple[Path, Caller]]:
        found = []
        for path in sorted(self._directory.glob("*.json")):
            with contextlib.suppress(FileNotFoundError):  # withdrawn just now
                found.append((path, _read(path)))
        return found


def _read(path: Path) -> Caller:
    try:
        told = json.loads(path.read_bytes())
        until = None if told["until"] is None else datetime.fromtimestamp(int(told["until"]), UTC)
        made_at = datetime.fromtimestamp(int(told["made_at"]), UTC)
        return Caller(str(told["name"]), tuple(map(str, told["scopes"])), made_at, until)
    except (ValueError, KeyError, TypeError) as error:
        raise Malformed(f"this is no caller's: {path}") from error
