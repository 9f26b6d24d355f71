"""Evidence: made today, checked when certificates, authorities and hash functions have ended."""

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from types import MappingProxyType

import pytest

from tests.documents.cms_world import CONTENT, Made
from tests.documents.test_evidence_record import stamped
from tests.pki import world
from tests.pki.world import NOW, SIGNING
from tests.tsa import world as tsa
from tests.verifier.document_scene import DAY, Judgement, list_of, revoked
from tests.verifier.test_documents import RealAnchor
from warifu.documents import read_signatures
from warifu.errors import Malformed, NotAllowed, StatusUnknown, Tampered, WrongSignature
from warifu.pki import CaCertificate, CertifiedKey
from warifu.pki.timestamps import TimestampRequest, TimestampUnit, build_timestamp_root, build_timestamp_unit
from warifu.tsa import TimestampAuthority
from warifu.verifier import (
    Anchors,
    DocumentTrust,
    Indication,
    Material,
    Policy,
    SoundAlgorithms,
    SubIndication,
    TimestampTrust,
    VerifierKind,
)
from warifu.verifier.algorithms import SOUND
from warifu.verifier.evidence import (
    Bundle,
    EvidenceReport,
    begin_record,
    check_evidence,
    make_evidence,
    record_imprint,
    rehash_imprint,
    rehash_record,
    renew_record,
    renewal_imprint,
)

YEAR = timedelta(days=365)
DOCUMENT = Made().encode()
FOUND = read_signatures(DOCUMENT)
VERIFIER = world.signer(3)
MATERIAL = Material(crls=(list_of(),))


def trust(
    *, algorithms: SoundAlgorithms = SOUND, anchors: Anchors | None = None, policy: Policy | None = None
) -> DocumentTrust:
    roots = (tsa.root().certificate_der, later_root().certificate_der)
    return DocumentTrust(
        anchors or Anchors.load([world.authority(SIGNING).certificate_der]),
        TimestampTrust(roots, algorithms),
        policy or Policy(),
    )


@cache
def later_root() -> CertifiedKey:
    """The root of timestamps of a later decade."""
    key = tsa.signer("ES384", 130)
    made = build_timestamp_root(key, serial_number=9, not_before=NOW + 4 * YEAR, not_after=NOW + 40 * YEAR)
    return CertifiedKey(made, key)


@cache
def later_authority() -> TimestampAuthority:
    key = tsa.signer("ES384", 131)
    made = build_timestamp_unit(
        later_root(), key, serial_number=10, not_before=NOW + 5 * YEAR, not_after=NOW + 39 * YEAR
    )
    return TimestampAuthority(TimestampUnit(made, key), tsa.TERMS)


def later(imprint: bytes, hash_name: str, at: datetime) -> bytes:
    """A token of the later authority."""
    from asn1crypto import tsp

    answer = later_authority().answer(TimestampRequest(hash_name, imprint, nonce=9).encode(), at, 11)
    made: bytes = tsp.TimeStampResp.load(answer)["time_stamp_token"].dump()
    return made


@cache
def bundle() -> Bundle:
    """Made at the time of verification, with its first timestamp."""
    made = make_evidence(DOCUMENT, FOUND, trust(), MATERIAL, NOW, VERIFIER)
    return begin_record(made, stamped(record_imprint(made), "sha512"))


def checked(of: Bundle, at: datetime, *, with_document: bool = True, **changes: object) -> EvidenceReport:
    told = {"document": DOCUMENT, "found": FOUND} if with_document else {}
    return check_evidence(of, changes.pop("trust", trust()), at, **{**told, **changes})  # type: ignore[arg-type]


def test_it_says_today_what_the_verifier_said() -> None:
    found = checked(bundle(), NOW + DAY, verifiers=[VERIFIER.public_key_info])
    assert found.indication is Indication.TOTAL_PASSED
    assert found.existed_at == NOW.replace(microsecond=0)
    assert (found.known, found.recorded["indication"]) == (True, "TOTAL-PASSED")


@pytest.mark.parametrize("years", [0, 2, 6, 8])
def test_it_stands_when_the_certificate_has_expired(years: int) -> None:
    """Five years of a certificate; the timestamp's own lasts nine (ETSI EN 319 102-1 §5.6)."""
    assert checked(bundle(), NOW + DAY + years * YEAR).indication is Indication.TOTAL_PASSED


