"""Documents signed with a card, verified one day, two, six and twelve years later, whatever has happened since.

Six years later the holder's certificate has ended, twelve years later also the authority's, the timestamp unit's and
the timestamp root's. In between the authority rolls its key over, somebody else runs the timestamps, an algorithm
falls, the holder moves. Whoever verifies has the revocation list of the day, as long as there is one.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.ca import town
from tests.ca.town import NOW, SIGNING
from tests.documents.proving import unit_list
from tests.documents.test_evidence_record import stamped
from tests.documents.world import small_pdf
from tests.journeys.sign_stages import InProcess, card_with
from tests.journeys.test_sign import Story
from tests.pki import world
from tests.tsa import world as tsa
from tests.verifier.test_evidence import later, later_authority, later_root
from warifu.cli.root import root
from warifu.documents import Level, Material, Witness, extend, read_signatures, sign_cms, sign_pdf, sign_xml
from warifu.pki import OcspRequest, Reason, Revocation, build_crl
from warifu.verifier import Anchors, DocumentTrust, SoundAlgorithms, TimestampTrust, check_document, document_needs
from warifu.verifier import Material as Gathered
from warifu.verifier.evidence import (
    Bundle,
    begin_record,
    check_evidence,
    make_evidence,
    record_imprint,
    renew_record,
    renewal_imprint,
)

DAY, YEAR = timedelta(days=1), timedelta(days=365)
SIGNED = NOW + DAY
RENEWED = NOW + 8 * YEAR
MOMENTS = {"a day": SIGNED + DAY, "2 years": NOW + 2 * YEAR, "6 years": NOW + 6 * YEAR, "12 years": NOW + 12 * YEAR}
FORMS: Mapping[str, Callable[..., bytes]] = {
    "PDF": partial(sign_pdf, small_pdf()),
    "CMS": partial(sign_cms, b"a deed\n", attached=True),
    "XML": partial(sign_xml, b"<deed>A</deed>"),
}


@dataclass(frozen=True)
class World:
    """What has happened by the time of verification."""

    moved: bool = False
    """The holder moved a month after signing: the certificate is revoked."""
    sunset: datetime | None = None
    """When RSA of 2048 bits fell."""
    rolled: bool = False
    """The authority has another key by now; the first one's certificate stays trusted."""
    forgotten: bool = False
    """Only the next generation of the authority is still trusted."""

    def trust(self) -> DocumentTrust:
        generations = [1] if self.forgotten else [0, 1] if self.rolled else [0]
        anchors = Anchors.load(town.issuer(SIGNING, number).certificate_der for number in generations)
        until = dict(SoundAlgorithms().until) | ({"rsa-2048": self.sunset} if self.sunset else {})
        roots = (tsa.root().certificate_der, later_root().certificate_der)
        return DocumentTrust(anchors, TimestampTrust(roots, SoundAlgorithms(until)))

    def lists(self, at: datetime) -> tuple[bytes, ...]:
        """The lists of that day, of authorities that still are."""
        issuer = town.issuer(SIGNING)
        if at > issuer.certificate.not_valid_after_utc:
            return ()
        moved = {0x01000001: Revocation(SIGNED + 30 * DAY, Reason.AFFILIATION_CHANGED)}
        revoked = moved if self.moved and SIGNED + 30 * DAY < at <= town.ENDS else {}
        crl = build_crl(
            issuer, municipality=town.KIYOSE, revoked=revoked, number=9, this_update=at - timedelta(hours=1)
        )
        return crl, unit_list(at - timedelta(hours=1))


