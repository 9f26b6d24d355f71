"""Reading the signatures of PDF files: what is found in good ones."""

import hashlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper

from tests.documents.pdf_reading_world import (
    PACKED,
    TABLE,
    append,
    believed,
    codes,
    coverage,
    object_of,
    root_of,
    signed,
    size_of,
)
from tests.documents.proving import Service, proof
from tests.documents.world import AT, HOLDERS, Holder, p384, rsa, small_pdf
from tests.tsa import world as tsa
from warifu.documents import ChangeKind, Covered, FaultCode, Form, Level, PdfProfile, TimestampKind, extend, sign_pdf
from warifu.documents.pdf_reading import read_pdf
from warifu.documents.pdf_reading_parts import read_date
from warifu.documents.running import run
from warifu.documents.stamping import Stamper
from warifu.documents.timestamp_reading import read_timestamp

FORMS = {PdfProfile.PADES: Form.PADES, PdfProfile.REGISTRY: Form.PDF_PKCS7}


@pytest.mark.parametrize("profile", PdfProfile)
@pytest.mark.parametrize("make", HOLDERS.values(), ids=list(HOLDERS))
@pytest.mark.parametrize("pdf", [TABLE, PACKED], ids=["table", "stream"])
def test_a_signature_is_found_with_all_that_it_says(
    pdf: bytes, make: Callable[[], Holder], profile: PdfProfile
) -> None:
    holder = make()
    [found] = read_pdf(sign_pdf(pdf, holder.witness, AT, profile=profile))
    assert believed(found)
    assert (found.form, found.place, found.claimed_at) == (FORMS[profile], "Signature1", AT)
    assert found.certificate == holder.certificate
    assert holder.issuer.certificate_der in found.certificates
    assert found.coverage is not None
    assert (found.coverage.whole, found.coverage.revision, found.coverage.revisions) == (True, 2, 2)


def test_a_pdf_that_nobody_signed_has_no_signature() -> None:
    assert read_pdf(TABLE) == read_pdf(PACKED) == ()


def test_each_signature_covers_the_revision_it_was_made_in() -> None:
    """ISO 32000-1 §12.8.1: a later signature is an update that leaves the earlier ones valid."""
    pdf = signed()
    for maker in (p384, rsa):
        pdf = sign_pdf(pdf, maker().witness, AT)
    found = read_pdf(pdf)
    assert [each.place for each in found] == ["Signature1", "Signature2", "Signature3"]
    assert all(map(believed, found))
    assert [(coverage(pdf, n).whole, coverage(pdf, n).revision) for n in range(3)] == [
        (False, 2),
        (False, 3),
        (True, 4),
    ]
    assert [(each.revision, each.kind, each.allowed, each.where) for each in coverage(pdf).changes] == [
        (3, ChangeKind.SIGNATURE, True, "Signature2"),
        (4, ChangeKind.SIGNATURE, True, "Signature3"),
    ]


def test_a_timestamp_of_the_signature_comes_with_it() -> None:
    """PAdES baseline B-T (ETSI EN 319 142-1 §6.3)."""
    stamp = partial(tsa.authority().answer, now=tsa.NOW, serial_number=7)
    [found] = read_pdf(sign_pdf(TABLE, rsa().witness, AT, stamp=stamp))
    [timestamp] = found.timestamps
    token = read_timestamp(timestamp.token)
    assert timestamp.kind is TimestampKind.SIGNATURE
    assert timestamp.imprint(token.hash_name) == token.imprint


def archived(times: int = 1) -> tuple[bytes, Holder]:
    """With evidence and document timestamps (PAdES baseline B-LTA)."""
    holder = rsa()
    pdf = sign_pdf(TABLE, holder.witness, AT, stamp=Service())
    for _ in range(times):
        pdf = extend(pdf, Level.LTA, material=proof(holder), stamp=Service())
    return pdf, holder


def test_document_timestamps_are_timestamps_of_the_signature() -> None:
    """ETSI EN 319 142-1 §5.4.3: over the whole file as it then was."""
    pdf, _ = archived(2)
    [found] = read_pdf(pdf)
    assert believed(found)
    assert [each.kind for each in found.timestamps] == [
        TimestampKind.SIGNATURE,
        TimestampKind.DOCUMENT,
        TimestampKind.DOCUMENT,
    ]
    for timestamp in found.timestamps:
        token = read_timestamp(timestamp.token)
        assert timestamp.imprint(token.hash_name) == token.imprint
        assert timestamp.faults == ()
    assert found.timestamps[1].covers == frozenset(Covered)
    assert timestamp.imprint("md5") is None
    kinds = {change.kind for change in coverage(pdf).changes}
    assert kinds <= {ChangeKind.VALIDATION_DATA, ChangeKind.TIMESTAMP}


