"""Logging in with a card: what the provider asks, what the card signs, what comes back.

The provider sends a `LoginInvitation`. The phone or the companion builds a `LoginChallenge` out of it and of the origin
it saw for itself, has the card sign it with the user authentication key, and returns a `LoginAnswer`; with the text PIN
also an `AttributesAnswer`, the files of the text application that carry the four basic attributes.
"""

import hashlib
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Literal, Self

from warifu.errors import Malformed
from warifu.messages import json
from warifu.messages.signing import SigningAnswer, SigningData


@dataclass(frozen=True, slots=True)
class LoginChallenge:
    """What the user authentication key signs at a login: who asks, for whom, in which transaction, this once.

    Wire: the 16-byte tag ``warifu login 1`` LF NUL, then origin, client, transaction (UTF-8) and nonce, each behind its
    length in bytes (u16, big-endian). The card signs the SHA-256 of that, or the SHA-384 with a P-384 key. The origin
    is inside so that an answer given to one site is worthless at another (the idea of Web eID's authentication token).
    """

    TAG = b"warifu login 1\n\0"
    NONCE_LENGTH = 32
    LONGEST_PART = 255

    origin: str
    client: str
    transaction: str = field(repr=False)
    nonce: bytes

    def __post_init__(self) -> None:
        if len(self.nonce) != self.NONCE_LENGTH:
            raise Malformed("a login nonce has 32 bytes")
        for part in (self.origin, self.client, self.transaction):
            _check_part(part)

    def encode(self) -> bytes:
        """The bytes that are hashed and signed."""
        origin, client, transaction = self.origin.encode(), self.client.encode(), self.transaction.encode()
        length = _LENGTHS
        head = (self.TAG, length[len(origin)], origin, length[len(client)], client)
        return b"".join((*head, length[len(transaction)], transaction, length[self.NONCE_LENGTH], self.nonce))

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the bytes of `encode` back.

        Raises:
            Malformed: another tag, a wrong length, not UTF-8, or a byte too many.
        """
        if not data.startswith(cls.TAG):
            raise Malformed("not a login challenge")
        rest, parts = data[len(cls.TAG) :], []
        for _ in range(4):
            end = 2 + int.from_bytes(rest[:2], "big")
            if len(rest) < 2 or len(rest) < end:
                raise Malformed("login challenge cut short")
            parts.append(rest[2:end])
            rest = rest[end:]
        if rest:
            raise Malformed("login challenge too long")
        try:
            return cls(parts[0].decode(), parts[1].decode(), parts[2].decode(), parts[3])
        except UnicodeDecodeError as error:
            raise Malformed("login challenge is not UTF-8") from error

    def digest(self, hash_name: Literal["sha256", "sha384"] = "sha256") -> bytes:
        """SHA-256 of the wire form, what goes into the card's DigestInfo; or SHA-384, for a P-384 key."""
        return hashlib.new(hash_name, self.encode()).digest()

    def card_nonce(self) -> bytes:
        """The 32-byte nonce over which the text application proves itself genuine in the same transaction.

        Derived, so that the proof belongs to this challenge: SHA-256 over ``warifu card 1`` LF NUL and the digest.
        """
        return hashlib.sha256(b"warifu card 1\n\0" + self.digest()).digest()


# One expression with these takes half of what a loop over the parts does, at every login.
_LENGTHS = tuple(length.to_bytes(2, "big") for length in range(LoginChallenge.LONGEST_PART + 1))


def _check_part(text: str) -> None:
    try:
        length = len(text.encode())
    except UnicodeEncodeError as error:
        raise Malformed("half a surrogate pair is no text") from error
    if not 0 < length <= LoginChallenge.LONGEST_PART:
        raise Malformed("origin, client and transaction have 1 to 255 bytes")


