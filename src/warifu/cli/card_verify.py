"""``warifu card verify``: is this card genuine, and is what it says unaltered?"""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import TypeAlias

import click

from warifu.cardmap import CvAnchor, FaceFile
from warifu.cli.card_choice import CardChoice, Held, card_options
from warifu.cli.card_verify_shown import CHECKS, rows_of
from warifu.cli.commands import Command, option
from warifu.cli.credentials import Presenting, check_spendable
from warifu.cli.pins import force_option, pin_file_option
from warifu.cli.results import json_option, show, show_table
from warifu.cli.root import settings
from warifu.cli.texts import Text, tell, words
from warifu.errors import CardRefused, Unavailable, WarifuError
from warifu.messages import AttributesAnswer
from warifu.reader import (
    Credential,
    TextSession,
    check_same_holder,
    examine,
    examine_free,
    examine_printed,
    open_text,
    open_visual,
)
from warifu.wire.clock import SystemEntropy
from warifu.wire.key_files import read_chip_anchors

__all__ = ["anchors_option", "outcome_of", "trusted_anchors", "verify"]

_NONCE = 32
_HOW_TO_TRUST = Text(
    "--anchors に信頼する鍵のフォルダを指定してください", "name a folder with the keys you trust with --anchors"
)
_NOTHING_PROVED = Text(
    "カードが証明したものがありません。--credential で開くものを選んでください",
    "the card proved nothing that counts; choose with --credential what opens more",
)
_NO_CONFIRMATION = Text(
    "カードの状態の検査であり、公的個人認証法に基づく確認ではありません",
    "this examines a card; it is no confirmation under the Act on JPKI",
)

Faults: TypeAlias = Mapping[str, WarifuError | None]

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
        "カードが本物で、書き換えられていないかを、アプリケーションごとに確かめる。発行者の署名、その鍵の証明書、"
        "カード自身の鍵（乱数への内部認証）を調べます。個人番号は読みません。"
        "どこまで開くかは --credential で選びます。",
        "Is this card genuine and unaltered? Examines each application: the issuer's signatures, the certificates of "
        "the issuer's keys, and that the card holds its own keys, by fresh nonces. The individual number is not read. "
        "--credential chooses what is opened.",
    ),
)
@option(
    "--credential",
    type=click.Choice(["pin", "birth-date", "b", "none"]),
    default="pin",
    show_default=True,
    help=Text(
        "開くもの: pin 券面事項入力補助用暗証番号（氏名など）、birth-date 券面の生年月日6桁（年齢の記録）、"
        "b 照合番号B（券面と氏名など）、none 何も開かない。",
        "What opens it: pin (the text PIN: the attributes), birth-date (as printed, YYMMDD: the age record), "
        "b (matching number B: the face and the attributes), none (nothing: what is free).",
    ),
)
@anchors_option
@pin_file_option(
    "--pin-file",
    Text(
        "暗証番号・生年月日6桁・照合番号Bのファイル（-は標準入力）。",
        "A file with the PIN, the six digits or matching number B (- is stdin).",
    ),
)
@force_option
@card_options
@json_option
def verify(
    choice: CardChoice, credential: str, anchors: Path | None, pin_file: Path | None, force: bool, as_json: bool
) -> None:
    """What is free, then what the credential opens; print all; the first fault decides the exit code."""
    trusted = trusted_anchors(anchors, choice)
    with choice.open() as held:
        examination = _Examination(held, Presenting(held, pin_file, force), trusted, force)
        faults: dict[str, Faults] = {**examine_free(held.connection, SystemEntropy(), trusted)}
        faults |= _OPENED_BY[credential](examination)
    outcomes = {place: {name: outcome_of(fault) for name, fault in links.items()} for place, links in faults.items()}
    genuine = _verdict(outcomes)
    result = {"genuine": genuine, "opened_by": credential, "checks": outcomes}
    show(result, as_json, lambda: show_table([words(each) for each in CHECKS], rows_of(genuine, outcomes)))
    tell(_NO_CONFIRMATION)
    _raise_worst([fault for links in faults.values() for fault in links.values()], genuine)


