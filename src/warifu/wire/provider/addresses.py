"""Where a request comes from: the other end of the connection, or what a proxy that we know says."""

import ipaddress
import logging
from collections.abc import Iterable, Sequence

from starlette.types import Scope

from warifu.errors import Malformed

__all__ = ["Proxies"]

_IPV6_HOUSEHOLD = 64
"""Bits of an IPv6 address that are one household's or one company's (RFC 6177): the rest it may choose."""

_FORWARDED = frozenset({b"x-forwarded-for", b"forwarded"})
"""What proxies say of whom they ask for; the second one (RFC 7239) is not read, only noticed."""

_log = logging.getLogger("warifu.provider")

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Proxies:
    """The proxies in front of the provider, by address or network."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        """Take them.

        Raises:
            Malformed: one is neither.
        """
        try:
            self._networks: Sequence[_Network] = [ipaddress.ip_network(each, strict=False) for each in networks]
        except ValueError as error:
            raise Malformed(f"a proxy is an IP address or a network like 10.0.0.0/8: {error}") from None
        self._warned = False

    def address(self, scope: Scope) -> str:
        """Who asked: an IPv4 address or an IPv6 network, empty for who has none (a socket in the file system).

        ``X-Forwarded-For`` is read from its end, for only that is written by proxies that we know; what stands before
        the first stranger was written by the stranger, whoever it names.
        """
        peer = scope.get("client")
        found = "" if peer is None else str(peer[0])
        forwarded = [part.strip() for value in _forwarded(scope) for part in value.split(",")]
        if not self._trusted(found):
            self._notice(scope)
        while forwarded and self._trusted(found):
            found = forwarded.pop()
        return _household(found)

    def _notice(self, scope: Scope) -> None:
        """Say once that a proxy may be unnamed. Anybody may write these headers, so nothing of them is repeated."""
        if self._warned or _FORWARDED.isdisjoint(name for name, _ in scope["headers"]):
            return
        self._warned = True
        _log.warning(
            "requests come through a proxy that is not named: all people behind it share one address in the limits. "
            "If it is yours, name its address in proxies of [provider]; it has to send X-Forwarded-For"
        )

    def _trusted(self, text: str) -> bool:
        if not text:  # a proxy on this machine, behind a socket in the file system
            return bool(self._networks)
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


def _forwarded(scope: Scope) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]


def _household(text: str) -> str:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, _IPV6_HOUSEHOLD), strict=False))
    return str(address)
