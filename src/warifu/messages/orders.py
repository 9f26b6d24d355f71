"""Ordering certificates: the register asks an authority, the authority issues or refuses; and what is true of a holder.

The order travels with what the certificate will say and with nothing else; an authority never receives an individual
number or a resident record code. In the other direction an authority asks for the attributes that a holder agreed to
share (最新の4情報の提供), and gets those and no others.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import ClassVar, Final, Self

from warifu.errors import Malformed
from warifu.messages import json
from warifu.messages.applying import OrderedKind, SignedApplication
from warifu.messages.fields import (
    check_id,
    read_attributes,
    read_choice,
    read_choices,
    read_moment,
    read_sex,
    whole_seconds,
    write_attributes,
    write_choices,
)
from warifu.messages.resident import Attribute
from warifu.person import (
    Address,
    BasicAttributes,
    BirthDate,
    Name,
    Sex,
    municipality_code_check_digit,
)

_ERROR_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")


class OrderedMedium(Enum):
    """What holds the private key; the values are those of `ca.Medium`."""

    CARD = "card"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class CertificateOrder:
    """An order for one certificate.

    Wire: JSON object; `type` is ``certificate_order``, `id`, `holder` and `card` 32 lower-case hexadecimal digits,
    `kind` and `medium` the values of the enums, `municipality` five digits, `public_key_info` base64 of DER
    SubjectPublicKeyInfo, `attributes` an object (name, address, birth_date, sex; signing only) or null, `birth_date`
    YYYYMMDD, `card_not_after` and `at` whole seconds since 1970 UTC, `renewal` true when it takes the place of one
    that is still good, `application` base64 of a `SignedApplication` (phone only, where it may not be missing).

    `card` names the card that holds the key, or on whose certificates the phone's stand. `birth_date` decides the last
    day of both kinds (公的個人認証法施行規則 第13条, 第49条) and is not written into an authentication certificate.
    `application` is what the holder signed with the card: the order has its id, and is for its kind and its key.
    """

    TYPE: ClassVar[str] = "certificate_order"

    id: str
    holder: str
    kind: OrderedKind
    medium: OrderedMedium
    card: str
    municipality: str
    public_key_info: bytes = field(repr=False)
    attributes: BasicAttributes | None
    birth_date: BirthDate
    card_not_after: datetime
    renewal: bool
    at: datetime
    application: SignedApplication | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for each in (self.id, self.holder, self.card):
            check_id(each)
        municipality_code_check_digit(self.municipality)
        for name in ("card_not_after", "at"):
            object.__setattr__(self, name, whole_seconds(getattr(self, name)))
        if (self.attributes is not None) is not (self.kind is OrderedKind.SIGNING):
            raise Malformed("the four basic attributes go into a signing certificate, and into no other")
        if self.attributes is not None and self.attributes.birth_date != self.birth_date:
            raise Malformed("two birth dates")
        self._check_application()

    def _check_application(self) -> None:
        if (self.application is not None) is not (self.medium is OrderedMedium.PHONE):
            raise Malformed("the application for a phone is signed with the card, and no other is")
        if self.application is None:
            return
        applied = self.application.read()
        if (applied.id, applied.kind, applied.public_key_info) != (self.id, self.kind, self.public_key_info):
            raise Malformed("the order is not what the holder applied for")

    def encode(self) -> bytes:
        """The JSON form."""
        applied = {} if self.application is None else {"application": json.to_base64(self.application.encode())}
        return json.dump(
            {
                "type": self.TYPE,
                "id": self.id,
                "holder": self.holder,
                "kind": self.kind.value,
                "medium": self.medium.value,
                "card": self.card,
                "municipality": self.municipality,
                "public_key_info": json.to_base64(self.public_key_info),
                "attributes": None if self.attributes is None else write_attributes(self.attributes),
                "birth_date": self.birth_date.digits,
                "card_not_after": int(self.card_not_after.timestamp()),
                "renewal": self.renewal,
                "at": int(self.at.timestamp()),
                **applied,
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else.
        """
        text = ("type", "id", "holder", "kind", "medium", "card", "municipality", "public_key_info", "birth_date")
        moments = dict.fromkeys(("card_not_after", "at"), int)
        members = json.load(
            data,
            {**dict.fromkeys(text, str), **moments, "attributes": (dict, type(None)), "renewal": bool},
            {"application": str},
        )
        json.check_type(members, cls.TYPE)
        attributes, applied = members["attributes"], members.get("application")
        return cls(
            members["id"],
            members["holder"],
            read_choice(OrderedKind, members["kind"]),
            read_choice(OrderedMedium, members["medium"]),
            members["card"],
            members["municipality"],
            json.from_base64(members["public_key_info"]),
            None if attributes is None else read_attributes(attributes),
            BirthDate.decode(members["birth_date"]),
            read_moment(members["card_not_after"]),
            members["renewal"],
            read_moment(members["at"]),
            None if applied is None else SignedApplication.decode(json.from_base64(applied)),
        )


