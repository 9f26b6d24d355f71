"""What strangers put beside a document of a signer outside of JPKI: keys whose time is over, forms nobody knows."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.pki.world import NOW
from tests.verifier.document_scene import PASSED, failed
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
    produced,
    usage,
)
from warifu.verifier import SignerTrust, SubIndication

S = SubIndication
ALIVE = (NOW - 100 * DAY, NOW + 1000 * DAY)
ENDED = (NOW - 100 * DAY, NOW - 50 * DAY)
WHEN_ALIVE = NOW - 60 * DAY
NUMBER_77 = 77
LIST_KEY = Party(MIDDLE.name, party("a key for lists").key)
DESK = party("Status desk")
FOR_ANSWERS = ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False), (x509.OCSPNoCheck(), False))


def list_signer(times: tuple[datetime, datetime], issuer: Party = MIDDLE) -> bytes:
    """The authority's own name, with another key, for lists."""
    return certify(issuer, LIST_KEY, (*AUTHORITY, usage("crl_sign")), times=times, serial=NUMBER_77)


def listed(signer: bytes, *crls: bytes, made: datetime = NOW - timedelta(hours=1)) -> World:
    """Its list says that nobody is revoked, for most of a year."""
    own = list_by(MIDDLE, made=made, lasts=300 * DAY, key=LIST_KEY.key)
    return World(crls=(list_by(ROOT), *crls, own), beside=(GOOD.middle, signer))


def answered_by(responder: bytes, made: datetime, *inside: bytes, beside: tuple[bytes, ...] = ()) -> World:
    """Good for most of a year, says the desk."""
    built = ocsp.OCSPResponseBuilder().add_response(
        x509.load_der_x509_certificate(SIGNER_WITH_SERVICE),
        x509.load_der_x509_certificate(GOOD.middle),
        hashes.SHA1(),
        ocsp.OCSPCertStatus.GOOD,
        made,
        made + 300 * DAY,
        None,
        None,
    )
    built = built.responder_id(ocsp.OCSPResponderEncoding.HASH, x509.load_der_x509_certificate(responder))
    if inside:
        built = built.certificates([x509.load_der_x509_certificate(each) for each in inside])
    told = produced(built.sign(DESK.key, hashes.SHA256()).public_bytes(Encoding.DER), DESK.key, made)
    return World(signer=SIGNER_WITH_SERVICE, crls=(list_by(ROOT),), ocsps=(told,), beside=(GOOD.middle, *beside))


# --- keys whose time is over ------------------------------------------------------------------------------------------


def test_a_list_by_another_key_of_the_authority() -> None:
    """RFC 5280 §6.3.3 (f)."""
    assert listed(list_signer(ALIVE)).says() == PASSED


def test_a_list_by_a_key_that_has_ended_must_be_proved_to_be_older() -> None:
    """Whoever finds that key writes any date there (ETSI EN 319 102-1 §5.6.2.2)."""
    assert listed(list_signer(ENDED), made=WHEN_ALIVE).says() == failed(S.REVOCATION_OUT_OF_BOUNDS_NO_POE)


def test_a_list_by_a_key_that_was_revoked_says_nothing() -> None:
    stale = list_by(MIDDLE, (NUMBER_77, NOW - 20 * DAY), made=NOW - 15 * DAY)
    assert listed(list_signer(ALIVE), stale).says() == failed(S.REVOCATION_OUT_OF_BOUNDS_NO_POE)


def test_a_stranger_s_certificate_does_not_end_the_key_of_a_list() -> None:
    """Else anybody could make a list be silent by laying a certificate beside the document."""
    forged = certify(Party(MIDDLE.name, party("stranger").key), LIST_KEY, AUTHORITY, times=ENDED, serial=4)
    one = listed(list_signer(ALIVE))
    assert replace(one, beside=(forged, *(one.beside or ()))).says() == PASSED


@pytest.mark.parametrize("inside", [True, False], ids=["in the answer", "beside the document"])
def test_an_answer_by_a_responder_that_has_ended_must_be_proved_to_be_older(inside: bool) -> None:
    """Wherever its certificate is found."""
    for times, said in ((ALIVE, PASSED), (ENDED, failed(S.REVOCATION_OUT_OF_BOUNDS_NO_POE))):
        desk = certify(MIDDLE, DESK, FOR_ANSWERS, times=times)
        one = answered_by(desk, WHEN_ALIVE, *([desk] if inside else []), beside=() if inside else (desk,))
        assert one.says() == said


