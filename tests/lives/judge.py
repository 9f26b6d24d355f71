"""Holding what the authorities say against the law, certificate by certificate: status answers, lists, issue.

Answers and lists are read and their signatures checked by cryptography, not by our own readers.
"""

from collections.abc import Iterator
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import ocsp

from tests.lives.country import PLACES, Country
from tests.lives.law import Certificate, Law
from warifu.ca import Authority
from warifu.errors import NotFound
from warifu.pki import CertificateKind, OcspQuestions, OcspRequest, issuer_hashes

AT_ONCE = 40
NUMBERS = {
    None: 0,
    x509.ReasonFlags.unspecified: 0,
    x509.ReasonFlags.key_compromise: 1,
    x509.ReasonFlags.ca_compromise: 2,
    x509.ReasonFlags.affiliation_changed: 3,
    x509.ReasonFlags.superseded: 4,
    x509.ReasonFlags.cessation_of_operation: 5,
    x509.ReasonFlags.certificate_hold: 6,
}


def check_decided(country: Country, law: Law, orders: list[str]) -> None:
    """Every order that was recorded was decided as the law has it, and its end of validity is the law's."""
    for order in orders:
        expected, issued = law.decided[order], country.answer(order)
        assert (issued is None) == (expected is None), f"issued: {issued is not None}, the law: {expected}"
        if issued is None or expected is None:
            continue
        identifier = issued.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        expected.serial_number, expected.generation = issued.serial_number, identifier or b""
        assert issued.not_valid_after_utc == expected.not_after
        assert expected.generation == _issuing(country, CertificateKind(expected.kind)), "the newest one issues"
    new = [each for each in map(law.decided.get, orders) if each is not None]
    for name in {each.kind for each in new}:
        numbers = [each.serial_number for each in new if each.kind == name]
        before = [each.serial_number for each in law.certificates if each.kind == name and each not in new]
        assert min(numbers) > max(before, default=0), "serial numbers ascend"
        assert len(set(numbers)) == len(numbers), "and each is one certificate's"


def _issuing(country: Country, kind: CertificateKind) -> bytes:
    """The newest generation of those that have begun; of all, if a clock is set back to before the first."""
    begins = {each.generation: each.issuer.certificate.not_valid_before_utc for each in country.generations}
    its = [each.generation for each in reversed(country.generations) if each.kind is kind]
    begun = [each for each in its if begins[each] <= country.clock.now()]
    return max(begun or its, key=lambda each: begins[each])


def check_statuses(country: Country, law: Law) -> None:
    """What OCSP says of every certificate ever issued, and of numbers that never were."""
    now = country.clock.now()
    for authority in country.generations:
        its = [each for each in law.certificates if each.generation == authority.generation]
        never = [*range(max((each.serial_number for each in its), default=7) + 1000, 2**40, 2**39)]
        for start in range(0, max(len(its), 1), AT_ONCE):
            some = its[start : start + AT_ONCE]
            told = ask(country, authority, [*(each.serial_number for each in some), *never])
            for each in some:
                check_status(told[each.serial_number], each, now)
            for number in never:
                assert told[number].certificate_status is ocsp.OCSPCertStatus.UNKNOWN


def check_status(told: ocsp.OCSPSingleResponse | ocsp.OCSPResponse, expected: Certificate, now: datetime) -> None:
    """One certificate's status is the law's: what, since when, why."""
    status, since, reasons = expected.status(now)
    assert told.certificate_status.name.lower() == status, f"{expected} is {told.certificate_status}"
    assert told.revocation_time_utc == since, f"{expected} at {told.revocation_time_utc}"
    if since is not None:
        assert NUMBERS[told.revocation_reason] in reasons, f"{expected} for {told.revocation_reason}"


def ask(
    country: Country, authority: Authority, numbers: list[int], nonce: bytes | None = b"12345678"
) -> dict[int, ocsp.OCSPSingleResponse]:
    """Ask about several numbers in one message; the signature on the answer is this generation's."""
    names = issuer_hashes(authority.issuer.certificate)
    questions = OcspQuestions(tuple(OcspRequest("sha1", *names, number) for number in numbers), nonce)
    answer = ocsp.load_der_ocsp_response(country.authorities.answer(authority.kind, questions.encode()))
    assert answer.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
    public = authority.issuer.certificate.public_key()
    algorithm = answer.signature_hash_algorithm
    assert isinstance(public, RSAPublicKey)
    assert algorithm is not None
    public.verify(answer.signature, answer.tbs_response_bytes, PKCS1v15(), algorithm)
    return {each.serial_number: each for each in answer.responses}


def check_lists(country: Country, law: Law, numbers: dict[tuple[bytes, str], int]) -> None:
    """Every municipality's list of every generation that still signs: all that the law ended, and nothing else."""
    now = country.clock.now()
    for authority in country.generations:
        if authority.issuer.certificate.not_valid_after_utc > now:
            for place in PLACES:
                _check_list(country, law, authority, place, numbers)


def _check_list(
    country: Country, law: Law, authority: Authority, place: str, numbers: dict[tuple[bytes, str], int]
) -> None:
    try:
        listed = x509.load_der_x509_crl(country.authorities.publish(authority.kind, place, authority.generation))
    except NotFound:
        assert not [each for each in law.certificates if each.municipality == place]
        return
    public = authority.issuer.certificate.public_key()
    assert isinstance(public, RSAPublicKey)
    assert listed.is_signature_valid(public)
    number = listed.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    assert number > numbers.get((authority.generation, place), 0)
    numbers[authority.generation, place] = number
    entries = {each.serial_number: each for each in listed}
    for each in _of(law, authority, place):
        status, since, reasons = each.status(country.clock.now())
        entry = entries.pop(each.serial_number, None)
        if status == "unknown":  # what has expired may be on a list or not
            continue
        assert (entry is not None) == (status == "revoked"), f"{each} on a list: {entry is not None}"
        if entry is not None:
            assert entry.revocation_date_utc == since
            assert NUMBERS[_reason(entry)] in reasons
    assert not entries, "only what was issued here is on a list"


def _of(law: Law, authority: Authority, place: str) -> Iterator[Certificate]:
    for each in law.certificates:
        if (each.generation, each.municipality) == (authority.generation, place):
            yield each


def _reason(entry: x509.RevokedCertificate) -> x509.ReasonFlags | None:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return None
