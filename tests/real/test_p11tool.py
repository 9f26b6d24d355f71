"""GnuTLS's p11tool over OpenSC's module: another reader of PKCS #11, with rules of its own."""

from collections.abc import Callable

import pytest

from tests.real.conftest import Tool
from tests.real.pcscd import Pcscd
from warifu.card import tries_left
from warifu.cardmap import AUTHENTICATION_PIN, SIGNING_PASSWORD
from warifu.testing import SoftwareCard

pytestmark = pytest.mark.real

AUTHENTICATION = "pkcs11:token=JPKI%20%28User%20Authentication%20PIN%29"
SIGNING = "pkcs11:token=JPKI%20%28Digital%20Signature%20PIN%29"


@pytest.fixture
def p11tool(pcscd: Pcscd, program: Callable[[str], str], opensc_pkcs11: str) -> Tool:
    """p11tool with OpenSC's module alone; the PIN comes from the environment (p11tool(1))."""

    def run(*arguments: str, pin: str = "") -> tuple[int, str]:
        command = (program("p11tool"), "--provider", opensc_pkcs11, *arguments)
        ran = pcscd.run(*command, environment={"GNUTLS_PIN": pin} if pin else None)
        return ran.returncode, ran.stdout

    return run


def test_each_pin_is_a_token(card: SoftwareCard, p11tool: Tool) -> None:
    code, said = p11tool("--list-tokens")
    assert code == 0
    labels = [line.partition("Label: ")[2] for line in said.splitlines() if "Label: " in line]
    assert labels == ["JPKI (User Authentication PIN)", "JPKI (Digital Signature PIN)"]


def test_the_certificate_is_exported_without_a_pin(card: SoftwareCard, p11tool: Tool) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import load_pem_x509_certificate

    code, said = p11tool("--export", f"{AUTHENTICATION};id=%01;type=cert")
    assert code == 0
    assert load_pem_x509_certificate(said.encode()).public_bytes(Encoding.DER) == card.authentication_certificate


@pytest.mark.parametrize(
    ("key", "pin"), [(f"{AUTHENTICATION};id=%01", "1234"), (f"{SIGNING};id=%02", "ABC123")], ids=["auth", "sign"]
)
def test_either_key_signs_and_gnutls_verifies(card: SoftwareCard, p11tool: Tool, key: str, pin: str) -> None:
    """RFC 8017 §8.2 under SHA-256; against the key and against the certificate's."""
    code, said = p11tool("--login", "--test-sign", f"{key};type=private", pin=pin)
    assert code == 0, said
    assert said.count("... ok") == 3


def test_pss_is_not_offered(card: SoftwareCard, p11tool: Tool) -> None:
    """The card pads for itself, as RFC 8017 §9.2 has it; so a TLS 1.3 login cannot be made with it."""
    arguments = ("--login", "--test-sign", "--sign-params=RSA-PSS", f"{AUTHENTICATION};id=%01;type=private")
    code, said = p11tool(*arguments, pin="1234")
    assert code != 0
    assert "not supported" in said


def test_a_wrong_pin_costs_one_try_and_the_right_one_gives_it_back(card: SoftwareCard, p11tool: Tool) -> None:
    arguments = ("--login", "--test-sign", f"{AUTHENTICATION};id=%01;type=private")
    code, said = p11tool(*arguments, pin="9999")
    assert code == 1
    assert "Wrong PIN has been provided" in said
    assert (tries_left(card.store, AUTHENTICATION_PIN), tries_left(card.store, SIGNING_PASSWORD)) == (2, 5)
    assert p11tool(*arguments, pin="1234")[0] == 0
    assert tries_left(card.store, AUTHENTICATION_PIN) == 3
