"""What a reader finds in a signed document, of which nothing is believed yet.

Readers of every format (CMS, PDF, XML) tell what they found in the same words, and the verifier decides. A reader
computes digests and cuts out what is signed; it verifies no signature, trusts no certificate and fetches nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

__all__ = [
    "Change",
    "ChangeKind",
    "Coverage",
    "Covered",
    "Fault",
    "FaultCode",
    "Form",
    "FoundSignature",
    "FoundTimestamp",
    "Integrity",
    "Scheme",
    "SignatureAlgorithm",
    "TimestampKind",
]


class Form(Enum):
    """In what form a signature stands in its document."""

    PADES = "pades"
    """In a PDF, ``ETSI.CAdES.detached`` (ETSI EN 319 142-1)."""
    PDF_PKCS7 = "pdf-pkcs7"
    """In a PDF, ``adbe.pkcs7.detached`` (ISO 32000-1 §12.8.3.3)."""
    CADES = "cades"
    """CMS with the attributes of ETSI EN 319 122-1."""
    CMS = "cms"
    """CMS without them (RFC 5652)."""
    XADES = "xades"
    """XML with qualifying properties (ETSI EN 319 132-1)."""
    XMLDSIG = "xmldsig"
    """XML without them (W3C XML Signature)."""
    TIMESTAMP = "timestamp"
    """A timestamp that stands for itself: RFC 3161, or a document timestamp of a PDF."""


class Scheme(Enum):
    """How a signature is computed from a digest."""

    RSA_PKCS1 = "rsa-pkcs1"
    RSA_PSS = "rsa-pss"
    ECDSA = "ecdsa"
    OTHER = "other"
    """Named by its object identifier or URI in `hash_name`; nothing here computes it."""


@dataclass(frozen=True, slots=True)
class SignatureAlgorithm:
    """The one algorithm that a signature names: a digest as `hashlib` calls it, and the scheme.

    `salt` is the length in bytes of the salt of RSASSA-PSS, whose mask is made with the same digest.
    """

    hash_name: str
    scheme: Scheme
    salt: int | None = None


@dataclass(frozen=True, slots=True)
class Integrity:
    """One digest that must match: what the signature says of signed data, and what the data are.

    `name` says of what (``message digest``, or the reference of an XML signature); `actual` is None when the data are
    not there (a detached signature without its content).
    """

    name: str
    algorithm: str
    expected: bytes
    actual: bytes | None


class FaultCode(Enum):
    """What can be wrong with the form of a signature: a name that never changes, and the clause that is broken."""

    # CMS and CAdES
    CONTENT_TYPE_ATTRIBUTE = ("content-type-attribute", "RFC 5652 §5.3, §11.1")
    MESSAGE_DIGEST_ATTRIBUTE = ("message-digest-attribute", "RFC 5652 §5.3, §11.2")
    SIGNED_ATTRIBUTES_MISSING = ("signed-attributes-missing", "RFC 5652 §5.3; RFC 3161 §2.4.2")
    CONTENT_LIKE_ATTRIBUTES = ("content-like-attributes", "RFC 5652 §5.4; a content that is itself a set of attributes")
    ATTRIBUTES_NOT_DER = ("attributes-not-der", "RFC 5652 §5.3; ITU-T X.690 §11.6")
    DUPLICATE_ATTRIBUTE = ("duplicate-attribute", "RFC 5652 §5.3, §11; RFC 5035 §3")
    ATTRIBUTE_VALUE = ("attribute-value", "RFC 5652 §11; ETSI EN 319 122-1 §5")
    ALGORITHMS_DIFFER = ("algorithms-differ", "RFC 5652 §5.3; RFC 8933 §3.1")
    VERSION = ("version", "RFC 5652 §5.1, §5.3")
    CERTIFICATE_NAMED_OTHERWISE = ("certificate-named-otherwise", "RFC 5035 §5.4.1.1; ETSI EN 319 122-1 §5.2.2")
    CERTIFICATE_NOT_NAMED = ("certificate-not-named", "ETSI EN 319 122-1 §5.2.2; ETSI EN 319 132-1 §5.2.2")
    ARCHIVE_INDEX = ("archive-index", "ETSI EN 319 122-1 §5.5.2, §5.5.3")
    # PDF
    BYTE_RANGE_FORM = ("byte-range-form", "ISO 32000-1 §12.8.1")
    BYTE_RANGE_GAP = ("byte-range-gap", "ISO 32000-1 §12.8.1; ETSI EN 319 142-1 §5.1")
    BYTE_RANGE_OVERLAP = ("byte-range-overlap", "ISO 32000-1 §12.8.1")
    BYTE_RANGE_SHORT = ("byte-range-short", "ETSI EN 319 142-1 §5.1; a revision that is signed in part")
    CONTENTS_FORM = ("contents-form", "ISO 32000-1 §12.8.1, table 252; ETSI EN 319 142-1 §5.1")
    SIGNATURE_DICTIONARY = ("signature-dictionary", "ISO 32000-1 §12.8.1, table 252")
    SEVERAL_SIGNERS = ("several-signers", "ETSI EN 319 142-1 §5.1")
    CONTENT_ATTACHED = ("content-attached", "ISO 32000-1 §12.8.3.3; ETSI EN 319 142-1 §5.1")
    SIGNING_TIME_ATTRIBUTE = ("signing-time-attribute", "ETSI EN 319 142-1 §6.3")
    MODIFIED_AFTER = ("modified-after", "ISO 32000-1 §12.8.2.2; a change that is not allowed after signing")
    NOT_ALL_SIGNED = ("not-all-signed", "ISO 32000-1 §12.8.2.2; bytes outside of every revision")
    CROSS_REFERENCES = ("cross-references", "ISO 32000-1 §7.5.8.4; old and new readers are told different objects")
    # XML
    DUPLICATE_ID = ("duplicate-id", "XML 1.0 §3.3.1; W3C XML Signature 1.1 §4.4.3.1")
    REFERENCE_ELSEWHERE = ("reference-elsewhere", "W3C XML Signature 1.1 §8.1.2; signature wrapping")
    REFERENCE_OUTSIDE = ("reference-outside", "W3C XML Signature 1.1 §4.4.3.1; nothing is fetched")
    REFERENCE_MISSING = (
        "reference-missing",
        "ETSI EN 319 132-1 §4.3.1; signed properties or content without reference",
    )
    FORBIDDEN_TRANSFORM = ("forbidden-transform", "W3C XML Signature 1.1 §8.1.1")
    FORBIDDEN_ALGORITHM = ("forbidden-algorithm", "W3C XML Signature 1.1 §6.1")
    PROPERTIES_ELSEWHERE = ("properties-elsewhere", "ETSI EN 319 132-1 §4.3.1, §4.4")
    REFERENCE_DANGLING = ("reference-dangling", "W3C XML Signature 1.1 §4.4.3.1; an identifier that nothing bears")
    UNSIGNED_CONTENT = ("unsigned-content", "W3C XML Signature Best Practices (2013); content that nobody signed")
    KEY_INFO = ("key-info", "W3C XML Signature 1.1 §4.5; a key that is not the certificate's, or is elsewhere")
    XML_STRUCTURE = ("xml-structure", "W3C XML Signature 1.1 §4; ETSI EN 319 132-1 §4")

    def __init__(self, code: str, clause: str) -> None:
        self.code = code
        self.clause = clause


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with the form, and where: an attribute, an element, a byte range; never what stands there."""

    code: FaultCode
    where: str = ""


