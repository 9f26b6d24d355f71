"""Keys on a token: SoftHSM2 signs, openssl judges, and whatever is missing is said in the right family."""

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from tests.ca.town import AUTHENTICATION, KIYOSE, key
from tests.real.conftest import cannot
from tests.waiting import PATIENCE
from tests.wire.softhsm import PIN, SoftHsm, module
from warifu.ca import Authority, CertificateApplication, State
from warifu.errors import InUse, Malformed, NotAllowed, PinRefused, Unavailable
from warifu.pki import (
    Issuer,
    KeySigner,
    OcspRequest,
    Reason,
    Revocation,
    ServiceAddresses,
    build_ca_certificate,
    build_ocsp_request,
)
from warifu.ports import SignatureAlgorithm
from warifu.wire.pkcs11 import TokenSigner, make_token_key

pytestmark = pytest.mark.real

ALGORITHMS: list[SignatureAlgorithm] = ["RS256", "ES256", "ES384"]
DIGESTS = {"RS256": "-sha256", "ES256": "-sha256", "ES384": "-sha384"}
TOKENS = ("authority", "wrong-pin", "no-pin", "moving", "twins", "twins", "foreign")


@pytest.fixture(scope="module")
def hsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftHsm]:
    """All tokens of this module; they are there before the module looks, and signers share it."""
    found = module()
    if found is None or shutil.which("softhsm2-util") is None:
        cannot("softhsm2 is not installed")
    made = SoftHsm(tmp_path_factory.mktemp("hsm"), found)
    made.prepare()
    for number, label in enumerate(TOKENS):
        made.places.pop(label, None)
        made.add_token(label)
        assert len(list((made.folder / "tokens").iterdir())) == number + 1
    made.add_foreign_key("foreign", "takeable", extractable=True)
    made.add_foreign_key("foreign", "short", bits=1024)
    made.add_foreign_key("foreign", "double")
    made.add_foreign_key("foreign", "double")
    made.add_odd_keys("foreign")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", made.environment["SOFTHSM2_CONF"])
        yield made


@pytest.fixture(scope="module")
def signers(hsm: SoftHsm) -> dict[SignatureAlgorithm, TokenSigner]:
    """A key of each kind, made as a ceremony makes them."""
    return {each: make_token_key(hsm.uri("authority", each), each) for each in ALGORITHMS}


def openssl(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def write_pem(path: Path, der: bytes) -> None:
    path.write_bytes(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))


def write_public(path: Path, signer: TokenSigner) -> None:
    public = load_der_public_key(signer.public_key_info)
    path.write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


