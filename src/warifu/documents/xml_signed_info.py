"""What a signature says that it signs, and how: SignedInfo, cut into its parts."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from warifu.documents.found import FaultCode, SignatureAlgorithm
from warifu.documents.xml_canonical import CANONICALIZATIONS, Canonicalization
from warifu.documents.xml_names import ALGORITHMS, DIGESTS, DSIG, ENVELOPED, EXCLUSIVE, FILTER2, XPATH, ds
from warifu.documents.xml_parsing import Element
from warifu.documents.xml_structure import base64_of, check_text, is_name, name_of, parts, the_one, wrong

__all__ = ["Removal", "SignedInfo", "XmlReference", "read_canonicalization", "read_digest", "read_signed_info"]

REFERENCES = 32
PREFIXES = 64
MANIFEST = DSIG + "Manifest"

_EVERY_SIGNATURE = re.compile(r"not\(ancestor-or-self::([^\W\d][\w.\-]*):Signature\)")
"""The only XPath that is known. It is not evaluated: its meaning is `Removal.ALL`."""
_EVERY_SUBTREE = re.compile(r"/descendant::([^\W\d][\w.\-]*):Signature")
"""The only filter that is known, to subtract: all subtrees under signatures, which is `Removal.ALL` again."""


class Removal(Enum):
    """Which signatures a reference leaves out of what it leads to, each with everything in it."""

    NONE = auto()
    OWN = auto()
    """The signature itself (W3C XML Signature 1.1 §6.6.4)."""
    ALL = auto()
    """Every signature, wherever it stands, so that several can stand side by side (§6.6.3; XPath Filter 2.0 §3)."""


@dataclass(frozen=True, slots=True)
class XmlReference:
    """One reference: to what, what is done to it before it is digested, and the digest.

    `canonicalization` is None where none is named.
    """

    identity: str | None
    uri: str
    type: str | None
    removal: Removal
    canonicalization: Canonicalization | None
    hash_name: str
    expected: bytes

    @property
    def octets(self) -> bool:
        """Whether it means a file beside the document."""
        return bool(self.uri) and not self.uri.startswith("#")


@dataclass(frozen=True, slots=True)
class SignedInfo:
    """Canonicalization, signature algorithm, references."""

    canonicalization: Canonicalization
    algorithm: SignatureAlgorithm
    references: tuple[XmlReference, ...]


def read_signed_info(info: Element) -> SignedInfo:
    """Take SignedInfo apart (W3C XML Signature 1.1 §4.4).

    Raises:
        WrongForm: another structure, or algorithms that are not allowed.
    """
    children = parts(info, "Id")
    if not 3 <= len(children) <= 2 + REFERENCES:
        raise wrong("SignedInfo")
    method = the_one(children[:1], ds("CanonicalizationMethod"), "SignedInfo")
    algorithm = the_one(children[1:2], ds("SignatureMethod"), "SignedInfo")
    return SignedInfo(
        read_canonicalization(method, FaultCode.FORBIDDEN_ALGORITHM),
        _algorithm(algorithm),
        tuple(_reference(each) for each in children[2:]),
    )


def _algorithm(element: Element) -> SignatureAlgorithm:
    """The signature algorithm; a key for HMAC would be a public key here, and weak digests are no digests."""
    if parts(element, "Algorithm") or element.get("Algorithm") not in ALGORITHMS:
        raise wrong("SignatureMethod", FaultCode.FORBIDDEN_ALGORITHM)
    return ALGORITHMS[element.get("Algorithm", "")]


def read_canonicalization(element: Element, code: FaultCode) -> Canonicalization:
    """One of the ways to make XML canonical.

    Raises:
        WrongForm: with `code`, another way, or one with something more than prefixes.
    """
    uri = element.get("Algorithm", "")
    children = parts(element, "Algorithm")
    if uri not in CANONICALIZATIONS:
        raise wrong(name_of(element), code)
    if not children:
        return Canonicalization(uri)
    prefixes = tuple(_prefixes(the_one(children, f"{{{EXCLUSIVE}}}InclusiveNamespaces", "Transform")))
    if "#default" in prefixes:
        # lxml does not hand this word on to libxml2.
        raise wrong("InclusiveNamespaces", code)
    if not uri.startswith(EXCLUSIVE):
        raise wrong("InclusiveNamespaces")
    return Canonicalization(uri, prefixes)


def _prefixes(element: Element) -> list[str]:
    check_text(element, "PrefixList")
    found = element.get("PrefixList", "").split()
    if element.text or len(found) > PREFIXES or not all(each == "#default" or is_name(each) for each in found):
        raise wrong("InclusiveNamespaces")
    return found


def _reference(element: Element) -> XmlReference:
    if element.tag != ds("Reference"):
        raise wrong("SignedInfo")
    children = parts(element, "Id", "URI", "Type")
    uri = element.get("URI")
    if uri is None or element.get("Type") == MANIFEST:
        # Without a URI everybody decides on their own what is signed; what a manifest lists, nobody has to check.
        raise wrong("Reference", FaultCode.REFERENCE_OUTSIDE)
    transforms = parts(children.pop(0)) if children and children[0].tag == ds("Transforms") else []
    if len(children) != 2:
        raise wrong("Reference")
    removal, canonicalization = _transforms(transforms)
    name = read_digest(children[0])
    expected = base64_of(the_one(children[1:], ds("DigestValue"), "Reference"))
    return XmlReference(element.get("Id"), uri, element.get("Type"), removal, canonicalization, name, expected)


def _transforms(elements: list[Element]) -> tuple[Removal, Canonicalization | None]:
    """At most two: one removal of signatures, then one canonical form. Anything else can drop what is signed."""
    if any(each.tag != ds("Transform") for each in elements):
        raise wrong("Transforms")
    removal = _removal(elements[0]) if elements else Removal.NONE
    rest = elements if removal is Removal.NONE else elements[1:]
    if len(rest) > 1 or any(each.get("Algorithm") not in CANONICALIZATIONS for each in rest):
        raise wrong("Transform", FaultCode.FORBIDDEN_TRANSFORM)
    return removal, read_canonicalization(rest[0], FaultCode.FORBIDDEN_TRANSFORM) if rest else None


def _removal(element: Element) -> Removal:
    algorithm = element.get("Algorithm")
    if algorithm not in (ENVELOPED, XPATH, FILTER2):
        return Removal.NONE
    children = parts(element, "Algorithm")
    if algorithm == ENVELOPED and not children:
        return Removal.OWN
    if algorithm == XPATH and len(children) == 1 and _leaves_out_signatures(children[0]):
        return Removal.ALL
    if algorithm == FILTER2 and len(children) == 1 and _subtracts_signatures(children[0]):
        return Removal.ALL
    raise wrong("Transform", FaultCode.FORBIDDEN_TRANSFORM)


def _leaves_out_signatures(xpath: Element) -> bool:
    """Whether this is the one XPath that is known, its prefix that of XML Signature where it stands (§6.6.3)."""
    if xpath.tag != ds("XPath"):
        return False
    found = _EVERY_SIGNATURE.fullmatch(check_text(xpath))
    return found is not None and xpath.nsmap.get(found[1]) == DSIG


def _subtracts_signatures(xpath: Element) -> bool:
    """Whether this is the one filter that is known, as EU DSS writes it (W3C XPath Filter 2.0 §3.2, §3.4)."""
    if xpath.tag != f"{{{FILTER2}}}XPath":
        return False
    found = _EVERY_SUBTREE.fullmatch(check_text(xpath, "Filter"))
    return xpath.get("Filter") == "subtract" and found is not None and xpath.nsmap.get(found[1]) == DSIG


def read_digest(element: Element) -> str:
    """The name of a digest, as `hashlib` calls it.

    Raises:
        WrongForm: MD5, SHA-1 or something unknown.
    """
    if element.tag != ds("DigestMethod"):
        raise wrong("DigestMethod")
    if parts(element, "Algorithm") or element.get("Algorithm") not in DIGESTS:
        raise wrong("DigestMethod", FaultCode.FORBIDDEN_ALGORITHM)
    return DIGESTS[element.get("Algorithm", "")]
