"""What other people's software signs as CMS, judged by us: openssl in its many ways, pyHanko, endesive."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.documents.world import Holder, rsa
from tests.pki import world
from tests.pki.world import SIGNING
from tests.real.openssl import openssl
from tests.tsa import world as tsa
from tests.verifier.document_scene import Judgement, failed, list_of, stamped
from warifu.documents import Form, FoundSignature, read_signatures
from warifu.town import pool
from warifu.verifier import Indication, Material, SubIndication

pytestmark = pytest.mark.real

DATA = b"a deed\n"
CLOCK = datetime.now(UTC)
"""openssl writes the true time as signing time; we judge as of then."""
GOOD = (Indication.TOTAL_PASSED, None)


@pytest.fixture
def folder(tmp_path: Path, program: Callable[[str], str]) -> Path:
    """The invented holder's key and certificate, the authority's, and a deed."""
    program("openssl")
    holder = rsa()
    key = pool.private_key(0)
    (tmp_path / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    for name, der in (("holder.pem", holder.certificate), ("authority.pem", holder.issuer.certificate_der)):
        (tmp_path / name).write_bytes(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))
    (tmp_path / "deed").write_bytes(DATA)
    return tmp_path


def sign(folder: Path, *options: str) -> bytes:
    """``openssl cms -sign`` with some options more."""
    command = ("cms", "-sign", "-binary", "-in", "deed", "-signer", "holder.pem", "-inkey", "key.pem", "-out", "signed")
    code, told = openssl(folder, *command, "-outform", "DER", *options)
    assert code == 0, told
    return (folder / "signed").read_bytes()


def judged(found: Sequence[FoundSignature]) -> tuple[Indication, SubIndication | None]:
    material = Material(crls=(list_of(this_update=world.NOW),))
    return Judgement(found=tuple(found), at=world.NOW, material=material).says()


WAYS = {
    "attached": ("-nodetach",),
    "CAdES": ("-nodetach", "-cades"),
    "streamed (BER)": ("-nodetach", "-stream", "-cades"),
    "named by key": ("-nodetach", "-keyid"),
    "without attributes": ("-nodetach", "-noattr"),
    "SHA-384": ("-nodetach", "-md", "sha384"),
    "SHA-512, with the chain": ("-nodetach", "-md", "sha512", "-certfile", "authority.pem"),
    "RSASSA-PSS": ("-nodetach", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest"),
    "no S/MIME capabilities": ("-nodetach", "-nosmimecap"),
}


@pytest.mark.parametrize("options", WAYS.values(), ids=list(WAYS))
def test_what_openssl_signs_is_verified(folder: Path, options: tuple[str, ...]) -> None:
    found = read_signatures(sign(folder, *options))
    assert [each.faults for each in found] == [()]
    assert judged(found) == GOOD
    assert found[0].form is (Form.CADES if "-cades" in options else Form.CMS)


def test_what_openssl_signs_beside_a_file_is_verified(folder: Path) -> None:
    signed = sign(folder, "-cades")
    assert judged(read_signatures(signed, detached=DATA)) == GOOD
    assert judged(read_signatures(signed, detached=b"another")) == failed(SubIndication.HASH_FAILURE)


def test_pem_of_openssl_is_verified(folder: Path) -> None:
    assert judged(read_signatures(sign(folder, "-nodetach", "-outform", "PEM"))) == GOOD


def test_a_second_signer_is_judged_too(folder: Path) -> None:
    """``openssl cms -resign``: two SignerInfos over one content."""
    (folder / "once").write_bytes(sign(folder, "-nodetach"))
    resign = (
        "cms",
        "-resign",
        "-binary",
        "-inform",
        "DER",
        "-in",
        "once",
        "-signer",
        "holder.pem",
        "-inkey",
        "key.pem",
    )
    code, told = openssl(folder, *resign, "-nocerts", "-outform", "DER", "-out", "twice", "-nodetach")
    assert code == 0, told
    found = read_signatures((folder / "twice").read_bytes())
    assert [each.place for each in found] == ["signer 1", "signer 2"]
    assert [judged([each]) for each in found] == [GOOD, GOOD]


def test_sha1_of_openssl_is_not_believed(folder: Path) -> None:
    signed = sign(folder, "-nodetach", "-md", "sha1")
    assert judged(read_signatures(signed)) == failed(SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE)


@pytest.mark.parametrize("options", [(), ("-chain", "root.pem")], ids=["certificate", "with the chain"])
def test_openssls_timestamp_is_believed(folder: Path, options: tuple[str, ...]) -> None:
    """``openssl ts -reply`` under the same root as our own authority's tokens."""
    unit, key = tsa.unit(), tsa.signer("RS256", 121)
    from tests.documents.cms_world import PKCS9, Made, attribute
    from tests.verifier.document_scene import made
    from warifu.pki.timestamps import TimestampRequest

    private = pool.private_key(121).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "tsa.key").write_bytes(private)
    (folder / "tsa.pem").write_bytes(x509.load_der_x509_certificate(unit.certificate_der).public_bytes(Encoding.PEM))
    (folder / "root.pem").write_bytes(
        x509.load_der_x509_certificate(tsa.root().certificate_der).public_bytes(Encoding.PEM)
    )
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(
        "[tsa]\ndefault_tsa=one\n[one]\nserial=serial\ndefault_policy=1.2.3.4\nsigner_digest=sha256\n"
        "digests=sha256\naccuracy=secs:1\ness_cert_id_alg=sha256\nordering=no\n"
    )
    (folder / "asked").write_bytes(TimestampRequest.of(Made().signature(), 7).encode())
    reply = ("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "asked", "-inkey", "tsa.key", "-signer", "tsa.pem")
    code, told = openssl(folder, *reply, *options, "-token_out", "-out", "token")
    assert code == 0, told
    assert key.public_key_info  # the pool's key is the unit's
    one = made(unsigned=[attribute(PKCS9 + "16.2.14", (folder / "token").read_bytes())])
    at = datetime.now(UTC) + timedelta(minutes=1)
    material = Material(crls=(list_of(this_update=at - timedelta(hours=1)),))
    judgement = Judgement(found=read_signatures(one.encode()), at=at, material=material)
    [stamp] = judgement.signature().timestamps
    assert (stamp.indication, stamp.sub_indication) == GOOD
    assert stamped(Made(), at).encode() != one.encode()


def test_what_pyhanko_signs_is_verified() -> None:
    """Its own attributes: cmsAlgorithmProtection, signingCertificateV2 with issuerSerial."""
    from warifu.documents.running import run
    from warifu.documents.witness import CardSigner

    holder = rsa()
    signer = CardSigner(holder.witness)
    signed = run(signer.async_sign_general_data(DATA, "sha256", detached=False, use_cades=False)).dump()
    found = read_signatures(signed)
    assert found[0].faults == ()
    assert judged(found) == GOOD
    assert another_authority(found) == failed(SubIndication.NO_CERTIFICATE_CHAIN_FOUND)


def another_authority(found: Sequence[FoundSignature]) -> tuple[Indication, SubIndication | None]:
    from warifu.verifier import Anchors

    other = Anchors.load([world.authority(SIGNING, 2).certificate_der])
    return Judgement(found=tuple(found), anchors=other).says()


@pytest.mark.parametrize("pss", [False, True])
@pytest.mark.parametrize("attributes", [False, True])
def test_what_endesive_signs_is_verified(attributes: bool, pss: bool) -> None:
    from endesive import signer  # type: ignore[import-untyped]

    holder: Holder = rsa()
    certificate = x509.load_der_x509_certificate(holder.certificate)
    signed = signer.sign(DATA, pool.private_key(0), certificate, [], "sha256", attributes, pss=pss)
    found = read_signatures(signed, detached=DATA)
    assert found[0].faults == ()
    assert judged(found) == GOOD
