"""Applying for a phone's certificate with the card: what the holder signs, once for each certificate.

The phone makes the key pair. In an app, the holder signs the application with the card's signing key, which asks for
the signing password. The app hands it to J-LIS, J-LIS puts it into the order, and the authority checks it: whoever is
in between can hold an application back, but make none.

Modelled: that the application is signed with the card and names its signing certificate by its number is the law's; the
form is ours.

Source: 公的個人認証法 第16条の2, 第35条の2; 施行令 第7条の2.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import ClassVar, Final, Self

from warifu.errors import Malformed
from warifu.messages import json
from warifu.messages.fields import check_id, read_choice, read_moment, whole_seconds


class OrderedKind(Enum):
    """Which of the two certificates is ordered; the values are those of `pki.CertificateKind`."""

    SIGNING = "signing"
    AUTHENTICATION = "authentication"


_NUMBERS: Final = 1 << 160
"""Serial numbers of 20 bytes are below this (RFC 5280 §4.1.2.2)."""
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,48}")


@dataclass(frozen=True, slots=True)
class PhoneApplication:
    """What the holder signs: one certificate for this key, which my phone made.

    Wire: JSON object; `type` is ``phone_application``, `id` 32 lower-case hexadecimal digits by chance, `kind` the
    value of an `OrderedKind`, `public_key_info` base64 of DER SubjectPublicKeyInfo, `signed_with` the serial number of
    the card's signing certificate in decimal digits, at least 1, `at` whole seconds since 1970 UTC (a fraction is
    dropped when the value is made). The signature is over these bytes, with the one algorithm of the card's key.

    `id` is also that of the order, so an application has its effect once.
    """

    TYPE: ClassVar[str] = "phone_application"

    id: str
    kind: OrderedKind
    public_key_info: bytes = field(repr=False)
    signed_with: int = field(repr=False)
    at: datetime

    def __post_init__(self) -> None:
        check_id(self.id)
        object.__setattr__(self, "at", whole_seconds(self.at))
        if not 0 < self.signed_with < _NUMBERS:
            raise Malformed("a serial number is positive and has at most 20 bytes")

    def encode(self) -> bytes:
        """The JSON form."""
        return json.dump(
            {
                "type": self.TYPE,
                "id": self.id,
                "kind": self.kind.value,
                "public_key_info": json.to_base64(self.public_key_info),
                "signed_with": str(self.signed_with),
                "at": int(self.at.timestamp()),
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else.
        """
        text = dict.fromkeys(("type", "id", "kind", "public_key_info", "signed_with"), str)
        members = json.load(data, {**text, "at": int})
        json.check_type(members, cls.TYPE)
        return cls(
            members["id"],
            read_choice(OrderedKind, members["kind"]),
            json.from_base64(members["public_key_info"]),
            _read_number(members["signed_with"]),
            read_moment(members["at"]),
        )


@dataclass(frozen=True, slots=True)
class SignedApplication:
    """An application for a phone's certificate with the signature by the card.

    Wire: JSON object; `type` is ``signed_application``, `application` and `signature` base64. Signed are the bytes of
    `application` as they are.
    """

    TYPE: ClassVar[str] = "signed_application"

    application: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def encode(self) -> bytes:
        """The JSON form."""
        parts = {name: json.to_base64(getattr(self, name)) for name in ("application", "signature")}
        return json.dump({"type": self.TYPE, **parts})

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else.
        """
        members = json.load(data, dict.fromkeys(("type", "application", "signature"), str))
        json.check_type(members, cls.TYPE)
        return cls(*(json.from_base64(members[name]) for name in ("application", "signature")))

    def read(self) -> PhoneApplication:
        """What was signed; that it was is for whoever knows the certificate to check.

        Raises:
            Malformed: it is no application.
        """
        return PhoneApplication.decode(self.application)


def _read_number(text: str) -> int:
    # A JSON number this large is not the same to everybody who reads it (RFC 8259 §6).
    if not _NUMBER.fullmatch(text):
        raise Malformed("a serial number is written in decimal digits")
    return int(text)
