"""``warifu login``: a whole login without a browser and without a person, for continuous integration."""

import hashlib
import re
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import click

from warifu.cli.commands import Command, argument, option
from warifu.cli.companion import stapling
from warifu.cli.inputs import read_input
from warifu.cli.pins import force_option, pin_file_option, read_pin
from warifu.cli.results import json_option, show
from warifu.cli.root import settings
from warifu.cli.texts import Text, tell, words
from warifu.cli.town_choice import directory_option, open_town
from warifu.errors import WarifuError
from warifu.wire.settings import Settings

if TYPE_CHECKING:
    from warifu.town.town import Town
    from warifu.wire.headless import CardInHand, Outcome

__all__ = ["login"]

_ABOUT = Text(
    "ブラウザーも人もなしにログインする（CI向け）。カードで署名し、共有に同意し、コールバックのURLを表示します。\n\n"
    "ADDRESSはクライアントが作った認可リクエスト、またはそこへ転送するページ。省くと町の商店のものを使います。",
    "Log in without a browser and without a person, for continuous integration: sign with a card, agree to the "
    "sharing, print the callback URL.\n\n"
    "ADDRESS is an authorization request made by the client under test, or a page that redirects to one; without it "
    "the town's shop makes one.",
)
_WAITING = Text("カードをリーダーに置いてください", "put the card on the reader")
_AUTHENTICATION_PIN = Text("利用者証明用暗証番号", "authentication PIN")
_TEXT_PIN = Text("券面事項入力補助用暗証番号", "text PIN")
_ONE_CARD = Text("--persona か --reader のどちらか一つが必要です", "give either --persona or --reader")
_FOLLOWED = Text("コールバックの応答: {status}", "the callback answered with status {status}")
_WITHOUT = Text("--without-attributes を付けるとそれなしでログインします", "--without-attributes logs in without it")
_SIGNING_PASSWORD = Text("署名用パスワード", "signing password")
_EMPTY = Text("ADDRESSが空です", "the ADDRESS is empty: no authorization request was made")
_SIGN_OR_ADDRESS = Text(
    "--sign は町の商店で使います。ADDRESS を指定するときは、クライアントが署名する値を決めます",
    "--sign is for the town's shop; with an ADDRESS the client says what is signed",
)
_PATIENCE = 60.0
"""Seconds to wait for a card in a reader."""
_LARGEST = 100 * 1024 * 1024


