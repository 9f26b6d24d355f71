"""Reports: as JSON for programs, in words for people."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest

from tests.documents.cms_world import Made
from tests.pki import world
from tests.pki.world import NOW
from tests.verifier.document_scene import Judgement, list_of, made, revoked, stamped
from warifu.documents import Change, ChangeKind, Coverage, Fault, FaultCode, Form, read_signatures
from warifu.person import Address, Name, Sex
from warifu.verifier import (
    Check,
    DocumentReport,
    Indication,
    Material,
    Outcome,
    ReportLanguage,
    Rule,
    SubIndication,
    report_to_json,
    report_to_text,
    tell_report,
)
from warifu.verifier.report_words import CHANGES, FORMS, LABELS, SEXES
from warifu.verifier.rule_words import sentence

LANGUAGES: tuple[ReportLanguage, ...] = get_args(ReportLanguage)
REPORT = Judgement().report()


def test_json_is_json_with_names_that_stay() -> None:
    told = json.loads(json.dumps(report_to_json(REPORT)))
    assert sorted(told) == ["at", "document", "indication", "schema", "signatures"]
    assert (told["schema"], told["at"], told["indication"]) == (1, "2026-11-22T03:04:05Z", "TOTAL-PASSED")
    [signature] = told["signatures"]
    assert sorted(signature) == [
        "authority_key",
        "best_time",
        "checks",
        "claimed_at",
        "coverage",
        "form",
        "indication",
        "other_signer",
        "pairwise_id",
        "place",
        "real",
        "signer",
        "sub_indication",
        "timestamps",
        "trust",
    ]
    assert sorted(signature["checks"][0]) == ["clause", "means", "outcome", "rule", "saw", "sub_indication"]


def test_the_six_attributes_stand_there_exactly_as_certified() -> None:
    """With the positions of characters that stand for others (代替文字)."""
    attributes = replace(world.HANAKO, name=Name("髙﨑　花子"), address=Address("東京都清瀬市𠮷町１番"))
    certificate = world.signing_certificate(attributes=attributes)
    holder = replace(Made().holder, certificate=certificate)
    report = Judgement(found=read_signatures(made(holder=holder).encode())).report()
    [signature] = report.signatures
    assert signature.signer is not None
    marks = signature.signer.name_substitutes + signature.signer.address_substitutes
    told = report_to_json(report)["signatures"][0]["signer"]
    assert told["name_substitutes"] + told["address_substitutes"] == marks
    assert told["name"] == signature.signer.name
    rows = dict(tell_report(report, "ja").signatures[0].signer)
    places = [number for number, mark in enumerate(signature.signer.address_substitutes, 1) if mark == "1"]
    assert places != []
    assert rows["住所の代替文字"].startswith(str(places[0]))


def test_no_report_tells_a_serial_number() -> None:
    """公的個人認証法 第63条."""
    told = json.dumps(report_to_json(REPORT)) + report_to_text(REPORT, "ja")
    assert str(world.SERIAL) not in told
    assert f"{world.SERIAL:x}" not in told.lower()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_says_why(language: ReportLanguage) -> None:
    material = Material(crls=(list_of(revoked(NOW - timedelta(days=1))),))
    text = report_to_text(Judgement(material=material).report(), language, "deed.p7m")
    assert "[INDETERMINATE / REVOKED_NO_POE]" in text
    assert {"ja": "失効しており", "en": "has been revoked"}[language] in text
    assert "電子署名法" in text
    assert "deed.p7m" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_document_without_signatures(language: ReportLanguage) -> None:
    report = replace(REPORT, signatures=())
    assert report.indication is Indication.INDETERMINATE
    assert report_to_text(report, language).startswith({"ja": "署名がありません", "en": "Nothing"}[language])


def test_the_worst_signature_decides() -> None:
    good, unknown, bad = (
        replace(REPORT.signatures[0], indication=each)
        for each in (Indication.TOTAL_PASSED, Indication.INDETERMINATE, Indication.TOTAL_FAILED)
    )
    for signatures, worst in (((good,), good), ((good, unknown), unknown), ((unknown, bad, good), bad)):
        assert DocumentReport(b"", NOW, signatures).indication is worst.indication


def test_whoever_signed_with_an_invented_card_proves_nothing_about_anybody() -> None:
    [told] = tell_report(REPORT, "ja").signatures
    assert any("架空の認証局" in note for note in told.notes)
    assert any("電子署名法第3条" in note for note in told.notes)


def test_what_the_document_chose_commands_no_terminal() -> None:
    """Names of fields, of files and places of faults come from whoever made the document."""
    evil = "\x1b]0;owned\x07\u202efield\n"
    [found] = read_signatures(Made().encode())
    faults = (Fault(FaultCode.XML_STRUCTURE, evil),)
    report = Judgement(found=(replace(found, place=evil, faults=faults),)).report()
    for language in LANGUAGES:
        text = report_to_text(report, language, evil)
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
        assert "field" in text


def test_timestamps_and_revisions_are_told() -> None:
    [found] = read_signatures(stamped(Made(), NOW - timedelta(hours=1)).encode())
    coverage = Coverage(False, 1, 2, (Change(2, ChangeKind.VALIDATION_DATA, allowed=True),))
    report = Judgement(found=(replace(found, coverage=coverage),)).report()
    told = report_to_json(report)["signatures"][0]
    assert told["timestamps"][0]["at"] == "2026-11-22T02:04:05Z"
    assert told["coverage"]["changes"] == [{"revision": 2, "kind": "validation-data", "allowed": True}]
    assert "1/2" in report_to_text(report, "en")
    assert "validation data" in report_to_text(report, "en")


def test_every_fact_has_a_label() -> None:
    """What a check saw is told in words that are known."""
    seen = {key for signature in REPORT.signatures for check in signature.checks for key in check.saw}
    assert seen - set(LABELS) == set()
    assert (set(FORMS), set(CHANGES), set(SEXES)) == (set(Form), set(ChangeKind), set(Sex))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_of_every_rule_has_a_sentence(language: ReportLanguage) -> None:
    for rule in Rule:
        for sub in (None, *rule.may_give):
            for outcome in Outcome:
                assert sentence(Check(rule, outcome, {}, sub), language)


def test_sub_indications_belong_to_the_indication_of_the_standard() -> None:
    """ETSI EN 319 102-1 §5.1.3, tables 5 and 6."""
    failures = {each.value for each in SubIndication if each.indication is Indication.TOTAL_FAILED}
    assert failures == {
        "FORMAT_FAILURE", "HASH_FAILURE", "SIG_CRYPTO_FAILURE", "REVOKED", "EXPIRED", "NOT_YET_VALID",
    }  # fmt: skip
