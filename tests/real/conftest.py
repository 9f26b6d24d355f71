"""A pcscd of our own with a software card in its virtual reader, for programs that nobody here wrote."""

import glob
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from tests.real.commands import Run, command_line
from tests.real.pcscd import Pcscd, isolated_pcscd, missing
from tests.waiting import PATIENCE
from warifu.testing import SoftwareCard, software_card

Tool = Callable[..., tuple[int, str]]
"""A program of many commands: its arguments, then its exit code and what it said."""


def cannot(reason: str) -> NoReturn:
    """Skip with the reason; in CI nothing may be missing."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have everything: {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def pcscd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pcscd]:
    """One pcscd for all tests, in namespaces of its own."""
    if reason := missing():
        cannot(reason)
    with isolated_pcscd(tmp_path_factory.mktemp("pcscd") / "log") as running:
        yield running


@pytest.fixture(scope="module")
def card(pcscd: Pcscd) -> Iterator[SoftwareCard]:
    """A card that stays in the reader for the whole module; nobody may leave it worse than it was."""
    card = software_card()
    with pcscd.inserted(card.connection):
        yield card


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """Where a program is; without it the test is skipped, or fails in CI."""

    def find(name: str) -> str:
        beside_us = Path(sys.executable).with_name(name)
        found = str(beside_us) if beside_us.exists() else shutil.which(name)
        return found or cannot(f"not installed: {name}")

    return find


@pytest.fixture(scope="session")
def opensc_pkcs11() -> str:
    """OpenSC's PKCS#11 module."""
    return next(iter(glob.glob("/usr/lib/*/opensc-pkcs11.so")), "") or cannot("not installed: opensc-pkcs11")  # noqa: PTH207 - one line


@pytest.fixture
def pkcs11_tool(pcscd: Pcscd, program: Callable[[str], str], opensc_pkcs11: str) -> Tool:
    """pkcs11-tool with OpenSC's module."""

    def run(*arguments: str) -> tuple[int, str]:
        ran = pcscd.run(program("pkcs11-tool"), "--module", opensc_pkcs11, *arguments)
        return ran.returncode, ran.stdout

    return run


@pytest.fixture
def run(pcscd: Pcscd, program: Callable[[str], str]) -> Run:
    """Run ``warifu``: exit code, stdout, stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        with command_line(pcscd, program("warifu"), arguments) as running:
            out, err = running.communicate(timeout=PATIENCE)
        return running.returncode, out, err

    return run
