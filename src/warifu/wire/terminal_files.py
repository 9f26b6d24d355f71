"""A terminal's certificates and key as files in a folder of its own.

``intermediate.cv`` and ``terminal.cv`` are card-verifiable certificates as a card's file holds them (568 bytes),
``terminal.key`` is the private key, PKCS#8 PEM, for its owner's eyes.
"""

from pathlib import Path

from warifu.cardmap import CvCertificate
from warifu.errors import Unavailable
from warifu.pki import KeySigner
from warifu.reader import Terminal
from warifu.wire.key_files import read_key, write_key

__all__ = ["read_terminal", "write_terminal"]

_INTERMEDIATE, _TERMINAL, _KEY = "intermediate.cv", "terminal.cv", "terminal.key"


def write_terminal(folder: Path, intermediate: CvCertificate, certificate: CvCertificate, signer: KeySigner) -> None:
    """Write a terminal into a new folder."""
    folder.mkdir(mode=0o700, parents=True)
    (folder / _INTERMEDIATE).write_bytes(intermediate.encode())
    (folder / _TERMINAL).write_bytes(certificate.encode())
    write_key(folder / _KEY, signer)


def read_terminal(folder: Path) -> Terminal:
    """The terminal in a folder.

    Raises:
        Malformed: a file is not what it should be.
        Unavailable: there is none.
    """
    intermediate, certificate = (_certificate(folder / name) for name in (_INTERMEDIATE, _TERMINAL))
    return Terminal(intermediate, certificate, read_key(folder / _KEY, checked=False))


def _certificate(path: Path) -> CvCertificate:
    try:
        return CvCertificate.decode(path.read_bytes())
    except OSError as error:
        raise Unavailable.because(f"cannot read {path}", error) from error
