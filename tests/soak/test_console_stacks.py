"""The programs that the console hands out for stacks that the suite has not got, as they stand.

By `make soak ARGS=tests/soak/test_console_stacks.py`, where the stack is installed. WARIFU_STACKS names the root of
another system that has them (a Debian 13, say, made by debootstrap), into which the programs are taken by chroot.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.real.console_programs import check, copied, examine
from tests.soak import CAMPAIGN
from tests.town.console_world import Developer, running
from warifu.services import RelyingParty

pytestmark = CAMPAIGN

_ROOT = Path(os.environ.get("WARIFU_STACKS", "/"))


@dataclass(frozen=True)
class Trial:
    """How a developer of the stack starts the program, and the files that Debian's packages bring."""

    file: str
    needs: tuple[str, ...]
    command: Callable[[RelyingParty], list[str]]


def _port(party: RelyingParty) -> str:
    return party.redirect_uri.removeprefix("http://localhost:").removesuffix("/callback")


_GO = "usr/share/gocode"
_JARS = ("usr/share/java/jose4j.jar", "usr/share/java/slf4j-api.jar")
_PHP = "usr/share/zabbix/vendor/autoload.php"  # Debian has firebase/php-jwt only in there
TRIALS = {
    # golang-go, golang-golang-x-oauth2-dev, golang-github-coreos-go-oidc-v3-dev, golang-github-golang-jwt-jwt-v5-dev
    "go": Trial(
        "main.go",
        ("usr/bin/go", f"{_GO}/src/github.com/coreos/go-oidc/v3", f"{_GO}/src/github.com/golang-jwt/jwt/v5"),
        lambda _: ["env", "GO111MODULE=off", f"GOPATH=/{_GO}", "sh", "-c", "go build -o login main.go && exec ./login"],
    ),
    # default-jdk-headless, libjose4j-java, libslf4j-java
    "java": Trial(
        "Login.java",
        ("usr/bin/java", *_JARS),
        lambda _: ["java", "-cp", ":".join(f"/{each}" for each in _JARS), "Login.java"],
    ),
    # php-cli; the files of zabbix-frontend-php
    "php": Trial(
        "login.php", ("usr/bin/php", _PHP), lambda party: ["php", "-S", f"127.0.0.1:{_port(party)}", "login.php"]
    ),
    # ruby, ruby-jwt, ruby-webrick
    "ruby": Trial(
        "login.rb", ("usr/bin/ruby", "usr/share/rubygems-integration/all/gems"), lambda _: ["ruby", "login.rb"]
    ),
}


@pytest.fixture(scope="module")
def developer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Developer]:
    with running(tmp_path_factory.mktemp("stacks") / "town") as made:
        yield made


@pytest.fixture
def folder() -> Iterator[Path]:
    """In the system in which the program runs."""
    made = Path(tempfile.mkdtemp(dir=_ROOT / "tmp"))
    yield made / "app"
    shutil.rmtree(made)


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
@pytest.mark.parametrize("stack", sorted(TRIALS))
def test_it_logs_people_in(developer: Developer, folder: Path, stack: str, algorithm: str) -> None:
    """A login, a cancelled one, a callback of nobody's, the sandbox, the examiner; and no rule broken."""
    trial = TRIALS[stack]
    if absent := [each for each in trial.needs if not os.path.lexists(_ROOT / each)]:
        pytest.skip(f"not installed: {', '.join(absent)}")
    party = copied(developer, stack, trial.file, folder, algorithm)
    if stack == "php":  # what `composer require` leaves
        (folder / "vendor").mkdir()
        (folder / "vendor" / "autoload.php").write_text(f"<?php require '/{_PHP}';")
    command = trial.command(party)
    if Path("/") != _ROOT:
        inside = f"--chdir=/{folder.relative_to(_ROOT)}"
        command = ["chroot", str(_ROOT), "env", inside, "HOME=/tmp", "PATH=/usr/bin:/bin", "LANG=C.UTF-8", *command]
    check(developer, party, command, folder)
    examine(party, command, folder)