# --- signing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_openssl_verifies_what_a_token_signs(
    signers: dict[SignatureAlgorithm, TokenSigner], algorithm: SignatureAlgorithm, tmp_path: Path
) -> None:
    signer = signers[algorithm]
    assert signer.algorithm == algorithm
    write_public(tmp_path / "key.pem", signer)
    for data in (b"", b"one", bytes(100_000)):
        (tmp_path / "data").write_bytes(data)
        (tmp_path / "signature").write_bytes(signer.sign(data))
        verify = ["-verify", "key.pem", "-signature", "signature", "data"]
        assert "Verified OK" in openssl(tmp_path, "dgst", DIGESTS[algorithm], *verify)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_an_authority_on_a_token_is_an_authority_to_openssl(
    signers: dict[SignatureAlgorithm, TokenSigner], algorithm: SignatureAlgorithm, tmp_path: Path
) -> None:
    """Its certificate, one it issued, its revocation list and its status answers: all signed on the token."""
    signer, now, day = signers[algorithm], datetime.now(UTC).replace(microsecond=0), timedelta(days=1)
    root = build_ca_certificate(
        AUTHENTICATION, signer, serial_number=1, not_before=now - day, not_after=now + 3650 * day
    )
    addresses = ServiceAddresses("http://127.0.0.1:8703/ocsp/authentication", "http://127.0.0.1:8703/cps")
    authority = Authority(Issuer(root, signer, AUTHENTICATION), addresses)
    holder = key(10) if algorithm == "RS256" else KeySigner.generate(algorithm)
    application = CertificateApplication(AUTHENTICATION, "holder", KIYOSE, holder.public_key_info, now + 30 * day)
    issued = authority.issue(application, 7, now)
    write_pem(tmp_path / "root.pem", root)
    write_pem(tmp_path / "card.pem", issued.certificate)
    assert "OK" in openssl(tmp_path, "verify", "-CAfile", "root.pem", "-check_ss_sig", "root.pem")
    assert "OK" in openssl(tmp_path, "verify", "-CAfile", "root.pem", "card.pem")

    question = OcspRequest.decode(build_ocsp_request(issued.certificate, root))
    revoked = replace(issued.entry, state=State.REVOKED, revocation=Revocation(now, Reason.KEY_COMPROMISE))
    for entry, told in ((issued.entry, "card.pem: good"), (revoked, "card.pem: revoked")):
        (tmp_path / "answer.der").write_bytes(authority.answer(question, entry, now))
        asked = ["-respin", "answer.der", "-issuer", "root.pem", "-cert", "card.pem", "-CAfile", "root.pem"]
        said = openssl(tmp_path, "ocsp", *asked, "-no_nonce")
        assert "Response verify OK" in said
        assert told in said

    (tmp_path / "list.der").write_bytes(authority.revocation_list(KIYOSE, [revoked], number=1, now=now))
    said = openssl(tmp_path, "crl", "-in", "list.der", "-inform", "DER", "-CAfile", "root.pem", "-noout", "-text")
    assert "verify OK" in said
    assert "Serial Number: 07" in said

    written = bytearray()
    authority.write_revocation_list(written.extend, KIYOSE, lambda: [revoked], number=1, now=now)
    (tmp_path / "list.der").write_bytes(written)
    said = openssl(tmp_path, "crl", "-in", "list.der", "-inform", "DER", "-CAfile", "root.pem", "-noout", "-text")
    assert "verify OK" in said


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_token_signs_what_was_hashed_before(
    signers: dict[SignatureAlgorithm, TokenSigner], algorithm: SignatureAlgorithm, tmp_path: Path
) -> None:
    """For lists that are hashed while they are written; CKM_RSA_PKCS over a DigestInfo, or CKM_ECDSA."""
    signer, data = signers[algorithm], bytes(1000)
    digest = hashlib.new(DIGESTS[algorithm][1:], data).digest()
    write_public(tmp_path / "key.pem", signer)
    (tmp_path / "data").write_bytes(data)
    (tmp_path / "signature").write_bytes(signer.sign_digest(digest))
    verify = ["-verify", "key.pem", "-signature", "signature", "data"]
    assert "Verified OK" in openssl(tmp_path, "dgst", DIGESTS[algorithm], *verify)
    with pytest.raises(Malformed, match="another length"):
        signer.sign_digest(digest + b"\0")
    if algorithm == "RS256":
        assert signer.sign_digest(digest) == signer.sign(data)


# --- what can be wrong ------------------------------------------------------------------------------------------------


def test_a_missing_module_is_unavailable(hsm: SoftHsm, tmp_path: Path) -> None:
    lost = SoftHsm(hsm.folder, tmp_path / "no-module.so")
    with pytest.raises(Unavailable, match="cannot load the PKCS #11 module"):
        TokenSigner(lost.uri("authority", "RS256"))


def test_a_library_that_is_no_module_is_unavailable(hsm: SoftHsm, tmp_path: Path) -> None:
    (tmp_path / "text.so").write_text("no library")
    with pytest.raises(Unavailable, match="cannot load the PKCS #11 module"):
        TokenSigner(SoftHsm(hsm.folder, tmp_path / "text.so").uri("authority", "RS256"))


def test_a_missing_token_is_unavailable(hsm: SoftHsm) -> None:
    with pytest.raises(Unavailable, match="the token is not there"):
        TokenSigner(hsm.uri("nobody", "RS256"))


def test_a_missing_key_is_unavailable(hsm: SoftHsm) -> None:
    with pytest.raises(Unavailable, match="there is no key nothing on the token authority"):
        TokenSigner(hsm.uri("authority", "nothing"))


def test_a_missing_pin_file_is_unavailable(hsm: SoftHsm, tmp_path: Path) -> None:
    """On a token of its own: where somebody has logged in already, nobody reads the file."""
    with pytest.raises(Unavailable, match="cannot read"):
        TokenSigner(hsm.uri("no-pin", "RS256", pin=tmp_path / "no-pin"))


def test_two_tokens_of_one_name_are_not_guessed_between(hsm: SoftHsm) -> None:
    with pytest.raises(Malformed, match="several tokens"):
        TokenSigner(hsm.uri("twins", "RS256"))


def test_a_token_is_told_from_its_twin_by_its_serial_number(hsm: SoftHsm) -> None:
    """One login holds for a token, by whatever address it is named."""
    first, second = (replace(hsm.uri("twins", "key"), serial=serial) for serial in hsm.serials("twins"))
    made = [make_token_key(each, "ES256").public_key_info for each in (first, second)]
    assert [TokenSigner(each).public_key_info for each in (first, second)] == made


def test_a_token_with_and_without_its_serial_number_is_one_token(
    hsm: SoftHsm, signers: dict[SignatureAlgorithm, TokenSigner]
) -> None:
    (serial,) = hsm.serials("authority")
    again = TokenSigner(replace(hsm.uri("authority", "ES256"), serial=serial))
    assert again.public_key_info == signers["ES256"].public_key_info


