"""Checking a signature over something long, which was hashed while it was read."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from warifu.errors import WrongSignature
from warifu.pki.certificates import PublicKey
from warifu.pki.keys import ALGORITHMS

_RS256, _ES384 = ALGORITHMS["RS256"], ALGORITHMS["ES384"]
_HASHES = {_RS256: "sha256", _ES384: "sha384"}
_PKCS1, _SHA256, _SHA384 = padding.PKCS1v15(), Prehashed(hashes.SHA256()), ec.ECDSA(Prehashed(hashes.SHA384()))


def hash_name_of(algorithm: bytes) -> str:
    """The name of the hash that a signature AlgorithmIdentifier of the profile signs with.

    Raises:
        WrongSignature: a signature algorithm that the profile does not have.
    """
    name = _HASHES.get(algorithm)
    if name is None:
        raise WrongSignature("a signature algorithm that the profile does not have")
    return name


def check_digest_signature(key: PublicKey, algorithm: bytes, signature: bytes, digest: bytes) -> None:
    """Check a signature of an authority over what has this digest, by `hash_name_of`; else as `check_signature`.

    Raises:
        WrongSignature: it does not verify, or the algorithm is not the one for this kind of key.
    """
    try:
        if algorithm == _RS256 and isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, digest, _PKCS1, _SHA256)
        elif algorithm == _ES384 and isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP384R1):
            key.verify(signature, digest, _SHA384)
        else:
            raise WrongSignature("a signature algorithm that the profile does not have")
    except InvalidSignature as error:
        raise WrongSignature from error
