"""Relying parties as files: one JSON object in each file of a folder.

Wire: ``NAME.json`` with exactly ``id``, ``name``, ``redirect_uris`` (list), ``jwks`` (a JWK Set, RFC 7517 §5, public
keys) and ``scopes`` (list); and, if the client may have things signed (scope ``sign``), ``operator_jwks``: the public
keys of the platform operator who opens the results; ``phishing_resistant``, if it is true, makes all its logins strong;
``sector``, the name that clients have in common which are to know a person under one subject (`warifu.idp.sector`), and
``sector_before``, where a client leaves another one for it; ``post_logout_redirect_uris`` (list), where browsers may go
after logging out, and ``backchannel_logout_uri``, where the client's server is told that a session is over. A client
whose ``active`` is false stays known and may do nothing.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from warifu.errors import Malformed
from warifu.idp import DA_COMPAT, Client, check_keys, check_operator_keys, check_sector
from warifu.messages import json

__all__ = ["add_client", "check_client_name", "read_clients"]

_FIRST = 100
"""The number in the first id that is given here; those below are for whoever runs the provider."""
_MEMBERS: dict[str, type | tuple[type, ...]] = {
    "id": str,
    "name": str,
    "redirect_uris": list,
    "jwks": dict,
    "scopes": list,
}
_OPTIONAL: dict[str, type | tuple[type, ...]] = {
    "operator_jwks": dict,
    "phishing_resistant": bool,
    "sector": str,
    "sector_before": str,
    "post_logout_redirect_uris": list,
    "backchannel_logout_uri": str,
    "active": bool,
}


def read_clients(folder: Path) -> Iterator[Client]:
    """The clients of a folder, by file name; none if there is no folder.

    Raises:
        Malformed: one is not what it must be, or has the id of another; the message names the file.
        OSError: the folder or a file cannot be read.
    """
    files: dict[str, Path] = {}
    for path in sorted(folder.iterdir()) if folder.exists() else ():
        if path.suffix == ".json":
            client = _read(path)
            if client.id in files:
                raise Malformed(f"{path}: the client id {client.id} is that of {files[client.id].name}")
            files[client.id] = path
            yield client


def add_client(
    folder: Path,
    name: str,
    redirect_uris: Sequence[str],
    jwks: Mapping[str, Any],
    *,
    phishing_resistant: bool | None = None,
    backchannel_logout_uri: str | None = None,
) -> Client:
    """Keep a client; one of the same name keeps its id, and what is None here, and takes the new values.

    Raises:
        Malformed: a name, redirect URI or key set that breaks the rules, or no key that could ever be used.
    """
    check_client_name(name)
    path = folder / f"{name}.json"
    known = _read(path) if path.exists() else None
    client = Client(_next_id(folder) if known is None else known.id, name, tuple(redirect_uris), jwks)
    if known is not None:
        names = (name for name in _OPTIONAL if name != "operator_jwks")
        kept = {name: getattr(known, name) for name in names}
        client = replace(client, **kept)
    if known is not None and known.operator_jwks is not None:
        client = replace(client, scopes=known.scopes, operator_jwks=known.operator_jwks)
    if phishing_resistant is not None:
        client = replace(client, phishing_resistant=phishing_resistant)
    if backchannel_logout_uri is not None:
        client = replace(client, backchannel_logout_uri=backchannel_logout_uri)
    check_keys(client.jwks)
    folder.mkdir(mode=0o700, exist_ok=True, parents=True)
    successor = path.with_suffix(".new")
    usual = {each.name: each.default for each in fields(Client)}
    written = (*_MEMBERS, *(name for name in _OPTIONAL if getattr(client, name) != usual[name]))
    successor.write_bytes(json.dump({member: getattr(client, member) for member in written}))
    successor.replace(path)
    return client


def check_client_name(name: str) -> None:
    """Check that a name can be a file's.

    Raises:
        Malformed: it has something else than letters, digits, - and _.
    """
    if not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
        raise Malformed("a client's name has letters, digits, - and _ only")


def _next_id(folder: Path) -> str:
    taken = {_read(path).id for path in folder.glob("*.json")}
    numbers = (f"RP{number:08d}" for number in range(_FIRST, 10**8))
    return next(number for number in numbers if number not in taken)


def _read(path: Path) -> Client:
    try:
        return _decode(path.read_bytes())
    except Malformed as error:
        raise Malformed(f"{path}: {error}") from error


def _decode(data: bytes) -> Client:
    told = json.parse(data)
    if isinstance(told, dict):
        _check_names(told.keys())
    members = json.check(told, _MEMBERS, optional=_OPTIONAL)
    lists = [name for name in ("redirect_uris", "scopes", "post_logout_redirect_uris") if name in members]
    if not all(isinstance(item, str) for name in lists for item in members[name]):
        raise Malformed("redirect URIs and scopes are texts")
    if unknown := set(members["scopes"]) - set(DA_COMPAT.offered_scopes):
        raise Malformed(f"no such scope: {', '.join(sorted(unknown))}")
    if "sector" in members:
        check_sector(members["sector"])
    if "operator_jwks" in members:
        check_operator_keys(members["operator_jwks"], DA_COMPAT)
    client = Client(**members | {name: tuple(members[name]) for name in lists})
    check_keys(client.jwks)
    return client


def _check_names(told: Set[str]) -> None:
    """Say which member it is: the file is theirs who read it."""
    if unknown := told - _MEMBERS.keys() - _OPTIONAL.keys():
        raise Malformed(f"unknown member {', '.join(sorted(unknown))}")
    if missing := _MEMBERS.keys() - told:
        raise Malformed(f"member {', '.join(sorted(missing))} is missing")
