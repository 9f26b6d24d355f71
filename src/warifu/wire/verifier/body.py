"""Bodies with documents in them: one file as it is, or several parts of a form; read piece by piece, up to a size.

Wire: any media type but ``multipart/form-data`` (RFC 7578) is one file. In a form each part has a name that is known,
once; what a part says of its own type and file name is not looked at.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from warifu.errors import Malformed, Unavailable

__all__ = ["LARGEST", "LINE", "TooLong", "lines_of", "read_files"]

LARGEST = 100_000_000
"""Bytes of a document, of what a detached signature is about, of a bundle: what the readers take."""
LINE = LARGEST * 4 // 3 + 64 * 1024
"""Bytes of a line with a document in base64."""
_FORM = LARGEST * 2 + 64 * 1024
_SECONDS = 120.0
"""How long a body of a document may take to come."""
_NAME = re.compile(rb'content-disposition:\s*form-data\s*;(?:.*;)?\s*name="?([a-z]{1,20})"?\s*(?:;|$)', re.IGNORECASE)
_BOUNDARY = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)
_MULTIPART = "multipart/form-data"


class TooLong:
    """In place of a line that is too long: it was passed over."""


async def read_files(request: Request, first: str, *others: str) -> Mapping[str, bytes]:
    """The files of a body by name; a body that is no form is the `first`, which must be there.

    Raises:
        Malformed: no such form, a part of another name or twice, or none that is needed.
        HTTPException: 413, the body is too long.
        Unavailable: it does not come to its end.
    """
    kind = request.headers.get("content-type", "")
    form = kind.partition(";")[0].strip().lower() == _MULTIPART
    try:
        async with asyncio.timeout(_SECONDS):
            body = await _read(request, _FORM if form else LARGEST)
    except TimeoutError:
        raise Unavailable("the body does not come to its end") from None
    except ClientDisconnect:
        raise Malformed("the body was cut short") from None
    files = _parts(body, kind, frozenset({first, *others})) if form else {first: body}
    if not files.get(first):
        raise Malformed(f"there is no {first} in the body")
    if any(len(part) > LARGEST for part in files.values()):
        raise HTTPException(413, "content too large")
    return files


async def _read(request: Request, limit: int) -> bytes:
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > limit:
        raise HTTPException(413, "content too large")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            raise HTTPException(413, "content too large")
    return bytes(body)


def _parts(body: bytes, kind: str, known: frozenset[str]) -> dict[str, bytes]:
    """The parts of a form (RFC 2046 §5.1.1): what is before the first and behind the last boundary is nothing."""
    found = _BOUNDARY.search(kind)
    if found is None:
        raise Malformed("a form names its boundary")
    boundary = b"--" + (found[1] or found[2]).encode("latin-1")
    if not body.startswith(boundary):
        body = body[max(body.find(b"\r\n" + boundary), 0) + 2 :]
    parts: dict[str, bytes] = {}
    position = len(boundary)
    while body[position - len(boundary) : position] == boundary and body[position : position + 2] == b"\r\n":
        end = body.find(b"\r\n" + boundary, position)
        if end < 0:
            raise Malformed("a form that does not come to its end")
        name, content = _part(body[position + 2 : end], known)
        if name in parts:
            raise Malformed(f"{name} is there twice")
        parts[name] = content
        position = end + 2 + len(boundary)
    if body[position : position + 2] != b"--":
        raise Malformed("a form that does not come to its end")
    return parts


def _part(part: bytes, known: frozenset[str]) -> tuple[str, bytes]:
    head, blank, content = part.partition(b"\r\n\r\n")
    names = [match[1].decode() for line in head.split(b"\r\n") if (match := _NAME.match(line))]
    if not blank or len(names) != 1 or names[0] not in known:
        raise Malformed(f"the parts of the form are {', '.join(sorted(known))}")
    return names[0], content


async def lines_of(request: Request, longest: int = LINE) -> AsyncIterator[list[bytes | TooLong]]:
    """The lines of a body, without their ends, as many together as came together; empty ones are passed over.

    No more is held than one line and the piece that came last.
    """
    held, passing = bytearray(), False
    async for piece in request.stream():
        *ends, rest = piece.split(b"\n")
        lines: list[bytes | TooLong] = []
        for end in ends:
            line = bytes(held) + end
            held.clear()
            if passing or len(line) > longest:
                lines.append(TooLong())
            elif line.strip():
                lines.append(line)
            passing = False
        held += rest
        if len(held) > longest:
            held.clear()
            passing = True
        if lines:
            yield lines
    if passing:
        yield [TooLong()]
    elif held.strip():
        yield [bytes(held)]
