"""``warifu client record`` and ``replay``: what another provider does otherwise than ours."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from warifu.cli.commands import Command, argument, option
from warifu.cli.inputs import read_input
from warifu.cli.outputs import put_new
from warifu.cli.results import json_option, show, show_table
from warifu.cli.texts import Text, tell, words
from warifu.cli.town_choice import directory_option, town_directory
from warifu.errors import Unavailable
from warifu.wire.clock import SystemClock, SystemEntropy

if TYPE_CHECKING:
    from warifu.services import Difference, RelyingParty
    from warifu.town.running import Running

__all__ = ["record", "replay"]

_LARGEST = 64 * 1024 * 1024
_RECORDED = Text(
    "{count}件のやりとりを {file} に書きました。秘密と個人の情報は除いてあります。人に渡す前に読んでください",
    "exchanges written to {file}: {count}, without secrets and people; read it before you give it away",
)
_SAME, _OTHERWISE = Text("違いはありません", "no differences"), Text("{count}か所が違います", "{count} differences")
_UP_FIRST = Text("warifu town up --detach で町を動かせます", "'warifu town up --detach' starts one")
_HEADINGS = (
    Text("番号", "no."),
    Text("リクエスト", "request"),
    Text("場所", "where"),
    Text("記録", "recorded"),
    Text("こちら", "ours"),
)


@click.command(
    "record",
    cls=Command,
    help=Text(
        "ブラウザーなどが保存したHARファイルから、あるプロバイダーとのやりとりを取り出す。秘密と個人の情報は除く。",
        "Take the exchange with a provider out of HAR files that a browser or a proxy saved; secrets and people are "
        "left out.",
    ),
)
@argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option("--issuer", required=True, help=Text("プロバイダーの発行者。", "The provider's issuer."))
@option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help=Text("書き出すファイル（JSON）。", "The file to write (JSON)."),
)
def record(files: tuple[Path, ...], issuer: str, out: Path) -> None:
    """Several files are one exchange: the browser's, then the server's."""
    from warifu import services

    entries = [entry for file in files for entry in services.read_har(read_input(file, _LARGEST))]
    made = services.record(entries, issuer)
    put_new(out, made.encode())
    tell(_RECORDED, count=len(made.steps), file=out)


@click.command(
    "replay",
    cls=Command,
    help=Text(
        "記録したやりとりを町のサンドボックス（または別のプロバイダー）に送り、答えの違いを見る。",
        "Send a recorded exchange to the town's sandbox, or to another provider, and see what is answered otherwise.",
    ),
)
@argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option("--issuer", help=Text("送り先の発行者（既定は動いている町）。", "To whom; the town that runs by default."))
@option(
    "--client-id",
    help=Text("クライアントID（既定は町の開発用）。", "The client id; the town's trial client by default."),
)
@option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=Text("秘密鍵のファイル。", "A file with the private key."),
)
@option("--redirect-uri", help=Text("リダイレクトURI。", "A redirect URI as registered."))
@option("--persona", default="ordinary", show_default=True, help=Text("ログインする人物。", "Who logs in."))
@directory_option
@json_option
def replay(
    file: Path,
    issuer: str | None,
    client_id: str | None,
    key: Path | None,
    redirect_uri: str | None,
    persona: str,
    directory: Path | None,
    as_json: bool,
) -> None:
    """Exit code 1 where something is different."""
    from warifu import services
    from warifu.wire.exchange_replay import Replay, metadata_of

    recorded = services.Recording.decode(read_input(file, _LARGEST))
    town = None if issuer and client_id and key and redirect_uri else _running(directory)
    where = issuer or _told(town, "sandbox_issuer")
    party = _party(town, client_id, key, redirect_uri)
    ours = Replay(metadata_of(where), party, SystemClock(), SystemEntropy(), persona).run(recorded)
    found = list(services.compare(recorded, ours))
    result = [
        {"number": one.number, "step": one.step, "where": one.where, "recorded": one.theirs, "ours": one.ours}
        for one in found
    ]
    show(result, as_json, lambda: _present(found))
    if not found:
        tell(_SAME)
        return
    tell(_OTHERWISE, count=len(found))
    click.get_current_context().exit(1)


def _party(town: "Running | None", client_id: str | None, key: Path | None, redirect_uri: str | None) -> "RelyingParty":
    from warifu.services import ClientKey, RelyingParty

    key_file = key or Path(_told(town, "private_key"))
    loaded = ClientKey.load(read_input(key_file, _LARGEST))
    return RelyingParty(client_id or _told(town, "client_id"), redirect_uri or _told(town, "redirect_uri"), loaded)


def _told(town: "Running | None", name: str) -> str:
    assert town is not None
    return str(town.told[name])


def _running(directory: Path | None) -> "Running":
    from warifu.town.ground import Ground
    from warifu.town.running import find_running

    found = find_running(Ground(town_directory(directory)))
    if found is None:
        error = Unavailable("the town is not up")
        error.add_note(_UP_FIRST)
        raise error
    return found


def _present(found: "list[Difference]") -> None:
    rows = [(str(one.number), one.step, one.where, one.theirs, one.ours) for one in found]
    if rows:
        show_table([words(heading) for heading in _HEADINGS], rows)
