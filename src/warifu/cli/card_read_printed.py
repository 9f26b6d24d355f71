"""``warifu card read common``, ``age`` and ``face``: what is printed on the card, as its chip has it.

The birth date and the face are signed together with the card's own key; both signatures and a fresh proof that the card
has that key are checked before anything is shown.
"""

from collections.abc import Collection
from pathlib import Path

import click

from warifu.cardmap import AgeRecord, CvAnchor, FaceFile, NumberImage, birth_date_key
from warifu.cli.card_choice import CardChoice, Held, card_options
from warifu.cli.card_shown import SEXES, show_read
from warifu.cli.card_verify import anchors_option, outcome_of, trusted_anchors
from warifu.cli.commands import Command, option
from warifu.cli.credentials import Presenting
from warifu.cli.pictures import can_show, show_pictures
from warifu.cli.pins import force_option, pin_file_option
from warifu.cli.results import json_option
from warifu.cli.texts import Text, tell, words
from warifu.errors import Unavailable, WarifuError
from warifu.reader import Credential, VisualSession, examine_printed, open_visual, read_card_record
from warifu.wire.clock import SystemEntropy
from warifu.wire.key_files import write_private

__all__ = ["age", "common", "face"]

_NONCE = 32
_FACE = {"a": Credential.VISUAL_MATCHING_NUMBER_A, "b": Credential.VISUAL_MATCHING_NUMBER_B}
_FOLLOWS = Text(
    "製造番号は持ち主をたどれる番号です。扱いに注意してください", "the serial number follows its holder; keep it close"
)
_INTACT = Text("発行者の署名とカードの鍵を確かめました", "the issuer's signature and the card's key were checked")
_UNTRUSTED = Text(
    "署名は正しいものの、発行者を認証する鍵が手元にないため、本物かは判定できません",
    "the signatures verify, but the key that certifies the issuer is not at hand: whether it is genuine is unknown",
)
_ONLY_B = Text(
    "個人番号の画像は照合番号Aでのみ読めます。--credential a を使ってください",
    "the picture of the individual number opens with matching number A alone; use --credential a",
)
_NEEDS_FOLDER = Text(
    "個人番号の画像は、この端末には表示できません。--save も付けてください",
    "the picture of the individual number cannot be shown here: --individual-number needs --save",
)
_LAW = Text(
    "個人番号の画像を読みます。本人のカードか、番号法第19条の目的に限ります",
    "reading the picture of the individual number: for your own card or a purpose of the Number Act, article 19",
)
_SAVED = Text("{path} に保存しました", "saved in {path}")


@click.command(
    cls=Command,
    help=Text(
        "カードの製造番号・市区町村コード・有効期限を読む（暗証番号不要）。製造番号は持ち主をたどれる番号です。",
        "Read the card's serial number, municipality and expiry; needs no PIN. The serial follows its holder.",
    ),
)
@card_options
@json_option
def common(choice: CardChoice, as_json: bool) -> None:
    """One record."""
    with choice.open() as held:
        record = read_card_record(held.connection)
    result = {
        "serial": record.serial,
        "municipality_code": record.municipality_code,
        "expiry": record.expiry.isoformat(),
    }
    show_read(result, as_json, _FOLLOWS)


@click.command(
    cls=Command,
    help=Text(
        "生年月日だけを読む（年齢確認のため）。券面の生年月日6桁（YYMMDD、年は券面のとおり）で開きます。",
        "Read the birth date and nothing else, to tell an age. The birth date as printed opens it (YYMMDD, the year as "
        "on the face).",
    ),
)
@pin_file_option(
    "--pin-file", Text("生年月日6桁のファイル（-は標準入力）。", "A file with the six digits (- is stdin).")
)
@anchors_option
@force_option
@card_options
@json_option
def age(choice: CardChoice, pin_file: Path | None, anchors: Path | None, force: bool, as_json: bool) -> None:
    """Open, read, check, print."""
    trusted = trusted_anchors(anchors, choice)
    with choice.open() as held:
        session, _ = _open(held, Credential.BIRTH_DATE, Presenting(held, pin_file, force), force)
        record = session.age_record()
        checks = _check(session, record, trusted)
    result = {"birth_date": record.birth_date.date.isoformat(), "checks": checks}
    show_read(result, as_json, _remark(checks))


