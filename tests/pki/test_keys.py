"""Keys that sign without a hash."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from warifu.errors import Malformed, NotAllowed
from warifu.pki import KeySigner
from warifu.town import pool


@pytest.mark.parametrize("length", [1, 115, 245])
def test_an_rsa_key_signs_bytes_as_they_are(length: int) -> None:
    """RFC 8017 §9.2: what the padding holds is not looked at (CKM_RSA_PKCS)."""
    key = pool.private_key(0)
    signature = KeySigner(key).sign_verbatim(b"\xa5" * length)
    assert key.public_key().recover_data_from_signature(signature, PKCS1v15(), None) == b"\xa5" * length


def test_what_the_modulus_cannot_hold_is_refused() -> None:
    with pytest.raises(Malformed):
        KeySigner(pool.private_key(0)).sign_verbatim(bytes(246))


def test_a_key_on_a_curve_signs_no_bytes_as_they_are() -> None:
    with pytest.raises(NotAllowed):
        KeySigner(ec.generate_private_key(ec.SECP256R1())).sign_verbatim(bytes(32))
