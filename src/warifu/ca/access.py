"""Who may ask an authority what: the recipients of the Act, what each must have, and which article lets it ask.

Nobody but those whom the Act names is told whether a certificate lost its effect, and they only after they notified the
authority and agreed with it (公的個人認証法 第17条, 第18条, 第36条, 第37条). Who needs the ministers' certification
must have it renewed every year (施行令 第10条). Whoever breaks a duty gets nothing any more (第18条第6項, 第7項,
第37条第4項).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from warifu.errors import NotAllowed, WrongSignature
from warifu.pki import JST, CertificateKind, OcspError, OcspQuestions, public_key_info_of, read_public_key


class RecipientKind(Enum):
    """On what ground somebody receives revocation data (公的個人認証法 第17条第1項, by item; 第5項)."""

    ADMINISTRATIVE_ORGAN = "administrative_organ"
    """An administrative organ and the like (行政機関等, item 1)."""
    COURT = "court"
    """Item 2."""
    ASSEMBLY = "assembly"
    """The assembly of a local public entity (item 2-2)."""
    DESIGNATED_BODY = "designated_body"
    """Whom an agency designated to pass on what accompanies applications to it (item 3)."""
    ACCREDITED_CERTIFIER = "accredited_certifier"
    """An accredited certification business (認定認証事業者, item 4)."""
    SPECIFIED_CERTIFIER = "specified_certifier"
    """A specified certification business that the ministers certified (item 5)."""
    CERTIFIED = "certified"
    """Anybody else whom the ministers certified (item 6): platform operators."""
    GROUP = "group"
    """A body that checks for its members (団体署名検証者, 第5項): signing certificates only."""

    @property
    def needs_certification(self) -> bool:
        """Whether the ministers certify it, every year anew."""
        return self in {RecipientKind.SPECIFIED_CERTIFIER, RecipientKind.CERTIFIED}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who notified the authority that it wants to receive.

    `id` is 32 hexadecimal digits; `verifies` the kinds of certificates it relies on; `agreed_on` the day of the
    agreement (取決め), None before; `certified_until` the last day of the ministers' certification, where it needs one.
    `key` is the public key (DER SubjectPublicKeyInfo, RSA or P-384) with which it signs OCSP questions, `requestor` the
    DER GeneralName by which it calls itself in them. `stopped`: the supply was stopped.
    """

    id: str
    name: str
    kind: RecipientKind
    verifies: frozenset[CertificateKind]
    agreed_on: date | None = None
    certified_until: date | None = None
    key: bytes | None = field(default=None, repr=False)
    requestor: bytes | None = None
    stopped: bool = False

    def __post_init__(self) -> None:
        if not self.verifies:
            raise NotAllowed("a recipient verifies certificates of one kind at least")
        if self.kind is RecipientKind.GROUP and self.verifies != {CertificateKind.SIGNING}:
            raise NotAllowed("a body that checks for its members checks signing certificates only")

    def check(self, now: datetime) -> None:
        """Check that it may receive anything at all today.

        Raises:
            NotAllowed: no agreement yet, the certification is missing or has ended, or the supply was stopped.
        """
        today = now.astimezone(JST).date()
        if self.agreed_on is None or self.agreed_on > today:
            raise NotAllowed("the recipient has no agreement with the authority")
        if self.kind.needs_certification and (self.certified_until is None or self.certified_until < today):
            raise NotAllowed("the ministers' certification is missing or was not renewed")
        if self.stopped:
            raise NotAllowed("the supply to this recipient was stopped")


class Service(Enum):
    """What an authority tells others."""

    SIGNING_STATUS = "signing_status"
    SIGNING_LISTS = "signing_lists"
    CURRENT_ATTRIBUTES = "current_attributes"
    LINKED_SIGNING = "linked_signing"
    LINKED_KINDS = "linked_kinds"
    AUTHENTICATION_STATUS = "authentication_status"
    AUTHENTICATION_LISTS = "authentication_lists"
    LINKED_AUTHENTICATION = "linked_authentication"
    AUTHENTICATION_SUCCESSION = "authentication_succession"

    @classmethod
    def status_of(cls, kind: CertificateKind) -> "Service":
        """Status questions about certificates of a kind."""
        return cls.SIGNING_STATUS if kind is CertificateKind.SIGNING else cls.AUTHENTICATION_STATUS

    @classmethod
    def lists_of(cls, kind: CertificateKind) -> "Service":
        """Revocation lists of a kind."""
        return cls.SIGNING_LISTS if kind is CertificateKind.SIGNING else cls.AUTHENTICATION_LISTS


