"""Signed documents judged: each rule by a document that breaks it and nothing else, with the exact sub-indication."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.documents import world as documents
from tests.documents.cms_world import CONTENT, RS256, Made, attribute, named
from tests.pki import world
from tests.pki.world import ENDS, ISSUED, NOW, SIGNING
from tests.tsa import world as tsa
from tests.verifier.document_scene import (
    DAY,
    PASSED,
    Judgement,
    Seen,
    answer_about,
    attributes,
    check_of,
    failed,
    list_of,
    made,
    responder,
    revoked,
    stamped,
    token,
)
from warifu.documents import Form, read_signatures, sign_cms
from warifu.errors import Malformed
from warifu.pki import CaCertificate, PersonalData, Reason, Standing, der
from warifu.verifier import (
    RULE_WORDS,
    Anchor,
    Anchors,
    DocumentTrust,
    Indication,
    Material,
    Memory,
    Outcome,
    Policy,
    Rule,
    SoundAlgorithms,
    SubIndication,
    VerifierKind,
    check_crl,
    document_needs,
)

S = SubIndication
GOOD = Judgement()


def judged(one: Made, **changes: Any) -> Judgement:
    return replace(GOOD, found=read_signatures(one.encode()), **changes)


# --- what is good -----------------------------------------------------------------------------------------------------


def test_a_good_document_passes_every_rule() -> None:
    signature = GOOD.signature()
    assert (signature.indication, signature.sub_indication) == PASSED
    assert {check.outcome for check in signature.checks} == {Outcome.PASSED}
    assert signature.best_time == NOW
    assert isinstance(signature.signer, PersonalData)
    assert signature.signer.attributes() == world.HANAKO


@pytest.mark.parametrize("make", documents.HOLDERS.values(), ids=list(documents.HOLDERS))
def test_what_we_sign_passes(make: Callable[[], documents.Holder]) -> None:
    holder = make()
    found = read_signatures(sign_cms(CONTENT, holder.witness, documents.AT, attached=True))
    anchors = Anchors.load([holder.issuer.certificate_der])
    material = Material(crls=(list_of(issuer=holder.issuer),))
    assert GOOD.says(found=found, anchors=anchors, material=material) == PASSED


def test_a_list_checked_before_serves_as_well() -> None:
    checked = check_crl(list_of(), GOOD.anchors)
    assert GOOD.says(material=Material(crls=(checked,))) == PASSED


def test_a_memory_changes_nothing() -> None:
    memory = Memory()
    for _ in range(2):
        assert GOOD.says(trust={"memory": memory}) == PASSED
    assert len(memory) == 1


def test_the_report_tells_signers_apart_without_telling_who() -> None:
    """公的個人認証法 第63条: no serial number in it."""
    one = GOOD.signature(trust={"pairwise_secret": b"one"}).pairwise_id
    other = GOOD.signature(trust={"pairwise_secret": b"other"}).pairwise_id
    assert one is not None
    assert one != other
    assert GOOD.signature().pairwise_id is None
    assert str(world.SERIAL) not in repr(GOOD.report())


# --- the document alone -----------------------------------------------------------------------------------------------


def test_a_fault_of_form_fails() -> None:
    """ETSI EN 319 102-1 §5.2.2."""
    one = made(sort=False, attributes=sorted(Made().default_attributes(), reverse=True))
    assert judged(one).says() == failed(S.FORMAT_FAILURE)


def test_a_missing_certificate_leaves_the_signer_unknown() -> None:
    """ETSI EN 319 102-1 §5.2.3."""
    one = made(certificates=[world.authority(SIGNING).certificate_der])
    assert judged(one).says() == failed(S.NO_SIGNING_CERTIFICATE_FOUND)


def test_another_certificate_than_the_named_one() -> None:
    """A certificate of the same name, serial number and key, put in place of the one that was signed along."""
    other = world.signing_certificate(common_name="0000")
    one = made(attributes=attributes(other))
    assert judged(one).says() == failed(S.NO_SIGNING_CERTIFICATE_FOUND)


def test_a_changed_content_fails() -> None:
    """ETSI EN 319 102-1 §5.2.7; 電子署名法 第2条第1項第2号."""
    assert judged(made(content=b"another deed")).says() == failed(S.HASH_FAILURE)


def test_a_missing_content_leaves_it_open() -> None:
    assert judged(made(content=None)).says() == failed(S.SIGNED_DATA_NOT_FOUND)
    detached = read_signatures(made(content=None).encode(), detached=CONTENT)
    assert GOOD.says(found=detached) == PASSED
    other = read_signatures(made(content=None).encode(), detached=b"other")
    assert GOOD.says(found=other) == failed(S.HASH_FAILURE)


def test_a_signature_by_another_key_fails() -> None:
    [found] = GOOD.found
    spoilt = bytes((found.signature[0] ^ 1,)) + found.signature[1:]
    assert GOOD.says(found=(replace(found, signature=spoilt),)) == failed(S.SIG_CRYPTO_FAILURE)


def test_changed_attributes_fail() -> None:
    [found] = GOOD.found
    assert GOOD.says(found=(replace(found, signed=found.signed + b"\0"),)) == failed(S.SIG_CRYPTO_FAILURE)


def test_a_signature_policy_is_not_processed() -> None:
    """ETSI EN 319 102-1 §5.2.4."""
    certificate = world.signing_certificate()
    policy = attribute("1.2.840.113549.1.9.16.2.15", der.encode(der.SEQUENCE, der.object_identifier("1.2.3.4")))
    one = made(attributes=attributes(certificate, policy))
    assert judged(one).says() == failed(S.SIGNATURE_POLICY_NOT_AVAILABLE)


def test_sha1_is_believed_no_longer() -> None:
    """ETSI EN 319 102-1 §5.2.8.4: at the moment of validation."""
    from tests.documents.cms_world import SHA1, content_type, message_digest

    one = made(
        digest_algorithm=SHA1,
        digest_algorithms=[SHA1],
        attributes=[content_type(), message_digest(CONTENT, "sha1"), named(world.signing_certificate())],
    )
    [found] = read_signatures(one.encode())
    assert found.faults != ()  # RSA with SHA-256 over a SHA-1 digest
    assert GOOD.says(found=(replace(found, faults=()),)) == failed(S.CRYPTO_CONSTRAINTS_FAILURE_NO_POE)


# --- the certificate --------------------------------------------------------------------------------------------------


def test_an_authority_that_is_not_trusted() -> None:
    """ETSI EN 319 102-1 §5.2.6."""
    strangers = Anchors.load([world.authority(SIGNING, 2).certificate_der])
    signature = GOOD.signature(anchors=strangers)
    assert signature.sub_indication is S.NO_CERTIFICATE_CHAIN_FOUND
    assert signature.signer is None


def test_a_certificate_that_was_tampered_with() -> None:
    certificate = world.signing_certificate()
    spoilt = certificate[:-1] + bytes((certificate[-1] ^ 1,))
    one = made(certificates=[spoilt], attributes=attributes(spoilt))
    assert judged(one).says() == failed(S.CERTIFICATE_CHAIN_GENERAL_FAILURE)


def test_an_authentication_certificate_signs_no_document() -> None:
    """公的個人認証法 第3条, 第22条: the two kinds of certificate."""
    certificate = world.authentication_certificate()
    holder = replace(documents.rsa(), certificate=certificate, issuer=world.authority(world.AUTHENTICATION))
    one = made(holder=holder)
    both = Anchors.load(world.authority(kind).certificate_der for kind in (SIGNING, world.AUTHENTICATION))
    assert judged(one, anchors=both).says() == failed(S.CHAIN_CONSTRAINTS_FAILURE)


def test_before_its_time_a_certificate_signs_nothing() -> None:
    early = ISSUED - DAY
    assert judged(Made(), at=early).says() == failed(S.NOT_YET_VALID)


def test_after_its_time_a_signature_needs_a_proof() -> None:
    """ETSI EN 319 102-1 §5.2.6.4, §5.5.4; 電子署名法 第3条."""
    after = ENDS + DAY
    assert judged(Made(), at=after).says() == failed(S.OUT_OF_BOUNDS_NO_POE)


def test_the_last_second_of_a_certificate_counts() -> None:
    material = Material(crls=(list_of(this_update=ENDS - timedelta(hours=1)),))
    assert GOOD.says(at=ENDS, material=material) == PASSED
    after = ENDS + timedelta(seconds=1)
    assert GOOD.says(at=after, material=material) == failed(S.OUT_OF_BOUNDS_NO_POE)


class RealAnchor(Anchor):
    """An anchor that passes for J-LIS's own: the real keys sign nothing for us."""

    real = True


