"""``warifu card sign``: the bare signature of a key of the card over a file."""

import base64
import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA384

from warifu.cardmap import CardPublicKey, DigestInfo
from warifu.cli.card_certificate import KEYS, pem
from warifu.cli.card_choice import CardChoice, Held, card_options
from warifu.cli.commands import Command, argument, option
from warifu.cli.credentials import Presenting
from warifu.cli.outputs import check_not_shown, out_option, put_out
from warifu.cli.pins import force_option, the_pin_file_option
from warifu.cli.results import json_option, show
from warifu.cli.texts import Text
from warifu.errors import Malformed, NotGenuine
from warifu.pki import PublicKey, UnverifiedCertificate, public_key_of
from warifu.reader import JpkiSession, Key

__all__ = ["sign"]

_ALGORITHMS = {"sha256": "RSASSA-PKCS1-v1_5 with SHA-256", "sha384": "ECDSA on P-384 with SHA-384"}
_NOT_HERE = Text(
    "署名値は端末に出せません。--out FILE を付けてください", "a signature does not go to a terminal; add --out FILE"
)


@click.command(
    cls=Command,
    help=Text(
        "ファイルのSHA-256にカードの鍵で署名し、署名値（RSASSA-PKCS1-v1_5、256バイト）を出力する。"
        "次期カード（模擬）の鍵はP-384で、SHA-384に署名する（ECDSA、DER）。"
        "署名用の鍵による署名は本人の意思を示すものになります。何に署名するか確かめてください。",
        "Sign the SHA-256 of a file with a key of the card and write the bare signature (RSASSA-PKCS1-v1_5, 256 "
        "bytes). A next-generation card (modelled) has P-384 keys and signs the SHA-384 (ECDSA, DER). A signature by "
        "the signing key speaks for its holder: know what you sign.",
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
@out_option(Text("署名値を書き込むファイル。", "A file to write the signature to, instead of stdout."))
@the_pin_file_option
@force_option
@card_options
@json_option
def sign(
    file: Path, which: str, out: Path | None, choice: CardChoice, pin_file: Path | None, force: bool, as_json: bool
) -> None:
    """Hash, sign, check against the certificate, write."""
    check_not_shown(out, as_json, _NOT_HERE)
    with choice.open() as held:
        signed = _sign(held, KEYS[which], file, Presenting(held, pin_file, force))
    put_out(out, signed.signature)
    result = {
        "key": which,
        "algorithm": _ALGORITHMS[signed.hash_name],
        "digest": signed.digest.hex(),
        "signature": base64.b64encode(signed.signature).decode(),
        "certificate": pem(signed.certificate),
    }
    show(result, as_json, lambda: None if out is not None else click.echo(signed.signature, nl=False))


@dataclass(frozen=True, slots=True, repr=False)
class _Signed:
    hash_name: str
    digest: bytes
    certificate: bytes
    signature: bytes


def _sign(held: Held, key: Key, file: Path, presenting: Presenting) -> _Signed:
    """The key's certificate and its signature, which is checked: a card that signs wrongly must not go unnoticed."""
    session = JpkiSession(held.connection)
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, session.hash_name).digest()
    presenting.present(session.credential(key), partial(session.tries_left, key), partial(session.verify, key))
    certificate = session.certificate(key)
    signature = session.sign(key, digest)
    _check(public_key_of(UnverifiedCertificate.decode(certificate)), signature, digest)
    return _Signed(session.hash_name, digest, certificate, signature)


def _check(public_key: PublicKey, signature: bytes, digest: bytes) -> None:
    """Check the signature with the certified key, which decides how.

    Raises:
        NotGenuine: it does not verify.
        Malformed: the digest is of the hash for the other kind of key.
    """
    if isinstance(public_key, RSAPublicKey):
        numbers = public_key.public_numbers()
        CardPublicKey(numbers.n, numbers.e).check_digest_info(signature, DigestInfo(digest).encode())
        return
    if len(digest) != SHA384.digest_size:
        raise Malformed("the card has a P-384 certificate and an RSA key")
    try:
        public_key.verify(signature, digest, ECDSA(Prehashed(SHA384())))
    except InvalidSignature as error:
        raise NotGenuine("the card's signature does not verify") from error
