"""What signers say of their signatures besides: policies, other ways to name a certificate, earlier timestamps."""

from base64 import b64encode
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.documents.test_xml_refusals import ABOUT, KEY, drop, first, give, put, say
from tests.documents.world import AT, p384, rsa
from tests.documents.xml_world import DEED, about, changed, check, faults, found, only, parsed, signed, written
from tests.tsa.world import NOW
from tests.verifier.document_scene import token
from warifu.documents import Covered, FaultCode, TimestampKind, XmlProfile, sign_xml, signed_content
from warifu.pki import der

CERT = "//xades:SigningCertificateV2/xades:Cert"
DSIG11 = "http://www.w3.org/2009/xmldsig11#"


def issuer_serial(number: int) -> str:
    """IssuerSerial (RFC 5035 §5) with a directory name, DER in base64."""
    issuer = x509.load_der_x509_certificate(rsa().certificate).issuer.public_bytes()
    names = der.encode(der.SEQUENCE, der.encode(der.explicit(4), issuer))
    encoded = b64encode(der.encode(der.SEQUENCE, names, der.integer(number))).decode()
    return f"<xades:IssuerSerialV2>{encoded}</xades:IssuerSerialV2>"


def test_a_serial_number_besides_the_digest_is_the_certificates() -> None:
    """ETSI EN 319 132-1 §5.2.2.2."""
    number = x509.load_der_x509_certificate(rsa().certificate).serial_number
    assert faults(changed(signed(), put(CERT, issuer_serial(number)))) == set()
    assert faults(changed(signed(), put(CERT, issuer_serial(number + 1)))) == {FaultCode.CERTIFICATE_NAMED_OTHERWISE}


@pytest.mark.parametrize("text", ["<xades:IssuerSerialV2>AAAA</xades:IssuerSerialV2>", "<xades:IssuerSerialV2/>"])
def test_a_serial_number_that_is_none_is_a_fault(text: str) -> None:
    assert faults(changed(signed(), put(CERT, text))) == {FaultCode.CERTIFICATE_NAMED_OTHERWISE}


def test_a_policy_that_the_signer_invokes_is_told() -> None:
    """ETSI EN 319 132-1 §5.2.9; what it means is for the verifier."""
    named = (
        "<xades:SignaturePolicyIdentifier><xades:SignaturePolicyId><xades:SigPolicyId><xades:Identifier>urn:x:policy"
        "</xades:Identifier></xades:SigPolicyId></xades:SignaturePolicyId></xades:SignaturePolicyIdentifier>"
    )
    implied = "<xades:SignaturePolicyIdentifier><xades:SignaturePolicyImplied/></xades:SignaturePolicyIdentifier>"
    assert only(signed()).policy is None
    assert only(changed(signed(), put(ABOUT, named))).policy == "urn:x:policy"
    assert only(changed(signed(), put(ABOUT, implied))).policy == "implied"


def test_what_strangers_write_steers_no_terminal() -> None:
    """Control characters of C1 and directions of writing are XML too."""
    named = (
        "<xades:SignaturePolicyIdentifier><xades:SignaturePolicyId><xades:SigPolicyId><xades:Identifier>a\x9b2Jb\u202ec"
        "</xades:Identifier></xades:SigPolicyId></xades:SignaturePolicyId></xades:SignaturePolicyIdentifier>"
    )
    assert only(changed(signed(), put(ABOUT, named))).policy == "a2Jbc"
    one = only(changed(signed(), give("//ds:SignatureMethod", Algorithm="urn:\x9b2J" + "x" * 300)))
    assert one.algorithm.hash_name == "urn:2J" + "x" * 193


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T10:04:05+09:00", "2026-11-22T01:04:05+00:00"),
        ("2026-11-22T01:04:05.5Z", "2026-11-22T01:04:05.500000+00:00"),
        ("2026-11-22T01:04:05.123456789Z", "2026-11-22T01:04:05.123456+00:00"),
    ],
)
def test_a_time_is_told_in_utc(text: str, moment: str) -> None:
    at = only(changed(signed(), say("//xades:SigningTime", text))).claimed_at
    assert at is not None
    assert at.isoformat() == moment


@pytest.mark.parametrize("text", ["22.11.2026", "2026-11-22", "٢٠٢٦-11-22T01:04:05Z", "0001-01-01T00:00:00+23:00", ""])
def test_a_time_that_is_none_is_a_fault(text: str) -> None:
    assert faults(changed(signed(), say("//xades:SigningTime", text))) == {FaultCode.XML_STRUCTURE}