def test_an_answer_about_several_is_read_where_it_is_about_this_one() -> None:
    """Another authority's certificate may have the same number, and better news for longer."""
    serial = x509.load_der_x509_certificate(SIGNER_WITH_SERVICE).serial_number
    namesake = certify(ROOT, SIGNER, SIGNS, serial=serial)
    ours = single(SIGNER_WITH_SERVICE, GOOD.middle, timedelta(days=-20))
    theirs = single(namesake, GOOD.root, timedelta(days=300))
    for both, said in (([theirs, ours], failed(S.TRY_LATER)), ([ours, theirs], failed(S.TRY_LATER))):
        told = asn1_ocsp.OCSPResponse.load(answer())
        told["response_bytes"]["response"].parsed["tbs_response_data"]["responses"] = both
        several = produced(told.dump(force=True), MIDDLE.key, NOW - 30 * DAY)
        assert World(signer=SIGNER_WITH_SERVICE, crls=(list_by(ROOT),), ocsps=(several,)).says() == said


def single(certificate: bytes, issuer: bytes, ends: timedelta) -> Any:
    """Good a month ago, until then."""
    built = ocsp.OCSPResponseBuilder().add_response(
        x509.load_der_x509_certificate(certificate),
        x509.load_der_x509_certificate(issuer),
        hashes.SHA1(),
        ocsp.OCSPCertStatus.GOOD,
        NOW - 30 * DAY,
        NOW + ends,
        None,
        None,
    )
    named = built.responder_id(ocsp.OCSPResponderEncoding.HASH, x509.load_der_x509_certificate(GOOD.middle))
    encoded = named.sign(MIDDLE.key, hashes.SHA256()).public_bytes(Encoding.DER)
    told = asn1_ocsp.OCSPResponse.load(encoded)["response_bytes"]["response"].parsed
    return told["tbs_response_data"]["responses"][0]


# --- what no reader knows ---------------------------------------------------------------------------------------------

ECDSA = bytes.fromhex("06082a8648ce3d040302")
NOBODYS = bytes.fromhex("06082a8648ce3d04037f")
SHA1 = bytes.fromhex("06052b0e03021a")
NO_DIGEST = bytes.fromhex("06052b0e03021f")
NOTHING = failed(S.TRY_LATER)


def unknown(identifier: str, value: bytes = b"\x05\x00", *, critical: bool = False) -> tuple[x509.ExtensionType, bool]:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(identifier), value), critical


def test_a_list_signed_in_an_unknown_way_says_nothing() -> None:
    crl = list_by(MIDDLE).replace(ECDSA, NOBODYS)
    assert World(crls=(list_by(ROOT), crl)).says() == NOTHING
    assert World(crls=(list_by(ROOT), crl, list_by(MIDDLE))).says() == PASSED


@pytest.mark.parametrize(("known", "never"), [(ECDSA, NOBODYS), (SHA1, NO_DIGEST)], ids=["signature", "digest"])
def test_an_answer_in_an_unknown_way_says_nothing(known: bytes, never: bytes) -> None:
    one = World(signer=SIGNER_WITH_SERVICE, crls=(list_by(ROOT),), ocsps=(answer().replace(known, never),))
    assert one.says() == NOTHING
    assert replace(one, ocsps=(*one.ocsps, answer())).says() == PASSED


def test_a_list_with_an_entry_that_must_be_understood_says_nothing() -> None:
    """About nobody, whomever the entry is about (RFC 5280 §5.3)."""

    def crl(*, critical: bool) -> bytes:
        entry = x509.RevokedCertificateBuilder(5, (NOW - DAY).replace(microsecond=0))
        strange = entry.add_extension(*unknown("1.3.6.1.4.1.99999.3", critical=critical)).build()
        builder = x509.CertificateRevocationListBuilder(MIDDLE.subject, NOW - DAY, NOW + DAY)
        made = builder.add_revoked_certificate(strange).sign(MIDDLE.key, hashes.SHA256())
        return made.public_bytes(Encoding.DER)

    assert World(crls=(list_by(ROOT), crl(critical=True))).says() == NOTHING
    assert World(crls=(list_by(ROOT), crl(critical=False))).says() == PASSED


