"""Everything that can go wrong, sorted by whose fault it is.

::

    WarifuError
    ├── Refused                      the other side understood and said no            4xx  exit 1
    │   ├── CardRefused              the card answered with another status word
    │   │   ├── WrongPin             63Cx: the try was counted
    │   │   ├── PinBlocked           63C0 or 6984: no tries left
    │   │   ├── PinRequired          6982: the PIN has not been verified
    │   │   ├── NotOnCard            6A82: no such application or file
    │   │   │   └── ApplicationLocked  6283: its issuer has locked the application
    │   │   └── SessionEnded         6988 or 69FC: secure messaging is over
    │   ├── LastTry                  we will not spend the last try unasked
    │   ├── NotGenuine               the card's data or its internal authentication does not verify
    │   │   └── NotIntact            the integrity signature does not cover the data
    │   ├── CertificateRefused       a certificate that may not be relied on
    │   │   ├── UntrustedIssuer      no anchor issued it (another authority, or another generation of the same name)
    │   │   ├── Tampered             the issuer's signature does not verify
    │   │   ├── WrongProfile         a field or extension differs from the profile
    │   │   │   ├── WrongPolicy      another certificate policy
    │   │   │   └── WrongKeyUsage    another key usage
    │   │   ├── WeakAlgorithm        signed with an algorithm that is no longer sound
    │   │   ├── NotYetValid          before notBefore
    │   │   ├── Expired              after notAfter
    │   │   ├── Revoked              lost its effect (失効)
    │   │   ├── Suspended            held (一時保留)
    │   │   └── NeverIssued          the authority does not know the serial number
    │   ├── RevocationDataRefused    a CRL or OCSP answer that may not be relied on
    │   ├── ChallengeRefused         the challenge answered is not the one asked
    │   │   ├── WrongOrigin  WrongClient  WrongTransaction  WrongNonce
    │   │   └── ChallengeExpired
    │   ├── WrongSignature           the signature does not verify under the certified key
    │   ├── OAuthRefused             an OAuth 2.0 error: code and description for the client
    │   │   ├── CallbackRefused      one that goes back to the client through the browser
    │   │   └── TooManyRequests      one asks more often than one may
    │   ├── PartyRefused             another party's answer over HTTP: its error and description
    │   ├── TokenRefused             a relying party does not believe a callback or an ID token
    │   │   ├── WrongState           not the callback of the login that was begun
    │   │   ├── WrongIssuer  WrongAudience  WrongTokenNonce
    │   │   ├── TokenExpired         too old, or from the future
    │   │   ├── WrongTokenSignature  no key of the issuer made it, or not with ES256
    │   │   └── WrongTokenHash       at_hash belongs to another access token
    │   ├── NotLoggedInSo            a resource wants a better or a fresher login
    │   ├── TokenUnknown             a bearer token that is nobody's, withdrawn or over
    │   ├── LetterRefused            a letter from another party that may not be taken
    │   │   ├── UnknownSender        we exchange no letters with that party
    │   │   ├── WrongLetterSignature  no key of the sender signed it, or its body is another
    │   │   ├── LetterUntimely       the clocks differ too much, or it was kept back
    │   │   └── LetterChanged        another letter came under the same id
    │   ├── PinRefused               the token that keeps a key did not accept the PIN
    │   ├── PassphraseRefused        a custodian's passphrase does not open the keys
    │   ├── LogRefused               a log's head or proof may not be believed
    │   │   ├── WrongLog             it belongs to another log
    │   │   ├── NotIncluded          the entry is not proved to be in the tree
    │   │   ├── NotConsistent        two heads contradict each other: something was changed or removed
    │   │   └── RecordAltered        a record is not what its log says
    │   ├── Cancelled                the person said no
    │   ├── NotFound                 there is no such thing here
    │   ├── AlreadyAnswered          what may happen once has happened
    │   ├── HandOverRefused          a login does not go over to a phone
    │   │   ├── WrongDigits          the digits typed are not those on the phone
    │   │   ├── DigitsExpired        the digits on the phone are too old
    │   │   ├── DigitsAwaited        the digits have not been typed yet
    │   │   └── HandOverEnded        another code was shown, or too many digits were wrong
    │   ├── PasskeyRefused           a passkey's answer that may not be relied on
    │   │   ├── UnknownPasskey       no such passkey, or not with this handle
    │   │   ├── WrongRelyingParty    made for another provider
    │   │   ├── UserNotVerified      the device did not verify who holds it
    │   │   ├── WrongPasskeyAlgorithm  a key that nobody asked for
    │   │   ├── PasskeyChanged       its flags contradict each other, or what they were
    │   │   ├── PasskeyCopied        its counter went back: two devices have it
    │   │   ├── PasskeyExists        it belongs to somebody already
    │   │   ├── PasskeyLimit         one more would be too many
    │   │   ├── TooManyTries         this login has tried too often
    │   │   └── CardNeeded           a passkey is not enough for this
    │   └── NotAllowed               the rules of this service forbid it
    │       ├── OtherBrowser         a login is about to end in a browser that did not begin it
    │       └── RecordProtected      a protected person's record, which is opened for a stated reason only
    ├── Malformed                    bytes or a message break a rule of the protocol  400  exit 4
    │   ├── WrongCheckDigit          the check digit of a number does not match
    │   ├── DataTooNew               stored data of a newer version
    │   └── ContentTooLarge          the body of a request is longer than this one may be
    └── Unavailable                  no reader, no answer, stale data; may help later 503  exit 3
        ├── NoReader  NoCard
        ├── AnswerLost               the card's answer was lost; the command may have been carried out
        ├── StatusUnknown            no revocation data, or stale: neither valid nor revoked
        └── InUse                    somebody else holds the card, the port or the data directory

The message is public and never carries a PIN, a key, an individual number or a name; ``detail`` is for the log, under
the same rule. Facts are attributes.
"""

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Self


