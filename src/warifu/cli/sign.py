"""``warifu sign``: documents signed with the card, one password entry for all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from warifu.cli.card_choice import CardChoice, Held, card_options
from warifu.cli.commands import Command, argument, option
from warifu.cli.credentials import Presenting
from warifu.cli.outputs import put_new
from warifu.cli.pins import force_option, pin_file_option
from warifu.cli.results import json_option, show
from warifu.cli.texts import Text, tell, words
from warifu.errors import Malformed, NotAllowed
from warifu.reader import JpkiSession, Key
from warifu.wire.clock import SystemClock

if TYPE_CHECKING:
    from warifu.documents import Witness

__all__ = ["sign"]

_FORMS = ("pdf", "registry-pdf", "cms", "cms-attached")
_SUFFIXES = {"pdf": ".signed.pdf", "registry-pdf": ".signed.pdf", "cms": ".p7s", "cms-attached": ".p7m"}
_LARGEST = 100 * 1024 * 1024
_CARRIES = Text(
    "署名には氏名・住所・生年月日・性別の入った証明書が付き、読む人すべてに見えます",
    "the signature carries your certificate: whoever reads it sees your name, address, birth date and sex",
)
_WRITTEN = Text("{source} → {target} に署名しました", "{source} -> {target}")


@dataclass(frozen=True, slots=True)
class _Job:
    """One file to sign: how, and where the result goes."""

    source: Path
    form: str
    target: Path


@click.command(
    cls=Command,
    help=Text(
        "カードの署名用の鍵で文書に署名する。PDFはPAdES、それ以外はCMS（CAdES、別ファイル）になります。"
        "パスワードは一度だけ入力します。署名は本人の意思を示すものになります。何に署名するか確かめてください。",
        "Sign documents with the card's signing key: a PDF as PAdES, anything else as CMS (CAdES, in a file beside "
        "it). The password is typed once for all. A signature speaks for its holder: know what you sign.",
    ),
)
@argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option(
    "--as",
    "form",
    type=click.Choice(_FORMS),
    help=Text(
        "署名の形: pdf（PAdES）、registry-pdf（登記の申請用）、cms（別ファイル）、cms-attached（文書を含む）。",
        "The form: pdf (PAdES), registry-pdf (as registry offices want it), cms (beside the file), cms-attached.",
    ),
)
@option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help=Text("署名したファイルを置くフォルダー。", "The folder for what is signed, instead of beside each file."),
)
@option("--reason", help=Text("PDFに書く署名の理由。", "Why you sign; stands in the PDF."))
@option(
    "--timestamp",
    metavar="URL",
    help=Text(
        "タイムスタンプを付ける（RFC 3161のサービスのアドレス）。", "Add a timestamp from this RFC 3161 service."
    ),
)
@pin_file_option(
    "--pin-file", Text("署名用パスワードのファイル（-は標準入力）。", "A file with the password (- is stdin).")
)
@force_option
@card_options
@json_option
def sign(
    files: tuple[Path, ...],
    form: str | None,
    into: Path | None,
    reason: str | None,
    timestamp: str | None,
    choice: CardChoice,
    pin_file: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Sign each file, in order; those before a failure are done and stay."""
    jobs = [_job(file, form, into) for file in files]
    _check_targets(jobs)
    stamp = _stamp(timestamp)
    tell(_CARRIES)
    with choice.open() as held:
        witness = _witness(held, Presenting(held, pin_file, force))
        for job in jobs:
            put_new(job.target, _signed(job, witness, reason, stamp))
    result = {"signed": [{"file": str(job.source), "form": job.form, "result": str(job.target)} for job in jobs]}
    show(result, as_json, lambda: _present(jobs))


def _present(jobs: Sequence[_Job]) -> None:
    for job in jobs:
        click.echo(words(_WRITTEN, source=job.source, target=job.target))


def _job(file: Path, form: str | None, into: Path | None) -> _Job:
    chosen = form or ("pdf" if file.suffix.lower() == ".pdf" else "cms")
    name = (file.stem if chosen in ("pdf", "registry-pdf") else file.name) + _SUFFIXES[chosen]
    return _Job(file, chosen, (into or file.parent) / name)


def _check_targets(jobs: Sequence[_Job]) -> None:
    """Check before the password is typed that nothing would be written over."""
    seen: set[Path] = set()
    for job in jobs:
        if job.target in seen or job.target.exists():
            raise NotAllowed(f"{job.target} is there already; nothing was signed")
        if job.source.stat().st_size > _LARGEST:
            raise Malformed(f"{job.source} is larger than {_LARGEST} bytes")
        seen.add(job.target)


def _witness(held: Held, presenting: Presenting) -> "Witness":
    """The holder: the password has been typed, and the card signs as often as it is asked."""
    from warifu.documents import Witness  # takes a second to load, and an extra to install

    session = JpkiSession(held.connection)
    presenting.present(
        session.credential(Key.SIGNING),
        partial(session.tries_left, Key.SIGNING),
        partial(session.verify, Key.SIGNING),
    )
    return Witness(
        session.certificate(Key.SIGNING),
        session.ca_certificate(Key.SIGNING),
        partial(session.sign, Key.SIGNING),
    )


def _stamp(address: str | None) -> Callable[[bytes], bytes] | None:
    """What asks the timestamp service, if one is named."""
    if address is None:
        return None
    from warifu.wire.timestamps import TimestampClient  # loads an HTTP client

    return TimestampClient(address).ask


def _signed(job: _Job, witness: "Witness", reason: str | None, stamp: Callable[[bytes], bytes] | None) -> bytes:
    from warifu.documents import PdfProfile, sign_cms, sign_pdf

    data, at = job.source.read_bytes(), SystemClock().now().astimezone(UTC).replace(microsecond=0)
    makers: dict[str, Callable[[], bytes]] = {
        "pdf": lambda: sign_pdf(data, witness, at, profile=PdfProfile.PADES, reason=reason, stamp=stamp),
        "registry-pdf": lambda: sign_pdf(data, witness, at, profile=PdfProfile.REGISTRY, reason=reason, stamp=stamp),
        "cms": lambda: sign_cms(data, witness, at, stamp=stamp),
        "cms-attached": lambda: sign_cms(data, witness, at, attached=True, stamp=stamp),
    }
    return makers[job.form]()