@dataclass(frozen=True, slots=True)
class CertificateIssued:
    """The answer to an order: the certificate, and the issuer's that belongs on the card beside it.

    Wire: JSON object; `type` is ``certificate_issued``, `order_id` as in the order, `certificate` and
    `issuer_certificate` base64 of DER.
    """

    TYPE: ClassVar[str] = "certificate_issued"

    order_id: str
    certificate: bytes = field(repr=False)
    issuer_certificate: bytes = field(repr=False)

    def __post_init__(self) -> None:
        check_id(self.order_id)

    def encode(self) -> bytes:
        """The JSON form."""
        certificates = {name: json.to_base64(getattr(self, name)) for name in ("certificate", "issuer_certificate")}
        return json.dump({"type": self.TYPE, "order_id": self.order_id, **certificates})

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else.
        """
        members = json.load(data, dict.fromkeys(("type", "order_id", "certificate", "issuer_certificate"), str))
        json.check_type(members, cls.TYPE)
        certificates = (json.from_base64(members[name]) for name in ("certificate", "issuer_certificate"))
        return cls(members["order_id"], *certificates)


@dataclass(frozen=True, slots=True)
class OrderRefused:
    """The other answer to an order.

    Wire: JSON object; `type` is ``order_refused``, `order_id` as in the order, `error` the name of an error class in
    snake case, 1..64 characters.
    """

    TYPE: ClassVar[str] = "order_refused"

    order_id: str
    error: str

    def __post_init__(self) -> None:
        check_id(self.order_id)
        if not _ERROR_NAME.fullmatch(self.error):
            raise Malformed("an error's name is in snake case")

    def encode(self) -> bytes:
        """The JSON form."""
        return json.dump({"type": self.TYPE, "order_id": self.order_id, "error": self.error})

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else.
        """
        members = json.load(data, dict.fromkeys(("type", "order_id", "error"), str))
        json.check_type(members, cls.TYPE)
        return cls(members["order_id"], members["error"])


@dataclass(frozen=True, slots=True)
class AttributesRequest:
    """An authority asks the register for what the holder agreed to share, item by item.

    Wire: JSON object; `type` is ``attributes_request``, `holder` 32 lower-case hexadecimal digits, `items` a list of
    `Attribute` values in alphabetical order, at least one.

    Source: 公的個人認証法 第18条第3項; 施行規則 第35条の2.
    """

    TYPE: ClassVar[str] = "attributes_request"

    holder: str
    items: frozenset[Attribute]

    def __post_init__(self) -> None:
        check_id(self.holder)
        if not self.items:
            raise Malformed("nothing was asked for")

    def encode(self) -> bytes:
        """The JSON form."""
        return json.dump({"type": self.TYPE, "holder": self.holder, "items": write_choices(self.items)})

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else.
        """
        members = json.load(data, {"type": str, "holder": str, "items": list})
        json.check_type(members, cls.TYPE)
        return cls(members["holder"], read_choices(Attribute, members["items"]))


@dataclass(frozen=True, slots=True)
class CurrentAttributes:
    """What the register has at a moment of the items asked for; the others are None.

    Wire: JSON object; `type` is ``current_attributes``, `holder` as in the request, `name` and `address` texts,
    `birth_date` YYYYMMDD, `sex` the code of ISO/IEC 5218, each null when not asked for, `at` whole seconds since 1970.
    """

    TYPE: ClassVar[str] = "current_attributes"

    holder: str
    name: Name | None
    address: Address | None
    birth_date: BirthDate | None
    sex: Sex | None = field(repr=False)
    at: datetime

    def __post_init__(self) -> None:
        check_id(self.holder)
        object.__setattr__(self, "at", whole_seconds(self.at))

    @classmethod
    def of(cls, holder: str, attributes: BasicAttributes, items: frozenset[Attribute], at: datetime) -> Self:
        """Of these attributes the items, and nothing else."""
        return cls(
            holder,
            attributes.name if Attribute.NAME in items else None,
            attributes.address if Attribute.ADDRESS in items else None,
            attributes.birth_date if Attribute.BIRTH_DATE in items else None,
            attributes.sex if Attribute.SEX in items else None,
            at,
        )

    def encode(self) -> bytes:
        """The JSON form."""
        return json.dump(
            {
                "type": self.TYPE,
                "holder": self.holder,
                "name": self.name.text if self.name else None,
                "address": self.address.text if self.address else None,
                "birth_date": self.birth_date.digits if self.birth_date else None,
                "sex": self.sex.value if self.sex else None,
                "at": int(self.at.timestamp()),
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read the JSON form.

        Raises:
            Malformed: anything else.
        """
        items = dict.fromkeys(("name", "address", "birth_date", "sex"), (str, type(None)))
        members = json.load(data, {"type": str, "holder": str, **items, "at": int})
        json.check_type(members, cls.TYPE)
        name, address, birth_date, sex = (members[item] for item in items)
        return cls(
            members["holder"],
            None if name is None else Name(name),
            None if address is None else Address(address),
            None if birth_date is None else BirthDate.decode(birth_date),
            None if sex is None else read_sex(sex),
            read_moment(members["at"]),
        )
