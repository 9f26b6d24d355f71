"""``warifu card verify``: is this card genuine, and is what it says unaltered?"""

from collections.abc import Collection
from functools import partial
from pathlib import Path

import click

from warifu.cardmap import CvAnchor
from warifu.cli.card_choice import CardChoice, Held, card_options
from warifu.cli.commands import Command, option
from warifu.cli.credentials import Presenting
from warifu.cli.pins import force_option, pin_file_option
from warifu.cli.results import json_option, show, show_table
from warifu.cli.root import settings
from warifu.cli.texts import Text, tell, words
from warifu.errors import Unavailable, WarifuError
from warifu.reader import Credential, TextSession, VisualSession, examine, examine_printed
from warifu.wire.clock import SystemEntropy
from warifu.wire.key_files import read_chip_anchors

__all__ = ["anchors_option", "outcome_of", "trusted_anchors", "verify"]

_NONCE = 32
_CHECKS = {
    "certificate": Text("発行者の鍵を認証する鍵が信頼できる", "a trusted key certified the issuer's key"),
    "key": Text("発行者がこのカードの鍵に署名した", "the issuer signed this card's own key"),
    "proof": Text("カードがその鍵を持っている（乱数への内部認証）", "the card has that key (it signed our nonce)"),
    "integrity": Text("発行者が氏名などのダイジェストに署名した", "the issuer signed the digest of the attributes"),
    "attributes": Text("氏名などがそのダイジェストと一致する", "the attributes are those of the digest"),
}
_VISUAL_CHECKS = {
    "certificate": _CHECKS["certificate"],
    "integrity": Text(
        "発行者が生年月日とカードの鍵に署名した", "the issuer signed the birth date and the card's own key"
    ),
    "proof": _CHECKS["proof"],
}
_CHECK, _OUTCOME = Text("検査", "check"), Text("結果", "outcome")
_OUTCOMES = {
    "ok": Text("合格", "ok"),
    "failed": Text("不合格", "failed"),
    "unknown": Text("判定できない", "cannot tell"),
}
_HOW_TO_TRUST = Text(
    "--anchors に信頼する鍵のフォルダを指定してください", "name a folder with the keys you trust with --anchors"
)
_NO_CONFIRMATION = Text(
    "カードの状態の検査であり、公的個人認証法に基づく確認ではありません",
    "this examines a card; it is no confirmation under the Act on JPKI",
)


anchors_option = option(
    "--anchors",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help=Text(
        "信頼する鍵のフォルダ（鍵IDを名前にしたPEM）。省くと設定または町のもの。",
        "A folder with the keys you trust, PEM files named for their key ids; else the configured ones or the town's.",
    ),
)
"""Adds ``--anchors``: the keys that certify cards."""


@click.command(
    cls=Command,
    help=Text(
        "カードが本物で、氏名・住所・生年月日・性別が書き換えられていないかを確かめる。個人番号は読みません。"
        "暗証番号の代わりに、券面の生年月日6桁で年齢の記録だけを確かめることもできます（--credential birth-date）。",
        "Is this card genuine, and are name, address, birth date and sex unaltered? Checks the signatures, the chain "
        "above them and that the card holds its own key, by a fresh nonce. The individual number is not read. Instead "
        "of the text PIN, the birth date as printed (YYMMDD) opens the age record alone (--credential birth-date).",
    ),
)
@option(
    "--credential",
    type=click.Choice(["pin", "birth-date"]),
    default="pin",
    show_default=True,
    help=Text("開くもの: pin 券面事項入力補助用暗証番号、birth-date 券面の生年月日6桁。", "What opens it."),
)
@anchors_option
@pin_file_option(
    "--pin-file",
    Text("暗証番号または生年月日6桁のファイル（-は標準入力）。", "A file with the PIN or the six digits (- is stdin)."),
)
@force_option
@card_options
@json_option
def verify(
    choice: CardChoice, credential: str, anchors: Path | None, pin_file: Path | None, force: bool, as_json: bool
) -> None:
    """Open, examine every link, print; the first fault decides the exit code."""
    trusted = trusted_anchors(anchors, choice)
    by_pin = credential == "pin"
    with choice.open() as held:
        faults = (_examine_text if by_pin else _examine_age)(held, Presenting(held, pin_file, force), trusted)
    outcomes = {name: outcome_of(fault) for name, fault in faults.items()}
    named = _CHECKS if by_pin else _VISUAL_CHECKS
    rows = [(words(named[name]), words(_OUTCOMES[outcome])) for name, outcome in outcomes.items()]
    result = {
        "genuine": _verdict(outcomes.values()),
        "application": "text" if by_pin else "visual",
        "checks": outcomes,
    }
    show(result, as_json, lambda: show_table([words(_CHECK), words(_OUTCOME)], rows))
    tell(_NO_CONFIRMATION)
    _raise_worst([fault for fault in faults.values() if fault is not None])


def _examine_text(held: Held, presenting: Presenting, anchors: Collection[CvAnchor]) -> dict[str, WarifuError | None]:
    nonce = SystemEntropy().bytes(_NONCE)
    session = TextSession(held.connection)
    presenting.present(Credential.TEXT_PIN, session.tries_left, session.verify)
    return examine(session.attributes_answer(nonce), nonce, anchors)


def _examine_age(held: Held, presenting: Presenting, anchors: Collection[CvAnchor]) -> dict[str, WarifuError | None]:
    nonce = SystemEntropy().bytes(_NONCE)
    session, key = VisualSession(held.connection), Credential.BIRTH_DATE
    presenting.present(key, partial(session.tries_left, key), partial(session.verify, key))
    return examine_printed(session.age_record(), session.certificate(), nonce, session.prove(nonce), anchors)


def trusted_anchors(folder: Path | None, choice: CardChoice) -> list[CvAnchor]:
    """The keys that were named, else those of the town or of the settings, else none."""
    folder = folder or choice.chip_anchors() or settings().provider.chip_anchors
    return [] if folder is None else read_chip_anchors(folder)


def outcome_of(fault: WarifuError | None) -> str:
    """``ok``, ``failed``, or ``unknown`` where something was not at hand."""
    return "ok" if fault is None else "unknown" if isinstance(fault, Unavailable) else "failed"


def _verdict(outcomes: Collection[str]) -> bool | None:
    """Genuine, not genuine, or None: what cannot be told is neither."""
    if "failed" in outcomes:
        return False
    return None if "unknown" in outcomes else True


def _raise_worst(faults: list[WarifuError]) -> None:
    for fault in sorted(faults, key=lambda fault: isinstance(fault, Unavailable)):
        if isinstance(fault, Unavailable):
            fault.add_note(_HOW_TO_TRUST)
        raise fault
