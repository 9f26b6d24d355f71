"""Where the parties of a town listen: twelve ports in a row, each party an origin of its own.

Browsers keep cookies by host and ignore the port, so each page has a host name of its own; every name under
``localhost`` is this machine (RFC 6761 §6.3). Servers talk to the authorities on 127.0.0.1.
"""

from dataclasses import dataclass

from warifu.errors import Malformed
from warifu.pki import CertificateKind, ServiceAddresses

__all__ = ["Addresses"]

_PARTIES = 12


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of one town; `base` is the first of twelve ports; the eleventh is the companion's."""

    base: int = 8700

    def __post_init__(self) -> None:
        if not 1024 <= self.base <= 65536 - _PARTIES:
            raise Malformed(f"the first port is between 1024 and {65536 - _PARTIES}")

    @property
    def provider(self) -> str:
        """The OpenID provider."""
        return f"http://localhost:{self.base}"

    @property
    def phone(self) -> str:
        """The simulated phone."""
        return f"http://phone.localhost:{self.base + 1}"

    @property
    def relying_party(self) -> str:
        """The demonstration relying party."""
        return f"http://rp.localhost:{self.base + 2}"

    @property
    def authorities(self) -> str:
        """The certification authorities: status answers and revocation lists."""
        return f"http://127.0.0.1:{self.base + 3}"

    @property
    def town(self) -> str:
        """The index of the town."""
        return f"http://town.localhost:{self.base + 4}"

    @property
    def operator(self) -> str:
        """The page of who runs the authorities."""
        return f"http://operator.localhost:{self.base + 5}"

    @property
    def window(self) -> str:
        """The pages of the register's clerks: municipalities' windows and the hotline."""
        return f"http://window.localhost:{self.base + 6}"

    @property
    def registry(self) -> str:
        """The register's REST interface."""
        return f"http://127.0.0.1:{self.base + 7}"

    @property
    def timestamps(self) -> str:
        """The timestamp authority."""
        return f"http://127.0.0.1:{self.base + 8}"

    @property
    def sandbox(self) -> str:
        """The provider that answers as it is told; programs ask it, and not every resolver knows names of localhost."""
        return f"http://127.0.0.1:{self.base + 9}"

    @property
    def platform(self) -> str:
        """The platform operator, who verifies signatures for the clients of the signing API."""
        return f"http://127.0.0.1:{self.base + 11}"

    @property
    def all(self) -> tuple[str, ...]:
        """Every one of them."""
        servers = (self.provider, self.phone, self.relying_party, self.authorities)
        desks = (self.operator, self.window, self.registry)
        return (*servers, self.town, *desks, self.timestamps, self.sandbox, self.platform)

    def services(self, kind: CertificateKind) -> ServiceAddresses:
        """What stands in the certificates of one authority."""
        return ServiceAddresses(ocsp=f"{self.authorities}/ocsp/{kind.value}", cps=f"{self.authorities}/cps")
