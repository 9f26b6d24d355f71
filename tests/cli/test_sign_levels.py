"""``warifu sign --level`` and ``warifu extend`` in a town whose services run: evidence is in the files."""

import shutil
from base64 import b64encode
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import cms
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.cli.card_town import pin_file, result_of, run
from tests.documents.world import small_pdf
from tests.journeys.running_town import served_town
from tests.pki import world
from warifu.cli.root import root
from warifu.documents import material_certificates
from warifu.errors import NotAllowed
from warifu.pki import CaCertificate, CertificateKind
from warifu.town.places import MUNICIPALITIES
from warifu.town.town import Town
from warifu.verifier import Anchor
from warifu.wire.clock import SystemClock
from warifu.wire.long_term import check_may_keep_evidence
from warifu.wire.verification import TrustedAnchor, TrustStore

Sign = Callable[..., Result]
XML = "<deed>譲渡証書</deed>"


@pytest.fixture(scope="module")
def open_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served_town(tmp_path_factory.mktemp("open") / "town") as town:
        yield town


@pytest.fixture
def deeds(tmp_path: Path) -> Path:
    folder = tmp_path / "deeds"
    folder.mkdir()
    (folder / "deed.pdf").write_bytes(small_pdf())
    (folder / "deed.txt").write_text("譲渡証書\n", "utf-8")
    (folder / "deed.xml").write_text(XML, "utf-8")
    return folder


@pytest.fixture
def sign(open_town: Town, tmp_path: Path) -> Sign:
    def signed(*arguments: str, persona: str = "ordinary") -> Result:
        password = pin_file(tmp_path, "ABC123")
        return run(open_town, "sign", *arguments, "--pin-file", password, "--persona", persona)

    return signed


def signatures(pdf: Path) -> list[str]:
    return [each.sig_object_type for each in PdfFileReader(BytesIO(pdf.read_bytes())).embedded_signatures]


def attributes(signature: Path) -> list[str]:
    [info] = cms.ContentInfo.load(signature.read_bytes())["content"]["signer_infos"]
    return sorted(each["type"].dotted for each in info["unsigned_attrs"])


ARCHIVE, STAMP = "0.4.0.1733.2.4", "1.2.840.113549.1.9.16.2.14"


def test_every_kind_of_file_is_signed_to_last_with_one_password(sign: Sign, deeds: Path, open_town: Town) -> None:
    """Baseline B-LTA; the town's own services are asked, and its root and authority stand in each file."""
    files = [str(deeds / name) for name in ("deed.pdf", "deed.txt", "deed.xml")]
    told = result_of(sign(*files, "--level", "lta", "--json"))
    assert told["level"] == "lta"
    assert signatures(deeds / "deed.signed.pdf") == ["/Sig", "/DocTimeStamp"]
    assert attributes(deeds / "deed.txt.p7s") == [ARCHIVE, STAMP]
    pem = (open_town.folder / "timestamps" / "root.crt").read_bytes()
    root = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
    for name in ("deed.signed.pdf", "deed.txt.p7s"):
        assert root in material_certificates((deeds / name).read_bytes())
    xml = (deeds / "deed.signed.xml").read_text("utf-8")
    assert "ArchiveTimeStamp" in xml
    assert b64encode(root).decode() in "".join(xml.split())


def test_a_next_generation_card_signs_to_last_too(sign: Sign, deeds: Path) -> None:
    result_of(sign(str(deeds / "deed.txt"), "--level", "lt", "--json", persona="next"))
    signed = cms.ContentInfo.load((deeds / "deed.txt.p7s").read_bytes())["content"]
    assert {each.name for each in signed["crls"]} == {"crl", "other"}


def test_what_is_signed_can_be_made_to_last_later_and_again(open_town: Town, sign: Sign, deeds: Path) -> None:
    """ETSI EN 319 122-1 §5.5.3, ETSI EN 319 142-1 §5.4.3: without the card, and the file itself stays as it is."""
    sign(str(deeds / "deed.txt"), str(deeds / "deed.pdf"))
    before = (deeds / "deed.txt.p7s").read_bytes()
    result_of(run(open_town, "extend", str(deeds / "deed.txt.p7s"), "--town", "--json"))
    assert attributes(deeds / "deed.txt.lta.p7s") == [ARCHIVE, STAMP]
    assert (deeds / "deed.txt.p7s").read_bytes() == before
    again = ("--content", str(deeds / "deed.txt"), "--out", str(deeds / "again.p7s"), "--town", "--json")
    result_of(run(open_town, "extend", str(deeds / "deed.txt.lta.p7s"), *again))
    assert attributes(deeds / "again.p7s") == [ARCHIVE, ARCHIVE, STAMP]
    told = result_of(run(open_town, "extend", str(deeds / "deed.signed.pdf"), "--level", "lt", "--town", "--json"))
    assert told["result"] == str(deeds / "deed.signed.lt.pdf")
    assert signatures(deeds / "deed.signed.lt.pdf") == ["/Sig", "/DocTimeStamp"]