def test_without_a_timestamp_it_ends_with_the_certificate() -> None:
    bare = make_evidence(DOCUMENT, FOUND, trust(), MATERIAL, NOW, VERIFIER)
    found = checked(bare, NOW + 6 * YEAR)
    assert found.indication is not Indication.TOTAL_PASSED
    assert found.existed_at is None


@pytest.mark.parametrize("years", [10, 12])
def test_renewed_in_time_it_stands_when_the_first_authority_has_ended(years: int) -> None:
    """RFC 4998 §5.2: the first unit ends after nine years, its root after ten; the second stamped it after eight."""
    hash_name, imprint = renewal_imprint(bundle())
    renewed = renew_record(bundle(), later(imprint, hash_name, NOW + 8 * YEAR))
    assert checked(renewed, NOW + years * YEAR).indication is Indication.TOTAL_PASSED
    assert checked(bundle(), NOW + years * YEAR).indication is Indication.INDETERMINATE


def test_renewed_too_late_it_proves_no_more_than_the_renewal() -> None:
    """The first timestamp was no longer to be believed when the second covered it."""
    hash_name, imprint = renewal_imprint(bundle())
    renewed = renew_record(bundle(), later(imprint, hash_name, NOW + 11 * YEAR))
    found = checked(renewed, NOW + 12 * YEAR)
    assert found.indication is Indication.INDETERMINATE
    assert found.existed_at == (NOW + 11 * YEAR).replace(microsecond=0)


def sunset(name: str, at: datetime) -> SoundAlgorithms:
    return SoundAlgorithms(MappingProxyType({**SOUND.until, name: at}))


def test_hashed_anew_it_outlives_its_hash_function() -> None:
    """RFC 4998 §5.3: SHA-384 over everything before SHA-512 falls."""
    fallen = trust(algorithms=sunset("sha512", NOW + 7 * YEAR))
    imprint = rehash_imprint(bundle(), "sha384")
    rehashed = rehash_record(bundle(), later(imprint, "sha384", NOW + 6 * YEAR), "sha384")
    assert checked(rehashed, NOW + 8 * YEAR, trust=fallen).indication is Indication.TOTAL_PASSED
    assert checked(bundle(), NOW + 8 * YEAR, trust=fallen).indication is not Indication.TOTAL_PASSED


def test_it_outlives_the_algorithms_of_the_signature_itself() -> None:
    fallen = trust(algorithms=sunset("sha256", NOW + YEAR))
    assert checked(bundle(), NOW + 2 * YEAR, trust=fallen).report is not None


def test_without_the_document_it_tells_what_was_said_and_how_old_that_is() -> None:
    found = checked(bundle(), NOW + 6 * YEAR, with_document=False)
    assert (found.indication, found.sub_indication) == (
        Indication.INDETERMINATE,
        SubIndication.SIGNED_DATA_NOT_FOUND,
    )
    assert found.existed_at == NOW.replace(microsecond=0)
    assert found.recorded["indication"] == "TOTAL-PASSED"


def test_it_is_about_this_document_only() -> None:
    other = Made(content=CONTENT + b" ").encode()
    with pytest.raises(Tampered, match="the document"):
        check_evidence(bundle(), trust(), NOW, document=other, found=FOUND)


def test_the_verifiers_word_is_not_taken_for_anything() -> None:
    """Somebody signs a bundle about a document whose certificate was revoked: verified anew, it fails."""
    lists = {name for name in bundle().parts if name.endswith(".crl")}
    dead = list_of(revoked(NOW - 2 * DAY))
    parts = {name: dead if name in lists else part for name, part in bundle().parts.items()}
    liar = world.signer(5)
    forged = replace(bundle(), parts=parts, verifier=liar.public_key_info, record=None).signed(liar)
    forged = begin_record(forged, stamped(record_imprint(forged), "sha512"))
    found = checked(forged, NOW + DAY, verifiers=[VERIFIER.public_key_info])
    assert found.known is False
    assert found.recorded["indication"] == "TOTAL-PASSED"
    assert found.report is not None
    assert found.report.signatures[0].sub_indication is SubIndication.REVOKED_NO_POE