# --- whether it lost its effect ---------------------------------------------------------------------------------------


def test_without_revocation_data_nobody_can_tell() -> None:
    assert GOOD.says(material=Material()) == failed(S.TRY_LATER)


def test_old_revocation_data_tell_nothing_about_now() -> None:
    old = Material(crls=(list_of(this_update=NOW - 10 * DAY),))
    assert GOOD.says(material=old) == failed(S.TRY_LATER)


def test_another_authoritys_list_tells_nothing() -> None:
    other = Material(crls=(list_of(issuer=world.authority(SIGNING, 2)),))
    assert GOOD.says(material=other) == failed(S.TRY_LATER)


def test_a_list_from_the_future_tells_nothing() -> None:
    future = Material(crls=(list_of(this_update=NOW + DAY),))
    assert GOOD.says(material=future) == failed(S.TRY_LATER)


def test_an_answer_serves_as_well_as_a_list() -> None:
    assert GOOD.says(material=Material(ocsps=(answer_about(),))) == PASSED


def test_an_answer_about_another_certificate_tells_nothing() -> None:
    other = Material(ocsps=(answer_about(serial_number=world.SERIAL + 1),))
    assert GOOD.says(material=other) == failed(S.TRY_LATER)


def test_a_certificate_that_was_never_issued() -> None:
    unknown = Material(ocsps=(answer_about(Standing.UNKNOWN),))
    assert GOOD.says(material=unknown) == failed(S.CERTIFICATE_CHAIN_GENERAL_FAILURE)


