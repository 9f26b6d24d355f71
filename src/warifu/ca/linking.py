"""Which of a person's certificates belong together: card and phone, and on a card the two kinds.

A verifier that knows one certificate may ask for the number of another one of the same person, for three pairs only,
and may use the answer for nothing but confirming that number (公的個人認証法 第52条第2項, 第3項, 第53条第2項). From a
phone's certificate of one kind no way leads to the phone's of the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from warifu.ca.access import Recipient, Service, check_may_receive, grant_of
from warifu.ca.record import Entry, State
from warifu.errors import NotAllowed, NotFound
from warifu.pki import CertificateKind, Medium

_Which = tuple[CertificateKind, Medium]
_SIGNING, _AUTHENTICATION = CertificateKind.SIGNING, CertificateKind.AUTHENTICATION

LINKS: dict[tuple[_Which, _Which], Service] = {
    ((_SIGNING, Medium.CARD), (_SIGNING, Medium.PHONE)): Service.LINKED_SIGNING,
    ((_SIGNING, Medium.PHONE), (_SIGNING, Medium.CARD)): Service.LINKED_SIGNING,
    ((_AUTHENTICATION, Medium.CARD), (_SIGNING, Medium.CARD)): Service.LINKED_KINDS,
    ((_SIGNING, Medium.CARD), (_AUTHENTICATION, Medium.CARD)): Service.LINKED_KINDS,
    ((_AUTHENTICATION, Medium.CARD), (_AUTHENTICATION, Medium.PHONE)): Service.LINKED_AUTHENTICATION,
    ((_AUTHENTICATION, Medium.PHONE), (_AUTHENTICATION, Medium.CARD)): Service.LINKED_AUTHENTICATION,
}
"""From which certificate to which, and the service. Source: 公的個人認証法 第18条第4項, 第5項, 第37条第3項."""


@dataclass(frozen=True, slots=True)
class LinkedNumber:
    """The number of the certificate that was asked for, and for what alone it may be used.

    `generation` is the key identifier of the authority's key that signed it: numbers are an issuer's own.
    """

    kind: CertificateKind
    medium: Medium
    serial_number: int = field(repr=False)
    service: Service
    generation: bytes = b""

    @property
    def purpose(self) -> str:
        """For what alone it may be used."""
        return grant_of(self.service).purpose


def linked(
    asked: Entry, wanted: _Which, of_holder: Iterable[Entry], recipient: Recipient, purpose: str, now: datetime
) -> LinkedNumber:
    """The number of the `wanted` certificate of whoever holds `asked`; `of_holder` are that person's in the record.

    `purpose` is what the recipient declared. The Act asks for certificates whose validity has not passed; of several
    (one revoked, one new) it is the one in effect, else the youngest.

    Raises:
        NotAllowed: the Act knows no such link, the recipient may not ask for it, or declares another purpose.
        NotFound: the holder has no such certificate.
    """
    service = LINKS.get(((asked.kind, asked.medium), wanted))
    if service is None:
        raise NotAllowed("no article links these two certificates")
    check_may_receive(recipient, service, now)
    if purpose != grant_of(service).purpose:
        raise NotAllowed("the number may be used for confirming it and for nothing else")
    found = [
        entry
        for entry in of_holder
        if (entry.kind, entry.medium) == wanted and entry.state is not State.APPLIED and not entry.has_expired(now)
    ]
    if not found:
        raise NotFound("the holder has no such certificate")
    chosen = max(found, key=lambda entry: (entry.is_live(now), entry.not_before, entry.serial_number))
    return LinkedNumber(chosen.kind, chosen.medium, chosen.serial_number, service, chosen.generation)
