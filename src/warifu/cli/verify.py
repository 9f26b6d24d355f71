"""``warifu verify``: what the signatures of documents are worth, and why."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from warifu.cli import failures
from warifu.cli.commands import Command, argument, option
from warifu.cli.inputs import LARGEST_DOCUMENT, read_input
from warifu.cli.outputs import put_out
from warifu.cli.results import json_option, show
from warifu.cli.texts import Text, language, words
from warifu.cli.verify_trust import Asked, Gathering, trust_options
from warifu.errors import Malformed, Refused, Unavailable, WarifuError
from warifu.pki import JST
from warifu.wire.clock import SystemClock

if TYPE_CHECKING:
    from warifu.verifier import DocumentReport

__all__ = ["verify"]

_ONE_PAGE = Text("--html は1つのファイルに使います", "--html is for one file")
_ONE_DOCUMENT = Text("証拠は1つの文書についてのものです", "evidence is about one document")
_NO_FILE = Text("検証するファイルを指定してください", "name a file to verify")
_NO_MOMENT = Text(
    "--at は 2026-11-22T12:00:00+09:00 のように書きます", "--at is written like 2026-11-22T12:00:00+09:00"
)


@dataclass(frozen=True, slots=True)
class _Judged:
    """One file: its report, or why there is none."""

    file: Path
    report: "DocumentReport | None"
    refusal: WarifuError | None = None


@click.command(
    cls=Command,
    help=Text(
        "文書の電子署名を検証する（PDF・CMS・XML）。何を確かめ、なぜそう言えるのかを報告します。"
        "終了コードは、すべて有効なら0、無効な署名があれば1、判断できなければ3です。",
        "Verify the signatures of documents (PDF, CMS, XML): what was checked, and why it says so. "
        "The exit code is 0 when all are valid, 1 when one is invalid, 3 when it cannot be told.",
    ),
)
@argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, readable=False, path_type=Path))
@option(
    "--evidence",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=Text(
        "証拠（warifu evidence make）をオフラインで検証する。元の文書も渡すと、署名を検証し直します。",
        "Check evidence (of 'warifu evidence make') offline; with the document, its signatures are verified anew.",
    ),
)
@option(
    "--detached",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=Text("署名が別ファイルのときの、元の文書。", "The document itself, where the signature is a file beside it."),
)
@option(
    "--at",
    metavar="MOMENT",
    help=Text(
        "この時刻の時点で検証する。文書がその時に存在したことは、あなたが請け合うことになります。",
        "Verify as of this moment; that the document existed then is what you vouch for.",
    ),
)
@option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help=Text("報告を1枚のHTMLページに書く。", "Write the report as one HTML page."),
)
@trust_options
@json_option
def verify(
    files: tuple[Path, ...],
    evidence: Path | None,
    detached: Path | None,
    at: str | None,
    html: Path | None,
    asked: Asked,
    as_json: bool,
) -> int:
    """Verify each file; the worst decides the exit code."""
    if evidence is not None:
        return _check_evidence(evidence, files, detached, at, asked, as_json)
    if not files:
        raise click.UsageError(words(_NO_FILE))
    if html is not None and len(files) > 1:
        raise click.UsageError(words(_ONE_PAGE))
    now = SystemClock().now()
    moment = now if at is None else _moment(at)
    content = None if detached is None else read_input(detached, LARGEST_DOCUMENT)
    with Gathering(asked, now) as gathering:
        judged = [_judge(file, content, gathering, moment, now) for file in files]
    if html is not None and judged[0].report is not None:
        _write_page(html, judged[0].report, judged[0].file)
    show(_told(judged), as_json, lambda: _present(judged))
    return _exit_code(judged)


def _check_evidence(
    evidence: Path, files: tuple[Path, ...], detached: Path | None, at: str | None, asked: Asked, as_json: bool
) -> int:
    from warifu.cli.evidence import check_bundle, present_evidence

    if len(files) > 1:
        raise click.UsageError(words(_ONE_DOCUMENT))
    moment = SystemClock().now() if at is None else _moment(at)
    told, seen = check_bundle(evidence, files[0] if files else None, detached, asked, moment)
    show(told, as_json, lambda: present_evidence(seen, evidence))
    return _exit_code([_Judged(evidence, seen.report)]) if seen.report is not None else Unavailable.exit_code


def _moment(text: str) -> datetime:
    """A moment; one without a time zone is Japan's."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(words(_NO_MOMENT)) from None
    # Certificates begin in 1950 (RFC 5280 §4.1.2.5); the last years leave room for what is reckoned from a moment.
    if not 1950 <= moment.year < 9000:
        raise click.UsageError(words(_NO_MOMENT))
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=JST)


def _judge(file: Path, content: bytes | None, gathering: Gathering, at: datetime, now: datetime) -> _Judged:
    """The report on one file. One that cannot be read does not keep the others from being verified."""
    from warifu.documents import read_signatures
    from warifu.verifier import check_document

    try:
        data = read_input(file, LARGEST_DOCUMENT)
    except (Malformed, Unavailable) as refusal:
        return _Judged(file, None, refusal)
    try:
        found = read_signatures(data, detached=content)
        trust, material = gathering.gather(found)
        digest = hashlib.sha256(data).digest()
        return _Judged(file, check_document(found, digest, trust, material, at, now=now))
    except Malformed as refusal:
        return _Judged(file, None, refusal)


def _told(judged: Sequence[_Judged]) -> dict[str, Any]:
    from warifu.verifier import report_to_json

    return {
        "documents": [
            {"file": str(each.file)}
            | ({"error": str(each.refusal)} if each.report is None else report_to_json(each.report))
            for each in judged
        ]
    }


def _present(judged: Sequence[_Judged]) -> None:
    from warifu.verifier import report_to_text

    for number, each in enumerate(judged):
        if number:
            click.echo()
        if each.report is None:
            click.echo(f"{each.file}:")
            assert each.refusal is not None
            failures.report(each.refusal, debug=False)
        else:
            click.echo(report_to_text(each.report, language(), str(each.file)), nl=False)


def _write_page(html: Path, report: "DocumentReport", file: Path) -> None:
    from warifu.wire.pages import report_page

    put_out(html, report_page(report, language(), file.name).encode())


def _exit_code(judged: Sequence[_Judged]) -> int:
    """An invalid signature first, then what is no signature, then what cannot be had or told."""
    from warifu.verifier import Indication

    told = {each.report.indication for each in judged if each.report is not None}
    refusals = [each.refusal for each in judged if each.refusal is not None]
    if Indication.TOTAL_FAILED in told:
        return Refused.exit_code
    if any(isinstance(each, Malformed) for each in refusals):
        return Malformed.exit_code
    return Unavailable.exit_code if refusals or Indication.INDETERMINATE in told else 0