def test_a_revoked_certificate_needs_a_proof_of_the_time_before() -> None:
    """ETSI EN 319 102-1 §5.2.6.4: revoked, and nothing shows that the signature is older."""
    material = Material(crls=(list_of(revoked(NOW - DAY)),))
    assert GOOD.says(material=material) == failed(S.REVOKED_NO_POE)


def test_revoked_once_is_revoked_for_ever() -> None:
    """公的個人認証法 第15条: a later list without the entry does not bring it back."""
    material = Material(
        crls=(list_of(revoked(NOW - 2 * DAY), this_update=NOW - DAY), list_of()), ocsps=(answer_about(),)
    )
    assert GOOD.says(material=material) == failed(S.REVOKED_NO_POE)


def test_a_held_certificate_may_resume() -> None:
    """A phone's hold may be lifted (一時保留)."""
    held = list_of(revoked(NOW - 2 * DAY, Reason.CERTIFICATE_HOLD), this_update=NOW - DAY)
    assert GOOD.says(material=Material(crls=(held,))) == failed(S.TRY_LATER)
    assert GOOD.says(material=Material(crls=(held, list_of()))) == PASSED


def test_a_revocation_after_a_hold_counts_from_the_hold() -> None:
    held = list_of(revoked(NOW - 2 * DAY, Reason.CERTIFICATE_HOLD), this_update=NOW - DAY)
    one = stamped(Made(), NOW - DAY)
    material = Material(crls=(held, list_of(revoked(NOW - timedelta(hours=2)))))
    assert judged(one, material=material).says() == failed(S.REVOKED_NO_POE)


