"""The revoked certificates of a municipality as of one moment, small enough that a large city's list can be made.

A list is gone through several times while it is written (`pki.write_crl`), and it must say the same each time, with no
lock held. So what belongs on it is taken out of the record once, 34 bytes a certificate, and made entries again one by
one.
"""

from array import array
from collections.abc import Iterator

from sqlalchemy import Connection, and_

from warifu.ca import Authority, Entry, State
from warifu.pki import Medium, Reason, Revocation
from warifu.wire.authority.certificates import issued
from warifu.wire.authority.tables import certificates, moment

__all__ = ["RevokedOf"]

_MEDIA = tuple(Medium)
_BATCH = 1000


class RevokedOf:
    """The held and revoked certificates of one generation and municipality, by ascending serial number."""

    def __init__(self, connection: Connection, authority: Authority, municipality: str) -> None:
        self._authority = authority
        self._municipality = municipality
        self._moments = array("q")
        self._marks = array("b")
        self.latest = 0
        """When the last of them was revoked, seconds since 1970."""
        here = and_(
            certificates.c.kind == authority.kind.value,
            certificates.c.generation == authority.generation,
            certificates.c.municipality == municipality,
            certificates.c.revoked_at.is_not(None),
        )
        query = issued().where(here).order_by(certificates.c.serial_number)
        for row in connection.execute(query, execution_options={"yield_per": _BATCH}):
            self._moments.extend((row.serial_number, row.not_before, row.not_after, row.revoked_at))
            self._marks.extend((row.reason, _MEDIA.index(Medium(row.medium))))
            self.latest = max(self.latest, row.revoked_at)

    def __iter__(self) -> Iterator[Entry]:
        """The entries, as far as a list is concerned."""
        for place in range(len(self._marks) // 2):
            serial_number, not_before, not_after, at = self._moments[4 * place : 4 * place + 4]
            reason, medium = self._marks[2 * place : 2 * place + 2]
            yield Entry(
                self._authority.kind,
                serial_number,
                self._authority.generation,
                _MEDIA[medium],
                self._municipality,
                moment(not_before),
                moment(not_after),
                State.HELD if reason == Reason.CERTIFICATE_HOLD else State.REVOKED,
                Revocation(moment(at), Reason(reason)),
            )
