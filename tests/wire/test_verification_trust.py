"""The trust store: whom to trust and where to ask, on disk."""

import json
import multiprocessing
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.pki import world
from tests.pki.world import AUTHENTICATION, NOW, SIGNING, signer
from warifu.errors import Malformed, NotAllowed, NotFound, UntrustedIssuer
from warifu.pki import AuthorityName, Reason, Revocation, build_ca_certificate
from warifu.pki.timestamps import build_timestamp_root
from warifu.verifier import JLIS_FINGERPRINTS
from warifu.wire.clock import SystemEntropy
from warifu.wire.verification import KeptRevocations, TrustedAnchor, TrustStore, TrustUse

AUTHORITY = world.authority(SIGNING).certificate_der
OTHER = world.authority(AUTHENTICATION).certificate_der
OCSP, LISTS = "http://127.0.0.1:8703/ocsp/signing", ("http://127.0.0.1:8703/crl/signing/13221.crl", "/lists/one.crl")


@pytest.fixture
def store(tmp_path: Path) -> TrustStore:
    return TrustStore(tmp_path / "trust")


def anchor(certificate: bytes = AUTHORITY, **told: Any) -> TrustedAnchor:
    return TrustedAnchor.of(certificate, NOW, **told)


def timestamp_root() -> bytes:
    end = NOW + timedelta(days=900)
    return build_timestamp_root(signer(60), serial_number=1, not_before=NOW, not_after=end)


def test_an_empty_store_trusts_nobody(store: TrustStore) -> None:
    assert store.all() == ()
    assert len(store.anchors()) == 0


def test_an_anchor_is_found_as_it_was_kept(store: TrustStore) -> None:
    store.add(anchor(ocsp=OCSP, lists=LISTS))
    [found] = TrustStore(store.directory).all()
    assert (found.certificate, found.use, found.ocsp, found.lists) == (AUTHORITY, TrustUse.SIGNING, OCSP, LISTS)
    assert found.added_at == NOW.replace(microsecond=0)
    assert not found.real


def test_each_generation_and_kind_is_an_anchor_of_its_own(store: TrustStore) -> None:
    """All generations of an authority have one name; their keys tell them apart."""
    for kind in (SIGNING, AUTHENTICATION):
        for generation in (1, 2):
            store.add(anchor(world.authority(kind, generation).certificate_der))
        store.add(anchor(world.next_authority(kind).certificate_der))
    store.add(anchor(timestamp_root()))
    assert len(store.all()) == 7
    assert len(store.anchors()) == 6
    assert store.timestamp_anchors() == (timestamp_root(),)


def test_adding_again_says_something_else_about_it(store: TrustStore) -> None:
    store.add(anchor())
    store.add(anchor(ocsp=OCSP))
    assert [each.ocsp for each in store.all()] == [OCSP]


def test_what_was_removed_is_not_trusted(store: TrustStore) -> None:
    store.add(anchor())
    store.remove(anchor())
    assert store.all() == ()
    with pytest.raises(NotFound):
        store.remove(anchor())


def test_an_anchor_is_found_by_the_beginning_of_its_fingerprint(store: TrustStore) -> None:
    store.add(anchor())
    text = anchor().fingerprint.hex().upper()
    spaced = ":".join(text[place : place + 2] for place in range(0, 64, 2))
    for fingerprint in (text, text[:8], spaced):
        assert store.find(fingerprint) == anchor()
    for fingerprint in ("", text[:7], "0" * 64, "x" * 8):
        with pytest.raises(NotFound):
            store.find(fingerprint)


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX's")
def test_the_store_is_its_owners_alone(store: TrustStore) -> None:
    store.add(anchor())
    assert stat.S_IMODE(store.directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in store.directory.glob("*.json")} == {0o600}


# --- who may not be trusted -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("organization", ["JPKI", "jpki", " JPKI ", "ＪＰＫＩ"])
def test_nobody_else_calls_himself_jlis(organization: str) -> None:
    """Only the six certificates whose fingerprints are pinned."""
    certificate = _named(organization)
    with pytest.raises(UntrustedIssuer):
        anchor(certificate)
    with pytest.raises(UntrustedIssuer):
        TrustedAnchor(certificate, TrustUse.TIMESTAMP, NOW)


def _named(organization: str) -> bytes:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW, NOW + timedelta(days=9))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def test_an_authority_of_another_name_may_be_trusted() -> None:
    name = AuthorityName(organization="JPKI-KIYOSE-TEST")
    der = build_ca_certificate(SIGNING, signer(61), serial_number=9, not_before=NOW, not_after=world.ENDS, name=name)
    assert anchor(der).use is TrustUse.SIGNING
    assert "JPKI-KIYOSE-TEST" in anchor(der).name


def test_jlis_fingerprints_are_six() -> None:
    assert len(JLIS_FINGERPRINTS) == 6


def test_a_holders_certificate_is_no_anchor() -> None:
    with pytest.raises(NotAllowed):
        anchor(world.authentication_certificate())


@pytest.mark.parametrize("certificate", [b"", b"0", AUTHORITY + b"\0"])
def test_what_is_no_certificate_is_malformed(certificate: bytes) -> None:
    with pytest.raises(Malformed):
        anchor(certificate)


@pytest.mark.parametrize("told", [{"ocsp": "ftp://x/"}, {"lists": ("http://user:word@x/",)}])
def test_an_address_is_http_or_a_file(told: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        anchor(**told)


# --- files that were touched ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"certificate": "x"},
        {"certificate": None},
        {"use": "everything"},
        {"added_at": "yesterday"},
        {"added_at": 1e300},
        {"lists": 5},
        {"ocsp": "javascript://x"},
    ],
    ids=str,
)
def test_a_file_that_says_something_else_is_malformed(store: TrustStore, change: dict[str, object]) -> None:
    store.add(anchor())
    [file] = store.directory.glob("*.json")
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(Malformed):
        store.all()


