"""The JPKI application: two keys, their certificates, and the PINs that unlock them.

A card of the next generation has them in its 認証AP, under the same file numbers and on P-384; a session finds out
which of the two the card has. Modelled: all of that generation, see `warifu.cardmap.next_table`.
"""

from contextlib import suppress
from enum import Enum
from typing import Literal

from warifu.cardmap import (
    Application,
    CertificateAvailability,
    DigestInfo,
    JpkiFile,
    PlainSignature,
    TokenInfo,
)
from warifu.errors import Malformed, NotOnCard
from warifu.iso7816 import Command
from warifu.ports import Connection, SignatureAlgorithm
from warifu.reader import pins
from warifu.reader.credentials import Credential, select
from warifu.reader.exchange import exchange, select_file
from warifu.reader.files import read_bytes, read_object
from warifu.reader.status import check

# COMPUTE DIGITAL SIGNATURE: P1 = 00 pads what it is given, P2 = 80 uses the key file that is current, P2 = 00 the
# application's own key (`soltia48/myna-card` `src/ap/jpki.rs`).
SIGN_WITH_CURRENT_KEY = (0x80, 0x2A, 0x00, 0x80)
SIGN_WITH_DEFAULT_KEY = (0x80, 0x2A, 0x00, 0x00)
_ANY_LENGTH = 256
_AVAILABILITY_LENGTH = 3


class Key(Enum):
    """One of the two keys of the application, with its files."""

    AUTHENTICATION = (
        JpkiFile.AUTHENTICATION_CERTIFICATE,
        JpkiFile.AUTHENTICATION_CA_CERTIFICATE,
        JpkiFile.AUTHENTICATION_KEY,
        Credential.AUTHENTICATION_PIN,
    )
    SIGNING = (
        JpkiFile.SIGNING_CERTIFICATE,
        JpkiFile.SIGNING_CA_CERTIFICATE,
        JpkiFile.SIGNING_KEY,
        Credential.SIGNING_PASSWORD,
    )

    def __init__(self, certificate: JpkiFile, ca_certificate: JpkiFile, key: JpkiFile, credential: Credential) -> None:
        self.certificate_file = certificate
        self.ca_certificate_file = ca_certificate
        self.key_file = key
        self.credential = credential
        self.pin = credential.pin


_OF_NEXT = {Key.AUTHENTICATION: Credential.NEXT_PIN, Key.SIGNING: Credential.NEXT_SIGNING_PASSWORD}


