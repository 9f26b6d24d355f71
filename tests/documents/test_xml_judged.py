"""XML signatures before the verifier: what it makes of what the reader tells."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.documents.test_xml_wrapping import SHAPES
from tests.documents.world import AT, p384
from tests.documents.xml_world import DEED, FILE, beside, lasting, signed, written
from tests.pki import world
from tests.pki.world import ENDS, SIGNING
from tests.verifier.document_scene import DAY, Judgement, list_of
from warifu.documents import Level, XmlProfile, read_xml, sign_xml
from warifu.verifier import Anchors, Indication, Material, SignatureReport, SubIndication, report_to_text

NOTHING = Material()


def judged(data: bytes, detached: bytes | None = None, **changes: Any) -> SignatureReport:
    return Judgement(found=read_xml(data, detached)).report(**changes).signatures[0]


@pytest.mark.parametrize("level", Level)
def test_each_level_passes(level: Level) -> None:
    report = judged(lasting(level))
    assert (report.indication, report.sub_indication) == (Indication.TOTAL_PASSED, None)


@pytest.mark.parametrize("profile", XmlProfile)
def test_each_form_passes(profile: XmlProfile) -> None:
    for data in (signed(profile), signed(profile, "A"), beside(profile)):
        assert judged(data, FILE).indication is Indication.TOTAL_PASSED


@pytest.mark.parametrize("level", [Level.LT, Level.LTA])
def test_evidence_in_the_document_is_enough_after_the_certificate_has_ended(level: Level) -> None:
    """ETSI EN 319 102-1 §5.6: the archive timestamp proves that everything was there in time."""
    report = judged(lasting(level), at=ENDS + 30 * DAY, material=NOTHING)
    assert report.indication is Indication.TOTAL_PASSED, report.checks


def test_next_generation_certificates_pass() -> None:
    """P-384 with SHA-384 (modelled)."""
    data = sign_xml(DEED, p384().witness, AT)
    anchors = Anchors.load([world.next_authority(SIGNING).certificate_der])
    material = Material(crls=(list_of(issuer=world.next_authority(SIGNING)),))
    assert judged(data, anchors=anchors, material=material).indication is Indication.TOTAL_PASSED


def test_other_content_fails() -> None:
    report = judged(signed().replace("譲渡".encode(), "贈与".encode()))
    assert (report.indication, report.sub_indication) == (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE)


def test_without_the_file_nothing_is_said() -> None:
    report = judged(beside())
    assert (report.indication, report.sub_indication) == (Indication.INDETERMINATE, SubIndication.SIGNED_DATA_NOT_FOUND)


@pytest.mark.parametrize("shape", SHAPES, ids=[each.__name__ for each in SHAPES])
def test_wrapping_fails(shape: Callable[[], Any]) -> None:
    report = judged(written(shape()))
    assert (report.indication, report.sub_indication) == (Indication.TOTAL_FAILED, SubIndication.FORMAT_FAILURE)


@pytest.mark.parametrize(("element", "words"), [(None, "the whole document"), ("A", "only a part of the document")])
def test_a_report_says_how_much_of_the_document_is_signed(element: str | None, words: str) -> None:
    """See what is signed: a signature over a part says nothing about the rest."""
    report = Judgement(found=read_xml(signed(XmlProfile.XADES, element))).report()
    assert words in report_to_text(report, "en")
    assert "Revision" not in report_to_text(report, "en")
