"""``warifu ca init`` and ``warifu ca roll``: the ceremonies at which keys are made."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from warifu.cli.authority_open import custodians_passphrases
from warifu.cli.commands import Command, argument, option
from warifu.cli.pins import ask_pin
from warifu.cli.results import json_option, show, show_table
from warifu.cli.root import settings
from warifu.cli.texts import Text, tell, words
from warifu.errors import NotAllowed
from warifu.pki import CertificateKind
from warifu.ports import SignatureAlgorithm
from warifu.wire.authority import generations_of, name_of, open_keys
from warifu.wire.clock import SystemClock
from warifu.wire.settings import Settings

if TYPE_CHECKING:
    from warifu.wire.authority import Ceremony, Custodian

__all__ = ["init", "roll"]

_ALGORITHMS: dict[str, SignatureAlgorithm] = {"rsa": "RS256", "p384": "ES384"}
_FIRST = Text("保管者{number} {name} の合言葉（12文字以上）", "passphrase of custodian {number}, {name} (12 or more)")
_NAME = Text("保管者{number}の名前", "name of custodian {number}")
_WRITE_DOWN = Text(
    "このセレモニーの記録のSHA-256です。二人とも書き留めてください: {digest}",
    "this is the SHA-256 of the ceremony's record; both persons write it down: {digest}",
)
_NOTHING_KEPT = Text("見本です。鍵は残していません", "a specimen: no key was kept")
_RESTART = Text(
    "warifu serve ca を動かし直すと新しい世代が発行を始めます",
    "restart 'warifu serve ca': the new generation then issues",
)
_HEADINGS = (
    Text("名前", "name"),
    Text("鍵のSHA-256", "SHA-256 of the key"),
    Text("証明書のSHA-256", "SHA-256 of the certificate"),
    Text("置き場所", "place"),
)

_token_option = option(
    "--token",
    "tokens",
    multiple=True,
    metavar="WHAT=URI",
    help=Text(
        "鍵をPKCS #11トークンの中につくる。WHATは signing、authentication、log。",
        "Make this key on a PKCS #11 token; WHAT is signing, authentication or log, URI a pkcs11: address.",
    ),
)
_algorithm_option = option(
    "--algorithm",
    type=click.Choice(list(_ALGORITHMS)),
    default="rsa",
    show_default=True,
    help=Text("鍵の種類: RSA-2048、または次期カードのP-384。", "RSA-2048, or P-384 for the next generation of cards."),
)


@click.command(
    cls=Command,
    help=Text(
        "二人で両認証局の鍵とログの鍵をつくる。鍵は二人の合言葉がそろわないと開かない。乱数はOSのものだけを使う。",
        "Make the keys of both authorities and of the log, two persons together: each types a passphrase, and the keys "
        "open with both only. Chance is the system's own.",
    ),
)
@option("--custodian", "names", multiple=True, help=Text("保管者の名前（二回）。", "A custodian's name; twice."))
@option("--specimen", is_flag=True, help=Text("練習: 何も残さない。", "A rehearsal: nothing is kept."))
@_token_option
@_algorithm_option
@json_option
def init(names: tuple[str, ...], specimen: bool, tokens: tuple[str, ...], algorithm: str, as_json: bool) -> None:
    """Hold the first ceremony."""
    from warifu.wire.authority import hold_first, hold_specimen

    chosen = settings()
    name, now, folder = name_of(chosen), SystemClock().now(), generations_of(chosen).folder
    addresses, custodians = _addresses(tokens), _custodians(chosen, names)
    if specimen:
        _present(hold_specimen(custodians, name, now), as_json)
        tell(_NOTHING_KEPT)
        return
    made = hold_first(folder, custodians, name, now, addresses=addresses, algorithm=_ALGORITHMS[algorithm])
    _present(made, as_json)
    tell(_WRITE_DOWN, digest=made.digest)


@click.command(
    cls=Command,
    help=Text(
        "認証局の次の世代の鍵を同じ名前でつくる。前の世代は応答を続ける。",
        "Make the next generation of an authority: a new key under the same name. Earlier generations go on answering.",
    ),
)
@argument("kind", type=click.Choice([kind.value for kind in CertificateKind]))
@_token_option
@_algorithm_option
@json_option
def roll(kind: str, tokens: tuple[str, ...], algorithm: str, as_json: bool) -> None:
    """Hold a ceremony for one more generation."""
    from warifu.cli.authority_open import opened_record
    from warifu.wire.authority import KeyMaker, hold_roll_over, take_serial

    chosen = settings()
    generations, which, now = generations_of(chosen), CertificateKind(kind), SystemClock().now()
    custody = open_keys(generations, custodians_passphrases(chosen, generations))
    maker = KeyMaker(custody, _addresses(tokens), _ALGORITHMS[algorithm])
    with opened_record(chosen) as engine:
        serial_number = take_serial(engine, which, now)
        made = hold_roll_over(generations, which, maker, name_of(chosen), serial_number, now)
    _present(made, as_json)
    tell(_WRITE_DOWN, digest=made.digest)
    tell(_RESTART)


def _custodians(chosen: Settings, names: Sequence[str]) -> list["Custodian"]:
    """Two persons: their passphrases from the files of the settings, or typed twice each."""
    from warifu.wire.authority import Custodian, passphrases_of

    if names and len(names) != 2:
        raise click.UsageError("--custodian stands twice")
    given = names or [click.prompt(words(_NAME, number=number), err=True) for number in (1, 2)]
    from_files = passphrases_of(chosen)
    if from_files and len(from_files) != 2:
        raise NotAllowed("passphrase_files names two files")
    passphrases = from_files or [
        ask_pin(words(_FIRST, number=number, name=name), twice=True) for number, name in enumerate(given, 1)
    ]
    return [Custodian(name, passphrase) for name, passphrase in zip(given, passphrases, strict=True)]


def _addresses(tokens: Sequence[str]) -> Mapping[str, str]:
    known = {*(kind.value for kind in CertificateKind), "log"}
    addresses = {}
    for each in tokens:
        what, equals, address = each.partition("=")
        if not equals or what not in known:
            raise click.UsageError(f"--token is WHAT=URI, WHAT one of {', '.join(sorted(known))}")
        addresses[what] = address
    return addresses


def _present(made: "Ceremony", as_json: bool) -> None:
    rows = [[each["name"], each["key"], each["certificate"], each["place"]] for each in made.record["made"]]
    show(
        {**made.record, "digest": made.digest},
        as_json,
        lambda: show_table([words(heading) for heading in _HEADINGS], rows),
    )