def test_two_keys_of_one_name_are_not_guessed_between(hsm: SoftHsm) -> None:
    with pytest.raises(Malformed, match="several keys"):
        TokenSigner(hsm.uri("foreign", "double"))


def test_a_key_that_can_be_taken_out_is_refused(hsm: SoftHsm) -> None:
    with pytest.raises(NotAllowed, match="taken out"):
        TokenSigner(hsm.uri("foreign", "takeable"))


def test_a_short_key_is_refused(hsm: SoftHsm) -> None:
    with pytest.raises(NotAllowed, match="2048 bits"):
        TokenSigner(hsm.uri("foreign", "short"))


def test_a_key_beside_anothers_public_half_is_refused(hsm: SoftHsm) -> None:
    """Otherwise only their readers would find out that certificates are signed by another key than they name."""
    with pytest.raises(Malformed, match="another's"):
        TokenSigner(hsm.uri("foreign", "mismatched"))


def test_a_key_without_its_public_half_is_refused(hsm: SoftHsm) -> None:
    with pytest.raises(Malformed, match="not one public key"):
        TokenSigner(hsm.uri("foreign", "lonely"))


def test_a_key_on_another_curve_is_refused(hsm: SoftHsm) -> None:
    with pytest.raises(NotAllowed, match="P-256 and P-384"):
        TokenSigner(hsm.uri("foreign", "p521"))


def test_a_refused_pin_is_not_presented_twice(hsm: SoftHsm, tmp_path: Path) -> None:
    """A token locks itself after a few: not even the right PIN is tried again before the process is started anew."""
    pin = tmp_path / "pin"
    pin.write_text("000000\n")
    with pytest.raises(PinRefused) as refused:
        TokenSigner(hsm.uri("wrong-pin", "RS256", pin=pin))
    assert "000000" not in str(refused.value) + refused.value.detail
    assert refused.value.__suppress_context__
    pin.write_text(PIN)
    with pytest.raises(PinRefused):
        TokenSigner(hsm.uri("wrong-pin", "RS256", pin=pin))


def test_a_signer_shows_no_secret(signers: dict[SignatureAlgorithm, TokenSigner]) -> None:
    assert repr(signers["ES384"]) == "TokenSigner(ES384)"


# --- making keys ------------------------------------------------------------------------------------------------------


def test_a_key_is_not_made_over_another(hsm: SoftHsm, signers: dict[SignatureAlgorithm, TokenSigner]) -> None:
    with pytest.raises(InUse):
        make_token_key(hsm.uri("authority", "RS256"), "RS256")
    assert TokenSigner(hsm.uri("authority", "RS256")).public_key_info == signers["RS256"].public_key_info


def test_a_new_key_needs_a_name(hsm: SoftHsm) -> None:
    with pytest.raises(Malformed):
        make_token_key(hsm.uri("authority", key_id=b"\x01"))


def test_a_key_is_found_by_its_id(hsm: SoftHsm) -> None:
    made = make_token_key(hsm.uri("authority", "with-id", key_id=b"\x07\x08"), "ES256")
    assert TokenSigner(hsm.uri("authority", key_id=b"\x07\x08")).public_key_info == made.public_key_info


# --- coming and going -------------------------------------------------------------------------------------------------


def test_a_token_that_came_back_signs_again(
    hsm: SoftHsm, signers: dict[SignatureAlgorithm, TokenSigner], tmp_path: Path
) -> None:
    moving, beside = make_token_key(hsm.uri("moving", "key"), "ES256"), signers["RS256"]
    hsm.places["moving"].rename(tmp_path / "away")
    for _ in range(2):
        with pytest.raises(Unavailable):
            moving.sign(b"data")
    assert beside.sign(b"data")  # its session went with the module's, and it found its key again
    (tmp_path / "away").rename(hsm.places["moving"])
    public = load_der_public_key(moving.public_key_info)
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(moving.sign(b"data"), b"data", ec.ECDSA(SHA256()))


def test_many_threads_share_a_token(signers: dict[SignatureAlgorithm, TokenSigner]) -> None:
    """The module was told that one thread at a time calls it; the signers see to it."""
    jobs = [(signers[ALGORITHMS[number % 3]], f"data {number}".encode()) for number in range(60)]
    with ThreadPoolExecutor(8) as pool:
        signatures = list(pool.map(lambda job: job[0].sign(job[1]), jobs))
    plain = [signature for signature, job in zip(signatures, jobs, strict=True) if job[0].algorithm == "RS256"]
    assert plain == [job[0].sign(job[1]) for job in jobs if job[0].algorithm == "RS256"]