def test_an_answer_of_a_responder_that_has_ended_needs_a_proof() -> None:
    """ETSI EN 319 102-1 §5.2.6.4: REVOCATION_OUT_OF_BOUNDS_NO_POE."""
    ended = responder(NOW - timedelta(hours=1))
    material = Material(ocsps=(answer_about(at=NOW - timedelta(hours=2), responder=ended),))
    assert GOOD.says(material=material) == failed(S.REVOCATION_OUT_OF_BOUNDS_NO_POE)


def test_what_a_real_authority_issued_is_confirmed_by_certified_verifiers_only() -> None:
    """公的個人認証法 第17条: anything else is no confirmation."""
    anchors = Anchors([RealAnchor(CaCertificate.decode(world.authority(SIGNING).certificate_der))])
    signature = GOOD.signature(anchors=anchors)
    assert (signature.indication, signature.sub_indication) == failed(S.CUSTOM)
    assert "第17条" in RULE_WORDS[Rule.MAY_CONFIRM].unknown.japanese
    assert Rule.REVOCATION not in {check.rule for check in signature.checks}
    certified = Policy(VerifierKind.CERTIFIED)
    assert GOOD.says(anchors=anchors, trust={"policy": certified}) == PASSED


# --- with time --------------------------------------------------------------------------------------------------------


def test_a_timestamp_proves_when_the_signature_existed() -> None:
    """ETSI EN 319 102-1 §5.5."""
    at = NOW - timedelta(hours=1)
    signature = judged(stamped(Made(), at)).signature()
    assert (signature.indication, signature.sub_indication) == PASSED
    assert signature.best_time == at.replace(microsecond=0)


def test_revoked_after_the_timestamp_the_signature_stands() -> None:
    """ETSI EN 319 102-1 §5.5.4."""
    one = stamped(Made(), NOW - 3 * DAY)
    later = Material(crls=(list_of(revoked(NOW - DAY)),))
    assert judged(one, material=later).says() == PASSED


def test_revoked_before_the_timestamp_nothing_is_proved() -> None:
    one = stamped(Made(), NOW - DAY)
    before = Material(crls=(list_of(revoked(NOW - 3 * DAY)),))
    assert judged(one, material=before).says() == failed(S.REVOKED_NO_POE)


def test_signed_after_the_revocation_fails_for_certain() -> None:
    """A timestamp under the signature shows that it was made later (ETSI EN 319 102-1 §5.3.4)."""
    content = attribute("1.2.840.113549.1.9.16.2.20", token(CONTENT, NOW - DAY))
    one = made(attributes=attributes(world.signing_certificate(), content))
    before = Material(crls=(list_of(revoked(NOW - 3 * DAY)),))
    assert judged(one, material=before).says() == failed(S.REVOKED)
    assert judged(one).says() == PASSED


def test_signed_after_the_certificates_end_fails_for_certain() -> None:
    content = attribute("1.2.840.113549.1.9.16.2.20", token(CONTENT, ENDS + DAY))
    one = made(attributes=attributes(world.signing_certificate(), content))
    assert judged(one, at=ENDS + 2 * DAY).says() == failed(S.EXPIRED)


def test_expired_since_the_timestamp_the_signature_stands() -> None:
    """With revocation data of that time: authorities forget what ended (RFC 5280 §3.3)."""
    at = ENDS - timedelta(hours=2)
    one = stamped(Made(), at)
    then = Material(crls=(list_of(this_update=ENDS - timedelta(hours=1)),))
    assert judged(one, at=ENDS + DAY, material=then).says() == PASSED
    now = Material(crls=(list_of(this_update=ENDS + timedelta(hours=1)),))
    assert judged(one, at=ENDS + DAY, material=now).says() == failed(S.TRY_LATER)


def test_a_timestamp_before_the_certificate_fails() -> None:
    one = stamped(Made(), ISSUED - DAY)
    assert judged(one).says() == failed(S.NOT_YET_VALID)


