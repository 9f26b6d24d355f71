from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from warifu.errors import NotAllowed
from warifu.town import pool


def test_every_key_of_the_pool_signs_and_they_all_differ() -> None:
    moduli = set()
    for key in pool.private_keys():
        signature = key.sign(b"tally", padding.PKCS1v15(), hashes.SHA256())
        key.public_key().verify(signature, b"tally", padding.PKCS1v15(), hashes.SHA256())
        assert key.key_size == 2048
        moduli.add(key.public_key().public_numbers().n)
    assert len(moduli) == pool.COUNT


def test_a_pooled_key_is_refused_in_earnest() -> None:
    with pytest.raises(NotAllowed, match=r"^anchors/some\.crt: "):
        pool.refuse_pooled(pool.private_key(7).public_key().public_numbers().n, Path("anchors/some.crt"))


def test_a_fresh_key_is_not_refused() -> None:
    pool.refuse_pooled(rsa.generate_private_key(65537, 2048).public_key().public_numbers().n, Path("mine.crt"))


@pytest.mark.parametrize("index", [-1, pool.COUNT])
def test_the_pool_ends_where_it_says(index: int) -> None:
    with pytest.raises(IndexError):
        pool.private_key(index)
