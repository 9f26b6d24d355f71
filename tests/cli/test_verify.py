"""``warifu verify``: reports on files, and exit codes that programs can rely on."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.cli.card_town import pin_file, run
from tests.documents.cms_world import CONTENT, Made
from tests.documents.world import AT, rsa, small_pdf
from tests.pki import world
from tests.pki.world import NOW, SIGNING
from tests.verifier.document_scene import DAY, list_of, made, revoked, stamped
from warifu.cli.root import root
from warifu.documents import sign_pdf, sign_xml
from warifu.town.town import Town

MOMENT = "2026-11-22T12:04:05+09:00"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good signature, the authority's certificate and its list."""
    (tmp_path / "deed.p7m").write_bytes(Made().encode())
    (tmp_path / "ca.crt").write_bytes(world.authority(SIGNING).certificate_der)
    (tmp_path / "list.crl").write_bytes(list_of())
    return tmp_path


def verify(folder: Path, *words: str, lang: str = "en", trust: bool = True) -> Result:
    trusted = ["--trust", str(folder / "ca.crt"), "--list", str(folder / "list.crl")] if trust else []
    arguments = ["--lang", lang, "--data-directory", str(folder / "data"), "verify", *words, *trusted, "--at", MOMENT]
    return CliRunner().invoke(root, arguments)


def test_a_good_signature_is_0(folder: Path) -> None:
    result = verify(folder, str(folder / "deed.p7m"))
    assert (result.exit_code, "TOTAL-PASSED" in result.stdout) == (0, True)
    assert result.stdout.startswith("Every signature is valid")


def test_the_report_speaks_japanese(folder: Path) -> None:
    result = verify(folder, str(folder / "deed.p7m"), lang="ja")
    assert result.stdout.startswith("すべての署名が有効です")
    assert "割符　花子" in result.stdout


def test_what_cannot_be_told_is_3(folder: Path) -> None:
    """Neither valid nor invalid is never a success."""
    result = verify(folder, str(folder / "deed.p7m"), trust=False)
    assert result.exit_code == 3
    assert "NO_CERTIFICATE_CHAIN_FOUND" in result.stdout
    (folder / "list.crl").write_bytes(list_of(revoked(NOW - DAY)))
    result = verify(folder, str(folder / "deed.p7m"))
    assert (result.exit_code, "REVOKED_NO_POE" in result.stdout) == (3, True)


def test_an_invalid_signature_is_1(folder: Path) -> None:
    (folder / "other.p7m").write_bytes(made(content=b"another deed").encode())
    result = verify(folder, str(folder / "other.p7m"))
    assert (result.exit_code, "HASH_FAILURE" in result.stdout) == (1, True)


def test_what_is_no_signature_is_4_and_the_others_are_verified(folder: Path) -> None:
    (folder / "text.p7m").write_text("no signature", "utf-8")
    result = verify(folder, str(folder / "text.p7m"), str(folder / "deed.p7m"), "--json")
    assert result.exit_code == 4
    broken, good = json.loads(result.stdout)["documents"]
    assert "error" in broken
    assert good["indication"] == "TOTAL-PASSED"
    assert verify(folder, str(folder / "text.p7m")).exit_code == 4


def test_a_file_that_cannot_be_read_is_3_and_the_others_are_verified(folder: Path) -> None:
    """Its beginning is no memory of the process, so the kernel refuses to read it."""
    result = verify(folder, "/proc/self/mem", str(folder / "deed.p7m"), "--json")
    unread, good = json.loads(result.stdout)["documents"]
    assert (result.exit_code, unread["file"], "error" in unread) == (3, "/proc/self/mem", True)
    assert good["indication"] == "TOTAL-PASSED"
    (folder / "text.p7m").write_text("no signature", "utf-8")
    assert verify(folder, "/proc/self/mem", str(folder / "text.p7m")).exit_code == 4
    (folder / "other.p7m").write_bytes(made(content=b"another deed").encode())
    assert verify(folder, "/proc/self/mem", str(folder / "other.p7m")).exit_code == 1


def test_a_list_that_cannot_be_had_stops_the_run_as_before(folder: Path) -> None:
    """It is about all of the files, so no report says anything without it."""
    (folder / "list.crl").unlink()
    (folder / "list.crl").symlink_to("/proc/self/mem")
    result = verify(folder, str(folder / "deed.p7m"), "--json")
    assert (result.exit_code, result.stdout) == (3, "")


def test_a_certificate_that_is_none_is_told_for_each_file(folder: Path) -> None:
    (folder / "ca.crt").write_bytes(b"-----BEGIN nothing")
    result = verify(folder, str(folder / "deed.p7m"), str(folder / "deed.p7m"), "--json")
    assert result.exit_code == 4
    assert [each["error"] for each in json.loads(result.stdout)["documents"]] == [
        f"{folder / 'ca.crt'} is no certificate"
    ] * 2


