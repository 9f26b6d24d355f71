"""Full logins at the provider: how many on a core, where its time goes, and npm oidc-provider in the same run.

A login is all that a browser (the request, the login page, a look at its state, the way back), a phone (invitation,
answer with the four attributes, decision) and a client's server (code for tokens, UserInfo) say: eight requests here.
npm's provider knows no card and logs in whoever comes, in five requests and in memory; ours keeps every step in SQLite,
on the disk. The split of the time is measured apart: verification, JOSE, and the whole conversation without HTTP, of
which the rest is the store and the decisions. wrk asks for the beginning of logins, sixteen at a time. Two processes on
one machine share its processors with PostgreSQL and the visitors; what waiting for each other costs shows where the
database is far away.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread, get_native_id

from sqlalchemy import event
from tests.idp import world
from tests.idp.world import CLIENT, EC, NOW, REDIRECT_URI, query
from tests.real.npm_clients import Way, npm_provider
from tests.verifier.scene import Scene
from tests.wire.postgresql import programs, running_server
from tests.wire.provider_world import answer

from bench.driving import Visitor, computing
from bench.ocsp_http import asked, constant_answer, get
from bench.provider_server import stage
from bench.row import Row, microseconds, slower_than_limit
from warifu.idp import DA_COMPAT, Assurance, IdTokenSigner, Presented, Provider, Session, check_assertion
from warifu.wire.provider import ProviderService, application
from warifu.wire.serving import reserve, serve_in_thread

LOGINS = 40
_AT_ONCE = 8
_ROOT = Path(__file__).parents[1]


def measure() -> list[Row]:
    """The rows, each with what it is measured against."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        ours, process = running.enter_context(_ours(folder, str(folder / "provider.sqlite")))
        issuer = running.enter_context(npm_provider(Way("da-compat", "ES256"), REDIRECT_URI, _jwks()))
        theirs = Visitor(issuer, f"{issuer}/auth", f"{issuer}/token", f"{issuer}/me", time.time)
        node = _process_at(issuer)
        core, passed = _logins(ours.log_in_with_card, process)
        peer, peer_passed = _logins(theirs.log_in_at_once, node)
        rows = [
            _rate("provider: full logins, per second of one core", 1 / core, 1 / peer, 1.0),
            _rate("provider: full logins, one after another, per second", 1 / passed, 1 / peer_passed, 1.0),
            *_split(folder, core),
            _computing_only(folder),
            *_under_wrk(ours, theirs),
        ]
    return [*rows, *_two_processes(), _far_database()]


def _rate(name: str, value: float, limit: float, goal: float) -> Row:
    return Row(name=name, value=value, unit="1/s", limit=limit, ratio=value / limit, goal=goal)


def _jwks() -> dict[str, object]:
    return {"keys": [EC.as_dict(private=False)]}


def _logins(log_in: Callable[[], None], process: int, count: int = LOGINS) -> tuple[float, float]:
    """Seconds of one core, and seconds, that one login takes."""
    for _ in range(20):
        log_in()
    with computing(process) as told:
        for _ in range(count):
            log_in()
    return told[0] / count, told[1] / count


@contextmanager
def _ours(folder: Path, database: str) -> Iterator[tuple[Visitor, int]]:
    """Our provider in a process of its own."""
    with stage(folder, database).service() as service:
        service.register(CLIENT)
    at = reserve("localhost")
    provider = Provider(at.origin)
    at.close()
    with _server(folder, database, provider.origin) as (port, process):
        endpoints = provider.authorization_endpoint, provider.token_endpoint, provider.userinfo_endpoint
        yield Visitor(provider.origin, *endpoints, NOW.timestamp).at(port), process


@contextmanager
def _server(folder: Path, database: str, origin: str) -> Iterator[tuple[int, int]]:
    """One process: its port and its number."""
    command = [sys.executable, "-m", "bench.provider_server", str(folder), database, origin]
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), process.pid
        finally:
            process.kill()


def _process_at(origin: str) -> int:
    """Who listens there: the youngest of our own children that runs Node."""
    children = Path(f"/proc/self/task/{get_native_id()}/children").read_text().split()
    nodes = [child for child in children if "provider.mjs" in Path(f"/proc/{child}/cmdline").read_text()]
    if len(nodes) != 1:
        raise RuntimeError(f"which process is {origin}?")
    return int(nodes[0])


def _split(folder: Path, core: float) -> list[Row]:
    """Where the microseconds of a login go; each against the whole."""
    whole = core * 1e6
    apart = folder / "apart"
    apart.mkdir()
    with stage(apart).service() as service:
        service.register(CLIENT)
        verification = microseconds(Scene().check)
        jose = _jose()
        conversation = _conversation(service)
    parts = {
        "card verification": verification,
        "JOSE": jose,
        "the store, the attributes and the decisions": conversation - verification - jose,
        "HTTP and the page": whole - conversation,
    }
    return [
        Row(
            name=f"provider: of a login's time, {name}",
            value=part,
            unit="µs",
            limit=whole,
            ratio=part / whole,
            goal=0.0,
        )
        for name, part in parts.items()
    ]


def _computing_only(folder: Path) -> Row:
    """The metadata, for which nothing is looked up: what HTTP itself takes, against the least ASGI application."""
    apart = folder / "computing"
    apart.mkdir()
    own, constant = reserve(), reserve()
    path = DA_COMPAT.realm + DA_COMPAT.discovery
    with (
        stage(apart).service() as service,
        serve_in_thread([(own, application(service)), (constant, constant_answer)]),
    ):
        raw, metadata = asked(constant, get(path)), asked(own, get(path))
    return slower_than_limit("provider: HTTP endpoint that only computes", metadata, raw, 34 / 70)


