"""One login, from the authorization request to the code: its states and what is remembered in each.

::

    begin ──> WAITING ──answer──> ANSWERED ──allow──> ALLOWED ──callback──> (a code is out, once)
                 │                    │
                 └──refusal / deny────┴──────> REFUSED ──callback──> (the client is told why)

    Whatever is not REFUSED when `expires_at` passes counts as expired. No state is ever left backwards, and repeating
    the message that led to a state leads to the same state and the same answer: after a crash everybody may try again.
"""

import hmac
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from warifu.errors import AlreadyAnswered, ChallengeExpired, NotAllowed
from warifu.idp.assurance import Assurance, Proofed
from warifu.idp.secret import fingerprint
from warifu.messages import LoginInvitation, SigningData


class Status(Enum):
    """Where a login stands. Wire: the value, also the answer of the provider's ``state`` resource."""

    WAITING = "waiting"
    ANSWERED = "answered"
    ALLOWED = "allowed"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What the client asked, checked. `scopes` and `acr_values` keep the order of the request.

    `key_thumbprint` names the only key that the code may be redeemed with (RFC 9449 §10); `sign_transaction_id` what
    is to be signed.
    """

    client_id: str
    redirect_uri: str
    state: str
    nonce: str
    code_challenge: str
    scopes: tuple[str, ...]
    acr_values: tuple[str, ...] = ()
    response_mode: str = "query"
    key_thumbprint: str | None = None
    sign_transaction_id: str | None = None


@dataclass(frozen=True, slots=True)
class SigningTransaction:
    """Something that a client wants signed (`warifu.idp.signing`): `id` is a UUID, good until `expires_at`.

    `login` is the one in which it was signed, and `result` what came of it, encrypted for the client's operator.
    """

    id: str
    client_id: str
    data: SigningData
    expires_at: datetime
    login: str | None = field(default=None, repr=False)
    result: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """A verified answer: by whom, when, what may be shared, the claims themselves, and how sure all this is.

    Who answered with a certificate is known by its keyed hash; who answered without one is a `person` known before, of
    whom `proofed` tells what the card once proved and still backs.
    """

    answer_hash: bytes
    certificate_hash: bytes | None
    at: datetime
    scopes: tuple[str, ...]
    claims: dict[str, str] = field(repr=False)
    assurance: Assurance
    person: str | None = field(default=None, repr=False)
    proofed: Proofed | None = None

    def __post_init__(self) -> None:
        """Somebody answered, in one way."""
        assert (self.certificate_hash is None) is not (self.person is None)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a login ended. Wire: `error` of RFC 6749 §4.1.2.1, `description` a stable word of `refusals`."""

    error: str
    description: str


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code as it is kept: its SHA-256, until when it is good, and whether it was presented before."""

    hash: bytes = field(repr=False)
    expires_at: datetime
    spent: bool = False


@dataclass(frozen=True, slots=True)
class Login:
    """A login transaction. `transaction` is 256 bits of chance; whoever knows it may answer or cancel.

    In a strong login (`warifu.idp.hand_over`) that is not enough.

    `browser_hash` is the SHA-256 of the cookie of the browser that began: only that browser gets the code.
    """

    transaction: str = field(repr=False)
    browser_hash: bytes = field(repr=False)
    request: AuthorizationRequest
    nonce: bytes
    expires_at: datetime
    status: Status = Status.WAITING
    answered: Answered | None = None
    refusal: Refusal | None = None
    subject: str | None = None
    code: Code | None = None

    def status_at(self, now: datetime) -> Status:
        """The status, seen at `now`."""
        if self.status is not Status.REFUSED and self.code is None and now >= self.expires_at:
            return Status.EXPIRED
        return self.status

    def check_open(self, now: datetime) -> None:
        """Refuse what comes too late.

        Raises:
            ChallengeExpired: the login's time is over.
        """
        if self.status_at(now) is Status.EXPIRED:
            raise ChallengeExpired("the login took too long")

    def check_waits(self, now: datetime) -> None:
        """Check that nothing has answered this login yet.

        Raises:
            ChallengeExpired: too late.
            AlreadyAnswered: something has.
        """
        self.check_open(now)
        if self.status is not Status.WAITING:
            raise AlreadyAnswered("this login has been answered")

    def check_browser(self, cookie: str | None) -> None:
        """Refuse another browser: it may neither watch this login nor take its code.

        Raises:
            NotAllowed: no cookie, or another one.
        """
        if cookie is None or not hmac.compare_digest(fingerprint(cookie), self.browser_hash):
            raise NotAllowed("this login was begun in another browser")

    def invitation(
        self, origin: str, client_name: str, now: datetime, signing: SigningData | None = None
    ) -> LoginInvitation:
        """What the phone or the companion is told; `signing` is what the client wants signed.

        Raises:
            ChallengeExpired: too late.
            AlreadyAnswered: nothing is waiting any more.
        """
        self.check_waits(now)
        return LoginInvitation(
            origin,
            self.request.client_id,
            client_name,
            self.transaction,
            self.nonce,
            self.request.scopes,
            self.expires_at,
            signing,
        )