class TimestampKind(Enum):
    """What a timestamp is made for."""

    CONTENT = "content"
    """Before signing, over the content."""
    SIGNATURE = "signature"
    """After signing, over the signature value."""
    ARCHIVE = "archive"
    """Later, over all that a later verification needs."""
    DOCUMENT = "document"
    """Over a whole PDF as it then was (ETSI EN 319 142-1 §5.4.3)."""


class Covered(Enum):
    """Of what a timestamp proves that it existed."""

    CONTENT = "content"
    SIGNATURE = "signature"
    VALUES = "values"
    """Certificates, revocation lists and status answers."""


@dataclass(frozen=True, slots=True)
class FoundTimestamp:
    """A timestamp over something of a signature.

    `token` is DER (a CMS SignedData over TSTInfo); `imprint` gives what a token must name that is made with a digest
    (as `hashlib` calls it), or None when none can be computed. `values` are the SHA-256 of each certificate, list,
    answer and earlier token covered, and of what tokens carry; None: all that the signature was found with, if it
    covers values at all.
    """

    kind: TimestampKind
    token: bytes = field(repr=False)
    imprint: Callable[[str], bytes | None] = field(repr=False, compare=False)
    covers: frozenset[Covered]
    values: frozenset[bytes] | None = field(default=None, repr=False)
    faults: tuple[Fault, ...] = ()


class ChangeKind(Enum):
    """What was added to a PDF behind a signature."""

    VALIDATION_DATA = "validation-data"
    """Certificates and revocation data for a later verification (a DSS)."""
    TIMESTAMP = "timestamp"
    """A document timestamp."""
    SIGNATURE = "signature"
    """Another signature."""
    FORM_FILLING = "form-filling"
    ANNOTATION = "annotation"
    METADATA = "metadata"
    OTHER = "other"
    """Something else: pages, text, or what cannot be told."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one later revision added, and whether the signature allows it (ISO 32000-1 §12.8.2.2, DocMDP)."""

    revision: int
    kind: ChangeKind
    allowed: bool
    where: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a PDF a signature covers: it was the whole of `revision`, of `revisions` in all, from 1.

    `whole` when nothing at all follows.
    """

    whole: bool
    revision: int
    revisions: int
    changes: tuple[Change, ...] = ()


@dataclass(slots=True)  # frozen, its many fields would cost as much as cutting a certificate
class FoundSignature:
    """One signature as it stands in a document.

    `place` names it in its document (a field of a PDF, ``signer 1`` of a CMS, the Id of an XML signature).
    `certificate` is the one that the signature points to; `certificates` are all that came along, DER each.
    `named_certificate` are the signed digests of the certificate: each a digest's name and its value; empty when the
    signature does not say which certificate it is to be checked with. `signed` are the bytes under the signature (DER
    of the signed attributes, a canonical SignedInfo), `signature` its value, ECDSA as DER. `claimed_at` is what the
    signer says, UTC. `timestamps` stand in the order in which they were added. `policy` names a signature policy that
    the signer invoked. `ignored` are the types of unsigned attributes or properties that no rule knows. `token` is the
    whole token (DER) where this is a timestamp standing for itself.
    """

    form: Form
    place: str
    integrity: tuple[Integrity, ...] = field(repr=False)
    certificate: bytes | None = field(repr=False)
    certificates: tuple[bytes, ...] = field(repr=False)
    named_certificate: tuple[tuple[str, bytes], ...] = field(repr=False)
    algorithm: SignatureAlgorithm
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    claimed_at: datetime | None = None
    timestamps: tuple[FoundTimestamp, ...] = ()
    crls: tuple[bytes, ...] = field(default=(), repr=False)
    ocsps: tuple[bytes, ...] = field(default=(), repr=False)
    faults: tuple[Fault, ...] = ()
    coverage: Coverage | None = None
    policy: str | None = None
    ignored: tuple[str, ...] = ()
    token: bytes | None = field(default=None, repr=False)