def test_a_revoked_certificate_gets_no_evidence(sign: Sign, deeds: Path) -> None:
    """Who moved yesterday has no signing certificate any more (公的個人認証法 第12条第1項第1号)."""
    ended = sign(str(deeds / "deed.txt"), "--level", "lt", persona="moved")
    assert ended.exit_code == 1
    assert not (deeds / "deed.txt.p7s").exists()


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        (("--level", "t"), "--timestamp"),
        (("--level", "lt", "--timestamp", "http://127.0.0.1:9/tsa"), "--status"),
        (("--level", "lt", "--timestamp", "http://127.0.0.1:9/tsa", "--status", "http://127.0.0.1:9/"), "--proof"),
    ],
)
def test_what_a_level_needs_is_asked_for_by_name(
    open_town: Town, sign: Sign, deeds: Path, missing: tuple[str, ...], told: str
) -> None:
    sign(str(deeds / "deed.txt"))
    ended = run(open_town, "extend", str(deeds / "deed.txt.p7s"), *missing)
    assert (ended.exit_code, told in ended.stderr) == (2, True)


def test_without_the_timestamps_list_nothing_is_written(open_town: Town, sign: Sign, deeds: Path) -> None:
    root = f"{open_town.addresses.timestamps}/root.crt"
    ended = sign(str(deeds / "deed.txt"), "--level", "lt", "--proof", root)
    assert (ended.exit_code, "no revocation list" in ended.stderr) == (3, True)
    assert not (deeds / "deed.txt.p7s").exists()


def test_without_the_status_service_nothing_is_written(sign: Sign, deeds: Path) -> None:
    ended = sign(str(deeds / "deed.txt"), "--level", "lt", "--status", "http://127.0.0.1:9/")
    assert (ended.exit_code, "does not answer" in ended.stderr) == (3, True)
    assert not (deeds / "deed.txt.p7s").exists()


@pytest.mark.parametrize(("form", "level"), [("registry-pdf", "lt"), ("xmldsig", "t")])
def test_a_form_that_does_not_last_says_so_before_the_password(
    quiet_town: Town, deeds: Path, form: str, level: str
) -> None:
    ended = run(quiet_town, "sign", str(deeds / "deed.pdf"), "--as", form, "--level", level, "--persona", "ordinary")
    assert (ended.exit_code, "at most" in ended.stderr) == (2, True)


def test_the_file_that_would_be_written_is_not_written_over(open_town: Town, sign: Sign, deeds: Path) -> None:
    sign(str(deeds / "deed.txt"))
    shutil.copy(deeds / "deed.txt.p7s", deeds / "deed.txt.lta.p7s")
    ended = run(open_town, "extend", str(deeds / "deed.txt.p7s"), "--town")
    assert (ended.exit_code, "there already" in ended.stderr) == (1, True)


def stored(folder: Path, town: Town, *, answers: bool) -> Path:
    """A trust store that says once where to ask: the authority by OCSP, or by lists of its if nobody answers."""
    services, now = town.addresses.services(CertificateKind.SIGNING), SystemClock().now()
    asked = services.ocsp if answers else "http://127.0.0.1:9/"
    store = TrustStore(folder / "trust")
    for path in (town.folder / "authorities").glob("signing*.crt"):
        store.add(TrustedAnchor.of(der_of(path), now, ocsp=asked or "", lists=() if answers else lists_of(town)))
    lists = (f"{town.addresses.timestamps}/root.crl",)
    store.add(TrustedAnchor.of(der_of(town.folder / "timestamps" / "root.crt"), now, lists=lists))
    return folder


def lists_of(town: Town) -> tuple[str, ...]:
    """Every municipality's list of the signing authority, of which one has the holder's distribution point."""
    origin = (town.addresses.services(CertificateKind.SIGNING).ocsp or "").partition("/ocsp")[0]
    return tuple(f"{origin}/crl/signing/{code}.crl" for code in MUNICIPALITIES)


def der_of(path: Path) -> bytes:
    return x509.load_pem_x509_certificate(path.read_bytes()).public_bytes(Encoding.DER)


@pytest.mark.parametrize("answers", [True, False], ids=["OCSP", "lists"])
def test_what_the_trust_store_says_is_enough(
    open_town: Town, sign: Sign, deeds: Path, tmp_path: Path, answers: bool
) -> None:
    """Configured once, for verifying and for signing: neither --status nor --proof."""
    sign(str(deeds / "deed.txt"))
    signature, data = deeds / "deed.txt.p7s", stored(tmp_path / "data", open_town, answers=answers)
    options = ["--lang", "en", "--data-directory", str(data), "extend", str(signature), "--level", "lt", "--json"]
    stamps = f"{open_town.addresses.timestamps}/tsa"
    result_of(CliRunner().invoke(root, [*options, "--timestamp", stamps], env={"WARIFU_CONFIG": ""}))
    kept = cms.ContentInfo.load((deeds / "deed.txt.lt.p7s").read_bytes())["content"]["crls"]
    assert sorted(each.name for each in kept) == (["crl", "other"] if answers else ["crl", "crl"])


class _Real(Anchor):
    """As J-LIS's own, which are known by their fingerprints, are."""

    real = True


def test_no_evidence_about_a_real_certificate_is_put_into_documents() -> None:
    """公的個人認証法 第52条, 第53条: what J-LIS tells a verifier stays with the verifier."""
    authority = CaCertificate.decode(world.authority(CertificateKind.SIGNING).certificate_der)
    check_may_keep_evidence(Anchor(authority))
    with pytest.raises(NotAllowed, match="第52条"):
        check_may_keep_evidence(_Real(authority))
