"""The provider's two secrets in files of its data directory, readable by their owner only."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from warifu.errors import Malformed, Unavailable
from warifu.idp import IdTokenSigner, Secret
from warifu.pki import KeySigner
from warifu.ports import Entropy
from warifu.wire.key_files import read_key, write_private
from warifu.wire.provider.certificate_keys import certificate_keys


def open_signer(path: Path, password: bytes | None = None) -> IdTokenSigner:
    """The P-256 key that signs ID tokens, PKCS#8; made when the file does not exist.

    Raises:
        Malformed: another kind of file, or another password.
        Unavailable: it cannot be read or written.
    """
    _read_or_make(path, lambda: _new_key(password))
    return IdTokenSigner(read_key(path, password=password))


def open_secret(path: Path, entropy: Entropy) -> Secret:
    """The secret from which codes and certificate hashes are derived; made when the file does not exist.

    Losing it makes every person unknown again, so back it up with the database; with it the folder beside it, where
    the keys of the certificate hashes are once there is more than one (`certificate_keys`).

    Raises:
        Malformed: not 32 bytes.
        Unavailable: it cannot be read or written.
    """
    key = _read_or_make(path, lambda: entropy.bytes(Secret.LENGTH))
    if len(key) != Secret.LENGTH:
        raise Malformed(f"{path} is no provider's secret: that has {Secret.LENGTH} bytes")
    return Secret(key, certificate_keys(path))


def _new_key(password: bytes | None) -> bytes:
    return KeySigner.generate("ES256").private_bytes(password)


def _read_or_make(path: Path, make: Callable[[], bytes]) -> bytes:
    """The file's bytes. A new file appears whole or not at all, and never readable by others."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with suppress(FileExistsError):  # another process was faster: its key counts
                write_private(path, make())
        return path.read_bytes()
    except OSError as error:
        raise Unavailable.because(f"cannot use the key file {path}", error) from error
