"""The settings of a certification authority."""

from dataclasses import dataclass
from pathlib import Path

from warifu.wire.key_uri import KeyUri

__all__ = ["AuthoritySettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthoritySettings:
    """A certification authority that stands alone (``[authority]``, ``warifu serve ca``).

    Files that are not named are in the data directory's folder ``authority``.
    """

    host: str = "127.0.0.1"
    port: int = 8703
    allow_remote: bool = False
    """Whether other machines may reach it."""
    origin: str = "http://127.0.0.1:8703"
    """Scheme, host and port as its certificates name it."""
    kind: str = "authentication"
    """``authentication`` or ``signing``."""
    organization: str = "JPKI-WARIFU-TEST"
    """The O in its name; never J-LIS's."""
    database: str = ""
    """A SQLAlchemy address or a path."""
    certificate: Path | None = None
    """The authority's own certificate, PEM or DER."""
    key: Path | KeyUri | None = None
    """Its private key: a file, PKCS#8, PEM or DER; or a ``pkcs11:`` address of a key on a token (`KeyUri`)."""
    password_file: Path | None = None
    """A file with the password of `key`, if it is a file that has one."""
    responder_certificate: Path | None = None
    """The certificate of an OCSP responder of its own, with `responder_key`; without them the authority signs."""
    responder_key: Path | KeyUri | None = None
    generations: Path | None = None
    """The folder that ``warifu ca init`` makes: both authorities with all generations; used where it is."""
    passphrase_files: tuple[str, ...] = ()
    """Two files, each with a custodian's passphrase on its first line; without them both are asked for."""
    witness: Path | None = None
    """The file of the party that keeps the log's heads; best on another machine's disk."""
    access: str = "open"
    """``open`` answers everybody; ``registered`` only those whom ``warifu ca recipients`` knows."""
    proxy_secret: Path | None = None
    """A file with the secret of a proxy in front that checks clients' certificates and names the recipient."""
    pages_port: int = 0
    """Where the operator's page is, on this machine only; 0 leaves it out."""
