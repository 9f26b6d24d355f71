"""Faults of form that the readers of CMS, PDF and XML find, each made once."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.catalogue.spoiled import Spoiled, faults_of
from tests.documents.cms_world import (
    PKCS9,
    RS384,
    Made,
    attribute,
    content_type,
    issuer_and_serial,
    message_digest,
    named,
    signing_time,
)
from tests.documents.pdf_reading_world import FORM, append, byte_range, codes, number_of, object_of, signed, size_of
from tests.documents.test_pdf_reading_changes import ATTACKS
from tests.documents.test_pdf_reading_contents import wrong as wrong_message
from tests.documents.test_pdf_reading_hostile import hybrid, signed_all_the_same
from tests.documents.test_pdf_reading_range import exchanged, padded, range_text, wrapped
from tests.documents.test_xml_refusals import ABOUT, INFO, REFERENCE, TRANSFORMS, XSLT, Change, double, drop, give, put
from tests.documents.test_xml_refusals import transform as transform_text
from tests.documents.world import rsa
from tests.documents.xml_world import beside, changed, faults
from tests.documents.xml_world import signed as signed_xml
from tests.verifier.test_documents_lasting import made as lasting
from tests.verifier.test_documents_lasting import without
from warifu.documents import FaultCode, Level, XmlProfile, read_signatures
from warifu.documents.cms_slices import cut_signed_data
from warifu.pki import der

C = FaultCode


def in_cms() -> Iterator[Spoiled]:
    """CMS and CAdES."""
    yield _cms("no content type", C.CONTENT_TYPE_ATTRIBUTE, [message_digest(), _named()])
    yield _cms("no message digest", C.MESSAGE_DIGEST_ATTRIBUTE, [content_type(), _named()])
    other = der.object_identifier("1.2.3")
    wrong = "another content than data, signed directly"
    yield _cms(wrong, C.SIGNED_ATTRIBUTES_MISSING, plain=True, content_type=other)
    theirs = der.encode(der.SET, Made().signed_attributes())
    yield _cms("attributes passed off as a content", C.CONTENT_LIKE_ATTRIBUTES, plain=True, content=theirs)
    turned = sorted(Made().default_attributes(), reverse=True)
    yield _cms("attributes in another order", C.ATTRIBUTES_NOT_DER, turned, sort=False)
    twice = [content_type(), message_digest(), message_digest(b"other"), _named()]
    yield _cms("two message digests", C.DUPLICATE_ATTRIBUTE, twice)
    fraction = attribute(PKCS9 + "5", der.encode(der.GENERALIZED_TIME, b"20511122030405.5Z"))
    yield _cms(
        "a signing time with a fraction", C.ATTRIBUTE_VALUE, [content_type(), message_digest(), fraction, _named()]
    )
    yield _cms("a signature by another digest than named", C.ALGORITHMS_DIFFER, algorithm=RS384)
    yield _cms("version 3 with issuer and serial number", C.VERSION, version=3)
    yield _cms(
        "another serial number named", C.CERTIFICATE_NAMED_OTHERWISE, [content_type(), message_digest(), _serial()]
    )
    yield Spoiled("a certificate missing that an archive timestamp covers", C.ARCHIVE_INDEX.clause, _index)


def in_pdf() -> Iterator[Spoiled]:
    """PDF."""
    pdf = signed()
    _, gap, after, length = byte_range(pdf)
    yield _range("a ByteRange of two numbers", C.BYTE_RANGE_FORM, b"/ByteRange [%d %d]" % (gap, after))
    yield _pdf("a second range that begins elsewhere (signature wrapping)", C.BYTE_RANGE_GAP, wrapped)
    yield _range("ranges that overlap", C.BYTE_RANGE_OVERLAP, b"/ByteRange [0 %d %d %d]" % (after, gap, length))
    short = b"/ByteRange [0 %d %d %d]" % (gap, after, length - 20)
    yield _range("a range that ends before its revision", C.BYTE_RANGE_SHORT, short)
    yield _pdf("a byte behind the message", C.CONTENTS_FORM, lambda: padded(pdf, b"01>"))
    yield _pdf("a signature that no field leads to", C.SIGNATURE_DICTIONARY, _unreached, 1)
    yield _message("no certificate named", C.CERTIFICATE_NOT_NAMED, leave_out=b"named")
    yield _message("two signers", C.SEVERAL_SIGNERS, signers=2)
    yield _message("a content inside", C.CONTENT_ATTACHED, content=b"another deed")
    yield _message("a signing time inside", C.SIGNING_TIME_ATTRIBUTE, add=(signing_time(),))
    yield from (_pdf(f"added afterwards: {name}", C.MODIFIED_AFTER, _attack(make)) for name, make in ATTACKS.items())
    yield _pdf("bytes behind the end", C.NOT_ALL_SIGNED, lambda: pdf + b"9 0 obj\n<<>>\nendobj\n")
    yield _pdf("two stories for old and new readers", C.CROSS_REFERENCES, _two_stories)


def in_xml() -> Iterator[Spoiled]:
    """XML."""
    part = signed_xml(XmlProfile.XADES, "A")
    yield _xml("two elements with one Id", C.DUPLICATE_ID, lambda: part.replace(b"<b/>", b'<b Id="A"/>'))
    yield _changed("a reference to the signature's own value", C.REFERENCE_ELSEWHERE, _to_value, part)
    yield _changed("an address by XPointer", C.REFERENCE_OUTSIDE, give(REFERENCE, URI="#xpointer(id('A'))"), part)
    yield _changed("signed properties that no reference signs", C.REFERENCE_MISSING, drop(f"{REFERENCE}[2]"))
    xslt = transform_text("http://www.w3.org/TR/1999/REC-xslt-19991116", XSLT)
    yield _changed("an XSLT transform", C.FORBIDDEN_TRANSFORM, put(TRANSFORMS, xslt))
    hmac = give(f"{INFO}/ds:SignatureMethod", Algorithm="http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")
    yield _changed("HMAC", C.FORBIDDEN_ALGORITHM, hmac)
    other = give("//xades:QualifyingProperties", Target="#other")
    yield _changed("properties of another signature", C.PROPERTIES_ELSEWHERE, other)
    yield _changed("a reference to an Id that nothing bears", C.REFERENCE_DANGLING, give(REFERENCE, URI="#B"), part)
    beside_it = put("//ds:Signature", "<Object>more</Object>")
    yield _changed("an object that is not signed", C.UNSIGNED_CONTENT, beside_it, beside())
    key = put("//ds:KeyInfo", "<PGPData/>")
    yield _changed("a key of another kind beside", C.KEY_INFO, key, signed_xml(XmlProfile.XMLDSIG))
    yield _changed("no certificate named", C.CERTIFICATE_NOT_NAMED, drop("//xades:SigningCertificateV2"))
    yield _changed("SignedInfo twice", C.XML_STRUCTURE, double(INFO))
    yield _changed("a property that nobody knows", C.XML_STRUCTURE, put(ABOUT, "<xades:Other/>"))


def _cms(wrong: str, code: FaultCode, attributes: list[bytes] | None = None, **pieces: Any) -> Spoiled:
    made = Made(attributes=attributes, **pieces)
    return Spoiled(wrong, code.clause, lambda: faults_of(each.code for each in made.read().faults))


def _named() -> bytes:
    return named(rsa().certificate)


def _serial() -> bytes:
    issuer, _ = issuer_and_serial(rsa().certificate)
    names = der.encode(der.SEQUENCE, der.encode(der.explicit(4), issuer))
    return named(rsa().certificate, issuer_serial=der.encode(der.SEQUENCE, names, der.integer(5)))


def _index() -> str:
    whole = lasting("CMS", Level.LTA)
    [found] = read_signatures(without(whole, cut_signed_data(whole).certificates[-1]))
    return faults_of(each.code for each in found.timestamps[-1].faults)


def _pdf(wrong: str, code: FaultCode, make: Callable[[], bytes], place: int = 0) -> Spoiled:
    return Spoiled(wrong, code.clause, lambda: faults_of(codes(make(), place)))


def _range(wrong: str, code: FaultCode, text: bytes) -> Spoiled:
    return _pdf(wrong, code, lambda: exchanged(signed(), range_text(), text))


def _message(wrong: str, code: FaultCode, **changes: Any) -> Spoiled:
    return Spoiled(wrong, code.clause, lambda: faults_of(wrong_message(**changes)))


def _attack(make: Callable[[bytes], bytes]) -> Callable[[], bytes]:
    return lambda: make(signed(FORM))


def _unreached() -> bytes:
    pdf = signed()
    return append(pdf, {size_of(pdf): object_of(pdf, number_of(pdf, rb"/ByteRange"))})


def _two_stories() -> bytes:
    return signed_all_the_same(hybrid(conflict=True))


def _xml(wrong: str, code: FaultCode, make: Callable[[], bytes]) -> Spoiled:
    return Spoiled(wrong, code.clause, lambda: faults_of(faults(make())))


def _changed(wrong: str, code: FaultCode, change: Change, data: bytes | None = None) -> Spoiled:
    return _xml(wrong, code, lambda: changed(signed_xml() if data is None else data, change))


def _to_value(root: Any) -> None:
    from tests.documents.test_xml_refusals import first

    first(root, REFERENCE).set("URI", "#" + first(root, "//ds:SignatureValue").get("Id"))
