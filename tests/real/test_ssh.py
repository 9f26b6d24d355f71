"""OpenSSH takes the card for a PKCS#11 token."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.real.pcscd import Pcscd
from warifu.testing import SoftwareCard

pytestmark = pytest.mark.real


def test_ssh_keygen_prints_the_authentication_key_of_the_card(
    pcscd: Pcscd, card: SoftwareCard, program: Callable[[str], str], opensc_pkcs11: str
) -> None:
    printed = pcscd.run(program("ssh-keygen"), "-D", opensc_pkcs11).stdout
    key = card.authentication_public_key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert [line for line in printed.splitlines() if line.startswith(key)]