def test_timestamps_that_contradict_each_other() -> None:
    """ETSI EN 319 102-1 §5.5.4: TIMESTAMP_ORDER_FAILURE."""
    content = attribute("1.2.840.113549.1.9.16.2.20", token(CONTENT, NOW - DAY))
    one = stamped(made(attributes=attributes(world.signing_certificate(), content)), NOW - 2 * DAY)
    assert judged(one).says() == failed(S.TIMESTAMP_ORDER_FAILURE)


def told_by(judgement: Judgement) -> tuple[Indication, SubIndication | None]:
    [stamp] = judgement.signature().timestamps
    return stamp.indication, stamp.sub_indication


def test_a_timestamp_of_strangers_proves_nothing() -> None:
    """It does not spoil the signature either: only its time is not proved (ETSI EN 319 102-1 §5.5.4)."""
    judgement = judged(stamped(Made(), NOW - DAY), timestamp_anchors=())
    assert told_by(judgement) == failed(S.NO_CERTIFICATE_CHAIN_FOUND)
    signature = judgement.signature()
    assert (signature.indication, signature.best_time) == (Indication.TOTAL_PASSED, NOW)
    assert check_of(signature, Rule.TIMESTAMP).outcome is Outcome.UNKNOWN


def test_a_timestamp_over_something_else_proves_nothing() -> None:
    one = made(unsigned=[attribute("1.2.840.113549.1.9.16.2.14", token(b"another signature", NOW - DAY))])
    assert told_by(judged(one)) == failed(S.HASH_FAILURE)


def test_a_timestamp_that_cannot_be_read_proves_nothing() -> None:
    one = made(unsigned=[attribute("1.2.840.113549.1.9.16.2.14", b"\x30\x00")])
    assert told_by(judged(one)) == failed(S.FORMAT_FAILURE)


def test_a_timestamp_from_the_future_proves_nothing() -> None:
    assert told_by(judged(stamped(Made(), NOW + DAY))) == failed(S.TIMESTAMP_ORDER_FAILURE)


def test_a_timestamp_whose_certificate_has_ended_proves_nothing_alone() -> None:
    """ETSI EN 319 102-1 §5.4; it needs a later one over it (§5.6.3)."""
    unit_ends = tsa.unit().certificate.not_valid_after_utc
    judgement = judged(stamped(Made(), NOW - DAY), at=unit_ends + DAY)
    assert told_by(judgement) == failed(S.OUT_OF_BOUNDS_NO_POE)


def test_a_certificate_for_something_else_makes_no_timestamps() -> None:
    """RFC 3161 §2.3: the root's own key stamps nothing."""
    [found] = read_signatures(stamped(Made(), NOW - DAY).encode())
    anchors = (world.authority(SIGNING).certificate_der,)
    assert told_by(replace(GOOD, found=(found,), timestamp_anchors=anchors)) == failed(S.NO_CERTIFICATE_CHAIN_FOUND)


# --- algorithms -------------------------------------------------------------------------------------------------------


def sunset(name: str, at: Any) -> SoundAlgorithms:
    return SoundAlgorithms(SoundAlgorithms().until | {name: at})  # type: ignore[operator]


def test_an_algorithm_that_was_never_believed() -> None:
    without = SoundAlgorithms({name: until for name, until in SoundAlgorithms().until.items() if name != "sha256"})
    [check] = [each for each in GOOD.signature(algorithms=without).checks if each.rule is Rule.ALGORITHM]
    assert (check.outcome, check.sub_indication) == (Outcome.FAILED, S.CRYPTO_CONSTRAINTS_FAILURE)


def test_an_algorithm_that_is_believed_no_longer() -> None:
    """ETSI EN 319 102-1 §5.6.2.2.4: a proof from before would help."""
    signature = GOOD.signature(algorithms=sunset("sha256", NOW - DAY))
    assert check_of(signature, Rule.ALGORITHM).sub_indication is S.CRYPTO_CONSTRAINTS_FAILURE_NO_POE


# --- what to gather ---------------------------------------------------------------------------------------------------