class JpkiSession:
    """A session with the JPKI application (公的個人認証AP) of the card behind a connection, or the next card's 認証AP.

    Opening it makes the application current. Sessions on one connection are used one after another: opening another
    one leaves this application, and the card forgets which PINs were verified in it.
    """

    def __init__(self, connection: Connection) -> None:
        """Select the application.

        Raises:
            NotOnCard: the card has no JPKI application.
        """
        self._connection = connection
        self._next_generation = _select(connection)

    @property
    def next_generation(self) -> bool:
        """Whether this is a card of the next generation."""
        return self._next_generation

    @property
    def algorithm(self) -> SignatureAlgorithm:
        """How both keys sign: RS256, or ES384 on a card of the next generation.

        The card says so by the application it has; who verifies goes by the certified key and never asks.
        """
        return "ES384" if self._next_generation else "RS256"

    @property
    def hash_name(self) -> Literal["sha256", "sha384"]:
        """The hash whose value is to be signed, by hashlib's name."""
        return "sha384" if self._next_generation else "sha256"

    def credential(self, key: Key) -> Credential:
        """What unlocks the key on this card."""
        return _OF_NEXT[key] if self._next_generation else key.credential

    def token_info(self) -> TokenInfo:
        """The token information, which tells a plastic card from a phone."""
        return TokenInfo.decode(read_bytes(self._connection, JpkiFile.TOKEN_INFO, TokenInfo.LENGTH))

    def certificate_availability(self) -> CertificateAvailability:
        """Which of the two certificates the card holds."""
        data = read_bytes(self._connection, JpkiFile.CERTIFICATE_AVAILABILITY, _AVAILABILITY_LENGTH)
        return CertificateAvailability.decode(data)

    def has_certificate(self, key: Key) -> bool:
        """Whether the card holds the key's certificate, also one that a PIN keeps shut.

        A card that does not say (EF 0008 is known of plastic cards only) is asked for the file itself.
        """
        try:
            availability = self.certificate_availability()
        except NotOnCard:
            return self._has_file(key.certificate_file)
        return availability.signing if key is Key.SIGNING else availability.authentication

    def certificate(self, key: Key) -> bytes:
        """The key's certificate, DER, exactly; nobody has verified it.

        Raises:
            PinRequired: the signing certificate before the signing password (it names its holder).
            NotOnCard: the card was issued without it.
        """
        return read_object(self._connection, key.certificate_file)

    def ca_certificate(self, key: Key) -> bytes:
        """The certificate of the authority that certified the key, DER, exactly; nobody has verified it."""
        return read_object(self._connection, key.ca_certificate_file)

    def tries_left(self, key: Key) -> int:
        """The tries left of the key's PIN; asking consumes none."""
        return pins.tries_left(self._connection, self.credential(key).pin)

    def verify(self, key: Key, pin: str, *, spend_last: bool = False) -> None:
        """Present the key's PIN; letters of the signing password count as upper case.

        Raises: as `warifu.reader.pins.verify`.
        """
        pins.verify(self._connection, self.credential(key).pin, pin, spend_last=spend_last)

    def sign(self, key: Key, digest: bytes) -> bytes:
        """The key's signature over a value of `hash_name`.

        RS256: RSASSA-PKCS1-v1_5 over a SHA-256 value; the card pads the DigestInfo. ES384: ECDSA over a SHA-384 value,
        as DER ECDSA-Sig-Value (RFC 3279 §2.2.3), whatever the card's own form.

        Raises:
            PinRequired: the key's PIN has not been verified.
            Malformed: `digest` is not 32 or 48 bytes, or the card's answer is no signature.
        """
        data = _check_digest(digest) if self._next_generation else DigestInfo(digest).encode()
        select_file(self._connection, key.key_file)
        signature = compute_signature(self._connection, SIGN_WITH_CURRENT_KEY, data)
        return PlainSignature.decode(signature).der if self._next_generation else signature

    def sign_as_given(self, key: Key, data: bytes) -> bytes:
        """The key's signature over exactly these bytes in PKCS #1 v1.5 padding: a DigestInfo, or anything else.

        Raises:
            PinRequired: the key's PIN has not been verified.
            Malformed: a card of the next generation, which pads nothing; or its answer is no signature.
        """
        if self._next_generation:
            raise Malformed("a card of the next generation pads nothing")
        select_file(self._connection, key.key_file)
        return compute_signature(self._connection, SIGN_WITH_CURRENT_KEY, data)

    def _has_file(self, file: JpkiFile) -> bool:
        try:
            select_file(self._connection, file)
        except NotOnCard:
            return False
        return True


def _select(connection: Connection) -> bool:
    """Select the application that the card has of the two; whether it is the next generation's.

    Raises:
        NotOnCard: neither.
    """
    try:
        select(connection, Application.JPKI)
    except NotOnCard:
        with suppress(NotOnCard):
            select(connection, Application.NEXT_AUTHENTICATION)
            return True
        raise
    return False


def _check_digest(digest: bytes) -> bytes:
    if len(digest) != PlainSignature.DIGEST_LENGTH:
        raise Malformed("a SHA-384 value has 48 bytes")
    return digest


def compute_signature(connection: Connection, header: tuple[int, int, int, int], data: bytes) -> bytes:
    """Have a private key of the current application sign.

    Raises:
        PinRequired: the key's PIN has not been verified.
        Malformed: the card answered without a signature.
    """
    signature = check(exchange(connection, Command(*header, data, _ANY_LENGTH)))
    if not signature:
        raise Malformed("the card answered without a signature")
    return signature
