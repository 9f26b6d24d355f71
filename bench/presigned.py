"""Status answers signed beforehand, over HTTP: from our process, and as files that nginx serves.

`wrk` asks for one answer by GET over eight connections; the limit is nginx (one process) with a file of the same bytes.
The first row is our process, with the answer at hand for a second (`wire.authority.warm`, `wire.at_hand`) and with the
headers that caches want; the third is the same held against what uvicorn does for an application that sends the same
bytes.
The second is nginx with the files that `make_answers` writes, found under the questions' addresses: whoever needs
nginx's speed has it.
"""

import re
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from bench.authorities import KIND, applications, authorities
from bench.row import Row
from warifu.pki import KeySigner, build_ocsp_request, encode_ocsp_get
from warifu.town.pool import private_key
from warifu.wire.authority import answer_pieces, application, make_answers
from warifu.wire.serving import reserve, serve_in_thread

CONNECTIONS, SECONDS, ROUNDS = 8, 1, 6
CERTIFICATES = 200

_CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr;
events {{ worker_connections 64; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; open_file_cache max=1000;
  default_type application/ocsp-response; root {root};
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; }}
}}
"""


def measure() -> list[Row]:
    """Our process, and nginx with our files."""
    signer = KeySigner(private_key(0))
    with tempfile.TemporaryDirectory() as name, answers(signer, Path(name)) as (ours, question, der):
        root = Path(name, "www")
        (root / "constant").write_bytes(der)
        bare = reserve()
        with nginx(root) as origin, serve_in_thread([(bare, _sending(der))]):
            path = f"ocsp/{KIND.value}/{encode_ocsp_get(question)}"
            urls = [f"{ours}/{path}", f"{origin}/{path}", f"{origin}/constant", f"{bare.origin}/"]
            check_same(urls, der)
            # In turns, so that other programs on the machine disturb all alike.
            rounds = [[requests_a_second(url) for url in urls] for _ in range(ROUNDS)]
    process, file, limit, uvicorn = (max(each) for each in zip(*rounds, strict=True))
    return [
        _rate("OCSP answer signed beforehand, over HTTP", process, limit, 0.3),
        _rate("OCSP answer signed beforehand, a file in nginx", file, limit, 0.8),
        _rate("OCSP answer signed beforehand, of what uvicorn can", process, uvicorn, 0.7),
    ]


def _sending(body: bytes) -> ASGIApp:
    """The least that an application does to send these bytes."""
    headers = [(b"content-length", str(len(body)).encode())]

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return application


def _rate(name: str, value: float, limit: float, goal: float) -> Row:
    return Row(name=name, value=value, unit="requests/s", limit=limit, ratio=value / limit, goal=goal)


@contextmanager
def answers(signer: KeySigner, folder: Path) -> Iterator[tuple[str, bytes, bytes]]:
    """An authority with answers made beforehand, kept and as files; its origin, a question, and the answer to it."""
    address = reserve()
    with authorities(folder, signer, address.origin) as record:
        issuer = record.authority(KIND).issuer.certificate_der
        question = build_ocsp_request(record.issue_all(applications(signer, CERTIFICATES))[-1].certificate, issuer)
        for piece in answer_pieces(record, folder=folder / "www"):
            make_answers(record, piece)
        with serve_in_thread([(address, application(record))]):
            yield address.origin, question, record.answer(KIND, question)


@contextmanager
def nginx(root: Path) -> Iterator[str]:
    """nginx in a folder of its own; its origin."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    free = reserve()
    port = free.port
    free.close()
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        for parent in (root, *root.parents[:1]):
            parent.chmod(0o755)
        configuration = Path(name, "nginx.conf")
        configuration.write_text(_CONFIGURATION.format(folder=name, root=root, port=port))
        process = subprocess.Popen([program, "-p", name, "-c", str(configuration)], stderr=subprocess.DEVNULL)
        try:
            _wait(f"http://127.0.0.1:{port}/constant", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(url):
                return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.05)
    raise RuntimeError("nginx did not start")


def check_same(urls: list[str], der: bytes) -> None:
    """Whoever answers, it is the same answer."""
    for url in urls:
        with urllib.request.urlopen(url) as answer:
            if answer.read() != der:
                raise RuntimeError(f"another answer from {url}")


def requests_a_second(url: str) -> float:
    """What wrk counts."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s+([0-9.]+)", said)
    if found is None or "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"wrk: {said}")
    return float(found[1])
