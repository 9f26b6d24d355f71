"""Signers whom JPKI does not know, judged: a path of several tiers, each rule broken by one thing, by name."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.documents.cms_world import CONTENT, PKCS9, Made, attribute
from tests.pki import world
from tests.pki.world import NOW, SIGNING
from tests.tsa import world as tsa
from tests.verifier.document_scene import PASSED, Judgement, Seen, check_of, failed, stamped, token
from tests.verifier.outside_scene import (
    AUTHORITY,
    DAY,
    GOOD,
    MIDDLE,
    ROOT,
    SIGNER,
    SIGNER_WITH_SERVICE,
    SIGNS,
    Party,
    World,
    answer,
    certify,
    list_by,
    party,
    serial_of,
    signed_by,
    usage,
)
from warifu.documents import read_signatures
from warifu.pki import Reason, der
from warifu.town import pool
from warifu.verifier import (
    Indication,
    Material,
    Outcome,
    Rule,
    SignatureReport,
    SignerTrust,
    SoundAlgorithms,
    SubIndication,
    report_to_json,
    report_to_text,
)

S = SubIndication


def about(signature: SignatureReport, rule: Rule, which: str) -> tuple[Outcome, SubIndication | None]:
    """What a rule says about one certificate of the path."""
    [check] = [each for each in signature.checks if each.rule is rule and each.saw.get("of") == which]
    return check.outcome, check.sub_indication


def issuer_fault(world_: World) -> tuple[Any, str]:
    signature = world_.judgement().signature()
    return signature.sub_indication, check_of(signature, Rule.ISSUER).saw.get("why", "")


# --- who it is, and on what that stands -------------------------------------------------------------------------------


def test_a_path_of_three_is_followed() -> None:
    signature = GOOD.judgement().signature()
    assert (signature.indication, signature.sub_indication) == PASSED
    assert {check.outcome for check in signature.checks} == {Outcome.PASSED, Outcome.NOT_APPLICABLE}
    assert about(signature, Rule.REVOCATION, "signer") == (Outcome.PASSED, None)
    assert about(signature, Rule.REVOCATION, "authority 1") == (Outcome.PASSED, None)


def test_such_a_signer_is_nobody_of_jpki() -> None:
    """公的個人認証法 is about JPKI's certificates alone."""
    signature = GOOD.judgement(trust={"pairwise_secret": b"one"}).signature()
    assert signature.signer is None
    assert signature.outside is not None
    assert signature.outside.subject == "CN=Kakuu Taro,O=Kakuu Trust,C=JP"
    assert signature.outside.certificates == 3
    assert check_of(signature, Rule.MAY_CONFIRM).outcome is Outcome.NOT_APPLICABLE
    assert signature.pairwise_id is not None


def test_the_report_says_on_what_it_stands() -> None:
    report = GOOD.judgement().report()
    [told] = report_to_json(report)["signatures"]
    assert (told["trust"], told["signer"], told["real"]) == ("other", None, False)
    assert told["other_signer"]["issuer"] == "CN=Kakuu Issuing,O=Kakuu Trust,C=JP"
    text = report_to_text(report, "en")
    assert "公的個人認証法 does not bear on it" in text
    assert "it is no confirmation under 公的個人認証法" in text
    assert "An invented authority" not in text
    assert "公的個人認証法は関係しません" in report_to_text(report, "ja")


def test_signers_of_jpki_stay_signers_of_jpki() -> None:
    [told] = report_to_json(Judgement(trust={"signers": SignerTrust((GOOD.root,))}).report())["signatures"]
    assert (told["trust"], told["other_signer"], told["indication"]) == ("jpki", None, "TOTAL-PASSED")


def test_nobody_else_is_trusted_unless_told() -> None:
    assert GOOD.says(trust={"signers": SignerTrust()}) == failed(S.NO_CERTIFICATE_CHAIN_FOUND)


def test_a_root_that_the_document_brings_is_not_believed() -> None:
    stranger = party("Stranger")
    one = World(signer=certify(stranger, SIGNER, SIGNS), beside=(certify(stranger, stranger),))
    assert one.says() == failed(S.NO_CERTIFICATE_CHAIN_FOUND)


