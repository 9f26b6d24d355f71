"""``warifu archive``: many signed documents verified again and again, and renewed in time, by several processes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.archive_shown import present_renewed, present_summary
from warifu.cli.commands import Group, argument, option
from warifu.cli.progress import progress
from warifu.cli.results import json_option, show
from warifu.cli.root import settings
from warifu.cli.texts import Text, tell, words
from warifu.cli.verify_trust import Asked, trust_options
from warifu.errors import Malformed, NotFound, Refused, Unavailable
from warifu.wire.clock import SystemClock, SystemEntropy

if TYPE_CHECKING:
    from warifu.wire.archive import Desk, Entry, Renewed, Summary
    from warifu.wire.batch import Crew

__all__ = ["archive"]

_DOCUMENTS = Text("文書", "documents")
_RESUMED = Text("{begun}に始めた検証の続きをします", "going on with what was begun at {begun}")
_NOTHING = Text("文書がありません", "there are no documents")
_NO_SERVICE = Text(
    "--timestamp（または設定 [signing] timestamp）でタイムスタンプのサービスを指定してください",
    "name a timestamp service with --timestamp, or in [signing] timestamp",
)

_DEFAULT_DAYS = 90


@click.group(
    cls=Group,
    help=Text(
        "保管している署名文書をまとめて検証し直し、期限が来る前に証拠を更新する。",
        "Verify an archive of signed documents again and again, and renew what proves them before it ends.",
    ),
)
def archive() -> None:
    """The group."""


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    argument("target", metavar="FOLDER|LIST", type=click.Path(exists=True, path_type=Path)),
    option(
        "--into",
        metavar="REPORTS",
        required=True,
        type=click.Path(file_okay=False, path_type=Path),
        help=Text(
            "結果を置くフォルダー。途中で止まっても、ここから続けます。",
            "The folder for what comes out; what was cut off goes on from there.",
        ),
    ),
    option(
        "--workers",
        type=click.IntRange(1, 256),
        default=2,
        show_default=True,
        help=Text("この計算機で動かすプロセスの数。", "How many processes of this machine work."),
    ),
    option(
        "--scheduler",
        default="",
        help=Text(
            "Daskスケジューラーのアドレス（この計算機の代わりに使う。文書と結果のフォルダーは共有していること）。",
            "The address of a Dask scheduler to work instead; its workers must see the same folders.",
        ),
    ),
    option(
        "--within",
        "days",
        type=click.IntRange(0, 3660),
        default=_DEFAULT_DAYS,
        show_default=True,
        help=Text(
            "最新のタイムスタンプの証明書がこの日数のうちに切れるものを、更新が必要とする。",
            "What has a newest timestamp whose certificate ends within so many days needs to be renewed.",
        ),
    ),
)


def _with_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for add in reversed(_OPTIONS):
        command = add(command)
    return command


@archive.command(
    "verify",
    help=Text(
        "すべての文書を検証し、前回から変わったこと、更新が必要なものを報告する。途中で止まったら、もう一度実行すれば続きから"
        "行います。終了コードはwarifu verifyと同じです。",
        "Verify every document; tell what changed since the last time, and what has to be renewed. What was cut off "
        "goes on when it is run again. Exit codes are those of 'warifu verify'.",
    ),
)
@_with_options
@trust_options
@json_option
def verify(target: Path, into: Path, workers: int, scheduler: str, days: int, asked: Asked, as_json: bool) -> int:
    """Verify all that has not been in this run; then sum up."""
    from warifu.wire.archive import Reports, sum_up, verify_all

    clock, reports = SystemClock(), Reports(into.absolute())
    entries = _entries(target)
    with reports.alone():
        run = reports.begin(clock.now(), SystemEntropy())
        if run.resumed:
            tell(_RESUMED, begun=run.begun_at)
        with _crew(asked, into, run.id, workers, scheduler) as crew, progress(_DOCUMENTS) as step:
            verify_all(crew, entries, step, workers=workers)
        summary = sum_up(reports.all(), run.id, clock.now(), timedelta(days=days))
        reports.finish(run, clock.now(), summary.told())
    show(summary.told(), as_json, lambda: present_summary(summary))
    return _exit_code(summary)


@archive.command(
    "renew",
    help=Text(
        "更新が必要な文書と証拠に、新しいタイムスタンプを付ける。ファイルは、検証して前より長くもつと分かったときだけ置き換えます。"
        "署名された内容は変わりません。",
        "Put another timestamp over each document or evidence that needs it. A file is replaced only by one that was "
        "verified and lasts longer; no signed byte changes.",
    ),
)
@_with_options
@option(
    "--timestamp",
    metavar="URL",
    help=Text("タイムスタンプのサービス（RFC 3161）のアドレス。", "The timestamp service (RFC 3161)."),
)
@option(
    "--proof",
    "proofs",
    multiple=True,
    metavar="FILE_OR_URL",
    help=Text(
        "文書に入れる証明書や失効リスト: タイムスタンプの認証局のものと、署名者の認証局の証明書（繰り返し可）。",
        "A certificate or revocation list to put into documents: the timestamp authority's, and the certificate of the "
        "signers' authority (repeatable).",
    ),
)
@option(
    "--hash",
    "hash_name",
    type=click.Choice(["sha256", "sha384", "sha512"]),
    help=Text(
        "証拠のすべてをこのハッシュ関数で取り直す。省くと、今のものが弱くなる前に、より長くもつものに替えます。",
        "Hash all evidence anew with this function; else with one that lasts longer, before the present one falls.",
    ),
)
@trust_options
@json_option
def renew(
    target: Path,
    into: Path,
    workers: int,
    scheduler: str,
    days: int,
    timestamp: str | None,
    proofs: tuple[str, ...],
    hash_name: str | None,
    asked: Asked,
    as_json: bool,
) -> int:
    """Renew what needs it."""
    from warifu.wire.archive import Renewal, Reports, renew_all
    from warifu.wire.long_term import Sources

    own, reports = settings().signing, Reports(into.absolute())
    service = timestamp or own.timestamp
    if not service:
        raise click.UsageError(words(_NO_SERVICE))
    entries = _entries(target)
    trusted = asked.premises(SystemClock().now()).given
    sources = Sources(asked.status or own.status, proofs or own.proofs, trusted)
    renewal = Renewal(service, sources, timedelta(days=days), hash_name or "")
    with (
        reports.alone(),
        _crew(asked, into, reports.latest(), workers, scheduler) as crew,
        progress(_DOCUMENTS) as step,
    ):
        became = renew_all(crew, entries, renewal, step, workers=workers)
    show([_told(each) for each in became], as_json, lambda: present_renewed(became))
    return Refused.exit_code if any(each.error for each in became) else 0


def _entries(target: Path) -> "Sequence[Entry]":
    from warifu.wire.archive import list_archive

    entries = list_archive(target.absolute())
    if not entries:
        raise NotFound(words(_NOTHING))
    return entries


@contextmanager
def _crew(asked: Asked, into: Path, run: str, workers: int, scheduler: str) -> "Iterator[Crew[Desk]]":
    from warifu.wire.archive import open_desk
    from warifu.wire.batch import crew  # loads Dask, which few commands need

    opening = partial(open_desk, asked.premises(SystemClock().now()), into.absolute(), run)
    with crew(opening, workers=workers, scheduler=scheduler) as working:
        yield working


def _exit_code(summary: "Summary") -> int:
    """As of ``warifu verify``: an invalid signature first, then what cannot be read, then what cannot be told."""
    if summary.counts["TOTAL-FAILED"]:
        return Refused.exit_code
    if summary.counts["unreadable"]:
        return Malformed.exit_code
    return Unavailable.exit_code if summary.counts["INDETERMINATE"] else 0


def _told(renewed: "Renewed") -> dict[str, Any]:
    return {
        "name": renewed.name,
        "lasts_until": None if renewed.lasts_until is None else renewed.lasts_until.isoformat(),
        "error": renewed.error or None,
        "description": renewed.description or None,
    }
