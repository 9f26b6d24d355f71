"""``warifu resident card``: a card from the application to its return, at a window and at its maker's desk.

No PIN is asked for or told here: the holder types them at the terminal, and a clerk only says that it set them.
"""

import base64
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from warifu.cli.commands import Command, Group, option
from warifu.cli.pins import PinName
from warifu.cli.register_open import Asked, asked_register, done, holder_argument
from warifu.cli.resident_writing import act_options, given, write
from warifu.cli.texts import Text
from warifu.errors import Malformed, NotAllowed, Unavailable
from warifu.messages import OrderedKind
from warifu.registry import Applicant, CardPin, Collector, Desk, Ground, Office, Proof, Route

__all__ = ["card"]

_STEPS = (
    "withdraw",
    "report_lost",
    "note_found",
    "give_back",
    "order_return",
    "update_face",
    "give_up_pins",
    "return_not_notified",
    "outside_the_act",
)
_KINDS = [kind.value for kind in OrderedKind]
_PINS = [pin.value for pin in CardPin]
_PEM = b"-----BEGIN PUBLIC KEY-----"
_AT_TERMINAL = Text(
    "ご本人が端末で設定する暗証番号: {pins}。設定が終わったら --pins-set を付けてください",
    "the holder sets these PINs at the terminal: {pins}; say --pins-set when that is done",
)
_card_argument = click.argument("card", metavar="CARD")
_kind_argument = click.argument("kind", metavar="KIND", type=click.Choice(_KINDS))


_pins_argument = click.argument("pins", metavar="PIN...", nargs=-1, required=True, type=PinName(_PINS))
_keys_option = option(
    "--key",
    "keys",
    metavar="KIND=FILE",
    multiple=True,
    help=Text(
        "カードの公開鍵（SubjectPublicKeyInfo、PEMかDER）。証明書の種類ごとに一つ。",
        "A public key of the card (SubjectPublicKeyInfo, PEM or DER), one for each kind of certificate.",
    ),
)


@click.group(
    cls=Group,
    help=Text(
        "窓口でカードに行うこと: 申請から交付、暗証番号の再設定、紛失、返納まで。暗証番号そのものは扱いません。",
        "What is done to a card, from the application and the hand-over to its return. No PIN is ever told here.",
    ),
)
def card() -> None:
    """The group."""


@card.command("apply", cls=Command, help=Text("交付申請を受け付ける。", "Accept an application for a card."))
@holder_argument
@option(
    "--ground",
    type=click.Choice([each.value for each in Ground]),
    default=Ground.FIRST.value,
    show_default=True,
    help=Text("申請の理由。", "Why a card is asked for."),
)
@option(
    "--applicant",
    type=click.Choice([each.value for each in Applicant]),
    default=Applicant.SELF.value,
    show_default=True,
    help=Text("申請者。", "Who asks."),
)
@option(
    "--route",
    type=click.Choice([each.value for each in Route]),
    default=Route.COUNTER.value,
    show_default=True,
    help=Text("受取方法。", "How the card gets to its holder."),
)
@option(
    "--kind",
    "kinds",
    type=click.Choice([*_KINDS, "none"]),
    multiple=True,
    default=_KINDS,
    show_default=True,
    help=Text("載せる電子証明書。", "Which certificates it gets."),
)
@option("--without-pins", is_flag=True, help=Text("顔認証カード。", "A face-verification card."))
@option("--no-photo", is_flag=True, help=Text("顔写真がない。", "No photo came with it."))
@option("--old-card", is_flag=True, help=Text("今のカードを返す。", "The present card is handed in."))
@option("--proof-of-loss", is_flag=True, help=Text("紛失を示す書類がある。", "There is proof of the loss."))
@option("--in-person", is_flag=True, help=Text("本人が来庁した。", "The applicant came."))
@option(
    "--urgent-since",
    metavar="YYYY-MM-DD",
    type=click.DateTime(["%Y-%m-%d"]),
    help=Text("特急発行の事由が生じた日。", "Since when the express route is needed."),
)
@act_options
def apply(
    holder: str,
    ground: str,
    applicant: str,
    route: str,
    kinds: tuple[str, ...],
    without_pins: bool,
    no_photo: bool,
    old_card: bool,
    proof_of_loss: bool,
    in_person: bool,
    urgent_since: datetime | None,
    act: str | None,
    asked: Asked,
    as_json: bool,
) -> None:
    """Write it."""
    body = {
        "ground": ground,
        "applicant": applicant,
        "route": route,
        "kinds": sorted(set(kinds) - {"none"}),
        "pins": not without_pins,
        "photo": not no_photo,
        "old_card": old_card,
        "proof_of_loss": proof_of_loss,
        "in_person": in_person,
        "urgent_since": None if urgent_since is None else urgent_since.date().isoformat(),
    }
    write("POST", f"/people/{holder}/cards", given(body), holder, act, asked, as_json)


