"""``warifu companion``: log in with the card in a reader of this PC, from a page in its browser."""

from contextlib import AbstractContextManager, ExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING

import click

from warifu.cardmap import AUTHENTICATION_PIN, SIGNING_PASSWORD, TEXT_PIN, PinSpec
from warifu.cli import failures
from warifu.cli.commands import Command, option
from warifu.cli.pins import force_option
from warifu.cli.root import settings
from warifu.cli.texts import Text, counted_tries, tell, words
from warifu.errors import Cancelled, Malformed, WarifuError, WrongPin
from warifu.messages import LoginAnswer, LoginInvitation, SigningData
from warifu.ports import Connection
from warifu.wire import pcsc
from warifu.wire.clock import SystemClock
from warifu.wire.companion import Desk, OpenCard, answer_invitation, application
from warifu.wire.serving import Listening, reserve
from warifu.wire.settings import CompanionSettings

if TYPE_CHECKING:
    from warifu.wire.stapling import Stapling

__all__ = ["Terminal", "companion", "stapling"]

_PATIENCE = 60.0
"""Seconds to wait for a card."""

_ABOUT = Text(
    "PCのブラウザーとカードリーダーの間に立ち、カードでログインする。暗証番号はこの画面でだけ入力します。",
    "Log in with the card in this PC's reader, from a page in its browser. PINs are entered here only.",
)
_READY = Text(
    "{address} で待っています。応答する相手: {origins}（Ctrl-Cで終了）",
    "waiting at {address} for pages of {origins} (Ctrl-C ends)",
)
_CONFIRM = Text("{origin} の「{client}」にログインしますか", "log in to {client} at {origin}?")
_CONFIRM_ATTRIBUTES = Text(
    "{origin} の「{client}」にログインしますか（氏名・住所・生年月日・性別も求めています）",
    "log in to {client} at {origin}, which also asks for name, address, birth date and sex?",
)
_CONFIRM_SIGNING = Text(
    "「{client}」は署名用電子証明書による電子署名を求めています。\n"
    "署名する値（SHA-256）: {digest}\n"
    "署名には氏名・住所・生年月日・性別が含まれます。署名しますか",
    "{client} wants a signature with the signing certificate.\n"
    "to be signed (SHA-256): {digest}\n"
    "the signature carries name, address, birth date and sex. sign?",
)
_SIGNING_PASSWORD = Text(
    "署名用パスワード（英数字6〜16文字、{left}）", "signing password (6 to 16 letters and digits, {left})"
)
_INSERT = Text("カードをリーダーに置いてください", "put the card on the reader")
_AUTHENTICATION_PIN = Text("利用者証明用暗証番号（数字4桁、{left}）", "authentication PIN (4 digits, {left})")
_TEXT_PIN = Text(
    "券面事項入力補助用暗証番号（数字4桁、{left}、空欄なら属性を渡しません）",
    "text PIN (4 digits, {left}, empty shares no attributes)",
)
_SHARE = Text(
    "この暗証番号で氏名・住所・生年月日・性別も読み出して渡しますか",
    "share name, address, birth date and sex, too? the same PIN opens them",
)
_NO_TEXT_PIN = Text(
    "券面事項入力補助用暗証番号が{left}のため、属性は渡しません",
    "the text PIN has {left}, so no attributes are shared",
)
_DONE = Text("署名をページに渡しました", "the signature went to the page")


@click.command(cls=Command, help=_ABOUT)
@option("--port", type=click.IntRange(1, 65535), help=Text("待ち受けるポート。", "The port to listen on."))
@option(
    "--origin",
    "origins",
    multiple=True,
    help=Text("応答する相手のオリジン（繰り返し可）。", "An origin whose logins are answered (may be repeated)."),
)
@option("--reader", help=Text("リーダーの名前、またはその一部。", "The reader's name, or part of it."))
@option(
    "--ocsp",
    help=Text(
        "ログインに添える証明書の状態を得るOCSPサービス（certificateなら証明書に書かれたもの、空なら添えない）。",
        "The OCSP service from which a status answer is sent along ('certificate': the one that the certificate names; "
        "empty: none).",
    ),
)
@force_option
def companion(port: int | None, origins: tuple[str, ...], reader: str | None, ocsp: str | None, force: bool) -> None:
    """Serve in a thread, ask in this one."""
    given = {"port": port, "providers": origins or None, "reader": reader, "ocsp": ocsp}
    chosen = settings(companion=given).companion
    with ExitStack() as stack:
        _serve(chosen, stack.enter_context(stapling(chosen.ocsp)) if chosen.ocsp else None, force)


