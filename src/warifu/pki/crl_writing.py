"""A revocation list of any length, written without ever being held: it is hashed while it is written.

DER begins with lengths, so the entries are gone through twice: once to add up their lengths, once to write them. With
an ECDSA key, whose signatures differ in length, they are gone through once more, because the length of the whole stands
before everything else. The bytes are those of `build_crl`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from warifu.errors import NotAllowed
from warifu.person import Municipality
from warifu.pki import der
from warifu.pki.crl_building import LIFETIME, users_extensions
from warifu.pki.issuer import Issuer
from warifu.pki.keys import ALGORITHMS, hash_for
from warifu.pki.revocation import Reason, Revocation
from warifu.ports import DigestSigner

Revoked = Iterable[tuple[int, Revocation]]
_CHUNK = 64 * 1024


def write_crl(
    write: Callable[[bytes], object],
    issuer: Issuer,
    *,
    municipality: Municipality,
    revoked: Callable[[], Revoked],
    number: int,
    this_update: datetime,
    next_update: datetime | None = None,
) -> None:
    """Write the revocation list of one municipality's certificates, as `build_crl` would make it, piece by piece.

    `revoked` begins a new walk through the serial numbers and what became of them, by ascending serial number; every
    walk yields the same. What was written before an error is worthless and to be thrown away.

    Raises:
        NotAllowed: the authority's signer does not sign digests (`ports.DigestSigner`); the numbers do not ascend; or a
            walk yielded other entries than the one before.
    """
    signer = issuer.signer
    if not isinstance(signer, DigestSigner):
        raise NotAllowed("this key cannot sign a list that is hashed while it is written")
    lengths = sum(_length(*each) for each in _ascending(revoked()))
    plan = _Plan(*_around(issuer, municipality, number, this_update, next_update, lengths), lengths, revoked)
    algorithm = ALGORITHMS[signer.algorithm]
    key = issuer.certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        write(der.header(der.SEQUENCE, plan.length + len(algorithm) + len(der.bit_string(bytes(key.key_size // 8)))))
        end = algorithm + der.bit_string(signer.sign_digest(plan.write(write, _hash(issuer))))
    else:
        end = algorithm + der.bit_string(signer.sign_digest(plan.write(_nowhere, _hash(issuer))))
        write(der.header(der.SEQUENCE, plan.length + len(end)))
        plan.write(write, _hash(issuer))
    write(end)


@dataclass(frozen=True)
class _Plan:
    """The TBSCertList: what stands before the entries, what behind them, their length, and how to walk through them."""

    head: bytes
    tail: bytes
    lengths: int
    revoked: Callable[[], Revoked]

    @property
    def length(self) -> int:
        return len(self.head) + self.lengths + len(self.tail)

    def write(self, write: Callable[[bytes], object], digest: hashes.Hash) -> bytes:
        """Write it; the digest of what was written."""
        written = 0
        for piece in self._pieces():
            digest.update(piece)
            write(piece)
            written += len(piece)
        if written != self.length:
            raise NotAllowed("the entries of the revocation list changed while it was written")
        return digest.finalize()

    def _pieces(self) -> Iterator[bytes]:
        piece = bytearray(self.head)
        for serial_number, revocation in _ascending(self.revoked()):
            piece += _entry(serial_number, revocation)
            if len(piece) >= _CHUNK:
                yield bytes(piece)
                piece.clear()
        yield bytes(piece) + self.tail


def _around(
    issuer: Issuer,
    municipality: Municipality,
    number: int,
    this_update: datetime,
    next_update: datetime | None,
    lengths: int,
) -> tuple[bytes, bytes]:
    """What stands before and behind the entries, the TBSCertList's own header included (RFC 5280 §5.1)."""
    extensions = (_extension(each) for each in users_extensions(issuer, municipality, number))
    tail = der.encode(der.explicit(0), der.encode(der.SEQUENCE, *extensions))
    times = der.time(this_update) + der.time(next_update or this_update + LIFETIME)
    begin = _VERSION_2 + ALGORITHMS[issuer.signer.algorithm] + issuer.name_der + times
    # A list without entries has no empty sequence of them (§5.1.2.6).
    begin += der.header(der.SEQUENCE, lengths) if lengths else b""
    return der.header(der.SEQUENCE, len(begin) + lengths + len(tail)) + begin, tail


_VERSION_2 = der.integer(1)
_CRITICAL = der.encode(der.BOOLEAN, b"\xff")


def _extension(extension: x509.Extension[x509.ExtensionType]) -> bytes:
    oid = der.object_identifier(extension.oid.dotted_string)
    value = der.encode(der.OCTET_STRING, extension.value.public_bytes())
    return der.encode(der.SEQUENCE, oid, _CRITICAL if extension.critical else b"", value)


def _hash(issuer: Issuer) -> hashes.Hash:
    return hashes.Hash(hash_for(issuer.signer.algorithm))


def _nowhere(_piece: bytes) -> None:
    pass


def _ascending(revoked: Revoked) -> Iterator[tuple[int, Revocation]]:
    before = 0
    for serial_number, revocation in revoked:
        if serial_number <= before:
            raise NotAllowed("the entries of a revocation list ascend by serial number")
        before = serial_number
        yield serial_number, revocation


# --- entries ----------------------------------------------------------------------------------------------------------

_REASON = der.object_identifier(x509.CRLReason.oid.dotted_string)


def _reason_extensions(reason: Reason) -> bytes:
    """An entry's extensions with the reason (§5.3.1); none for unspecified."""
    if reason is Reason.UNSPECIFIED:
        return b""
    value = der.encode(der.OCTET_STRING, der.encode(der.ENUMERATED, bytes((reason,))))
    return der.encode(der.SEQUENCE, der.encode(der.SEQUENCE, _REASON, value))


_REASONS = {reason: _reason_extensions(reason) for reason in Reason}
_UTC_TIME, _GENERALIZED_TIME = 15, 17
_FIRST_GENERALIZED = datetime(2050, 1, 1, tzinfo=UTC)


def _entry(serial_number: int, revocation: Revocation) -> bytes:
    return der.encode(der.SEQUENCE, der.integer(serial_number), der.time(revocation.at), _REASONS[revocation.reason])


def _length(serial_number: int, revocation: Revocation) -> int:
    """How long `_entry` is; it is always shorter than 128 bytes, for serial numbers have at most 20."""
    time = _UTC_TIME if revocation.at < _FIRST_GENERALIZED else _GENERALIZED_TIME
    return 4 + serial_number.bit_length() // 8 + 1 + time + len(_REASONS[revocation.reason])
