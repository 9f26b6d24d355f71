"""What a signature's references lead to: which element or file, what of it was digested, and what nobody signed.

A verifier that only recomputes digests can be shown a document whose signed part was moved where nobody reads it, with
something else in its place (signature wrapping: Somorovsky et al., "On Breaking SAML: Be Whoever You Want to Be",
USENIX Security 2012). So a reference may lead only to: the document, or one element of it that alone bears the
identifier and stands in no signature; the signature's own signed properties, key or, if the signature is itself the
document, an object of it; the signature that it countersigns; or a file that is at hand. What stands beside the signed
elements is a fault, unless it is a bare envelope around them; so is what stands in the signatures of others, where they
are left out, and is no signature.
"""

import hashlib
from dataclasses import dataclass
from enum import Enum, auto

from lxml import etree

from warifu.documents.found import Coverage, Fault, FaultCode, Integrity
from warifu.documents.xml_canonical import Canonicalization
from warifu.documents.xml_left_out import content_left_out
from warifu.documents.xml_names import ID_ATTRIBUTES, SIGNED_PROPERTIES, ds, xades
from warifu.documents.xml_parsing import Element, XmlDocument, bears, parse
from warifu.documents.xml_signature import XmlSignature
from warifu.documents.xml_signed_info import Removal, XmlReference
from warifu.documents.xml_structure import WrongForm, is_name, wrong
from warifu.errors import Malformed

__all__ = ["References", "Target"]

_PLAIN = Canonicalization()
COUNTERSIGNED = "http://uri.etsi.org/01903#CountersignedSignature"


class Target(Enum):
    """What kind of thing a reference leads to."""

    DOCUMENT = auto()
    ELEMENT = auto()
    OBJECT = auto()
    FILE = auto()
    COUNTERSIGNED = auto()
    PROPERTIES = auto()
    KEY_INFO = auto()

    @property
    def content(self) -> bool:
        """Whether it is what somebody wanted to sign, not something about the signature."""
        return self not in (Target.PROPERTIES, Target.KEY_INFO)


@dataclass(frozen=True, slots=True)
class _Led:
    """Where one reference leads."""

    reference: XmlReference
    target: Target
    element: Element | None


