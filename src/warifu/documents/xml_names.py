"""What things are called in signed XML: namespaces, algorithms, types."""

from types import MappingProxyType
from typing import Final

from warifu.documents.found import Scheme, SignatureAlgorithm

__all__ = [
    "ALGORITHMS",
    "C14N",
    "C14N_11",
    "DIGESTS",
    "DIGEST_NAMES",
    "DSIG",
    "DSIG11",
    "ENVELOPED",
    "EXCLUSIVE",
    "FILTER2",
    "ID_ATTRIBUTES",
    "SIGNED_PROPERTIES",
    "XADES",
    "XADES141",
    "XML",
    "XPATH",
    "algorithm_name",
    "ds",
    "xades",
    "xades141",
]

DSIG: Final = "http://www.w3.org/2000/09/xmldsig#"
DSIG11: Final = "http://www.w3.org/2009/xmldsig11#"
XADES: Final = "http://uri.etsi.org/01903/v1.3.2#"
XADES141: Final = "http://uri.etsi.org/01903/v1.4.1#"
XML: Final = "http://www.w3.org/XML/1998/namespace"

C14N: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N_11: Final = "http://www.w3.org/2006/12/xml-c14n11"
EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED: Final = DSIG + "enveloped-signature"
XPATH: Final = "http://www.w3.org/TR/1999/REC-xpath-19991116"
FILTER2: Final = "http://www.w3.org/2002/06/xmldsig-filter2"

SIGNED_PROPERTIES: Final = "http://uri.etsi.org/01903#SignedProperties"
"""The type of the reference to the signed properties, the same for all versions (ETSI EN 319 132-1 §4.3.1)."""

ID_ATTRIBUTES: Final = frozenset({"Id", "ID", "id", f"{{{XML}}}id"})
"""Attributes that are taken as identifiers, since no DTD and no schema says which are."""

DIGESTS: Final = MappingProxyType(
    {
        "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
        "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
    }
)
"""The digests that are computed, by their identifiers (RFC 9231 §2.1); neither MD5 nor SHA-1."""
DIGEST_NAMES: Final = MappingProxyType({name: uri for uri, name in DIGESTS.items()})

_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_LATER = "http://www.w3.org/2007/05/xmldsig-more#"
_SALTS = {"sha256": 32, "sha384": 48, "sha512": 64}

ALGORITHMS: Final = MappingProxyType(
    {
        **{f"{_MORE}rsa-{name}": SignatureAlgorithm(name, Scheme.RSA_PKCS1) for name in _SALTS},
        **{f"{_MORE}ecdsa-{name}": SignatureAlgorithm(name, Scheme.ECDSA) for name in _SALTS},
        **{f"{_LATER}{name}-rsa-MGF1": SignatureAlgorithm(name, Scheme.RSA_PSS, salt) for name, salt in _SALTS.items()},
    }
)
"""The signature algorithms that are read, by their identifiers (RFC 9231 §2.3); no HMAC, nothing with SHA-1 or MD5."""


def algorithm_name(algorithm: SignatureAlgorithm) -> str:
    """The identifier of an algorithm."""
    return next(uri for uri, known in ALGORITHMS.items() if known == algorithm)


def ds(name: str) -> str:
    """The name of an element of XML Signature, as lxml writes it."""
    return f"{{{DSIG}}}{name}"


def xades(name: str) -> str:
    """The name of an element of XAdES 1.3.2."""
    return f"{{{XADES}}}{name}"


def xades141(name: str) -> str:
    """The name of an element that XAdES 1.4.1 added."""
    return f"{{{XADES141}}}{name}"
