"""openssl asks our timestamp authority, and believes its tokens."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.real.openssl import openssl
from tests.tsa.world import ALGORITHMS, NOW, POLICY, authority, root, unit
from warifu.pki.timestamps import TIMESTAMP_HASHES, TimestampRequest
from warifu.ports import SignatureAlgorithm

pytestmark = pytest.mark.real

DATA = b"a deed\n"
ASKED = TimestampRequest.of(DATA, nonce=1)


def believing(folder: Path, *arguments: str) -> str:
    code, told = openssl(folder, *arguments)
    assert code == 0, told
    return told


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("hash_name", sorted(TIMESTAMP_HASHES))
@pytest.mark.parametrize("with_certificate", [True, False])
def test_openssl_asks_and_believes_the_answer(
    program: Callable[[str], str], tmp_path: Path, algorithm: SignatureAlgorithm, hash_name: str, with_certificate: bool
) -> None:
    """``openssl ts -query`` asks; ``openssl ts -verify`` believes the token, about this file and no other."""
    program("openssl")
    (tmp_path / "deed").write_bytes(DATA)
    (tmp_path / "other").write_bytes(b"another deed\n")
    for name, der in (("root.pem", root(algorithm).certificate_der), ("unit.pem", unit(algorithm).certificate_der)):
        (tmp_path / name).write_bytes(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))
    asked = ["ts", "-query", "-data", "deed", f"-{hash_name}", "-out", "query", "-tspolicy", POLICY]
    believing(tmp_path, *asked, *(["-cert"] if with_certificate else []))
    answer = authority(algorithm).answer((tmp_path / "query").read_bytes(), NOW, (1 << 159) + 1)
    (tmp_path / "answer").write_bytes(answer)
    told = believing(tmp_path, "ts", "-reply", "-in", "answer", "-text")
    assert "Status: Granted." in told
    assert "Time stamp: Nov 22 03:04:05 2026 GMT" in told
    verify = ["ts", "-verify", "-in", "answer", "-CAfile", "root.pem", "-untrusted", "unit.pem"]
    moment = ["-attime", str(int(NOW.timestamp()))]
    believing(tmp_path, *verify, "-queryfile", "query", *moment)
    believing(tmp_path, *verify, "-data", "deed", *moment)
    with pytest.raises(AssertionError, match="message imprint mismatch"):
        believing(tmp_path, *verify, "-data", "other", *moment)


def test_openssl_reads_why_there_is_no_token(program: Callable[[str], str], tmp_path: Path) -> None:
    program("openssl")
    refused = authority().answer(replace(ASKED, policy="1.2.3").encode(), NOW, 7)
    (tmp_path / "answer").write_bytes(refused)
    told = believing(tmp_path, "ts", "-reply", "-in", "answer", "-text")
    assert "Status: Rejected." in told
    assert "the requested TSA policy is not supported by the TSA" in told
