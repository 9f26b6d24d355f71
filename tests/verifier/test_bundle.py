"""The archive that evidence travels in: one way to write it, and nothing else is read."""

import io
import subprocess
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from tests.pki import world
from warifu.errors import Malformed, Tampered, WrongSignature
from warifu.verifier.evidence import Bundle, Digests

DOCUMENT = b"a deed\n"
PARTS = {"report.json": b"{}", "certificates/0.der": b"a certificate", "revocation/crl-0.der": b"a list"}


def bundle(parts: dict[str, bytes] = PARTS) -> Bundle:
    signer = world.signer(3)
    at = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
    return Bundle(at, Digests.of(DOCUMENT), parts, signer.public_key_info, withheld=(bytes(32),)).signed(signer)


def repacked(files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", compression) as writer:
        for name, content in files.items():
            writer.writestr(name, content)
    return archive.getvalue()


def files(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_what_was_written_is_read_back() -> None:
    written = bundle().recorded(b"a record")
    read = Bundle.decode(written.encode())
    assert read == written
    read.check_signature()
    read.document.check(DOCUMENT, "the document")


def test_openssl_verifies_the_manifest(tmp_path: Path) -> None:
    whole = bundle()
    key = load_der_public_key(whole.verifier)
    (tmp_path / "key.pem").write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    for name, content in files(whole.encode()).items():
        (tmp_path / Path(name).name).write_bytes(content)
    command = ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "manifest.sig", "manifest.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "Verified OK" in done.stdout


def test_another_document_is_told() -> None:
    with pytest.raises(Tampered):
        bundle().document.check(DOCUMENT + b" ", "the document")


def test_another_part_is_told() -> None:
    inside = files(bundle().encode())
    inside["report.json"] = b"[]"
    with pytest.raises(Tampered):
        Bundle.decode(repacked(inside))


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig", "certificates/0.der"])
def test_nothing_may_be_missing(name: str) -> None:
    inside = files(bundle().encode())
    del inside[name]
    with pytest.raises((Malformed, Tampered)):
        Bundle.decode(repacked(inside))


def test_nothing_may_be_added() -> None:
    with pytest.raises(Tampered):
        Bundle.decode(repacked(files(bundle().encode()) | {"more.txt": b"more"}))


def test_parts_are_stored_as_they_are() -> None:
    """A packed part could be as large as memory when opened."""
    with pytest.raises(Malformed):
        Bundle.decode(repacked(files(bundle({"report.json": bytes(100_000)}).encode()), zipfile.ZIP_DEFLATED))


@pytest.mark.parametrize("name", ["../a", "/a", "a/b/c", "A", "", "a\\b", "manifest.json", ".hidden"])
def test_names_of_parts_are_plain(name: str) -> None:
    with pytest.raises(Malformed):
        bundle({name: b"a part"})


def test_no_part_is_there_twice() -> None:
    with pytest.raises(Malformed):
        bundle({"one": b"same", "two": b"same"})


def test_another_keys_signature_is_told() -> None:
    whole = bundle()
    named = replace(whole, verifier=world.signer(4).public_key_info)
    forged = Bundle.decode(named.encode())
    with pytest.raises(WrongSignature):
        forged.check_signature()


def test_a_signer_signs_only_what_names_its_key() -> None:
    with pytest.raises(Malformed):
        bundle().signed(world.signer(4))


@pytest.mark.parametrize("bit", range(8))
def test_a_flipped_bit_is_told(bit: int) -> None:
    """Nothing in the archive may change without being told, headers and padding included."""
    whole = bundle().encode()
    for place in range(len(whole)):
        data = bytearray(whole)
        data[place] ^= 1 << bit
        with pytest.raises((Malformed, Tampered, WrongSignature)):
            Bundle.decode(bytes(data)).check_signature()


@given(st.binary(max_size=200))
def test_anything_else_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        Bundle.decode(data)
