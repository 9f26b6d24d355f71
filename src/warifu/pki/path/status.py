"""What each piece of revocation data says about one certificate of a path, told apart.

A path is valid or not at one moment; who judges documents needs more: what every list and every answer says, and until
when whoever signed it is believed, since some are proved to be old and others are not. So each piece is put before
`check_path` alone, as of its own moment. Lists that say little alone (deltas, lists of some reasons) are put before it
together.

Only lists in the name of the certificate's own issuer count (no indirect ones, RFC 5280 §5.2.5), and answers only about
certificates that name a service for these; which one answered does not matter. What another key than the issuer's own
signed is believed until that key's certificate ends or is revoked, wherever that certificate was found.

Source: RFC 5280 §5.3, §6.3; RFC 6960 §4.2.2.2.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.x509 import ocsp

from warifu.errors import Revoked, Suspended, WarifuError
from warifu.pki.ocsp import issuer_hashes
from warifu.pki.path.checking import Checking, check_path
from warifu.pki.path.signers import Signers, encoded
from warifu.pki.reading import COMPLAINTS
from warifu.pki.revocation import Reason, Revocation, Standing, Status

__all__ = ["ToldStatus", "tell_status"]

_MOST = 64
"""Lists, and answers, that are looked at for one certificate."""
_MOST_PARTIAL = 8
"""Lists that say nothing alone, and are tried together with the others."""
_SECOND = timedelta(seconds=1)
_END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, repr=False)
class ToldStatus:
    """What was said about a certificate, good from `this_update` to `next_update` (None: no end is said).

    `data` is where it stands, DER; `hashes` the digests in its signatures ("sha256", "" where there is none); `until`
    when the certificate of whom the issuer let sign ends, or was revoked.
    """

    from_list: bool
    status: Status
    this_update: datetime
    next_update: datetime | None
    data: tuple[bytes, ...]
    hashes: frozenset[str]
    until: datetime = _END


@dataclass(frozen=True, slots=True)
class _Piece:
    """A list or answer about the certificate, by its own word."""

    data: bytes
    from_list: bool
    this_update: datetime
    next_update: datetime | None
    hash_name: str
    until: datetime
    signers: tuple[bytes, ...]


def tell_status(
    certificates: Sequence[bytes],
    others: Iterable[bytes],
    *,
    crls: Iterable[bytes] = (),
    ocsps: Iterable[bytes] = (),
    hashes: frozenset[str],
) -> Iterator[ToldStatus]:
    """What lists and answers say about the first of `certificates`, which lead from it up to an anchor's.

    `others` may be needed to believe who signed a list; `hashes` are those a signature may use. What is not signed by
    whom it must be, or is about something else, says nothing.

    Raises:
        Malformed: the first two certificates are none.
    """
    asked = _Asked(tuple(certificates), tuple(others), hashes)
    pieces = tuple(asked.pieces(crls, ocsps))
    partial: list[_Piece] = []
    for piece in pieces:
        status = asked.told_by((piece,), piece)
        if status is not None:
            yield _told(piece, status, (piece,))
        elif piece.from_list:
            partial.append(piece)
    lists = tuple(each for each in pieces if each.from_list)
    for piece in partial[:_MOST_PARTIAL]:
        status = asked.told_by(lists, piece)
        if status is not None:
            # A revocation stands by itself; that there is none is known from all lists together.
            yield _told(piece, status, lists if status is Standing.GOOD else (piece,))


def _told(newest: _Piece, status: Status, pieces: tuple[_Piece, ...]) -> ToldStatus:
    """What pieces say together as of the newest; it holds until the first of them ends."""
    ends = [each.next_update for each in pieces if each.next_update is not None]
    return ToldStatus(
        newest.from_list,
        status,
        newest.this_update,
        min(ends, default=None),
        tuple(each.data for each in pieces),
        frozenset(each.hash_name for each in pieces),
        min(each.until for each in pieces),
    )


class _Asked:
    """The certificate asked about, and the time in which all of its path is valid."""

    def __init__(self, certificates: tuple[bytes, ...], others: tuple[bytes, ...], hashes: frozenset[str]) -> None:
        self._path, self._hashes = certificates, hashes
        read = [x509.load_der_x509_certificate(each) for each in certificates]
        self._certificate, self._issuer = read[0], read[1]
        self._signers = Signers(read[1:], others)
        self._begins = max(each.not_valid_before_utc for each in read)
        self._ends = min(each.not_valid_after_utc for each in read)

    def pieces(self, crls: Iterable[bytes], ocsps: Iterable[bytes]) -> Iterator[_Piece]:
        """Those that are about the certificate by their own word, the first so many."""
        crls = tuple(crls)
        lists = (piece for crl in crls if (piece := self._list(crl, crls)) is not None)
        answers = (piece for answer in ocsps if (piece := self._answer(answer)) is not None)
        yield from (piece for piece, _number in zip(lists, range(_MOST), strict=False))
        yield from (piece for piece, _number in zip(answers, range(_MOST), strict=False))

    def _list(self, data: bytes, all_lists: tuple[bytes, ...]) -> _Piece | None:
        try:
            crl = x509.load_der_x509_crl(data)
            if crl.issuer != self._certificate.issuer:
                return None
            _check_entries(crl, data)
            digest = crl.signature_hash_algorithm
            name, signers = digest.name if digest else "", self._signers.of_list(crl)
            until = self._signers.until(signers, all_lists)
            return _Piece(data, True, crl.last_update_utc, crl.next_update_utc, name, until, encoded(signers))
        except COMPLAINTS:
            return None

    def _answer(self, data: bytes) -> _Piece | None:
        try:
            answer = ocsp.load_der_ocsp_response(data)
            if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
                return None
            about = [each for each in answer.responses if self._is_about(each)]
            if not about:
                return None
            digest = answer.signature_hash_algorithm
            begins = max(about[0].this_update_utc, answer.produced_at_utc)
            name, signers = digest.name if digest else "", self._signers.of_answer(answer)
            until = self._signers.until(signers)
            return _Piece(data, False, begins, about[0].next_update_utc, name, until, encoded(signers))
        except COMPLAINTS:
            return None

    def _is_about(self, single: ocsp.OCSPSingleResponse) -> bool:
        """One answer may be about several, whose numbers their issuers chose each for itself."""
        if single.serial_number != self._certificate.serial_number:
            return False
        return single.issuer_key_hash == issuer_hashes(self._issuer, single.hash_algorithm.name)[1]

    def told_by(self, pieces: tuple[_Piece, ...], newest: _Piece) -> Status | None:
        """What these pieces say together, as of the moment of one; None if they do not tell."""
        moment = newest.this_update + _SECOND
        if newest.next_update is not None:
            moment = min(moment, newest.next_update)  # an answer may have been signed long after its word was good
        at = min(max(moment, self._begins), self._ends)
        try:
            check_path(
                self._path[0],
                dict.fromkeys((*self._path[1:-1], *(each for piece in pieces for each in piece.signers))),
                self._path[-1:],
                at,
                crls=[each.data for each in pieces if each.from_list],
                ocsps=[each.data for each in pieces if not each.from_list],
                checking=Checking.LAST,
                retroactive=True,
                hashes=self._hashes,
            )
        except Suspended as held:
            return Revocation(held.at, Reason.CERTIFICATE_HOLD)
        except Revoked as revoked:
            return Revocation(revoked.at, Reason(revoked.reason))
        except WarifuError:
            return None
        return Standing.GOOD


_CRITICAL = bytes.fromhex("0101ff")
_KNOWN = (x509.CRLReason, x509.InvalidityDate, x509.CertificateIssuer)


def _check_entries(crl: x509.CertificateRevocationList, data: bytes) -> None:
    """Check that no entry, about whomever, has an extension that must be understood and is not (RFC 5280 §5.3).

    Raises:
        ValueError: one has; the list may be used for nobody.
    """
    if data.count(_CRITICAL) == sum(each.critical for each in crl.extensions):
        return
    if any(each.critical and not isinstance(each.value, _KNOWN) for entry in crl for each in entry.extensions):
        raise ValueError("an entry of a revocation list has an unknown critical extension")
