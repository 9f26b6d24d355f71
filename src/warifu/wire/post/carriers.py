"""How a letter gets to another party: by a signed HTTP request, or by hand in one process."""

import re
from typing import Protocol

import httpx2

from warifu.errors import LetterRefused, Malformed, PartyRefused, Unavailable
from warifu.messages import json
from warifu.ports import Clock, Signer
from warifu.wire.post import signatures
from warifu.wire.post.inbox import Mailbox
from warifu.wire.post.letter import Letter
from warifu.wire.post.peers import Peer
from warifu.wire.replies import Asking

MAX_ANSWER = 64 * 1024
"""Bytes of an answer to a letter."""

_ERROR: dict[str, type | tuple[type, ...]] = {"error": str, "description": str}
_ERROR_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class Carrier(Protocol):
    """Takes a letter to its recipient and brings the answer."""

    def carry(self, letter: Letter) -> bytes:
        """Hand over a letter; the answer, which the recipient gives again for the same letter.

        Raises:
            Unavailable: there was no answer, or none that can be believed; the letter may have arrived.
            Refused, Malformed: the recipient does not take it.
        """
        ...


class LocalCarrier:
    """By hand, to a mailbox in this process."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def carry(self, letter: Letter) -> bytes:
        """Hand over a letter; the answer."""
        return self._mailbox.take(letter)


class HttpCarrier(Asking):
    """By HTTP, to a peer whose address and keys were configured; usable from several threads."""

    def __init__(
        self,
        peer: Peer,
        signer: Signer,
        clock: Clock,
        *,
        seconds: float = 10.0,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        super().__init__(seconds=seconds, transport=transport)
        self._peer = peer
        self._signer = signer
        self._clock = clock

    def carry(self, letter: Letter) -> bytes:
        """Hand over a letter; the answer, if the peer signed it for this very request."""
        headers = signatures.sign_letter(letter, self._signer, self._clock.now())
        try:
            with self._http.stream("POST", self._peer.address, content=letter.body, headers=headers) as response:
                body = self._read(response, MAX_ANSWER)
        except httpx2.HTTPError as error:
            raise Unavailable("the other party does not answer", detail=type(error).__name__) from error
        if response.status_code != 200:
            raise _refusal(response.status_code, body)
        try:
            signatures.check_answer(response.headers, body, headers["signature"], self._peer.keys, self._clock.now())
        except (LetterRefused, Malformed) as error:
            raise Unavailable("the answer is not the other party's", detail=str(error)) from error
        return body


def _refusal(status: int, body: bytes) -> Unavailable | PartyRefused:
    """An answer that is not 200 settles nothing, so it needs no signature: it only says why we try again later."""
    if status >= 500 or status == 429:
        return Unavailable("the other party cannot take letters now", detail=str(status))
    try:
        members = json.load(body, _ERROR)
    except Malformed:
        return Unavailable("the other party answers something else", detail=str(status))
    if not _ERROR_NAME.fullmatch(members["error"]):
        return Unavailable("the other party answers something else", detail=str(status))
    return PartyRefused(members["error"], members["description"])