class WarifuError(Exception):
    """Base of every error that warifu raises on purpose."""

    exit_code: ClassVar[int] = 70
    http_status: ClassVar[int] = 500

    def __init__(self, message: str = "", *, detail: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").splitlines()[0].rstrip(".").lower())
        self.detail = detail

    def __reduce__(self) -> tuple[Callable[..., "WarifuError"], tuple[object, ...]]:
        """Errors go from one process to another with their facts, whatever their constructors take."""
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: "type[WarifuError]", args: tuple[object, ...], facts: dict[str, object]) -> "WarifuError":
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(facts)
    return error


class Refused(WarifuError):
    """The other side understood and said no."""

    exit_code = 1
    http_status = 403


class Malformed(WarifuError):
    """Bytes or a message break a rule of the protocol."""

    exit_code = 4
    http_status = 400


class Unavailable(WarifuError):
    """No reader, no card, no answer or stale data; trying again may help."""

    exit_code = 3
    http_status = 503

    @classmethod
    def because(cls, what: str, error: OSError) -> Self:
        """What could not be done, and what the operating system says to that."""
        return cls(f"{what}: {(error.strerror or 'unknown').lower()}")


# --- the card ---------------------------------------------------------------------------------------------------------


def _tries(count: int) -> str:
    return "1 try" if count == 1 else f"{count} tries"


class CardRefused(Refused):
    """The card answered with a status word other than 9000. Wire: SW1 SW2 in `status_word`."""

    def __init__(self, status_word: int, message: str = "", *, detail: str = "") -> None:
        super().__init__(message or f"the card refused: status word {status_word:04X}", detail=detail)
        self.status_word = status_word


class WrongPin(CardRefused):
    """The PIN did not match; the card counted the try. Wire: SW 63Cx, x tries left. `pin_name` says which PIN."""

    def __init__(self, tries_left: int, pin_name: str = "PIN") -> None:
        super().__init__(0x63C0 | tries_left, f"wrong {pin_name}, {_tries(tries_left)} left")
        self.tries_left = tries_left
        self.pin_name = pin_name


