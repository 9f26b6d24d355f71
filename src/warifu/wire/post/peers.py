"""Parties that we exchange letters with: where each is, and by which keys we know it.

Wire: one file a party in a folder, ``NAME.json`` with exactly ``address`` (where it takes letters; may be empty for one
that only sends) and ``keys`` (a list of P-256 public keys, base64 of DER SubjectPublicKeyInfo). Two keys stand side by
side while one takes the other's place.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from warifu.errors import Malformed, Unavailable
from warifu.messages import json
from warifu.pki import KeySigner
from warifu.wire.key_files import read_key, write_key
from warifu.wire.post.letter import PARTY_NAME

_MEMBERS: dict[str, type | tuple[type, ...]] = {"address": str, "keys": list}


@dataclass(frozen=True, slots=True)
class Peer:
    """Another party: its name, where it takes letters, and its keys (DER SubjectPublicKeyInfo, P-256).

    Raises:
        Malformed: no name of a party, or no such key.
    """

    name: str
    address: str
    keys: tuple[bytes, ...] = field(repr=False)

    def __post_init__(self) -> None:
        if not PARTY_NAME.fullmatch(self.name):
            raise Malformed("a party's name has up to 32 small letters, digits and hyphens")
        if not self.keys:
            raise Malformed("a party has at least one key")
        for key in self.keys:
            read_public_key(key)


def read_public_key(public_key_info: bytes) -> ec.EllipticCurvePublicKey:
    """A P-256 public key.

    Raises:
        Malformed: something else.
    """
    try:
        key = load_der_public_key(public_key_info)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Malformed("not a public key") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Malformed("letters are signed with P-256 keys")
    return key


def read_peers(folder: Path) -> dict[str, Peer]:
    """The parties of a folder, by name; none if there is no folder.

    Raises:
        Malformed: a file is not what it must be; the message names it.
    """
    return {path.stem: _read(path) for path in sorted(folder.glob("*.json"))}


def write_peer(folder: Path, name: str, address: str, keys: Sequence[bytes]) -> Peer:
    """Keep a party; what was kept under its name is replaced."""
    peer = Peer(name, address, tuple(keys))
    folder.mkdir(mode=0o700, exist_ok=True, parents=True)
    successor = folder / f"{name}.new"
    successor.write_bytes(json.dump({"address": address, "keys": [json.to_base64(key) for key in keys]}))
    successor.replace(folder / f"{name}.json")
    return peer


def open_post_key(path: Path) -> KeySigner:
    """The key with which a party signs its letters, P-256; made when the file does not exist.

    Raises:
        Malformed: another kind of file or key.
        Unavailable: it cannot be read or written.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with suppress(FileExistsError):  # another process was faster: its key counts
                write_key(path, KeySigner.generate("ES256"))
    except OSError as error:
        raise Unavailable(f"cannot write the key file {path}", detail=str(error)) from error
    signer = read_key(path)
    read_public_key(signer.public_key_info)
    return signer


def _read(path: Path) -> Peer:
    try:
        members = json.load(path.read_bytes(), _MEMBERS)
        if not all(isinstance(key, str) for key in members["keys"]):
            raise Malformed("keys are texts")
        return Peer(path.stem, members["address"], tuple(json.from_base64(key) for key in members["keys"]))
    except Malformed as error:
        raise Malformed(f"{path}: {error}") from error
