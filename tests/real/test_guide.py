"""docs/clients.md: every command on the page is run, as it stands there, with the card in the reader."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.x509 import load_der_x509_certificate

from tests.real.conftest import cannot
from tests.real.guide import PAGE, ROOT, Reader, sections
from tests.real.pcscd import Pcscd
from tests.real.screen import DISPLAY, Screen, unseen_screen
from warifu.card import Profile, tries_left
from warifu.cardmap import AUTHENTICATION_PIN, SIGNING_PASSWORD
from warifu.testing import SoftwareCard, software_card

pytestmark = pytest.mark.real

PROGRAMS = (
    "curl",
    "git",
    "openssl",
    "opensc-tool",
    "p11tool",
    "p11-kit",
    "pdfsig",
    "pkcs15-tool",
    "ssh",
    "ssh-agent",
    "ssh-keygen",
)
AUTHENTICATION = ("for JPKI (User Authentication PIN):", "1234")
SSH_AUTHENTICATION = ("Enter PIN for 'JPKI (User Authentication PIN)':", "1234")
SIGNING = ("for JPKI (Digital Signature PIN):", "ABC123")
CHROMIUM_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
SIGNING_AGAIN = ("key PIN for Digital Signature Key:", "ABC123")


@pytest.fixture(scope="module", params=[Profile.ADULT, Profile.ADULT.of_generation_b()], ids=["A", "B"])
def card(pcscd: Pcscd, request: pytest.FixtureRequest) -> Iterator[SoftwareCard]:
    """A card of each generation."""
    card = software_card(profile=request.param)
    with pcscd.inserted(card.connection):
        yield card


@pytest.fixture(scope="module")
def reader(pcscd: Pcscd, card: SoftwareCard, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Who has looked at the card, as the page begins."""
    need(*PROGRAMS)
    if not any(Path("/usr/lib").glob("*/engines-3/pkcs11.so")):
        cannot("not installed: libengine-pkcs11-openssl")
    somebody = Reader(pcscd, tmp_path_factory.mktemp("clients"))
    said = somebody.follow("Look at the card", ("Please enter PIN [Digital Signature PIN]:", "ABC123"))
    for shown in ("jpki", "token: JPKI (User Authentication PIN)", "token: JPKI (Digital Signature PIN)"):
        assert shown in said
    return somebody


@pytest.fixture(scope="module")
def web_server(reader: Reader) -> Iterator[None]:
    """nginx as the page configures it."""
    need("/usr/sbin/nginx")
    reader.follow("A web server that asks for the card")
    yield
    reader.end("nginx.pid")


@pytest.fixture(scope="module")
def screen(pcscd: Pcscd) -> Iterator[Screen]:
    need("Xvfb", "xdotool")
    with unseen_screen(pcscd) as screen:
        yield screen


@pytest.fixture
def chromium_settings(pcscd: Pcscd, tmp_path: Path) -> Iterator[None]:
    """Flags for running as root and offline, and a policy that chooses the certificate; inside the namespaces only."""
    (tmp_path / "flags").write_text(f'export CHROMIUM_FLAGS="$CHROMIUM_FLAGS {" ".join(CHROMIUM_FLAGS)}"\n')
    choice = json.dumps({"pattern": "https://localhost:8443", "filter": {}})
    (tmp_path / "policies" / "managed").mkdir(parents=True)
    (tmp_path / "policies" / "managed" / "card.json").write_text(json.dumps({"AutoSelectCertificateForUrls": [choice]}))
    for place in ("/etc/chromium", "/etc/chromium.d"):
        assert not pcscd.run("mount", "--bind", str(tmp_path), place).stdout
    yield
    pcscd.run("umount", "/etc/chromium", "/etc/chromium.d")


def test_every_section_with_commands_is_followed_by_a_test() -> None:
    followed = re.findall(r'follow(?:ing)?\(\s*"([^"]+)"', Path(__file__).read_text("utf-8"))
    assert sorted(followed) == sorted(sections())


def test_the_packages_of_the_page_are_those_that_the_tests_install() -> None:
    (listed,) = re.findall(r"apt-get install ([^`]+)", PAGE.read_text("utf-8"))
    installed = re.findall(r"[\w-]+", (ROOT / "scripts" / "system-packages").read_text("utf-8"))
    assert set(listed.split()) <= set(installed)


def test_opensc_signs(reader: Reader) -> None:
    typed = (("[User Authentication PIN]:", "1234"), ("Please enter User PIN:", "1234"))
    assert reader.follow("Sign a file with OpenSC", *typed).count("Verified OK") == 2


