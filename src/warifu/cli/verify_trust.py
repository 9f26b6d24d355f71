"""Whom ``warifu verify`` trusts and asks: its trust store, what was named on the command line, or the town's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from warifu.cli.commands import option
from warifu.cli.inputs import read_input
from warifu.cli.root import settings
from warifu.cli.texts import Text
from warifu.cli.town_choice import open_town
from warifu.errors import Malformed
from warifu.pki import CertificateKind

if TYPE_CHECKING:
    from warifu.documents import FoundSignature
    from warifu.verifier import DocumentTrust, Material
    from warifu.wire.verification import Gatherer, Premises, TrustedAnchor

__all__ = ["Asked", "Gathering", "trust_options"]

_LARGEST_LIST = 256 * 1024 * 1024
_LARGEST_CERTIFICATE = 64 * 1024

_OPTIONS = (
    option(
        "--trust",
        "certificates",
        multiple=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help=Text(
            "今回だけ信頼する認証局の証明書（繰り返し可）。署名者の認証局も、タイムスタンプの認証局も。",
            "A certificate of an authority to trust this time (repeatable): signers' or timestamps'.",
        ),
    ),
    option(
        "--trust-signer",
        "signers",
        multiple=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help=Text(
            "公的個人認証サービス以外の署名者について、今回だけ信頼する認証局の証明書（繰り返し可）。",
            "A certificate of an authority to trust this time for signers outside of JPKI (repeatable).",
        ),
    ),
    option(
        "--status",
        metavar="URL",
        default="",
        help=Text(
            "--trust と --trust-signer の認証局が証明書の状態を答えるアドレス（OCSP）。",
            "Where the authorities of --trust and --trust-signer tell the status of certificates (OCSP).",
        ),
    ),
    option(
        "--list",
        "lists",
        multiple=True,
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help=Text("失効リスト（繰り返し可）。", "A revocation list (repeatable)."),
    ),
    option(
        "--town",
        "of_town",
        is_flag=True,
        help=Text("町の認証局を信頼し、町に問い合わせる。", "Trust the town's authorities, and ask the town."),
    ),
)


def trust_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options; the command gets `asked`."""

    @wraps(command)
    def with_asked(
        *arguments: Any,
        certificates: tuple[Path, ...],
        signers: tuple[Path, ...],
        status: str,
        lists: tuple[Path, ...],
        of_town: bool,
        **others: Any,
    ) -> Any:
        return command(*arguments, asked=Asked(certificates, status, lists, of_town, signers), **others)

    added: Callable[..., Any] = with_asked
    for add in reversed(_OPTIONS):
        added = add(added)
    return added


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options said."""

    certificates: tuple[Path, ...]
    status: str
    lists: tuple[Path, ...]
    of_town: bool
    signers: tuple[Path, ...] = ()

    def gather(self, found: "Sequence[FoundSignature]", now: datetime) -> "tuple[DocumentTrust, Material]":
        """Whom to trust, and what the services of those have to say about the signers' certificates.

        Raises:
            Malformed, UntrustedIssuer, NotAllowed: a certificate that may not be trusted.
            NotFound: there is no town.
        """
        with Gathering(self, now) as gathering:
            return gathering.gather(found)

    def offline(self, now: datetime) -> "tuple[DocumentTrust, Material]":
        """Whom to trust, and the lists that were named; nobody is asked.

        Raises:
            Malformed, UntrustedIssuer, NotAllowed: a certificate that may not be trusted.
            NotFound: there is no town.
        """
        from warifu.verifier import Material

        premises = self._here(now)
        return _trust(premises.trust_store()), Material(crls=premises.lists)

    def open(self, now: datetime) -> "tuple[DocumentTrust, Gatherer, tuple[bytes, ...]]":
        """Whom to trust, who asks their services, and the lists that were named; to be closed.

        Raises:
            Malformed, UntrustedIssuer, NotAllowed: a certificate that may not be trusted.
            NotFound: there is no town.
        """
        from warifu.wire.clock import SystemEntropy
        from warifu.wire.verification import GathererForRun, KeptRevocations

        premises = self._here(now)
        store, directory = premises.trust_store(), premises.data
        seen = KeptRevocations(directory / "verifier" / "seen", SystemEntropy())
        gatherer = GathererForRun(store, directory / "revocation", SystemEntropy())
        return replace(_trust(store), seen=seen), gatherer, premises.lists

    def premises(self, now: datetime) -> "Premises":
        """The same, as other processes open it.

        Raises:
            Malformed, UntrustedIssuer, NotAllowed: a certificate that may not be trusted.
            NotFound: there is no town.
        """
        here = self._here(now)
        # Elsewhere there may be no trust store.
        return replace(here, given=here.trust_store().all())

    def _here(self, now: datetime) -> "Premises":
        from warifu.wire.verification import Premises

        given = (*self._named(now), *(_of_town(now) if self.of_town else ()))
        lists = tuple(read_input(path, _LARGEST_LIST) for path in self.lists)
        return Premises(settings().data_directory.absolute(), given, lists)

    def _named(self, now: datetime) -> "tuple[TrustedAnchor, ...]":
        from warifu.wire.verification import TrustedAnchor, TrustUse

        given = (*((path, None) for path in self.certificates), *((path, TrustUse.SIGNER) for path in self.signers))
        return tuple(TrustedAnchor.of(_der(path), now, ocsp=self.status, use=use) for path, use in given)


class Gathering:
    """What the options said, opened at the first document and once for all of a run.

    What may not be trusted is so said at each document; nothing has been opened then.
    """

    def __init__(self, asked: Asked, now: datetime) -> None:
        self._asked, self._now = asked, now
        self._opened: tuple[DocumentTrust, Gatherer, tuple[bytes, ...]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._opened is not None:
            self._opened[1].close()

    def gather(self, found: "Sequence[FoundSignature]") -> "tuple[DocumentTrust, Material]":
        """As `Asked.gather`, with the same raised."""
        from warifu.verifier import document_needs

        if self._opened is None:
            self._opened = self._asked.open(self._now)
        trust, gatherer, lists = self._opened
        material = gatherer.material(document_needs(found, trust), self._now)
        return trust, replace(material, crls=(*material.crls, *lists))


def _trust(store: Any) -> "DocumentTrust":
    from warifu.verifier import DocumentTrust, SignerTrust, TimestampTrust

    stamps, signers = TimestampTrust(store.timestamp_anchors()), SignerTrust(store.signer_anchors())
    return DocumentTrust(store.anchors(), stamps, signers=signers)


def _of_town(now: datetime) -> "tuple[TrustedAnchor, ...]":
    from warifu.wire.verification import TrustedAnchor

    town = open_town(None)
    ocsp = town.addresses.services(CertificateKind.SIGNING).ocsp or ""
    authorities = sorted((town.folder / "authorities").glob("signing*.crt"))
    signers = [TrustedAnchor.of(_der(path), now, ocsp=ocsp) for path in authorities]
    stamps = f"{town.addresses.timestamps}/root.crl"
    roots = [path for path in (town.folder / "timestamps" / "root.crt",) if path.exists()]
    return (*signers, *(TrustedAnchor.of(_der(path), now, lists=(stamps,)) for path in roots))


def _der(path: Path) -> bytes:
    """A certificate, PEM or DER.

    Raises:
        Malformed: it is none.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    data = read_input(path, _LARGEST_CERTIFICATE)
    if not data.lstrip().startswith(b"-----BEGIN"):
        return data
    try:
        return x509.load_pem_x509_certificate(data).public_bytes(Encoding.DER)
    except ValueError as error:
        raise Malformed(f"{path} is no certificate") from error