@card.command(
    "made",
    cls=Command,
    help=Text(
        "カードが作られたことを記録する（J-LISの席）。証明書が発注される。",
        "Note that the card was made, at J-LIS's desk; its certificates are ordered.",
    ),
)
@_card_argument
@_keys_option
@act_options
def made(card: str, keys: tuple[str, ...], act: str | None, asked: Asked, as_json: bool) -> None:
    """Do it."""
    with asked_register(asked, desk=Desk(Office.JLIS)) as register:
        done(register.call("POST", f"/cards/{card}/made", {"keys": _read(keys)}, key=act), as_json)


@card.command(
    "written",
    cls=Command,
    help=Text("証明書をカードに書き込んだことを記録する（J-LISの席）。", "Note that a certificate is on the card."),
)
@_card_argument
@_kind_argument
@act_options
def written(card: str, kind: str, act: str | None, asked: Asked, as_json: bool) -> None:
    """Do it."""
    with asked_register(asked, desk=Desk(Office.JLIS)) as register:
        done(register.call("POST", f"/cards/{card}/written", {"kind": kind}, key=act), as_json)


@card.command(
    "deliver",
    cls=Command,
    help=Text(
        "交付する。--pins-set がなければ、端末で設定する暗証番号を示して終わる。",
        "Hand the card over; without --pins-set it says which PINs the holder has to set at the terminal first.",
    ),
)
@_card_argument
@option(
    "--collector",
    type=click.Choice([each.value for each in Collector]),
    default=Collector.HOLDER.value,
    show_default=True,
    help=Text("受け取る人。", "Who takes it."),
)
@option(
    "--proof",
    type=click.Choice([each.value for each in Proof]),
    required=True,
    help=Text("本人確認の方法。", "By what the person is known."),
)
@option("--cannot-come", is_flag=True, help=Text("本人は来られない。", "The holder cannot come."))
@option("--pins-set", is_flag=True, help=Text("端末で設定された。", "The terminal says that the PINs are set."))
@_keys_option
@act_options
def deliver(
    card: str,
    collector: str,
    proof: str,
    cannot_come: bool,
    pins_set: bool,
    keys: tuple[str, ...],
    act: str | None,
    asked: Asked,
    as_json: bool,
) -> None:
    """Open the hand-over, then do it."""
    comes: dict[str, Any] = {"collector": collector, "proof": proof, "cannot_come": cannot_come}
    with asked_register(asked, card=card) as register:
        pins = register.call("POST", f"/cards/{card}/handover", comes)["pins"]
        if pins and not pins_set:
            refusal = NotAllowed("the PINs are not set")
            listed = ", ".join(pins)
            told = (each.format(pins=listed) for each in (_AT_TERMINAL.japanese, _AT_TERMINAL.english))
            refusal.add_note(Text(*told))
            raise refusal
        body = given({**comes, "pins": pins, "keys": _read(keys) or None})
        done(register.call("POST", f"/cards/{card}/delivery", body, key=act), as_json)


@card.command(
    "reset-pin",
    cls=Command,
    help=Text("端末で設定し直された暗証番号を記録する。", "Note which PINs the holder set anew at the terminal."),
)
@_card_argument
@_pins_argument
@act_options
def reset_pin(card: str, pins: tuple[str, ...], act: str | None, asked: Asked, as_json: bool) -> None:
    """Do it."""
    _do(card, "pin-resets", {"pins": sorted(set(pins))}, act, asked, as_json)