def test_an_authority_for_timestamps_is_none_for_signers() -> None:
    trust = {"signers": SignerTrust((tsa.root().certificate_der,))}
    assert GOOD.judgement(timestamp_anchors=(GOOD.root,), trust=trust).says() == failed(S.NO_CERTIFICATE_CHAIN_FOUND)


def test_what_jpki_issued_is_not_verified_under_others() -> None:
    """Whoever cross-certifies an authority of JPKI does not make its holders anybody's signers (第17条)."""
    jpki = world.authority(SIGNING)
    cross = x509.CertificateBuilder(
        ROOT.subject,
        jpki.certificate.subject,
        jpki.certificate.public_key(),
        5,
        NOW - DAY,
        NOW + DAY,
        [x509.Extension(each.oid, critical=True, value=each) for each, _critical in AUTHORITY],
    )
    certificate = cross.sign(ROOT.key, hashes.SHA256())
    made = replace(Made(), certificates=[Made().holder.certificate, certificate.public_bytes(Encoding.DER)])
    signature = GOOD.judgement(made).signature()
    assert signature.sub_indication is S.CERTIFICATE_CHAIN_GENERAL_FAILURE
    assert check_of(signature, Rule.ISSUER).saw["why"] == "WrongProfile"


def test_who_calls_himself_jlis_is_not_verified_under_others() -> None:
    name = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "ＪＰＫＩ")])

    class Impostor(Party):
        @property
        def subject(self) -> x509.Name:
            return name

    jlis = Impostor("J-LIS", MIDDLE.key)
    one = World(middle=certify(ROOT, jlis), signer=certify(jlis, SIGNER, SIGNS))
    assert issuer_fault(one) == (S.CERTIFICATE_CHAIN_GENERAL_FAILURE, "WrongProfile")


# --- rules for paths (RFC 5280 §6) ------------------------------------------------------------------------------------

UNKNOWN = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.392.9999.1"), b"\5\0"), True)
ELSEWHERE = x509.NameConstraints([x509.DirectoryName(party("x").subject)], None)
BROKEN = {
    "name constraints": World(middle=certify(ROOT, MIDDLE, (*AUTHORITY, (ELSEWHERE, True)))),
    "unknown critical extension": World(signer=certify(MIDDLE, SIGNER, (*SIGNS, UNKNOWN))),
    "unknown critical extension of an authority": World(middle=certify(ROOT, MIDDLE, (*AUTHORITY, UNKNOWN))),
    "issuer is no authority": World(middle=certify(ROOT, MIDDLE, SIGNS)),
    "issuer may sign no certificates": World(middle=certify(ROOT, MIDDLE, (*AUTHORITY, usage("crl_sign")))),
}


@pytest.mark.parametrize("one", BROKEN.values(), ids=list(BROKEN))
def test_a_rule_for_paths_that_is_broken(one: World) -> None:
    assert issuer_fault(one) == (S.CERTIFICATE_CHAIN_GENERAL_FAILURE, "WrongProfile")


def test_a_path_longer_than_its_root_allows() -> None:
    """RFC 5280 §4.2.1.9."""
    short = ((x509.BasicConstraints(ca=True, path_length=0), True),)
    third = party("Third")
    one = World(
        middle=certify(ROOT, MIDDLE, short),
        signer=certify(third, SIGNER, SIGNS),
        beside=(certify(ROOT, MIDDLE, short), certify(MIDDLE, third)),
    )
    assert issuer_fault(one) == (S.CERTIFICATE_CHAIN_GENERAL_FAILURE, "WrongProfile")


def test_a_certificate_that_its_issuer_did_not_sign() -> None:
    forged = World(signer=certify(MIDDLE, SIGNER, SIGNS, key=party("other").key))
    assert issuer_fault(forged) == (S.CERTIFICATE_CHAIN_GENERAL_FAILURE, "Tampered")


def test_a_certificate_signed_by_an_algorithm_that_never_was_sound() -> None:
    weak = World(signer=certify(MIDDLE, SIGNER, SIGNS, digest=hashes.SHA224()))
    assert weak.says() == failed(S.CRYPTO_CONSTRAINTS_FAILURE)