class _Examination:
    """What a credential opens, examined."""

    def __init__(self, held: Held, presenting: Presenting, anchors: Collection[CvAnchor], force: bool) -> None:
        self._connection, self._presenting, self._anchors, self._force = held.connection, presenting, anchors, force

    def by_pin(self) -> dict[str, Faults]:
        """The text application, opened by its PIN."""
        session = open_text(self._connection)
        self._presenting.present(session.on_card(Credential.TEXT_PIN), session.tries_left, session.verify)
        return {"text": self._attributes(session)[0]}

    def by_birth_date(self) -> dict[str, Faults]:
        """The age record of the visual application."""
        session, key = open_visual(self._connection), Credential.BIRTH_DATE
        self._presenting.present(session.on_card(key), partial(session.tries_left, key), partial(session.verify, key))
        nonce = SystemEntropy().bytes(_NONCE)
        record, certificate, proof = session.age_record(), session.certificate(), session.prove(nonce)
        return {"visual": examine_printed(record, certificate, nonce, proof, self._anchors)}

    def by_matching_number_b(self) -> dict[str, Faults]:
        """The face, the attributes, and that both are one person's; matching number B is asked for once."""
        visual, printed = open_visual(self._connection), Credential.VISUAL_MATCHING_NUMBER_B
        value = self._presenting.obtain(visual.on_card(printed), visual.tries_left(printed))
        visual.verify(printed, value, spend_last=self._force)
        nonce = SystemEntropy().bytes(_NONCE)
        face = visual.face()
        face_faults = examine_printed(face, visual.certificate(), nonce, visual.prove(nonce), self._anchors)
        text, typed = open_text(self._connection), Credential.TEXT_MATCHING_NUMBER_B
        check_spendable(typed, text.tries_left(typed), self._force)
        text.verify(value, credential=typed, spend_last=self._force)
        text_faults, answer = self._attributes(text)
        return {"visual": face_faults, "text": {**text_faults, "holder": _same_holder(face, answer)}}

    def _attributes(self, session: TextSession) -> tuple[Faults, AttributesAnswer]:
        nonce = SystemEntropy().bytes(_NONCE)
        answer = session.attributes_answer(nonce)
        return examine(answer, nonce, self._anchors), answer


_OPENED_BY: Mapping[str, Callable[[_Examination], dict[str, Faults]]] = {
    "pin": _Examination.by_pin,
    "birth-date": _Examination.by_birth_date,
    "b": _Examination.by_matching_number_b,
    "none": lambda examination: {},  # noqa: ARG005 - nothing is opened
}


def _same_holder(face: FaceFile, answer: AttributesAnswer) -> WarifuError | None:
    try:
        check_same_holder(face, answer)
    except WarifuError as fault:
        return fault
    return None


def trusted_anchors(folder: Path | None, choice: CardChoice) -> list[CvAnchor]:
    """The keys that were named, else those of the town or of the settings, else none."""
    folder = folder or choice.chip_anchors() or settings().provider.chip_anchors
    return [] if folder is None else read_chip_anchors(folder)


def outcome_of(fault: WarifuError | None) -> str:
    """``ok``, ``failed``, ``unknown`` where something was not at hand, ``absent`` where the card has no such thing."""
    if isinstance(fault, CardRefused):
        return "absent"
    return "ok" if fault is None else "unknown" if isinstance(fault, Unavailable) else "failed"


def _verdict(outcomes: Mapping[str, Mapping[str, str]]) -> bool | None:
    """Genuine, not genuine, or None: what cannot be told is neither, and what can be copied proves nothing."""
    every = [outcome for links in outcomes.values() for outcome in links.values()]
    if "failed" in every:
        return False
    proved = any(links.get("proof") == "ok" for links in outcomes.values())
    return True if proved and "unknown" not in every else None


def _raise_worst(faults: list[WarifuError | None], genuine: bool | None) -> None:
    told = [fault for fault in faults if fault is not None and not isinstance(fault, CardRefused)]
    for fault in sorted(told, key=lambda fault: isinstance(fault, Unavailable)):
        if isinstance(fault, Unavailable):
            fault.add_note(_HOW_TO_TRUST)
        raise fault
    if genuine is None:
        nothing = Unavailable("nothing shows that this card holds a key of its own")
        nothing.add_note(_NOTHING_PROVED)
        raise nothing
