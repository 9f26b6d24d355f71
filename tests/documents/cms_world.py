"""CMS signatures made by hand, each piece of which a test can make wrong."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.documents.world import AT, Holder, rsa
from tests.tsa.world import NOW, authority
from warifu.documents import FoundSignature
from warifu.documents.cms_reading import read_cms
from warifu.pki import der
from warifu.pki.timestamps import TimestampRequest

PKCS9 = "1.2.840.113549.1.9."
DATA_TYPE = der.object_identifier("1.2.840.113549.1.7.1")
SIGNED_DATA = der.object_identifier("1.2.840.113549.1.7.2")
CONTENT = "譲渡証書\n".encode()
SHA256 = bytes.fromhex("300b0609608648016503040201")
SHA1 = bytes.fromhex("300906052b0e03021a0500")
SHA384 = bytes.fromhex("300b0609608648016503040202")
RS256 = bytes.fromhex("300d06092a864886f70d01010b0500")
RS384 = bytes.fromhex("300d06092a864886f70d01010c0500")
RSA = bytes.fromhex("300d06092a864886f70d0101010500")


def attribute(oid: str, *values: bytes) -> bytes:
    return der.encode(der.SEQUENCE, der.object_identifier(oid), der.encode(der.SET, *values))


def content_type(oid: bytes = DATA_TYPE) -> bytes:
    return attribute(PKCS9 + "3", oid)


def message_digest(content: bytes = CONTENT, name: str = "sha256") -> bytes:
    return attribute(PKCS9 + "4", der.encode(der.OCTET_STRING, hashlib.new(name, content).digest()))


def signing_time(at: datetime = AT) -> bytes:
    return attribute(PKCS9 + "5", der.time(at))


def named(certificate: bytes, *, issuer_serial: bytes = b"", algorithm: bytes = b"", name: str = "sha256") -> bytes:
    """ESSCertIDv2 about a certificate."""
    digest = der.encode(der.OCTET_STRING, hashlib.new(name, certificate).digest())
    one = der.encode(der.SEQUENCE, algorithm, digest, issuer_serial)
    return attribute(PKCS9 + "16.2.47", der.encode(der.SEQUENCE, der.encode(der.SEQUENCE, one)))


def issuer_and_serial(certificate: bytes) -> tuple[bytes, bytes]:
    begin, _ = der.slice_element(certificate, 0, der.SEQUENCE)
    position, _ = der.slice_element(certificate, begin, der.SEQUENCE)
    _, position = der.slice_element(certificate, position, der.explicit(0))
    _, serial_end = der.slice_element(certificate, position, der.INTEGER)
    _, issuer = der.slice_element(certificate, serial_end, der.SEQUENCE)
    _, issuer_end = der.slice_element(certificate, issuer, der.SEQUENCE)
    return certificate[issuer:issuer_end], certificate[position:serial_end]


def token(data: bytes, at: datetime = NOW, name: str = "sha256", unsigned: Sequence[bytes] = ()) -> bytes:
    """A timestamp token over `data`; `unsigned` attributes are put beside its signature."""
    from asn1crypto import tsp

    answer = authority().answer(TimestampRequest.of(data, 7, name).encode(), at, 7)
    made: bytes = tsp.TimeStampResp.load(answer)["time_stamp_token"].dump()
    return with_unsigned(made, unsigned) if unsigned else made


def with_unsigned(made: bytes, unsigned: Sequence[bytes]) -> bytes:
    """The same SignedData of one signer, with these attributes and no others beside its signature."""
    from asn1crypto import cms

    message = cms.ContentInfo.load(made)
    [signer] = message["content"]["signer_infos"]
    signer["unsigned_attrs"] = cms.CMSAttributes.load(der.encode(der.SET, *sorted(unsigned)))
    encoded: bytes = message.dump(force=True)
    return encoded


@dataclass
class Made:
    """A CMS signature by the pieces; `encode` puts them together, signing what has to be signed."""

    holder: Holder = field(default_factory=rsa)
    content: bytes | None = CONTENT
    content_type: bytes = DATA_TYPE
    attributes: list[bytes] | None = None
    sort: bool = True
    certificates: list[bytes] | None = None
    revocation: list[bytes] = field(default_factory=list)
    digest_algorithms: list[bytes] = field(default_factory=lambda: [SHA256])
    digest_algorithm: bytes = SHA256
    algorithm: bytes = RS256
    version: int = 1
    data_version: int = 1
    sid: bytes | None = None
    unsigned: list[bytes] = field(default_factory=list)
    signers: int = 1
    plain: bool = False

    def default_attributes(self) -> list[bytes]:
        return [content_type(), message_digest(), signing_time(), named(self.holder.certificate)]

    def signed_attributes(self) -> bytes:
        chosen = self.default_attributes() if self.attributes is None else self.attributes
        return b"".join(sorted(chosen) if self.sort else chosen)

    def signature(self) -> bytes:
        over = CONTENT if self.plain else der.encode(der.SET, self.signed_attributes())
        return self.holder.key.sign(over)

    def signer_info(self) -> bytes:
        certificate = self.holder.certificate
        sid = der.encode(der.SEQUENCE, *issuer_and_serial(certificate)) if self.sid is None else self.sid
        signed = b"" if self.plain else der.encode(der.explicit(0), self.signed_attributes())
        unsigned = der.encode(der.explicit(1), *self.unsigned) if self.unsigned else b""
        return der.encode(
            der.SEQUENCE,
            der.integer(self.version),
            sid,
            self.digest_algorithm,
            signed,
            self.algorithm,
            der.encode(der.OCTET_STRING, self.signature()),
            unsigned,
        )

    def encode(self) -> bytes:
        inside = b"" if self.content is None else der.encode(der.explicit(0), der.encode(4, self.content))
        bag = [self.holder.certificate, self.holder.issuer.certificate_der]
        chosen = bag if self.certificates is None else self.certificates
        parts = [
            der.integer(self.data_version),
            der.encode(der.SET, *self.digest_algorithms),
            der.encode(der.SEQUENCE, self.content_type, inside),
            der.encode(der.explicit(0), *chosen) if chosen else b"",
            der.encode(der.explicit(1), *self.revocation) if self.revocation else b"",
            der.encode(der.SET, *[self.signer_info()] * self.signers),
        ]
        return der.encode(der.SEQUENCE, SIGNED_DATA, der.encode(der.explicit(0), der.encode(der.SEQUENCE, *parts)))

    def read(self, detached: bytes | None = None) -> FoundSignature:
        [found] = read_cms(self.encode(), detached)
        return found
