"""``warifu card certificate``: take a certificate out of a card."""

import base64
import textwrap
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from warifu.cli.card_choice import CardChoice, Held, card_options
from warifu.cli.card_info import validity
from warifu.cli.commands import Command, argument, option
from warifu.cli.credentials import Presenting
from warifu.cli.outputs import check_not_shown, out_option, put_out
from warifu.cli.pins import force_option, the_pin_file_option
from warifu.cli.results import json_option, show
from warifu.cli.texts import Text
from warifu.errors import NotOnCard, PinRequired
from warifu.reader import JpkiSession, Key

__all__ = ["KEYS", "certificate", "pem", "read_certificate"]

KEYS = {"auth": Key.AUTHENTICATION, "sign": Key.SIGNING}
"""The two keys, as arguments and options call them."""

_WHICH: dict[str, tuple[Key, Callable[[JpkiSession, Key], bytes]]] = {
    "sign": (Key.SIGNING, JpkiSession.certificate),
    "auth": (Key.AUTHENTICATION, JpkiSession.certificate),
    "sign-ca": (Key.SIGNING, JpkiSession.ca_certificate),
    "auth-ca": (Key.AUTHENTICATION, JpkiSession.ca_certificate),
}
_NAMES = {Key.SIGNING: "the signing certificate", Key.AUTHENTICATION: "the authentication certificate"}
_NOT_HERE = Text("DERは端末に出せません。--out FILE を付けてください", "DER does not go to a terminal; add --out FILE")


@click.command(
    cls=Command,
    help=Text(
        "証明書を取り出す。sign: 署名用（パスワードが必要。氏名・住所が入っています）、auth: 利用者証明用、"
        "sign-ca・auth-ca: それぞれの認証局。真正性は確かめません。",
        "Take a certificate out. sign: for signing (needs its password; names and addresses its holder), auth: for "
        "authentication, sign-ca and auth-ca: their authorities'. Nothing is verified.",
    ),
)
@argument("which", type=click.Choice(list(_WHICH)))
@option(
    "--format",
    "form",
    type=click.Choice(["pem", "der"]),
    default="pem",
    show_default=True,
    help=Text("出力の形式。", "How it is written."),
)
@out_option(Text("書き込むファイル。", "A file to write it to, instead of stdout."))
@the_pin_file_option
@force_option
@card_options
@json_option
def certificate(
    which: str,
    form: str,
    out: Path | None,
    choice: CardChoice,
    pin_file: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Read it, with the PIN only where the card wants one."""
    key, read = _WHICH[which]
    if form == "der":
        check_not_shown(out, as_json, _NOT_HERE)
    with choice.open() as held:
        der = read_certificate(held, key, read, Presenting(held, pin_file, force))
    written = pem(der).encode() if form == "pem" else der
    put_out(out, written)
    result = {"which": which, "certificate": pem(der), **validity(der)}
    show(result, as_json, lambda: None if out is not None else click.echo(written, nl=False))


def read_certificate(held: Held, key: Key, read: Callable[[JpkiSession, Key], bytes], presenting: Presenting) -> bytes:
    """Read a certificate, DER; the key's PIN is presented where the card asks for it.

    Raises:
        NotOnCard: the card was issued without it.
    """
    session = JpkiSession(held.connection)
    if not session.has_certificate(key):
        raise NotOnCard(_NAMES[key])
    try:
        return read(session, key)
    except PinRequired:
        presenting.present(session.credential(key), partial(session.tries_left, key), partial(session.verify, key))
        return read(session, key)


def pem(der: bytes) -> str:
    """A certificate in PEM (RFC 7468 §5)."""
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])
