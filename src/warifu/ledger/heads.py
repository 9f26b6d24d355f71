"""Tree heads: what the log is at a moment, in 32 bytes, and signed by its keeper (RFC 9162 §4.9, §4.10)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import load_der_public_key

from warifu.errors import Malformed, WrongLog, WrongSignature
from warifu.ledger import items
from warifu.ledger.frontier import Frontier
from warifu.ledger.hashing import EMPTY_ROOT, check_hash
from warifu.ledger.items import ItemType
from warifu.ledger.tls import Reader, number, vector
from warifu.ports import Signer

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(milliseconds=1)
_EXTENSIONS_WIDTH = 2
_SIGNATURE_WIDTH = 2


@dataclass(frozen=True, slots=True)
class TreeHead:
    """The log at `moment` (UTC, whole milliseconds): its size and its root.

    Wire: TreeHeadDataV2: milliseconds since 1970, size, root, no extensions. These bytes are what is signed.
    Source: RFC 9162 §4.9.
    """

    moment: datetime
    size: int
    root: bytes

    def __post_init__(self) -> None:
        """Check the fields.

        Raises:
            Malformed: a moment before 1970, in another zone or finer than a millisecond; another root than
                an empty tree has, or no hash.
        """
        if self.moment.utcoffset() != timedelta(0) or self.moment < _EPOCH or self.moment.microsecond % 1000:
            raise Malformed("the moment of a tree head is UTC, since 1970, in whole milliseconds")
        items.check_number(self.size)
        check_hash(self.root)
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise Malformed("an empty tree has another root")

    def encode(self) -> bytes:
        """The TreeHeadDataV2."""
        timestamp = number((self.moment - _EPOCH) // _TICK)
        return timestamp + number(self.size) + items.node(self.root) + vector(b"", _EXTENSIONS_WIDTH)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a TreeHeadDataV2.

        Raises:
            Malformed: another structure, extensions, or bytes after it.
        """
        reader = Reader(data)
        head = cls._read(reader)
        reader.end()
        return head

    @classmethod
    def _read(cls, reader: Reader) -> Self:
        timestamp, size, root = reader.number(), reader.number(), items.read_node(reader)
        # No extension is defined yet (§10.2.5), and one that we don't understand may not be dropped: it is signed.
        if reader.vector(_EXTENSIONS_WIDTH):
            raise Malformed("the tree head has extensions")
        try:
            moment = _EPOCH + timestamp * _TICK
        except OverflowError:
            raise Malformed("the tree head is of no moment") from None
        return cls(moment, size, root)


@dataclass(frozen=True, slots=True)
class SignedTreeHead:
    """A tree head with its log's signature: from now on the log cannot show another tree of this size.

    Wire: TransItem of type signed_tree_head_v2: 0104, log id, TreeHeadDataV2, signature over the TreeHeadDataV2.
    Source: RFC 9162 §4.10. The signature says nothing of the log, so a key must serve one log only (§4.4).
    """

    log_id: bytes
    tree_head: TreeHead
    signature: bytes

    def __post_init__(self) -> None:
        """Check the fields.

        Raises:
            Malformed: not the id of a log; no signature.
        """
        items.check_log_id(self.log_id)
        if not self.signature:
            raise Malformed("a signed tree head has a signature")

    def encode(self) -> bytes:
        """The TransItem."""
        signature = vector(self.signature, _SIGNATURE_WIDTH)
        return items.opening(ItemType.SIGNED_TREE_HEAD, self.log_id) + self.tree_head.encode() + signature

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a TransItem.

        Raises:
            Malformed: another structure, or bytes after it.
        """
        reader = Reader(data)
        log_id = items.read_opening(reader, ItemType.SIGNED_TREE_HEAD)
        signed = cls(log_id, TreeHead._read(reader), reader.vector(_SIGNATURE_WIDTH))
        reader.end()
        return signed


def log_id(public_key_info: bytes) -> bytes:
    """The id of the log that signs with this key (DER SubjectPublicKeyInfo).

    Wire: the content octets of an object identifier below 2.25, where anybody may take a UUID as a number (ITU-T X.667
    §6.3); the UUID is the first 16 bytes of the key's SHA-256, as version 8 (RFC 9562 §5.8).
    `Modelled:` RFC 9162 §4.4 asks for an identifier and leaves open which; one that follows from the key cannot be
    claimed by a log with another.
    """
    digest = bytearray(sha256(public_key_info).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80
    digest[8] = digest[8] & 0x3F | 0x80
    remaining = int.from_bytes(digest, "big")
    octets = [remaining & 0x7F]
    while remaining := remaining >> 7:
        octets.append(remaining & 0x7F | 0x80)
    return bytes([2 * 40 + 25, *reversed(octets)])


def next_tree_head(frontier: Frontier, now: datetime, previous: TreeHead | None = None) -> TreeHead:
    """The head of the tree as it is, later than `previous` even when the clock was set back (§4.10)."""
    moment = _EPOCH + (now - _EPOCH) // _TICK * _TICK
    if previous is not None:
        moment = max(moment, previous.moment + _TICK)
    return TreeHead(moment, frontier.size, frontier.root)


def sign_tree_head(head: TreeHead, signer: Signer) -> SignedTreeHead:
    """Sign a head with the log's key.

    Raises:
        Unavailable: the key's holder does not answer.
    """
    return SignedTreeHead(log_id(signer.public_key_info), head, signer.sign(head.encode()))


def check_tree_head(signed: SignedTreeHead, public_key_info: bytes) -> None:
    """Make sure that the log with this key (DER SubjectPublicKeyInfo) signed the head.

    Raises:
        Malformed: not an RSA, P-256 or P-384 key.
        WrongLog: it is another log's head.
        WrongSignature: the signature does not verify.
    """
    if signed.log_id != log_id(public_key_info):
        raise WrongLog
    try:
        _verify(public_key_info, signed.signature, signed.tree_head.encode())
    except InvalidSignature:
        raise WrongSignature("the log's signature on the tree head does not verify") from None


def _verify(public_key_info: bytes, signature: bytes, data: bytes) -> None:
    try:
        key = load_der_public_key(public_key_info)
    except (ValueError, UnsupportedAlgorithm):
        raise Malformed("not a public key") from None
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, data, padding.PKCS1v15(), SHA256())
    elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        key.verify(signature, data, ec.ECDSA(SHA256()))
    elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP384R1):
        key.verify(signature, data, ec.ECDSA(SHA384()))
    else:
        raise Malformed("a log signs with an RSA, P-256 or P-384 key")