def _jose() -> float:
    """Checking the client's assertion, and issuing an ID token."""
    assertion = world.assertion(EC, "ES256")
    session = Session("subject", CLIENT.id, NOW, "a nonce", Assurance("aal3", ("mfa", "sc", "pin")))
    signer: IdTokenSigner = world.SIGNER
    return microseconds(lambda: check_assertion(assertion, CLIENT, world.PROVIDER, NOW)) + microseconds(
        lambda: signer.issue(session, "a token", world.PROVIDER, NOW)
    )


def _conversation(service: ProviderService, count: int = LOGINS, visitor: str = "bench") -> float:
    """Microseconds of one core that a login takes without HTTP; what the card and the client do is left out."""
    spent = 0.0
    for number in range(count):
        spent -= time.thread_time()
        begun = service.begin(world.parameters())
        invitation = service.invitation(begun.transaction)
        spent += time.thread_time()
        told = answer(invitation)
        spent -= time.thread_time()
        shared = service.answer(begun.transaction, told)
        service.allow(begun.transaction, shared.decision_token)
        code = query(service.go_back(begun.transaction, begun.cookie))["code"]
        spent += time.thread_time()
        form = world.form(code=code, client_assertion=world.assertion(EC, "ES256", jti=f"{visitor} {number}"))
        spent -= time.thread_time()
        given = service.token(form)
        service.userinfo(Presented(str(given["access_token"]), bound=False))
        spent += time.thread_time()
    return spent / count * 1e6


def _under_wrk(ours: Visitor, theirs: Visitor) -> list[Row]:
    """How long sixteen at a time wait for a login to begin."""
    program = shutil.which("wrk")
    if program is None:
        raise RuntimeError("wrk is not installed")
    told = [_wrk(program, each) for each in (ours, theirs)]
    rows = [
        slower_than_limit(f"provider: a login begins, {part} of 16 at a time", told[0][part], told[1][part], 1.0, "ms")
        for part in ("50%", "90%", "99%")
    ]
    return [*rows, _rate("provider: logins begun per second, 16 at a time", told[0]["rate"], told[1]["rate"], 1.0)]


def _wrk(program: str, visitor: Visitor) -> dict[str, float]:
    command = [program, "-t1", "-c16", "-d3s", "--latency", visitor.address + visitor.request()]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    if "Non-2xx" in said:
        raise RuntimeError(said)
    units = {"us": 1e-3, "ms": 1.0, "s": 1e3}
    found = re.findall(r"^\s+(\d+%)\s+([\d.]+)(us|ms|s)\s*$", said, re.MULTILINE)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert rate is not None
    return {part: float(number) * units[unit] for part, number, unit in found} | {"rate": float(rate.group(1))}


def _two_processes() -> list[Row]:
    """Two processes over one PostgreSQL against one: logins per second by two visitors, and what each login costs."""
    binaries = programs()
    if binaries is None:
        raise RuntimeError("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory() as name, running_server(binaries) as server, ExitStack() as running:
        folder, database = Path(name), server.new_database("provider")
        first, process = running.enter_context(_ours(folder, database))
        port, second = running.enter_context(_server(folder, database, first.origin))
        alone, alone_passed = _crowd([first, first.at(int(first.address.rpartition(":")[2]))], process)
        both, both_passed = _crowd([first, first.at(port)], process, second)
    return [
        _rate("provider: logins per second, two processes on PostgreSQL", 1 / both_passed, 1 / alone_passed, 1.0),
        slower_than_limit("provider: a login's cost, two processes on PostgreSQL", both * 1e3, alone * 1e3, 0.9, "ms"),
    ]


def _far_database() -> Row:
    """Eight who log in at once at two services whose PostgreSQL answers after five milliseconds, against one."""
    binaries = programs()
    if binaries is None:
        raise RuntimeError("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory() as name, running_server(binaries) as server, ExitStack() as running:
        database = server.new_database("provider")
        services = [running.enter_context(stage(Path(name), database).service()) for _ in range(2)]
        services[0].register(CLIENT)
        for each in services:
            event.listen(each._engine, "before_cursor_execute", lambda *_: time.sleep(0.005))
        alone, together = _passed(services, 1), _passed(services, _AT_ONCE)
    return _rate("provider: logins per second, eight at once, database far away", together, alone * _AT_ONCE, 0.5)


def _passed(services: list[ProviderService], crowd: int) -> float:
    """Logins per second, without HTTP."""
    many = 5
    threads = [
        Thread(target=_conversation, args=(services[number % 2], many, f"{crowd} {number}")) for number in range(crowd)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return crowd * many / (time.perf_counter() - started)


def _crowd(visitors: list[Visitor], *processes: int) -> tuple[float, float]:
    """Several who log in at once: seconds of a core, and seconds, for each login."""
    many = LOGINS // 2

    def log_in(visitor: Visitor) -> None:
        for _ in range(many):
            visitor.log_in_with_card()

    for each in visitors:
        each.log_in_with_card()
    threads = [Thread(target=log_in, args=(each,)) for each in visitors]
    with computing(*processes) as told:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return told[0] / many / len(visitors), told[1] / many / len(visitors)
