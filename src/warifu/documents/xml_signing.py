"""XML signatures: XAdES (ETSI EN 319 132-1) and plain XML Signature, inside a document or beside any file."""

import hashlib
import mimetypes
from base64 import b64encode
from datetime import datetime
from enum import Enum

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from warifu.documents.found import Scheme, SignatureAlgorithm
from warifu.documents.witness import Witness
from warifu.documents.xml_building import Outline, add_properties, build, put_digest
from warifu.documents.xml_canonical import Canonicalization
from warifu.documents.xml_names import C14N, EXCLUSIVE
from warifu.documents.xml_parsing import Element, XmlDocument, bears
from warifu.errors import Malformed, NotFound

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


def sign_xml(
    data: bytes,
    witness: Witness,
    at: datetime,
    *,
    profile: XmlProfile = XmlProfile.XADES,
    name: str | None = None,
    element: str | None = None,
) -> bytes:
    """A signature in or about `data`.

    Without more, the XML document `data` with the signature inside its root (enveloped). With `element`, the same
    document, of which only the element with that identifier is signed, the signature right behind it. With `name`, an
    XML file of its own that signs the bytes of `data`, any file, under that name (detached).

    Raises:
        Malformed: `data` is no XML (with `name` it may be anything), or the name is none.
        NotFound: no element, or several, with that identifier.
        WarifuError: whatever the witness raises when asked.
    """
    if name is not None and element is not None:
        raise Malformed("either a file of some name is signed or an element of a document")
    signature = _signed(data, witness, at, profile, name, element)
    return _written(signature)


def _signed(
    data: bytes, witness: Witness, at: datetime, profile: XmlProfile, name: str | None, element: str | None
) -> Element:
    identity = f"signature-{hashlib.sha256(data + witness.certificate + at.isoformat().encode()).hexdigest()[:24]}"
    uri = name if name is not None else "" if element is None else f"#{element}"
    algorithm = _ALGORITHMS[witness.hash_name]
    outline = Outline(identity, uri, name is None and element is None, _CANONICAL[profile], algorithm)
    signature = build(outline, witness.certificate)
    octets = _placed(signature, data, outline, name, element)
    put_digest(signature[0][2], outline, octets)
    if profile is XmlProfile.XADES:
        media_type = "text/xml" if name is None else mimetypes.guess_type(name)[0] or "application/octet-stream"
        properties = add_properties(signature, outline, witness.certificate, at, media_type)
        put_digest(signature[0][3], outline, Canonicalization(outline.canonicalization).of_element(properties))
    _have_signed(signature, outline, witness)
    return signature


def _placed(signature: Element, data: bytes, outline: Outline, name: str | None, element: str | None) -> bytes:
    """What is signed; the signature is then where it belongs."""
    if name is not None:
        _check_name(name)
        return data
    document = XmlDocument(data)
    canonical = Canonicalization(outline.canonicalization)
    if element is None:
        octets = canonical.of_document(document.root)
        document.root.append(signature)
        return octets
    signed = _the_one(document, element)
    octets = canonical.of_element(signed)
    signed.addnext(signature)
    return octets


def _check_name(name: str) -> None:
    """A plain name of a file: no address, nothing that leads elsewhere."""
    if not name or name.startswith("#") or any(each in "/\\:" or ord(each) < 32 for each in name):
        raise Malformed("the name of a file that is signed has no slash and no colon in it")


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


def _written(signature: Element) -> bytes:
    tree = signature.getroottree()
    told = tree.docinfo
    return etree.tostring(
        tree, encoding=told.encoding or "UTF-8", xml_declaration=True, standalone=told.standalone or None
    )
