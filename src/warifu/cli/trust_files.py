"""Certificates to trust: from files, and those of the town on this machine."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from warifu.cli.inputs import read_input
from warifu.cli.town_choice import open_town
from warifu.errors import Malformed
from warifu.pki import CaCertificate, CertificateKind
from warifu.town.places import MUNICIPALITIES
from warifu.wire.verification import TrustedAnchor, TrustUse

__all__ = ["read_anchors", "town_anchors"]

_LARGEST = 1 << 20
_PEM = b"-----BEGIN CERTIFICATE-----"


def read_anchors(
    files: Iterable[Path],
    now: datetime,
    *,
    ocsp: str = "",
    lists: tuple[str, ...] = (),
    use: TrustUse | None = None,
) -> list[TrustedAnchor]:
    """The certificates in these files; a PEM file may hold several. `use` as in `TrustedAnchor.of`.

    Raises:
        Malformed, UntrustedIssuer, NotAllowed: as `TrustedAnchor.of`.
        Unavailable: a file cannot be read.
    """
    given = (der for path in files for der in _certificates(path))
    return [TrustedAnchor.of(der, now, ocsp=ocsp, lists=lists, use=use) for der in given]


def town_anchors(now: datetime) -> list[TrustedAnchor]:
    """The town's authorities, every generation, and the root of its timestamps, with their addresses in the town.

    Raises:
        NotFound: there is no town.
    """
    town = open_town(None)
    found = [
        _of_authority(der, now, town.addresses.authorities)
        for path in sorted((town.folder / "authorities").glob("*.crt"))
        for der in _certificates(path)
    ]
    roots = (path for path in [town.folder / "timestamps" / "root.crt"] if path.exists())
    stamps = (f"{town.addresses.timestamps}/root.crl",)
    return found + [TrustedAnchor.of(der, now, lists=stamps) for path in roots for der in _certificates(path)]


def _of_authority(der: bytes, now: datetime, origin: str) -> TrustedAnchor:
    authority = CaCertificate.decode(der)
    kind: CertificateKind = authority.kind
    base = f"{origin}/crl/{kind.value}/{authority.key_id.hex()}"
    lists = tuple(f"{base}/{code}.crl" for code in sorted(MUNICIPALITIES))
    return TrustedAnchor.of(der, now, ocsp=f"{origin}/ocsp/{kind.value}", lists=lists)


def _certificates(path: Path) -> Iterator[bytes]:
    data = read_input(path, _LARGEST)
    if _PEM not in data:
        yield data
        return
    try:
        for certificate in x509.load_pem_x509_certificates(data):
            yield certificate.public_bytes(Encoding.DER)
    except ValueError as error:
        raise Malformed(f"this is no certificate: {path}") from error
