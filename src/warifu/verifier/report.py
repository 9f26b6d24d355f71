"""What the verifier says about a signed document: an indication for each signature, why, and what each check saw.

Source: ETSI EN 319 102-1 §5.1.3 (indications), §5.1.4 (reports).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from warifu.documents import Coverage, Form
from warifu.pki import PersonalData
from warifu.verifier.rules import Indication, Rule, SubIndication

__all__ = [
    "Check",
    "DocumentReport",
    "Outcome",
    "OutsideSigner",
    "SignatureReport",
    "TimestampReport",
    "failed",
    "passed",
    "unknown",
]


class Outcome(Enum):
    """What came out of one check."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"


@dataclass(slots=True)
class Check:
    """One rule, what came out, and what was seen: public facts only, by stable names.

    Nobody changes one. It is not frozen only because a signature has ten of them, and a frozen one takes twice as long.

    `sub_indication` is what the check gave, None when it passed or only informs.
    """

    rule: Rule
    outcome: Outcome
    saw: Mapping[str, str] = field(default_factory=dict)
    sub_indication: SubIndication | None = None


def passed(rule: Rule, **saw: str) -> Check:
    """The rule is kept."""
    return Check(rule, Outcome.PASSED, saw)


def failed(rule: Rule, sub: SubIndication, **saw: str) -> Check:
    """The rule is broken."""
    return Check(rule, Outcome.FAILED, saw, sub)


def unknown(rule: Rule, sub: SubIndication, **saw: str) -> Check:
    """Nobody can tell whether the rule is kept."""
    return Check(rule, Outcome.UNKNOWN, saw, sub)


@dataclass(frozen=True, slots=True)
class TimestampReport:
    """A timestamp: what kind, the time that it tells (UTC), and whether it may be relied on."""

    kind: str
    at: datetime | None
    checks: tuple[Check, ...]
    indication: Indication
    sub_indication: SubIndication | None = None


@dataclass(frozen=True, slots=True)
class OutsideSigner:
    """A signer whom JPKI does not know: who that is says an authority that the verifier trusts for other signers.

    `subject` and `issuer` are the names in the certificate (RFC 4514), `anchor` is the SHA-256 of the authority's
    certificate on which all stands, `certificates` how many there are from the signer's up to that one.
    """

    subject: str = field(repr=False)
    issuer: str
    anchor: bytes
    certificates: int


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """One signature.

    `signer` is what the certificate says about its holder, exactly as certified, and only when an anchor issued it.
    `claimed_at` is when the signer says to have signed, `best_time` the earliest moment at which the signature is
    proved to have existed. `key_id` names the key of the authority that issued the certificate. `outside` is there
    instead of `signer` when the certificate is none of JPKI's.
    """

    place: str
    form: Form
    indication: Indication
    sub_indication: SubIndication | None
    checks: tuple[Check, ...]
    signer: PersonalData | None = field(repr=False)
    claimed_at: datetime | None
    best_time: datetime
    timestamps: tuple[TimestampReport, ...] = ()
    coverage: Coverage | None = None
    key_id: bytes | None = None
    real: bool = False
    pairwise_id: bytes | None = field(default=None, repr=False)
    outside: OutsideSigner | None = None


@dataclass(frozen=True, slots=True)
class DocumentReport:
    """A document and its signatures, verified as of `at` (UTC). `digest` is the SHA-256 of the file."""

    digest: bytes
    at: datetime
    signatures: tuple[SignatureReport, ...]

    @property
    def indication(self) -> Indication:
        """The worst of the signatures; a document without any, or with timestamps alone, is INDETERMINATE."""
        told = {signature.indication for signature in self.signatures}
        for worst in (Indication.TOTAL_FAILED, Indication.INDETERMINATE):
            if worst in told:
                return worst
        return Indication.TOTAL_PASSED if self.signed else Indication.INDETERMINATE

    @property
    def signed(self) -> bool:
        """Whether anybody signed: a timestamp says when, not who."""
        return any(signature.form is not Form.TIMESTAMP for signature in self.signatures)