def test_only_certificates_that_an_anchor_issued_need_anything() -> None:
    trust = DocumentTrust(GOOD.anchors)
    [need] = document_needs(GOOD.found, trust)
    assert need.issuer_key_id == world.authority(SIGNING).key_id
    assert document_needs(GOOD.found, DocumentTrust(Anchors([]))) == ()


def test_each_certificate_is_asked_about_once() -> None:
    assert len(document_needs(GOOD.found * 3, DocumentTrust(GOOD.anchors))) == 1


def test_each_rule_says_what_it_means_in_two_languages() -> None:
    for rule in Rule:
        said = RULE_WORDS[rule]
        sentences = (said.passed, said.failed, said.unknown)
        assert all(words.japanese.endswith("。") and words.english.endswith((".", ").")) for words in sentences)


def test_plain_cms_names_no_certificate_and_is_still_judged() -> None:
    """RFC 5652 alone: S/MIME and older tools."""
    one = made(plain=True)
    [found] = read_signatures(one.encode())
    assert found.form is Form.CMS
    assert judged(one).says() == PASSED
    assert one.algorithm == RS256


# --- another moment ---------------------------------------------------------------------------------------------------


def test_data_of_today_tell_about_the_past() -> None:
    """Whoever asks about a past moment vouches that the document existed then."""
    today = Material(crls=(list_of(),))
    asked = NOW - 2 * DAY
    assert GOOD.says(at=asked, material=today) == failed(S.TRY_LATER)
    assert GOOD.says(at=asked, now=NOW, material=today) == PASSED
    later = Material(crls=(list_of(revoked(NOW - DAY)),))
    assert GOOD.says(at=asked, now=NOW, material=later) == PASSED
    before = Material(crls=(list_of(revoked(NOW - 3 * DAY)),))
    assert GOOD.says(at=asked, now=NOW, material=before) == failed(S.REVOKED_NO_POE)


# --- what was seen before ---------------------------------------------------------------------------------------------


def test_a_revocation_that_was_seen_is_not_forgotten() -> None:
    """公的個人認証法 第15条: whatever the authority tells later."""
    seen = {"seen": Seen()}
    assert GOOD.says(trust=seen) == PASSED
    assert GOOD.says(trust=seen, material=Material(crls=(list_of(revoked(NOW - DAY)),))) == failed(S.REVOKED_NO_POE)
    assert GOOD.says(trust=seen) == failed(S.REVOKED_NO_POE)
    assert judged(stamped(Made(), NOW - 2 * DAY), trust=seen).says() == PASSED


def test_a_hold_that_was_seen_is_forgotten() -> None:
    seen = {"seen": Seen()}
    held = list_of(revoked(NOW - DAY, Reason.CERTIFICATE_HOLD))
    assert GOOD.says(trust=seen, material=Material(crls=(held,))) == failed(S.TRY_LATER)
    assert GOOD.says(trust=seen) == PASSED


def test_a_digest_that_nobody_computes_leaves_it_open() -> None:
    [found] = GOOD.found
    [integrity] = found.integrity
    unknown = replace(found, integrity=(replace(integrity, algorithm="1.2.3", actual=None),))
    assert GOOD.says(found=(unknown,)) == failed(S.CRYPTO_CONSTRAINTS_FAILURE)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1949, 12, 31, tzinfo=UTC),
        datetime(9000, 1, 1, tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
        datetime(2026, 11, 22),  # noqa: DTZ001 - that is what is refused
    ],
    ids=["1", "1949", "9000", "9999", "no time zone"],
)
def test_no_document_is_judged_as_of_such_a_moment(moment: datetime) -> None:
    """Nothing can be reckoned from it; the first and the last that are judged as of are."""
    with pytest.raises(Malformed):
        GOOD.report(at=moment)
    with pytest.raises(Malformed):
        GOOD.report(now=moment)
    assert GOOD.says(at=datetime(1950, 1, 1, tzinfo=UTC)) == failed(S.NOT_YET_VALID)
    assert GOOD.says(at=datetime(8999, 12, 31, tzinfo=UTC))[0] is Indication.INDETERMINATE