@click.command(
    cls=Command,
    help=Text(
        "券面の情報を読み、画像を端末に表示する。--save で氏名・住所の画像（PNG）と顔写真（JPEG 2000）を保存し、"
        "--specimen で見本の絵にします。個人番号の画像は --individual-number を付けたときだけ読みます。",
        "Read the face, and show its pictures in the terminal. --save keeps name and address (PNG) and the portrait "
        "(JPEG 2000), --specimen draws a specimen of the card. The picture of the individual number is read with "
        "--individual-number only.",
    ),
)
@option(
    "--credential",
    type=click.Choice(list(_FACE)),
    default="b",
    show_default=True,
    help=Text(
        "開くもの: a 照合番号A（個人番号）、b 照合番号B（生年月日6桁・有効期限の年4桁・セキュリティコード4桁）。",
        "What opens it: a (matching number A: the individual number) or b (matching number B: birth date YYMMDD as "
        "printed, expiry year, 4-digit security code).",
    ),
)
@option(
    "--save",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help=Text("画像を保存するフォルダ。", "A folder for the pictures."),
)
@option(
    "--specimen",
    type=click.Path(dir_okay=False, path_type=Path),
    help=Text(
        "「見本」入りの券面の絵（PNG）を書き込むファイル。", "A file for a drawing of the card, marked 見本 (PNG)."
    ),
)
@option(
    "--western-year",
    is_flag=True,
    help=Text(
        "見本の生年月日を西暦で描く（外国人住民のカード。照合番号Bで開いたときは不要）。",
        "Draw the specimen's birth date with a Western year, as on a foreign resident's card; matching number B tells.",
    ),
)
@option(
    "--individual-number",
    is_flag=True,
    help=Text("個人番号の画像も読む。", "Read the picture of the individual number, too."),
)
@pin_file_option(
    "--pin-file", Text("照合番号のファイル（-は標準入力）。", "A file with the matching number (- is stdin).")
)
@anchors_option
@force_option
@card_options
@json_option
def face(
    choice: CardChoice,
    credential: str,
    folder: Path | None,
    specimen: Path | None,
    western_year: bool,
    individual_number: bool,
    pin_file: Path | None,
    anchors: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Open, read, check, save, print."""
    _check_asked(credential, individual_number, kept=folder is not None or (can_show() and not as_json))
    trusted = trusted_anchors(anchors, choice)
    with choice.open() as held:
        session, opened_by = _open(held, _FACE[credential], Presenting(held, pin_file, force), force)
        file = session.face()
        number_b = opened_by if credential == "b" else held.known.get(_FACE["b"], "")
        checks = _check(session, file, trusted)
        number = _number_picture(session, trusted) if individual_number else None
    pictures = {"name.png": file.face.name, "address.png": file.face.address, "portrait.jp2": file.face.portrait}
    if number is not None:
        pictures["number.png"] = number
    saved = [] if folder is None else _save(folder, pictures)
    drawn = b""
    if specimen is not None:
        drawn = _draw(specimen, file, western_year=western_year or _has_western_year(number_b, file))
    result = {
        "birth_date": file.face.birth_date.date.isoformat(),
        "sex": SEXES[file.face.sex].english,
        "expiry": file.expiry.isoformat(),
        "files": saved,
        "checks": checks,
    }
    show_read(result, as_json, _remark(checks))
    if not as_json:
        shown = {Path(name).stem: picture for name, picture in pictures.items()} | {"specimen": drawn}
        show_pictures(shown, kept=folder is not None)


def _check_asked(credential: str, individual_number: bool, *, kept: bool) -> None:
    if individual_number and credential != "a":
        raise click.UsageError(words(_ONLY_B))
    if individual_number and not kept:
        raise click.UsageError(words(_NEEDS_FOLDER))


def _open(held: Held, credential: Credential, presenting: Presenting, force: bool) -> tuple[VisualSession, str]:
    """The application, opened, and what opened it."""
    session = open_visual(held.connection)
    value = presenting.obtain(session.on_card(credential), session.tries_left(credential))
    session.verify(credential, value, spend_last=force)
    return session, value


def _has_western_year(number_b: str, file: FaceFile) -> bool:
    """Matching number B begins with the birth date as printed; no year of an era has the digits of its Western one."""
    return number_b.startswith(birth_date_key(file.face.birth_date, western_year=True))


def _check(
    session: VisualSession, signed: AgeRecord | FaceFile | NumberImage, anchors: Collection[CvAnchor]
) -> dict[str, str]:
    """The outcome of every check; one that failed ends it, so that nothing false is shown.

    Raises:
        NotGenuine, NotIntact, Malformed: the check that failed.
    """
    nonce = SystemEntropy().bytes(_NONCE)
    faults = examine_printed(signed, session.certificate(), nonce, session.prove(nonce), anchors)
    for fault in faults.values():
        if isinstance(fault, WarifuError) and not isinstance(fault, Unavailable):
            raise fault
    return {name: outcome_of(fault) for name, fault in faults.items()}


def _number_picture(session: VisualSession, anchors: Collection[CvAnchor]) -> bytes:
    tell(_LAW)
    image = session.number_image()
    _check(session, image, anchors)
    return image.picture


def _remark(checks: dict[str, str]) -> Text:
    return _UNTRUSTED if "unknown" in checks.values() else _INTACT


def _save(folder: Path, pictures: dict[str, bytes]) -> list[str]:
    """Write what there is, for the owner of the account alone; nothing is written over."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    there = {name: picture for name, picture in pictures.items() if picture}
    for name, picture in there.items():
        write_private(folder / name, picture)
    tell(_SAVED, path=folder)
    return [str(folder / name) for name in there]


def _draw(path: Path, file: FaceFile, *, western_year: bool) -> bytes:
    from warifu.card import draw_front

    drawn = draw_front(file, western_year=western_year)
    write_private(path, drawn)
    tell(_SAVED, path=path)
    return drawn
