"""NIST's Public Key Interoperability Test Suite (PKITS 1.0.1), every case, from PyPI's `cryptography-vectors`.

What each case is to give is in tests/vectors/pki/pkits.tsv, written from the suite's document ("Conformance Testing of
Relying Party Client Certificate Path Processing Logic"). Each case gets every certificate and list of the authorities
that its certificate names, however they are meant: finding the way among them is part of the case.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from asn1crypto import crl, x509

from warifu import errors
from warifu.pki.path import ANY_POLICY, PolicyInputs, check_path

pytestmark = pytest.mark.real

TABLE = Path(__file__).parents[1] / "vectors" / "pki" / "pkits.tsv"
DATA = Path(str(files("cryptography_vectors"))) / "x509" / "PKITS_data"
ANCHOR = "TrustAnchorRootCertificate"
AT = datetime(2020, 1, 1, tzinfo=UTC)
"""All certificates of the suite that are meant to be valid are so from 2010 to 2030."""
TEST_POLICY = "2.16.840.1.101.3.2.1.48."
NOT_APPLYING = {
    "4.1.4": "DSA is no algorithm that a path may be signed with here; the suite wants it valid",
    "4.1.5": "DSA with inherited parameters: the same",
    "4.1.6": "DSA: refused for its algorithm, before its false signature is looked at",
}
"""Cases whose answer here is another than the suite's, or has another cause.

The user notices of 4.8.15 to 4.8.19 apply as far as the path goes, which must be valid; there is nobody who sees them.
"""


@dataclass(frozen=True)
class Case:
    number: str
    certificate: str
    expected: str
    policies: PolicyInputs

    def __str__(self) -> str:
        return f"{self.number}-{self.certificate}"


def cases() -> list[Case]:
    with TABLE.open(encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", restval=""))
    return [Case(row["case"], row["certificate"], row["expected"], inputs(row)) for row in rows]


def inputs(row: dict[str, str]) -> PolicyInputs:
    acceptable = frozenset(TEST_POLICY + number for number in row["policies"].split())
    flags = row["inputs"]
    return PolicyInputs(acceptable or frozenset({ANY_POLICY}), "E" in flags, "M" in flags, "A" in flags)


@cache
def certificates() -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in sorted((DATA / "certs").iterdir())}


@cache
def by_authority() -> tuple[dict[str, list[bytes]], dict[str, list[bytes]]]:
    """Certificates and lists by the name of whom they are."""
    authorities, lists = defaultdict(list), defaultdict(list)
    for stem, data in certificates().items():
        if not stem.endswith("EE"):
            authorities[x509.Certificate.load(data).subject.hashable].append(data)
    for path in sorted((DATA / "crls").iterdir()):
        data = path.read_bytes()
        lists[crl.CertificateList.load(data).issuer.hashable].append(data)
    return authorities, lists


def named(data: bytes) -> Iterator[str]:
    """Who issued a certificate, and who issues its revocation lists."""
    certificate = x509.Certificate.load(data)
    yield certificate.issuer.hashable
    for point in certificate.crl_distribution_points_value or ():
        for name in point["crl_issuer"] if point["crl_issuer"].native else ():
            yield name.chosen.hashable


def around(data: bytes) -> tuple[list[bytes], list[bytes]]:
    """Every authority's certificate and list that could matter."""
    authorities, lists = by_authority()
    seen: set[str] = set()
    others: list[bytes] = []
    ahead = list(named(data))
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            others += (each for each in authorities[name] if each != certificates()[ANCHOR])
            ahead += [each for certificate in authorities[name] for each in named(certificate)]
    return others, [each for name in seen for each in lists[name]]


def answer(case: Case) -> str:
    data = certificates()[case.certificate + "EE"]
    others, crls = around(data)
    try:
        check_path(data, others, [certificates()[ANCHOR]], AT, crls=crls, policies=case.policies)
    except errors.WarifuError as error:
        return type(error).__name__
    return "valid"


@pytest.mark.parametrize("case", cases(), ids=str)
def test_a_case_of_the_suite_gives_the_expected_answer(case: Case) -> None:
    assert answer(case) == case.expected


def test_the_table_has_every_case_of_the_suite() -> None:
    """224 cases in sixteen groups, some asked several times with other policies."""
    numbers = {tuple(map(int, case.number.split(".")[1:3])) for case in cases()}
    sizes = (6, 8, 11, 21, 8, 17, 5, 20, 8, 14, 11, 10, 38, 35, 10, 2)
    assert numbers == {(group, each) for group, size in enumerate(sizes, 1) for each in range(1, size + 1)}


def test_every_certificate_of_the_suite_is_in_a_case() -> None:
    assert {case.certificate + "EE" for case in cases()} == {name for name in certificates() if name.endswith("EE")}


def test_only_the_cases_named_with_a_reason_are_answered_otherwise_than_the_suite_says() -> None:
    """What the suite calls valid is valid here and the rest is refused, but for DSA."""
    other = {
        case.number
        for case in cases()
        if case.certificate.startswith("Valid") and case.expected != "valid" and not case.policies.inhibit_mapping
    }
    with_another_policy = {"4.8.1.3", "4.10.1.2", "4.10.3.1", "4.10.5.2", "4.10.6.2"}
    assert other - with_another_policy == set(NOT_APPLYING) - {"4.1.6"}
    assert [case for case in cases() if case.certificate.startswith("Invalid") and case.expected == "valid"] == []
