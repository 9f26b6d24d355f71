"""The relying parties that the town's provider knows: the demonstration shop, one to try with, and those people add.

What people add is kept outside the town itself, in ``<directory>/clients/NAME.json``, and survives starting over.
"""

from collections.abc import Iterator
from pathlib import Path

from warifu.idp import Client
from warifu.pki import KeySigner
from warifu.services import ClientKey
from warifu.town.addresses import Addresses
from warifu.wire.client_files import read_clients
from warifu.wire.key_files import read_key, write_key

__all__ = [
    "SHOP",
    "TRIAL",
    "TRIAL_REDIRECT_URIS",
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
    yield from read_clients(added)


def _client_key(path: Path) -> ClientKey:
    return ClientKey.load(read_key(path).private_bytes())