@dataclass(frozen=True, slots=True)
class Grant:
    """One row of the table: who may use a service, by which article, and for what alone.

    `needs` are the kinds of certificates that the recipient must verify, all of them; `groups` whether bodies that
    check for their members are among the recipients.
    """

    service: Service
    what: str
    needs: frozenset[CertificateKind]
    groups: bool
    article: str
    purpose: str
    limit: str


_SIGNING = frozenset({CertificateKind.SIGNING})
_AUTHENTICATION = frozenset({CertificateKind.AUTHENTICATION})

GRANTS: tuple[Grant, ...] = (
    Grant(
        Service.SIGNING_STATUS,
        "whether a signing certificate lost its effect",
        _SIGNING,
        True,
        "第18条第1項",
        "confirming who signed",
        "第52条第1項",
    ),
    Grant(
        Service.SIGNING_LISTS,
        "revocation lists of signing certificates",
        _SIGNING,
        True,
        "第18条第2項",
        "confirming who signed",
        "第52条第1項",
    ),
    Grant(
        Service.CURRENT_ATTRIBUTES,
        "the number of the new signing certificate and the attributes that its holder agreed to share",
        _SIGNING,
        True,
        "第18条第3項",
        "keeping the attributes of somebody confirmed before up to date",
        "第52条",
    ),
    Grant(
        Service.LINKED_SIGNING,
        "the number of the signing certificate on the other medium",
        _SIGNING,
        False,
        "第18条第4項",
        "confirming that number",
        "第52条第2項",
    ),
    Grant(
        Service.LINKED_KINDS,
        "the number of the card's certificate of the other kind",
        _SIGNING | _AUTHENTICATION,
        False,
        "第18条第5項",
        "confirming that number",
        "第52条第3項",
    ),
    Grant(
        Service.AUTHENTICATION_STATUS,
        "whether an authentication certificate lost its effect",
        _AUTHENTICATION,
        False,
        "第37条第1項",
        "confirming who authenticated",
        "第53条第1項",
    ),
    Grant(
        Service.AUTHENTICATION_LISTS,
        "revocation lists of authentication certificates",
        _AUTHENTICATION,
        False,
        "第37条第2項",
        "confirming who authenticated",
        "第53条第1項",
    ),
    Grant(
        Service.LINKED_AUTHENTICATION,
        "the number of the authentication certificate on the other medium",
        _AUTHENTICATION,
        False,
        "第37条第3項",
        "confirming that number",
        "第53条第2項",
    ),
    Grant(
        Service.AUTHENTICATION_SUCCESSION,
        "the numbers of the authentication certificates that one took the place of",
        _AUTHENTICATION,
        False,
        "第37条 (modelled: no item names it)",
        "recognising the same person after a renewal",
        "第53条第1項",
    ),
)
"""Who may ask what. Source: 公的個人認証法, the articles in the rows. Modelled: succession, see `ca.succession`."""

_BY_SERVICE = {grant.service: grant for grant in GRANTS}


def grant_of(service: Service) -> Grant:
    """The row of a service."""
    return _BY_SERVICE[service]


def check_may_receive(recipient: Recipient, service: Service, now: datetime) -> None:
    """Check that a recipient may use a service today.

    Raises:
        NotAllowed: it may receive nothing, or not this.
    """
    recipient.check(now)
    grant = _BY_SERVICE[service]
    if not grant.needs <= recipient.verifies:
        raise NotAllowed("the recipient does not verify certificates of this kind")
    if recipient.kind is RecipientKind.GROUP and not grant.groups:
        raise NotAllowed("a body that checks for its members does not receive this")


def check_asker(
    questions: OcspQuestions, recipients: Iterable[Recipient], kind: CertificateKind, now: datetime
) -> Recipient:
    """Who signed these status questions; `recipients` are those who registered.

    A signature says who asks, not when; that the answer is to this question is what its nonce is for.

    Raises:
        NotAllowed: nobody signed, nobody registered did, or that one may not ask (`refusal_of` tells which answer).
    """
    if questions.signature is None:
        raise NotAllowed("only signed questions are answered")
    sent = {public_key_info_of(certificate) for certificate in questions.signature.certificates}
    for recipient in recipients:
        if recipient.key is None or not (recipient.key in sent or recipient.requestor == questions.requestor):
            continue
        try:
            questions.signature.check(read_public_key(recipient.key))
        except WrongSignature:
            continue
        check_may_receive(recipient, Service.status_of(kind), now)
        return recipient
    raise NotAllowed("the question was signed by nobody who is registered")


def refusal_of(questions: OcspQuestions) -> OcspError:
    """The answer to questions that `check_asker` refused (RFC 6960 §2.3)."""
    return OcspError.SIG_REQUIRED if questions.signature is None else OcspError.UNAUTHORIZED