def test_the_worst_of_several_decides(folder: Path) -> None:
    (folder / "other.p7m").write_bytes(made(content=b"another deed").encode())
    (folder / "text.p7m").write_text("no signature", "utf-8")
    names = ("deed.p7m", "text.p7m", "other.p7m")
    assert verify(folder, *(str(folder / name) for name in names)).exit_code == 1


def test_a_detached_signature_is_verified_with_its_document(folder: Path) -> None:
    (folder / "deed.txt").write_bytes(CONTENT)
    (folder / "deed.p7s").write_bytes(made(content=None).encode())
    beside = verify(folder, str(folder / "deed.p7s"), "--detached", str(folder / "deed.txt"))
    assert beside.exit_code == 0
    alone = verify(folder, str(folder / "deed.p7s"))
    assert (alone.exit_code, "SIGNED_DATA_NOT_FOUND" in alone.stdout) == (3, True)


@pytest.mark.parametrize("form", ["pdf", "xml"])
def test_pdf_and_xml_are_verified_alike(folder: Path, form: str) -> None:
    holder = rsa()
    signed = {
        "pdf": lambda: sign_pdf(small_pdf(), holder.witness, AT),
        "xml": lambda: sign_xml(b"<deed/>", holder.witness, AT),
    }[form]()
    (folder / f"deed.{form}").write_bytes(signed)
    result = verify(folder, str(folder / f"deed.{form}"), "--json")
    assert result.exit_code == 0
    [document] = json.loads(result.stdout)["documents"]
    [signature] = document["signatures"]
    assert signature["form"] == {"pdf": "pades", "xml": "xades"}[form]


def test_the_page_needs_nothing_else(folder: Path) -> None:
    """No script, nothing loaded, and what a file is called cannot become part of it."""
    name = "<img src=x>.p7m"
    (folder / name).write_bytes(stamped(Made(), NOW).encode())
    result = verify(folder, str(folder / name), "--html", str(folder / "report.html"), lang="ja")
    page = (folder / "report.html").read_text("utf-8")
    assert result.exit_code == 0
    assert "<img" not in page
    assert "&lt;img" in page
    assert "<script" not in page
    assert "http" not in page.split("</head>")[1]
    assert "default-src 'none'" in page
    assert "割符　花子" in page


def test_a_page_is_about_one_file(folder: Path) -> None:
    deed = str(folder / "deed.p7m")
    assert verify(folder, deed, deed, "--html", str(folder / "report.html")).exit_code == 2


@pytest.mark.parametrize("moment", ["yesterday", "2026-13-01"])
def test_a_moment_is_written_in_one_way(folder: Path, moment: str) -> None:
    arguments = ["--lang", "en", "verify", str(folder / "deed.p7m"), "--at", moment]
    result = CliRunner().invoke(root, arguments)
    assert result.exit_code == 2


def test_the_towns_authorities_are_believed_on_demand(quiet_town: Town, tmp_path: Path) -> None:
    """A resident of the town signs; nobody answers about the status, since the town is not up."""
    (tmp_path / "deed.txt").write_bytes(CONTENT)
    password = pin_file(tmp_path, "ABC123")
    signed = run(quiet_town, "sign", str(tmp_path / "deed.txt"), "--pin-file", password, "--persona", "ordinary")
    assert signed.exit_code == 0
    words = ("verify", str(tmp_path / "deed.txt.p7s"), "--detached", str(tmp_path / "deed.txt"), "--json")
    elsewhere = ["--lang", "en", "--data-directory", str(tmp_path / "data")]
    strangers = CliRunner().invoke(root, [*elsewhere, *words])
    assert strangers.exit_code == 3
    [signature] = json.loads(strangers.stdout)["documents"][0]["signatures"]
    assert signature["sub_indication"] == "NO_CERTIFICATE_CHAIN_FOUND"
    ours = run(quiet_town, *words, "--town")
    [signature] = json.loads(ours.stdout)["documents"][0]["signatures"]
    assert (ours.exit_code, signature["sub_indication"]) == (3, "TRY_LATER")
    assert signature["signer"] is not None


@pytest.mark.parametrize("option", ["", "--detached", "--trust"])
def test_a_file_without_an_end_is_not_read_to_it(folder: Path, option: str) -> None:
    """Such a file says that it has no bytes at all."""
    (folder / "endless").symlink_to("/dev/zero")
    endless = str(folder / "endless")
    words = (str(folder / "deed.p7m"), option, endless) if option else (endless,)
    result = verify(folder, *words)
    assert result.exit_code in (2, 4)
    assert "larger than" in result.stderr
