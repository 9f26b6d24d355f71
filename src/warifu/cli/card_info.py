"""``warifu card info``: what a card tells without any PIN."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from warifu.cardmap import ATR_GENERATION_A, ATR_GENERATION_B, ATR_NEXT, Application, TokenInfo
from warifu.cli.card_choice import CardChoice, Held, card_options
from warifu.cli.commands import Command
from warifu.cli.credentials import NAMES, key_of
from warifu.cli.results import json_option, show, show_table
from warifu.cli.texts import Text, words
from warifu.errors import PinRequired
from warifu.pki import JST, UnverifiedCertificate
from warifu.reader import Credential, JpkiSession, Key, all_tries_left, applications_of, contact_atr

__all__ = ["info", "validity"]

_GENERATIONS = {ATR_GENERATION_A: "A", ATR_GENERATION_B: "B", ATR_NEXT: "next"}
_KINDS = {
    TokenInfo.PLASTIC: "card",
    TokenInfo.PHONE: "android",
    TokenInfo.NEXT: "card",
    "JPKIAPIOSTOKEN": "iphone",
    "JPKIAPICCTOKEN": "old_card",
}

_ITEM, _VALUE = Text("項目", "item"), Text("内容", "value")
_ATR = Text("リセット応答（ATR）", "answer to reset")
_GENERATION = Text("世代", "generation")
_UNKNOWN = Text("不明", "unknown")
_TOKEN = Text("トークン", "token")
_APPLICATIONS = Text("アプリケーション", "applications")
_CERTIFICATES = {
    "authentication": Text("利用者証明用電子証明書", "authentication certificate"),
    "authentication_ca": Text("利用者証明用認証局", "its authority"),
    "signing": Text("署名用電子証明書", "signing certificate"),
    "signing_ca": Text("署名用認証局", "its authority (signing)"),
}
_ABSENT = Text("なし", "none")
_SHUT = Text("あり（有効期間は暗証番号が必要）", "present; a PIN opens its dates")
_VALID = Text("{start} から {end} まで", "{start} to {end}")
_TRIES = Text("残り回数: {name}", "tries left: {name}")


@click.command(
    cls=Command,
    help=Text(
        "カードの種類、世代、トークン、証明書の有効期間、暗証番号の残り回数を表示する。暗証番号は要りません。",
        "Show a card's kind, generation and token, how long its certificates are valid, and how many tries its PINs "
        "have left. Needs no PIN.",
    ),
)
@card_options
@json_option
def info(choice: CardChoice, as_json: bool) -> None:
    """Ask every application for what is free."""
    with choice.open() as held:
        result = _survey(held)
    show(result, as_json, lambda: show_table([words(_ITEM), words(_VALUE)], _rows(result)))


def validity(certificate: bytes) -> dict[str, Any]:
    """The dates of a certificate, ISO 8601, UTC."""
    read = UnverifiedCertificate.decode(certificate)
    return {"not_before": read.not_before.isoformat(), "not_after": read.not_after.isoformat()}


def _survey(held: Held) -> dict[str, Any]:
    session = JpkiSession(held.connection)
    token = session.token_info()
    certificates = {
        "authentication": _dates(session, Key.AUTHENTICATION, JpkiSession.certificate),
        "authentication_ca": _dates(session, Key.AUTHENTICATION, JpkiSession.ca_certificate),
        "signing": _dates(session, Key.SIGNING, JpkiSession.certificate),
        "signing_ca": _dates(session, Key.SIGNING, JpkiSession.ca_certificate),
    }
    atr, there = held.connection.atr, applications_of(held.connection)
    return {
        "reader": held.reader,
        "persona": held.persona,
        "atr": atr.hex().upper(),
        # A contactless reader makes up the answer to reset; the card tells its own.
        "generation": _GENERATIONS.get(contact_atr(held.connection) or atr),
        "kind": _KINDS.get(token.label, "unknown"),
        "token": {"label": token.label, "model": token.model},
        "applications": {each.name.lower(): each in there for each in Application},
        "certificates": certificates,
        "tries_left": {key_of(each): tries for each, tries in all_tries_left(held.connection).items()},
    }


def _dates(session: JpkiSession, key: Key, read: Callable[[JpkiSession, Key], bytes]) -> dict[str, Any]:
    """Whether there is such a certificate, and its dates as far as they are free to read."""
    if not session.has_certificate(key):
        return {"present": False, "not_before": None, "not_after": None}
    try:
        return {"present": True, **validity(read(session, key))}
    except PinRequired:
        return {"present": True, "not_before": None, "not_after": None}


def _rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    there = [name for name, present in result["applications"].items() if present]
    return [
        (words(_ATR), result["atr"]),
        (words(_GENERATION), result["generation"] or words(_UNKNOWN)),
        (words(_TOKEN), f"{result['token']['label']} ({result['kind']})"),
        (words(_APPLICATIONS), ", ".join(there)),
        *((words(_CERTIFICATES[name]), _dated(dates)) for name, dates in result["certificates"].items()),
        *(
            (words(_TRIES, name=words(NAMES[each])), str(tries))
            for each in Credential
            if (tries := result["tries_left"][key_of(each)]) is not None
        ),
    ]


def _dated(dates: dict[str, Any]) -> str:
    if not dates["present"]:
        return words(_ABSENT)
    if dates["not_after"] is None:
        return words(_SHUT)
    start, end = (datetime.fromisoformat(dates[name]).astimezone(JST).date() for name in ("not_before", "not_after"))
    return words(_VALID, start=start, end=end)
