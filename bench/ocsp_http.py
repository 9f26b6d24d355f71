"""What HTTP and the record add to an OCSP answer that is signed on demand.

One client asks over loopback on a connection it keeps; the limit is one RSA-2048 signature and one request to an ASGI
application that answers a constant. Between them lie reading the record, building the answer, Starlette, our middleware
and the hop to a worker thread. The second row is an endpoint that reads no record, so that Starlette and the middleware
are all there is.
"""

import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.types import Receive, Scope, Send

from bench.authorities import KIND, applications, authorities
from bench.row import Row, microseconds, slower_than_limit
from warifu.pki import KeySigner, build_ocsp_request
from warifu.town.pool import private_key
from warifu.wire.authority import application
from warifu.wire.serving import Reserved, reserve, serve_in_thread


def measure() -> list[Row]:
    """Two rows: a status answer, and a document that is at hand."""
    signer = KeySigner(private_key(0))
    with serving(signer) as (desk, question), serve_in_thread([(constant := reserve(), constant_answer)]):
        signature = microseconds(lambda: signer.sign(question), seconds=1.0)
        raw, answer = asked(constant, _post(question)), asked(desk, _post(question))
        document = asked(desk, get(f"/ca/{KIND.value}.cer"))
    return [
        slower_than_limit("OCSP answer over HTTP, signed on demand", answer, signature + raw, 0.8),
        slower_than_limit("HTTP endpoint that only computes", document, raw, 34 / 70),
    ]


@contextmanager
def serving(signer: KeySigner) -> Iterator[tuple[Reserved, bytes]]:
    """An authority on an address, and a question about a certificate it issued."""
    address = reserve()
    with tempfile.TemporaryDirectory() as folder, authorities(Path(folder), signer, address.origin) as record:
        [issued] = record.issue_all(applications(signer, 1))
        issuer = record.authority(KIND).issuer.certificate_der
        question = build_ocsp_request(issued.certificate, issuer, nonce=bytes(range(32)))
        with serve_in_thread([(address, application(record))]):
            yield address, question


def _post(question: bytes) -> bytes:
    head = f"POST /ocsp/{KIND.value} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/ocsp-request\r\n"
    return f"{head}content-length: {len(question)}\r\n\r\n".encode() + question


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode()


def asked(address: Reserved, request: bytes) -> float:
    """Microseconds from question to answer, with as little client as there can be."""
    with socket.create_connection(("127.0.0.1", address.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return microseconds(lambda: _ask(connection, request), seconds=1.5)


def _ask(connection: socket.socket, request: bytes) -> None:
    connection.sendall(request)
    answer = connection.recv(16384)
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError("not answered")
    _, _, rest = answer.lower().partition(b"content-length: ")
    missing = answer.find(b"\r\n\r\n") + 4 + int(rest.split(b"\r", 1)[0]) - len(answer)
    while missing > 0:
        missing -= len(connection.recv(missing))


async def constant_answer(scope: Scope, receive: Receive, send: Send) -> None:
    """The least an ASGI application can do with the same request."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
