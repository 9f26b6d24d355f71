"""A message with questions about several certificates, signed or not (RFC 6960 §4.1).

cryptography reads messages with one question only and no signature, so this is cut here, strictly: one encoding, every
length checked, nothing left over. Hypothesis holds it against cryptography and openssl.
"""

from dataclasses import dataclass, field, replace
from typing import Self

from cryptography import x509

from warifu.errors import Malformed
from warifu.pki import der
from warifu.pki.certificates import PublicKey, check_signature
from warifu.pki.keys import ALGORITHMS
from warifu.pki.ocsp import DIGEST_IDENTIFIERS, MAX_NONCE, OcspRequest, certificate_id, read_plain
from warifu.pki.reading import Reading
from warifu.ports import Signer

MAX_QUESTIONS = 100
"""Questions in one message. Modelled: no public source bounds them."""
MAX_MESSAGE = 32 * 1024


@dataclass(frozen=True, slots=True)
class RequestSignature:
    """The signature on a message of questions (RFC 6960 §4.1.1, optionalSignature).

    `signed` is the TBSRequest as encoded, `algorithm` the AlgorithmIdentifier, `certificates` what the asker sent along
    (DER). Nothing here says who that is.
    """

    signed: bytes = field(repr=False)
    algorithm: bytes = field(repr=False)
    value: bytes = field(repr=False)
    certificates: tuple[bytes, ...] = field(default=(), repr=False)

    def check(self, key: PublicKey) -> None:
        """Check that `key` made the signature.

        Raises:
            WrongSignature: it did not, or with another algorithm than that of the key's kind.
        """
        check_signature(key, self.algorithm, self.value, self.signed)


@dataclass(frozen=True, slots=True, repr=False)
class OcspQuestions:
    """Questions about one or several certificates, in one message; their serial numbers are not shown.

    Wire: OCSPRequest, DER. `asked` are 1 to 100 CertIDs without nonces of their own; `nonce` is the message's, 1 to 128
    bytes or None (RFC 9654 §2.1); `requestor` is the GeneralName in requestorName, DER, or None. Extensions that are
    not critical are passed over.
    """

    asked: tuple[OcspRequest, ...]
    nonce: bytes | None = None
    requestor: bytes | None = None
    signature: RequestSignature | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.asked) <= MAX_QUESTIONS:
            raise Malformed("a message has 1 to 100 questions")
        if any(each.nonce is not None for each in self.asked):
            raise Malformed("the nonce belongs to the message, not to its questions")
        if self.nonce is not None and not 1 <= len(self.nonce) <= MAX_NONCE:
            raise Malformed("an OCSP nonce has 1 to 128 bytes")
        if self.signature is not None and self.requestor is None:
            raise Malformed("a signed message names its requestor")

    def __repr__(self) -> str:
        return f"OcspQuestions({len(self.asked)})"

    def encode(self) -> bytes:
        """The DER form; of a signed message the bytes that were signed."""
        if self.signature is None:
            return der.encode(der.SEQUENCE, self._encode_request())
        certificates = b"".join(self.signature.certificates)
        sent = der.encode(der.explicit(0), der.encode(der.SEQUENCE, certificates)) if certificates else b""
        value = der.encode(der.SEQUENCE, self.signature.algorithm, der.bit_string(self.signature.value), sent)
        return der.encode(der.SEQUENCE, self.signature.signed, der.encode(der.explicit(0), value))

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a message.

        Raises:
            Malformed: not DER, over 32 KiB or 100 questions, an unknown digest, a negative serial number, a nonce of 0
                or more than 128 bytes, another critical extension, or a signature without a requestor's name.
        """
        if len(data) > MAX_MESSAGE:
            raise Malformed("OCSP request too long")
        if (plain := read_plain(data)) is not None:
            name_hash, key_hash, serial_number, nonce = plain
            return cls((OcspRequest("sha1", name_hash, key_hash, serial_number),), nonce)
        with Reading("OCSP request"):
            message = der.whole(data, der.SEQUENCE)
            _, end = der.slice_element(message, 0, der.SEQUENCE)
            requestor, requests, extensions = _cut_request(der.whole(message[:end], der.SEQUENCE))
            asked = tuple(map(_read_question, der.elements(requests, der.SEQUENCE)))
            signature = _read_signature(message[:end], message[end:]) if end < len(message) else None
            return cls(asked, _read_nonce(extensions), requestor, signature)

    def sign(self, signer: Signer, requestor: x509.GeneralName, certificates: tuple[bytes, ...] = ()) -> Self:
        """The same message signed by whom `requestor` names."""
        named = replace(self, requestor=_encode_name(requestor), signature=None)
        signed = named._encode_request()
        signature = RequestSignature(signed, ALGORITHMS[signer.algorithm], signer.sign(signed), certificates)
        return replace(named, signature=signature)

    def _encode_request(self) -> bytes:
        requestor = b"" if self.requestor is None else der.encode(der.explicit(1), self.requestor)
        requests = (der.encode(der.SEQUENCE, certificate_id(each)) for each in self.asked)
        return der.encode(der.SEQUENCE, requestor, der.encode(der.SEQUENCE, *requests), _encode_nonce(self.nonce))


_NONCE = der.object_identifier(x509.OCSPNonce.oid.dotted_string)


def _encode_nonce(nonce: bytes | None) -> bytes:
    if nonce is None:
        return b""
    value = der.encode(der.OCTET_STRING, der.encode(der.OCTET_STRING, nonce))
    return der.encode(der.explicit(2), der.encode(der.SEQUENCE, der.encode(der.SEQUENCE, _NONCE, value)))


def _encode_name(name: x509.GeneralName) -> bytes:
    """One GeneralName, by way of an extension that has a sequence of them."""
    return der.whole(x509.SubjectAlternativeName([name]).public_bytes(), der.SEQUENCE)


def _cut_request(request: bytes) -> tuple[bytes | None, bytes, bytes]:
    """The requestor's name, the content of the list of questions, and that of the extensions, of a TBSRequest."""
    position, requestor = 0, None
    if request[:1] == bytes((der.explicit(1),)):
        begin, position = der.slice_element(request, 0, der.explicit(1))
        requestor = request[begin:position]
        der.check_one(requestor)
    begin, end = der.slice_element(request, position, der.SEQUENCE)
    if end == len(request):
        return requestor, request[begin:end], b""
    extensions = der.whole(der.whole(request[end:], der.explicit(2)), der.SEQUENCE)
    if not extensions:
        raise Malformed("an OCSP request with an empty list of extensions")
    return requestor, request[begin:end], extensions


