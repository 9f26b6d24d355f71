"""Bodies read piece by piece: forms as RFC 7578 writes them, lines of a stream, each up to a size."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.requests import Request

from warifu.errors import Malformed
from warifu.wire.verifier import body
from warifu.wire.verifier.body import TooLong, lines_of, read_files

FORM = "multipart/form-data; boundary=x1"


def request(pieces: Sequence[bytes], kind: str = "application/pdf") -> Request:
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages.append({"type": "http.request", "body": b"", "more_body": False})
    coming = iter(messages)

    async def receive() -> Any:
        return next(coming)

    return Request({"type": "http", "headers": [(b"content-type", kind.encode())]}, receive)


def files(data: bytes, kind: str = FORM) -> dict[str, bytes]:
    return dict(asyncio.run(read_files(request([data], kind), "document", "content")))


def part(name: str, content: bytes, more: str = "") -> bytes:
    return f'--x1\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n"


def test_a_body_that_is_no_form_is_the_document() -> None:
    assert files(b"--x1", "application/pdf") == {"document": b"--x1"}


@given(st.binary(min_size=1).filter(lambda data: b"\r\n--x1" not in data), st.binary())
def test_a_form_gives_its_parts_back_to_the_byte(document: bytes, content: bytes) -> None:
    if b"\r\n--x1" in content:
        return
    sent = part("document", document, '; filename="name=content; x"') + part("content", content) + b"--x1--\r\n"
    assert files(sent) == {"document": document, "content": content}
    assert files(b"preamble\r\n" + sent, 'multipart/form-data; boundary="x1"')["document"] == document


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"--x1--",
        b"no form",
        part("document", b"a"),
        part("document", b"a") + b"--x1",
        part("document", b"a") + part("document", b"b") + b"--x1--",
        part("other", b"a") + b"--x1--",
        part("content", b"a") + b"--x1--",
        part("document", b"") + b"--x1--",
        b"--x1\r\nno head\r\n--x1--",
        b"--x1\r\n\r\na\r\n--x1--",
    ],
)
def test_what_is_no_such_form_is_malformed(sent: bytes) -> None:
    with pytest.raises(Malformed):
        files(sent)


def test_a_form_names_its_boundary() -> None:
    with pytest.raises(Malformed):
        files(part("document", b"a") + b"--x1--", "multipart/form-data")


@given(st.binary(max_size=300))
def test_whatever_is_sent_as_a_form_it_is_read_or_malformed(sent: bytes) -> None:
    for start in (b"", part("document", b"a")[:-2]):
        try:
            assert files(start + sent)["document"]
        except Malformed:
            continue


def test_no_more_is_read_than_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "LARGEST", 10)
    with pytest.raises(HTTPException) as refused:
        asyncio.run(read_files(request([b"12345678", b"9ab"]), "document"))
    assert refused.value.status_code == 413
    with pytest.raises(HTTPException):
        files(part("document", b"12345678901") + b"--x1--")


async def _lines(pieces: Sequence[bytes], longest: int) -> list[bytes | None]:
    came = [line async for some in lines_of(request(pieces), longest) for line in some]
    return [None if isinstance(line, TooLong) else line for line in came]


@given(st.lists(st.binary(max_size=12)), st.integers(1, 6))
def test_lines_are_the_same_however_they_come(pieces: list[bytes], longest: int) -> None:
    """In pieces or whole; one that is too long is told of once, and passed over."""
    whole = [line for line in b"".join(pieces).split(b"\n") if line.strip() or len(line) > longest]
    expected = [None if len(line) > longest else line for line in whole]
    assert asyncio.run(_lines(pieces, longest)) == expected