def test_who_was_revoked_afterwards_had_signed_before() -> None:
    """The proof is older than the revocation."""
    kept = Material(crls=(list_of(revoked(NOW + DAY), this_update=NOW + 2 * DAY),))
    assert Judgement(material=kept, at=NOW + 2 * DAY).says()[0] is Indication.INDETERMINATE
    assert checked(bundle(), NOW + 2 * YEAR).indication is Indication.TOTAL_PASSED


def test_another_keys_signature_is_refused() -> None:
    with pytest.raises(WrongSignature):
        checked(replace(bundle(), verifier=world.signer(4).public_key_info), NOW)


def test_another_bundles_record_is_refused() -> None:
    other = make_evidence(DOCUMENT, FOUND, trust(), MATERIAL, NOW + timedelta(hours=1), VERIFIER)
    with pytest.raises(Tampered):
        checked(other.recorded(bundle().record or b""), NOW + DAY)


def test_a_token_about_something_else_is_not_taken() -> None:
    hash_name, imprint = renewal_imprint(bundle())
    other = hashlib.new(hash_name, imprint).digest()
    with pytest.raises(Malformed, match="something else"):
        renew_record(bundle(), later(other, hash_name, NOW + 8 * YEAR))


def test_what_did_not_pass_proves_nothing() -> None:
    with pytest.raises(NotAllowed, match="INDETERMINATE"):
        make_evidence(DOCUMENT, FOUND, trust(), Material(crls=(list_of(revoked(NOW - DAY * 2)),)), NOW, VERIFIER)


def test_the_report_inside_names_no_serial_number() -> None:
    """公的個人認証法 第63条."""
    told = json.loads(bundle().parts["report.json"])
    assert str(world.SERIAL) not in json.dumps(told)
    assert told["signatures"][0]["signer"]["name"]


def real() -> DocumentTrust:
    anchor = RealAnchor(CaCertificate.decode(world.authority(SIGNING).certificate_der))
    return trust(anchors=Anchors([anchor]), policy=Policy(VerifierKind.CERTIFIED))


def test_revocation_data_about_real_certificates_stay_with_the_verifier() -> None:
    """公的個人認証法 第52条, 第53条."""
    made = make_evidence(DOCUMENT, FOUND, real(), MATERIAL, NOW, VERIFIER)
    assert not [name for name in made.parts if name.startswith("revocation/")]
    assert made.withheld == (hashlib.sha256(list_of()).digest(),)
    kept = begin_record(made, stamped(record_imprint(made), "sha512"))
    assert checked(kept, NOW + DAY, trust=real()).indication is Indication.INDETERMINATE
    assert checked(kept, NOW + DAY, trust=real(), withheld=MATERIAL).indication is Indication.TOTAL_PASSED
    other = Material(crls=(list_of(this_update=NOW - timedelta(hours=2)),))
    assert checked(kept, NOW + DAY, trust=real(), withheld=other).indication is Indication.INDETERMINATE


def test_what_is_at_hand_as_an_index_only_cannot_be_passed_on() -> None:
    from warifu.verifier import check_crl

    index = check_crl(list_of(), Anchors.load([world.authority(SIGNING).certificate_der]))
    with pytest.raises(StatusUnknown):
        make_evidence(DOCUMENT, FOUND, trust(), Material(crls=(index,)), NOW, VERIFIER)


def test_what_a_detached_signature_is_about_is_proved_too() -> None:
    """A collision of SHA-256 alone would not do: the bundle's digests are of two other families."""
    signature = Made(content=None).encode()
    found = read_signatures(signature, detached=CONTENT)
    made = make_evidence(signature, found, trust(), MATERIAL, NOW, VERIFIER, content=CONTENT)
    kept = Bundle.decode(begin_record(made, stamped(record_imprint(made), "sha512")).encode())
    told = check_evidence(kept, trust(), NOW + 6 * YEAR, document=signature, content=CONTENT, found=found)
    assert told.indication is Indication.TOTAL_PASSED
    with pytest.raises(Tampered, match="the content"):
        check_evidence(kept, trust(), NOW, document=signature, content=CONTENT + b" ", found=found)
    with pytest.raises(Tampered, match="without content"):
        check_evidence(bundle(), trust(), NOW, document=DOCUMENT, content=CONTENT, found=FOUND)
