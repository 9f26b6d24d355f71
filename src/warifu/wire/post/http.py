"""Where a party takes letters: ``POST /post``, for a party's own application."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from warifu.errors import Malformed, UnknownSender
from warifu.ports import Clock, Signer
from warifu.wire.answers import read_body
from warifu.wire.post import signatures
from warifu.wire.post.inbox import Mailbox
from warifu.wire.post.letter import Letter
from warifu.wire.post.peers import Peer

MAX_LETTER = 64 * 1024
"""Bytes of a letter's body."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A party that takes letters over HTTP: its mailbox, the key that signs its answers, and whose letters it takes."""

    mailbox: Mailbox
    signer: Signer
    peers: Mapping[str, Peer]
    clock: Clock


def letter_routes(recipient: Recipient) -> list[BaseRoute]:
    """The routes under which a party takes letters."""

    async def take(request: Request) -> Response:
        body = await read_body(request, MAX_LETTER)
        return await run_in_threadpool(_take, recipient, request, body)

    return [Route("/post", take, methods=["POST"])]


def _take(recipient: Recipient, request: Request, body: bytes) -> Response:
    letter = _checked(recipient, request, body)
    answer = recipient.mailbox.take(letter)
    signature = request.headers["signature"]
    headers = signatures.sign_answer(recipient.mailbox.name, answer, signature, recipient.signer, recipient.clock.now())
    return Response(answer, headers=headers, media_type=signatures.CONTENT_TYPE)


def _checked(recipient: Recipient, request: Request, body: bytes) -> Letter:
    """The letter of a request, if a party that we know signed it.

    Raises:
        Malformed, UnknownSender, WrongLetterSignature, LetterUntimely: it is not to be taken.
    """
    _refuse_repeated(request)
    letter = signatures.read_letter(request.headers, body)
    peer = recipient.peers.get(letter.sender)
    if peer is None:
        raise UnknownSender
    signatures.check_letter(letter, request.headers, peer.keys, recipient.clock.now())
    return letter


def _refuse_repeated(request: Request) -> None:
    """A header that stands twice has no one value that could have been signed."""
    names = [name for name, _ in request.headers.raw]
    if len(names) != len(set(names)):
        raise Malformed("a header stands twice")