def test_openssl_signs_with_the_authentication_key(reader: Reader) -> None:
    assert "Verified OK" in reader.follow("Sign a file with OpenSSL", AUTHENTICATION)


def test_gnutls_signs(reader: Reader) -> None:
    said = reader.follow("Sign with GnuTLS", ("Enter PIN:", "1234"))
    assert "Label: JPKI (Digital Signature PIN)" in said
    assert said.count("... ok") == 3


def test_openssl_signs_a_message_with_the_signing_key(reader: Reader) -> None:
    """CKA_ALWAYS_AUTHENTICATE: PKCS #11 v2.40 §4.9, a login for each signature."""
    assert "CMS Verification successful" in reader.follow("Sign a message with OpenSSL", SIGNING, SIGNING_AGAIN)
    assert (reader.folder / "verified.txt").read_bytes() == (reader.folder / "document.txt").read_bytes()


def test_openssl_signs_a_mail_with_the_signing_key(reader: Reader) -> None:
    """RFC 8551 §3.5: multipart/signed."""
    assert "CMS Verification successful" in reader.follow("Sign a mail with OpenSSL", SIGNING, SIGNING_AGAIN)
    assert "multipart/signed" in (reader.folder / "mail.eml").read_text()
    assert (reader.folder / "mail.txt").read_text().splitlines() == ["a document of no importance"]


def test_curl_logs_in_to_nginx(reader: Reader, card: SoftwareCard, web_server: None) -> None:
    """RFC 5246 §7.4.8: the client signs the handshake with the key of its certificate."""
    assert f"TLSv1.2 SUCCESS {subject(card)}" in reader.follow("Log in with curl", AUTHENTICATION)


def test_chromium_logs_in_to_nginx(
    reader: Reader, card: SoftwareCard, web_server: None, screen: Screen, chromium_settings: None
) -> None:
    """The window's title is what nginx knows about the card; neither PIN has lost a try."""
    need("chromium", "certutil", "modutil")
    with reader.following("Log in with Chromium", {"DISPLAY": DISPLAY}) as running:
        screen.type("Unlock Security Device", "1234")
        assert f"TLSv1.2 SUCCESS {subject(card)}" in screen.wait_for("TLSv1.2")
        running.press_ctrl_c()
    assert (tries_left(card.store, AUTHENTICATION_PIN), tries_left(card.store, SIGNING_PASSWORD)) == (3, 5)


def test_ssh_logs_in(reader: Reader) -> None:
    """RFC 8332: the card signs for `rsa-sha2-512`, as any digest."""
    need("/usr/sbin/sshd")
    assert "the card is known here" in reader.follow("Log in with SSH", SSH_AUTHENTICATION)


def test_ssh_and_git_sign(reader: Reader, card: SoftwareCard) -> None:
    """The agent offers its one PIN to both tokens; it costs the signing password no try."""
    said = reader.follow("Sign with SSH and git", ("Enter passphrase for PKCS#11:", "1234"))
    assert 'Good "file" signature for hanako@example.jp' in said
    assert 'Good "git" signature for hanako@example.jp' in said
    assert tries_left(card.store, SIGNING_PASSWORD) == 5


def test_pyhanko_signs_a_pdf_that_poppler_believes(reader: Reader) -> None:
    """ISO 32000-1 §12.8; poppler shares no code with pyHanko."""
    said = reader.follow("Sign a PDF with pyHanko", ("PKCS#11 user PIN", "ABC123"))
    assert "The signature is judged VALID." in said
    assert "Signature Validation: Signature is Valid." in said


def test_warifu_signs_documents_that_others_read(reader: Reader) -> None:
    """One password for a PDF and a text; poppler and openssl believe them (ETSI EN 319 142-1, EN 319 122-1)."""
    said = reader.follow("Sign documents with warifu", ("signing password (5 tries left):", "ABC123"))
    assert "Signature Validation: Signature is Valid." in said
    assert "CAdES Verification successful" in said
    assert (reader.folder / "read.txt").read_text() == "a deed of gift\n"


def test_both_python_libraries_sign(reader: Reader) -> None:
    said = reader.follow("Sign from Python", ("(python-pkcs11):", "1234"), ("(PyKCS11):", "1234"))
    assert said.count("Verified OK") == 2


def subject(card: SoftwareCard) -> str:
    """The authentication certificate's subject as nginx writes it (RFC 2253)."""
    return load_der_x509_certificate(card.authentication_certificate).subject.rfc4514_string()


def need(*programs: str) -> None:
    """Skip, or fail in CI, without these programs."""
    if absent := [name for name in programs if shutil.which(name) is None]:
        cannot(f"not installed: {', '.join(absent)}")
