"""Algorithms as signatures name them: DER AlgorithmIdentifier to what `hashlib` and the verifier call it.

What is not in these tables is told by its object identifier, and the verifier refuses it.
Source: RFC 5754 §2 to §3; RFC 4055 §2 to §5; RFC 5758 §3.2; RFC 3370 §2.1.
"""

from functools import lru_cache

from warifu.documents.found import Scheme, SignatureAlgorithm
from warifu.errors import Malformed
from warifu.pki import der

__all__ = ["DIGEST_LENGTHS", "digest_name", "dotted", "signature_algorithm"]

_NULL = b"\x05\x00"
_DIGESTS = {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
DIGEST_LENGTHS = {"sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64}
"""Digests that can be computed here, and their lengths in bytes. Which of them count is the verifier's policy."""

_RSA = "1.2.840.113549.1.1.1"
_PSS = "1.2.840.113549.1.1.10"
_SIGNATURES = {
    "1.2.840.113549.1.1.5": ("sha1", Scheme.RSA_PKCS1),
    "1.2.840.113549.1.1.11": ("sha256", Scheme.RSA_PKCS1),
    "1.2.840.113549.1.1.12": ("sha384", Scheme.RSA_PKCS1),
    "1.2.840.113549.1.1.13": ("sha512", Scheme.RSA_PKCS1),
    "1.2.840.10045.4.1": ("sha1", Scheme.ECDSA),
    "1.2.840.10045.4.3.2": ("sha256", Scheme.ECDSA),
    "1.2.840.10045.4.3.3": ("sha384", Scheme.ECDSA),
    "1.2.840.10045.4.3.4": ("sha512", Scheme.ECDSA),
}
_MGF1 = der.object_identifier("1.2.840.113549.1.1.8")
_LONGEST_SALT = 1024


def _encodings() -> dict[bytes, str]:
    """Each digest's AlgorithmIdentifier, with parameters NULL and without any: both are in use (RFC 5754 §2)."""
    plain = {der.object_identifier(dotted): name for dotted, name in _DIGESTS.items()}
    return {der.encode(der.SEQUENCE, oid, end): name for oid, name in plain.items() for end in (b"", _NULL)}


def _signature_encodings() -> dict[bytes, SignatureAlgorithm]:
    """As above; ECDSA has no parameters at all (RFC 5758 §3.2)."""
    table = {}
    for dotted, (name, scheme) in _SIGNATURES.items():
        oid = der.object_identifier(dotted)
        for end in (b"",) if scheme is Scheme.ECDSA else (b"", _NULL):
            table[der.encode(der.SEQUENCE, oid, end)] = SignatureAlgorithm(name, scheme)
    return table


_DIGEST_ENCODINGS = _encodings()
_SIGNATURE_ENCODINGS = _signature_encodings()
_RSA_ENCODINGS = {der.encode(der.SEQUENCE, der.object_identifier(_RSA), end) for end in (b"", _NULL)}
_PSS_OID = der.object_identifier(_PSS)


def digest_name(algorithm: bytes) -> str:
    """The name of a digest, or its object identifier in dotted form when it is none of ours.

    Raises:
        Malformed: not an AlgorithmIdentifier.
    """
    name = _DIGEST_ENCODINGS.get(algorithm)
    return _dotted(algorithm) if name is None else name


@lru_cache(maxsize=256)
def signature_algorithm(algorithm: bytes, digest: str) -> SignatureAlgorithm:
    """The signature algorithm that stands beside the digest `digest`; plain ``rsaEncryption`` is RSA with that digest.

    Raises:
        Malformed: not an AlgorithmIdentifier, or parameters of RSASSA-PSS that nobody here uses.
    """
    known = _SIGNATURE_ENCODINGS.get(algorithm)
    if known is not None:
        return known
    if algorithm in _RSA_ENCODINGS:
        return SignatureAlgorithm(digest, Scheme.RSA_PKCS1)
    begin, _end = der.slice_element(algorithm, 0, der.SEQUENCE)
    if algorithm.startswith(_PSS_OID, begin):
        return _pss(algorithm[begin + len(_PSS_OID) :])
    return SignatureAlgorithm(_dotted(algorithm), Scheme.OTHER)


def _pss(parameters: bytes) -> SignatureAlgorithm:
    """RSASSA-PSS-params: digest, a mask from the same digest, salt length; the defaults are SHA-1's (RFC 4055 §3.1)."""
    fields = _explicit_fields(der.whole(parameters, der.SEQUENCE))
    name = digest_name(fields[0]) if 0 in fields else "sha1"
    mask = der.whole(fields[1], der.SEQUENCE) if 1 in fields else None
    masked = "sha1" if mask is None else digest_name(mask.removeprefix(_MGF1))
    salt = der.read_natural(der.whole(fields[2], der.INTEGER)) if 2 in fields else 20
    if masked != name or salt > _LONGEST_SALT or set(fields) - {0, 1, 2}:
        raise Malformed("parameters of RSASSA-PSS that are not used here")
    return SignatureAlgorithm(name, Scheme.RSA_PSS, salt)


def _explicit_fields(data: bytes) -> dict[int, bytes]:
    fields: dict[int, bytes] = {}
    position, last = 0, -1
    while position < len(data):
        number = data[position] - der.explicit(0)
        begin, position = der.slice_element(data, position, der.explicit(max(number, 0)))
        if number <= last:
            raise Malformed("fields in another order")
        fields[number], last = data[begin:position], number
    return fields


def _dotted(algorithm: bytes) -> str:
    content = der.whole(algorithm, der.SEQUENCE)
    begin, end = der.slice_element(content, 0, der.OID)
    return dotted(content[begin:end])


_UUID_ARC = 19
"""Bytes of an arc that is a UUID (ITU-T X.667 §7), as in a policy that nobody registered."""


def dotted(content: bytes) -> str:
    """The dotted form of an object identifier's contents.

    Raises:
        Malformed: it is none.
    """
    der.check_object_identifier(content, longest_arc=_UUID_ARC)
    arcs, number = [], 0
    for byte in content:
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(number)
            number = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))
