"""``warifu sign``: documents signed with the card, one password entry for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from warifu.cli.card_choice import CardChoice, Held, card_options
from warifu.cli.commands import Command, argument, option
from warifu.cli.credentials import Presenting
from warifu.cli.inputs import LARGEST_DOCUMENT, read_input
from warifu.cli.outputs import put_new
from warifu.cli.pins import force_option, pin_file_option
from warifu.cli.results import json_option, show
from warifu.cli.sign_forms import FORMS, Signing, form_of
from warifu.cli.sign_levels import LEVELS, Lasting, level_options
from warifu.cli.sign_visible import stamp_of, visible_options
from warifu.cli.texts import Text, tell, words
from warifu.errors import Malformed, NotAllowed
from warifu.pki import CaCertificate
from warifu.reader import JpkiSession, Key
from warifu.verifier import Anchor

if TYPE_CHECKING:
    from warifu.documents import VisibleStamp, Witness

__all__ = ["sign"]

_LARGEST = 100 * 1024 * 1024
_CARRIES = Text(
    "署名には氏名・住所・生年月日・性別の入った証明書が付き、読む人すべてに見えます",
    "the signature carries your certificate: whoever reads it sees your name, address, birth date and sex",
)
_WRITTEN = Text("{source} → {target} に署名しました", "{source} -> {target}")
_TOO_HIGH = Text(
    "{form} の署名は --level {highest} までです", "a signature of the form {form} reaches --level {highest} at most"
)


@dataclass(frozen=True, slots=True)
class _Job:
    """One file to sign: how, where the result goes, and what a PDF says besides."""

    source: Path
    form: str
    target: Path
    reason: str | None
    visible: "VisibleStamp | None"


@click.command(
    cls=Command,
    help=Text(
        "カードの署名用の鍵で文書に署名する。PDFはPAdES、XMLはXAdES、それ以外はCMS（CAdES、別ファイル）になります。"
        "パスワードは一度だけ入力します。署名は本人の意思を示すものになります。何に署名するか確かめてください。",
        "Sign documents with the card's signing key: a PDF as PAdES, XML as XAdES, anything else as CMS (CAdES, in a "
        "file beside it). The password is typed once for all. A signature speaks for its holder: know what you sign.",
    ),
)
@argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option(
    "--as",
    "form",
    type=click.Choice(tuple(FORMS)),
    help=Text(
        "署名の形: pdf（PAdES）、registry-pdf（登記の申請用）、cms（別ファイル）、cms-attached（文書を含む）、"
        "xml（XAdES、文書の中）、xml-detached（XAdES、別ファイル）、xmldsig（XML署名のみ）。",
        "The form: pdf (PAdES), registry-pdf (as registry offices want it), cms (beside the file), cms-attached, "
        "xml (XAdES, in the document), xml-detached (XAdES, beside any file), xmldsig (plain XML Signature).",
    ),
)
@option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help=Text("署名したファイルを置くフォルダー。", "The folder for what is signed, instead of beside each file."),
)
@option("--reason", help=Text("PDFに書く署名の理由。", "Why you sign; stands in the PDF."))
@option(
    "--level",
    type=click.Choice(LEVELS),
    help=Text(
        "どれだけ先まで検証できるか: b（署名のみ）、t（タイムスタンプ）、lt（失効情報も文書に入れる）、"
        "lta（アーカイブタイムスタンプも）。ふつうはb、--timestampがあればt。",
        "How long it can be verified: b (the signature), t (a timestamp), lt (revocation data inside), lta (an archive "
        "timestamp over all). b unless --timestamp is given, then t.",
    ),
)
@visible_options
@level_options
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
    visible: bool,
    visible_at: str | None,
    visible_text: str | None,
    level: str | None,
    timestamp: str | None,
    status: str | None,
    proofs: tuple[str, ...],
    choice: CardChoice,
    pin_file: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Sign each file, in order; those before a failure are done and stay."""
    shown = stamp_of(visible, visible_at, visible_text, [form or form_of(file) for file in files])
    jobs = [_job(file, form, into, reason, shown) for file in files]
    lasting = Lasting.of(
        level, timestamp, status, proofs, of_town=choice.persona is not None, directory=choice.directory
    )
    _check_targets(jobs, lasting)
    tell(_CARRIES)
    with choice.open() as held:
        _check_may_last(held, lasting)
        witness = _witness(held, Presenting(held, pin_file, force))
        for job in jobs:
            put_new(job.target, _signed(job, witness, lasting))
    show(_result(jobs, lasting), as_json, lambda: _present(jobs))


def _result(jobs: Sequence[_Job], lasting: Lasting) -> dict[str, object]:
    signed = [{"file": str(job.source), "form": job.form, "result": str(job.target)} for job in jobs]
    return {"signed": signed, "level": lasting.level}


def _present(jobs: Sequence[_Job]) -> None:
    for job in jobs:
        click.echo(words(_WRITTEN, source=job.source, target=job.target))


def _job(file: Path, chosen: str | None, into: Path | None, reason: str | None, visible: "VisibleStamp | None") -> _Job:
    form = chosen or form_of(file)
    return _Job(file, form, (into or file.parent) / FORMS[form].name(file), reason, visible)


def _check_targets(jobs: Sequence[_Job], lasting: Lasting) -> None:
    """Check before the password is typed that nothing would be written over."""
    seen: set[Path] = set()
    for job in jobs:
        highest = FORMS[job.form].highest_level
        if LEVELS.index(lasting.level) > LEVELS.index(highest):
            raise click.UsageError(words(_TOO_HIGH, form=job.form, highest=highest))
        if job.target in seen or job.target.exists():
            raise NotAllowed(f"{job.target} is there already; nothing was signed")
        if job.source.stat().st_size > _LARGEST:
            raise Malformed(f"{job.source} is larger than {_LARGEST} bytes")
        seen.add(job.target)


def _check_may_last(held: Held, lasting: Lasting) -> None:
    """Check before the password is typed that evidence about this card's certificate may be kept in a document."""
    if lasting.reaches("lt"):
        from warifu.wire.long_term import check_may_keep_evidence

        authority = JpkiSession(held.connection).ca_certificate(Key.SIGNING)
        check_may_keep_evidence(Anchor(CaCertificate.decode(authority)))


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


def _signed(job: _Job, witness: "Witness", lasting: Lasting) -> bytes:
    data = read_input(job.source, LARGEST_DOCUMENT)
    signing = Signing(job.source, data, witness, job.reason, lasting.stamp(), job.visible)
    return lasting.extend(FORMS[job.form].make(signing), data, (witness.authority_certificate,))
