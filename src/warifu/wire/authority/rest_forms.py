"""What the services' REST interface takes and answers: forms, which refuse members that nobody knows, and answers."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from warifu.ca import State
from warifu.messages import Attribute
from warifu.pki import CertificateKind, Medium
from warifu.wire.authority.services import MOST_NUMBERS
from warifu.wire.rest import Form

__all__ = [
    "Attributes",
    "AttributesQuestion",
    "Certificate",
    "CertificateLife",
    "CertificateStatus",
    "ConsentMessage",
    "Count",
    "Happened",
    "Head",
    "KeptConsent",
    "Link",
    "LinkQuestion",
    "NewestList",
    "PostQueue",
    "Predecessor",
    "Proof",
    "Published",
    "ReportLine",
    "StatusQuestion",
    "Succession",
    "SuccessionQuestion",
]

SerialNumber = Annotated[int, Field(ge=1, lt=2**63, description="a certificate's serial number")]


class StatusQuestion(Form):
    """Which certificates the recipient wants to know about."""

    kind: CertificateKind
    serial_numbers: list[SerialNumber] = Field(min_length=1, max_length=MOST_NUMBERS)


class CertificateStatus(BaseModel):
    """Good, revoked (held is certificate_hold), or unknown."""

    serial_number: int
    status: Literal["good", "revoked", "unknown"]
    revoked_at: datetime | None = None
    reason: str | None = None


class LinkQuestion(Form):
    """A certificate that the recipient knows, and which other one of its holder it wants the number of."""

    kind: CertificateKind
    serial_number: SerialNumber
    wanted_kind: CertificateKind
    wanted_medium: Medium
    purpose: str = Field(max_length=200, description="as the Act has it: 'confirming that number'")


class Link(BaseModel):
    """The number asked for, and for what alone it may be used (公的個人認証法 第52条, 第53条)."""

    kind: CertificateKind
    medium: Medium
    serial_number: int
    generation: str = Field(description="the key identifier of the authority's key that signed it, hexadecimal")
    purpose: str


class SuccessionQuestion(Form):
    """An authentication certificate, of which the recipient asks what it took the place of."""

    serial_number: SerialNumber
    purpose: str = Field(max_length=200, description="'recognising the same person after a renewal'")


class Predecessor(BaseModel):
    """A certificate that another one took the place of."""

    serial_number: int
    generation: str = Field(description="as of a link")


class Succession(BaseModel):
    """What a certificate took the place of without a time in between, the newest first; empty: of none."""

    medium: Medium
    predecessors: list[Predecessor]


class ConsentMessage(Form):
    """What a holder signed, each base64: the consent's bytes, the signing certificate (DER), the signature."""

    consent: str = Field(max_length=8192)
    certificate: str = Field(max_length=8192)
    signature: str = Field(max_length=2048)


class KeptConsent(BaseModel):
    """A consent or a withdrawal that was kept."""

    id: str
    items: list[Attribute]
    withdrawn: bool


class AttributesQuestion(Form):
    """A signing certificate that lost its effect, and what the recipient wants to know of its holder."""

    serial_number: SerialNumber
    items: list[Attribute] = Field(min_length=1, max_length=4)


class Attributes(BaseModel):
    """What the holder agreed to share, as the register has it now, and the number of the new signing certificate."""

    serial_number: int
    items: list[Attribute]
    name: str | None
    address: str | None
    birth_date: str | None
    sex: str | None
    at: datetime


class ReportLine(BaseModel):
    """How often a recipient was told something in a month, and by which way."""

    month: str
    recipient: str
    service: str
    way: str
    count: int


class Certificate(BaseModel):
    """A certificate as the record has it; nothing of its holder."""

    kind: CertificateKind
    serial_number: int
    state: State
    medium: Medium
    municipality: str
    generation: str
    not_before: datetime
    not_after: datetime
    revoked_at: datetime | None
    reason: str | None


class Happened(BaseModel):
    """One event of a certificate."""

    event: str
    at: datetime


class CertificateLife(BaseModel):
    """A certificate and what happened to it."""

    certificate: Certificate
    events: list[Happened]


class Count(BaseModel):
    """How many certificates of a kind are in a state now."""

    kind: CertificateKind
    state: State
    count: int


class NewestList(BaseModel):
    """The newest revocation list of a municipality."""

    kind: CertificateKind
    generation: str
    municipality: str
    number: int
    this_update: datetime


class Published(BaseModel):
    """How many lists were made."""

    lists: int


class PostQueue(BaseModel):
    """What waits for one recipient of our letters."""

    recipient: str
    waiting: int
    refused: int
    oldest: datetime


class Head(BaseModel):
    """The newest signed head of the log (RFC 9162 §4.10), base64, and what it says."""

    head: str
    size: int
    root: str
    moment: datetime


class Proof(BaseModel):
    """A proof (RFC 9162 §4.11, §4.12), base64; of a leaf also the leaf."""

    proof: str
    leaf: str | None = None