@cache
def signed(form: str, level: str) -> bytes:
    """Signed by a card a day after it was issued, made to last the same day; renewed eight years later by others."""
    if level == "renewed":
        evidence = Material((tsa.root().certificate_der, later_root().certificate_der), (unit_list(RENEWED),))
        return extend(signed(form, "lta"), Level.LTA, material=evidence, stamp=_later)
    stage = InProcess()
    story = Story(stage, card_with(stage.issue()))
    stage.clock.go_on(DAY)
    made = story.holder_signs(FORMS[form] if level != "b" else lambda stamp, **others: FORMS[form](**others))
    if level in ("b", "t"):
        return made
    return extend(made, Level(level), material=_evidence(stage, made), stamp=stage.stamp)


def _later(request: bytes) -> bytes:
    return later_authority().answer(request, RENEWED, 12)


def _evidence(stage: InProcess, made: bytes) -> Material:
    needs = document_needs(read_signatures(made), World().trust())
    answers = tuple(stage.status(OcspRequest.decode(each.ocsp_request()).encode()) for each in needs)
    certificates = (town.issuer(SIGNING).certificate_der, tsa.root().certificate_der)
    return Material(certificates, (unit_list(stage.clock.now()),), answers)


def verdict(form: str, level: str, at: datetime, happened: World) -> str:
    """What the first signature is worth."""
    document = signed(form, level)
    material = Gathered(crls=happened.lists(at))
    digest = hashlib.sha256(document).digest()
    report = check_document(read_signatures(document), digest, happened.trust(), material, at).signatures[0]
    return report.sub_indication.value if report.sub_indication else report.indication.value


PASSED, NO_DATA, ENDED, REVOKED = "TOTAL-PASSED", "TRY_LATER", "OUT_OF_BOUNDS_NO_POE", "REVOKED_NO_POE"
STRANGER = "NO_CERTIFICATE_CHAIN_FOUND"
QUIET = World()
AS_EVER = {
    "b": (PASSED, PASSED, ENDED, ENDED),
    "t": (PASSED, PASSED, NO_DATA, ENDED),
    "lt": (PASSED, PASSED, PASSED, ENDED),
    "lta": (PASSED, PASSED, PASSED, ENDED),
    "renewed": (PASSED, PASSED, PASSED, PASSED),
}
"""At each level: what is said a day, two, six and twelve years later, whatever the form."""

