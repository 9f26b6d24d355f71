"""``warifu evidence`` and ``warifu verify --evidence``: made with a running timestamp authority, checked offline."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result

from tests.journeys.running_town import command, signed_deed
from warifu.town.town import Town


@dataclass(frozen=True)
class Place:
    """A folder with a signed PDF, its evidence, and the town whose card signed."""

    folder: Path
    town: Town

    @property
    def evidence(self) -> Path:
        return self.folder / "deed.zip"

    @property
    def document(self) -> Path:
        return self.folder / "deed.signed.pdf"

    def run(self, *words: str, lang: str = "en") -> Result:
        return command(self.town, *words, lang=lang)

    def verify(self, *words: str, at: datetime | None = None, lang: str = "en") -> Result:
        moment = (at or datetime.now(UTC)).isoformat()
        return self.run("verify", *words, "--evidence", str(self.evidence), "--town", "--at", moment, lang=lang)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("evidence")
    with signed_deed(folder) as town:
        at = Place(folder, town)
        made = at.run(
            *("evidence", "make", str(at.document), "--town", "--out", str(at.evidence)),
            *("--timestamp", f"{town.addresses.timestamps}/tsa"),
        )
        assert made.exit_code == 0, made.stderr
        assert "a verifier's key was made" in made.stderr
    # From here on nobody answers.
    return at


def test_offline_it_passes(place: Place) -> None:
    told = place.verify(str(place.document))
    assert told.exit_code == 0, told.stderr
    assert "timestamps prove that it existed at" in told.stdout
    assert "TOTAL-PASSED" in told.stdout


def test_when_the_certificate_has_expired_it_still_passes(place: Place) -> None:
    later = datetime.now(UTC) + timedelta(days=6 * 365)
    assert place.run("verify", str(place.document), "--town", "--at", later.isoformat()).exit_code == 3
    told = place.verify(str(place.document), at=later)
    assert told.exit_code == 0, told.stdout


def test_without_the_document_nothing_is_certain(place: Place) -> None:
    told = place.verify(lang="ja")
    assert told.exit_code == 3
    assert "検証者の報告にすぎません" in told.stdout


def test_another_document_is_refused(place: Place) -> None:
    told = place.verify(str(place.folder / "deed.pdf"))
    assert told.exit_code in {1, 4}


def test_a_changed_bundle_is_refused(place: Place, tmp_path: Path) -> None:
    data = bytearray(place.evidence.read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "other.zip").write_bytes(data)
    told = place.run("verify", str(place.document), "--evidence", str(tmp_path / "other.zip"), "--town")
    assert told.exit_code in {1, 4}


def test_for_programs_there_is_json(place: Place) -> None:
    told = json.loads(place.verify(str(place.document), "--json").stdout)
    assert (told["indication"], told["withheld"]) == ("TOTAL-PASSED", 0)
    assert told["recorded"]["indication"] == told["document"]["indication"] == "TOTAL-PASSED"


def test_nothing_is_written_over(place: Place) -> None:
    words = ("evidence", "make", str(place.document), "--town", "--out", str(place.evidence), "--timestamp", "http://x")
    told = place.run(*words)
    assert (told.exit_code, "nothing was done" in told.stderr) == (1, True)
