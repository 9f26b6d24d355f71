"""All generations of one authority: one name, one key after another, all of them valid side by side.

An authority changes its key every few years, long before the old one ends, because what the old one signed lives on.
The newest generation issues. Each of them goes on answering for what it issued, with its own key: the name in a
certificate is the same for all, and only the key identifier tells which one is meant. Should a key leak, everything
under it is revoked at once, the generation issues no more, and the list of revoked authorities names it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from warifu.ca.application import CertificateApplication
from warifu.ca.authority import Authority
from warifu.ca.consequences import Change, changes
from warifu.ca.profiles import profile_for
from warifu.ca.record import Entry
from warifu.ca.transitions import Event
from warifu.errors import NotAllowed, NotFound, Unavailable
from warifu.pki import CertificateKind, Reason, Revocation


@dataclass(frozen=True, init=False)
class Generations:
    """The generations of one kind, in any order; `compromised` tells since when a key is known to have leaked.

    Raises:
        NotAllowed: there is none, they are of both kinds, of different names, or one is there twice.
    """

    authorities: tuple[Authority, ...]
    compromised: Mapping[bytes, datetime]

    def __init__(self, authorities: Iterable[Authority], compromised: Mapping[bytes, datetime] | None = None) -> None:
        by_age = sorted(authorities, key=lambda each: each.issuer.certificate.not_valid_before_utc)
        object.__setattr__(self, "authorities", tuple(by_age))
        object.__setattr__(self, "compromised", dict(compromised or {}))
        if len({(each.kind, each.issuer.name_der) for each in by_age}) != 1:
            raise NotAllowed("the generations of an authority share their kind and their name")
        if len({each.generation for each in by_age}) != len(by_age):
            raise NotAllowed("a generation of an authority is there twice")

    def __iter__(self) -> Iterator[Authority]:
        """Oldest first."""
        return iter(self.authorities)

    @property
    def kind(self) -> CertificateKind:
        """Which kind all of them issue."""
        return self.authorities[0].kind

    def newest(self, now: datetime) -> Authority:
        """The generation that issues: the youngest that is valid now and whose key has not leaked.

        Raises:
            Unavailable: there is none.
        """
        return next(self._issuing(now), None) or _none()

    def issuing(self, application: CertificateApplication, now: datetime) -> Authority:
        """The generation that issues for the key in an application: the youngest of the key's own algorithm.

        While the cards of two generations are in use, an RSA and a P-384 generation issue side by side.

        Raises:
            Unavailable: there is none.
        """
        wanted = profile_for(application.kind, application.medium, application.public_key_info).algorithm
        of_kind = (each for each in self._issuing(now) if each.issuer.signer.algorithm == wanted)
        return next(of_kind, None) or _none()

    def _issuing(self, now: datetime) -> Iterator[Authority]:
        """Those that may issue now, youngest first."""
        for authority in reversed(self.authorities):
            certificate = authority.issuer.certificate
            valid = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
            if valid and authority.generation not in self.compromised:
                yield authority

    def find(self, generation: bytes) -> Authority:
        """The generation with this key identifier.

        Raises:
            NotFound: there is none.
        """
        for authority in self.authorities:
            if authority.generation == generation:
                return authority
        raise NotFound("no such generation of the authority")

    def revoked(self) -> Mapping[int, Revocation]:
        """The generations whose keys leaked, by the serial numbers of their certificates: what their list has (ARL)."""
        return {
            authority.issuer.certificate.serial_number: Revocation(
                self.compromised[authority.generation].replace(microsecond=0), Reason.CA_COMPROMISE
            )
            for authority in self.authorities
            if authority.generation in self.compromised
        }


def leak_changes(kind: CertificateKind, generation: bytes, live: Iterable[Entry], now: datetime) -> tuple[Change, ...]:
    """What the leak of one generation's key does to the live certificates of one holder, recorded at `now`.

    All under that key are revoked (公的個人認証法 第14条, 第33条, 第16条の12, 第35条の12), and with a card's
    certificate the phone's, whichever generation issued that.
    """
    entries = [entry for entry in live if entry.is_live(now)]
    under = [entry for entry in entries if (entry.kind, entry.generation) == (kind, generation)]
    return changes(entries, under, Event.AUTHORITY_COMPROMISED, now)


def _none() -> NoReturn:
    raise Unavailable("no generation of the authority may issue now")
