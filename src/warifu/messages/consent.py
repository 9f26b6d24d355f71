"""Agreeing that a verifier may learn one's newest attributes, and taking that back (最新の利用者情報提供の同意).

The holder signs either message with the signing key; the verifier passes it on to the authority. An authority keeps the
consent for the person, not for the certificate, because it outlives the certificate.

Modelled: what is agreed to, item by item, for ten years and revocably, is public; the form of the messages is ours.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from warifu.errors import Malformed
from warifu.messages import json
from warifu.messages.fields import check_id, read_choices, read_moment, whole_seconds, write_choices
from warifu.messages.resident import Attribute


@dataclass(frozen=True, slots=True)
class AttributesConsent:
    """What the holder signs: this recipient may learn the newest of these items, or may no longer.

    Wire: JSON object; `type` is ``attributes_consent``, `id` and `recipient` 32 lower-case hexadecimal digits, `items`
    a list of `Attribute` values in alphabetical order, at least one, `withdrawn` whether the consent is taken back,
    `at` whole seconds since 1970 UTC (a fraction is dropped when the value is made). The signature is over these bytes.

    Source: 公的個人認証法 第18条第3項; 施行規則 第35条の2.
    """

    TYPE = "attributes_consent"

    id: str
    recipient: str
    items: frozenset[Attribute]
    withdrawn: bool
    at: datetime

    def __post_init__(self) -> None:
        check_id(self.id)
        check_id(self.recipient)
        object.__setattr__(self, "at", whole_seconds(self.at))
        if not self.items:
            raise Malformed("a consent names what it is to")

    def encode(self) -> bytes:
        """The JSON form."""
        return json.dump(
            {
                "type": self.TYPE,
                "id": self.id,
                "recipient": self.recipient,
                "items": write_choices(self.items),
                "withdrawn": self.withdrawn,
                "at": int(self.at.timestamp()),
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else.
        """
        text = dict.fromkeys(("type", "id", "recipient"), str)
        members = json.load(data, {**text, "items": list, "withdrawn": bool, "at": int})
        json.check_type(members, cls.TYPE)
        items = read_choices(Attribute, members["items"])
        return cls(members["id"], members["recipient"], items, members["withdrawn"], read_moment(members["at"]))


@dataclass(frozen=True, slots=True)
class SignedConsent:
    """A consent with the holder's signature and signing certificate.

    Wire: JSON object; `type` is ``signed_consent``, `consent`, `certificate` (DER) and `signature` base64. Signed are
    the bytes of `consent` as they are, with the one algorithm of the key.
    """

    TYPE = "signed_consent"

    consent: bytes = field(repr=False)
    certificate: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def encode(self) -> bytes:
        """The JSON form."""
        parts = {name: json.to_base64(getattr(self, name)) for name in ("consent", "certificate", "signature")}
        return json.dump({"type": self.TYPE, **parts})

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else.
        """
        members = json.load(data, dict.fromkeys(("type", "consent", "certificate", "signature"), str))
        json.check_type(members, cls.TYPE)
        return cls(*(json.from_base64(members[name]) for name in ("consent", "certificate", "signature")))
