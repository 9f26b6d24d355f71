"""How long what is signed is to last: ``--level`` and where timestamps and evidence come from."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.commands import option
from warifu.cli.root import settings
from warifu.cli.texts import Text, words
from warifu.cli.town_choice import open_town
from warifu.pki import CertificateKind

if TYPE_CHECKING:
    from pathlib import Path

    from warifu.wire.verification import TrustedAnchor

__all__ = ["LEVELS", "Lasting", "level_options"]

LEVELS = ("b", "t", "lt", "lta")
_NO_SERVICE = Text(
    "--level {level} にはタイムスタンプのサービスが必要です。--timestamp で指定してください",
    "--level {level} needs a timestamp service; name one with --timestamp",
)
_NO_STATUS = Text(
    "--level {level} には署名者の認証局のOCSPのアドレスか失効リストが必要です。"
    "--status で指定するか、warifu trust に登録してください",
    "--level {level} needs the address where the signer's authority tells the status, or its lists; "
    "name it with --status, or once with 'warifu trust import --ocsp'",
)
_NO_PROOFS = Text(
    "--level {level} にはタイムスタンプの認証局の証明書と失効リストが必要です。"
    "--proof で指定するか、warifu trust に登録してください",
    "--level {level} needs the certificates and revocation lists of the timestamp's authority; "
    "name them with --proof, or once with 'warifu trust import --list'",
)


def level_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--timestamp``, ``--status`` and ``--proof``."""
    for add in reversed(_OPTIONS):
        command = add(command)
    return command


_OPTIONS = (
    option(
        "--timestamp",
        metavar="URL",
        help=Text("タイムスタンプのサービス（RFC 3161）のアドレス。", "The timestamp service (RFC 3161)."),
    ),
    option(
        "--status",
        metavar="URL",
        help=Text(
            "署名者の認証局が証明書の状態を答えるアドレス（OCSP）。ltとltaに使います。",
            "Where the signer's authority tells the status of certificates (OCSP); for lt and lta.",
        ),
    ),
    option(
        "--proof",
        "proofs",
        multiple=True,
        metavar="FILE_OR_URL",
        help=Text(
            "タイムスタンプの認証局の証明書と失効リスト、署名者の認証局の証明書（繰り返し可）。ltとltaに使います。",
            "A certificate or revocation list of the timestamp's authority, or the certificate of the signer's "
            "(repeatable); for lt and lta.",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Lasting:
    """A level, and where what it needs comes from: options, settings, the town, the trust store, in this order."""

    level: str
    timestamp: str
    status: str
    proofs: tuple[str, ...]
    trusted: "tuple[TrustedAnchor, ...]" = ()

    @classmethod
    def of(
        cls,
        level: str | None,
        timestamp: str | None,
        status: str | None,
        proofs: tuple[str, ...],
        *,
        of_town: bool,
        directory: "Path | None" = None,
    ) -> "Lasting":
        """What the options said; naming a timestamp service without a level means ``t``.

        Raises:
            click.UsageError: something that the level needs is not known.
        """
        chosen, own = level or ("t" if timestamp else "b"), settings().signing
        known = cls(chosen, timestamp or own.timestamp, status or own.status, proofs or own.proofs)
        if of_town and chosen != "b":
            known = known._or(_of_town(chosen, directory))
        if known.reaches("lt"):
            known = replace(known, trusted=_of_trust_store())
        known._check()
        return known

    def reaches(self, level: str) -> bool:
        """Whether this is that level or a higher one."""
        return LEVELS.index(self.level) >= LEVELS.index(level)

    def stamp(self) -> Callable[[bytes], bytes] | None:
        """What asks the timestamp service, from level ``t``."""
        if not self.reaches("t"):
            return None
        from warifu.wire.timestamps import TimestampClient  # loads an HTTP client

        return TimestampClient(self.timestamp).ask

    def extend(self, signed: bytes, content: bytes | None, authorities: tuple[bytes, ...] = ()) -> bytes:
        """The signed document at this level, with evidence about what is in it by now.

        `authorities` are certificates that may have issued the signer's, where the document does not have them.

        Raises:
            NotAllowed: the signer's certificate is a real one, and the level is above ``t``.
            Unavailable: evidence cannot be had.
            CertificateRefused: a certificate has been revoked, or has another fault.
        """
        from warifu.documents import Level, extend, material_certificates

        stamped = extend(signed, Level.T, stamp=self.stamp()) if self.reaches("t") else signed
        if not self.reaches("lt"):
            return stamped
        material = self._gather((*material_certificates(stamped), *authorities))
        return extend(stamped, Level(self.level), material=material, stamp=self.stamp(), content=content)

    def _gather(self, certificates: tuple[bytes, ...]) -> Any:
        from warifu.wire.clock import SystemClock, SystemEntropy
        from warifu.wire.long_term import Sources, gather_material

        sources = Sources(self.status, self.proofs, self.trusted)
        return gather_material(certificates, sources, SystemClock().now(), SystemEntropy())

    def _or(self, other: "Lasting") -> "Lasting":
        return Lasting(
            self.level, self.timestamp or other.timestamp, self.status or other.status, self.proofs or other.proofs
        )

    def _check(self) -> None:
        if self.reaches("t") and not self.timestamp:
            raise click.UsageError(words(_NO_SERVICE, level=self.level))
        if self.reaches("lt") and not (self.status or self._stored("signing")):
            raise click.UsageError(words(_NO_STATUS, level=self.level))
        if self.reaches("lt") and not (self.proofs or self._stored("timestamp")):
            raise click.UsageError(words(_NO_PROOFS, level=self.level))

    def _stored(self, use: str) -> bool:
        """Whether the trust store says where to ask about such certificates."""
        return any(each.use.value == use and (each.ocsp or each.lists) for each in self.trusted)


def _of_trust_store() -> "tuple[TrustedAnchor, ...]":
    from warifu.wire.verification import TrustStore  # loads an HTTP client

    return TrustStore(settings().data_directory / "trust").all()


def _of_town(level: str, directory: "Path | None") -> Lasting:
    town = open_town(directory)
    stamps, status = town.addresses.timestamps, town.addresses.services(CertificateKind.SIGNING).ocsp
    authorities = map(str, sorted((town.folder / "authorities").glob("signing*.crt")))
    proofs = (f"{stamps}/root.crt", f"{stamps}/root.crl", *authorities)
    return Lasting(level, f"{stamps}/tsa", status or "", proofs)
