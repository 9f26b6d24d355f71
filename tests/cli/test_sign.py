"""``warifu sign``: documents signed with a resident's card, which openssl and pyHanko then read."""

import stat
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.cli.card_town import pin_file, result_of, run
from tests.documents.world import small_pdf
from tests.tsa.world import authority
from warifu.errors import CardRefused
from warifu.town.town import Town
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.serving import reserve, serve_in_thread
from warifu.wire.timestamps import application

PERSONA = ("--persona", "ordinary")


@pytest.fixture
def deeds(tmp_path: Path) -> tuple[Path, Path]:
    """A PDF and something else."""
    pdf, text = tmp_path / "deed.pdf", tmp_path / "deed.txt"
    pdf.write_bytes(small_pdf())
    text.write_text("譲渡証書\n", "utf-8")
    return pdf, text


def test_several_files_are_signed_with_one_password(quiet_town: Town, deeds: tuple[Path, Path], tmp_path: Path) -> None:
    """A PDF becomes a signed PDF, anything else gets a signature beside it; both readable by their owner only."""
    password = pin_file(tmp_path, "ABC123")
    told = result_of(run(quiet_town, "sign", *map(str, deeds), "--pin-file", password, *PERSONA, "--json"))
    pdf, beside = tmp_path / "deed.signed.pdf", tmp_path / "deed.txt.p7s"
    assert [each["result"] for each in told["signed"]] == [str(pdf), str(beside)]
    [signature] = PdfFileReader(BytesIO(pdf.read_bytes())).embedded_signatures
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    content = cms.ContentInfo.load(beside.read_bytes())["content"]
    assert content["encap_content_info"]["content"].native is None
    assert {stat.S_IMODE(path.stat().st_mode) for path in (pdf, beside)} == {0o600}


def test_the_form_and_the_folder_can_be_chosen(quiet_town: Town, deeds: tuple[Path, Path], tmp_path: Path) -> None:
    """The form registry offices publish for online applications (adbe.pkcs7.detached), with a reason."""
    password, folder = pin_file(tmp_path, "ABC123"), tmp_path / "signed"
    chosen = ("--as", "registry-pdf", "--into", str(folder), "--reason", "登記申請")
    result_of(run(quiet_town, "sign", str(deeds[0]), *chosen, "--pin-file", password, *PERSONA, "--json"))
    [signature] = PdfFileReader(BytesIO((folder / "deed.signed.pdf").read_bytes())).embedded_signatures
    assert signature.sig_object["/SubFilter"] == "/adbe.pkcs7.detached"
    assert signature.sig_object["/Reason"] == "登記申請"


def test_the_document_can_be_inside(quiet_town: Town, deeds: tuple[Path, Path], tmp_path: Path) -> None:
    password = pin_file(tmp_path, "ABC123")
    run(quiet_town, "sign", str(deeds[1]), "--as", "cms-attached", "--pin-file", password, *PERSONA)
    content = cms.ContentInfo.load((tmp_path / "deed.txt.p7m").read_bytes())["content"]
    assert content["encap_content_info"]["content"].native == deeds[1].read_bytes()


def test_the_holder_is_told_what_the_signature_carries(
    quiet_town: Town, deeds: tuple[Path, Path], tmp_path: Path
) -> None:
    password = pin_file(tmp_path, "ABC123")
    ended = run(quiet_town, "sign", str(deeds[1]), "--pin-file", password, *PERSONA)
    assert "your name, address, birth date and sex" in ended.stderr
    assert f"{deeds[1]} -> {tmp_path / 'deed.txt.p7s'}" in ended.stdout


def test_nothing_is_written_over_and_no_password_spent(
    quiet_town: Town, deeds: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "deed.txt.p7s").write_text("somebody's")
    wrong = pin_file(tmp_path, "WRONG99")
    ended = run(quiet_town, "sign", *map(str, deeds), "--pin-file", wrong, *PERSONA)
    assert (ended.exit_code, "is there already; nothing was signed" in ended.stderr) == (1, True)
    assert (tmp_path / "deed.txt.p7s").read_text() == "somebody's"
    assert not (tmp_path / "deed.signed.pdf").exists()


