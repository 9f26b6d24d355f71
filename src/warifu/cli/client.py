"""``warifu client``: the chores of whoever builds a service on a login provider: keys, assertions, tokens."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.client_exchange import record, replay
from warifu.cli.client_settings import move, settings
from warifu.cli.commands import Group, argument, option
from warifu.cli.findings_shown import present_findings
from warifu.cli.inputs import read_input
from warifu.cli.outputs import put_new
from warifu.cli.results import json_option, show
from warifu.cli.texts import Text, tell, words
from warifu.errors import Malformed, NotAllowed, Unavailable
from warifu.wire.clock import SystemClock, SystemEntropy

if TYPE_CHECKING:
    from warifu.services import ClientKey, Finding, UnverifiedToken

__all__ = ["client"]

_LARGEST = 1024 * 1024
_MADE = Text(
    "秘密鍵 {key}、公開鍵 {jwks}（これを登録します）", "private key {key}, public keys {jwks} (register these)"
)
_ENCRYPTED = Text("（暗号化されているので読めません）", "(encrypted: not readable without the recipient's key)")
_UNVERIFIED = Text(
    "署名は検証していません。--jwks で検証できます", "the signature was not verified; --jwks verifies it"
)
_VERIFIED = Text("署名は鍵 {kid} によるものです", "the signature is by the key {kid}")
_ENDED = Text("（期限切れ）", "(over)")
_WHICH_ISSUER = Text(
    "発行者（issuer）のアドレスと、プロバイダーが動いているかを確かめてください。"
    "町では http://localhost:8700/api/realms/main です",
    "look at the issuer's address, and whether the provider is up; a town's is http://localhost:8700/api/realms/main",
)
_SICK = Text(
    "ログインできない原因があります（上の「問題あり」）", "something keeps this client out: see the ill ones above"
)


@click.group(
    cls=Group,
    help=Text(
        "ログインを組み込むサービスの開発者のための道具: 鍵、アサーション、トークン、診断。",
        "For whoever adds a login to a service: keys, assertions, tokens, what is wrong.",
    ),
)
def client() -> None:
    """The group."""


_key_option = option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help=Text("秘密鍵のファイル（PEM、DER、JWK）。", "A file with the private key (PEM, DER or JWK)."),
)
_client_id_option = option("--client-id", required=True, help=Text("クライアントID。", "The client id."))


@client.command(
    "new",
    help=Text(
        "クライアントの鍵をつくる。NAME.key.pem（秘密鍵）と NAME.jwks.json（登録する公開鍵）を書きます。",
        "Make a client's key: NAME.key.pem (private) and NAME.jwks.json (public, to be registered).",
    ),
)
@argument("name")
@option(
    "--algorithm",
    type=click.Choice(["ES256", "RS256"]),
    default="ES256",
    show_default=True,
    help=Text("署名の方式。", "How it signs."),
)
@option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help=Text("書き込むフォルダー。", "The folder to write to, instead of this one."),
)
@json_option
def new(name: str, algorithm: str, into: Path, as_json: bool) -> None:
    """Both files, or neither where one is there already."""
    from warifu.messages import json as messages_json
    from warifu.services import ClientKey
    from warifu.wire.client_files import check_client_name

    check_client_name(name)
    key_file, jwks_file = into / f"{name}.key.pem", into / f"{name}.jwks.json"
    for file in (key_file, jwks_file):
        if file.exists():
            raise NotAllowed(f"{file} is there already")
    key = ClientKey.generate(algorithm)
    put_new(key_file, key.private_pem())
    put_new(jwks_file, messages_json.dump(key.public_jwks()) + b"\n")
    result = {"key": str(key_file), "jwks": str(jwks_file), "kid": key.kid, "algorithm": key.algorithm}
    show(result, as_json, lambda: click.echo(words(_MADE, key=key_file, jwks=jwks_file)))


@client.command("jwks", help=Text("秘密鍵から公開鍵のJWK Setを出力する。", "Print the JWK Set of a private key."))
@argument("key", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option(
    "--private",
    is_flag=True,
    help=Text("秘密鍵をJWKで出力する（取り扱い注意）。", "Print the private key as a JWK instead: keep it secret."),
)
def jwks(key: Path, private: bool) -> None:
    """To stdout, always JSON."""
    read = _key(key)
    show(read.private_jwk() if private else read.public_jwks(), True, lambda: None)


@client.command(
    "assertion",
    help=Text(
        "トークンエンドポイントで使うクライアントアサーション（private_key_jwt、1分有効）をつくる。",
        "Make a client assertion for the token endpoint (private_key_jwt), good for a minute.",
    ),
)
@_key_option
@_client_id_option
@option("--audience", required=True, help=Text("トークンエンドポイントのURL。", "The token endpoint's URL."))
def assertion(key: Path, client_id: str, audience: str) -> None:
    """To stdout."""
    click.echo(_key(key).assertion(client_id, audience, SystemClock().now(), SystemEntropy()))


@client.command(
    "decode",
    help=Text(
        "JWTを開いて見る。標準入力からも読めます。貼り付けたトークンはどこにも送りません。",
        "Look into a JWT; '-' reads it from stdin. Nothing is sent anywhere.",
    ),
)
@argument("text", metavar="TOKEN")
@option(
    "--jwks",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=Text("署名を検証する公開鍵（JWK Set）。", "Verify the signature with these keys (JWK Set)."),
)
@json_option
def decode(text: str, jwks: Path | None, as_json: bool) -> None:
    """Header, claims, times as people read them, and by which key it is if keys were given."""
    from warifu import services

    if text == "-":
        text = sys.stdin.read(_LARGEST)
    read = services.read_token(text)
    keys = None if jwks is None else services.read_object(read_input(jwks, _LARGEST), "the JWK Set")
    kid = None if keys is None else services.check_token(text, keys)
    result = {
        "kind": read.kind,
        "header": read.header,
        "claims": read.claims,
        "times": {name: at.isoformat() for name, at in read.times().items()},
        "verified_by": kid,
    }
    show(result, as_json, lambda: _present(read, kid))


@client.command(
    "doctor",
    help=Text(
        "クライアントとプロバイダーの間に問題がないか調べる。だれもログインさせません。",
        "See what is wrong between a client and its provider. Nobody is logged in.",
    ),
)
@argument("issuer")
@_client_id_option
@_key_option
@option("--redirect-uri", required=True, help=Text("登録したリダイレクトURI。", "A redirect URI as registered."))
@json_option
def doctor(issuer: str, client_id: str, key: Path, redirect_uri: str, as_json: bool) -> None:
    """Exit code 1 where something is ill."""
    from warifu.services import Health, RelyingParty
    from warifu.wire.client_doctor import examine_client

    party = RelyingParty(client_id, redirect_uri, _key(key))
    try:
        found = [_permissions(key), *examine_client(issuer.rstrip("/"), party, SystemClock(), SystemEntropy())]
    except (Malformed, Unavailable) as error:
        error.add_note(_WHICH_ISSUER)
        raise
    result = [{"name": one.name, "health": one.health.value, "saw": one.saw, "rule": one.rule} for one in found]
    show(result, as_json, lambda: present_findings(found))
    if any(one.health is Health.ILL for one in found):
        tell(_SICK)
        click.get_current_context().exit(1)


def _permissions(key: Path) -> "Finding":
    """Whether others on this machine can read the private key."""
    from warifu.services import Finding, Health

    mode = key.stat().st_mode & 0o777
    others = os.name == "posix" and mode & 0o077
    health = Health.DOUBTFUL if others else Health.WELL
    return Finding("key file", health, f"{mode:03o}", "RFC 7523 §7: whoever has the key is the client")


def _present(read: "UnverifiedToken", kid: str | None) -> None:
    import json

    def pretty(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, indent=2)

    click.echo(pretty(read.header))
    click.echo(words(_ENCRYPTED) if read.claims is None else pretty(read.claims))
    now = datetime.now(UTC)
    for name, at in read.times().items():
        ended = words(_ENDED) if name == "exp" and at <= now else ""
        click.echo(f"{name}: {at.isoformat()} {ended}".rstrip())
    if kid is None:
        tell(_UNVERIFIED)
    else:
        tell(_VERIFIED, kid=kid)


def _key(path: Path) -> "ClientKey":
    from warifu.services import ClientKey

    return ClientKey.load(read_input(path, _LARGEST))


for _command in (settings, move, record, replay):
    client.add_command(_command)
