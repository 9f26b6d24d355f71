"""``warifu town client``: a client of one's own in the town, with keys and settings made for it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.inputs import read_input
from warifu.cli.outputs import put_new
from warifu.cli.results import show
from warifu.cli.texts import Text, tell
from warifu.errors import NotAllowed
from warifu.services import ClientKey, read_object
from warifu.town.console import settings_of, take_up
from warifu.wire.client_files import add_client, check_client_name

if TYPE_CHECKING:
    from warifu.town.town import Town

__all__ = ["Wishes", "register"]

_LARGEST = 1024 * 1024
_REGISTERED = Text("クライアント{id}を登録しました", "client {id} is registered")
_AT_ONCE = Text("動いている町で、もう使えます", "the town that runs knows it already")
_AT_NEXT_START = Text("次に町を動かすときから使えます", "it can be used once the town is started again")
_MADE = Text("秘密鍵 {key}、設定 {settings}", "private key {key}, settings {settings}")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a registration may ask for besides; None leaves it as it was."""

    phishing_resistant: bool | None = None
    backchannel_logout_uri: str | None = None


def register(
    town: "Town", name: str, redirect_uris: Sequence[str], jwks: Path | None, wishes: Wishes, as_json: bool
) -> None:
    """Register it, print its id; without a JWK Set also make a key and write ``NAME.key.pem`` and ``login.json``.

    Raises:
        NotAllowed: there is a file of that name already.
        Malformed: as `warifu.wire.client_files.add_client`.
    """
    check_client_name(name)
    folder, asked = town.ground.clients, asdict(wishes)
    made: dict[str, Any] = {}
    if jwks is None:
        key, key_file, settings = ClientKey.generate(), Path(f"{name}.key.pem"), Path("login.json")
        if key_file.exists():
            raise NotAllowed(f"{key_file} is there already: give --jwks to keep using it")
        if settings.exists():
            raise NotAllowed(f"{settings} is there already, of another client: go to a folder of its own")
        added = add_client(folder, name, redirect_uris, key.public_jwks(), **asked)
        put_new(key_file, key.private_pem())
        put_new(settings, settings_of(added, town).encode())
        made = {"private_key": str(key_file), "settings": str(settings)}
    else:
        keys = {"keys": read_object(read_input(jwks, _LARGEST), "the JWK Set").get("keys")}
        added = add_client(folder, name, redirect_uris, keys, **asked)
    result = {"client_id": added.id, "issuer": town.issuer, "redirect_uris": list(added.redirect_uris), **made}
    show(result, as_json, lambda: click.echo(added.id))
    tell(_REGISTERED, id=added.id)
    tell(_AT_ONCE if take_up(town) else _AT_NEXT_START)
    if made:
        tell(_MADE, key=made["private_key"], settings=made["settings"])