EXTENDED = x509.ExtendedKeyUsage
PURPOSES = {
    "key usage": (usage("key_encipherment"),),
    "TLS": (*SIGNS, (EXTENDED([ExtendedKeyUsageOID.SERVER_AUTH]), False)),
    "log-in": (*SIGNS, (EXTENDED([ExtendedKeyUsageOID.CLIENT_AUTH]), False)),
    "timestamps": (*SIGNS, (EXTENDED([ExtendedKeyUsageOID.TIME_STAMPING]), True)),
    "authority": (*AUTHORITY, usage("content_commitment", "key_cert_sign")),
}


@pytest.mark.parametrize("extensions", PURPOSES.values(), ids=list(PURPOSES))
def test_a_certificate_for_something_else(extensions: Any) -> None:
    """RFC 5280 §4.2.1.3, §4.2.1.12."""
    signature = World(signer=certify(MIDDLE, SIGNER, extensions)).judgement().signature()
    assert signature.sub_indication is S.CHAIN_CONSTRAINTS_FAILURE
    assert check_of(signature, Rule.CERTIFICATE_KIND).saw == {"why": "WrongKeyUsage"}


@pytest.mark.parametrize("oid", ["1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36", "1.2.840.113583.1.1.5", "2.5.29.37.0"])
def test_certificates_for_documents(oid: str) -> None:
    """E-mail, documents (RFC 9336), Adobe's, any."""
    extensions = (*SIGNS, (EXTENDED([x509.ObjectIdentifier(oid)]), False))
    assert World(signer=certify(MIDDLE, SIGNER, extensions)).says() == PASSED


# --- time -------------------------------------------------------------------------------------------------------------

ENDED = (NOW - 100 * DAY, NOW - DAY)
BEFORE = NOW - 2 * DAY


def old(**changes: Any) -> World:
    """Lists of a moment when everything was in its time."""
    made = BEFORE - timedelta(hours=1)
    return replace(GOOD, crls=(list_by(ROOT, made=made), list_by(MIDDLE, made=made)), **changes)


@pytest.mark.parametrize(
    "one",
    [
        old(signer=certify(MIDDLE, SIGNER, SIGNS, times=ENDED)),
        old(middle=certify(ROOT, MIDDLE, times=ENDED)),
    ],
    ids=["signer", "authority"],
)
def test_after_its_end_a_proof_is_needed(one: World) -> None:
    assert one.says() == failed(S.OUT_OF_BOUNDS_NO_POE)


def test_a_timestamp_proves_that_it_was_signed_in_time() -> None:
    one = old(signer=certify(MIDDLE, SIGNER, SIGNS, times=ENDED))
    assert one.judgement(stamped(one.made, BEFORE)).says() == PASSED


def test_lists_of_an_authority_that_has_ended_must_be_proved_to_be_older() -> None:
    """ETSI EN 319 102-1 §5.6.2.2: whoever has its key now could have written them today."""
    one = old(middle=certify(ROOT, MIDDLE, times=ENDED))
    signature = one.judgement(stamped(one.made, BEFORE)).signature()
    assert signature.indication is Indication.INDETERMINATE
    assert about(signature, Rule.REVOCATION, "signer")[1] is S.REVOCATION_OUT_OF_BOUNDS_NO_POE
    assert about(signature, Rule.PROOF_OF_EXISTENCE, "signer")[1] is S.NO_POE


def test_before_its_time_nobody_signs() -> None:
    early = World(signer=certify(MIDDLE, SIGNER, SIGNS, times=(NOW + DAY, NOW + 9 * DAY)))
    assert early.says() == failed(S.NOT_YET_VALID)


def test_an_authority_renewed_with_its_key_after_the_signature() -> None:
    """The certificate on the way is younger than the signature; the key is the same, and not revoked."""
    one = replace(GOOD, middle=certify(ROOT, MIDDLE, times=(NOW - DAY, NOW + 900 * DAY)))
    one = replace(one, crls=(list_by(ROOT), list_by(MIDDLE, made=NOW - timedelta(hours=1), lasts=7 * DAY)))
    assert one.judgement(stamped(one.made, NOW - 2 * DAY)).says() == PASSED


# --- status -----------------------------------------------------------------------------------------------------------

