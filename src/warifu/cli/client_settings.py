"""``warifu client settings`` and ``move``: one file that takes a client from the town to the official environments."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.commands import Command, argument, option
from warifu.cli.findings_shown import present_findings
from warifu.cli.inputs import read_input
from warifu.cli.outputs import put_out
from warifu.cli.results import json_option, show, show_table
from warifu.cli.texts import Text, tell, words

if TYPE_CHECKING:
    from warifu.services import ClientSettings, Finding

__all__ = ["move", "settings"]

_LARGEST = 1024 * 1024
_HEADINGS = (
    Text("環境", "environment"),
    Text("発行者", "issuer"),
    Text("クライアントID", "client id"),
    Text("リダイレクトURI", "redirect URI"),
)
_IN_USE, _YET = Text("（使用中）", " (in use)"), Text("（未記入）", "(not filled in)")
_FOUND = Text(
    "{file}: {environment} のアドレス {address} が書かれています",
    "{file} has an address of {environment} in it: {address}",
)
_MOVED = Text(
    "{file} の環境を {environment} にしました。ほかに変えるところはありません",
    "{file} is for {environment} now; nothing else has to change",
)
_NOT_MOVED = Text("変えていません。上の「問題あり」を直してください", "nothing was changed: mend what is ill above")

_file = argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.command(
    "settings",
    cls=Command,
    help=Text(
        "クライアントの設定ファイル（login.json）を見る: 環境ごとの発行者とエンドポイント。",
        "Show a client's settings file (login.json): issuer and endpoints of each environment.",
    ),
)
@_file
@option("--environment", help=Text("一つの環境だけを詳しく表示する。", "Show one environment with all its endpoints."))
@json_option
def settings(file: Path, environment: str | None, as_json: bool) -> None:
    """Every environment, or one in full."""
    read = _read(file)
    names = list(read.environments) if environment is None else [environment]
    told = {name: read.find(name).members for name in names}
    result: dict[str, Any] = {"environment": read.environment, "scope": read.scope, "environments": told}
    show(result, as_json, lambda: _present(read, names))


@click.command(
    "move",
    cls=Command,
    help=Text(
        "設定ファイルを別の環境（warifu、sandbox、test、production）に切りかえる。切りかえるだけで済むか先に調べる。",
        "Move a client's settings file to another environment (warifu, sandbox, test, production), after a look at "
        "whether nothing else has to change.",
    ),
)
@_file
@argument("environment")
@option("--client-id", help=Text("その環境でのクライアントID。", "The client id there."))
@option("--redirect-uri", help=Text("その環境でのリダイレクトURI。", "The redirect URI there."))
@option("--private-key", help=Text("その環境での秘密鍵のファイル。", "The file of the private key there."))
@option(
    "--source",
    "sources",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help=Text(
        "プログラムのフォルダー。環境のアドレスが直接書かれていないか探す（繰り返し可）。",
        "A folder of the program: no environment's address may stand in it (may be repeated).",
    ),
)
@option("--check", "only", is_flag=True, help=Text("調べるだけで書きかえない。", "Only look; write nothing."))
@json_option
def move(
    file: Path,
    environment: str,
    client_id: str | None,
    redirect_uri: str | None,
    private_key: str | None,
    sources: tuple[Path, ...],
    only: bool,
    as_json: bool,
) -> None:
    """Exit code 1, and nothing written, where something is ill."""
    from warifu.services import Health

    read = _read(file)
    given = {"client_id": client_id, "redirect_uri": redirect_uri, "private_key": private_key}
    changes = {name: value for name, value in given.items() if value is not None}
    there = replace(read.find(environment), **changes)
    moved = replace(read, environments={**read.environments, environment: there}).moved(environment)
    found = [*_findings(moved, file), *(_source_finding(read, source) for source in sources)]
    result = [{"name": one.name, "health": one.health.value, "saw": one.saw, "rule": one.rule} for one in found]
    show(result, as_json, lambda: present_findings(found))
    if any(one.health is Health.ILL for one in found):
        tell(_NOT_MOVED)
        click.get_current_context().exit(1)
    if not only:
        put_out(file, moved.encode())
        tell(_MOVED, file=file, environment=environment)


def _read(file: Path) -> "ClientSettings":
    from warifu.services import ClientSettings

    return ClientSettings.decode(read_input(file, _LARGEST))


def _findings(moved: "ClientSettings", file: Path) -> "list[Finding]":
    from warifu.services import ClientKey, Finding, Health

    key_file = file.parent / moved.key_file
    try:
        key = ClientKey.load(key_file.read_bytes())
    except OSError:
        return [Finding("private key", Health.ILL, f"{key_file} is not there", "RFC 7523 §3")]
    return list(moved.findings(key))


def _source_finding(read: "ClientSettings", source: Path) -> "Finding":
    """Whether the program itself knows where it is."""
    from warifu.services import Finding, Health
    from warifu.wire.source_scan import find_addresses

    addresses = {
        address: name
        for name, each in read.environments.items()
        for address in (each.issuer, each.issuer.partition("/api/")[0])
    }
    found = find_addresses(source, list(addresses))
    rule = "one settings file, and nothing else, knows where the provider is"
    if not found:
        return Finding(f"source {source}", Health.WELL, "–", rule)
    for place, address in found:
        tell(_FOUND, file=place, environment=addresses[address], address=address)
    return Finding(f"source {source}", Health.ILL, f"{len(found)}: {found[0][0]}", rule)


def _present(read: "ClientSettings", names: list[str]) -> None:
    if len(names) == 1:
        for name, value in read.find(names[0]).members.items():
            click.echo(f"{name}: {value or words(_YET)}")
        return
    rows = []
    for name in names:
        each = read.find(name)
        title = name + (words(_IN_USE) if name == read.environment else "")
        rows.append((title, each.issuer, each.client_id or words(_YET), each.redirect_uri or words(_YET)))
    show_table([words(heading) for heading in _HEADINGS], rows)
