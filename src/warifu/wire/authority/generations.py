"""The generations of the authorities as files: for each a certificate, and its key or where its key is.

In one folder: ``signing-1.crt`` and ``signing-1.key`` (sealed, `custody`) or ``signing-1.uri`` (the ``pkcs11:`` address
of a key on a token); the next generation of that kind is number 2. ``log.key`` or ``log.uri`` is the key that signs the
log's heads, ``custodian-1.json`` and ``custodian-2.json`` are the shares of the secret.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from warifu.errors import InUse, NotFound, PassphraseRefused, Unavailable
from warifu.pki import JST, AuthorityName, CertificateKind, Issuer, KeySigner, build_ca_certificate
from warifu.ports import SignatureAlgorithm, Signer
from warifu.wire.authority.custody import Custody, read_sealed_key, write_sealed_key
from warifu.wire.key_files import read_certificate, write_certificate
from warifu.wire.key_uri import KeyUri
from warifu.wire.pkcs11 import TokenSigner, make_token_key

__all__ = ["LOG", "Generation", "Generations", "KeyMaker"]

LOG = "log"
"""What the log's key is called."""

_YEARS = 10
_NAME = re.compile(r"(signing|authentication)-([1-9][0-9]{0,3})\.crt")


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation: its number within its kind, from 1, and its issuer."""

    number: int
    issuer: Issuer

    @property
    def kind(self) -> CertificateKind:
        """Which kind it issues."""
        return self.issuer.kind


@dataclass(frozen=True, slots=True)
class KeyMaker:
    """Where new keys are made: in memory, to be sealed under `custody`; or on a token.

    `addresses` maps ``signing``, ``authentication`` and ``log`` to ``pkcs11:`` addresses. The keys are made by OpenSSL
    from the system's chance or by the token; nothing that replays can be given here.
    """

    custody: Custody | None = field(default=None, repr=False)
    addresses: Mapping[str, str] = field(default_factory=dict)
    algorithm: SignatureAlgorithm = "RS256"

    def make(self, folder: Path, name: str, what: str, algorithm: SignatureAlgorithm | None = None) -> Signer:
        """Make a key called `name` and write it, or where it is.

        Raises:
            InUse: there is one of this name already.
            PassphraseRefused: the custodians did not open the secret.
            Unavailable, PinRefused, NotAllowed, Malformed: as `make_token_key`.
        """
        wanted = algorithm or self.algorithm
        if any((folder / f"{name}.{suffix}").exists() for suffix in ("key", "uri", "crt")):
            raise InUse(f"there is a key called {name} already; nothing was written")
        if what in self.addresses:
            made = make_token_key(KeyUri.parse(self.addresses[what]), wanted)
            (folder / f"{name}.uri").write_text(self.addresses[what] + "\n", "utf-8")
            return made
        if self.custody is None:
            raise PassphraseRefused("two persons seal a new key, each with a passphrase")
        signer = KeySigner.generate(wanted)
        write_sealed_key(folder / f"{name}.key", self.custody, signer)
        return signer


class Generations:
    """The folder of the generations."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[tuple[CertificateKind, int]]:
        """Every generation that is there, by kind and number, the oldest first."""
        matches = (_NAME.fullmatch(path.name) for path in self.folder.glob("*.crt"))
        found = ((CertificateKind(match[1]), int(match[2])) for match in matches if match)
        return sorted(found, key=lambda each: (each[0].value, each[1]))

    def newest(self, kind: CertificateKind) -> int:
        """The number of the newest generation of a kind, 0 if there is none."""
        return max((number for its, number in self.names() if its is kind), default=0)

    def needs_custodians(self) -> bool:
        """Whether any key of the folder is sealed."""
        return any(self.folder.glob("*.key"))

    def certificate(self, kind: CertificateKind, number: int) -> bytes:
        """A generation's certificate, DER.

        Raises:
            Malformed, Unavailable: as `read_certificate`.
        """
        return read_certificate(self.certificate_file(kind, number))

    def certificate_file(self, kind: CertificateKind, number: int) -> Path:
        """Where a generation's certificate is."""
        return self.folder / f"{kind.value}-{number}.crt"

    def open(self, custody: Custody | None, name: AuthorityName) -> list[Generation]:
        """Every generation with its key, the oldest first.

        Raises:
            NotFound: there is none.
            PassphraseRefused: a key is sealed, and the custodians did not open the secret.
            Malformed, Unavailable, PinRefused: a file or a token is not what it must be, or not there.
        """
        opened = [Generation(number, self._issuer(kind, number, custody, name)) for kind, number in self.names()]
        if not opened:
            raise NotFound("there is no authority in this folder")
        return opened

    def log_signer(self, custody: Custody | None) -> Signer:
        """The key that signs the log's heads.

        Raises:
            PassphraseRefused, Malformed, Unavailable, PinRefused: as `open`.
        """
        return self._key(LOG, custody)

    def found(
        self, kind: CertificateKind, maker: KeyMaker, name: AuthorityName, serial_number: int, now: datetime
    ) -> Generation:
        """Make the next generation of a kind: a new key under the same name, with a certificate of ten years.

        Raises:
            InUse, PassphraseRefused, Unavailable, PinRefused, NotAllowed, Malformed: as `KeyMaker.make`.
        """
        number = self.newest(kind) + 1
        stem = f"{kind.value}-{number}"
        signer = maker.make(self.folder, stem, kind.value)
        certificate = build_ca_certificate(
            kind, signer, serial_number=serial_number, not_before=since(now), not_after=until(now), name=name
        )
        write_certificate(self.folder / f"{stem}.crt", certificate)
        return Generation(number, Issuer(certificate, signer, kind, name))

    def _issuer(self, kind: CertificateKind, number: int, custody: Custody | None, name: AuthorityName) -> Issuer:
        signer = self._key(f"{kind.value}-{number}", custody)
        return Issuer(self.certificate(kind, number), signer, kind, name)

    def _key(self, name: str, custody: Custody | None) -> Signer:
        sealed, address = self.folder / f"{name}.key", self.folder / f"{name}.uri"
        if address.exists():
            return TokenSigner(KeyUri.parse(address.read_text("utf-8").strip()))
        if not sealed.exists():
            raise Unavailable(f"there is no key {name} in {self.folder}")
        if custody is None:
            raise PassphraseRefused("two persons open the keys, each with a passphrase")
        return read_sealed_key(sealed, custody)


def since(now: datetime) -> datetime:
    """The second of the ceremony."""
    return now.replace(microsecond=0)


def until(now: datetime) -> datetime:
    """The last second of the day ten years on, in Japan, as J-LIS's own end (the real ones end 14:59:59Z)."""
    day = now.astimezone(JST)
    last = (day.replace(day=28) if (day.month, day.day) == (2, 29) else day).replace(year=day.year + _YEARS)
    end = last.replace(hour=23, minute=59, second=59, microsecond=0) - timedelta(days=1)
    return end.astimezone(now.tzinfo)
