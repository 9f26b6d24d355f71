"""The elements of a signature that is being made."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from lxml import etree

from warifu.documents.found import SignatureAlgorithm
from warifu.documents.xml_names import (
    DIGEST_NAMES,
    DSIG,
    ENVELOPED,
    SIGNED_PROPERTIES,
    XADES,
    algorithm_name,
    ds,
    xades,
)
from warifu.documents.xml_parsing import Element

__all__ = ["Outline", "add", "add_properties", "add_reference", "build", "put_digest"]


def add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    """One more child."""
    child = etree.SubElement(parent, name, attributes)
    child.text = text
    return child


@dataclass(frozen=True)
class Outline:
    """What is decided before a signature is built; `uri` is what its first reference names."""

    identity: str
    uri: str
    enveloped: bool
    canonicalization: str
    algorithm: SignatureAlgorithm

    @property
    def octets(self) -> bool:
        """Whether the bytes of a file are signed, not elements."""
        return bool(self.uri) and not self.uri.startswith("#")


def build(outline: Outline, certificate: bytes) -> Element:
    """A signature before anybody signed: SignedInfo with its first reference, SignatureValue of zeros, KeyInfo.

    Wire: W3C XML Signature 1.1 §4.2; KeyInfo holds the signer's certificate and nothing else.
    """
    signature = etree.Element(ds("Signature"), {"Id": outline.identity}, nsmap={"ds": DSIG})
    info = add(signature, ds("SignedInfo"))
    add(info, ds("CanonicalizationMethod"), Algorithm=outline.canonicalization)
    add(info, ds("SignatureMethod"), Algorithm=algorithm_name(outline.algorithm))
    reference = add_reference(info, outline, outline.uri, Id=f"{outline.identity}-content")
    if outline.octets:
        reference.remove(reference[0])
    elif outline.enveloped:
        reference[0].insert(0, reference.makeelement(ds("Transform"), {"Algorithm": ENVELOPED}))
    add(signature, ds("SignatureValue"), b64encode(bytes(96)).decode(), Id=f"{outline.identity}-value")
    key = add(add(signature, ds("KeyInfo")), ds("X509Data"))
    add(key, ds("X509Certificate"), b64encode(certificate).decode())
    return signature


def add_reference(info: Element, outline: Outline, uri: str, **attributes: str) -> Element:
    """A reference whose digest is to come."""
    reference = add(info, ds("Reference"), URI=uri if uri.startswith("#") else quote(uri), **attributes)
    add(add(reference, ds("Transforms")), ds("Transform"), Algorithm=outline.canonicalization)
    add(reference, ds("DigestMethod"), Algorithm=DIGEST_NAMES[outline.algorithm.hash_name])
    add(reference, ds("DigestValue"))
    return reference


def put_digest(reference: Element, outline: Outline, octets: bytes) -> None:
    """The digest that was missing."""
    reference[-1].text = b64encode(hashlib.new(outline.algorithm.hash_name, octets).digest()).decode()


def add_properties(signature: Element, outline: Outline, certificate: bytes, at: datetime, media_type: str) -> Element:
    """The signed properties of a baseline signature: when, by which certificate, over what kind of data.

    Wire: SigningTime, SigningCertificateV2 with a digest, DataObjectFormat of the first reference.
    Source: ETSI EN 319 132-1 §6.3, B-level.
    """
    holder = etree.SubElement(add(signature, ds("Object")), xades("QualifyingProperties"), nsmap={"xades": XADES})
    holder.set("Target", f"#{outline.identity}")
    properties = add(holder, xades("SignedProperties"), Id=f"{outline.identity}-properties")
    about = add(properties, xades("SignedSignatureProperties"))
    add(about, xades("SigningTime"), at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    named = add(add(add(about, xades("SigningCertificateV2")), xades("Cert")), xades("CertDigest"))
    hash_name = outline.algorithm.hash_name
    add(named, ds("DigestMethod"), Algorithm=DIGEST_NAMES[hash_name])
    add(named, ds("DigestValue"), b64encode(hashlib.new(hash_name, certificate).digest()).decode())
    data = add(properties, xades("SignedDataObjectProperties"))
    form = add(data, xades("DataObjectFormat"), ObjectReference=f"#{outline.identity}-content")
    add(form, xades("MimeType"), media_type)
    add_reference(signature[0], outline, f"#{properties.get('Id')}", Type=SIGNED_PROPERTIES)
    return properties
