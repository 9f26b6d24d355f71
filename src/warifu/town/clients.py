"""The relying parties that the town's provider knows: the demonstration shop, one to try with, and those people add.

What people add is kept outside the town itself, in ``<directory>/clients/NAME.json``, and survives starting over.

Wire: a JSON object with ``id``, ``name``, ``redirect_uris`` (list), ``jwks`` (a JWK Set, RFC 7517 §5, public keys) and
``scopes`` (list).
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from warifu.errors import Malformed
from warifu.idp import Client
from warifu.messages import json
from warifu.pki import KeySigner
from warifu.services import ClientKey
from warifu.town.addresses import Addresses
from warifu.wire.key_files import read_key, write_key

__all__ = [
    "SHOP",
    "TRIAL",
    "TRIAL_REDIRECT_URIS",
    "add_client",
    "clients",
    "found_client_keys",
    "shop_key",
    "trial_key_file",
]

SHOP = "RP00000001"
"""The client id of the demonstration shop."""
TRIAL = "RP00000002"
"""The client id that a developer can use at once; its private key is in the town's folder."""
TRIAL_REDIRECT_URIS = tuple(
    f"http://{host}:{port}/callback" for host in ("localhost", "127.0.0.1") for port in (3000, 5000, 8000, 8080)
)

_FIRST_ADDED = 100
_MEMBERS: dict[str, type | tuple[type, ...]] = {
    "id": str,
    "name": str,
    "redirect_uris": list,
    "jwks": dict,
    "scopes": list,
}


def found_client_keys(folder: Path) -> None:
    """Make the keys of the shop and of the client to try with."""
    write_key(folder / "shop.key", KeySigner.generate("ES256"))
    write_key(trial_key_file(folder), KeySigner.generate("ES256"))


def shop_key(folder: Path) -> ClientKey:
    """The shop's key."""
    return _client_key(folder / "shop.key")


def trial_key_file(folder: Path) -> Path:
    """Where the private key of the client to try with is, PKCS#8 PEM."""
    return folder / "trial.key"


def clients(folder: Path, added: Path, addresses: Addresses) -> Iterator[Client]:
    """All clients of the town in `folder`, those that people added to the folder `added` last.

    Raises:
        Malformed: an added one is not what it must be; the message names the file.
    """
    shop = f"{addresses.relying_party}/callback"
    yield Client(SHOP, "割符商店（模擬）", (shop,), shop_key(folder).public_jwks())
    trial = _client_key(trial_key_file(folder))
    yield Client(TRIAL, "開発用クライアント（模擬）", TRIAL_REDIRECT_URIS, trial.public_jwks())
    for path in sorted(added.glob("*.json")):
        yield _read(path)


def add_client(added: Path, name: str, redirect_uris: Sequence[str], jwks: Mapping[str, Any]) -> Client:
    """Keep a client; one of the same name keeps its id and takes the new values.

    Raises:
        Malformed: a name, redirect URI or key set that breaks the rules.
    """
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        raise Malformed("a client's name has letters, digits, - and _ only")
    path = added / f"{name}.json"
    number = _read(path).id if path.exists() else _next_id(added)
    client = Client(number, name, tuple(redirect_uris), jwks)
    added.mkdir(mode=0o700, exist_ok=True, parents=True)
    successor = path.with_suffix(".new")
    successor.write_bytes(json.dump({member: getattr(client, member) for member in _MEMBERS}))
    successor.replace(path)
    return client


def _next_id(added: Path) -> str:
    taken = {_read(path).id for path in added.glob("*.json")}
    numbers = (f"RP{number:08d}" for number in range(_FIRST_ADDED, 10**8))
    return next(number for number in numbers if number not in taken)


def _client_key(path: Path) -> ClientKey:
    return ClientKey.load(read_key(path).private_bytes())


def _read(path: Path) -> Client:
    try:
        members = json.load(path.read_bytes(), _MEMBERS)
        texts = [*members["redirect_uris"], *members["scopes"]]
        if not all(isinstance(item, str) for item in texts):
            raise Malformed("redirect URIs and scopes are texts")
        members |= {name: tuple(members[name]) for name in ("redirect_uris", "scopes")}
        return Client(**members)
    except Malformed as error:
        raise Malformed(f"{path}: {error}") from error
