"""What the timestamps of an XML signature are about."""

import hashlib
from collections.abc import Callable, Iterable, Iterator

from warifu.documents.xml_canonical import Canonicalization
from warifu.documents.xml_names import DIGEST_NAMES
from warifu.documents.xml_parsing import XmlDocument
from warifu.documents.xml_references import References, Target
from warifu.documents.xml_signature import XmlSignature
from warifu.errors import Malformed

__all__ = ["archive_octets", "content_octets", "imprints", "signature_octets"]


def signature_octets(signature: XmlSignature, canonical: Canonicalization) -> bytes:
    """What a SignatureTimeStamp is about: the canonical SignatureValue (ETSI EN 319 132-1 §5.3.1)."""
    return canonical.of_element(signature.value_element)


def content_octets(references: References, canonical: Canonicalization) -> Iterator[bytes]:
    """What an AllDataObjectsTimeStamp is about: everything referenced but the signed properties (§5.2.8.1).

    Raises:
        Malformed: a file that the signature is about is not at hand.
    """
    for _reference, target, octets in references.octets(canonical):
        if target is not Target.PROPERTIES:
            yield _at_hand(octets)


def archive_octets(
    document: XmlDocument, signature: XmlSignature, references: References, canonical: Canonicalization, before: int
) -> Iterator[bytes]:
    """What an archive timestamp is about that comes behind the first `before` unsigned properties.

    Wire: what each reference digests, in their order; SignedInfo, SignatureValue, KeyInfo; the unsigned properties in
    front of the timestamp; the objects but the one with the qualifying properties. Each canonical, one behind the
    other.
    Source: ETSI EN 319 132-1 §5.5.2.2 (``xades141:ArchiveTimeStamp``, everything in the document).

    Raises:
        Malformed: a file that the signature is about is not at hand.
    """
    for _reference, _target, octets in references.octets(canonical):
        yield _at_hand(octets)
    key_info = [] if signature.key_info is None else [signature.key_info]
    values = signature.unsigned[:before]
    for each in (signature.info_element, signature.value_element, *key_info, *values, *signature.data_objects):
        found = canonical.of_element(each, comments=canonical.comments)
        document.spend(len(found))
        yield found


def _at_hand(octets: bytes | None) -> bytes:
    if octets is None:
        raise Malformed("the file that the signature is about is needed")
    return octets


def imprints(octets: Iterable[bytes]) -> Callable[[str], bytes | None]:
    """The imprint by the name of a digest, computed now; None for other digests, or if there is nothing to digest."""
    digests = {name: hashlib.new(name) for name in DIGEST_NAMES}
    try:
        for each in octets:
            for digest in digests.values():
                digest.update(each)
    except Malformed:
        return lambda _name: None
    found = {name: digest.digest() for name, digest in digests.items()}
    return found.get