def certified_again(certificate: bytes, edit: Callable[[Any], None]) -> bytes:
    """A certificate of the issuing authority's, changed and signed anew."""
    told = asn1_x509.Certificate.load(certificate)
    edit(told["tbs_certificate"])
    told["signature_value"] = MIDDLE.key.sign(told["tbs_certificate"].dump(force=True), ec.ECDSA(hashes.SHA256()))
    encoded: bytes = told.dump(force=True)
    return encoded


def test_a_signer_with_a_key_on_an_unknown_curve() -> None:
    def edit(told: Any) -> None:
        key = told["subject_public_key_info"]
        p256 = bytes.fromhex("06082a8648ce3d030107")
        told["subject_public_key_info"] = type(key).load(key.dump().replace(p256, p256[:-1] + b"\x7f"))

    strange = certified_again(certify(MIDDLE, party("somebody"), SIGNS), edit)
    assert World(signer=strange).says() == failed(S.CRYPTO_CONSTRAINTS_FAILURE)


@pytest.mark.parametrize("value", ["3008a506a10413024142", "3004a3023000"], ids=["EDI", "X.400"])
def test_a_signer_with_a_name_of_an_unknown_form(value: str) -> None:
    strange = certify(MIDDLE, SIGNER, (*SIGNS, unknown("2.5.29.17", bytes.fromhex(value))))
    assert World(signer=strange).says() == failed(S.NO_CERTIFICATE_CHAIN_FOUND)


def test_a_certificate_with_extensions_that_cannot_be_read_is_passed_over() -> None:
    strange = certify(ROOT, party("somebody"), (*AUTHORITY, unknown("2.5.29.14")))
    assert World(beside=(GOOD.middle, strange)).says() == PASSED


# --- anchors ----------------------------------------------------------------------------------------------------------


def test_another_root_of_the_same_name_changes_nothing() -> None:
    other = Party(ROOT.name, party("another key").key)
    namesake = certify(other, other)
    assert GOOD.says(trust={"signers": SignerTrust((namesake, GOOD.root))}) == PASSED
    assert GOOD.says(trust={"signers": SignerTrust((namesake,))}) == failed(S.CERTIFICATE_CHAIN_GENERAL_FAILURE)


def test_a_signer_is_nobody_s_anchor() -> None:
    itself = certify(SIGNER, SIGNER, SIGNS)
    assert World(signer=itself, root=itself, beside=()).says() == failed(S.CERTIFICATE_CHAIN_GENERAL_FAILURE)
    assert GOOD.says(trust={"signers": SignerTrust((GOOD.signer,))}) == failed(S.CERTIFICATE_CHAIN_GENERAL_FAILURE)


# --- by the hundred ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [2, 5], ids=["a thicket", "more ways than anybody follows"])
def test_a_thicket_and_a_pile_of_lists_do_not_hold_up(size: int) -> None:
    """Whoever has no authority's key can lay as much beside a document as a document may have; it changes nothing."""
    namesakes = [Party(MIDDLE.name, party(f"namesake {number}").key) for number in range(size)]
    pairs = [(one, other) for one in namesakes for other in namesakes if one is not other]
    thicket = [certify(one, other, serial=500 + place) for place, (one, other) in enumerate(pairs)]
    pile = [list_by(MIDDLE, made=NOW - timedelta(hours=2, minutes=n), key=namesakes[1].key) for n in range(60)]
    started = time.process_time()
    one = World(beside=(*thicket, GOOD.middle), crls=(list_by(ROOT), list_by(MIDDLE), *pile))
    assert one.says() == PASSED
    assert time.process_time() - started < 20


def test_certificates_by_the_hundred_change_nothing() -> None:
    crowd = [certify(party("stranger"), party("stranger's"), serial=number) for number in range(1, 80)]
    assert World(beside=(*crowd, GOOD.middle)).says() == PASSED
