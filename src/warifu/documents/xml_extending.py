"""XML signatures made to last: timestamps, and the material that proves them, are added to what was signed.

Nothing that is signed is touched, and nothing that an earlier archive timestamp covers: everything is added behind it.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterable

from lxml import etree

from warifu.documents.found import Covered, FoundSignature
from warifu.documents.level import Level
from warifu.documents.material import Material
from warifu.documents.stamping import Stamp, ask_for_token
from warifu.documents.timestamp_reading import read_timestamp
from warifu.documents.xml_building import add
from warifu.documents.xml_canonical import Canonicalization
from warifu.documents.xml_imprints import archive_octets, signature_octets
from warifu.documents.xml_names import EXCLUSIVE, XADES141, ds, xades, xades141
from warifu.documents.xml_parsing import Element, XmlDocument
from warifu.documents.xml_reading import read_xml
from warifu.documents.xml_references import References
from warifu.documents.xml_signature import XmlSignature, place_of, read_signature
from warifu.documents.xml_structure import WrongForm
from warifu.documents.xml_unsigned import ARCHIVE, CERTIFICATE_VALUES, REVOCATION_VALUES, SIGNATURE
from warifu.documents.xml_writing import write_document
from warifu.errors import Malformed, NotAllowed, NotFound

__all__ = ["extend_xml", "xml_certificates"]


def extend_xml(
    data: bytes,
    level: Level,
    *,
    place: str | None = None,
    material: Material | None = None,
    stamp: Stamp | None = None,
    content: bytes | None = None,
    hash_name: str = "sha256",
) -> bytes:
    """The same XAdES signatures, or the one of that `place`, at a higher level.

    A signature timestamp is added where there is none. At ``LTA`` one more archive timestamp is added over all that is
    there by then. `material` is about the signers and about timestamps that are there already; `content` is what a
    detached signature is about.

    Raises:
        Malformed: no XML with XAdES signatures that are free of faults, or `content` is not what was signed.
        NotFound: no signature of that place.
        NotAllowed: there is no revocation data, neither here nor in `material`; or another signature would be broken.
        WarifuError: whatever `stamp` raises.
        Unavailable: the timestamp service gave no timestamp.
    """
    found = read_xml(data, content)
    _check_found(found, place, level)
    document = XmlDocument(data)
    chosen = [each for each in document.signatures if place in (None, place_of(document, each))]
    for element in chosen:
        adding = _Adding(document, element, content, hash_name)
        if level.reaches(Level.T):
            adding.stamp_signature(stamp)
        if level.reaches(Level.LT):
            adding.add_material(material or Material())
        if level.reaches(Level.LTA):
            adding.stamp_archive(stamp)
    extended = write_document(document.root)
    _check_others(found, read_xml(extended, content))
    return extended


def _check_found(found: Iterable[FoundSignature], place: str | None, level: Level) -> None:
    chosen = [each for each in found if place in (None, each.place)]
    if not chosen:
        raise NotFound("there is no such signature")
    for each in chosen:
        if each.faults or any(one.actual not in (None, one.expected) for one in each.integrity):
            raise Malformed("the signature has faults, or is about something else")
        if level is Level.LTA and any(one.actual is None for one in each.integrity):
            raise Malformed("the document that the signature is about is needed for an archive timestamp")


def _check_others(before: Iterable[FoundSignature], after: Iterable[FoundSignature]) -> None:
    """Check that no signature is about another to which something was added."""
    standing = [[[one.actual == one.expected for one in each.integrity] for each in found] for found in (before, after)]
    if standing[0] != standing[1]:
        raise NotAllowed("a later signature is about this one as it is; name the place of the later one")


def xml_certificates(data: bytes) -> tuple[bytes, ...]:
    """Every certificate in the signatures of an XML file, and in the timestamps upon them, each once; unbelieved.

    Raises:
        Malformed: no XML with signatures.
    """
    found: list[bytes] = []
    for signature in read_xml(data):
        found += signature.certificates
        for stamp in signature.timestamps:
            found += _inside(stamp.token)
    return tuple(dict.fromkeys(found))


def _inside(token: bytes) -> tuple[bytes, ...]:
    try:
        return read_timestamp(token).signature.certificates
    except Malformed:
        return ()


class _Adding:
    """One signature, to which unsigned properties are added at the end."""

    def __init__(self, document: XmlDocument, element: Element, content: bytes | None, hash_name: str) -> None:
        self._document = document
        self._element = element
        self._content = content
        self._hash_name = hash_name
        if self._read().qualifying is None:
            raise NotAllowed("timestamps and evidence need an XAdES signature")

    def _read(self) -> XmlSignature:
        """The signature as it now stands."""
        try:
            return read_signature(self._document, self._element)
        except WrongForm as error:
            raise Malformed("the signature has faults") from error

    def stamp_signature(self, stamp: Stamp | None) -> None:
        """A timestamp of the signature value, if there is none (ETSI EN 319 132-1 §5.3)."""
        signature = self._read()
        if any(each.tag == SIGNATURE for each in signature.unsigned):
            return
        self._add_stamp(SIGNATURE, stamp, [signature_octets(signature, _WAY)])

    def stamp_archive(self, stamp: Stamp | None) -> None:
        """A timestamp over all of it (§5.5.2)."""
        signature = self._read()
        references = References(self._document, signature, self._content)
        place = len(signature.unsigned)
        self._add_stamp(ARCHIVE, stamp, archive_octets(self._document, signature, references, _WAY, place))

    def _add_stamp(self, name: str, stamp: Stamp | None, octets: Iterable[bytes]) -> None:
        digest = hashlib.new(self._hash_name)
        for each in octets:
            digest.update(each)
        token = ask_for_token(stamp, digest.digest(), self._hash_name)
        holder = self._property(name)
        add(holder, ds("CanonicalizationMethod"), Algorithm=EXCLUSIVE)
        add(holder, xades("EncapsulatedTimeStamp"), b64encode(token.dump()).decode())

    def add_material(self, material: Material) -> None:
        """Certificates and revocation data that are not there yet (§5.4; behind an archive timestamp §5.5.3)."""
        [found] = [
            each
            for each in read_xml(write_document(self._document.root), self._content)
            if each.place == place_of(self._document, self._element)
        ]
        certificates = [each for each in material.certificates if each not in found.certificates]
        crls = [each for each in material.crls if each not in found.crls]
        ocsps = [each for each in material.ocsps if each not in found.ocsps]
        if not (crls or ocsps or found.crls or found.ocsps):
            raise NotAllowed("without revocation data nothing is proved later; nothing was added")
        archived = any(Covered.VALUES in each.covers for each in found.timestamps)
        self._add_values(certificates, crls, ocsps, again=archived)

    def _add_values(self, certificates: list[bytes], crls: list[bytes], ocsps: list[bytes], *, again: bool) -> None:
        if not (certificates or crls or ocsps):
            return
        there = {each.tag for each in self._read().unsigned}
        holder = self._property(xades141("TimeStampValidationData")) if again or there & _VALUES else None
        if certificates:
            values = self._property(CERTIFICATE_VALUES) if holder is None else add(holder, CERTIFICATE_VALUES)
            _fill(values, "EncapsulatedX509Certificate", certificates)
        if crls or ocsps:
            values = self._property(REVOCATION_VALUES) if holder is None else add(holder, REVOCATION_VALUES)
            for group, name, found in (
                ("CRLValues", "EncapsulatedCRLValue", crls),
                ("OCSPValues", "EncapsulatedOCSPValue", ocsps),
            ):
                if found:
                    _fill(add(values, xades(group)), name, found)

    def _property(self, name: str) -> Element:
        """One more unsigned property, behind all others."""
        qualifying = self._read().qualifying
        if qualifying is None:
            raise Malformed("the signature has no qualifying properties")
        group = qualifying.find(xades("UnsignedProperties"))
        group = add(qualifying, xades("UnsignedProperties")) if group is None else group
        holder = group.find(xades("UnsignedSignatureProperties"))
        holder = add(group, xades("UnsignedSignatureProperties")) if holder is None else holder
        return etree.SubElement(holder, name, nsmap={"xades141": XADES141} if XADES141 in name else None)


_WAY = Canonicalization(EXCLUSIVE)
_VALUES = {CERTIFICATE_VALUES, REVOCATION_VALUES}


def _fill(holder: Element, name: str, values: list[bytes]) -> None:
    for each in values:
        add(holder, xades(name), b64encode(each).decode())
