"""``warifu card sign``: the bare signature of a key of the card over a file."""

import base64
import hashlib
import sys
from functools import partial
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from warifu.cardmap import CardPublicKey, DigestInfo
from warifu.cli.card_certificate import KEYS, pem
from warifu.cli.card_choice import CardChoice, Held, card_options
from warifu.cli.commands import Command, argument, option
from warifu.cli.credentials import Presenting
from warifu.cli.pins import force_option, pin_file_option
from warifu.cli.results import json_option, show
from warifu.cli.texts import Text, words
from warifu.errors import WrongProfile
from warifu.pki import UnverifiedCertificate, public_key_of
from warifu.reader import JpkiSession, Key

__all__ = ["sign"]

_ALGORITHM = "RSASSA-PKCS1-v1_5 with SHA-256"
_NOT_HERE = Text(
    "署名値は端末に出せません。--out FILE を付けてください", "a signature does not go to a terminal; add --out FILE"
)


@click.command(
    cls=Command,
    help=Text(
        "ファイルのSHA-256にカードの鍵で署名し、署名値（RSASSA-PKCS1-v1_5、256バイト）を出力する。"
        "署名用の鍵による署名は本人の意思を示すものになります。何に署名するか確かめてください。",
        "Sign the SHA-256 of a file with a key of the card and write the bare signature (RSASSA-PKCS1-v1_5, 256 "
        "bytes). A signature by the signing key speaks for its holder: know what you sign.",
    ),
)
@argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@option(
    "--key",
    "which",
    type=click.Choice(list(KEYS)),
    default="sign",
    show_default=True,
    help=Text("使う鍵: sign 署名用、auth 利用者証明用。", "The key: sign or auth."),
)
@option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help=Text("署名値を書き込むファイル。", "A file to write the signature to, instead of stdout."),
)
@pin_file_option("--pin-file", Text("暗証番号のファイル（-は標準入力）。", "A file with the PIN (- is stdin)."))
@force_option
@card_options
@json_option
def sign(
    file: Path, which: str, out: Path | None, choice: CardChoice, pin_file: Path | None, force: bool, as_json: bool
) -> None:
    """Hash, sign, check against the certificate, write."""
    if out is None and not as_json and sys.stdout.isatty():
        raise click.UsageError(words(_NOT_HERE))
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").digest()
    with choice.open() as held:
        certificate, signature = _sign(held, KEYS[which], digest, Presenting(held, pin_file, force))
    if out is not None:
        out.write_bytes(signature)
    result = {
        "key": which,
        "algorithm": _ALGORITHM,
        "digest": digest.hex(),
        "signature": base64.b64encode(signature).decode(),
        "certificate": pem(certificate),
    }
    show(result, as_json, lambda: None if out is not None else click.echo(signature, nl=False))


def _sign(held: Held, key: Key, digest: bytes, presenting: Presenting) -> tuple[bytes, bytes]:
    """The key's certificate and its signature, which is checked: a card that signs wrongly must not go unnoticed."""
    session = JpkiSession(held.connection)
    presenting.present(key.credential, partial(session.tries_left, key), partial(session.verify, key))
    certificate = session.certificate(key)
    signature = session.sign(key, digest)
    public_key = public_key_of(UnverifiedCertificate.decode(certificate))
    if not isinstance(public_key, RSAPublicKey):
        raise WrongProfile("the certified key is no RSA key")
    numbers = public_key.public_numbers()
    CardPublicKey(numbers.n, numbers.e).check_digest_info(signature, DigestInfo(digest).encode())
    return certificate, signature
