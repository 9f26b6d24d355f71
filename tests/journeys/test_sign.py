"""Journey B, signing: a document, a card, a container, anybody's tool, and evidence that outlives the certificate.

The same story runs in one process, engine to engine, and again over loopback HTTP with authority and timestamp
authority as servers.
"""

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.ca import town
from tests.ca.town import ENDS, SIGNING
from tests.documents.proving import unit_list
from tests.documents.world import small_pdf
from tests.journeys.sign_stages import InProcess, OverHttp, Stage, card_with, over_http
from tests.real.conftest import cannot
from tests.tsa import world as tsa
from warifu import documents
from warifu.card import Card
from warifu.documents import Level, Witness, extend, read_signatures, sign_cms, sign_pdf, sign_xml
from warifu.errors import WrongPin
from warifu.pki import OcspRequest
from warifu.reader import JpkiSession, Key
from warifu.verifier import (
    Anchors,
    DocumentTrust,
    Indication,
    Material,
    SignatureReport,
    SubIndication,
    TimestampTrust,
    check_document,
    document_needs,
)

DEED = "土地を譲渡する。\n".encode()
PASSWORD = "ABC123"
DAY, YEAR = timedelta(days=1), timedelta(days=365)


@pytest.fixture(params=["in one process", "over HTTP"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    stages: dict[str, Callable[[], AbstractContextManager[InProcess | OverHttp]]] = {
        "in one process": lambda: nullcontext(InProcess()),
        "over HTTP": lambda: over_http(tmp_path),
    }
    with stages[request.param]() as stage:
        yield stage


@dataclass
class Story:
    """The parties of the story; each method is one scene of it."""

    stage: Stage
    card: Card

    def holder_signs(self, make: Callable[..., bytes], password: str = PASSWORD) -> bytes:
        """The card signs a digest after its password; the document never goes into it."""
        session = JpkiSession(self.card)
        session.verify(Key.SIGNING, password)
        witness = Witness(
            session.certificate(Key.SIGNING), session.ca_certificate(Key.SIGNING), partial(session.sign, Key.SIGNING)
        )
        return make(witness=witness, at=self.stage.clock.now(), stamp=self.stage.stamp)

    def made_to_last(self, signed: bytes, content: bytes | None = None) -> bytes:
        """Evidence goes into the file: the authority's word, the timestamp root's list, an archive timestamp."""
        evidence = documents.Material(
            (town.issuer(SIGNING).certificate_der, tsa.root().certificate_der),
            (unit_list(self.stage.clock.now()),),
            tuple(self.stage.status(question) for question in self._questions(signed, content)),
        )
        return extend(signed, Level.LTA, material=evidence, stamp=self.stage.stamp, content=content)

    def stranger_judges(
        self, signed: bytes, content: bytes | None = None, *, asks: bool = False
    ) -> tuple[SignatureReport, ...]:
        """A verifier who knows both roots, on the day that it is; who asks the authority only if told to."""
        now = self.stage.clock.now()
        found = read_signatures(signed, detached=content)
        answers = tuple(map(self.stage.status, self._questions(signed, content))) if asks else ()
        material = Material(crls=(unit_list(now),), ocsps=answers)
        return check_document(found, hashlib.sha256(signed).digest(), self._trust(), material, now).signatures

    def _questions(self, signed: bytes, content: bytes | None) -> list[bytes]:
        needs = document_needs(read_signatures(signed, detached=content), self._trust())
        return [OcspRequest.decode(each.ocsp_request()).encode() for each in needs]

    def _trust(self) -> DocumentTrust:
        anchors = Anchors.load([town.issuer(SIGNING).certificate_der])
        return DocumentTrust(anchors, TimestampTrust((tsa.root().certificate_der,)))


@pytest.fixture
def story(stage: Stage) -> Story:
    story = Story(stage, card_with(stage.issue()))
    stage.clock.go_on(DAY)
    return story


FORMS: dict[str, tuple[Callable[..., bytes], bytes | None]] = {
    "PDF": (partial(sign_pdf, small_pdf()), None),
    "CMS beside it": (partial(sign_cms, DEED), DEED),
    "CMS around it": (partial(sign_cms, DEED, attached=True), None),
    "XML": (partial(sign_xml, b"<deed>A</deed>"), None),
}
forms = pytest.mark.parametrize(("make", "content"), FORMS.values(), ids=list(FORMS))


@forms
def test_a_stranger_learns_who_signed(story: Story, make: Callable[..., bytes], content: bytes | None) -> None:
    signed = story.holder_signs(make)
    [report] = story.stranger_judges(signed, content, asks=True)
    assert report.indication is Indication.TOTAL_PASSED, report.checks
    assert report.signer is not None
    assert report.signer.name == town.ATTRIBUTES.name.text


@forms
def test_evidence_in_the_file_outlives_the_certificate(
    story: Story, make: Callable[..., bytes], content: bytes | None
) -> None:
    """ETSI EN 319 102-1 §5.6: after the certificate has ended, and the authority asked has nothing to say any more."""
    signed = story.holder_signs(make)
    signed_at = story.stage.clock.now()
    lasting = story.made_to_last(signed, content)
    story.stage.clock.go_on(ENDS + YEAR - signed_at)
    report = story.stranger_judges(lasting, content)[0]
    assert (report.indication, report.best_time) == (Indication.TOTAL_PASSED, signed_at.replace(microsecond=0))
    [bare] = story.stranger_judges(signed, content)
    assert bare.indication is Indication.INDETERMINATE


@forms
def test_who_has_moved_since_signed_before(story: Story, make: Callable[..., bytes], content: bytes | None) -> None:
    """公的個人認証法 第12条第1項第1号: a move ends the certificate, not what was signed before, if that is proved."""
    signed = story.holder_signs(make)
    story.stage.clock.go_on(DAY)
    story.stage.move()
    story.stage.clock.go_on(DAY)
    [report] = story.stranger_judges(signed, content, asks=True)
    assert report.indication is Indication.TOTAL_PASSED, report.checks
    late = story.holder_signs(make)
    [report] = story.stranger_judges(late, content, asks=True)
    assert report.sub_indication in (SubIndication.REVOKED, SubIndication.REVOKED_NO_POE)


def test_a_wrong_password_signs_nothing(story: Story) -> None:
    with pytest.raises(WrongPin):
        story.holder_signs(partial(sign_cms, DEED), "WRONG1")


@pytest.mark.real
def test_openssl_reads_what_the_card_signed(story: Story, tmp_path: Path) -> None:
    """Anybody's tool: ``openssl cms -verify``, at every level."""
    openssl = shutil.which("openssl") or cannot("openssl is not installed")
    signed = story.holder_signs(partial(sign_cms, DEED))
    (tmp_path / "authority.pem").write_bytes(town.issuer(SIGNING).certificate.public_bytes(Encoding.PEM))
    (tmp_path / "deed").write_bytes(DEED)
    for each in (signed, story.made_to_last(signed, DEED)):
        (tmp_path / "deed.p7s").write_bytes(each)
        command = [openssl, "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "deed.p7s"]
        trust = [
            "-CAfile",
            "authority.pem",
            "-purpose",
            "any",
            "-attime",
            str(int(story.stage.clock.now().timestamp())),
        ]
        done = subprocess.run([*command, "-content", "deed", *trust], cwd=tmp_path, capture_output=True, check=False)
        assert (done.returncode, done.stdout) == (0, DEED), done.stderr
