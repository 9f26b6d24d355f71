"""The town's platform operator: opens what the signing API gave the town's clients, and says who signed.

::

    <town>/platform/results.key        opens results; the provider encrypts for its public half
    <town>/platform/secret             what the identifiers of users are made with
    <town>/platform/users              who was met before
    <town>/platform/CLIENT.token       the bearer token of each client, made when it is registered
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from warifu.errors import TokenUnknown
from warifu.idp import SIGN_SCOPE, Client
from warifu.pki import CertificateKind
from warifu.ports import Clock, Entropy
from warifu.town.addresses import Addresses
from warifu.verifier import Anchors
from warifu.wire.answers import application
from warifu.wire.authority import Authorities, OcspClient
from warifu.wire.key_files import write_private
from warifu.wire.serving import Application
from warifu.wire.verification import KnownUsers, Platform, open_operator_key, platform_routes, tokens_of

__all__ = ["open_platform", "operator_token", "with_signing"]

_BYTES = 32


def with_signing(clients: Iterable[Client], folder: Path, entropy: Entropy) -> Iterator[Client]:
    """The town's clients, who may all have things signed: the town's operator has a contract, and a token, for each."""
    jwks = operator_jwks(folder)
    for client in clients:
        operator_token(folder, client.id, entropy)
        scopes = tuple(dict.fromkeys((*client.scopes, SIGN_SCOPE)))
        yield replace(client, scopes=scopes, operator_jwks=client.operator_jwks or jwks)


def operator_jwks(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """What results are encrypted for."""
    return open_operator_key(folder / "platform" / "results.key").public_jwks()


def operator_token(folder: Path, client_id: str, entropy: Entropy) -> str:
    """A client's token at the operator, made when it is first asked for."""
    token = base64.urlsafe_b64encode(entropy.bytes(_BYTES)).rstrip(b"=")
    return _kept(folder / "platform" / f"{client_id}.token", token).decode("ascii")


@contextmanager
def open_platform(
    folder: Path,
    authorities: Authorities,
    addresses: Addresses,
    clock: Clock,
    entropy: Entropy,
) -> Iterator[Application]:
    """The operator at work; it asks the town's own authorities only, and knows who has a token in its folder."""
    generations = authorities.generations(CertificateKind.SIGNING)
    service = addresses.services(CertificateKind.SIGNING).ocsp
    assert service is not None
    with OcspClient({each.generation: service for each in generations}, entropy) as questions:
        platform = Platform(
            (open_operator_key(folder / "platform" / "results.key"),),
            Anchors.load(each.issuer.certificate_der for each in generations),
            questions.fetch,
            _kept(folder / "platform" / "secret", entropy.bytes(_BYTES)),
            KnownUsers(folder / "platform"),
            clock,
        )
        yield application(platform_routes(platform, _service_providers(folder / "platform")))


def _service_providers(folder: Path) -> Callable[[str], str]:
    """Who asks, by their token: a client that was registered meanwhile has one, too."""
    tokens: dict[bytes, str] = {}
    known = tokens_of(tokens)

    def service_provider_of(token: str) -> str:
        with suppress(TokenUnknown):
            return known(token)
        tokens.update((hashlib.sha256(path.read_bytes()).digest(), path.stem) for path in folder.glob("*.token"))
        return known(token)

    return service_provider_of


def _kept(path: Path, made: bytes) -> bytes:
    """What stands in the file, which has `made` in it if there was none."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        write_private(path, made)
    return path.read_bytes()