class References:
    """The references of one signature, followed. `faults` are those that lead where they may not."""

    def __init__(self, document: XmlDocument, signature: XmlSignature, detached: bytes | None) -> None:
        self._document = document
        self._signature = signature
        self._detached = detached
        self._without: dict[Removal, Element] = {}
        self._followed: list[_Led] = []
        self.faults: list[Fault] = []
        for number, reference in enumerate(signature.info.references, 1):
            self._follow(number, reference)
        self._check_all()

    def _follow(self, number: int, reference: XmlReference) -> None:
        try:
            self._followed.append(self._led(reference))
        except WrongForm as error:
            self.faults.append(Fault(error.fault.code, error.fault.where or f"reference {number}"))

    def _led(self, reference: XmlReference) -> _Led:
        if reference.octets:
            if reference.removal is not Removal.NONE:
                raise wrong("", FaultCode.FORBIDDEN_TRANSFORM)
            return _Led(reference, Target.FILE, None)
        if reference.uri == "":
            return self._led_to_document(reference)
        element = self._bearer(reference.uri[1:])
        target = self._target(reference, element)
        if reference.removal is not Removal.NONE and not self._stands_in(element):
            raise wrong("", FaultCode.FORBIDDEN_TRANSFORM)
        return _Led(reference, target, element)

    def _led_to_document(self, reference: XmlReference) -> _Led:
        root = self._document.root
        if self._signature.element is root or (reference.removal is Removal.ALL and root.tag == ds("Signature")):
            raise wrong("", FaultCode.REFERENCE_ELSEWHERE)
        return _Led(reference, Target.DOCUMENT, root)

    def _stands_in(self, element: Element) -> bool:
        return self._signature.element in element.iterdescendants(ds("Signature"))

    def _bearer(self, identifier: str) -> Element:
        """The only element of the whole document that bears this identifier."""
        if not is_name(identifier):
            raise wrong("", FaultCode.REFERENCE_OUTSIDE)
        found = self._document.bearers(identifier)
        if len(found) > 1:
            raise wrong("", FaultCode.DUPLICATE_ID)
        if not found or not bears(found[0], identifier):
            raise wrong("", FaultCode.REFERENCE_DANGLING)
        return found[0]

    def _target(self, reference: XmlReference, element: Element) -> Target:
        signature = self._signature
        if element is signature.signed_properties:
            if reference.type != SIGNED_PROPERTIES:
                raise wrong("SignedProperties", FaultCode.PROPERTIES_ELSEWHERE)
            return Target.PROPERTIES
        if reference.type == SIGNED_PROPERTIES:
            raise wrong("SignedProperties", FaultCode.PROPERTIES_ELSEWHERE)
        if signature.key_info is not None and element is signature.key_info:
            return Target.KEY_INFO
        if element in signature.data_objects and signature.element is self._document.root:
            return Target.OBJECT
        if reference.type == COUNTERSIGNED and element is self._countersigned():
            return Target.COUNTERSIGNED
        if element.tag == ds("Signature") or next(element.iterancestors(ds("Signature")), None) is not None:
            raise wrong("", FaultCode.REFERENCE_ELSEWHERE)
        return Target.ELEMENT

    def _countersigned(self) -> Element | None:
        """The value of the signature in whose unsigned properties this one stands (EN 319 132-1 §5.2.7)."""
        holder = self._signature.element.getparent()
        if holder is None or holder.tag != xades("CounterSignature"):
            return None
        outer = next(holder.iterancestors(ds("Signature")), None)
        return None if outer is None else outer.find(ds("SignatureValue"))

    def _check_all(self) -> None:
        """What must be referenced is, and nothing twice."""
        targets = [each.target for each in self._followed]
        properties = 0 if self._signature.signed_properties is None else 1
        if targets.count(Target.PROPERTIES) != properties or targets.count(Target.FILE) > 1:
            self.faults.append(Fault(FaultCode.REFERENCE_MISSING, "SignedProperties"))
        if not any(each.content for each in targets) and not self.faults:
            self.faults.append(Fault(FaultCode.REFERENCE_MISSING, "content"))

    def octets(self, otherwise: Canonicalization = _PLAIN) -> list[tuple[XmlReference, Target, bytes | None]]:
        """The bytes that each reference digests; None of a file that is not at hand.

        `otherwise` is how elements are made canonical where the reference does not say.

        Raises:
            Malformed: they have no canonical form, or to make it would be too much work.
        """
        return [(each.reference, each.target, self._octets(each, otherwise)) for each in self._followed]

    def _octets(self, led: _Led, otherwise: Canonicalization) -> bytes | None:
        canonical = led.reference.canonicalization or otherwise
        if led.target is Target.FILE:
            return self._file(led.reference)
        element = led.element if led.reference.removal is Removal.NONE else self._enveloped(led)
        if element is None:
            raise Malformed("an element is gone")
        whole = led.target is Target.DOCUMENT
        found = canonical.of_document(element) if whole else canonical.of_element(element)
        self._document.spend(len(found))
        return found

    def _enveloped(self, led: _Led) -> Element | None:
        """The same element where this signature, or every signature, is gone."""
        without = self._rest(led.reference.removal)
        if led.element is self._document.root:
            return without
        self._document.spend(len(self._document.data))
        found = without.xpath("//*[@Id = $it or @ID = $it or @id = $it or @xml:id = $it]", it=led.reference.uri[1:])
        return found[0] if found else None

    def _rest(self, removal: Removal) -> Element:
        """The root of the document without what is removed; made once."""
        if removal not in self._without:
            own, document = self._signature.element, self._document
            self._without[removal] = document.without(own) if removal is Removal.OWN else document.without_signatures()
        return self._without[removal]

    def _file(self, reference: XmlReference) -> bytes | None:
        if self._detached is None:
            return None
        self._document.spend(len(self._detached))
        if reference.canonicalization is None:
            return self._detached
        canonical = reference.canonicalization
        found = canonical.of_document(parse(self._detached), comments=canonical.comments)
        self._document.spend(len(found))
        return found

    def integrity(self) -> tuple[Integrity, ...]:
        """Each digest that must match.

        Raises:
            Malformed: as `octets`.
        """
        found = []
        for number, (reference, _target, octets) in enumerate(self.octets(), 1):
            actual = None if octets is None else hashlib.new(reference.hash_name, octets).digest()
            found.append(Integrity(f"reference {number}", reference.hash_name, reference.expected, actual))
        return tuple(found)

    def content(self) -> tuple[bytes, ...]:
        """What somebody wanted to sign, as it was digested: of a document its canonical form.

        Raises:
            Malformed: as `octets`; or a file is not at hand.
        """
        found = [octets for _reference, target, octets in self.octets() if target.content]
        if any(each is None for each in found):
            raise Malformed("the file that the signature is about is needed")
        return tuple(each for each in found if each is not None)

    def coverage(self) -> Coverage:
        """Whether it is the whole document that is signed; content that nobody signed becomes a fault."""
        targets = {each.target for each in self._followed}
        signed = [each.element for each in self._followed if each.target.content and each.element is not None]
        unsigned = [each for each in self._signature.data_objects if each not in signed]
        left_out = self._left_out()
        if Target.COUNTERSIGNED not in targets and (unsigned or self._bare(targets, signed)):
            self.faults.append(Fault(FaultCode.UNSIGNED_CONTENT, "Object" if unsigned else "document"))
        elif left_out:
            self.faults.append(Fault(FaultCode.UNSIGNED_CONTENT, "another signature"))
        whole = (Target.DOCUMENT in targets or self._document.root in signed) and not left_out
        return Coverage(whole or not targets.isdisjoint({Target.FILE, Target.OBJECT}), 1, 1)

    def _left_out(self) -> bool:
        """Whether content is left out with signatures of others."""
        around = [each.element for each in self._followed if each.reference.removal is Removal.ALL]
        found = [each for each in dict.fromkeys(around) if each is not None]
        return any(content_left_out(self._document, each, self._signature.element) for each in found)

    def _bare(self, targets: set[Target], signed: list[Element]) -> bool:
        """Whether anything stands in the document beside what is signed."""
        root = self._document.root
        if Target.DOCUMENT in targets:
            return False
        around = [*root.itersiblings(), *root.itersiblings(preceding=True)]
        if any(isinstance(each, etree._ProcessingInstruction) for each in around):
            return True
        return root is not self._signature.element and not self._signed_or_envelope(root, signed)

    def _signed_or_envelope(self, element: Element, signed: list[Element]) -> bool:
        """Whether an element is signed, is a signature, or holds nothing but such and says nothing itself.

        Signatures are told apart: each is found, and judged, by itself. Comments are in no canonical form used here.
        """
        if element in signed or element.tag == ds("Signature") or isinstance(element, etree._Comment):
            return True
        if not isinstance(element.tag, str) or not set(element.attrib) <= ID_ATTRIBUTES or len(element) == 0:
            return False
        self._document.spend(100 * len(element))
        if any(text and text.strip() for text in (element.text, *(each.tail for each in element))):
            return False
        return all(self._signed_or_envelope(each, signed) for each in element)