@click.command(cls=Command, help=_ABOUT)
@argument("address", required=False)
@option("--persona", help=Text("町の人（またはカード）の名前。", "A person (or card) of the town."))
@option("--reader", help=Text("カードリーダーの名前、またはその一部。", "A card reader's name, or part of it."))
@pin_file_option(
    "--pin-file", Text("利用者証明用暗証番号のファイル（-は標準入力）。", "A file with the authentication PIN.")
)
@pin_file_option("--text-pin-file", Text("券面事項入力補助用暗証番号のファイル。", "A file with the text PIN."))
@pin_file_option("--signing-password-file", Text("署名用パスワードのファイル。", "A file with the signing password."))
@option(
    "--sign",
    "signed",
    metavar="DIGEST|FILE",
    help=Text(
        "町の商店に署名を求めさせる（SHA-256の16進64桁、またはファイル）。",
        "Have the town's shop ask for a signature (a SHA-256 value in 64 hexadecimal digits, or a file).",
    ),
)
@option(
    "--without-attributes",
    is_flag=True,
    help=Text("券面事項入力補助用暗証番号を使わない。", "Do not use the text PIN: share no attributes."),
)
@option(
    "--without-status",
    is_flag=True,
    help=Text("証明書の状態（OCSPの応答）を添えない。", "Send no status answer (OCSP) along."),
)
@option("--cancel", is_flag=True, help=Text("カードを使わずに取り消す。", "Cancel instead of using the card."))
@option("--follow", is_flag=True, help=Text("コールバックにもアクセスする。", "Visit the callback, too."))
@option(
    "--origin",
    "origins",
    multiple=True,
    help=Text("応答してよいプロバイダーのオリジン（繰り返し可）。", "A provider that may be answered (repeatable)."),
)
@directory_option
@force_option
@json_option
def login(
    address: str | None,
    persona: str | None,
    reader: str | None,
    pin_file: Path | None,
    text_pin_file: Path | None,
    signing_password_file: Path | None,
    signed: str | None,
    without_attributes: bool,
    without_status: bool,
    cancel: bool,
    follow: bool,
    origins: tuple[str, ...],
    directory: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """One straight story: choose the card, log in, print; the fault that ended it decides the exit code."""
    from warifu.wire.headless import Headless

    if (persona is None) == (reader is None) and not cancel:
        raise click.UsageError(words(_ONE_CARD))
    if address == "":
        raise click.UsageError(words(_EMPTY))
    if signed is not None and address is not None:
        raise click.UsageError(words(_SIGN_OR_ADDRESS))
    chosen = settings()
    town = open_town(directory) if persona is not None or address is None else None
    with ExitStack() as stack:
        service = "" if without_status else _status_service(chosen, town)
        staples = stack.enter_context(stapling(service)) if service else None
        headless = stack.enter_context(Headless(_allowed(chosen, origins, town), staples))
        address = address or _shop(town, signed)
        if cancel:
            outcome = headless.cancel(address)
        else:
            files = _PinFiles(pin_file, text_pin_file, signing_password_file, with_text_pin=not without_attributes)
            card = _card_in(reader, files, force) if persona is None else _card_of(town, persona, files, force)
            outcome = headless.log_in(address, card)
        status = headless.follow(outcome) if follow else None
    show(_result(outcome, status), as_json, lambda: _present(outcome, status))
    if outcome.fault is not None:
        raise _with_way_out(outcome.fault)


def _with_way_out(fault: WarifuError) -> WarifuError:
    """Nobody needs the text PIN to log in, so its tries are no dead end."""
    if getattr(fault, "pin_name", None) == _TEXT_PIN:
        fault.add_note(_WITHOUT)
    return fault


def _allowed(chosen: Settings, origins: tuple[str, ...], town: "Town | None") -> set[str]:
    """Whom a card may answer: those named here, else those the companion answers, and the town's own."""
    own = set() if town is None else {town.addresses.provider}
    return set(origins or chosen.companion.providers) | own


def _status_service(chosen: Settings, town: "Town | None") -> str:
    """Where a status answer is fetched: at the town's authority, else where the companion fetches it."""
    if town is None:
        return chosen.companion.ocsp
    from warifu.town.provider import status_service

    return status_service(town.addresses)


def _shop(town: "Town | None", signed: str | None) -> str:
    """A page of the town's shop that sends the browser to log in, or to sign."""
    assert town is not None
    shop = town.addresses.relying_party
    return f"{shop}/login" if signed is None else f"{shop}/sign?digest={_digest(signed)}"


def _digest(signed: str) -> str:
    """A SHA-256 value in hexadecimal: as it was given, or of the file that was named."""
    if re.fullmatch(r"[0-9A-Fa-f]{64}", signed):
        return signed
    return hashlib.sha256(read_input(Path(signed), _LARGEST)).hexdigest()


def _card_of(town: "Town | None", name: str, files: "_PinFiles", force: bool) -> "CardInHand":
    """A card of the town with its own PINs, unless files say others (to see what a wrong one does)."""
    from warifu.town.wallet import card_in_hand
    from warifu.wire.headless import CardInHand

    assert town is not None
    known = card_in_hand(town, name)
    pin = known.authentication_pin if files.authentication is None else files.read_authentication_pin()
    text_pin = files.read_text_pin(known.text_pin)
    password = files.read_signing_password(known.signing_password)
    return CardInHand(known.open, pin, text_pin, force, password)


def _card_in(reader: str | None, files: "_PinFiles", force: bool) -> "CardInHand":
    """The card in a reader; a text PIN is used only when its file is named, for nobody is there to choose."""
    from warifu.wire import pcsc
    from warifu.wire.headless import CardInHand

    waiting = partial(tell, _WAITING)
    open_card = partial(pcsc.connect, reader, _PATIENCE, waiting)
    pin, text_pin = files.read_authentication_pin(), files.read_text_pin(None)
    return CardInHand(open_card, pin, text_pin, force, files.read_signing_password(""))


@dataclass(frozen=True, slots=True)
class _PinFiles:
    """Where PINs are read from."""

    authentication: Path | None
    text: Path | None
    signing: Path | None
    with_text_pin: bool

    def read_authentication_pin(self) -> str:
        """From its file, or asked for."""
        return read_pin(self.authentication, _AUTHENTICATION_PIN)

    def read_text_pin(self, known: str | None) -> str | None:
        """From its file, else the one known; None when no attributes are to be shared."""
        if not self.with_text_pin:
            return None
        return known if self.text is None else read_pin(self.text, _TEXT_PIN)

    def read_signing_password(self, known: str) -> str:
        """From its file, else the one known; used only where a client wants something signed."""
        return known if self.signing is None else read_pin(self.signing, _SIGNING_PASSWORD)


def _result(outcome: "Outcome", status: int | None) -> dict[str, Any]:
    """The keys of ``--json``."""
    members = dict(parse_qsl(urlsplit(outcome.callback).query))
    return {
        "callback": outcome.callback,
        "shares": list(outcome.shares),
        "error": members.get("error"),
        "error_description": members.get("error_description"),
        "followed": status,
    }


def _present(outcome: "Outcome", status: int | None) -> None:
    click.echo(outcome.callback)
    if status is not None:
        tell(_FOLLOWED, status=status)
