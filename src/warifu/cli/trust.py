"""``warifu trust``: which authorities this verifier believes, and where it asks about their certificates."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.commands import Group, argument, option
from warifu.cli.results import json_option, show, show_table
from warifu.cli.root import settings
from warifu.cli.texts import Text, tell, words
from warifu.errors import Cancelled, NotAllowed
from warifu.wire.clock import SystemClock, SystemEntropy

if TYPE_CHECKING:
    from warifu.wire.verification import Gatherer, Refreshed, TrustedAnchor, TrustStore, TrustUse

__all__ = ["trust"]

_ASK = Text(
    "{name}\n  用途: {use}\n  有効期限: {end}\n  SHA-256: {fingerprint}\nこの認証局を信頼しますか",
    "{name}\n  for: {use}\n  until: {end}\n  SHA-256: {fingerprint}\nTrust this authority?",
)
_REMOVE = Text(
    "{name} の証明書は検証できなくなります。信頼をやめますか",
    "certificates of {name} will no longer be verified. Stop trusting it?",
)
_ACT = Text(
    "J-LISの認証局です。主務大臣の認定を受けていない検証者の確認は、法律上の確認にはなりません"
    "（公的個人認証法 第17条、第36条）",
    "this is J-LIS's own: without the ministers' certification, checking its certificates is no confirmation under the "
    "Act (公的個人認証法 第17条, 第36条)",
)
_UNASKED = Text(
    "フィンガープリントは、認証局から別の経路で得たものと比べてください。--fingerprint で指定できます",
    "compare the fingerprint with one that you got from the authority in another way; --fingerprint names it",
)
_NOT_NAMED = Text("どのファイルのフィンガープリントでもありません", "--fingerprint is of none of these files")
_NO_FILES = Text("証明書のファイルか --town を指定してください", "name files with certificates, or --town")
_NONE = Text("信頼する認証局はありません", "no authority is trusted")
_USES = {
    "signing": Text("署名用電子証明書", "signing certificates"),
    "authentication": Text("利用者証明用電子証明書", "authentication certificates"),
    "timestamp": Text("タイムスタンプ", "timestamps"),
    "signer": Text("公的個人認証サービス以外の署名者", "signers outside of JPKI"),
}
_HEADINGS = (
    Text("フィンガープリント", "fingerprint"),
    Text("用途", "for"),
    Text("期限", "until"),
    Text("名前", "name"),
)
_LIST_HEADINGS = (Text("失効リスト", "list"), Text("件数", "entries"), Text("取得できない理由", "why not"))


_as_option = option(
    "--as",
    "use",
    type=click.Choice(list(_USES)),
    help=Text(
        "同じ証明書を二つの用途で信頼しているとき、そのどちらか。",
        "Which one, where the same certificate is trusted for two things.",
    ),
)


@click.group(
    cls=Group,
    help=Text(
        "検証で信頼する認証局と、その問い合わせ先。",
        "The authorities that verifying believes, and where it asks about their certificates.",
    ),
)
def trust() -> None:
    """The group."""


@trust.command(
    "import",
    help=Text(
        "認証局の証明書（PEMかDER）を信頼する。J-LISを名乗るものは、既知のフィンガープリントの6枚だけです。",
        "Trust certificates of authorities (PEM or DER). What calls itself J-LIS's must be one of its six.",
    ),
)
@argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option("--ocsp", default="", metavar="URL", help=Text("証明書の状態の問い合わせ先。", "Where to ask (OCSP)."))
@option(
    "--list",
    "lists",
    multiple=True,
    metavar="PLACE",
    help=Text("失効リストのURLかファイル（繰り返し可）。", "A revocation list: URL or file (repeatable)."),
)
@option(
    "--fingerprint",
    "fingerprints",
    multiple=True,
    metavar="HEX",
    help=Text(
        "証明書のSHA-256。一致すれば確認を求めません（繰り返し可）。",
        "SHA-256 of a certificate: asks nothing if it is the one (repeatable).",
    ),
)
@option(
    "--as",
    "use",
    type=click.Choice(["signer", "timestamp"]),
    help=Text(
        "公的個人認証サービスではない認証局を何のために信頼するか。署名者（signer）かタイムスタンプ（省くとこちら）。",
        "What an authority that is not JPKI's is trusted for: signers, or timestamps (unless told otherwise).",
    ),
)
@option("--town", "of_town", is_flag=True, help=Text("この端末の町の認証局を信頼する。", "Trust this machine's town."))
@json_option
def import_(
    files: tuple[Path, ...],
    ocsp: str,
    lists: tuple[str, ...],
    fingerprints: tuple[str, ...],
    use: str | None,
    of_town: bool,
    as_json: bool,
) -> None:
    """Each asked about, unless its fingerprint was named, or it is the town's or J-LIS's."""
    from warifu.cli.trust_files import read_anchors, town_anchors

    if not files and not of_town:
        raise click.UsageError(words(_NO_FILES))
    now = SystemClock().now()
    given = read_anchors(files, now, ocsp=ocsp, lists=lists, use=_use(use))
    known = {_digits(fingerprint) for fingerprint in fingerprints}
    if not known <= {anchor.fingerprint.hex() for anchor in given}:
        raise NotAllowed(words(_NOT_NAMED))
    for anchor in given:
        _confirm(anchor, known)
    if any(anchor.real for anchor in given):
        tell(_ACT)
    chosen = [*given, *(town_anchors(now) if of_town else ())]
    store = _store()
    for anchor in chosen:
        store.add(anchor)
    _show(chosen, as_json)


@trust.command("list", help=Text("信頼する認証局の一覧。", "List the authorities that are trusted."))
@json_option
def list_(as_json: bool) -> None:
    """The table."""
    _show(_store().all(), as_json)


@trust.command(
    "show",
    help=Text(
        "一つの認証局について、問い合わせ先まで示す。", "Show one authority: what it is, and where it is asked about."
    ),
)
@argument("fingerprint")
@_as_option
@json_option
def show_(fingerprint: str, use: str | None, as_json: bool) -> None:
    """By the beginning of its fingerprint."""
    anchor = _store().find(fingerprint, _use(use))
    told = _told(anchor)
    show(told, as_json, lambda: click.echo("\n".join(_lines(told))))


@trust.command("remove", help=Text("認証局を信頼するのをやめる。", "Stop trusting an authority."))
@argument("fingerprint")
@_as_option
@option("--yes", is_flag=True, help=Text("確認しない。", "Do not ask."))
@json_option
def remove(fingerprint: str, use: str | None, yes: bool, as_json: bool) -> None:
    """Asks first."""
    store = _store()
    anchor = store.find(fingerprint, _use(use))
    if not yes and not click.confirm(words(_REMOVE, name=anchor.name), err=True):
        raise Cancelled
    store.remove(anchor)
    show(_told(anchor), as_json, lambda: None)


@trust.command(
    "refresh",
    help=Text(
        "失効リストを取り直す。1日以内に取ったものはそのままです。",
        "Fetch the revocation lists anew, unless they are of the last day.",
    ),
)
@option("--now", "at_once", is_flag=True, help=Text("新しくても取り直す。", "Fetch them even if they are new."))
@json_option
def refresh(at_once: bool, as_json: bool) -> None:
    """Lists that cannot be had leave the old ones; then the exit code is that of the first reason."""
    with _gatherer() as gatherer:
        done = gatherer.refresh(SystemClock().now(), older_than=timedelta(0 if at_once else 1))
    rows = [_row(each) for each in done]
    show(rows, as_json, lambda: show_table([words(each) for each in _LIST_HEADINGS], [_cells(row) for row in rows]))
    refusals = [each.refusal for each in done if each.refusal is not None]
    if refusals:
        raise refusals[0]


def _use(name: str | None) -> "TrustUse | None":
    from warifu.wire.verification import TrustUse

    return None if name is None else TrustUse(name)


def _store() -> "TrustStore":
    from warifu.wire.verification import TrustStore

    return TrustStore(settings().data_directory / "trust")


def _gatherer() -> "Gatherer":
    from warifu.wire.verification import Gatherer

    return Gatherer(_store(), settings().data_directory / "revocation", SystemEntropy())


def _confirm(anchor: "TrustedAnchor", known: Iterable[str]) -> None:
    """Somebody must have compared the fingerprint: the source, the caller, or the person now."""
    if not anchor.real and anchor.fingerprint.hex() not in known:
        tell(_UNASKED)
        facts = {"name": anchor.name, "use": words(_USES[anchor.use.value]), "end": f"{anchor.not_after:%Y-%m-%d}"}
        if not click.confirm(words(_ASK, fingerprint=_colons(anchor), **facts), err=True):
            raise Cancelled


def _digits(fingerprint: str) -> str:
    return fingerprint.replace(":", "").replace(" ", "").lower()


def _colons(anchor: "TrustedAnchor") -> str:
    return anchor.fingerprint.hex(":").upper()


def _told(anchor: "TrustedAnchor") -> dict[str, Any]:
    return {
        "fingerprint": anchor.fingerprint.hex(),
        "use": anchor.use.value,
        "name": anchor.name,
        "not_after": anchor.not_after.isoformat(),
        "added_at": anchor.added_at.isoformat(),
        "real": anchor.real,
        "ocsp": anchor.ocsp,
        "lists": list(anchor.lists),
    }


def _lines(told: dict[str, Any]) -> list[str]:
    lists = told.pop("lists")
    return [f"{name}: {value}" for name, value in told.items()] + [f"list: {place}" for place in lists]


def _show(anchors: Iterable["TrustedAnchor"], as_json: bool) -> None:
    told = [_told(anchor) for anchor in anchors]
    show(told, as_json, _table(told))


def _table(told: list[dict[str, Any]]) -> Callable[[], None]:
    if not told:
        return lambda: tell(_NONE)
    rows = [(t["fingerprint"][:16], words(_USES[t["use"]]), t["not_after"][:10], t["name"]) for t in told]
    return lambda: show_table([words(each) for each in _HEADINGS], rows)


def _row(done: "Refreshed") -> dict[str, Any]:
    return {"place": done.place, "entries": done.entries, "refusal": str(done.refusal) if done.refusal else None}


def _cells(row: dict[str, Any]) -> list[str]:
    return [row["place"], "" if row["refusal"] else str(row["entries"]), row["refusal"] or ""]