def test_two_files_do_not_become_one(quiet_town: Town, deeds: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    twin = tmp_path / "other" / "deed.txt"
    twin.write_text("another")
    ended = run(quiet_town, "sign", str(deeds[1]), str(twin), "--into", str(tmp_path / "signed"), *PERSONA)
    assert ended.exit_code == 1


def test_a_wrong_password_signs_nothing(quiet_town: Town, deeds: tuple[Path, Path], tmp_path: Path) -> None:
    wrong = pin_file(tmp_path, "WRONG99")
    ended = run(quiet_town, "sign", str(deeds[0]), "--pin-file", wrong, "--persona", "twin-first")
    assert ended.exit_code == CardRefused.exit_code
    assert not (tmp_path / "deed.signed.pdf").exists()


def test_what_is_no_pdf_is_malformed(quiet_town: Town, tmp_path: Path) -> None:
    (tmp_path / "deed.pdf").write_text("no pdf at all")
    password = pin_file(tmp_path, "ABC123")
    ended = run(quiet_town, "sign", str(tmp_path / "deed.pdf"), "--pin-file", password, *PERSONA)
    assert (ended.exit_code, "no PDF" in ended.stderr) == (4, True)


def test_a_child_s_card_signs_no_document(quiet_town: Town, deeds: tuple[Path, Path], tmp_path: Path) -> None:
    password = pin_file(tmp_path, "ABC123")
    ended = run(quiet_town, "sign", str(deeds[1]), "--pin-file", password, "--persona", "child")
    assert ended.exit_code == CardRefused.exit_code


def test_a_next_generation_card_signs_too(quiet_town: Town, deeds: tuple[Path, Path], tmp_path: Path) -> None:
    """P-384 with SHA-384."""
    password = pin_file(tmp_path, "ABC123")
    result_of(run(quiet_town, "sign", *map(str, deeds), "--pin-file", password, "--persona", "next", "--json"))
    [info] = cms.ContentInfo.load((tmp_path / "deed.txt.p7s").read_bytes())["content"]["signer_infos"]
    assert info["digest_algorithm"]["algorithm"].native == "sha384"


def test_a_timestamp_service_can_be_named(quiet_town: Town, deeds: tuple[Path, Path], tmp_path: Path) -> None:
    """Baseline B-T, from a service over HTTP (RFC 3161 §3.4)."""
    password, address = pin_file(tmp_path, "ABC123"), reserve()
    with serve_in_thread([(address, application(authority(), SystemClock(), SystemEntropy()))]):
        stamped = ("--timestamp", f"{address.origin}/tsa")
        result_of(run(quiet_town, "sign", *map(str, deeds), *stamped, "--pin-file", password, *PERSONA, "--json"))
    [info] = cms.ContentInfo.load((tmp_path / "deed.txt.p7s").read_bytes())["content"]["signer_infos"]
    assert [each["type"].native for each in info["unsigned_attrs"]] == ["signature_time_stamp_token"]
    [signature] = PdfFileReader(BytesIO((tmp_path / "deed.signed.pdf").read_bytes())).embedded_signatures
    assert [each["type"].native for each in signature.signer_info["unsigned_attrs"]] == ["signature_time_stamp_token"]


def test_without_the_timestamp_service_nothing_is_written(
    quiet_town: Town, deeds: tuple[Path, Path], tmp_path: Path
) -> None:
    password = pin_file(tmp_path, "ABC123")
    stamped = ("--timestamp", "http://127.0.0.1:9/tsa")
    ended = run(quiet_town, "sign", str(deeds[1]), *stamped, "--pin-file", password, *PERSONA)
    assert (ended.exit_code, "timestamp service does not answer" in ended.stderr) == (3, True)
    assert not (tmp_path / "deed.txt.p7s").exists()


def test_a_pdf_can_show_its_signature(quiet_town: Town, deeds: tuple[Path, Path], tmp_path: Path) -> None:
    """The frame stands where it was asked for, and the signature is one."""
    password = pin_file(tmp_path, "ABC123")
    shown = ("--visible-at", "1,100,120,200,60", "--visible-text", "承認します")
    result_of(run(quiet_town, "sign", str(deeds[0]), *shown, "--pin-file", password, *PERSONA, "--json"))
    [signature] = PdfFileReader(BytesIO((tmp_path / "deed.signed.pdf").read_bytes())).embedded_signatures
    assert list(map(float, signature.sig_field["/Rect"])) == [100, 120, 300, 180]


@pytest.mark.parametrize(
    ("file", "options"),
    [
        (1, ["--visible"]),
        (0, ["--visible-at", "1,2,3"]),
        (0, ["--visible-at", "0,1,1,99,99"]),
        (0, ["--visible-text", ""]),
    ],
)
def test_what_cannot_be_shown_is_told_before_the_password_is_asked_for(
    quiet_town: Town, deeds: tuple[Path, Path], tmp_path: Path, file: int, options: list[str]
) -> None:
    ended = run(quiet_town, "sign", str(deeds[file]), *options, *PERSONA)
    assert ended.exit_code == 2
    assert not (tmp_path / "deed.signed.pdf").exists()
