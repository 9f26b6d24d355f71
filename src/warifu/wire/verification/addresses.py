"""Which addresses a verifier may be sent to.

Only what the operator configured is ever asked. Even so a name may lead to another machine tomorrow, one inside our own
network: a name that resolves to a private address is refused, unless the operator wrote the private address itself.
"""

import ipaddress
import socket
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import httpx2

from warifu.errors import Malformed, NotAllowed, Unavailable

__all__ = ["Address", "CheckedTransport"]

_PORTS = {"http": 80, "https": 443}
_LONGEST = 2048
_OWN = "localhost"

_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Address:
    """An address that the operator configured, taken apart. Plain http will do: what comes is signed.

    Raises:
        Malformed: not http or https, a name and password in it, or no host.
    """

    text: str
    scheme: str
    host: str
    port: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Take an address apart."""
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError as error:
            raise Malformed("this is no http address") from error
        odd = any(character <= " " or character > "~" for character in text) or len(text) > _LONGEST
        if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc or parts.fragment or odd:
            raise Malformed("this is no http address")
        return cls(text, parts.scheme, parts.hostname, port or _PORTS[parts.scheme])

    @property
    def written_as_own(self) -> bool:
        """Whether the operator wrote an address inside the own network or on this machine."""
        ip = _ip(self.host)
        return not ip.is_global if ip is not None else self.host == _OWN or self.host.endswith("." + _OWN)

    def resolve(self) -> str:
        """The IP address to connect to: looked up once, so that what was checked is what is asked.

        Raises:
            Unavailable: the name is not known.
            NotAllowed: the name leads into a network of our own, and the operator wrote a name.
        """
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Unavailable("the name of a revocation service is not known") from error
        ips = [str(each[4][0]) for each in found]
        if not self.written_as_own and not all(map(_is_global, ips)):
            raise NotAllowed("the name of a revocation service leads into a private network")
        return ips[0]


class CheckedTransport(httpx2.HTTPTransport):
    """Connects to the very machine that was looked at when the name was checked; not for proxies."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request.

        Raises:
            Malformed, Unavailable, NotAllowed: as `Address`.
        """
        address = Address.read(str(request.url))
        request.extensions = {**request.extensions, "sni_hostname": address.host}
        request.url = request.url.copy_with(host=address.resolve())
        return super().handle_request(request)


def _ip(text: str) -> _Ip | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _is_global(text: str) -> bool:
    """Nor is an IPv4 address in the dress of an IPv6 one."""
    ip = ipaddress.ip_address(text.partition("%")[0])
    inner = ip.ipv4_mapped or ip.sixtofour if isinstance(ip, ipaddress.IPv6Address) else None
    return ip.is_global and not ip.is_multicast and (inner is None or inner.is_global)
