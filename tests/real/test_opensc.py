"""OpenSC's own tools find a JPKI card, and read from it what is on it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate

from tests.real.pcscd import READER, Pcscd
from warifu.cardmap import ATR_GENERATION_A
from warifu.testing import SoftwareCard

pytestmark = pytest.mark.real


def der_of(pem: Path) -> bytes:
    """The bytes between the armour, as they were read from the card."""
    return load_pem_x509_certificate(pem.read_bytes()).public_bytes(Encoding.DER)


def test_opensc_tool_sees_the_card_in_the_reader(pcscd: Pcscd, card: SoftwareCard) -> None:
    lines = pcscd.run("opensc-tool", "-l").stdout.splitlines()
    assert [line.split()[1] for line in lines if line.endswith(READER)] == ["Yes"]


def test_opensc_tool_calls_it_jpki(pcscd: Pcscd, card: SoftwareCard) -> None:
    assert pcscd.run("opensc-tool", "-n").stdout.splitlines()[-1] == "jpki"
    assert pcscd.run("opensc-tool", "-a").stdout.splitlines()[-1] == ATR_GENERATION_A.hex(":")


def test_pkcs15_tool_dumps_all_objects(pcscd: Pcscd, card: SoftwareCard, program: Callable[[str], str]) -> None:
    dump = pcscd.run(program("pkcs15-tool"), "-D")
    assert dump.returncode == 0
    for label in (
        "PIN [User Authentication PIN]",
        "PIN [Digital Signature PIN]",
        "Private RSA Key [User Authentication Key]",
        "Private RSA Key [Digital Signature Key]",
        "X.509 Certificate [User Authentication Certificate]",
        "X.509 Certificate [Digital Signature Certificate]",
        "X.509 Certificate [User Authentication Certificate CA]",
        "X.509 Certificate [Digital Signature Certificate CA]",
    ):
        assert label in dump.stdout


def test_pkcs15_tool_lists_both_pins_with_their_tries(
    pcscd: Pcscd, card: SoftwareCard, program: Callable[[str], str]
) -> None:
    listing = pcscd.run(program("pkcs15-tool"), "--list-pins").stdout
    assert [line.split()[-1] for line in listing.splitlines() if "Tries left" in line] == ["3", "5"]


@pytest.mark.parametrize(
    ("number", "name"),
    [("1", "authentication_certificate"), ("3", "authentication_ca_certificate"), ("4", "signing_ca_certificate")],
)
def test_pkcs15_tool_reads_a_free_certificate_byte_for_byte(
    pcscd: Pcscd, card: SoftwareCard, program: Callable[[str], str], tmp_path: Path, number: str, name: str
) -> None:
    out = tmp_path / "certificate.pem"
    ran = pcscd.run(program("pkcs15-tool"), "--read-certificate", number, "-o", str(out))
    assert ran.returncode == 0, ran.stdout
    assert der_of(out) == getattr(card, name)


def test_pkcs15_tool_reads_the_signing_certificate_after_its_password_only(
    pcscd: Pcscd, card: SoftwareCard, program: Callable[[str], str], tmp_path: Path
) -> None:
    out = tmp_path / "certificate.pem"
    read = (program("pkcs15-tool"), "--read-certificate", "2", "-o", str(out))
    card.connection.power_cycle()
    assert pcscd.run(*read).returncode != 0
    assert not out.exists()
    ran = pcscd.run(*read, "--verify-pin", "--auth-id", "2", "--pin", "ABC123")
    assert ran.returncode == 0, ran.stdout
    assert der_of(out) == card.signing_certificate


@pytest.mark.parametrize(("leaf", "root", "auth_id", "pin"), [("1", "3", "1", "1234"), ("2", "4", "2", "ABC123")])
def test_openssl_believes_what_pkcs15_tool_read(
    pcscd: Pcscd,
    card: SoftwareCard,
    program: Callable[[str], str],
    tmp_path: Path,
    leaf: str,
    root: str,
    auth_id: str,
    pin: str,
) -> None:
    """Both certificates of the card under both authorities' certificates of the card, two programs, none of ours."""
    pin_first = ("--verify-pin", "--auth-id", auth_id, "--pin", pin)
    for number in (leaf, root):
        out = str(tmp_path / number)
        pcscd.run(program("pkcs15-tool"), "--read-certificate", number, "-o", out, *pin_first)
    verify = (program("openssl"), "verify", "-CAfile", str(tmp_path / root), str(tmp_path / leaf))
    ran = pcscd.run(*verify)
    assert ran.stdout == f"{tmp_path / leaf}: OK\n"
    other = {"3": "4", "4": "3"}[root]
    out = str(tmp_path / "other")
    pcscd.run(program("pkcs15-tool"), "--read-certificate", other, "-o", out)
    ran = pcscd.run(program("openssl"), "verify", "-CAfile", out, str(tmp_path / leaf))
    assert ran.returncode != 0
