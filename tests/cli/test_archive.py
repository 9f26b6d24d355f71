"""``warifu archive``: a folder verified, told of, and renewed with the town's services."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import Result

from tests.journeys.running_town import command, signed_deed
from warifu.pki import CertificateKind
from warifu.town.town import Town


@dataclass(frozen=True)
class Place:
    """A folder with an archive, and the town whose card signed what is in it."""

    folder: Path
    town: Town

    @property
    def archive(self) -> Path:
        return self.folder / "archive"

    def run(self, *words: str, lang: str = "en") -> Result:
        return command(self.town, *words, lang=lang)

    def verify(self, *words: str, lang: str = "en") -> Result:
        into = ("--into", str(self.folder / "reports"), "--town", "--workers", "1")
        return self.run("archive", "verify", str(self.archive), *into, *words, lang=lang)

    def renew(self, *words: str) -> Result:
        stamps = self.town.addresses.timestamps
        given = (
            "--timestamp",
            f"{stamps}/tsa",
            "--status",
            f"{self.town.addresses.services(CertificateKind.SIGNING).ocsp}",
        )
        proofs = [f"{stamps}/root.crt", f"{stamps}/root.crl"]
        proofs += map(str, sorted((self.town.folder / "authorities").glob("signing*.crt")))
        into = ("--into", str(self.folder / "reports"), "--town", "--workers", "1")
        more = [word for proof in proofs for word in ("--proof", proof)]
        return self.run("archive", "renew", str(self.archive), *into, *given, *more, *words)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("archive")
    with signed_deed(folder) as town:
        at = Place(folder, town)
        at.archive.mkdir()
        (folder / "deed.signed.pdf").rename(at.archive / "deed.pdf")
        yield at


def test_a_folder_is_verified_told_of_and_renewed(place: Place) -> None:
    """One story: good, to be renewed, renewed, good for longer, and then worse."""
    first = place.verify("--within", "3000", "--json")
    assert first.exit_code == 0, first.output
    told = json.loads(first.stdout)
    assert (told["counts"], [each["name"] for each in told["renew"]]) == ({"TOTAL-PASSED": 1}, ["deed.pdf"])

    before = (place.archive / "deed.pdf").read_bytes()
    renewed = place.renew("--within", "3000", "--json")
    assert renewed.exit_code == 0, renewed.output
    [became] = json.loads(renewed.stdout)
    assert became["lasts_until"] > told["renew"][0]["lasts_until"]
    after = (place.archive / "deed.pdf").read_bytes()
    assert after.startswith(before), "no byte that was there changed"

    second = place.verify("--within", "3000", lang="ja")
    assert second.exit_code == 0, second.output
    assert "有効: 1" in second.stdout
    assert "更新が必要" not in second.stdout
    nothing = place.renew("--within", "3000")
    assert (nothing.exit_code, nothing.stdout) == (0, "nothing needs to be renewed\n")

    (place.archive / "deed.pdf").write_bytes(after[:-2000])
    (place.archive / "note.txt").write_text("no document", "utf-8")
    third = place.verify()
    assert third.exit_code in {1, 4}
    assert "worse than the last time: 1" in third.stdout
    assert "unreadable, or no signed document: " in third.stdout


def test_an_empty_folder_is_told_of(place: Place, tmp_path: Path) -> None:
    told = place.run("archive", "verify", str(tmp_path), "--into", str(tmp_path / "reports"))
    assert (told.exit_code, "there are no documents" in told.stderr) == (1, True)


def test_renewing_needs_a_service(place: Place) -> None:
    told = place.run("archive", "renew", str(place.archive), "--into", str(place.folder / "reports"))
    assert (told.exit_code, "--timestamp" in told.stderr) == (2, True)
