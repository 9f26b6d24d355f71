"""What is checked of a signed document: each rule with its clause and what it may give."""

from enum import Enum

__all__ = ["Indication", "Rule", "SubIndication"]


class Indication(Enum):
    """What the whole says (ETSI EN 319 102-1 §5.1.3)."""

    TOTAL_PASSED = "TOTAL-PASSED"
    INDETERMINATE = "INDETERMINATE"
    TOTAL_FAILED = "TOTAL-FAILED"


class SubIndication(Enum):
    """Why (ETSI EN 319 102-1 §5.1.3, tables 5 and 6)."""

    # TOTAL-FAILED
    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    # INDETERMINATE
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    POLICY_PROCESSING_ERROR = "POLICY_PROCESSING_ERROR"
    SIGNATURE_POLICY_NOT_AVAILABLE = "SIGNATURE_POLICY_NOT_AVAILABLE"
    TIMESTAMP_ORDER_FAILURE = "TIMESTAMP_ORDER_FAILURE"
    NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    REVOKED_NO_POE = "REVOKED_NO_POE"
    REVOKED_CA_NO_POE = "REVOKED_CA_NO_POE"
    OUT_OF_BOUNDS_NOT_REVOKED = "OUT_OF_BOUNDS_NOT_REVOKED"
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    REVOCATION_OUT_OF_BOUNDS_NO_POE = "REVOCATION_OUT_OF_BOUNDS_NO_POE"
    CRYPTO_CONSTRAINTS_FAILURE_NO_POE = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    NO_POE = "NO_POE"
    TRY_LATER = "TRY_LATER"
    SIGNED_DATA_NOT_FOUND = "SIGNED_DATA_NOT_FOUND"
    CUSTOM = "CUSTOM"
    """A reason that the standard has no word for: this verifier may not tell (公的個人認証法 第17条)."""

    @property
    def indication(self) -> Indication:
        """What it makes of the whole."""
        return Indication.TOTAL_FAILED if self in _FAILED else Indication.INDETERMINATE


_FAILED = frozenset(
    {
        SubIndication.FORMAT_FAILURE,
        SubIndication.HASH_FAILURE,
        SubIndication.SIG_CRYPTO_FAILURE,
        SubIndication.REVOKED,
        SubIndication.EXPIRED,
        SubIndication.NOT_YET_VALID,
    }
)


_S = SubIndication


class Rule(Enum):
    """One thing that is checked: a name that never changes, the clause, and the sub-indications that it may give."""

    FORM = ("form", "ETSI EN 319 102-1 §5.2.2", (_S.FORMAT_FAILURE,))
    CERTIFICATE_FOUND = (
        "certificate-found",
        "ETSI EN 319 102-1 §5.2.3",
        (_S.NO_SIGNING_CERTIFICATE_FOUND, _S.SIG_CONSTRAINTS_FAILURE),
    )
    CONTENT = (
        "content",
        "ETSI EN 319 102-1 §5.2.7",
        (_S.HASH_FAILURE, _S.SIGNED_DATA_NOT_FOUND, _S.CRYPTO_CONSTRAINTS_FAILURE),
    )
    SIGNATURE_VALUE = (
        "signature-value",
        "ETSI EN 319 102-1 §5.2.7",
        (
            _S.SIG_CRYPTO_FAILURE,
            _S.SIGNED_DATA_NOT_FOUND,
            _S.NO_SIGNING_CERTIFICATE_FOUND,
            _S.CRYPTO_CONSTRAINTS_FAILURE,
        ),
    )
    CHANGES = ("changes", "ISO 32000-1 §12.8.2.2; ETSI EN 319 142-1 §5.1", (_S.FORMAT_FAILURE,))
    SIGNATURE_POLICY = ("signature-policy", "ETSI EN 319 102-1 §5.2.4", (_S.SIGNATURE_POLICY_NOT_AVAILABLE,))
    ISSUER = (
        "issuer",
        "ETSI EN 319 102-1 §5.2.6; RFC 5280 §6",
        (_S.NO_CERTIFICATE_CHAIN_FOUND, _S.CERTIFICATE_CHAIN_GENERAL_FAILURE),
    )
    CERTIFICATE_KIND = (
        "certificate-kind",
        "ETSI EN 319 102-1 §5.2.6, §5.2.8; 公的個人認証法 第3条, 第22条",
        (_S.CHAIN_CONSTRAINTS_FAILURE,),
    )
    MAY_CONFIRM = ("may-confirm", "公的個人認証法 第17条, 第19条", (_S.CUSTOM,))
    VALIDITY = (
        "validity",
        "ETSI EN 319 102-1 §5.2.6, §5.5.4; RFC 5280 §4.1.2.5",
        (_S.OUT_OF_BOUNDS_NO_POE, _S.NOT_YET_VALID, _S.EXPIRED),
    )
    REVOCATION = (
        "revocation",
        "ETSI EN 319 102-1 §5.2.5, §5.2.6, §5.5.4; 公的個人認証法 第15条, 第19条",
        (
            _S.REVOKED_NO_POE,
            _S.REVOKED,
            _S.REVOKED_CA_NO_POE,
            _S.TRY_LATER,
            _S.REVOCATION_OUT_OF_BOUNDS_NO_POE,
            _S.CERTIFICATE_CHAIN_GENERAL_FAILURE,
        ),
    )
    ALGORITHM = (
        "algorithm",
        "ETSI EN 319 102-1 §5.2.8; ETSI TS 119 312; CRYPTREC 電子政府推奨暗号リスト",
        (_S.CRYPTO_CONSTRAINTS_FAILURE, _S.CRYPTO_CONSTRAINTS_FAILURE_NO_POE),
    )
    TIMESTAMP = (
        "timestamp",
        "ETSI EN 319 102-1 §5.4; RFC 3161 §2.4.2",
        (
            _S.FORMAT_FAILURE,
            _S.HASH_FAILURE,
            _S.SIG_CRYPTO_FAILURE,
            _S.SIGNED_DATA_NOT_FOUND,
            _S.SIG_CONSTRAINTS_FAILURE,
            _S.NO_SIGNING_CERTIFICATE_FOUND,
            _S.NO_CERTIFICATE_CHAIN_FOUND,
            _S.CERTIFICATE_CHAIN_GENERAL_FAILURE,
            _S.CHAIN_CONSTRAINTS_FAILURE,
            _S.OUT_OF_BOUNDS_NO_POE,
            _S.REVOKED_NO_POE,
            _S.TRY_LATER,
            _S.TIMESTAMP_ORDER_FAILURE,
            _S.CRYPTO_CONSTRAINTS_FAILURE,
            _S.CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
        ),
    )
    TIMESTAMP_ORDER = ("timestamp-order", "ETSI EN 319 102-1 §5.5.4", (_S.TIMESTAMP_ORDER_FAILURE,))
    PROOF_OF_EXISTENCE = ("proof-of-existence", "ETSI EN 319 102-1 §5.6.2, §5.6.3", (_S.NO_POE,))

    def __init__(self, slug: str, clause: str, may_give: tuple[SubIndication, ...]) -> None:
        self.slug = slug
        self.clause = clause
        self.may_give = may_give
