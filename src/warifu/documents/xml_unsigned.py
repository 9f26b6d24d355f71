"""What was added to an XML signature after signing: timestamps, certificates, revocation data. Nobody signed it."""

import hashlib
from collections.abc import Callable, Iterable

from warifu.documents.found import Covered, Fault, FaultCode, FoundTimestamp, TimestampKind
from warifu.documents.timestamp_reading import read_timestamp
from warifu.documents.xml_canonical import Canonicalization
from warifu.documents.xml_imprints import archive_octets, content_octets, imprints, signature_octets
from warifu.documents.xml_key_info import CERTIFICATES
from warifu.documents.xml_key_info import LARGEST as LARGEST_BAG
from warifu.documents.xml_names import ds, xades, xades141
from warifu.documents.xml_parsing import Element, XmlDocument
from warifu.documents.xml_references import References
from warifu.documents.xml_signature import XmlSignature
from warifu.documents.xml_signed_info import read_canonicalization
from warifu.documents.xml_structure import WrongForm, base64_of, name_of, parts, wrong
from warifu.errors import Malformed

__all__ = ["ARCHIVE", "CERTIFICATE_VALUES", "REVOCATION_VALUES", "SIGNATURE", "Unsigned"]

SIGNATURE = xades("SignatureTimeStamp")
ARCHIVE = xades141("ArchiveTimeStamp")
CERTIFICATE_VALUES = xades("CertificateValues")
REVOCATION_VALUES = xades("RevocationValues")
_LATER_VALUES = xades141("TimeStampValidationData")
_COUNTER = xades("CounterSignature")

PROPERTIES = 64
LARGEST = 32 * 1024 * 1024
"""Bytes of all lists and answers that one signature brings along."""
_ENCODINGS = {None, "http://uri.etsi.org/01903/v1.2.2#DER"}
_COVERS = {
    TimestampKind.CONTENT: frozenset({Covered.CONTENT}),
    TimestampKind.SIGNATURE: frozenset({Covered.SIGNATURE}),
    TimestampKind.ARCHIVE: frozenset({Covered.CONTENT, Covered.SIGNATURE, Covered.VALUES}),
}

Imprint = Callable[[str], bytes | None]


class Unsigned:
    """The unsigned properties of one signature (ETSI EN 319 132-1 §5.3 to §5.5), in the order in which they stand.

    Raises:
        Malformed: too many or too large.
    """

    def __init__(self, document: XmlDocument, signature: XmlSignature, references: References) -> None:
        self._document = document
        self._signature = signature
        self._references = references
        self.timestamps: list[FoundTimestamp] = []
        self.certificates: list[bytes] = []
        self.crls: list[bytes] = []
        self.ocsps: list[bytes] = []
        self.faults: list[Fault] = []
        self.ignored: list[str] = []
        self._inside: set[bytes] = set()
        if len(signature.unsigned) > PROPERTIES:
            raise Malformed(f"a signature has {PROPERTIES} unsigned properties at most")

    def read(self, content_timestamps: Iterable[Element], key_certificates: Iterable[bytes]) -> None:
        """Read everything; what has a wrong form becomes a fault."""
        self._inside |= _digests(key_certificates)
        for each in content_timestamps:
            self._try(lambda each=each: self._stamped(each, TimestampKind.CONTENT, 0))  # type: ignore[misc]
        for place, each in enumerate(self._signature.unsigned):
            self._try(lambda each=each, place=place: self._read(each, place))  # type: ignore[misc]
        self._check_size()

    def _try(self, read: Callable[[], None]) -> None:
        try:
            read()
        except WrongForm as error:
            self.faults.append(error.fault)

    def _read(self, element: Element, place: int) -> None:
        if element.tag == SIGNATURE:
            self._stamped(element, TimestampKind.SIGNATURE, place)
        elif element.tag == ARCHIVE:
            self._stamped(element, TimestampKind.ARCHIVE, place)
        elif element.tag == _LATER_VALUES:
            for child in parts(element, "Id", "URI"):
                self._values(child)
        elif element.tag in (CERTIFICATE_VALUES, REVOCATION_VALUES):
            self._values(element)
        elif element.tag != _COUNTER:
            self.ignored.append(name_of(element))

    def _stamped(self, element: Element, kind: TimestampKind, place: int) -> None:
        """The tokens of one timestamp property, most often one."""
        children = parts(element, "Id")
        way = Canonicalization()
        if children and children[0].tag == ds("CanonicalizationMethod"):
            way = read_canonicalization(children.pop(0), FaultCode.FORBIDDEN_ALGORITHM)
        if not children or any(each.tag != xades("EncapsulatedTimeStamp") for each in children):
            raise wrong(name_of(element))
        imprint = self._imprint(kind, way, place)
        values = frozenset(self._inside | self._so_far()) if kind is TimestampKind.ARCHIVE else None
        for each in children:
            token = _encapsulated(each)
            self.timestamps.append(FoundTimestamp(kind, token, imprint, _COVERS[kind], values))
            self._inside |= _digests([token, *_token_values(token)])

    def _imprint(self, kind: TimestampKind, way: Canonicalization, place: int) -> Imprint:
        if kind is TimestampKind.SIGNATURE:
            return imprints([signature_octets(self._signature, way)])
        if kind is TimestampKind.CONTENT:
            return imprints(content_octets(self._references, way))
        return imprints(archive_octets(self._document, self._signature, self._references, way, place))

    def _so_far(self) -> set[bytes]:
        return _digests([*self.certificates, *self.crls, *self.ocsps])

    def _values(self, element: Element) -> None:
        """Certificates, or lists and answers (§5.4)."""
        if element.tag == CERTIFICATE_VALUES:
            self.certificates += _all(parts(element, "Id"), "EncapsulatedX509Certificate")
            return
        if element.tag != REVOCATION_VALUES:
            raise wrong(name_of(element))
        for group in parts(element, "Id"):
            if group.tag == xades("CRLValues"):
                self.crls += _all(parts(group), "EncapsulatedCRLValue")
            elif group.tag == xades("OCSPValues"):
                self.ocsps += _all(parts(group), "EncapsulatedOCSPValue")
            else:
                raise wrong(name_of(group))

    def _check_size(self) -> None:
        if len(self.certificates) > CERTIFICATES or sum(map(len, self.certificates)) > LARGEST_BAG:
            raise Malformed("a signature brings too many certificates along")
        if sum(map(len, [*self.crls, *self.ocsps])) > LARGEST:
            raise Malformed("a signature brings too many revocation data along")


def _all(elements: list[Element], name: str) -> list[bytes]:
    if any(each.tag != xades(name) for each in elements):
        raise wrong(name)
    return [_encapsulated(each) for each in elements]


def _encapsulated(element: Element) -> bytes:
    """What stands in an element of EncapsulatedPKIDataType: base64 of DER (§5.1.3)."""
    if element.get("Encoding") not in _ENCODINGS:
        raise wrong(name_of(element))
    return base64_of(element, "Id", "Encoding")


def _digests(values: Iterable[bytes]) -> set[bytes]:
    return {hashlib.sha256(each).digest() for each in values}


def _token_values(token: bytes) -> list[bytes]:
    """Certificates, lists and answers inside of a timestamp; none of a damaged one."""
    try:
        inside = read_timestamp(token).signature
    except Malformed:
        return []
    return [*inside.certificates, *inside.crls, *inside.ocsps]
