"""What a CMS message in a PDF says: PAdES baseline, and the registry offices' profile.

The public checker of nunnun/jpki-local-signer (`tools/conformance-check/README.md`) numbers the rules of that profile
(法務省, 電子署名付きPDFファイル) C1 to C9. jpki/myna's advisories about signatures are GHSA-g258-q5gf-7hvx (every
signature dictionary, cutting out the message) and GHSA-58hw-cg5m-88rp (certificates, which is the verifier's matter).
"""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.documents.cms_world import PKCS9, Made, attribute, content_type, message_digest, named, signing_time
from tests.documents.pdf_reading_world import believed, codes, signed, with_message
from tests.documents.world import rsa
from warifu.documents import FaultCode, PdfProfile
from warifu.documents.pdf_reading import read_pdf
from warifu.pki import EndEntityCertificate, der

PADES = signed()
REGISTRY = signed(profile=PdfProfile.REGISTRY)
HOLDER = rsa()


@dataclass
class Direct(Made):
    """Without signed attributes, the signature being over the document itself, as Acrobat makes them."""

    over: bytes = b""

    def signature(self) -> bytes:
        return self.holder.key.sign(self.over)


def message(over: bytes, *, leave_out: bytes | None = None, add: tuple[bytes, ...] = (), **changes: Any) -> Made:
    """What a PAdES signature over `over` is made of, with pieces changed."""
    pieces = {b"type": content_type(), b"digest": message_digest(over), b"named": named(HOLDER.certificate)}
    chosen = [piece for name, piece in pieces.items() if name != leave_out]
    return Made(**{"content": None, "attributes": [*chosen, *add], **changes})


def wrong(pdf: bytes = PADES, **changes: Any) -> set[FaultCode]:
    return codes(with_message(pdf, lambda content: message(content, **changes).encode()))


def test_a_message_that_is_right_is_believed() -> None:
    for pdf in (PADES, REGISTRY):
        [found] = read_pdf(with_message(pdf, lambda content: message(content).encode()))
        assert believed(found)


def test_the_certificate_is_signed() -> None:
    """ETSI EN 319 142-1 §6.3: signing-certificate-v2; in the registry offices' profile it may be missing."""
    assert wrong(leave_out=b"named") == {FaultCode.CERTIFICATE_NOT_NAMED}
    assert wrong(REGISTRY, leave_out=b"named") == set()


def test_the_time_is_the_dictionary_s() -> None:
    """ETSI EN 319 142-1 §6.3: no signing-time attribute; in the registry offices' profile there may be one."""
    assert wrong(add=(signing_time(),)) == {FaultCode.SIGNING_TIME_ATTRIBUTE}
    assert wrong(REGISTRY, add=(signing_time(),)) == set()


@pytest.mark.parametrize("pdf", [PADES, REGISTRY], ids=["pades", "registry"])
def test_type_and_digest_of_the_content_are_signed(pdf: bytes) -> None:
    """RFC 5652 §5.3; C7."""
    assert wrong(pdf, leave_out=b"type") == {FaultCode.CONTENT_TYPE_ATTRIBUTE}
    assert wrong(pdf, leave_out=b"digest") == {FaultCode.MESSAGE_DIGEST_ATTRIBUTE}


@pytest.mark.parametrize("pdf", [PADES, REGISTRY], ids=["pades", "registry"])
def test_the_content_is_outside(pdf: bytes) -> None:
    """ISO 32000-1 §12.8.3.3.1; with a content of its own a message would be about that."""
    assert FaultCode.CONTENT_ATTACHED in wrong(pdf, content=b"another deed")
    other = der.object_identifier("1.2.840.113549.1.9.16.1.4")
    assert FaultCode.CONTENT_ATTACHED in wrong(pdf, content_type=other)


def test_there_is_one_signer() -> None:
    """ETSI EN 319 142-1 §5.1."""
    assert FaultCode.SEVERAL_SIGNERS in wrong(signers=2)
    assert FaultCode.CONTENTS_FORM in wrong(signers=0)


def test_another_document_is_not_what_was_signed() -> None:
    """C8: the digest is that of the bytes that the range covers."""
    [found] = read_pdf(with_message(PADES, lambda content: message(content + b" ").encode()))
    assert (found.faults, believed(found)) == ((), False)


def test_a_signature_over_the_document_itself_is_taken_from_the_registry_s_profile() -> None:
    """C7: without signed attributes, as Acrobat makes them; PAdES has them always."""
    for pdf, expected in ((REGISTRY, set()), (PADES, {FaultCode.CERTIFICATE_NOT_NAMED})):
        direct = with_message(pdf, lambda content: Direct(content=None, plain=True, over=content).encode())
        assert codes(direct) == expected
        assert believed(read_pdf(direct)[0]) is (pdf is REGISTRY)
        other = with_message(pdf, lambda content: Direct(content=None, plain=True, over=content + b" ").encode())
        assert not believed(read_pdf(other)[0])


def without_lengths(data: bytes) -> bytes:
    """The same message with its outer lengths left open (ITU-T X.690 §8.1.3.6)."""
    begin, end = der.slice_element(data, 0, der.SEQUENCE)
    _, oid = der.slice_element(data, begin, der.OID)
    inner, _ = der.slice_element(data, oid, der.explicit(0))
    first, _ = der.slice_element(data, inner, der.SEQUENCE)
    return b"\x30\x80" + data[begin:oid] + b"\xa0\x80\x30\x80" + data[first:end] + bytes(6)


def test_lengths_are_left_open_in_the_registry_s_profile_only() -> None:
    """C6: Apple's encoder does so, and its files were accepted; PAdES wants DER (ETSI EN 319 142-1 §5.1)."""
    for pdf, expected in ((REGISTRY, set()), (PADES, {FaultCode.CONTENTS_FORM})):
        changed = with_message(pdf, lambda content: without_lengths(message(content).encode()))
        assert codes(changed) == expected


@pytest.mark.parametrize("end", [b"\0", b"\0\1", b"", b"\x30\x80" * 40])
def test_an_open_length_has_an_end(end: bytes) -> None:
    """ITU-T X.690 §8.1.5."""
    broken = with_message(REGISTRY, lambda content: without_lengths(message(content).encode())[:-6] + end + b"\1")
    assert codes(broken) == {FaultCode.CONTENTS_FORM}


def test_a_signer_may_be_named_by_the_key() -> None:
    """jpki/myna GHSA-58hw-cg5m-88rp: then the certificate is the one with that key identifier, and no other."""
    key_id = EndEntityCertificate.decode(HOLDER.certificate).key_id
    for value, fits in ((key_id, True), (bytes(20), False)):
        sid = der.encode(der.implicit(0), value)
        [found] = read_pdf(with_message(PADES, lambda content, sid=sid: message(content, sid=sid, version=3).encode()))  # type: ignore[misc]
        assert (found.certificate is not None, believed(found)) == (fits, fits)


def test_without_a_certificate_nobody_signed() -> None:
    """C7."""
    [found] = read_pdf(with_message(REGISTRY, lambda content: message(content, certificates=[]).encode()))
    assert found.certificate is None


def test_a_timestamp_is_no_signature() -> None:
    """A token in the place of a message, or a message in the place of a token (ETSI EN 319 142-1 §5.4.3)."""
    other = attribute(PKCS9 + "16.2.14", b"\x05\x00")
    assert wrong(add=(other,)) <= {FaultCode.ATTRIBUTE_VALUE}
    relabelled = PADES.replace(b"/Type /Sig\n", b"/Type /Sic\n")
    assert codes(relabelled) >= {FaultCode.SIGNATURE_DICTIONARY}
