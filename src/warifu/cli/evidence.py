"""``warifu evidence``: that a document was verified, kept so that anybody can check it decades later."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.commands import Group, argument, option
from warifu.cli.inputs import read_input
from warifu.cli.outputs import put_new
from warifu.cli.results import json_option, show
from warifu.cli.root import settings
from warifu.cli.texts import Text, language, tell, words
from warifu.cli.verify_trust import Asked, trust_options
from warifu.errors import NotAllowed
from warifu.wire.clock import SystemClock

if TYPE_CHECKING:
    from warifu.documents import FoundSignature
    from warifu.ports import Signer
    from warifu.verifier.evidence import Bundle, EvidenceReport

__all__ = ["check_bundle", "evidence", "present_evidence"]

_LARGEST = 256 * 1024 * 1024
_MADE = Text("{bundle} に証拠をまとめました", "{bundle} holds the evidence")
_RENEWED = Text("{bundle} → {target}（タイムスタンプを更新しました）", "{bundle} -> {target} (timestamp renewed)")
_KEY_MADE = Text(
    "検証者の鍵をつくりました: {key}（SHA-256 {fingerprint}）",
    "a verifier's key was made: {key} (SHA-256 {fingerprint})",
)
_PROVED = Text(
    "{bundle}: {at} に存在したことがタイムスタンプで証明されています",
    "{bundle}: timestamps prove that it existed at {at}",
)
_NOT_PROVED = Text(
    "{bundle}: いつから存在したかは証明されていません（有効なタイムスタンプがありません）",
    "{bundle}: no timestamp that holds proves since when it exists",
)
_SAID = Text(
    "{at} の検証結果: {said}（検証者の鍵 SHA-256 {verifier}）",
    "verified at {at}: {said} (verifier's key, SHA-256 {verifier})",
)
_WITHHELD = Text(
    "失効情報{number}件は検証者が持っています（公的個人認証法 第52条・第53条）",
    "{number} pieces of revocation data stay with the verifier",
)
_NO_DOCUMENT = Text(
    "元の文書がないので、これは検証者の報告にすぎません。文書を渡すと署名を検証し直します",
    "without the document this is the verifier's word; with it the signatures are verified anew",
)
_CARRIES = Text(
    "証拠には署名者の証明書（氏名・住所・生年月日・性別）が入ります",
    "the evidence carries the signers' certificates: names, addresses, birth dates and sex",
)


@click.group(
    cls=Group,
    help=Text(
        "文書を検証した証拠を残す。証明書も認証局も期限が切れたあとで、だれでもオフラインで確かめられます。",
        "Keep evidence that a document was verified; anybody can check it offline after everything has expired.",
    ),
)
def evidence() -> None:
    """The group."""


_timestamp_option = option(
    "--timestamp",
    metavar="URL",
    required=True,
    help=Text("タイムスタンプのサービス（RFC 3161）のアドレス。", "The timestamp service (RFC 3161)."),
)
_out_option = option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help=Text("書き出すファイル。", "The file to write."),
)


@evidence.command(
    "make",
    help=Text(
        "文書を検証し、根拠（証明書、失効情報、報告）を検証者の署名とタイムスタンプ付きでまとめる。",
        "Verify a document and keep what that rests on: certificates, revocation data, report; signed and timestamped.",
    ),
)
@argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option(
    "--detached",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=Text("署名が別ファイルのときの、元の文書。", "The document itself, where the signature is a file beside it."),
)
@option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=Text(
        "検証者の署名鍵（RSAかP-384）。省くとデータのフォルダーの鍵を使い、なければつくります。",
        "The verifier's key (RSA or P-384); else the one in the data directory, made when there is none.",
    ),
)
@_timestamp_option
@_out_option
@trust_options
@json_option
def make(
    file: Path,
    detached: Path | None,
    key: Path | None,
    timestamp: str,
    out: Path | None,
    asked: Asked,
    as_json: bool,
) -> None:
    """Verify, bundle, sign, stamp; nothing is written unless all of it went well."""
    from warifu.verifier.evidence import begin_record, make_evidence, record_imprint

    target = out or file.with_name(f"{file.name}.evidence.zip")
    if target.exists():
        raise NotAllowed(f"{target} is there already; nothing was done")
    now = SystemClock().now()
    document, content = read_input(file, _LARGEST), None if detached is None else read_input(detached, _LARGEST)
    found = _found(document, content)
    trust, material = asked.gather(found, now)
    tell(_CARRIES)
    bundle = make_evidence(document, found, trust, material, now, _signer(key), content=content)
    bundle = begin_record(bundle, _token(timestamp, record_imprint(bundle), "sha512"))
    put_new(target, bundle.encode())
    result = {"file": str(file), "evidence": str(target), "verifier": hashlib.sha256(bundle.verifier).hexdigest()}
    show(result, as_json, lambda: click.echo(words(_MADE, bundle=target)))


@evidence.command(
    "renew",
    help=Text(
        "証拠のタイムスタンプを更新する。前のタイムスタンプの証明書が切れる前に行ってください。",
        "Renew the timestamp of evidence; do so before the certificate of the last one ends.",
    ),
)
@argument("bundle", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_timestamp_option
@option(
    "--hash",
    "hash_name",
    type=click.Choice(["sha256", "sha384", "sha512"]),
    help=Text(
        "すべてを別のハッシュ関数で取り直す（今のものが弱くなる前に）。",
        "Hash everything anew with this function, before the present one falls.",
    ),
)
@_out_option
@json_option
def renew(bundle: Path, timestamp: str, hash_name: str | None, out: Path | None, as_json: bool) -> None:
    """Written as a new file; the old one stays."""
    from warifu.verifier.evidence import rehash_imprint, rehash_record, renew_record, renewal_imprint

    target = out or bundle.with_name(f"{bundle.stem}.renewed{bundle.suffix}")
    if target.exists():
        raise NotAllowed(f"{target} is there already; nothing was done")
    old = _bundle(bundle)
    if hash_name is None:
        name, imprint = renewal_imprint(old)
        renewed = renew_record(old, _token(timestamp, imprint, name))
    else:
        token = _token(timestamp, rehash_imprint(old, hash_name), hash_name)
        renewed = rehash_record(old, token, hash_name)
    put_new(target, renewed.encode())
    result = {"evidence": str(bundle), "renewed": str(target)}
    show(result, as_json, lambda: click.echo(words(_RENEWED, bundle=bundle, target=target)))


def check_bundle(
    bundle: Path, file: Path | None, detached: Path | None, asked: Asked, at: datetime
) -> "tuple[dict[str, Any], Any]":
    """What a bundle shows as of a moment, for ``warifu verify --evidence``: for programs, and the report itself.

    Raises:
        WrongSignature, Tampered, Malformed: as `warifu.verifier.evidence.check_evidence`.
    """
    from warifu.verifier import report_to_json
    from warifu.verifier.evidence import check_evidence

    read = _bundle(bundle)
    document = None if file is None else read_input(file, _LARGEST)
    content = None if detached is None else read_input(detached, _LARGEST)
    found = () if document is None else _found(document, content)
    # Offline: whom to trust, and nobody is asked.
    trust, withheld = asked.offline(at)
    seen = check_evidence(read, trust, at, document=document, content=content, found=found, withheld=withheld)
    told = {
        "evidence": str(bundle),
        **seen.told(),
        "recorded": seen.recorded,
        "document": None if seen.report is None else report_to_json(seen.report),
    }
    return told, seen


def present_evidence(seen: "EvidenceReport", bundle: Path) -> None:
    """What it shows, in words."""
    from warifu.verifier import report_to_text

    verifier = seen.verifier.hex()
    if seen.existed_at is None:
        click.echo(words(_NOT_PROVED, bundle=bundle))
    else:
        click.echo(words(_PROVED, bundle=bundle, at=seen.existed_at.isoformat()))
    click.echo(words(_SAID, at=seen.made_at.isoformat(), said=seen.recorded.get("indication"), verifier=verifier))
    if seen.withheld:
        click.echo(words(_WITHHELD, number=seen.withheld))
    if seen.report is None:
        click.echo(words(_NO_DOCUMENT))
    else:
        click.echo()
        click.echo(report_to_text(seen.report, language(), str(bundle)), nl=False)


def _signer(key: Path | None) -> "Signer":
    """The verifier's key."""
    from warifu.pki import KeySigner
    from warifu.wire.key_files import read_key, write_key

    if key is not None:
        return read_key(key)
    own = settings().data_directory / "verifier" / "verifier.key"
    if not own.exists():
        own.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        signer = KeySigner.generate("ES384")
        write_key(own, signer)
        tell(_KEY_MADE, key=own, fingerprint=hashlib.sha256(signer.public_key_info).hexdigest())
    return read_key(own)


def _token(address: str, imprint: bytes, hash_name: str) -> bytes:
    """A timestamp over an imprint."""
    from warifu.wire.timestamps import TimestampClient

    return TimestampClient(address).token(imprint, hash_name)


def _bundle(path: Path) -> "Bundle":
    from warifu.verifier.evidence import Bundle

    return Bundle.decode(read_input(path, _LARGEST))


def _found(document: bytes, content: bytes | None) -> "tuple[FoundSignature, ...]":
    from warifu.documents import read_signatures

    return read_signatures(document, detached=content)