def test_evidence_is_read_from_the_store() -> None:
    """ETSI EN 319 142-1 §5.4.2: /DSS and /VRI."""
    pdf, holder = archived()
    [found] = read_pdf(pdf)
    evidence = proof(holder)
    assert set(evidence.certificates) <= set(found.certificates)
    assert set(evidence.crls) <= set(found.crls)
    assert set(evidence.ocsps) <= set(found.ocsps)


def test_a_document_timestamp_proves_what_was_there_before_it_only() -> None:
    """Evidence that somebody adds behind the last timestamp may be younger than it says."""
    pdf, _ = archived()
    [before] = read_pdf(pdf)
    number = size_of(pdf)
    store = b"/DSS <</CRLs[%d 0 R]>>" % number
    catalog = re.sub(rb"/DSS \d+ 0 R", lambda _: store, object_of(pdf, root_of(pdf)))
    stream = b"<</Length 5>>\nstream\n0\x03\x02\x01\x09\nendstream"
    [after] = read_pdf(append(pdf, {number: stream, root_of(pdf): catalog}))
    added = set(after.crls) - set(before.crls)
    assert added == {b"0\x03\x02\x01\x09"}
    assert digests(added).isdisjoint(after.timestamps[-1].values or ())
    assert digests(before.crls) <= (before.timestamps[-1].values or frozenset())


def digests(values: Iterable[bytes]) -> set[bytes]:
    return {hashlib.sha256(each).digest() for each in values}


def test_a_document_timestamp_alone_stands_for_itself() -> None:
    writer = IncrementalPdfFileWriter(BytesIO(TABLE))
    pdf = run(PdfTimeStamper(Stamper(Service())).async_timestamp_pdf(writer, "sha256")).getvalue()
    [found] = read_pdf(pdf)
    assert found.form is Form.TIMESTAMP
    assert [each.name for each in found.integrity] == ["message digest", "message imprint"]
    assert all(each.actual == each.expected for each in found.integrity)
    assert found.faults == ()


def test_white_space_behind_the_end_is_nothing() -> None:
    assert coverage(signed() + b"\r\n \0").whole
    assert codes(signed() + b"\r\n \0") == set()


def test_what_follows_the_end_is_told() -> None:
    """Incremental saving attack without a cross-reference section: readers that repair files would show it."""
    assert codes(signed() + b"9 0 obj\n<<>>\nendobj\n") == {FaultCode.NOT_ALL_SIGNED}


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        (b"D:20261122010405Z", datetime(2026, 11, 22, 1, 4, 5, tzinfo=UTC)),
        (b"D:20261122100405+09'00'", datetime(2026, 11, 22, 1, 4, 5, tzinfo=UTC)),
        (b"D:20261122100405+09'00", datetime(2026, 11, 22, 1, 4, 5, tzinfo=UTC)),
        (b"D:20261121200405-05'00'", datetime(2026, 11, 22, 1, 4, 5, tzinfo=UTC)),
        (b"D:20261122010405Z00'00'", datetime(2026, 11, 22, 1, 4, 5, tzinfo=UTC)),
        (b"D:20261122010405", None),
        (b"D:20261322010405Z", None),
        (b"D:20261122010405+99'00'", None),
        (b"22 November", None),
    ],
)
def test_the_moment_is_read_as_the_dictionary_has_it(date: bytes, moment: datetime | None) -> None:
    """ISO 32000-1 §7.9.4; without a zone nobody knows when it was."""
    assert read_date(date) == moment


def test_another_text_is_another_document() -> None:
    other = signed(small_pdf("a debt", stream_xrefs=False))
    assert read_pdf(other)[0].integrity != read_pdf(signed())[0].integrity


def test_pyhanko_is_loaded_when_something_follows_a_signature_only(tmp_path: Path) -> None:
    """It takes a second to load, and most documents are signed last."""
    (tmp_path / "once.pdf").write_bytes(signed())
    (tmp_path / "twice.pdf").write_bytes(sign_pdf(signed(), rsa().witness, AT))
    for name, loaded in (("once.pdf", False), ("twice.pdf", True)):
        code = "import sys, warifu.verifier, warifu.documents as d; d.read_signatures(open(sys.argv[1], 'rb').read());"
        code += "print('pyhanko' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code, tmp_path / name], capture_output=True, text=True, check=True)
        assert done.stdout == f"{loaded}\n"