REVOKED_AT = NOW - DAY


def with_lists(*lists: bytes) -> World:
    return replace(GOOD, crls=lists)


def revoked(issuer: Party, subject: Party, **more: Any) -> bytes:
    return list_by(issuer, (serial_of(issuer, subject), REVOKED_AT), **more)


def test_a_revoked_signer() -> None:
    assert with_lists(list_by(ROOT), revoked(MIDDLE, SIGNER)).says() == failed(S.REVOKED_NO_POE)


def test_a_signer_revoked_since_the_timestamp() -> None:
    one = with_lists(list_by(ROOT), revoked(MIDDLE, SIGNER))
    assert one.judgement(stamped(one.made, REVOKED_AT - timedelta(hours=1))).says() == PASSED
    assert one.judgement(stamped(one.made, REVOKED_AT + timedelta(hours=1))).says() == failed(S.REVOKED_NO_POE)


def test_a_signer_revoked_before_a_timestamp_that_is_signed_along() -> None:
    """A timestamp under the signature is younger than the revocation: signed afterwards for certain."""
    late = attribute(PKCS9 + "16.2.20", token(CONTENT, REVOKED_AT + timedelta(hours=1)))
    made = GOOD.made
    made = replace(made, attributes=[*made.default_attributes(), late])
    assert with_lists(list_by(ROOT), revoked(MIDDLE, SIGNER)).judgement(made).says() == failed(S.REVOKED)


def test_a_signer_on_hold() -> None:
    held = revoked(MIDDLE, SIGNER, reason=x509.ReasonFlags.certificate_hold)
    assert with_lists(list_by(ROOT), held).says() == failed(S.TRY_LATER)


def test_a_revoked_authority() -> None:
    signature = with_lists(revoked(ROOT, MIDDLE), list_by(MIDDLE)).judgement().signature()
    assert about(signature, Rule.REVOCATION, "authority 1") == (Outcome.UNKNOWN, S.REVOKED_CA_NO_POE)
    assert (signature.indication, signature.sub_indication) == failed(S.REVOKED_CA_NO_POE)


def test_what_a_revoked_authority_wrote_must_be_proved_to_be_older() -> None:
    """The signature is older than the revocation; the list that says good is not shown to be."""
    one = with_lists(revoked(ROOT, MIDDLE), list_by(MIDDLE, made=NOW - 3 * DAY))
    signature = one.judgement(stamped(one.made, NOW - 2 * DAY)).signature()
    assert about(signature, Rule.REVOCATION, "authority 1") == (Outcome.PASSED, None)
    assert about(signature, Rule.REVOCATION, "signer")[1] is S.REVOCATION_OUT_OF_BOUNDS_NO_POE


@pytest.mark.parametrize(
    ("lists", "which"), [((list_by(ROOT),), "signer"), ((list_by(MIDDLE),), "authority 1")], ids=["signer", "authority"]
)
def test_every_certificate_needs_revocation_data(lists: tuple[bytes, ...], which: str) -> None:
    signature = with_lists(*lists).judgement().signature()
    assert (signature.indication, signature.sub_indication) == failed(S.TRY_LATER)
    assert about(signature, Rule.REVOCATION, which) == (Outcome.UNKNOWN, S.TRY_LATER)


STALE = {
    "too old": list_by(MIDDLE, made=NOW - 9 * DAY),
    "from the future": list_by(MIDDLE, made=NOW + DAY),
    "signed by somebody else": list_by(MIDDLE, key=party("other").key),
    "no list": b"\x30\x03\x02\x01\x01",
}


@pytest.mark.parametrize("crl", STALE.values(), ids=list(STALE))
def test_a_list_that_tells_nothing(crl: bytes) -> None:
    assert with_lists(list_by(ROOT), crl).says() == failed(S.TRY_LATER)


def test_a_revocation_on_an_older_list_is_not_forgotten() -> None:
    """Revoked once is revoked for ever (RFC 5280 §3.3), also when another list has lost it."""
    first = revoked(MIDDLE, SIGNER, made=NOW - timedelta(hours=9))
    assert with_lists(list_by(ROOT), list_by(MIDDLE), first).says() == failed(S.REVOKED_NO_POE)


