"""``warifu serve``: one party alone, from settings; test keys that everybody has are refused."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING

import click

from warifu.cli.authority_open import custodians_passphrases
from warifu.cli.commands import Group, option
from warifu.cli.logs import start_logs
from warifu.cli.results import json_option, show
from warifu.cli.root import settings
from warifu.cli.texts import Text, tell
from warifu.errors import NotAllowed, Unavailable
from warifu.town.pool import refuse_pooled
from warifu.wire import standalone
from warifu.wire.authority import generations_of
from warifu.wire.clock import SystemClock
from warifu.wire.serving import Application, Listening, Reserved, reserve
from warifu.wire.settings import AuthoritySettings, RegistrySettings, Settings

if TYPE_CHECKING:
    from warifu.wire.desks import Staffed

__all__ = ["serve"]

_READY = Text("{address} で待っています。Ctrl-Cで終了します", "listening at {address}; Ctrl-C ends")
_ENDED = Text("終了しました", "stopped")
_FOUNDED = Text("認証局の鍵と証明書をつくりました", "the authority's key and certificate were made")
_FOUNDED_TIMESTAMPS = Text(
    "時刻認証局の鍵と証明書をつくりました。検証する人はこのルート証明書を信頼します",
    "the timestamp authority's key and certificates were made; whoever verifies its timestamps trusts this root",
)
_FOUND_FIRST = Text(
    "'warifu ca init' で二人で両認証局を、--found で一人で一つだけをつくれます",
    "'warifu ca init' founds both authorities, two persons together; --found makes a key and a certificate",
)
_PAGES = Text("画面へのサインイン: {address}", "sign in to the pages at {address}")
_CEREMONY_FIRST = Text(
    "運用画面は、'warifu ca init' でつくった認証局のものです",
    "the operator's page is for authorities that 'warifu ca init' founded",
)
_TRUST_FIRST = Text(
    "[provider] anchors に信頼する認証局の証明書を置いてください",
    "put the certificates of the authorities to trust into the folder that [provider] anchors names",
)

_host_option = option("--host", help=Text("待ち受けるアドレス。", "The address to listen on."))
_port_option = option(
    "--port", type=click.IntRange(1, 65535), help=Text("待ち受けるポート。", "The port to listen on.")
)
_pages_option = option(
    "--pages-port",
    type=click.IntRange(1, 65535),
    help=Text(
        "運用する人・窓口の人の画面を出すポート（このコンピューターだけ）。",
        "The port of the pages for those who work there; for this machine only.",
    ),
)


@click.group(
    cls=Group,
    help=Text(
        "一つの役だけを設定ファイルに従って動かす。誰でも持っている試験鍵は使えません。",
        "Run one party alone, as the configuration file says. Test keys that everybody has are refused.",
    ),
)
def serve() -> None:
    """The group."""


@serve.command("ca", help=Text("認証局: OCSPと失効リスト。", "A certification authority: OCSP and revocation lists."))
@option(
    "--found",
    is_flag=True,
    help=Text("新しい認証局の鍵と証明書をつくって終わる。", "Make key and certificate of a new authority, and end."),
)
@_host_option
@_port_option
@_pages_option
@json_option
def ca(found: bool, host: str | None, port: int | None, pages_port: int | None, as_json: bool) -> None:
    """Found it, or serve it."""
    chosen = settings(authority={"host": host, "port": port, "pages_port": pages_port})
    if found:
        certificate = standalone.found_authority(chosen, SystemClock().now())
        show({"certificate": str(certificate)}, as_json, lambda: click.echo(certificate))
        tell(_FOUNDED)
        return
    start_logs(chosen, "info")
    own, generations = chosen.authority, generations_of(chosen)
    if generations.names():
        passphrases = custodians_passphrases(chosen, generations)
        if own.pages_port:
            _serve_authorities_with_page(chosen, passphrases)
            return
        party = standalone.open_authorities(chosen, passphrases, refuse_pooled)
        _serve(party, own.host, own.port, own.allow_remote, None)
        return
    if own.pages_port:
        raise NotAllowed(_CEREMONY_FIRST)
    hint = None if standalone.certificate_file(chosen).exists() else _FOUND_FIRST
    _serve(standalone.open_authority(chosen, refuse_pooled), own.host, own.port, own.allow_remote, hint)


@serve.command("provider", help=Text("OpenIDプロバイダー。", "An OpenID provider."))
@_host_option
@_port_option
def provider(host: str | None, port: int | None) -> None:
    """Serve it."""
    chosen = settings(provider={"host": host, "port": port})
    start_logs(chosen, "info")
    own = chosen.provider
    hint = None if any(standalone.trust_folder(chosen).glob("*")) else _TRUST_FIRST
    _serve(standalone.open_provider(chosen, refuse_pooled), own.host, own.port, own.allow_remote, hint)


@serve.command(
    "registry", help=Text("住民基本台帳。番号を付番する機関も動く。", "The register, and the party that numbers.")
)
@_host_option
@_port_option
@_pages_option
def registry(host: str | None, port: int | None, pages_port: int | None) -> None:
    """Serve it: REST, the post, the courier, the turn of the day."""
    from warifu.wire.registry import open_register

    chosen = settings(registry={"host": host, "port": port, "pages_port": pages_port})
    start_logs(chosen, "info")
    own = chosen.registry
    if own.pages_port:
        _serve_register_with_window(chosen)
        return
    _serve(open_register(chosen), own.host, own.port, own.allow_remote, None)


@serve.command("numbering", help=Text("番号を付番する機関だけ。", "The party that numbers, alone."))
@_host_option
@option(
    "--port", type=click.IntRange(1, 65535), default=8707, help=Text("待ち受けるポート。", "The port to listen on.")
)
def numbering(host: str | None, port: int) -> None:
    """Serve it: the post alone."""
    from warifu.wire.registry import open_numbering

    chosen = settings(registry={"host": host})
    start_logs(chosen, "info")
    _serve(open_numbering(chosen), chosen.registry.host, port, chosen.registry.allow_remote, None)


@serve.command("tsa", help=Text("時刻認証局（タイムスタンプ、RFC 3161）。", "A timestamp authority (RFC 3161)."))
@option(
    "--found",
    is_flag=True,
    help=Text("鍵と証明書をつくって終わる。", "Make its key and certificates, and end."),
)
@_host_option
@_port_option
@json_option
def tsa(found: bool, host: str | None, port: int | None, as_json: bool) -> None:
    """Found it, or serve it."""
    from warifu.wire.timestamps import found_timestamps, open_timestamps, root_certificate

    chosen = settings(timestamps={"host": host, "port": port})
    if found:
        root = found_timestamps(chosen, SystemClock().now())
        show({"root": str(root)}, as_json, lambda: click.echo(root))
        tell(_FOUNDED_TIMESTAMPS)
        return
    start_logs(chosen, "info")
    own = chosen.timestamps
    hint = None if root_certificate(chosen).exists() else _FOUND_FIRST
    _serve(open_timestamps(chosen, refuse_pooled), own.host, own.port, own.allow_remote, hint)


@serve.command(
    "verifier",
    help=Text(
        "検証サービス（REST）: 署名文書、証拠、ログイン。",
        "A verifier for others (REST): signed documents, evidence, logins.",
    ),
)
@_host_option
@_port_option
@option("--workers", type=click.IntRange(1, 256), help=Text("検証するプロセスの数。", "How many processes verify."))
@option(
    "--timestamp",
    metavar="URL",
    help=Text("証拠に使うタイムスタンプのサービス（RFC 3161）。", "The timestamp service (RFC 3161) for evidence."),
)
@option(
    "--platform",
    is_flag=True,
    help=Text(
        "署名APIのプラットフォーム事業者にもなる（範囲 platform の呼び出し元に答える）。",
        "Be a platform operator of the signing API too, for callers of that scope.",
    ),
)
def verifier(host: str | None, port: int | None, workers: int | None, timestamp: str | None, platform: bool) -> None:
    """Serve it."""
    from warifu.wire.verifier import open_verifier

    named = {"host": host, "port": port, "workers": workers, "timestamp": timestamp, "platform": platform or None}
    chosen = settings(verifier=named)
    start_logs(chosen, "info")
    own = chosen.verifier
    _serve(open_verifier(chosen), own.host, own.port, own.allow_remote, None)


def _serve(
    party: AbstractContextManager[Application], host: str, port: int, allow_remote: bool, hint: Text | None
) -> None:
    """Serve one application until Ctrl-C."""
    reserved = reserve(host, port, allow_remote=allow_remote)
    with ExitStack() as stack:
        stack.callback(reserved.close)
        try:
            app = stack.enter_context(party)
        except Unavailable as error:
            if hint is not None:
                error.add_note(hint)
            raise
        Listening([(reserved, app)]).run(ready=lambda: tell(_READY, address=reserved.origin))
    tell(_ENDED)


def _serve_authorities_with_page(chosen: Settings, passphrases: Sequence[str]) -> None:
    """Serve the authorities, and their operator's page on a port of its own."""
    from warifu.wire.desks import OPERATOR_HOST, open_authorities_with_page

    own = chosen.authority
    with ExitStack() as stack:
        at, pages = _reserve_both(stack, own, OPERATOR_HOST)
        staffed = open_authorities_with_page(chosen, passphrases, refuse_pooled, pages.origin)
        _serve_both(stack.enter_context(staffed), at, pages)


def _serve_register_with_window(chosen: Settings) -> None:
    """Serve the register, and the clerks' pages on a port of their own."""
    from warifu.wire.desks import WINDOW_HOST, open_register_with_window

    with ExitStack() as stack:
        at, pages = _reserve_both(stack, chosen.registry, WINDOW_HOST)
        _serve_both(stack.enter_context(open_register_with_window(chosen, pages.origin)), at, pages)


def _reserve_both(
    stack: ExitStack, own: AuthoritySettings | RegistrySettings, pages_host: str
) -> tuple[Reserved, Reserved]:
    """The party's address, and its pages', which is this machine's only."""
    at = reserve(own.host, own.port, allow_remote=own.allow_remote)
    stack.callback(at.close)
    pages = reserve(pages_host, own.pages_port)
    stack.callback(pages.close)
    return at, pages


def _serve_both(staffed: "Staffed", at: Reserved, pages: Reserved) -> None:
    def ready() -> None:
        tell(_PAGES, address=staffed.sign_in)
        tell(_READY, address=at.origin)

    Listening([(at, staffed.party), (pages, staffed.pages)]).run(ready=ready)
    tell(_ENDED)