def stapling(service: str) -> "Stapling":
    """What sends status answers along."""
    from warifu.wire.stapling import Stapling  # loads the authorities' side

    return Stapling(service, SystemClock())


def _serve(chosen: CompanionSettings, staples: "Stapling | None", force: bool) -> None:
    desk: Desk[LoginAnswer] = Desk()
    answer = partial(_answer, Terminal(), partial(_open_card, chosen.reader), force, staples)
    app = application(
        chosen.port,
        chosen.providers,
        lambda invitation, origin: desk.bring(partial(answer, invitation, origin)),
        partial(pcsc.card_present, chosen.reader or None),
    )
    listening = Listening([(reserve("localhost", chosen.port), app)])
    listening.start()
    tell(_READY, address=f"http://localhost:{chosen.port}", origins=", ".join(chosen.providers))
    try:
        with suppress(KeyboardInterrupt):
            desk.work()
    finally:
        desk.close()
        listening.stop()


def _open_card(reader: str, waiting: pcsc.Waiting) -> AbstractContextManager[Connection]:
    return pcsc.connect(reader or None, _PATIENCE, waiting)


def _answer(
    terminal: "Terminal",
    open_card: OpenCard,
    spend_last: bool,
    staples: "Stapling | None",
    invitation: LoginInvitation,
    origin: str,
) -> LoginAnswer:
    """One login; how it ended is told here too, not to the page alone."""
    try:
        answer = answer_invitation(
            invitation, origin, terminal, open_card, SystemClock(), spend_last=spend_last, stapling=staples
        )
    except WarifuError as error:
        failures.report(error, debug=False)
        raise
    tell(_DONE)
    return answer


class Terminal:
    """The companion's prompt: a `Dialogue` in the terminal, PINs without echo."""

    def confirm(self, client_name: str, origin: str, attributes: bool) -> None:
        """Ask; no is the default.

        Raises:
            Cancelled: the person said no.
        """
        question = words(_CONFIRM_ATTRIBUTES if attributes else _CONFIRM, client=client_name, origin=origin)
        if not _agreed(question):
            raise Cancelled

    def confirm_signing(self, client_name: str, origin: str, data: SigningData) -> None:
        """Say what is to be signed and what goes along with it, and ask; no is the default.

        Raises:
            Cancelled: the person said no.
        """
        if not _agreed(words(_CONFIRM_SIGNING, client=client_name, origin=origin, digest=data.text)):
            raise Cancelled

    def wait_for_card(self) -> None:
        """Say that a card is awaited."""
        tell(_INSERT)

    def authentication_pin(self, tries_left: int) -> str:
        """Ask until it can be a PIN."""
        pin = None
        while not pin:
            pin = _ask(words(_AUTHENTICATION_PIN, left=counted_tries(tries_left)), AUTHENTICATION_PIN)
        return pin

    def text_pin(self, tries_left: int) -> str | None:
        """Ask until it can be a PIN, or is left empty."""
        return _ask(words(_TEXT_PIN, left=counted_tries(tries_left)), TEXT_PIN)

    def share_attributes(self) -> bool:
        """Ask; no is the default."""
        return _agreed(words(_SHARE))

    def no_text_pin(self, tries_left: int) -> None:
        """Say that no attributes can be shared."""
        tell(_NO_TEXT_PIN, left=counted_tries(tries_left))

    def signing_password(self, tries_left: int) -> str:
        """Ask until it can be a password."""
        password = None
        while not password:
            password = _ask(words(_SIGNING_PASSWORD, left=counted_tries(tries_left)), SIGNING_PASSWORD)
        return password

    def wrong_pin(self, error: WrongPin) -> None:
        """Say which PIN was wrong."""
        failures.report(error, debug=False)


def _agreed(question: str) -> bool:
    try:
        return click.confirm(question, err=True)
    except click.Abort:
        return False


def _ask(question: str, spec: PinSpec) -> str | None:
    """Ask without echo until the answer can be a PIN of this kind; None if it is empty.

    Raises:
        Cancelled: Ctrl-C, or the end of input.
    """
    while True:
        try:
            pin = str(click.prompt(question, default="", show_default=False, hide_input=True, err=True))
        except click.Abort:
            raise Cancelled from None
        if not pin:
            return None
        try:
            spec.encode(pin)
        except Malformed as error:
            failures.report(error, debug=False)
        else:
            return pin
