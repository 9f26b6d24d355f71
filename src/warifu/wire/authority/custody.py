"""Private keys that no one person can use: encrypted under a secret of which two custodians hold one share each.

The secret is 32 random bytes; one share is random too, the other is their exclusive or, so a share alone tells nothing
about the secret, nor about the other share. Each share lies in a file of its own encrypted under its custodian's
passphrase (scrypt, AES-256-GCM). Whoever opens a key needs both passphrases, which means: both persons.

Wire: ``custodian-1.json`` and ``custodian-2.json`` with `version` 1, `name`, `salt`, `nonce` and `share` (base64);
a key file is the ASCII line ``warifu sealed key 1``, 12 bytes of nonce, and AES-256-GCM over PKCS#8 with the line as
associated data.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from warifu.errors import InUse, Malformed, NotAllowed, PassphraseRefused, Unavailable
from warifu.messages import json
from warifu.pki import KeySigner
from warifu.wire.clock import SystemEntropy
from warifu.wire.key_files import write_private

__all__ = ["Custodian", "Custody", "open_custody", "read_sealed_key", "set_up_custody", "write_sealed_key"]

SHORTEST_PASSPHRASE = 12
_LENGTH = 32
_NONCE = 12
_SALT = 16
_HEADING = b"warifu sealed key 1\n"
_MEMBERS: dict[str, type | tuple[type, ...]] = {
    "version": int,
    **dict.fromkeys(("name", "salt", "nonce", "share"), str),
}


@dataclass(frozen=True, slots=True)
class Custodian:
    """One of the two persons: a name for the record of the ceremony, and a passphrase."""

    name: str
    passphrase: str = field(repr=False)

    def __post_init__(self) -> None:
        """Check the passphrase's length, as far as that says anything.

        Raises:
            NotAllowed: shorter than 12 characters, or nobody's.
        """
        if not self.name.strip():
            raise NotAllowed("a custodian has a name")
        if len(self.passphrase) < SHORTEST_PASSPHRASE:
            raise NotAllowed(f"a custodian's passphrase has at least {SHORTEST_PASSPHRASE} characters")


@dataclass(frozen=True, slots=True)
class Custody:
    """The opened secret, and who opened it."""

    names: tuple[str, ...]
    secret: bytes = field(repr=False)


def set_up_custody(folder: Path, custodians: Sequence[Custodian]) -> Custody:
    """Make a secret and share it out between two persons.

    Raises:
        NotAllowed: not two persons, or one passphrase for both.
        InUse: a secret was shared out in this folder already.
    """
    _check_two(custodians)
    entropy = SystemEntropy()
    secret, first = entropy.bytes(_LENGTH), entropy.bytes(_LENGTH)
    shares = first, _xor(secret, first)
    for path in (_place(folder, 1), _place(folder, 2)):
        if path.exists():
            raise InUse(f"there is something at {path} already; nothing was written")
    for number, (custodian, share) in enumerate(zip(custodians, shares, strict=True), 1):
        salt, nonce = entropy.bytes(_SALT), entropy.bytes(_NONCE)
        kept = AESGCM(_derive(custodian.passphrase, salt)).encrypt(nonce, share, custodian.name.encode())
        members = {"salt": salt, "nonce": nonce, "share": kept}
        encoded = {name: json.to_base64(value) for name, value in members.items()}
        write_private(_place(folder, number), json.dump({"version": 1, "name": custodian.name, **encoded}))
    return Custody(tuple(each.name for each in custodians), secret)


def open_custody(folder: Path, passphrases: Sequence[str]) -> Custody:
    """Put the secret together again; each passphrase opens one share, in either order.

    Raises:
        PassphraseRefused: not two passphrases, or one of them opens neither share.
        Malformed, Unavailable: a custodian's file is not there, or something else.
    """
    kept = [_read(_place(folder, number)) for number in (1, 2)]
    if len(passphrases) != len(kept):
        raise PassphraseRefused("two persons open the keys, each with a passphrase")
    for order in (passphrases, passphrases[::-1]):
        try:
            shares = [each.open(passphrase) for each, passphrase in zip(kept, order, strict=True)]
        except InvalidTag:
            continue
        return Custody(tuple(each.name for each in kept), _xor(*shares))
    raise PassphraseRefused


def write_sealed_key(path: Path, custody: Custody, signer: KeySigner) -> None:
    """Write a private key that only both custodians together can open.

    Raises:
        FileExistsError: there is one already; it stays as it is.
    """
    nonce = SystemEntropy().bytes(_NONCE)
    sealed = AESGCM(custody.secret).encrypt(nonce, signer.private_bytes(), _HEADING)
    write_private(path, _HEADING + nonce + sealed)


def read_sealed_key(path: Path, custody: Custody) -> KeySigner:
    """Read a private key.

    Raises:
        Malformed: another file, or sealed under another secret.
        Unavailable: it cannot be read.
    """
    data = _bytes(path)
    if not data.startswith(_HEADING):
        raise Malformed(f"{path} holds no sealed key")
    nonce, sealed = data[len(_HEADING) :][:_NONCE], data[len(_HEADING) + _NONCE :]
    try:
        return KeySigner.load(AESGCM(custody.secret).decrypt(nonce, sealed, _HEADING))
    except (InvalidTag, ValueError):
        raise Malformed(f"{path} was sealed under another secret") from None


def _check_two(custodians: Sequence[Custodian]) -> None:
    if len(custodians) != 2 or len({each.name.strip() for each in custodians}) != 2:
        raise NotAllowed("two persons share the secret")
    if len({each.passphrase for each in custodians}) != 2:
        raise NotAllowed("each person has a passphrase of their own")


def _derive(passphrase: str, salt: bytes) -> bytes:
    """RFC 7914; 32 MB and about a tenth of a second for each guess."""
    return Scrypt(salt=salt, length=_LENGTH, n=2**15, r=8, p=1).derive(passphrase.encode())


@dataclass(frozen=True, slots=True)
class _Kept:
    """A share as it lies in its file."""

    name: str
    salt: bytes
    nonce: bytes
    share: bytes

    def open(self, passphrase: str) -> bytes:
        return AESGCM(_derive(passphrase, self.salt)).decrypt(self.nonce, self.share, self.name.encode())


def _read(path: Path) -> _Kept:
    try:
        members = json.load(_bytes(path), _MEMBERS)
        if members["version"] != 1:
            raise Malformed("another version")
        return _Kept(members["name"], *(json.from_base64(members[each]) for each in ("salt", "nonce", "share")))
    except Malformed as error:
        raise Malformed(f"{path} holds no custodian's share: {error}") from None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unavailable.because(f"cannot read {path}", error) from error


def _place(folder: Path, number: int) -> Path:
    return folder / f"custodian-{number}.json"


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