class PinBlocked(CardRefused):
    """The PIN is blocked; only a municipality's window can unblock it. Wire: SW 63C0 or 6984."""

    def __init__(self, status_word: int = 0x6984, pin_name: str = "PIN") -> None:
        super().__init__(status_word, f"the {pin_name} is blocked")
        self.pin_name = pin_name


class PinRequired(CardRefused):
    """The PIN that opens this file or key has not been verified. Wire: SW 6982."""

    def __init__(self) -> None:
        super().__init__(0x6982, "the PIN has not been verified")


class NotOnCard(CardRefused):
    """The card has no such application or file. Wire: SW 6A82. `what` says which."""

    def __init__(self, what: str = "application or file") -> None:
        super().__init__(0x6A82, f"not on this card: {what}")
        self.what = what


class ApplicationLocked(NotOnCard):
    """The application is on the card, and its issuer has locked it. Wire: SW 6283. `what` says which."""

    def __init__(self, what: str = "application") -> None:
        CardRefused.__init__(self, 0x6283, f"locked by the card's issuer: {what}")
        self.what = what


class SessionEnded(CardRefused):
    """The session key is no longer good, and nothing was sent in plain instead. Wire: SW 6988, 69FC, 6882 or 6987.

    A new session key begins a new session; PINs verified stay verified.
    """

    def __init__(self, status_word: int = 0x69FC) -> None:
        super().__init__(status_word, f"the protected session with the card is over: status word {status_word:04X}")


class LastTry(Refused):
    """Only few tries are left and the caller did not say that the last one may be spent."""

    def __init__(self, tries_left: int, pin_name: str = "PIN") -> None:
        super().__init__(f"{pin_name}: {_tries(tries_left)} left; the last one is not spent unless told to")
        self.tries_left = tries_left
        self.pin_name = pin_name


class NotGenuine(Refused):
    """The card could not prove over our nonce that it is genuine."""


class NotIntact(NotGenuine):
    """The data read from the card is not what its integrity signature covers."""


# --- certificates and signatures --------------------------------------------------------------------------------------


class CertificateRefused(Refused):
    """The certificate may not be relied on."""


class UntrustedIssuer(CertificateRefused):
    """No trust anchor issued this certificate."""


class Tampered(CertificateRefused):
    """The issuer's signature on the certificate does not verify."""


class WrongProfile(CertificateRefused):
    """A field or extension of the certificate differs from the profile."""


class WrongPolicy(WrongProfile):
    """The certificate policy is not the one this use requires."""


class WrongKeyUsage(WrongProfile):
    """The key usage does not allow this use."""


class WeakAlgorithm(CertificateRefused):
    """The certificate or its revocation data is signed with an algorithm that is not, or no longer, sound."""


class NotYetValid(CertificateRefused):
    """The certificate is not valid yet."""


class Expired(CertificateRefused):
    """The certificate has expired."""


class Revoked(CertificateRefused):
    """The certificate has been revoked (失効). `reason` is the CRLReason (RFC 5280 §5.3.1), `at` UTC, aware."""

    def __init__(self, at: datetime, reason: int) -> None:
        super().__init__("the certificate has been revoked")
        self.at = at
        self.reason = reason


class Suspended(CertificateRefused):
    """The certificate is suspended (一時保留; CRLReason certificateHold)."""

    def __init__(self, at: datetime) -> None:
        super().__init__("the certificate is suspended")
        self.at = at


class NeverIssued(CertificateRefused):
    """The authority does not know the certificate's serial number."""


class RevocationDataRefused(Refused):
    """A CRL or OCSP answer is not signed by whom it must be, or answers something else."""


class ChallengeRefused(Refused):
    """The challenge that was answered is not the one that was asked."""


class WrongOrigin(ChallengeRefused):
    """The challenge was answered for another origin."""


