"""A holder's newest attributes for a verifier that knew the holder before (最新の利用者情報の提供).

A verifier once confirmed a signing certificate and later found it without effect. It may then learn, of the person's
new signing certificate on the same kind of medium, the number and those attributes to which the holder agreed: item by
item, for ten years, revocably. Between the end of the old certificate and the issue of a new one nothing is told.

Source: 公的個人認証法 第18条第3項, 第19条第5項; 施行規則 第35条の2; the public description of consent by a provider of
such services (myfintechtrust.jp). Modelled: the form of the consent (`messages.AttributesConsent`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from warifu.ca.access import Recipient, Service, check_may_receive
from warifu.ca.calendar import years_after
from warifu.ca.record import Entry, State
from warifu.errors import NotAllowed, NotFound
from warifu.messages import Attribute, AttributesConsent, SignedConsent
from warifu.pki import CertificateKind, EndEntityCertificate, check_signature_by

CONSENT_YEARS = 10
_CLOCKS = timedelta(minutes=5)
"""How far a signer's clock may be ahead of ours."""
_STALE = timedelta(days=1)
"""How old a consent may be when it arrives. Modelled."""


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent in the authority's record, kept for a person: what one recipient may learn, and until when.

    `id` is that of the message. `until` is the first moment at which it is over, `withdrawn_at` when it was taken back.
    """

    id: str
    recipient: str
    items: frozenset[Attribute]
    since: datetime
    until: datetime
    withdrawn_at: datetime | None = None

    def allows(self, now: datetime) -> frozenset[Attribute]:
        """The items to which it agrees at `now`."""
        over = self.withdrawn_at is not None and self.withdrawn_at <= now
        return self.items if self.since <= now < self.until and not over else frozenset()


@dataclass(frozen=True, slots=True)
class Shared:
    """What may be told: these items, and the number of the new certificate."""

    items: frozenset[Attribute]
    certificate: Entry = field(repr=False)


def read_consent(signed: SignedConsent, entry: Entry, certificate: bytes, now: datetime) -> AttributesConsent:
    """What a holder signed, after checking that it is the holder's and was made just now.

    `entry` and `certificate` (DER) are what the record has under the serial number of the certificate that came along.

    Raises:
        Malformed, CertificateRefused: the message or the certificate is not well-formed.
        NotAllowed: the certificate is not the one that was issued, not a signing certificate or not in effect, or the
            consent is of another day.
        WrongSignature: the holder's key did not make the signature.
    """
    consent = AttributesConsent.decode(signed.consent)
    if signed.certificate != certificate:
        raise NotAllowed("the certificate is not the one that was issued")
    if entry.kind is not CertificateKind.SIGNING or not entry.may_be_used(now):
        raise NotAllowed("a consent is signed with a signing certificate in effect")
    check_signature_by(EndEntityCertificate.decode(certificate).public_key, signed.signature, signed.consent)
    if not now - _STALE <= consent.at <= now + _CLOCKS:
        raise NotAllowed("the consent was signed on another day")
    return consent


def after_consent(consents: Iterable[Consent], consent: AttributesConsent, now: datetime) -> tuple[Consent, ...]:
    """The person's consents after one more message, in the order given; one that arrives twice changes nothing.

    A withdrawal ends the items it names in all consents to that recipient, and leaves the others.
    """
    known = tuple(consents)
    if consent.withdrawn:
        return tuple(part for each in known for part in _withdrawn(each, consent, now))
    if any(each.id == consent.id for each in known):
        return known
    since = now.replace(microsecond=0)
    made = Consent(consent.id, consent.recipient, consent.items, since, years_after(since, CONSENT_YEARS))
    return (*known, made)


def _withdrawn(each: Consent, withdrawal: AttributesConsent, now: datetime) -> Iterable[Consent]:
    """What is left of a consent, and what was taken back of it."""
    taken = each.items & withdrawal.items
    if each.recipient != withdrawal.recipient or each.withdrawn_at is not None or not taken:
        return (each,)
    back = replace(each, items=taken, withdrawn_at=now.replace(microsecond=0))
    left = each.items - taken
    return (replace(each, items=left), back) if left else (back,)


def items_to_share(
    recipient: Recipient,
    asked: Entry,
    of_holder: Iterable[Entry],
    consents: Iterable[Consent],
    wanted: frozenset[Attribute],
    now: datetime,
) -> Shared:
    """What may be told to a recipient that knows the holder by the old certificate `asked`.

    `of_holder` are all of that person's certificates in the record, `consents` all of that person's consents. That the
    recipient once confirmed the old certificate is its own word.

    Raises:
        NotAllowed: the recipient may not ask, the certificate is not a signing certificate or still in effect, or the
            holder did not agree to any of the items.
        NotFound: the holder has no new certificate on the same kind of medium.
    """
    check_may_receive(recipient, Service.CURRENT_ATTRIBUTES, now)
    if asked.kind is not CertificateKind.SIGNING:
        raise NotAllowed("attributes are told of signing certificates")
    if asked.state_at(now) not in {State.REVOKED, State.EXPIRED}:
        raise NotAllowed("the certificate has not lost its effect")
    new = [each for each in of_holder if (each.kind, each.medium) == (asked.kind, asked.medium)]
    found = next((each for each in new if each.may_be_used(now)), None)
    if found is None:
        raise NotFound("the holder has no new certificate of this kind")
    agreed = frozenset().union(*(each.allows(now) for each in consents if each.recipient == recipient.id))
    if not wanted & agreed:
        raise NotAllowed("the holder did not agree to share this")
    return Shared(wanted & agreed, found)
