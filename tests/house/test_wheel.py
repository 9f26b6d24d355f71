"""The wheel carries everything: it runs in an environment that has never seen the source tree."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=PATIENCE)
    (found,) = target.glob("warifu-*.whl")
    return found


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has warifu from the wheel, and its dependencies from here (by path, without the source tree)."""
    home = tmp_path_factory.mktemp("elsewhere")
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    site = next((home / "lib").glob("python3*")) / "site-packages"
    with ZipFile(wheel) as archive:
        archive.extractall(site)
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def run(python: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [str(python), *arguments]
    return subprocess.run(
        command, cwd=cwd, env=surroundings, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def test_the_wheel_has_every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    tracked = subprocess.run(["git", "ls-files", "src/warifu"], cwd=ROOT, capture_output=True, text=True, check=True)
    expected = {name.removeprefix("src/") for name in tracked.stdout.splitlines()}
    packed = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert expected
    assert packed == expected


def test_warifu_comes_from_the_wheel(elsewhere: Path, tmp_path: Path) -> None:
    found = run(elsewhere, "-c", "import warifu; print(warifu.__file__)", cwd=tmp_path)
    assert Path(found.stdout.strip()).is_relative_to(elsewhere.parents[1]), found.stderr


def test_the_command_runs_from_the_wheel(elsewhere: Path, tmp_path: Path) -> None:
    found = run(elsewhere, "-m", "warifu", "--version", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith("warifu ")


def test_a_town_is_founded_from_the_wheel(elsewhere: Path, tmp_path: Path) -> None:
    """Migrations, templates and the key pool are inside."""
    script = (
        "import sys; from pathlib import Path; from warifu.town.town import Town; "
        "from warifu.wire import pages; "
        "Town.create(Path(sys.argv[1])); print('founded')"
    )
    found = run(elsewhere, "-c", script, str(tmp_path / "town"), cwd=tmp_path)
    assert found.stdout == "founded\n", found.stderr
