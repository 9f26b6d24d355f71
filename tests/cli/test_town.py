"""``warifu town``, as somebody at a terminal meets it: in this process, and as a process of its own with signals."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from click.testing import CliRunner, Result

from tests.journeys.running_town import standing_town
from tests.real.terminal import Terminal
from tests.town.ports import free_ports
from tests.waiting import PATIENCE
from warifu.cli.root import root
from warifu.errors import WrongPin
from warifu.reader import JpkiSession, Key
from warifu.services import ClientKey
from warifu.town.clients import clients
from warifu.town.personas import PERSONAS
from warifu.town.town import Town

posix = pytest.mark.skipif(os.name != "posix", reason="the signals are POSIX")


def _run(*arguments: str, lang: str = "en") -> Result:
    return CliRunner().invoke(root, ["--lang", lang, "town", *arguments], prog_name="warifu")


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return standing_town(tmp_path_factory.mktemp("town")).ground.directory


@contextmanager
def _up(directory: Path, *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", dict[str, Any]]]:
    """A town that runs as a process of its own, and what it printed when it was ready."""
    command = [sys.executable, "-c", "from warifu.cli import main; main()", "--lang", "en", "town", "up", "--json"]
    process = subprocess.Popen(
        [*command, "--directory", str(directory), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process, _printed(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _printed(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line == "}\n":
            break
    result = json.loads("".join(lines))
    assert isinstance(result, dict)
    return result


# --- people -----------------------------------------------------------------------------------------------------------


def test_people_are_listed_with_what_they_show(standing: Path) -> None:
    result = _run("people", "--directory", str(standing))
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "田中　蓮" in lines[2]
    assert "1234 / 5678 / ABC123" in lines[2]
    assert all(any(plan.english in line for line in lines) for plan in PERSONAS)


def test_people_are_listed_in_japanese(standing: Path) -> None:
    stdout = _run("people", "--directory", str(standing), lang="ja").stdout
    assert all(plan.japanese in stdout for plan in PERSONAS)


def test_people_as_json_have_stable_keys(standing: Path) -> None:
    printed = json.loads(_run("people", "--directory", str(standing), "--json").stdout)
    assert set(printed) == {"seed", "founded", "people"}
    assert set(printed["people"][0]) == {"name", "japanese", "english", "holder", "birth_date", "address", "cards"}
    pins = {"authentication_pin", "text_pin", "signing_password", "resident_pin", "common_pin"}
    assert set(printed["people"][0]["cards"][0]) == {"name", "matching_number_b", "one_pin", *pins}


def test_without_a_town_there_are_no_people_and_a_hint(tmp_path: Path) -> None:
    result = _run("people", "--directory", str(tmp_path))
    assert result.exit_code == 1
    assert result.stderr == f"there is no town in {tmp_path}\nhint: 'warifu town up' founds one\n"


# --- reader -----------------------------------------------------------------------------------------------------------


def test_without_a_virtual_reader_it_says_what_to_install(standing: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]  # nobody else's as long as it is ours
        result = _run("reader", "ordinary", "--port", str(port), "--directory", str(standing))
    assert result.exit_code == 3
    assert result.stderr.splitlines()[0] == f"no virtual card reader listens on 127.0.0.1:{port}"
    assert "apt install pcscd vsmartcard-vpcd" in result.stderr.splitlines()[1]


def test_who_has_no_card_cannot_put_one_into_a_reader(standing: Path) -> None:
    result = _run("reader", "cardless", "--directory", str(standing))
    assert (result.exit_code, result.stderr) == (1, "cardless has no card\n")


@posix
def test_a_card_in_the_reader_is_held_until_ctrl_c(standing: Path) -> None:
    """The test plays vpcd: it listens, asks for the answer to reset, and sees the card go."""
    with socket.create_server(("127.0.0.1", 0)) as vpcd:
        port = str(vpcd.getsockname()[1])
        script = "from warifu.cli import main; main()"
        arguments = ["--lang", "en", "town", "reader", "child", "--port", port, "--directory", str(standing)]
        with subprocess.Popen([sys.executable, "-c", script, *arguments], stderr=subprocess.PIPE, text=True) as process:
            line, _ = vpcd.accept()
            with line:
                line.sendall(b"\x00\x01\x04")
                assert line.recv(100)[2:3] == b"\x3b"
                assert process.stderr is not None
                assert "the card child is in the virtual reader" in process.stderr.readline()
                held = _run("reader", "child", "--port", port, "--directory", str(standing))
                assert (held.exit_code, held.stderr) == (3, "the card is in use: in a reader, or on another phone\n")
                process.send_signal(signal.SIGINT)
                assert process.wait(PATIENCE) == 0
                assert line.recv(100) == b""


# --- up ---------------------------------------------------------------------------------------------------------------


@posix
def test_up_serves_everything_until_ctrl_c_and_keeps_it(tmp_path: Path) -> None:
    base = str(free_ports())
    with _up(tmp_path, "--port-base", base) as (process, printed):
        assert len(printed["people"]) == len(PERSONAS)
        for address in printed["addresses"].values():
            origin, port = urlsplit(address).netloc, urlsplit(address).port
            answer = httpx2.get(f"http://127.0.0.1:{port}/", headers={"host": origin})
            assert answer.status_code in {200, 303, 404}, origin  # a desk leads to where one signs in
        metadata = httpx2.get(printed["issuer"] + "/.well-known/openid-configuration").json()
        assert metadata["issuer"] == printed["issuer"]
        links = json.loads(_run("sign-in", "--directory", str(tmp_path), "--json").stdout)["sign_in"]
        assert links.keys() == printed["sign_in"].keys()
        assert links != printed["sign_in"]
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert process.stderr is not None
        assert process.stderr.read().endswith("the town is closed; it will be here next time\n")
    with Town.open(tmp_path).card("ordinary") as card, pytest.raises(WrongPin):
        JpkiSession(card).verify(Key.AUTHENTICATION, "0000")
    with _up(tmp_path) as (_, again):
        assert again.pop("sign_in") != printed.pop("sign_in"), "links are for once"
        assert again == printed
    with Town.open(tmp_path).card("ordinary") as card:
        assert JpkiSession(card).tries_left(Key.AUTHENTICATION) == 2


def test_a_town_that_is_not_up_gives_no_links(standing: Path) -> None:
    result = _run("sign-in", "--directory", str(standing))
    assert (result.exit_code, result.stderr) == (3, "the town is not up\n")


@posix
def test_an_empty_register_is_told_with_the_way_out(tmp_path: Path) -> None:
    """As a town has it that was founded before there was a register."""
    town = Town.create(tmp_path, port_base=free_ports())
    for name in ("registry", "numbering"):
        shutil.rmtree(town.folder / name)
    with _up(tmp_path) as (process, _):
        assert process.stderr is not None
        told = next(line for line in process.stderr if "earlier version" in line)
        assert told.rstrip().endswith("--fresh starts over with everybody in the register")


@posix
def test_a_second_up_in_the_same_directory_is_told_so_and_fresh_starts_over_afterwards(tmp_path: Path) -> None:
    base = str(free_ports())
    with _up(tmp_path, "--port-base", base) as (_, first):
        second = _run("up", "--directory", str(tmp_path))
        assert (second.exit_code, second.stderr) == (3, f"another process runs the town in {tmp_path}\n")
    with _up(tmp_path, "--fresh", "--seed", "9", "--port-base", base) as (_, fresh):
        assert fresh["seed"] == 9
        assert fresh["people"] != first["people"]


@posix
@pytest.mark.parametrize("answer", ["n", ""])
def test_fresh_asks_at_a_terminal_before_the_town_is_lost(tmp_path: Path, answer: str) -> None:
    """Destructive verbs name what will be lost, and no is the default."""
    Town.create(tmp_path, seed=5)
    program = [sys.executable, "-c", "from warifu.cli import main; main()", "--lang", "en", "town", "up"]
    arguments = ["--fresh", "--directory", str(tmp_path), "--seed", "6", "--port-base", str(free_ports())]
    with Terminal(["setsid", "--ctty", *program, *arguments]) as terminal:
        terminal.wait_for("Go on? [y/N]")
        terminal.type(answer)
        assert terminal.wait() == 1
    assert Town.open(tmp_path).roster.seed == 5


@posix
def test_killed_while_it_runs_it_starts_again(tmp_path: Path) -> None:
    base = str(free_ports())
    with _up(tmp_path, "--port-base", base) as (process, first):
        process.kill()
        process.wait()
    with _up(tmp_path) as (_, second):
        assert second.pop("sign_in") != first.pop("sign_in"), "links are for once"
        assert second == first


def test_a_taken_port_is_one_sentence_and_nothing_is_founded(tmp_path: Path) -> None:
    base = free_ports()
    with socket.create_server(("127.0.0.1", base + 2)):
        result = _run("up", "--directory", str(tmp_path), "--port-base", str(base))
    assert result.exit_code == 3
    assert result.stderr.startswith(f"port {base + 2} on rp.localhost is taken")
    assert not (tmp_path / "current").exists()


@pytest.mark.parametrize(
    ("arguments", "founded_with"),
    [(["--seed", "2"], "seed 1"), (["--port-base", "9000"], "port base 8700"), (["--fresh-keys"], "test keys")],
)
def test_a_town_founded_otherwise_is_not_taken_for_the_one_asked_for(
    standing: Path, arguments: list[str], founded_with: str
) -> None:
    result = _run("up", "--directory", str(standing), *arguments)
    assert result.exit_code == 1
    expected = f"the town in {standing} was founded with {founded_with}\nhint: --fresh starts over with another one\n"
    assert result.stderr == expected


def test_a_port_base_that_leaves_no_room_is_a_usage_error(tmp_path: Path) -> None:
    assert _run("up", "--directory", str(tmp_path), "--port-base", "65535").exit_code == 2


def test_a_log_level_that_does_not_exist_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARIFU_LOG_LEVEL", "loud")
    result = _run("up", "--directory", str(tmp_path))
    assert (result.exit_code, result.stderr) == (4, "log_level is one of debug, error, info, warning\n")


# --- client -----------------------------------------------------------------------------------------------------------


def _register(directory: Path, jwks: object, name: str = "mine", uri: str = "https://rp.example/cb") -> Result:
    path = directory / "jwks.json"
    path.write_text(json.dumps(jwks), "utf-8")
    return _run("client", name, "--redirect-uri", uri, "--jwks", str(path), "--json", "--directory", str(directory))


def test_a_client_is_registered_and_keeps_its_id_when_it_changes(tmp_path: Path, standing: Path) -> None:
    town = standing_town(tmp_path)
    jwks = ClientKey.generate().public_jwks()
    first = json.loads(_register(tmp_path, jwks).stdout)
    second = json.loads(_register(tmp_path, jwks, uri="https://rp.example/other").stdout)
    assert first["client_id"] == second["client_id"] == "RP00000100"
    assert json.loads(_register(tmp_path, jwks, name="another").stdout)["client_id"] == "RP00000101"
    known = {client.id: client for client in clients(town.folder, town.ground.clients, town.addresses)}
    assert list(known) == ["RP00000001", "RP00000002", "RP00000101", "RP00000100"]
    assert known["RP00000100"].redirect_uris == ("https://rp.example/other",)


@pytest.mark.parametrize(
    ("jwks", "complaint"),
    [
        ({"keys": []}, "at least one key"),
        ({"keys": [{"kty": "EC", "d": "x"}]}, "private key"),
        ({"keys": [{"kty": "EC", "crv": "P-256"}]}, "no key that can sign"),
        ({"x": []}, "at least one key"),
    ],
)
def test_a_key_set_that_breaks_the_rules_is_refused(tmp_path: Path, jwks: object, complaint: str) -> None:
    standing_town(tmp_path)
    result = _register(tmp_path, jwks)
    assert result.exit_code == 4
    assert complaint in result.stderr
    assert not list(tmp_path.glob("clients/*"))


def test_a_client_that_somebody_wrote_wrongly_is_named(tmp_path: Path) -> None:
    town = Town.create(tmp_path, port_base=free_ports())
    town.ground.clients.mkdir()
    (town.ground.clients / "x.json").write_text("{", "utf-8")
    result = _run("up", "--directory", str(tmp_path))
    assert result.exit_code == 4
    assert "x.json" in result.stderr
