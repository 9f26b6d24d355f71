"""A ds:Signature cut into its parts, each in the one place that the standards give it."""

from dataclasses import dataclass

from warifu.documents.found import FaultCode
from warifu.documents.xml_names import ds, xades
from warifu.documents.xml_parsing import Element, XmlDocument
from warifu.documents.xml_signed_info import SignedInfo, read_signed_info
from warifu.documents.xml_structure import base64_of, is_name, name_of, parts, the_one, wrong

__all__ = ["XmlSignature", "place_of", "read_signature"]

OBJECTS = 32


@dataclass(frozen=True, slots=True)
class XmlSignature:
    """The elements of a signature, and what its SignedInfo says. `unsigned` are the unsigned signature properties."""

    element: Element
    info: SignedInfo
    value: bytes
    key_info: Element | None
    objects: tuple[Element, ...]
    qualifying: Element | None
    signed_properties: Element | None
    unsigned: tuple[Element, ...]

    @property
    def info_element(self) -> Element:
        """SignedInfo."""
        return self.element[0]

    @property
    def value_element(self) -> Element:
        """SignatureValue."""
        return self.element[1]

    @property
    def data_objects(self) -> tuple[Element, ...]:
        """The objects that hold data, not the qualifying properties."""
        return tuple(
            each for each in self.objects if self.qualifying is None or each is not self.qualifying.getparent()
        )


def place_of(document: XmlDocument, signature: Element) -> str:
    """A name for a signature: its identifier if it has one of its own, else its number in the document."""
    identity = signature.get("Id", "")
    if is_name(identity) and document.bearers(identity) == [signature]:
        return identity
    return f"signature {document.signatures.index(signature) + 1}"


def read_signature(document: XmlDocument, element: Element) -> XmlSignature:
    """Take a signature apart (W3C XML Signature 1.1 §4.2; ETSI EN 319 132-1 §4.3, §4.4).

    Raises:
        WrongForm: another structure, something forbidden, or qualifying properties elsewhere or of another signature.
    """
    children = parts(element, "Id")
    info = the_one(children[:1], ds("SignedInfo"), "Signature")
    value = the_one(children[1:2], ds("SignatureValue"), "Signature")
    key_info = children[2] if len(children) > 2 and children[2].tag == ds("KeyInfo") else None
    objects = children[2 if key_info is None else 3 :]
    if len(objects) > OBJECTS or any(each.tag != ds("Object") for each in objects):
        raise wrong("Signature")
    qualifying = _qualifying(document, element, objects)
    signed, unsigned = (None, ()) if qualifying is None else _properties(qualifying)
    return XmlSignature(
        element, read_signed_info(info), base64_of(value, "Id"), key_info, tuple(objects), qualifying, signed, unsigned
    )


def _qualifying(document: XmlDocument, signature: Element, objects: list[Element]) -> Element | None:
    """The qualifying properties: at most one, directly in an object of the signature that they name.

    Those of a countersignature stand deeper, inside a signature of their own.
    """
    inside = [each for each in signature.iter(xades("QualifyingProperties")) if _owner(each) is signature]
    claiming = [each for each in document.root.iter(xades("QualifyingProperties")) if _names(each, signature)]
    if any(each not in inside for each in claiming) or len(inside) > 1:
        raise wrong("QualifyingProperties", FaultCode.PROPERTIES_ELSEWHERE)
    if next(signature.iter(xades("QualifyingPropertiesReference")), None) is not None:
        raise wrong("QualifyingPropertiesReference", FaultCode.PROPERTIES_ELSEWHERE)
    if not inside:
        return None
    [found] = inside
    if found.getparent() not in objects or parts(objects[objects.index(found.getparent())], "Id") != [found]:  # type: ignore[arg-type]
        raise wrong("QualifyingProperties", FaultCode.PROPERTIES_ELSEWHERE)
    if not _names(found, signature):
        raise wrong("QualifyingProperties/@Target", FaultCode.PROPERTIES_ELSEWHERE)
    return found


def _owner(element: Element) -> Element | None:
    """The nearest signature around an element."""
    return next(element.iterancestors(ds("Signature")), None)


def _names(qualifying: Element, signature: Element) -> bool:
    identity = signature.get("Id")
    return bool(identity) and qualifying.get("Target") == f"#{identity}"


def _properties(qualifying: Element) -> tuple[Element, tuple[Element, ...]]:
    """SignedProperties, and the unsigned properties of the signature (EN 319 132-1 §4.3, §4.4)."""
    children = parts(qualifying, "Id", "Target")
    signed = the_one(children[:1], xades("SignedProperties"), "QualifyingProperties")
    if len(children) == 1:
        return signed, ()
    group = the_one(children[1:], xades("UnsignedProperties"), "QualifyingProperties")
    unsigned: tuple[Element, ...] = ()
    for each in parts(group, "Id"):
        if each.tag == xades("UnsignedSignatureProperties") and not unsigned:
            unsigned = tuple(parts(each, "Id"))
        elif each.tag != xades("UnsignedDataObjectProperties"):
            raise wrong(name_of(each))
    return signed, unsigned
