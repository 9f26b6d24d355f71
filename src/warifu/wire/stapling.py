"""A status answer that travels with a login (stapling): fetched by the holder's side, for verifiers that take one.

Only the service that was configured is asked, or the one that the card's certificate names if that was configured. The
answer is checked here as the verifier will check it, under the authority's certificate that the card carries: what a
verifier would refuse is not sent along, so a login never fails for it. A certificate of a real authority is never asked
about: a holder's side is no recipient of status answers under the Act (公的個人認証法 第18条, 第37条).
"""

import hashlib
import logging
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self

import httpx2

from warifu.errors import Malformed, StatusUnknown, Unavailable, WarifuError
from warifu.messages import LoginAnswer
from warifu.pki import OcspAnswer
from warifu.ports import Clock, Connection
from warifu.reader import JpkiSession, Key
from warifu.verifier import Anchors, Evidence, check_login, needs
from warifu.wire.authority import OcspClient
from warifu.wire.clock import SystemEntropy

__all__ = ["FROM_CERTIFICATE", "SECONDS", "Stapling"]

FROM_CERTIFICATE = "certificate"
"""In place of an address: ask where the card's certificate says."""
SECONDS = 1.0
"""A login waits no longer than this for an answer."""
_ASKERS = 4
_MOST_KEPT = 64

_log = logging.getLogger("warifu.stapling")


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer, and until when it may be used."""

    status: bytes = field(repr=False)
    until: datetime


class Stapling:
    """Fetches answers and keeps those that may be used again; a context manager, usable from several threads.

    `service` is the address of an OCSP service, or `FROM_CERTIFICATE`.

    Raises:
        Malformed: `service` is neither.
    """

    def __init__(
        self, service: str, clock: Clock, *, seconds: float = SECONDS, transport: httpx2.BaseTransport | None = None
    ) -> None:
        if service != FROM_CERTIFICATE:
            _check_address(service)
        self._service, self._clock, self._seconds = service, clock, seconds
        self._client = OcspClient({}, SystemEntropy(), seconds=seconds, transport=transport)
        # A time-out of a connection begins anew at every step of it; waiting for a thread has one end.
        self._askers = ThreadPoolExecutor(_ASKERS, "stapling")
        self._kept: dict[bytes, _Kept] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; who is still asking is not waited for."""
        self._askers.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def issuer_on(self, connection: Connection, answer: LoginAnswer) -> bytes | None:
        """The authority's certificate from the card that gave the answer; None where there is none or no need of it."""
        if self._find(answer) is not None:
            return None
        try:
            return JpkiSession(connection).ca_certificate(Key.AUTHENTICATION)
        except WarifuError as error:
            _log.info("the card has no certificate of its authority", extra={"why": type(error).__name__})
            return None

    def attach(self, answer: LoginAnswer, issuer: bytes | None) -> LoginAnswer:
        """The login with a status answer, if there is a good one in time; else as it was."""
        kept = self._find(answer)
        if kept is not None:
            return replace(answer, status=kept.status)
        if issuer is None:
            return answer
        try:
            return replace(answer, status=self._fetch(answer, issuer))
        except WarifuError as error:
            _log.info("no status answer travels with this login", extra={"why": type(error).__name__})
            return answer

    def _find(self, answer: LoginAnswer) -> _Kept | None:
        kept = self._kept.get(_name(answer))
        return kept if kept is not None and self._clock.now() < kept.until else None

    def _fetch(self, answer: LoginAnswer, issuer: bytes) -> bytes:
        """A good answer about the certificate, checked; asked without a nonce, for it may have been signed beforehand.

        Raises:
            Malformed, Refused, Unavailable: there is none that a verifier would take.
        """
        anchors = Anchors.load([issuer])
        wanted = needs(answer.unverified_certificate, anchors)
        address = wanted.ocsp_address if self._service == FROM_CERTIFICATE else self._service
        if address is None:
            raise StatusUnknown("the certificate names no service")
        _check_address(address)
        status = self._ask(address, wanted.ocsp_request())
        now = self._clock.now()
        soon = now + timedelta(minutes=1)
        check_login(answer, answer.challenge, soon, Evidence(ocsp=status), anchors, now)
        self._keep(answer, status)
        return status

    def _ask(self, address: str, question: bytes) -> bytes:
        try:
            status = self._askers.submit(self._client.ask, address, question).result(self._seconds)
        except TooSlow:
            raise Unavailable("the authority is too slow") from None
        except RuntimeError as error:
            raise Unavailable("this program is about to end") from error
        if status is None:
            raise Unavailable("the authority does not answer")
        return status

    def _keep(self, answer: LoginAnswer, status: bytes) -> None:
        """Keep what was signed beforehand; an answer without an end is of this moment only."""
        until = OcspAnswer.decode(status).next_update
        if until is None:
            return
        now = self._clock.now()
        kept = {name: each for name, each in self._kept.items() if now < each.until}
        kept[_name(answer)] = _Kept(status, until)
        self._kept = dict(list(kept.items())[-_MOST_KEPT:])


def _name(answer: LoginAnswer) -> bytes:
    return hashlib.sha256(answer.unverified_certificate).digest()


def _check_address(address: str) -> None:
    if not address.startswith(("http://", "https://")):
        raise Malformed("the address of a status service begins with http:// or https://")
