"""What parties tell each other, one module a conversation.

A language, not a party: it decides nothing and keeps nothing. Every message is a frozen dataclass with `encode` and a
strict `decode`; unknown members, wrong types and trailing bytes are `Malformed`.

Conversations: logging in with a card (`LoginInvitation`, `LoginChallenge`, `LoginAnswer`, `AttributesAnswer`), and
signing for a client while one does (`SigningData`, `SigningAnswer`); the register tells the authorities what happened
(`ResidentEvent`, `CardEvent`), orders certificates (`CertificateOrder`, `CertificateIssued`, `OrderRefused`), a phone's
with what its holder signed (`PhoneApplication` in a `SignedApplication`), and says what is true of a holder
(`AttributesRequest`, `CurrentAttributes`), if the holder agreed that a verifier learns it (`AttributesConsent` in a
`SignedConsent`); a municipality gets codes and numbers from the party that gives them out (`CodeBlockRequest`,
`CodeBlock`, `NumberRequest`, `NumberAnswer`, `CodeChanged`), which learns nothing else. `json` is the strict JSON that
they are written in, for the small answers beside them that only two ends of a wire see; `message_type` tells which of
the register's messages some bytes are.
"""

from warifu.messages import json
from warifu.messages.applying import OrderedKind, PhoneApplication, SignedApplication
from warifu.messages.consent import AttributesConsent, SignedConsent
from warifu.messages.json import message_type
from warifu.messages.login import AttributesAnswer, LoginAnswer, LoginChallenge, LoginInvitation
from warifu.messages.numbering import (
    CodeBlock,
    CodeBlockRequest,
    CodeChanged,
    NumberAnswer,
    NumberReason,
    NumberRequest,
)
from warifu.messages.orders import (
    AttributesRequest,
    CertificateIssued,
    CertificateOrder,
    CurrentAttributes,
    OrderedMedium,
    OrderRefused,
)
from warifu.messages.resident import Attribute, CardEvent, CardHappening, Cause, MinorCorrection, ResidentEvent
from warifu.messages.signing import SigningAnswer, SigningData, SigningForm

__all__ = [
    "Attribute",
    "AttributesAnswer",
    "AttributesConsent",
    "AttributesRequest",
    "CardEvent",
    "CardHappening",
    "Cause",
    "CertificateIssued",
    "CertificateOrder",
    "CodeBlock",
    "CodeBlockRequest",
    "CodeChanged",
    "CurrentAttributes",
    "LoginAnswer",
    "LoginChallenge",
    "LoginInvitation",
    "MinorCorrection",
    "NumberAnswer",
    "NumberReason",
    "NumberRequest",
    "OrderRefused",
    "OrderedKind",
    "OrderedMedium",
    "PhoneApplication",
    "ResidentEvent",
    "SignedApplication",
    "SignedConsent",
    "SigningAnswer",
    "SigningData",
    "SigningForm",
    "json",
    "message_type",
]
