"""Enveloped signatures that leave out every signature, made by hand in the form of EU DSS.

Nothing here asks the code that is tested: lxml alone makes the canonical forms. The form is that of ``esig/dss``
(``dss-xades``, ``ReferenceBuilder``, ``XPathEnvelopedSignatureTransform``).
"""

import hashlib
from base64 import b64encode
from datetime import datetime
from typing import Any

from lxml import etree

from tests.documents.world import AT, Holder, rsa
from tests.documents.xml_world import DEED, DS, NAMES, written

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
EXPRESSION = "not(ancestor-or-self::ds:Signature)"
STEP = '<ds:Transform Algorithm="{xpath}"><ds:XPath>{expression}</ds:XPath></ds:Transform>'
FILTER2 = "http://www.w3.org/2002/06/xmldsig-filter2"
SUBTREES = "/descendant::ds:Signature"
SUBTRACT = (
    '<ds:Transform Algorithm="{filter2}"><dsig-filter2:XPath xmlns:dsig-filter2="{filter2}" Filter="subtract">'
    "{expression}</dsig-filter2:XPath></ds:Transform>"
)
"""What later releases of EU DSS write (``XPath2FilterEnvelopedSignatureTransform``)."""
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
FORM = """<ds:Signature xmlns:ds="{ds}" Id="id-{name}"><ds:SignedInfo>
<ds:CanonicalizationMethod Algorithm="{c14n}"/>
<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>
<ds:Reference Id="r-{name}-1" Type="" URI="{uri}"><ds:Transforms>
{step}
<ds:Transform Algorithm="{c14n}"/></ds:Transforms>
<ds:DigestMethod Algorithm="{sha256}"/><ds:DigestValue>{content}</ds:DigestValue></ds:Reference>
<ds:Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#xades-{name}"><ds:Transforms>
<ds:Transform Algorithm="{c14n}"/></ds:Transforms>
<ds:DigestMethod Algorithm="{sha256}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo>
<ds:SignatureValue Id="value-{name}"/><ds:KeyInfo><ds:X509Data>
<ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
<ds:Object><xades:QualifyingProperties xmlns:xades="{xades}" Target="#id-{name}">
<xades:SignedProperties Id="xades-{name}"><xades:SignedSignatureProperties>
<xades:SigningTime>{at:%Y-%m-%dT%H:%M:%SZ}</xades:SigningTime>
<xades:SigningCertificateV2><xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm="{sha256}"/>
<ds:DigestValue>{named}</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2>
</xades:SignedSignatureProperties><xades:SignedDataObjectProperties>
<xades:DataObjectFormat ObjectReference="#r-{name}-1"><xades:MimeType>text/xml</xades:MimeType></xades:DataObjectFormat>
</xades:SignedDataObjectProperties></xades:SignedProperties></xades:QualifyingProperties></ds:Object></ds:Signature>"""


def digest(octets: bytes) -> str:
    return b64encode(hashlib.sha256(octets).digest()).decode()


def canonical(what: Any) -> bytes:
    return etree.tostring(what, method="c14n", exclusive=True, with_comments=False)


def without_signatures(root: Any) -> Any:
    """A copy of the document in which no signature is left; they stand at the ends, with no text behind them."""
    copy = etree.fromstring(written(root))
    for each in copy.xpath("//ds:Signature[not(ancestor::ds:Signature)]", namespaces=NAMES):
        each.getparent().remove(each)
    return copy


def _outline(root: Any, holder: Holder, name: str, expression: str, identifier: str, at: datetime, step: str) -> Any:
    rest = without_signatures(root)
    [signed] = rest.xpath("//*[@Id=$it]", it=identifier) if identifier else [rest.getroottree()]
    return etree.fromstring(
        FORM.format(
            ds=DS,
            xades=NAMES["xades"],
            c14n=EXCLUSIVE,
            step=step.format(xpath=XPATH, filter2=FILTER2, expression=expression),
            sha256=SHA256,
            name=name,
            at=at,
            uri=f"#{identifier}" if identifier else "",
            content=digest(canonical(signed)),
            named=digest(holder.certificate),
            certificate=b64encode(holder.certificate).decode(),
        )
    )


def parallel(
    data: bytes = DEED,
    name: str = "one",
    *,
    expression: str | None = None,
    identifier: str = "",
    place: str = "/*",
    step: str = STEP,
) -> bytes:
    """One more signature, last in the element at `place`, over the document or the element of that identifier."""
    expression = expression if expression is not None else SUBTREES if step is SUBTRACT else EXPRESSION
    holder = rsa()
    root = etree.fromstring(data)
    signature = _outline(root, holder, name, expression, identifier, AT, step)
    root.xpath(place, namespaces=NAMES)[0].append(signature)
    [properties] = signature.xpath("ds:Object//xades:SignedProperties", namespaces=NAMES)
    info = signature[0]
    info[3][2].text = digest(canonical(etree.fromstring(etree.tostring(properties, with_tail=False))))
    octets = canonical(etree.fromstring(etree.tostring(info, with_tail=False)))
    signature[1].text = b64encode(holder.witness.sign(hashlib.sha256(octets).digest())).decode()
    return written(root)
