"""Signatures of signers outside of JPKI that outlive signer, issuer and root: levels B, T, LT and LTA, of each form."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from tests.pki import world
from tests.pki.world import NOW
from tests.tsa import world as tsa
from tests.verifier.document_scene import PASSED, Judgement, failed
from tests.verifier.outside_scene import (
    DAY,
    EMPTY,
    MIDDLE,
    ROOT,
    SIGNER,
    SIGNS,
    certify,
    list_by,
    serial_of,
    signed_by,
)
from tests.verifier.outside_signing import pdf_by_pyhanko, xml_by_signxml
from tests.verifier.test_documents_lasting import stamp
from warifu.documents import Level, extend, read_signatures
from warifu.documents import Material as Carried
from warifu.verifier import DocumentTrust, Material, SignerTrust, SubIndication, TimestampTrust
from warifu.verifier.evidence import begin_record, check_evidence, make_evidence, record_imprint

S = SubIndication
SIGNED = NOW.replace(microsecond=0)
BEGINS = NOW - 100 * DAY
OF_SIGNER = certify(MIDDLE, SIGNER, SIGNS, times=(BEGINS, NOW + 400 * DAY))
OF_MIDDLE = certify(ROOT, MIDDLE, times=(BEGINS, NOW + 1000 * DAY))
OF_ROOT = certify(ROOT, ROOT, times=(BEGINS, NOW + 2000 * DAY))
SIGNER_OVER, MIDDLE_OVER, ROOT_OVER = NOW + 500 * DAY, NOW + 1500 * DAY, NOW + 2500 * DAY
LISTS = (list_by(ROOT), list_by(MIDDLE))

MAKERS: dict[str, Callable[[], bytes]] = {
    "CMS": lambda: signed_by(OF_SIGNER, OF_MIDDLE).encode(),
    "PDF": lambda: pdf_by_pyhanko(OF_SIGNER, OF_MIDDLE),
    "XML": lambda: xml_by_signxml(OF_SIGNER, OF_MIDDLE),
}
each_form = pytest.mark.parametrize("form", MAKERS)


@cache
def made(form: str, level: Level) -> bytes:
    signed = MAKERS[form]()
    if level is Level.B:
        return signed
    stamped = extend(signed, Level.T, stamp=stamp(SIGNED))
    if level is Level.T:
        return stamped
    carried = Carried((OF_MIDDLE, OF_ROOT, tsa.root().certificate_der), LISTS, ())
    return extend(stamped, level, material=carried, stamp=stamp(SIGNED + DAY))


def judged(form: str, level: Level, at: Any, *crls: bytes) -> Judgement:
    trust = {"signers": SignerTrust((OF_ROOT,))}
    found = read_signatures(made(form, level))
    return replace(Judgement(), found=found, anchors=EMPTY, material=Material((), crls), at=at, trust=trust)


@each_form
@pytest.mark.parametrize("level", [Level.B, Level.T])
def test_now_with_lists_at_hand(form: str, level: Level) -> None:
    """ETSI EN 319 102-1 §5.3, §5.5."""
    assert judged(form, level, NOW, *LISTS).says() == PASSED


@each_form
def test_with_everything_in_the_document_nobody_is_asked(form: str) -> None:
    assert judged(form, Level.LT, NOW + DAY).says() == PASSED


@each_form
def test_the_signer_has_ended(form: str) -> None:
    assert judged(form, Level.B, SIGNER_OVER, *LISTS).says() == failed(S.OUT_OF_BOUNDS_NO_POE)
    assert judged(form, Level.T, SIGNER_OVER).says() == failed(S.TRY_LATER)
    assert judged(form, Level.LT, SIGNER_OVER).says() == PASSED
    assert judged(form, Level.LTA, SIGNER_OVER).says() == PASSED


@each_form
@pytest.mark.parametrize("at", [MIDDLE_OVER, ROOT_OVER], ids=["issuer", "root"])
def test_an_authority_has_ended(form: str, at: Any) -> None:
    """ETSI EN 319 102-1 §5.6.2.2: what nobody vouches for any more must be proved to be older."""
    assert judged(form, Level.LT, at).says() == failed(S.REVOCATION_OUT_OF_BOUNDS_NO_POE)
    signature = judged(form, Level.LTA, at).signature()
    assert (signature.indication, signature.sub_indication) == PASSED
    assert signature.best_time == SIGNED


@each_form
def test_an_authority_was_revoked_since(form: str) -> None:
    """The archive timestamp is older than the revocation: all stands. Without it nothing does."""
    later = list_by(ROOT, (serial_of(ROOT, MIDDLE), NOW + 30 * DAY), made=NOW + 40 * DAY, lasts=9000 * DAY)
    assert judged(form, Level.LTA, SIGNER_OVER, later).says() == PASSED
    assert judged(form, Level.LT, SIGNER_OVER, later).says() == failed(S.REVOCATION_OUT_OF_BOUNDS_NO_POE)


@each_form
def test_an_authority_was_revoked_before(form: str) -> None:
    before = list_by(ROOT, (serial_of(ROOT, MIDDLE), NOW - 30 * DAY), made=NOW + 40 * DAY, lasts=9000 * DAY)
    says = judged(form, Level.LTA, SIGNER_OVER, before).says()
    assert says[1] in (S.REVOCATION_OUT_OF_BOUNDS_NO_POE, S.REVOKED_CA_NO_POE)


@each_form
def test_evidence_holds_when_all_have_ended(form: str) -> None:
    """A bundle has everything but whom to trust (RFC 4998, ETSI EN 319 102-1 §5.6)."""
    document = made(form, Level.B)
    found = read_signatures(document)
    trust = DocumentTrust(EMPTY, TimestampTrust((tsa.root().certificate_der,)), signers=SignerTrust((OF_ROOT,)))
    material = Material((OF_MIDDLE,), LISTS)
    bundle = make_evidence(document, found, trust, material, NOW, world.signer(5))
    assert bundle.withheld == ()
    bundle = begin_record(bundle, token_over(record_imprint(bundle)))
    shown = check_evidence(bundle, trust, ROOT_OVER, document=document, found=found)
    assert shown.report is not None
    [signature] = shown.report.signatures
    assert (signature.indication, signature.sub_indication) == PASSED
    assert signature.outside is not None
    assert shown.recorded["signatures"][0]["trust"] == "other"
    stranger = replace(trust, signers=SignerTrust())
    assert (
        check_evidence(bundle, stranger, ROOT_OVER, document=document, found=found).indication.value != "TOTAL-PASSED"
    )


def token_over(imprint: bytes) -> bytes:
    from warifu.documents import ask_for_token

    return bytes(ask_for_token(stamp(SIGNED), imprint, "sha512").dump())