def test_lists_by_the_hundred_do_not_crowd_out_a_revocation() -> None:
    """What the document brings comes behind what was gathered."""
    crowd = [list_by(MIDDLE, made=NOW - timedelta(hours=2, minutes=n)) for n in range(70)]
    made = replace(GOOD.made, revocation=crowd)
    assert with_lists(list_by(ROOT), revoked(MIDDLE, SIGNER)).judgement(made).says() == failed(S.REVOKED_NO_POE)


def number(value: int) -> tuple[x509.ExtensionType, bool]:
    return x509.CRLNumber(value), False


def point(**flags: Any) -> tuple[x509.ExtensionType, bool]:
    rest = {
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(full_name=None, relative_name=None, **(rest | flags)), True


def test_a_delta_list_tells_together_with_its_base() -> None:
    """RFC 5280 §5.2.4."""
    there = x509.DistributionPoint([x509.UniformResourceIdentifier("http://127.0.0.1/delta")], None, None, None)
    base = list_by(MIDDLE, extensions=(number(1), (x509.FreshestCRL([there]), False)))
    delta = (number(2), (x509.DeltaCRLIndicator(1), True))
    nothing = list_by(MIDDLE, made=NOW - timedelta(minutes=9), extensions=delta)
    later = revoked(MIDDLE, SIGNER, made=NOW - timedelta(minutes=9), extensions=delta)
    assert with_lists(list_by(ROOT), base).says() == failed(S.TRY_LATER)
    assert with_lists(list_by(ROOT), base, nothing).says() == PASSED
    assert with_lists(list_by(ROOT), base, later).says() == failed(S.REVOKED_NO_POE)


def test_lists_of_some_reasons_tell_together() -> None:
    """RFC 5280 §6.3.3: until every reason is covered nobody can say that none applies."""
    compromise = frozenset({x509.ReasonFlags.key_compromise})
    others = (
        frozenset(x509.ReasonFlags)
        - compromise
        - {
            x509.ReasonFlags.unspecified,
            x509.ReasonFlags.remove_from_crl,
        }
    )
    some = list_by(MIDDLE, extensions=(number(1), point(only_some_reasons=compromise)))
    rest = list_by(MIDDLE, made=NOW - timedelta(hours=2), extensions=(number(2), point(only_some_reasons=others)))
    assert with_lists(list_by(ROOT), some).says() == failed(S.TRY_LATER)
    assert with_lists(list_by(ROOT), some, rest).says() == PASSED


def answered(*answers: bytes) -> World:
    return replace(GOOD, signer=SIGNER_WITH_SERVICE, crls=(list_by(ROOT),), ocsps=answers)


def test_an_answer_serves_as_well_as_a_list() -> None:
    """RFC 6960."""
    assert answered(answer()).says() == PASSED
    assert answered(answer(ocsp.OCSPCertStatus.REVOKED)).says() == failed(S.REVOKED_NO_POE)
    assert answered(answer(ocsp.OCSPCertStatus.UNKNOWN)).says() == failed(S.TRY_LATER)


def test_an_answer_of_whom_the_authority_certified_for_that() -> None:
    """RFC 6960 §4.2.2.2: extended key usage id-kp-OCSPSigning, by the issuer itself."""
    desk = party("Status desk")
    for_ocsp = ((EXTENDED([ExtendedKeyUsageOID.OCSP_SIGNING]), False), (x509.OCSPNoCheck(), False))
    good = certify(MIDDLE, desk, for_ocsp)
    assert answered(answer(key=desk.key, responder=good, certificates=(good,))).says() == PASSED
    for_less = certify(MIDDLE, desk, SIGNS)
    assert answered(answer(key=desk.key, responder=for_less, certificates=(for_less,))).says() == failed(S.TRY_LATER)
    by_root = certify(ROOT, desk, for_ocsp)
    assert answered(answer(key=desk.key, responder=by_root, certificates=(by_root,))).says() == failed(S.TRY_LATER)


def test_a_revocation_that_was_seen_is_not_forgotten() -> None:
    seen = Seen()
    with_lists(list_by(ROOT), revoked(MIDDLE, SIGNER)).says(trust={"seen": seen})
    assert [each.reason for each in seen.kept.values()] == [Reason.KEY_COMPROMISE]
    assert GOOD.says(trust={"seen": seen}) == failed(S.REVOKED_NO_POE)


# --- bridges ----------------------------------------------------------------------------------------------------------

THEIRS, BRIDGE = party("Their Root"), party("Bridge")
THEIR_SIGNER = certify(THEIRS, SIGNER, SIGNS)
OVER_BRIDGE = (certify(BRIDGE, THEIRS), certify(ROOT, BRIDGE))
DIRECTLY = certify(ROOT, THEIRS)
BRIDGED = World(signer=THEIR_SIGNER, beside=OVER_BRIDGE, crls=(list_by(ROOT), list_by(BRIDGE), list_by(THEIRS)))


def test_a_path_leads_over_a_bridge() -> None:
    """As 政府認証基盤 does it: our root certified a bridge, the bridge certified their root."""
    signature = BRIDGED.judgement().signature()
    assert (signature.indication, signature.sub_indication) == PASSED
    assert signature.outside is not None
    assert signature.outside.certificates == 4


def test_a_bridge_that_is_revoked_carries_nobody() -> None:
    one = replace(BRIDGED, crls=(revoked(ROOT, BRIDGE), list_by(BRIDGE), list_by(THEIRS)))
    signature = one.judgement().signature()
    assert about(signature, Rule.REVOCATION, "authority 2") == (Outcome.UNKNOWN, S.REVOKED_CA_NO_POE)


@pytest.mark.parametrize("beside", [(*OVER_BRIDGE, DIRECTLY), (DIRECTLY, *OVER_BRIDGE)], ids=["last", "first"])
@pytest.mark.parametrize("gone", [BRIDGE, THEIRS], ids=["over the bridge", "directly"])
def test_when_one_way_is_closed_the_other_is_taken(beside: tuple[bytes, ...], gone: Party) -> None:
    one = replace(BRIDGED, beside=beside, crls=(revoked(ROOT, gone), list_by(BRIDGE), list_by(THEIRS)))
    assert one.says() == PASSED


def test_a_bridge_lets_through_whom_it_says() -> None:
    """RFC 5280 §4.2.1.10: name constraints in a cross certificate."""
    only = x509.NameConstraints(None, [x509.DirectoryName(SIGNER.subject)])
    one = replace(BRIDGED, beside=(certify(BRIDGE, THEIRS, (*AUTHORITY, (only, True))), OVER_BRIDGE[1]))
    assert issuer_fault(one) == (S.CERTIFICATE_CHAIN_GENERAL_FAILURE, "WrongProfile")


# --- algorithms -------------------------------------------------------------------------------------------------------


def test_an_algorithm_that_fell_since_needs_a_proof() -> None:
    """ETSI EN 319 102-1 §5.6.2.2."""
    fallen = SoundAlgorithms(dict(SoundAlgorithms().until) | {"ec-256": NOW - DAY})
    signature = GOOD.judgement(algorithms=fallen).signature()
    assert signature.indication is Indication.INDETERMINATE
    assert about(signature, Rule.ALGORITHM, "signer")[1] is S.CRYPTO_CONSTRAINTS_FAILURE_NO_POE


# --- as everywhere ----------------------------------------------------------------------------------------------------


def test_the_signature_itself_is_judged_as_any() -> None:
    wrong = signed_by(GOOD.signer, GOOD.middle, key=pool.private_key(1))
    assert GOOD.judgement(wrong).says() == failed(S.SIG_CRYPTO_FAILURE)
    changed = replace(GOOD.made, content=b"another")
    assert GOOD.judgement(changed).says() == failed(S.HASH_FAILURE)


def test_certificates_that_cannot_be_read_are_passed_over() -> None:
    junk = der.encode(der.SEQUENCE, der.integer(1))
    assert GOOD.judgement(material=Material((junk,), GOOD.crls)).says() == PASSED


def test_without_a_document_there_is_nobody() -> None:
    found = read_signatures(replace(GOOD.made, certificates=[GOOD.middle]).encode())
    assert GOOD.judgement(found=found).says() == failed(S.NO_SIGNING_CERTIFICATE_FOUND)