def _read_question(request: bytes) -> OcspRequest:
    """One CertID; of the extensions to a single question only a critical one matters, for none is known."""
    identifier, end = der.slice_element(request, 0, der.SEQUENCE)
    if end < len(request):
        _read_extensions(der.whole(der.whole(request[end:], der.explicit(0)), der.SEQUENCE), known=b"")
    algorithm, algorithm_end = der.slice_element(request, identifier, der.SEQUENCE)
    name, name_end = der.slice_element(request, algorithm_end, der.OCTET_STRING)
    key, key_end = der.slice_element(request, name_end, der.OCTET_STRING)
    serial, serial_end = der.slice_element(request, key_end, der.INTEGER)
    if serial_end != end:
        raise Malformed("bytes left over behind DER")
    hash_name = DIGEST_IDENTIFIERS.get(request[algorithm:algorithm_end])
    if hash_name is None:
        raise Malformed("unknown digest in an OCSP request")
    number = der.read_natural(request[serial:serial_end])
    return OcspRequest(hash_name, request[name:name_end], request[key:key_end], number)


def _read_nonce(extensions: bytes) -> bytes | None:
    value = _read_extensions(extensions, known=_NONCE)
    return None if value is None else der.whole(value, der.OCTET_STRING)


def _read_extensions(extensions: bytes, known: bytes) -> bytes | None:
    """The value of the known extension, if it is there.

    Raises:
        Malformed: another one is critical, or one is there twice.
    """
    found: dict[bytes, bytes] = {}
    for each in der.elements(extensions, der.SEQUENCE):
        oid, oid_end = der.slice_element(each, 0, der.OID)
        der.check_object_identifier(each[oid:oid_end])
        critical = each[oid_end : oid_end + 3] == _CRITICAL
        value = der.whole(each[oid_end + 3 if critical else oid_end :], der.OCTET_STRING)
        if critical and each[:oid_end] != known:
            raise Malformed("the OCSP request has an unknown critical extension")
        if each[:oid_end] in found:
            raise Malformed("an extension is repeated")
        found[each[:oid_end]] = value
    if (acceptable := found.get(_ACCEPTABLE)) is not None:
        _check_acceptable(acceptable)
    return found.get(known)


_ACCEPTABLE = der.object_identifier(x509.oid.OCSPExtensionOID.ACCEPTABLE_RESPONSES.dotted_string)


def _check_acceptable(value: bytes) -> None:
    """Check the kinds of answer that the asker takes (RFC 6960 §4.4.3); ours is the one that everybody must take."""
    for kind in der.elements(der.whole(value, der.SEQUENCE), der.OID):
        der.check_object_identifier(kind)


_CRITICAL = der.encode(der.BOOLEAN, b"\xff")


def _read_signature(signed: bytes, rest: bytes) -> RequestSignature:
    signature = der.whole(der.whole(rest, der.explicit(0)), der.SEQUENCE)
    _, algorithm_end = der.slice_element(signature, 0, der.SEQUENCE)
    begin, end = der.slice_element(signature, algorithm_end, der.BIT_STRING)
    if signature[begin : begin + 1] != b"\0":
        raise Malformed("the signature is not of whole bytes")
    sent: tuple[bytes, ...] = ()
    if end < len(signature):
        inside = der.whole(der.whole(signature[end:], der.explicit(0)), der.SEQUENCE)
        sent = tuple(der.encode(der.SEQUENCE, each) for each in der.elements(inside, der.SEQUENCE))
        if not sent:
            raise Malformed("an OCSP request with an empty list of certificates")
    return RequestSignature(signed, signature[:algorithm_end], signature[begin + 1 : end], sent)
