"""Fetching revocation data over HTTP from addresses that the operator configured, as little trusting as can be.

No proxy, no cookie, no redirect; the body as it was sent, never unpacked; at most so many bytes, within so many
seconds in all. Whatever is wrong is `Unavailable`: the old data stays.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import httpx2

from warifu.errors import Unavailable
from warifu.wire.verification.addresses import Address, CheckedTransport

__all__ = ["Limits", "fetch_list"]

_TYPES = frozenset({"application/pkix-crl", "application/x-pkcs7-crl", "application/octet-stream"})
_PIECE = 1 << 20


class Limits:
    """How much is taken, and how long is waited: bytes of a list, seconds for a word, seconds for the whole."""

    def __init__(self, *, size: int = 1 << 30, patience: float = 10.0, seconds: float = 600.0) -> None:
        self.size, self.patience, self.seconds = size, patience, seconds


def fetch_list(place: str, into: BinaryIO, limits: Limits, *, transport: httpx2.BaseTransport | None = None) -> None:
    """Write the list at an http address, or in a file, into an open file.

    Raises:
        Malformed: no address.
        Unavailable: it is not there, or not such a thing, or too long or too slow.
        NotAllowed: the address leads where it must not.
    """
    if "://" not in place:
        _copy(Path(place), into, limits)
        return
    Address.read(place)
    try:
        with _asking(place, limits, transport) as response:
            _check(response)
            into.writelines(_pieces(response, limits))
    except httpx2.HTTPError as error:
        raise Unavailable("a revocation service does not answer", detail=type(error).__name__) from error


def _copy(path: Path, into: BinaryIO, limits: Limits) -> None:
    try:
        with path.open("rb") as file:
            left = limits.size
            while piece := file.read(_PIECE):
                left -= len(piece)  # the file may grow while it is read, or have no end
                if left < 0:
                    raise Unavailable(f"the list is too long: {path}")
                into.write(piece)
    except OSError as error:
        raise Unavailable(f"the list cannot be read: {path}", detail=str(error)) from error


@contextmanager
def _asking(address: str, limits: Limits, transport: httpx2.BaseTransport | None) -> Iterator[httpx2.Response]:
    headers = {"accept": ", ".join(sorted(_TYPES)), "accept-encoding": "identity"}
    checked = transport or CheckedTransport()
    with httpx2.Client(timeout=limits.patience, trust_env=False, follow_redirects=False, transport=checked) as http:
        # A server may also let its headers drip; then the connection is taken from under it.
        watch = threading.Timer(limits.seconds, http.close)
        watch.daemon = True
        watch.start()
        try:
            with http.stream("GET", address, headers=headers) as response:
                yield response
        except RuntimeError as error:
            if not http.is_closed:
                raise
            raise Unavailable("a revocation service does not answer", detail="the time was up") from error
        finally:
            watch.cancel()


def _check(response: httpx2.Response) -> None:
    given = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if response.status_code != 200 or given not in _TYPES:
        raise Unavailable("a revocation service answers something else", detail=str(response.status_code))
    if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Unavailable("a revocation service packs what nobody asked it to pack")


def _pieces(response: httpx2.Response, limits: Limits) -> Iterator[bytes]:
    # The timeout of the connection starts again with each piece; this one is for the whole.
    deadline, length = time.monotonic() + limits.seconds, 0
    for piece in response.iter_raw():
        length += len(piece)
        if length > limits.size or time.monotonic() > deadline:
            raise Unavailable("a revocation service's answer is too long or too slow")
        yield piece
