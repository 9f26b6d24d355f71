"""XML signatures: XAdES (ETSI EN 319 132-1) and plain XML Signature, inside a document or beside any file."""

import hashlib
from base64 import b64encode
from datetime import datetime
from enum import Enum

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from warifu.documents.found import FoundSignature, Scheme, SignatureAlgorithm
from warifu.documents.level import Level
from warifu.documents.stamping import Stamp
from warifu.documents.witness import Witness
from warifu.documents.xml_building import Outline, add_properties, build, put_digest
from warifu.documents.xml_canonical import Canonicalization
from warifu.documents.xml_extending import extend_xml
from warifu.documents.xml_names import C14N, EXCLUSIVE
from warifu.documents.xml_parsing import Element, XmlDocument, bears
from warifu.documents.xml_reading import read_xml
from warifu.documents.xml_writing import write_document
from warifu.errors import Malformed, NotAllowed, NotFound

__all__ = ["XmlProfile", "sign_xml"]


class XmlProfile(Enum):
    """What a signature in XML looks like."""

    XADES = "xades"
    """XAdES baseline (ETSI EN 319 132-1 §6), exclusive canonical XML."""
    XMLDSIG = "xmldsig"
    """XML Signature with inclusive canonical XML 1.0 and the signer's certificate, and nothing more.

    Modelled: after the XML signatures of Japanese government procedures as far as they are described publicly (the
    exact profile of e-Tax is not).
    """


_CANONICAL = {XmlProfile.XADES: EXCLUSIVE, XmlProfile.XMLDSIG: C14N}
_ALGORITHMS = {
    "sha256": SignatureAlgorithm("sha256", Scheme.RSA_PKCS1),
    "sha384": SignatureAlgorithm("sha384", Scheme.ECDSA),
}

_MEDIA_TYPES = {
    "csv": "text/csv",
    "html": "text/html",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "json": "application/json",
    "pdf": "application/pdf",
    "png": "image/png",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "txt": "text/plain",
    "xml": "text/xml",
    "zip": "application/zip",
}


def sign_xml(
    data: bytes,
    witness: Witness,
    at: datetime,
    *,
    profile: XmlProfile = XmlProfile.XADES,
    name: str | None = None,
    element: str | None = None,
    stamp: Stamp | None = None,
) -> bytes:
    """A signature in or about `data`.

    Without more, the XML document `data` with the signature inside its root (enveloped). With `element`, the same
    document, of which only the element with that identifier is signed, the signature right behind it. With `name`, an
    XML file of its own that signs the bytes of `data`, any file, under that name (detached). `stamp` adds a timestamp
    to an XAdES signature (baseline B-T). Where others stand that leave out every signature, ours takes them in: it is
    about the document with them.

    Raises:
        Malformed: `data` is no XML (with `name` it may be anything), or the name is none.
        NotFound: no element, or several, with that identifier.
        NotAllowed: an earlier signature would be broken; beside the element stands what nobody would have signed; or
            the profile has no timestamps.
        WarifuError: whatever the witness or `stamp` raises when asked.
        Unavailable: the timestamp service gave no timestamp.
    """
    if profile is XmlProfile.XMLDSIG and stamp is not None:
        raise NotAllowed("timestamps need an XAdES signature")
    identity = f"signature-{hashlib.sha256(data + witness.certificate + at.isoformat().encode()).hexdigest()[:24]}"
    uri = _uri(name, element)
    outline = Outline(identity, uri, not uri, _CANONICAL[profile], _ALGORITHMS[witness.hash_name])
    signature = _prepared(data, witness.certificate, at, outline, profile)
    if not outline.octets:
        _check_others(data, _file(signature), identity)
    _have_signed(signature, outline, witness)
    return _file(signature) if stamp is None else _stamped(_file(signature), identity, data, stamp)


def _uri(name: str | None, element: str | None) -> str:
    """What the first reference names."""
    if name is None:
        return "" if element is None else f"#{element}"
    if element is not None:
        raise Malformed("either a file of some name is signed or an element of a document")
    if not name or name.startswith("#") or any(each in "/\\:" or ord(each) < 32 for each in name):
        raise Malformed("the name of a file that is signed has no slash and no colon in it")
    return name


def _prepared(data: bytes, certificate: bytes, at: datetime, outline: Outline, profile: XmlProfile) -> Element:
    """The signature where it belongs, with everything but its value."""
    signature = build(outline, certificate)
    octets = _placed(signature, data, outline)
    put_digest(signature[0][2], outline, octets)
    if profile is XmlProfile.XADES:
        media_type = _media_type(outline.uri) if outline.octets else "text/xml"
        properties = add_properties(signature, outline, certificate, at, media_type)
        put_digest(signature[0][3], outline, Canonicalization(outline.canonicalization).of_element(properties))
    return signature


def _media_type(name: str) -> str:
    """What kind of file it is, by the end of its name; the machine's own list would be another everywhere."""
    return _MEDIA_TYPES.get(name.lower().rpartition(".")[2], "application/octet-stream")


def _file(signature: Element) -> bytes:
    return write_document(signature.getroottree().getroot())


def _stamped(signed: bytes, identity: str, data: bytes, stamp: Stamp) -> bytes:
    return extend_xml(signed, Level.T, place=identity, stamp=stamp, content=data)


def _check_others(before: bytes, after: bytes, identity: str) -> None:
    """Check, before anybody signs, that earlier signatures hold as they did and that ours leaves nothing unsigned."""
    found = read_xml(after)
    earlier = read_xml(before) if len(found) > 1 else ()
    if [_standing(each) for each in found if each.place != identity] != [_standing(each) for each in earlier]:
        raise NotAllowed("another signature in the document would be broken; sign the document as a file beside it")
    if any(each.faults for each in found if each.place == identity):
        raise NotAllowed("beside the element stands content that nobody would have signed")


def _standing(found: FoundSignature) -> tuple[object, ...]:
    """What of a signature must stay as it is."""
    return found.faults, [each.actual == each.expected for each in found.integrity], found.signed


def _placed(signature: Element, data: bytes, outline: Outline) -> bytes:
    """What is signed; the signature is then where it belongs."""
    if outline.octets:
        return data
    document = XmlDocument(data)
    canonical = Canonicalization(outline.canonicalization)
    if outline.enveloped:
        octets = canonical.of_document(document.root)
        document.root.append(signature)
        return octets
    signed = _the_one(document, outline.uri[1:])
    octets = canonical.of_element(signed)
    signed.addnext(signature)
    return octets


def _the_one(document: XmlDocument, identifier: str) -> Element:
    found = document.bearers(identifier)
    if len(found) != 1 or not bears(found[0], identifier):
        raise NotFound("there is not exactly one element with that identifier")
    if found[0] is document.root:
        raise Malformed("behind the root no signature can stand; sign the document as a whole")
    return found[0]


def _have_signed(signature: Element, outline: Outline, witness: Witness) -> None:
    info = Canonicalization(outline.canonicalization).of_element(signature[0])
    value = witness.sign(hashlib.new(outline.algorithm.hash_name, info).digest())
    if outline.algorithm.scheme is Scheme.ECDSA:
        value = _halves(value, hashlib.new(outline.algorithm.hash_name).digest_size)
    signature[1].text = b64encode(value).decode()


def _halves(value: bytes, size: int) -> bytes:
    """An ECDSA signature as XML wants it: r and s of equal length, one behind the other (RFC 9231 §2.3.6)."""
    r, s = decode_dss_signature(value)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")
