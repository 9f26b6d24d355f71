"""Signing for a client (署名API): what is to be signed, and what the signing key made of it."""

from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar, Self

from warifu.errors import Malformed
from warifu.messages import json

__all__ = ["SigningAnswer", "SigningData", "SigningForm"]

_DIGEST_LENGTH = 32


class SigningForm(Enum):
    """What stands inside the padding (RSASSA-PKCS1-v1_5) of the signature.

    DIGEST: the 32 bytes alone, which ordinary verifiers refuse. DIGEST_INFO: the DigestInfo of RFC 8017 §9.2, as
    everywhere else.
    """

    DIGEST = "digest"
    DIGEST_INFO = "digest_info"


@dataclass(frozen=True, slots=True)
class SigningData:
    """A SHA-256 value to be signed, and in which form: exactly the bytes that the card is to pad.

    Wire: the 32 bytes of the value; or, for DIGEST_INFO, 51 bytes of DER DigestInfo with SHA-256 and NULL parameters.
    The length tells which. Source: RFC 8017 §9.2 note 1; that both are taken by the official service:
    docs.p8n.app, "create sign with DigestInfo".
    """

    PREFIX: ClassVar[bytes] = bytes.fromhex("3031300d060960864801650304020105000420")

    digest: bytes
    form: SigningForm

    def __post_init__(self) -> None:
        if len(self.digest) != _DIGEST_LENGTH:
            raise Malformed("a SHA-256 value has 32 bytes")

    @property
    def text(self) -> str:
        """The SHA-256 value for people to compare: hexadecimal, in groups of eight."""
        digits = self.digest.hex()
        return " ".join(digits[start : start + 8] for start in range(0, len(digits), 8))

    def encode(self) -> bytes:
        """The bytes to be padded and signed."""
        return self.digest if self.form is SigningForm.DIGEST else self.PREFIX + self.digest

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read either form.

        Raises:
            Malformed: neither 32 bytes nor a DER DigestInfo of SHA-256.
        """
        if len(data) == _DIGEST_LENGTH:
            return cls(data, SigningForm.DIGEST)
        if len(data) != len(cls.PREFIX) + _DIGEST_LENGTH or not data.startswith(cls.PREFIX):
            raise Malformed("neither a SHA-256 value nor its DigestInfo")
        return cls(data[len(cls.PREFIX) :], SigningForm.DIGEST_INFO)


@dataclass(frozen=True, slots=True)
class SigningAnswer:
    """What the signing key signed, with the signing certificate that is yet to be verified. It names its holder.

    Wire: JSON object; `unverified_certificate` base64 of DER, `signature` base64.
    """

    unverified_certificate: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def members(self) -> dict[str, str]:
        """The JSON members."""
        return {name: json.to_base64(getattr(self, name)) for name in ("unverified_certificate", "signature")}

    def encode(self) -> bytes:
        """The JSON form."""
        return json.dump(self.members())

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else.
        """
        return cls.from_members(json.load(data, {"unverified_certificate": str, "signature": str}))

    @classmethod
    def from_members(cls, members: object) -> Self:
        """Read the members of an object already parsed."""
        checked = json.check(members, {"unverified_certificate": str, "signature": str})
        return cls(**{name: json.from_base64(value) for name, value in checked.items()})