@dataclass(frozen=True, slots=True)
class LoginInvitation:
    """What the provider tells the phone or the companion about a waiting login.

    Wire: JSON object; `nonce` base64 of 32 bytes, `expires_at` whole seconds since 1970 UTC (a fraction is dropped when
    the value is made). Origin, client, transaction and nonce are as in the challenge. `attributes` tells whether the
    client asked for any of the four basic attributes, so that the text PIN is worth asking for. `signing`, if it is
    there, is base64 of a `SigningData`: what the signing key is to sign for the client.
    """

    origin: str
    client: str
    client_name: str
    transaction: str = field(repr=False)
    nonce: bytes
    scopes: tuple[str, ...]
    expires_at: datetime
    signing: SigningData | None = None

    def __post_init__(self) -> None:
        if self.expires_at.tzinfo is None:
            raise Malformed("expires_at is an aware moment")
        object.__setattr__(self, "expires_at", self.expires_at.replace(microsecond=0))
        self.challenge(self.origin)  # what could not be signed is not sent either

    @property
    def attributes(self) -> bool:
        """Whether any of the four basic attributes was asked for."""
        return bool({"name", "address", "birthdate", "gender"} & set(self.scopes))

    def challenge(self, origin: str) -> LoginChallenge:
        """The challenge to sign for the `origin` that the signer saw itself (never just the one it was told)."""
        return LoginChallenge(origin, self.client, self.transaction, self.nonce)

    def encode(self) -> bytes:
        """The JSON form."""
        members = asdict(self) | {
            "nonce": json.to_base64(self.nonce),
            "scopes": list(self.scopes),
            "expires_at": int(self.expires_at.timestamp()),
        }
        del members["signing"]
        if self.signing is not None:
            members["signing"] = json.to_base64(self.signing.encode())
        return json.dump(members)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else, or what could not be signed.
        """
        text = dict.fromkeys(("origin", "client", "client_name", "transaction", "nonce"), str)
        members = json.load(data, {**text, "scopes": list, "expires_at": int}, optional={"signing": str})
        if not all(isinstance(scope, str) for scope in members["scopes"]):
            raise Malformed("member scopes has the wrong type")
        try:
            expires_at = datetime.fromtimestamp(members.pop("expires_at"), UTC)
        except (OverflowError, OSError, ValueError) as error:
            raise Malformed("member expires_at is out of range") from error
        nonce, scopes = json.from_base64(members.pop("nonce")), tuple(members.pop("scopes"))
        signing = members.pop("signing", None)
        asked = None if signing is None else SigningData.decode(json.from_base64(signing))
        return cls(**members, nonce=nonce, scopes=scopes, expires_at=expires_at, signing=asked)


@dataclass(frozen=True, slots=True, repr=False)
class AttributesAnswer:
    """The text application's files that carry the four basic attributes, and its proof over our nonce.

    Wire: JSON object of base64 strings: `attributes` EF 0002, `integrity` EF 0003, `certificate` EF 0004, `key` EF 0007
    (each with or without its filler), `nonce_signature` 256 bytes by the key of EF 0007. `integrity` has a digest
    of the individual number (EF 0001), from which the number can be found by trying all: never log or keep it.
    """

    attributes: bytes
    integrity: bytes
    certificate: bytes
    key: bytes
    nonce_signature: bytes

    def members(self) -> dict[str, str]:
        """The JSON members."""
        return {name: json.to_base64(getattr(self, name)) for name in self.__slots__}

    def encode(self) -> bytes:
        """The JSON form."""
        return json.dump(self.members())

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else.
        """
        return cls.from_members(json.load(data, dict.fromkeys(cls.__slots__, str)))

    @classmethod
    def from_members(cls, members: object) -> Self:
        """Read the members of an object already parsed."""
        checked = json.check(members, dict.fromkeys(cls.__slots__, str))
        return cls(**{name: json.from_base64(value) for name, value in checked.items()})


@dataclass(frozen=True, slots=True)
class LoginAnswer:
    """The signed challenge, with the certificate that is yet to be verified.

    Wire: JSON object; `challenge` base64 of the challenge's own wire form, `unverified_certificate` base64 of DER,
    `signature` base64, `attributes` an `AttributesAnswer` object or null; `status`, if it is there, base64 of an OCSP
    answer (DER) that the sender fetched beforehand, for verifiers that take one; `signing`, if it is there, a
    `SigningAnswer` object. The certified key, and nothing else in
    the message, says how it signed: RSA by RSASSA-PKCS1-v1_5 with SHA-256, P-384 by ECDSA with SHA-384 as DER
    ECDSA-Sig-Value. So there is no member that names an algorithm and could lie; whoever verifies checks the signature.
    """

    challenge: LoginChallenge
    unverified_certificate: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    attributes: AttributesAnswer | None = None
    status: bytes | None = field(default=None, repr=False)
    signing: SigningAnswer | None = None

    def encode(self) -> bytes:
        """The JSON form."""
        members = {
            "challenge": json.to_base64(self.challenge.encode()),
            "unverified_certificate": json.to_base64(self.unverified_certificate),
            "signature": json.to_base64(self.signature),
            "attributes": self.attributes.members() if self.attributes else None,
        }
        stapled = {} if self.status is None else {"status": json.to_base64(self.status)}
        signed = {} if self.signing is None else {"signing": self.signing.members()}
        return json.dump(members | stapled | signed)

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else.
        """
        text = dict.fromkeys(("challenge", "unverified_certificate", "signature"), str)
        members = json.load(data, {**text, "attributes": (dict, type(None))}, optional={"status": str, "signing": dict})
        attributes = members["attributes"]
        return cls(
            LoginChallenge.decode(json.from_base64(members["challenge"])),
            json.from_base64(members["unverified_certificate"]),
            json.from_base64(members["signature"]),
            None if attributes is None else AttributesAnswer.from_members(attributes),
            json.from_base64(members["status"]) if "status" in members else None,
            SigningAnswer.from_members(members["signing"]) if "signing" in members else None,
        )