class WrongClient(ChallengeRefused):
    """The challenge was answered for another client."""


class WrongTransaction(ChallengeRefused):
    """The challenge was answered for another transaction."""


class WrongNonce(ChallengeRefused):
    """The challenge was answered for another nonce."""


class ChallengeExpired(ChallengeRefused):
    """The challenge was answered too late."""


class WrongSignature(Refused):
    """The signature does not verify under the certified key."""


# --- services ---------------------------------------------------------------------------------------------------------


class OAuthRefused(Refused):
    """An OAuth 2.0 error. Wire: `error` and `error_description` (RFC 6749 §4.1.2.1 and §5.2)."""

    http_status = 400

    def __init__(self, error: str, description: str, *, detail: str = "") -> None:
        super().__init__(description, detail=detail)
        self.error = error
        self.description = description


class TooManyRequests(OAuthRefused):
    """Somebody asks more often than one may. `retry_after` seconds from now one request is good again."""

    http_status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__("temporarily_unavailable", f"too many requests; come again in {retry_after} s")
        self.retry_after = retry_after


class CallbackRefused(OAuthRefused):
    """An OAuth 2.0 error that goes back to the client through the browser (RFC 6749 §4.1.2.1).

    `redirect_uri` is one that `client_id` registered; `state` is empty when the request had none that could be used;
    `response_mode` is how the client wants to be answered.
    """

    def __init__(
        self,
        error: str,
        description: str,
        *,
        client_id: str,
        redirect_uri: str,
        state: str,
        response_mode: str = "query",
        detail: str = "",
    ) -> None:
        super().__init__(error, description, detail=detail)
        self.client_id = client_id
        self.redirect_uri = redirect_uri
        self.state = state
        self.response_mode = response_mode


class PartyRefused(Refused):
    """Another party refused. Wire: its JSON members `error` (a class name in snake case) and `description`."""

    def __init__(self, error: str, description: str, *, detail: str = "") -> None:
        super().__init__(description, detail=detail)
        self.error = error
        self.description = description


class TokenRefused(Refused):
    """The callback or the ID token may not be believed."""


class WrongState(TokenRefused):
    """The callback does not belong to the login that was begun (OpenID Connect Core 1.0 §3.1.2.7)."""


class WrongIssuer(TokenRefused):
    """The callback or the token comes from another issuer."""


class WrongAudience(TokenRefused):
    """The token was issued to another client."""


class WrongTokenNonce(TokenRefused):
    """The token answers another login."""


class TokenExpired(TokenRefused):
    """The token has expired or its times do not fit the moment."""


class WrongTokenSignature(TokenRefused):
    """No published key of the issuer signed the token, or not with the agreed algorithm."""


class WrongTokenHash(TokenRefused):
    """The token's at_hash does not belong to the access token."""


class NotLoggedInSo(Refused):
    """The login behind a token is not what a resource needs: of a lower level, or too long ago (RFC 9470)."""

    http_status = 401


class TokenUnknown(Refused):
    """The bearer token is nobody's, or it was withdrawn or is over."""

    http_status = 401


class LetterRefused(Refused):
    """A letter from another party that may not be taken."""


class UnknownSender(LetterRefused):
    """We exchange no letters with that party."""


class WrongLetterSignature(LetterRefused):
    """No key of its sender signed the letter, or its body is another one."""


class LetterUntimely(LetterRefused):
    """The letter was signed at another time: the clocks differ too much, or it was kept back."""


class LetterChanged(LetterRefused):
    """Another letter came under the same id."""

    http_status = 409


class PinRefused(Refused):
    """The token that keeps a key did not accept the PIN; `locked` when it will accept none any more (PKCS #11)."""

    def __init__(self, *, locked: bool = False) -> None:
        super().__init__("the token is locked" if locked else "the token did not accept the PIN")
        self.locked = locked


class PassphraseRefused(Refused):
    """A custodian's passphrase does not open the authorities' keys."""