@card.command(
    "take-up-pins",
    cls=Command,
    help=Text("顔認証カードに暗証番号を設ける。", "Make a face-verification card one with PINs, which are set."),
)
@_card_argument
@_pins_argument
@act_options
def take_up_pins(card: str, pins: tuple[str, ...], act: str | None, asked: Asked, as_json: bool) -> None:
    """Do it."""
    _do(card, "pins", {"pins": sorted(set(pins))}, act, asked, as_json)


@card.command(
    "present",
    cls=Command,
    help=Text(
        "転入後の継続利用。データディレクトリでは --municipality に転入先を指定する。",
        "The card is shown after a move, so that it stays in force; say where to with --municipality.",
    ),
)
@_card_argument
@option(
    "--pin-verified", is_flag=True, help=Text("住基の暗証番号が確かめられた。", "The card verified the register PIN.")
)
@act_options
def present(card: str, pin_verified: bool, act: str | None, asked: Asked, as_json: bool) -> None:
    """Do it."""
    _do(card, "presentation", {"pin_verified": pin_verified}, act, asked, as_json)


@card.command(
    "keep-abroad",
    cls=Command,
    help=Text("国外転出後の継続利用。", "The card stays in force abroad, shown with the notice of leaving."),
)
@_card_argument
@act_options
def keep_abroad(card: str, act: str | None, asked: Asked, as_json: bool) -> None:
    """Do it."""
    _do(card, "abroad", None, act, asked, as_json)


@card.command(
    "prolong",
    cls=Command,
    help=Text("在留期間とともに有効期間を延ばす。", "Let a foreign resident's card live as long as the stay."),
)
@_card_argument
@act_options
def prolong(card: str, act: str | None, asked: Asked, as_json: bool) -> None:
    """Do it."""
    _do(card, "prolongation", None, act, asked, as_json)


@card.command("revoke", cls=Command, help=Text("電子証明書の失効申請。", "The holder gives up a certificate."))
@_card_argument
@_kind_argument
@act_options
def revoke(card: str, kind: str, act: str | None, asked: Asked, as_json: bool) -> None:
    """Do it."""
    _do(card, "revocations", {"kind": kind}, act, asked, as_json)


@card.command(
    "destroy",
    cls=Command,
    help=Text("受け取られなかったカードを廃棄する。", "Destroy a card that nobody collected in time."),
)
@_card_argument
@act_options
def destroy(card: str, act: str | None, asked: Asked, as_json: bool) -> None:
    """Do it."""
    _do(card, "destruction", None, act, asked, as_json)


@card.command(
    "step",
    cls=Command,
    help=Text(
        "そのほか: 申請の取下げ、紛失、発見、返納、返納命令、顔写真の更新、暗証番号の廃止、"
        "帰国届なし・法の対象外による失効の記録。",
        "Whatever needs no further words: an application withdrawn, loss, finding, return, return ordered, a new face, "
        "PINs given up; and noting that the law has ended it, after a return not notified or outside the Act.",
    ),
)
@_card_argument
@click.argument("step", type=click.Choice(_STEPS))
@act_options
def step_(card: str, step: str, act: str | None, asked: Asked, as_json: bool) -> None:
    """Do it."""
    _do(card, "steps", {"step": step}, act, asked, as_json)


def _do(card: str, what: str, body: dict[str, Any] | None, act: str | None, asked: Asked, as_json: bool) -> None:
    """One act at the window that looks after the card."""
    with asked_register(asked, card=card) as register:
        done(register.call("POST", f"/cards/{card}/{what}", body, key=act), as_json)


def _read(keys: tuple[str, ...]) -> dict[str, str]:
    """The keys as the register takes them: base64 of their DER, by kind."""
    pairs = [each.partition("=")[::2] for each in keys]
    if any(kind not in _KINDS or not path for kind, path in pairs):
        raise click.UsageError(f"--key KIND=FILE: {', '.join(_KINDS)}")
    return {kind: _key(Path(path)) for kind, path in pairs}


def _key(path: Path) -> str:
    try:
        data = path.read_bytes().strip()
    except OSError as error:
        raise Unavailable.because(f"cannot read {path}", error) from error
    if not data.startswith(_PEM):
        return base64.b64encode(data).decode("ascii")
    try:
        return b"".join(data.splitlines()[1:-1]).decode("ascii")
    except UnicodeDecodeError:
        raise Malformed(f"{path} is no public key") from None