TABLE: Mapping[str, tuple[World, Mapping[str, tuple[str, str, str, str]]]] = {
    "nothing": (QUIET, AS_EVER),
    "the authority rolled its key over": (World(rolled=True), AS_EVER),
    "the first generation is trusted no longer": (
        World(forgotten=True),
        dict.fromkeys(AS_EVER, (STRANGER, STRANGER, STRANGER, STRANGER)),
    ),
    "the holder moved": (World(moved=True), AS_EVER | {"b": (PASSED, REVOKED, ENDED, ENDED)}),
    "RSA fell after the renewal": (World(sunset=NOW + 10 * YEAR), AS_EVER),
    "RSA fell before the renewal": (
        World(sunset=NOW + 7 * YEAR),
        AS_EVER | {"renewed": (PASSED, PASSED, PASSED, ENDED)},
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("level", AS_EVER)
@pytest.mark.parametrize("happened", TABLE)
def test_what_a_document_is_worth_later(happened: str, level: str, form: str) -> None:
    """ETSI EN 319 102-1 §5.3, §5.5, §5.6."""
    when, expected = TABLE[happened]
    assert tuple(verdict(form, level, at, when) for at in MOMENTS.values()) == expected[level]


@pytest.mark.parametrize("form", FORMS)
def test_the_new_generations_documents_stand_beside_the_old_ones(form: str) -> None:
    """J-LIS's generations share one name; the key tells them apart (RFC 5280 §4.2.1.1)."""
    issued = town.authority(SIGNING, 1).issue(town.application(SIGNING), 0x02000001, NOW)
    witness = Witness(issued.certificate, town.issuer(SIGNING, 1).certificate_der, town.key(10).sign_digest)
    document = FORMS[form](witness=witness, at=SIGNED)
    crl = build_crl(town.issuer(SIGNING, 1), municipality=town.KIYOSE, revoked={}, number=1, this_update=SIGNED)
    found, digest = read_signatures(document), hashlib.sha256(document).digest()
    for trust, said in ((World(rolled=True), PASSED), (QUIET, STRANGER)):
        told = check_document(found, digest, trust.trust(), Gathered(crls=(crl,)), SIGNED + DAY).signatures[0]
        assert (told.sub_indication or told.indication).value == said


@cache
def bundle(form: str, *, renewed: bool) -> Bundle:
    """Evidence made the day after signing, its timestamp renewed eight years later by others."""
    if renewed:
        hash_name, imprint = renewal_imprint(bundle(form, renewed=False))
        return renew_record(bundle(form, renewed=False), later(imprint, hash_name, RENEWED))
    document, at = signed(form, "t"), SIGNED + DAY
    gathered = Gathered(crls=QUIET.lists(at))
    made = make_evidence(document, read_signatures(document), QUIET.trust(), gathered, at, world.signer(3))
    return begin_record(made, stamped(record_imprint(made), "sha512"))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("renewed", [False, True], ids=["as it was", "renewed"])
def test_what_evidence_shows_later(form: str, renewed: bool) -> None:
    """RFC 4998 §5.2; who moved in between had signed before."""
    document, kept = signed(form, "t"), Bundle.decode(bundle(form, renewed=renewed).encode())
    for happened in (QUIET, World(moved=True), World(rolled=True), World(sunset=NOW + 10 * YEAR)):
        found = read_signatures(document)
        told = [
            check_evidence(kept, happened.trust(), at, document=document, found=found).indication.value
            for at in list(MOMENTS.values())[1:]
        ]
        assert told == [PASSED, PASSED, PASSED if renewed else "INDETERMINATE"]


@pytest.fixture
def told_by_command(tmp_path: Path) -> Callable[..., str]:
    """`warifu verify --at` with the trust and the lists of that day in files; each `who` has a memory of his own."""

    def ask(form: str, level: str, at: datetime, happened: World, who: str) -> str:
        (tmp_path / "deed").write_bytes(signed(form, level))
        roots = (town.issuer(SIGNING).certificate_der, tsa.root().certificate_der, later_root().certificate_der)
        words = ["--lang", "en", "--data-directory", str(tmp_path / who), "verify", str(tmp_path / "deed")]
        for option, files in (("--trust", roots), ("--list", happened.lists(at))):
            for number, data in enumerate(files):
                (tmp_path / f"{option}{number}").write_bytes(data)
                words += [option, str(tmp_path / f"{option}{number}")]
        ended = CliRunner().invoke(root, [*words, "--at", at.isoformat(), "--json"], env={"WARIFU_CONFIG": ""})
        [document] = json.loads(ended.stdout)["documents"]
        first = document["signatures"][0]
        return str(first["sub_indication"] or first["indication"])

    return ask


@pytest.mark.parametrize("happened", ["nothing", "the holder moved"])
@pytest.mark.parametrize(
    ("form", "level"), [*(("CMS", level) for level in AS_EVER), ("PDF", "renewed"), ("XML", "lta")]
)
def test_the_command_says_the_same(told_by_command: Callable[..., str], happened: str, form: str, level: str) -> None:
    when, expected = TABLE[happened]
    assert tuple(told_by_command(form, level, at, when, who) for who, at in MOMENTS.items()) == expected[level]


def test_who_saw_the_revocation_knows_until_when_the_certificate_was_good(told_by_command: Callable[..., str]) -> None:
    """Authorities forget what has ended (RFC 5280 §3.3); a verifier that was told two years later does not."""
    moved = World(moved=True)
    told = [told_by_command("CMS", "t", MOMENTS[when], moved, "one") for when in ("2 years", "6 years")]
    assert told == [PASSED, PASSED]
    assert told_by_command("CMS", "t", MOMENTS["6 years"], moved, "another") == NO_DATA