class LogRefused(Refused):
    """A log's tree head or proof may not be believed."""


class WrongLog(LogRefused):
    """The tree head or the proof belongs to another log."""


class NotIncluded(LogRefused):
    """The proof does not show that the entry is in the log."""


class NotConsistent(LogRefused):
    """The log's two tree heads contradict each other: something was changed or removed, or there are two logs."""


class RecordAltered(LogRefused):
    """A record is not what its log says: somebody edited one of them. `count` is how many differences there are."""

    def __init__(self, count: int) -> None:
        differences = "1 difference" if count == 1 else f"{count} differences"
        super().__init__(f"the record is not what its log says: {differences}")
        self.count = count


class Cancelled(Refused):
    """The person said no."""


class NotFound(Refused):
    """There is no such thing here."""

    http_status = 404


class PasskeyRefused(Refused):
    """A passkey's answer that may not be relied on."""


class UnknownPasskey(PasskeyRefused):
    """No passkey has this credential id, or the user handle is another's."""


class WrongRelyingParty(PasskeyRefused):
    """The passkey answered for another provider."""


class UserNotVerified(PasskeyRefused):
    """The device did not verify who holds it, or nobody was there."""


class WrongPasskeyAlgorithm(PasskeyRefused):
    """The new key is of an algorithm, a curve or a size that nobody asked for."""


class PasskeyChanged(PasskeyRefused):
    """The backup flags contradict each other, or what they were when the passkey was made."""


class PasskeyCopied(PasskeyRefused):
    """The signature counter went back: two devices have the key. It is set aside until the card removes it."""


class PasskeyExists(PasskeyRefused):
    """The credential belongs to somebody already."""

    http_status = 409


class PasskeyLimit(PasskeyRefused):
    """The person has as many passkeys as one may have."""


class TooManyTries(PasskeyRefused):
    """This login has tried too many passkeys."""

    http_status = 429


class CardNeeded(PasskeyRefused):
    """A passkey is not enough for what the client asks: the card is."""


class AlreadyAnswered(Refused):
    """What may happen once has already happened."""

    http_status = 409


class NotAllowed(Refused):
    """The rules of this service forbid it."""


class OtherBrowser(NotAllowed):
    """This login was begun in another browser, perhaps by somebody else."""


class HandOverRefused(Refused):
    """The login does not go over to this phone."""


class WrongDigits(HandOverRefused):
    """The digits typed are not those on the phone; `tries_left` are left for this login."""

    def __init__(self, tries_left: int) -> None:
        super().__init__(f"wrong digits, {_tries(tries_left)} left")
        self.tries_left = tries_left


class DigitsExpired(HandOverRefused):
    """The digits on the phone are too old."""


class DigitsAwaited(HandOverRefused):
    """The digits on the phone have not been typed yet."""

    http_status = 409


class HandOverEnded(HandOverRefused):
    """The login is no longer handed over to this phone."""

    http_status = 410


class RecordProtected(NotAllowed):
    """The record of a victim of violence who is protected (支援措置): this desk opens it for a stated reason only."""


# --- data -------------------------------------------------------------------------------------------------------------


class WrongCheckDigit(Malformed):
    """The check digit does not match the digits before it."""


class DataTooNew(Malformed):
    """The stored data was written by a newer version of warifu."""


class ContentTooLarge(Malformed):
    """The body of the request is too long."""

    http_status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(f"the body is longer than {limit} bytes")


# --- availability -----------------------------------------------------------------------------------------------------


class NoReader(Unavailable):
    """No card reader was found."""


class NoCard(Unavailable):
    """There is no card in the reader."""


class AnswerLost(Unavailable):
    """The card's answer was lost; the command may have been carried out all the same."""


class StatusUnknown(Unavailable):
    """No usable revocation data: the certificate is neither known to be valid nor known to be revoked."""


class InUse(Unavailable):
    """Somebody else is using it."""
