"""At the authorities' door: who asks, may they, and counting what they are told.

Open, everybody is answered: for a town and for tests. Otherwise the Act holds (公的個人認証法 第18条, 第37条): only
recipients are answered, who say who they are by signing their OCSP questions, by a token, or through a proxy in front
that checked their certificate and says so in two headers: ``warifu-recipient`` with the recipient's id and
``warifu-proxy`` with a secret that only the proxy has. Those headers count on a loopback connection alone.
"""

import hmac
import ipaddress
import logging
from dataclasses import dataclass

from sqlalchemy import Engine
from starlette.requests import Request

from warifu.ca import Counted, Recipient, Service, Way, check_asker, check_may_receive
from warifu.errors import NotAllowed, NotFound, TokenUnknown
from warifu.pki import CertificateKind, OcspQuestions
from warifu.ports import Clock, Entropy
from warifu.wire.authority.recipients import Bearer, Counts, Recipients, Tokens

__all__ = ["Access"]

RECIPIENT_HEADER, PROXY_HEADER = "warifu-recipient", "warifu-proxy"
_SHORTEST_SECRET = 16
_log = logging.getLogger("warifu.authority")


@dataclass(frozen=True)
class Access:
    """Who may ask, and the counters. `closed` answers recipients only; `proxy_secret` is empty without a proxy."""

    recipients: Recipients
    tokens: Tokens
    counts: Counts
    clock: Clock
    closed: bool = False
    proxy_secret: bytes = b""

    def __post_init__(self) -> None:
        """Check the proxy's secret.

        Raises:
            NotAllowed: it is too short to be one.
        """
        if self.proxy_secret and len(self.proxy_secret) < _SHORTEST_SECRET:
            raise NotAllowed(f"the proxy's secret has at least {_SHORTEST_SECRET} bytes")

    def warn(self) -> None:
        """Say it in the log when everybody is answered."""
        if not self.closed:
            _log.warning("everybody is told whether a certificate is in effect: access is open")

    @classmethod
    def of(
        cls, engine: Engine, clock: Clock, entropy: Entropy, *, closed: bool = False, proxy_secret: bytes = b""
    ) -> "Access":
        """Access by what the record has."""
        return cls(
            Recipients(engine, clock),
            Tokens(engine, clock, entropy),
            Counts(engine, clock),
            clock,
            closed,
            proxy_secret,
        )

    def asker(self, request: Request, questions: OcspQuestions, kind: CertificateKind) -> Recipient | None:
        """Who asks these status questions; None when everybody may and nobody said.

        Raises:
            NotAllowed: only recipients are answered, and this is none, or may not ask this.
        """
        service = Service.status_of(kind)
        known = self._introduced(request, "status")
        if known is not None:
            check_may_receive(known, service, self.clock.now())
        elif self.closed or questions.signature is not None:
            known = self._signed(questions, kind)
        return known

    def reader(self, request: Request, kind: CertificateKind) -> Recipient | None:
        """Who asks for revocation lists; None when everybody may and nobody said.

        Raises:
            NotAllowed: as `asker`.
            TokenUnknown: a token that is nobody's.
        """
        known = self._introduced(request, "lists")
        if known is not None:
            check_may_receive(known, Service.lists_of(kind), self.clock.now())
        elif self.closed:
            raise NotAllowed("revocation lists are for registered recipients (公的個人認証法 第18条, 第37条)")
        return known

    def bearer(self, request: Request, scope: str) -> Bearer:
        """Whoever presented a token for this scope (RFC 6750 §2.1).

        Raises:
            TokenUnknown: no token, or nobody's.
            NotAllowed: the token is for something else.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise TokenUnknown
        bearer = self.tokens.bearer(token.strip())
        if scope not in bearer.scopes:
            raise NotAllowed("the token is for something else")
        return bearer

    def count(self, recipient: Recipient | None, service: Service, way: Way, by: int = 1) -> None:
        """Count that a recipient was told something."""
        if recipient is not None:
            self.counts.add(Counted.of(recipient, service, way, self.clock.now()), by)

    def _signed(self, questions: OcspQuestions, kind: CertificateKind) -> Recipient | None:
        if not self.closed:
            try:
                return check_asker(questions, self.recipients.all(), kind, self.clock.now())
            except NotAllowed:
                return None  # open: a signature that says nothing to us takes nothing away
        return check_asker(questions, self.recipients.all(), kind, self.clock.now())

    def _introduced(self, request: Request, scope: str) -> Recipient | None:
        """Who a proxy or a token says it is; None when neither says anything."""
        if "authorization" in request.headers:
            bearer = self.bearer(request, scope)
            return None if bearer.recipient is None else self._find(bearer.recipient)
        name = request.headers.get(RECIPIENT_HEADER)
        if name is None:
            return None
        secret = request.headers.get(PROXY_HEADER, "").encode()
        if not self.proxy_secret or not _is_near(request) or not hmac.compare_digest(secret, self.proxy_secret):
            raise NotAllowed("nobody but the configured proxy says who asks")
        return self._find(name)

    def _find(self, recipient: str) -> Recipient:
        try:
            return self.recipients.find(recipient)
        except NotFound:
            raise NotAllowed("no such recipient is registered") from None


def _is_near(request: Request) -> bool:
    """Whether the connection comes from this machine; a unix socket has no address."""
    if request.client is None:
        return True
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