def test_a_file_under_another_anchors_name_is_malformed(store: TrustStore) -> None:
    store.add(anchor())
    [file] = store.directory.glob("*.json")
    file.rename(store.directory / (anchor(OTHER).fingerprint.hex() + ".json"))
    with pytest.raises(Malformed):
        store.all()


@pytest.mark.parametrize("text", ["", "[]", "{}", "{" * 100, "[" * 60_000, " " * 70_000])
def test_what_is_no_anchors_file_is_malformed(store: TrustStore, text: str) -> None:
    store.add(anchor())
    [file] = store.directory.glob("*.json")
    file.write_text(text)
    with pytest.raises(Malformed):
        store.all()


# --- revocations that were seen ---------------------------------------------------------------------------------------

MOVED = Revocation(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), Reason.AFFILIATION_CHANGED)
KEY_ID = bytes(20)


def test_a_revocation_is_remembered_by_the_next_process(tmp_path: Path) -> None:
    seen = KeptRevocations(tmp_path, SystemEntropy())
    assert seen.find(KEY_ID, 5) is None
    seen.keep(KEY_ID, 5, MOVED)
    for again in (seen, KeptRevocations(tmp_path, SystemEntropy())):
        assert again.find(KEY_ID, 5) == MOVED
        assert again.find(KEY_ID, 6) is None
        assert again.find(b"\1" * 20, 5) is None


def test_a_revocation_is_seen_by_a_process_that_runs_already(tmp_path: Path) -> None:
    one, other = KeptRevocations(tmp_path, SystemEntropy()), KeptRevocations(tmp_path, SystemEntropy())
    one.keep(KEY_ID, 5, MOVED)
    other.keep(KEY_ID, 6, MOVED)
    assert (one.find(KEY_ID, 6), other.find(KEY_ID, 5)) == (MOVED, MOVED)


def test_a_hold_is_not_remembered(tmp_path: Path) -> None:
    seen = KeptRevocations(tmp_path, SystemEntropy())
    seen.keep(KEY_ID, 5, Revocation(MOVED.at, Reason.CERTIFICATE_HOLD))
    assert seen.find(KEY_ID, 5) is None


def test_the_first_revocation_stays(tmp_path: Path) -> None:
    seen = KeptRevocations(tmp_path, SystemEntropy())
    seen.keep(KEY_ID, 5, MOVED)
    seen.keep(KEY_ID, 5, Revocation(NOW, Reason.SUPERSEDED))
    assert seen.find(KEY_ID, 5) == MOVED
    assert (tmp_path / "revoked").stat().st_size == 40


@pytest.mark.parametrize("left", range(40))
def test_a_record_that_a_crash_cut_off_is_written_over(tmp_path: Path, left: int) -> None:
    seen = KeptRevocations(tmp_path, SystemEntropy())
    for number in (5, 6):
        seen.keep(KEY_ID, number, MOVED)
    data = (tmp_path / "revoked").read_bytes()
    (tmp_path / "revoked").write_bytes(data[: 40 + left])
    again = KeptRevocations(tmp_path, SystemEntropy())
    assert (again.find(KEY_ID, 5), again.find(KEY_ID, 6)) == (MOVED, None)
    again.keep(KEY_ID, 7, MOVED)
    assert KeptRevocations(tmp_path, SystemEntropy()).find(KEY_ID, 7) == MOVED


def test_a_damaged_record_costs_itself_and_no_other(tmp_path: Path) -> None:
    seen = KeptRevocations(tmp_path, SystemEntropy())
    for number in range(5):
        seen.keep(KEY_ID, number, MOVED)
    data = bytearray((tmp_path / "revoked").read_bytes())
    data[85] ^= 1
    (tmp_path / "revoked").write_bytes(data)
    again = KeptRevocations(tmp_path, SystemEntropy())
    again.keep(KEY_ID, 9, MOVED)
    found = {number for number in range(10) if again.find(KEY_ID, number) is not None}
    assert found == {0, 1, 3, 4, 9}


def test_the_file_cannot_be_searched_without_its_key(tmp_path: Path) -> None:
    """公的個人認証法 第63条. With a given key, for four bytes may come up in what chance makes."""
    (tmp_path / "secret").write_bytes(b"s" * 32)
    seen = KeptRevocations(tmp_path, SystemEntropy())
    seen.keep(KEY_ID, world.SERIAL, MOVED)
    assert world.SERIAL.to_bytes(4, "big") not in (tmp_path / "revoked").read_bytes()
    (tmp_path / "secret").write_bytes(b"k" * 32)
    assert KeptRevocations(tmp_path, SystemEntropy()).find(KEY_ID, world.SERIAL) is None
    (tmp_path / "secret").write_bytes(b"short")
    with pytest.raises(Malformed):
        KeptRevocations(tmp_path, SystemEntropy())


def _keep_many(directory: Path, first: int) -> None:
    seen = KeptRevocations(directory, SystemEntropy())
    for number in range(first, first + 9):
        seen.keep(KEY_ID, number, MOVED)


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_keep_many, args=(tmp_path, first)) for first in (0, 6)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    seen = KeptRevocations(tmp_path, SystemEntropy())
    assert [number for number in range(17) if seen.find(KEY_ID, number) is None] == [15, 16]
    assert (tmp_path / "revoked").stat().st_size == 15 * 40