def stamped_before(data: bytes) -> Any:
    """A timestamp over the document, among the signed properties."""
    content = signed_content(data, only(data).place)[0]
    text = b64encode(token(content, NOW)).decode()
    return put(
        "//xades:SignedDataObjectProperties",
        f"<xades:AllDataObjectsTimeStamp><xades:EncapsulatedTimeStamp>{text}</xades:EncapsulatedTimeStamp>"
        "</xades:AllDataObjectsTimeStamp>",
    )


def test_a_timestamp_from_before_signing_is_about_the_content() -> None:
    """ETSI EN 319 132-1 §5.2.8.1: over everything referenced but the signed properties."""
    one = only(changed(signed(), stamped_before(signed())))
    assert one.faults == ()
    [stamp] = one.timestamps
    assert stamp.kind is TimestampKind.CONTENT
    assert stamp.covers == frozenset({Covered.CONTENT})
    assert about(stamp)
    other = sign_xml(DEED.replace(b"<b/>", b""), rsa().witness, AT)
    [stamp] = only(changed(other, stamped_before(signed()))).timestamps
    assert not about(stamp)


def test_timestamps_of_chosen_references_are_told_and_ignored() -> None:
    change = put("//xades:SignedDataObjectProperties", "<xades:IndividualDataObjectsTimeStamp/>")
    assert only(changed(signed(), change)).ignored == ("IndividualDataObjectsTimeStamp",)


HINTS = [
    "<KeyName>the holder</KeyName>",
    "<X509Data><X509SubjectName>CN=x</X509SubjectName></X509Data>",
    "<X509Data><X509SKI>AAAA</X509SKI></X509Data>",
]


@pytest.mark.parametrize("text", HINTS)
def test_hints_at_the_certificate_are_no_certificate(text: str) -> None:
    """W3C XML Signature 1.1 §4.5.1, §4.5.4."""
    check(only(changed(signed(XmlProfile.XMLDSIG), put("//ds:KeyInfo", text))), rsa())


def curve_key(point: bytes, curve: str = "urn:oid:1.3.132.0.34") -> str:
    return (
        f'<KeyValue><e:ECKeyValue xmlns:e="{DSIG11}"><e:NamedCurve URI="{curve}"/>'
        f"<e:PublicKey>{b64encode(point).decode()}</e:PublicKey></e:ECKeyValue></KeyValue>"
    )


def test_a_key_on_a_curve_besides_is_the_certificates() -> None:
    """W3C XML Signature 1.1 §4.5.2.3."""
    holder = p384()
    data = sign_xml(DEED, holder.witness, AT, profile=XmlProfile.XMLDSIG)
    point = (
        x509.load_der_x509_certificate(holder.certificate)
        .public_key()
        .public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    )
    check(only(changed(data, put("//ds:KeyInfo", curve_key(point)))), holder)
    for other in (curve_key(point[:-1] + b"!"), curve_key(point, "urn:oid:1.2.840.10045.3.1.7")):
        assert faults(changed(data, put("//ds:KeyInfo", other))) == {FaultCode.KEY_INFO}
    assert faults(changed(data, put("//ds:KeyInfo", f"<KeyValue>{KEY}</KeyValue>"))) == {FaultCode.XML_STRUCTURE}


def test_properties_may_lack_what_older_signatures_lack() -> None:
    """No time, no formats: less is told, and nothing is wrong with the form."""
    less = changed(changed(signed(), drop("//xades:SigningTime")), drop("//xades:SignedDataObjectProperties"))
    one = only(less)
    assert one.faults == ()
    assert one.claimed_at is None


def test_an_identifier_on_the_properties_themselves_is_let_be() -> None:
    assert faults(changed(signed(), give(ABOUT, Id="about"))) == set()


def test_white_space_in_base64_is_nothing() -> None:
    root = parsed(signed())
    for path in ("//ds:SignatureValue", "//ds:X509Certificate"):
        [element] = found(root, path)
        element.text = "\n " + "\r\n\t".join(element.text[i : i + 64] for i in range(0, len(element.text), 64)) + "\n"
    check(only(written(root)), rsa())
    assert first(root, "//ds:SignatureValue").text.startswith("\n")
