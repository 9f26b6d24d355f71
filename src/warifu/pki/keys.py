"""Private keys that sign: one in memory, and any `Signer` dressed as one for cryptography's builders."""

from typing import Any, NoReturn, Self

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, Prehashed

from warifu.errors import Malformed, NotAllowed
from warifu.pki import der
from warifu.ports import SignatureAlgorithm, Signer

_PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_CURVES: dict[str, SignatureAlgorithm] = {"secp256r1": "ES256", "secp384r1": "ES384"}
MINIMUM_RSA_BITS = 2048
_PKCS1_OVERHEAD = 11
ALGORITHMS: dict[SignatureAlgorithm, bytes] = {
    "RS256": der.encode(der.SEQUENCE, der.object_identifier("1.2.840.113549.1.1.11"), der.encode(der.NULL)),
    "ES256": der.encode(der.SEQUENCE, der.object_identifier("1.2.840.10045.4.3.2")),
    "ES384": der.encode(der.SEQUENCE, der.object_identifier("1.2.840.10045.4.3.3")),
}
"""Signature AlgorithmIdentifiers (RFC 4055 §5, RFC 5758 §3.2)."""


class KeySigner:
    """A `Signer` over a private key in memory: RSA of at least 2048 bits, P-256 or P-384.

    Raises:
        NotAllowed: another kind of key, or a shorter one (公的個人認証法施行規則 第2条, 第38条).
    """

    __slots__ = ("_algorithm", "_key", "_public_key_info")

    def __init__(self, key: _PrivateKey) -> None:
        self._algorithm = _algorithm_of(key)
        self._key = key
        self._public_key_info = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def __repr__(self) -> str:
        return f"KeySigner({self._algorithm})"

    @classmethod
    def generate(cls, algorithm: SignatureAlgorithm = "RS256") -> Self:
        """Make a new key: RSA-2048 with exponent 65537, P-256 or P-384."""
        if algorithm == "RS256":
            return cls(rsa.generate_private_key(65537, MINIMUM_RSA_BITS))
        return cls(ec.generate_private_key(ec.SECP256R1() if algorithm == "ES256" else ec.SECP384R1()))

    @classmethod
    def load(cls, pkcs8: bytes, password: bytes | None = None) -> Self:
        """Read DER PKCS#8 (RFC 5958), encrypted if `password` is given. The key is checked, which takes about 50 ms.

        Raises:
            Malformed: not PKCS#8, or another password.
            NotAllowed: a kind or size of key that may not be certified.
        """
        try:
            key = serialization.load_der_private_key(pkcs8, password)
        except (ValueError, TypeError) as error:
            raise Malformed("not a private key, or another password") from error
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise NotAllowed("only RSA, P-256 and P-384 keys are used")
        return cls(key)

    def private_bytes(self, password: bytes | None = None) -> bytes:
        """DER PKCS#8, encrypted (PBES2) if `password` is given."""
        protection: serialization.KeySerializationEncryption = (
            serialization.NoEncryption() if password is None else serialization.BestAvailableEncryption(password)
        )
        return self._key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, protection)

    @property
    def algorithm(self) -> SignatureAlgorithm:
        """The signature algorithm of this key."""
        return self._algorithm

    @property
    def public_key_info(self) -> bytes:
        """DER SubjectPublicKeyInfo."""
        return self._public_key_info

    def sign(self, data: bytes) -> bytes:
        """Hash `data` and sign it."""
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(data, ec.ECDSA(hash_for(self._algorithm)))

    def sign_digest(self, digest: bytes) -> bytes:
        """Sign what was hashed before; the signature is as by `sign`.

        Raises:
            Malformed: the digest is not of the length of the algorithm's hash.
        """
        used = hash_for(self._algorithm)
        if len(digest) != used.digest_size:
            raise Malformed("a digest of another length than the algorithm's")
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(digest, padding.PKCS1v15(), Prehashed(used))
        return self._key.sign(digest, ec.ECDSA(Prehashed(used)))

    def sign_verbatim(self, data: bytes) -> bytes:
        """Sign `data` as it is, with PKCS #1 v1.5 padding and no hash (CKM_RSA_PKCS).

        Raises:
            NotAllowed: not an RSA key.
            Malformed: more than 245 bytes for a key of 2048 bits.
        """
        if not isinstance(self._key, rsa.RSAPrivateKey):
            raise NotAllowed("only an RSA key signs without a hash")
        if len(data) > self._key.key_size // 8 - _PKCS1_OVERHEAD:
            raise Malformed("too long to be signed without a hash")
        return self._key.sign(data, padding.PKCS1v15(), NoDigestInfo())


def hash_for(algorithm: SignatureAlgorithm) -> hashes.SHA256 | hashes.SHA384:
    """The hash that belongs to a signature algorithm."""
    return hashes.SHA384() if algorithm == "ES384" else hashes.SHA256()


def private_key_of(signer: Signer) -> _PrivateKey:
    """The signer dressed as a private key for cryptography's builders; all it can do is sign."""
    key = serialization.load_der_public_key(signer.public_key_info)
    if isinstance(key, rsa.RSAPublicKey):
        return _RsaSigner(signer, key)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return _EcSigner(signer, key)


def _algorithm_of(key: _PrivateKey) -> SignatureAlgorithm:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        if key.curve.name not in _CURVES:
            raise NotAllowed("only the curves P-256 and P-384 are used")
        return _CURVES[key.curve.name]
    if key.key_size < MINIMUM_RSA_BITS:
        raise NotAllowed("an RSA key has at least 2048 bits")
    return "RS256"


class _SignsOnly:
    """What both dressed signers refuse: the key does not come out."""

    def __init__(self, signer: Signer, public_key: Any) -> None:
        self._signer = signer
        self._public_key = public_key

    @property
    def key_size(self) -> int:
        return int(self._public_key.key_size)

    def public_key(self) -> Any:
        return self._public_key

    def sign(self, data: Any, *_algorithm: Any) -> bytes:
        """The builder was given the hash of the signer's own algorithm, so there is nothing to choose here."""
        return self._signer.sign(bytes(data))

    def _refuse(self, *_arguments: Any) -> NoReturn:
        raise NotAllowed("this key only signs")

    decrypt = exchange = private_numbers = private_bytes = _refuse

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


class _RsaSigner(_SignsOnly, rsa.RSAPrivateKey):
    """A signer as cryptography's RSAPrivateKey."""


class _EcSigner(_SignsOnly, ec.EllipticCurvePrivateKey):
    """A signer as cryptography's EllipticCurvePrivateKey."""

    @property
    def curve(self) -> ec.EllipticCurve:
        curve: ec.EllipticCurve = self._public_key.curve
        return curve
