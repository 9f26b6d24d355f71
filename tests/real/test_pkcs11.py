"""OpenSC's PKCS#11 module: keys that sign, PINs that count."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.real.conftest import Tool
from tests.real.pcscd import Pcscd
from warifu.testing import SoftwareCard

pytestmark = pytest.mark.real

AUTHENTICATION = ("--slot", "0", "--id", "01", "--pin", "1234")
SIGNING = ("--slot", "1", "--id", "02", "--pin", "ABC123")


def test_each_pin_is_a_token(card: SoftwareCard, pkcs11_tool: Tool) -> None:
    _, slots = pkcs11_tool("-L")
    labels = [line.partition(":")[2].strip() for line in slots.splitlines() if "token label" in line]
    assert labels == ["JPKI (User Authentication PIN)", "JPKI (Digital Signature PIN)"]


def test_the_free_objects_are_listed_without_a_pin(card: SoftwareCard, pkcs11_tool: Tool) -> None:
    code, objects = pkcs11_tool("-O")
    assert code == 0
    assert "User Authentication Certificate" in objects
    assert "O=JPKI-WARIFU-TEST" in objects
    assert "Private Key Object" not in objects


def test_the_keys_do_rsa_pkcs1_and_nothing_else(card: SoftwareCard, pkcs11_tool: Tool) -> None:
    _, mechanisms = pkcs11_tool("-M", "--slot", "0")
    signing = {line.split(",")[0].strip() for line in mechanisms.splitlines() if "sign" in line}
    assert {"RSA-PKCS", "SHA256-RSA-PKCS"} <= signing
    assert not [name for name in signing if "PSS" in name]


@pytest.mark.parametrize(
    ("arguments", "key"), [(AUTHENTICATION, "authentication_public_key"), (SIGNING, "signing_public_key")]
)
def test_openssl_verifies_what_either_key_signed(
    pcscd: Pcscd,
    card: SoftwareCard,
    pkcs11_tool: Tool,
    program: Callable[[str], str],
    tmp_path: Path,
    arguments: tuple[str, ...],
    key: str,
) -> None:
    document, signature, public = (tmp_path / name for name in ("document", "signature", "public.pem"))
    document.write_bytes(b"a document of no importance\n" * 100)
    public_key: RSAPublicKey = getattr(card, key)
    public.write_bytes(public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    sign = ("--login", "--sign", "--mechanism", "SHA256-RSA-PKCS", "-i", str(document), "-o", str(signature))
    code, said = pkcs11_tool(*arguments, *sign)
    assert code == 0, said
    verify = (program("openssl"), "dgst", "-sha256", "-verify", str(public), "-signature", str(signature))
    assert pcscd.run(*verify, str(document)).stdout.strip() == "Verified OK"
    document.write_bytes(b"another document\n")
    assert pcscd.run(*verify, str(document)).returncode != 0
