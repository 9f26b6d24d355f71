"""What the REST service adds to verifying a document: one at a time, and many in one request.

The limit is the same CMS document verified in this process, with the certificate seen before. The service sends it to
another process, which writes the report as JSON too; that is in both. One worker, so that the rate is one core's, and
what HTTP, the stream and the pipe between processes take comes on top of it.
"""

import base64
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread

import httpx2

from bench.cms import Case
from bench.row import Row, side_by_side
from warifu.verifier import report_to_json
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.serving import reserve, serve_in_thread
from warifu.wire.verification import Office, Premises, TrustedAnchor, open_office
from warifu.wire.verifier import Callers, Processes, application, running

_MANY = 400


def measure() -> list[Row]:
    """Two rows, in documents a second."""
    case = Case()
    with tempfile.TemporaryDirectory() as folder:
        anchor = TrustedAnchor.of(case.issuer.certificate_der, SystemClock().now())
        premises = Premises(Path(folder), (anchor,), (case.crl,))
        with open_office(premises) as office, _served(premises) as (origin, headers):
            verify, ask = partial(_verify, office, case.signed), partial(_ask, origin, headers, case.signed)
            stream = partial(_stream, origin, headers, case.signed)
            in_process, one = side_by_side(verify, ask, seconds=3.0)
            beside, many = side_by_side(verify, stream, seconds=6.0, rounds=10)
    return [
        _rate("document verified over REST, one at a time", 1e6 / one, 1e6 / in_process, 0.4),
        _rate("documents verified over REST, streamed, one core", _MANY * 1e6 / many, 1e6 / beside, 0.6),
    ]


def _rate(name: str, value: float, limit: float, goal: float) -> Row:
    return Row(name=name, value=value, unit="1/s", limit=limit, ratio=value / limit, goal=goal)


@contextmanager
def _served(premises: Premises) -> Iterator[tuple[str, dict[str, str]]]:
    callers = Callers(premises.data / "callers", SystemClock(), SystemEntropy())
    token = callers.make("bench", ("documents",))
    processes = Processes(partial(open_office, premises), 1)
    made = application(processes, callers, lifespan=lambda _application: running(processes))
    with serve_in_thread([(at := reserve(), made)]):
        yield at.origin, {"authorization": f"Bearer {token}"}


def _verify(office: Office, document: bytes) -> str:
    return json.dumps(report_to_json(office.verify(document, None, secret=bytes(32))))


_http = httpx2.Client(trust_env=False, timeout=60)


def _ask(origin: str, headers: dict[str, str], document: bytes) -> None:
    answer = _http.post(f"{origin}/documents", content=document, headers=headers)
    if answer.status_code != 200 or b"TOTAL-PASSED" not in answer.content:
        raise RuntimeError("not verified")


def _stream(origin: str, headers: dict[str, str], document: bytes) -> None:
    """Many documents in one request; a thread sends while we read."""
    line = json.dumps({"document": base64.b64encode(document).decode()}).encode() + b"\n"
    answered = _many(origin, headers, [line] * _MANY)
    if answered != _MANY:
        raise RuntimeError("not all were verified")


def _many(origin: str, headers: dict[str, str], lines: list[bytes]) -> int:
    """How many answers came, each of a document that passed."""
    body = b"".join(lines)
    connection = HTTPConnection(origin.removeprefix("http://"), timeout=60)
    connection.putrequest("POST", "/documents/many")
    for name, value in {**headers, "content-length": str(len(body))}.items():
        connection.putheader(name, value)
    connection.endheaders()
    sending = Thread(target=connection.sock.sendall, args=(body,))
    sending.start()
    answers = sum(b'"indication":"TOTAL-PASSED"' in line for line in connection.getresponse())
    sending.join()
    connection.close()
    return answers
