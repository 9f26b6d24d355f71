"""``warifu extend``: signed documents made to last, without a card and without a password."""

from pathlib import Path

import click

from warifu.cli.commands import Command, argument, option
from warifu.cli.inputs import read_input
from warifu.cli.outputs import put_new
from warifu.cli.results import json_option, show
from warifu.cli.sign_levels import LEVELS, Lasting, level_options
from warifu.cli.texts import Text, words
from warifu.cli.town_choice import directory_option
from warifu.errors import NotAllowed

__all__ = ["extend"]

_LARGEST = 256 * 1024 * 1024
_WRITTEN = Text("{source} → {target} を書きました（{level}）", "{source} -> {target} ({level})")


@click.command(
    cls=Command,
    help=Text(
        "署名済みの文書（PDF、CMS、XML）を長く検証できるようにする。カードは要りません。ltaの文書にもう一度ltaを使うと、"
        "アーカイブタイムスタンプを更新します。前のタイムスタンプの証明書が切れる前に行ってください。",
        "Make a signed document (PDF, CMS, XML) last, without the card. Used again on a document at level lta, it "
        "renews the archive timestamp; do that before the certificate of the last one ends.",
    ),
)
@argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option(
    "--level",
    type=click.Choice(LEVELS[1:]),
    default="lta",
    show_default=True,
    help=Text(
        "t（タイムスタンプ）、lt（失効情報も文書に入れる）、lta（アーカイブタイムスタンプも）。",
        "t (a timestamp), lt (revocation data inside), lta (an archive timestamp over all).",
    ),
)
@level_options
@option(
    "--content",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=Text(
        "別ファイルの署名の、もとの文書。省くと署名と同じ場所の、.p7sなどを除いた名前のもの。",
        "The document that a detached signature is about; else the file beside it, without .p7s or the like.",
    ),
)
@option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help=Text("書き出すファイル。省くと名前にlevelを付けたもの。", "The file to write; else the name with the level."),
)
@option("--town", is_flag=True, help=Text("町のサービスを使う。", "Use the services of the town."))
@directory_option
@json_option
def extend(
    file: Path,
    level: str,
    timestamp: str | None,
    status: str | None,
    proofs: tuple[str, ...],
    content: Path | None,
    out: Path | None,
    town: bool,
    directory: Path | None,
    as_json: bool,
) -> None:
    """Read, extend, write anew; the file itself stays as it is."""
    lasting = Lasting.of(level, timestamp, status, proofs, of_town=town, directory=directory)
    target = out or file.with_name(f"{file.stem}.{level}{file.suffix}")
    if target.exists():
        raise NotAllowed(f"{target} is there already; nothing was done")
    put_new(target, lasting.extend(read_input(file, _LARGEST), _content(file, content)))
    result = {"file": str(file), "level": level, "result": str(target)}
    show(result, as_json, lambda: click.echo(words(_WRITTEN, source=file, target=target, level=level)))


def _content(file: Path, named: Path | None) -> bytes | None:
    beside = file.with_name(file.name.removesuffix(".signature.xml").removesuffix(".p7s"))
    if named is not None:
        return read_input(named, _LARGEST)
    return read_input(beside, _LARGEST) if beside != file and beside.is_file() else None
