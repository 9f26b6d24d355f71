"""The programs that the console hands out for stacks that the suite has not got, as they stand.

By `make soak ARGS=tests/soak/test_console_stacks.py`, where the stack is installed. WARIFU_STACKS names the root of
another system that has them (a Debian 13, say, made by debootstrap, with /proc in it), into which the programs are
taken by chroot.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
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
    """How a developer of the stack starts the program, the files that its packages bring, and what its tools write."""

    file: str
    needs: tuple[str, ...]
    command: Callable[[RelyingParty], list[str]]
    written: Mapping[str, str] = field(default_factory=dict)


def _port(party: RelyingParty) -> str:
    return party.redirect_uri.removeprefix("http://localhost:").removesuffix("/callback")


_GO = "usr/share/gocode"
_JARS = ("usr/share/java/jose4j.jar", "usr/share/java/slf4j-api.jar")
_PHP = "usr/share/zabbix/vendor/autoload.php"  # Debian has firebase/php-jwt only in there
_DOTNET = "usr/share/dotnet"
_PACKAGES = f"{_DOTNET}/packages"  # the assemblies of the packages that the program names, and of theirs
_OPTIONS = "-nologo -langversion:12 -nullable:enable -warnaserror -nowarn:CS1701,CS1702 -out:login.dll"
_CSHARP = f"""set -e
cp /{_PACKAGES}/*.dll .
references=$(printf -- '-r:%s ' /{_DOTNET}/shared/*/*/*.dll *.dll)
dotnet /{_DOTNET}/sdk/*/Roslyn/bincore/csc.dll {_OPTIONS} $references Program.cs Usings.cs
exec dotnet login.dll
"""
_WEB = (  # the implicit usings of Microsoft.NET.Sdk.Web
    *("System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Net.Http.Json"),
    *("System.Threading", "System.Threading.Tasks"),
    *(f"Microsoft.AspNetCore.{each}" for each in ("Builder", "Hosting", "Http", "Routing")),
    *(f"Microsoft.Extensions.{each}" for each in ("Configuration", "DependencyInjection", "Hosting", "Logging")),
)
_FRAMEWORKS = [{"name": f"Microsoft.{each}.App", "version": "8.0.0"} for each in ("NETCore", "AspNetCore")]
_RUNTIME = {"frameworks": _FRAMEWORKS, "rollForward": "Major"}
TRIALS = {
    # one .NET of 8 or later where Microsoft's packages lay it, with the SDK's compiler
    "csharp": Trial(
        "Program.cs",
        ("usr/bin/dotnet", f"{_DOTNET}/sdk", f"{_DOTNET}/shared/Microsoft.AspNetCore.App", _PACKAGES),
        lambda _: ["env", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1", "sh", "-c", _CSHARP],
        {
            "Usings.cs": "".join(f"global using global::{each};\n" for each in _WEB),
            "login.runtimeconfig.json": json.dumps({"runtimeOptions": _RUNTIME}),
        },
    ),
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
        "login.php",
        ("usr/bin/php", _PHP),
        lambda party: ["php", "-S", f"127.0.0.1:{_port(party)}", "login.php"],
        {"vendor/autoload.php": f"<?php require '/{_PHP}';"},  # what `composer require` leaves
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
    for name, text in trial.written.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    command = trial.command(party)
    if Path("/") != _ROOT:
        inside = f"--chdir=/{folder.relative_to(_ROOT)}"
        command = ["chroot", str(_ROOT), "env", inside, "HOME=/tmp", "PATH=/usr/bin:/bin", "LANG=C.UTF-8", *command]
    check(developer, party, command, folder)
    examine(party, command, folder)
