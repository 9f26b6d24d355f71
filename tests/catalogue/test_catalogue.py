"""Each rule is reached by something spoiled, and what comes out is what docs/refusals.md says."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.catalogue.page import SECTIONS, page, rows
from tests.catalogue.spoiled import NOTHING
from tests.documents.cms_world import Made
from tests.documents.pdf_reading_world import FORM, codes, signed
from tests.documents.xml_world import beside, faults
from tests.documents.xml_world import signed as signed_xml
from tests.pki import world
from tests.pki.world import NOW
from tests.verifier.document_scene import DAY, PASSED, Judgement
from tests.verifier.scene import Scene, crl
from tests.verifier.test_evidence import bundle, checked
from warifu import errors
from warifu.documents import FaultCode, XmlProfile
from warifu.pki import CaCertificate, EndEntityCertificate
from warifu.verifier import Evidence, Indication, Rule, SubIndication

PAGE = Path(__file__).parents[2] / "docs" / "refusals.md"
told = cache(rows)


def named() -> set[str]:
    """Every name of an error, a sub-indication or a fault that came out."""
    return {name for each in told().values() for *_, out in each for name in re.findall("`([^`]+)`", out)}


def test_the_page_says_what_comes_out() -> None:
    assert PAGE.read_text("utf-8") == page(told()), "python -m tests.catalogue.page > docs/refusals.md"


@pytest.mark.parametrize("section", SECTIONS)
def test_nothing_spoiled_passes(section: str) -> None:
    each = told()[section]
    assert NOTHING not in {out for *_, out in each}
    assert len({wrong for wrong, *_ in each}) == len(each) > 2


def test_unspoiled_they_pass() -> None:
    """The catalogue would mean nothing otherwise."""
    Scene().check()
    Scene().check(evidence=Evidence(crl=crl()))
    EndEntityCertificate.decode(world.authentication_certificate())
    CaCertificate.decode(world.authority(world.SIGNING).certificate_der)
    assert Judgement().says() == PASSED
    assert Made().read().faults == ()
    assert codes(signed()) == codes(signed(FORM)) == set()
    assert faults(signed_xml()) == faults(signed_xml(XmlProfile.XADES, "A")) == faults(beside()) == set()
    assert checked(bundle(), NOW + DAY).indication is Indication.TOTAL_PASSED


@pytest.mark.parametrize("rule", Rule)
def test_each_rule_is_broken_by_something(rule: Rule) -> None:
    sections = [*told()["Signed documents"], *told()["Timestamps over a signature"]]
    assert any(rule.slug in re.split(r"[(), ]+", out) for *_, out in sections)


@pytest.mark.parametrize("code", FaultCode)
def test_each_fault_of_form_is_found_somewhere(code: FaultCode) -> None:
    assert code.code in named()


def test_each_sub_indication_that_a_rule_gives_comes_out() -> None:
    """But for NO_POE: revocation data that are not proved to be old enough are told first, though both rules fail."""
    given = {sub for rule in Rule for sub in rule.may_give}
    assert {sub for sub in given if sub.value not in named()} == {SubIndication.NO_POE}


@pytest.mark.parametrize(
    "kind",
    [
        *errors.CertificateRefused.__subclasses__(),
        *errors.WrongProfile.__subclasses__(),
        *errors.ChallengeRefused.__subclasses__(),
        errors.Malformed,
        errors.RevocationDataRefused,
        errors.StatusUnknown,
        errors.WrongSignature,
    ],
)
def test_each_class_of_refusal_is_reached(kind: type[errors.WarifuError]) -> None:
    assert kind.__name__ in named()
