"""XML signatures before xmlsec1, signxml and endesive: what we sign they believe, what they sign we read."""

import subprocess
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from endesive.xades import BES  # type: ignore[import-untyped]
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, SignatureConstructionMethod, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESSigner, XAdESVerifier

from tests.documents.proving import Service, proof
from tests.documents.world import AT, HOLDERS, Holder, rsa
from tests.documents.xml_parallel import EXPRESSION, SUBTRACT, canonical, parallel
from tests.documents.xml_world import DEED, DS, FILE, check, faults, found, only, pem, written
from tests.pki import world
from tests.waiting import PATIENCE
from warifu.documents import FaultCode, Form, Level, XmlProfile, extend, read_xml, sign_xml, signed_content
from warifu.town.pool import private_key

pytestmark = pytest.mark.real

holders = pytest.mark.parametrize("make", HOLDERS.values(), ids=list(HOLDERS))
profiles = pytest.mark.parametrize("profile", XmlProfile)
MOMENT = AT.strftime("%Y-%m-%d %H:%M:%S")
IDS = [
    "--id-attr:Id",
    "http://uri.etsi.org/01903/v1.3.2#:SignedProperties",
    "--id-attr:Id",
    "urn:x:deed:part",
    "--id-attr:Id",
    "http://www.w3.org/2000/09/xmldsig#:Object",
]


def xmlsec(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(["xmlsec1", *arguments], cwd=folder, capture_output=True, check=False, timeout=PATIENCE)
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


def verified(folder: Path, holder: Holder, data: bytes) -> int:
    (folder / "authority.pem").write_text(pem(holder.issuer.certificate_der))
    (folder / "signed.xml").write_bytes(data)
    trust = ["--trusted-pem", "authority.pem", "--verification-time", MOMENT]
    return xmlsec(folder, "--verify", *trust, *IDS, "signed.xml")[0]


FORMS = {
    "enveloped": lambda holder, profile: sign_xml(DEED, holder.witness, AT, profile=profile),
    "one element": lambda holder, profile: sign_xml(DEED, holder.witness, AT, profile=profile, element="A"),
    "detached": lambda holder, profile: sign_xml(FILE, holder.witness, AT, profile=profile, name="図面 1.dwg"),
}


@holders
@profiles
@pytest.mark.parametrize("form", FORMS)
def test_xmlsec_believes_what_we_sign_and_nothing_else(
    program: Callable[[str], str], tmp_path: Path, make: Callable[[], Holder], profile: XmlProfile, form: str
) -> None:
    program("xmlsec1")
    holder = make()
    data = FORMS[form](holder, profile)
    (tmp_path / "図面 1.dwg").write_bytes(FILE)
    assert verified(tmp_path, holder, data) == 0
    (tmp_path / "図面 1.dwg").write_bytes(FILE + b"!")
    assert verified(tmp_path, holder, data.replace("譲渡".encode(), "贈与".encode())) != 0


@pytest.mark.parametrize("level", Level)
def test_xmlsec_believes_a_signature_with_all_that_was_added(
    program: Callable[[str], str], tmp_path: Path, level: Level
) -> None:
    program("xmlsec1")
    data = extend(sign_xml(DEED, rsa().witness, AT), level, material=proof(rsa()), stamp=Service())
    assert verified(tmp_path, rsa(), data) == 0


def certificate(holder: Holder) -> x509.Certificate:
    return x509.load_der_x509_certificate(holder.certificate)


@holders
@pytest.mark.parametrize("level", [Level.B, Level.LTA])
def test_signxml_believes_what_we_sign_and_it_has_the_schemas_form(make: Callable[[], Holder], level: Level) -> None:
    """``XAdESVerifier`` checks the digest of the certificate, and with it the schemas of ETSI EN 319 132-1 annex C."""
    holder = make()
    data = extend(sign_xml(DEED, holder.witness, AT), level, material=proof(holder), stamp=Service())
    expected = XAdESSignatureConfiguration(expect_references=2, verification_time=AT)
    document, properties = XAdESVerifier().verify(data, x509_cert=certificate(holder), expect_config=expected)
    assert document.signed_data == signed_content(data, only(data).place)[0]
    assert properties.signed_xml is not None
    changed = data.replace("譲渡".encode(), "贈与".encode())
    with pytest.raises(SignXMLException):
        XAdESVerifier().verify(changed, x509_cert=certificate(holder), expect_config=expected)


@holders
def test_signxml_believes_the_plain_profile(make: Callable[[], Holder]) -> None:
    holder = make()
    for element in (None, "A"):
        data = sign_xml(DEED, holder.witness, AT, profile=XmlProfile.XMLDSIG, element=element)
        config = SignatureConfiguration(verification_time=AT)
        told = XMLVerifier().verify(data, x509_cert=certificate(holder), expect_config=config)
        assert not isinstance(told, list)
        assert told.signed_data == signed_content(data, only(data).place)[0]


def key_file(folder: Path, holder: Holder, key: Any) -> str:
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    (folder / "key.pem").write_text(text)
    (folder / "certificate.pem").write_text(pem(holder.certificate))
    return "key.pem,certificate.pem"


KEYS: dict[str, Callable[[], Any]] = {"RSA-2048": lambda: private_key(0), "P-384": lambda: world.next_signer(0)._key}
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
TEMPLATE = """<deed xmlns="urn:x:deed" xmlns:n="urn:n" xml:lang="ja" to="me">
<n:part Id="P" n:a="&#13;"> 譲渡, a deed <!-- c --><x xmlns=""/></n:part><?do it?>
<Signature xmlns="http://www.w3.org/2000/09/xmldsig#" Id="S"><SignedInfo>
<CanonicalizationMethod Algorithm="{c14n}"/><SignatureMethod Algorithm="{method}"/>
<Reference URI=""><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
<Transform Algorithm="{c14n}"/></Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha512"/>
<DigestValue/></Reference><Reference URI="#P"><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
<DigestValue/></Reference><Reference URI="#P"><Transforms><Transform Algorithm="{c14n}"/></Transforms>
<DigestMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#sha384"/><DigestValue/></Reference></SignedInfo>
<SignatureValue/><KeyInfo><X509Data/></KeyInfo></Signature> behind</deed>"""


@pytest.mark.parametrize(
    "c14n",
    [
        C14N,
        C14N + "#WithComments",
        "http://www.w3.org/2006/12/xml-c14n11",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
    ],
)
@pytest.mark.parametrize(
    ("kind", "method"),
    [("RSA-2048", "rsa-sha256"), ("RSA-2048", "rsa-sha512"), ("P-384", "ecdsa-sha384"), ("P-384", "ecdsa-sha256")],
)
def test_what_xmlsec_signs_we_read(
    program: Callable[[str], str], tmp_path: Path, kind: str, method: str, c14n: str
) -> None:
    """Inherited attributes, prefixes, default forms: made canonical by libxml2 as xmlsec asks it to be."""
    program("xmlsec1")
    holder = HOLDERS[kind]()
    (tmp_path / "template.xml").write_text(TEMPLATE.format(c14n=c14n, method=MORE + method))
    key = key_file(tmp_path, holder, KEYS[kind]())
    code, told = xmlsec(
        tmp_path, "--sign", "--privkey-pem", key, "--id-attr:Id", "urn:n:part", "--output", "out.xml", "template.xml"
    )
    assert code == 0, told
    data = (tmp_path / "out.xml").read_bytes()
    check(only(data), holder)
    assert only(data).coverage is not None
    changed = only(data.replace(b"a deed", b"b deed"))
    assert all(each.actual != each.expected for each in changed.integrity)


@pytest.mark.parametrize(
    "method", [SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA512, SignatureMethod.SHA256_RSA_MGF1]
)
@pytest.mark.parametrize("c14n", [CanonicalizationMethod.CANONICAL_XML_1_1, CanonicalizationMethod.CANONICAL_XML_1_0])
def test_what_signxml_signs_we_read(method: SignatureMethod, c14n: CanonicalizationMethod) -> None:
    holder = rsa()
    signer = XMLSigner(signature_algorithm=method, c14n_algorithm=c14n)
    chain = pem(holder.certificate) + pem(holder.issuer.certificate_der)
    done = signer.sign(etree.fromstring(DEED), key=private_key(0), cert=chain)
    check(only(written(done)), holder)


def test_an_enveloping_signature_is_read() -> None:
    """The document in an object of the signature."""
    holder = rsa()
    signer = XMLSigner(method=SignatureConstructionMethod.enveloping)
    done = signer.sign(etree.fromstring(DEED), key=private_key(0), cert=pem(holder.certificate))
    one = only(written(done))
    check(one, holder)
    assert one.coverage is not None
    assert one.coverage.whole
    assert faults(b"<a>%s</a>" % etree.tostring(done)) >= {FaultCode.REFERENCE_ELSEWHERE}


@pytest.mark.parametrize("make", HOLDERS)
def test_what_signxml_signs_with_qualifying_properties_we_read(make: str) -> None:
    """It references KeyInfo too, and gives the key besides the certificate."""
    holder = HOLDERS[make]()
    method = SignatureMethod.RSA_SHA256 if make == "RSA-2048" else SignatureMethod.ECDSA_SHA384
    signer = XAdESSigner(signature_algorithm=method, claimed_roles=["owner"])
    done = signer.sign(etree.fromstring(DEED), key=KEYS[make](), cert=pem(holder.certificate))
    one = only(written(done))
    check(one, holder)
    assert one.form is Form.XADES
    assert len(one.integrity) == 3
    [modulus] = found(done, "//ds:KeyValue//*[not(*)][last()]")[-1:]
    modulus.text = b64encode(b"\x01\x00\x03").decode()
    assert faults(written(done)) == {FaultCode.KEY_INFO}


def endesive(how: Callable[[BES, dict[str, Any]], Any]) -> bytes:
    holder = rsa()

    def sign(data: bytes, _hash: str) -> bytes:
        return private_key(0).sign(data, padding.PKCS1v15(), hashes.SHA256())

    arguments = {"cert": certificate(holder), "certcontent": holder.certificate, "signproc": sign}
    made = how(BES(), arguments)
    return etree.tostring(made)


@pytest.mark.parametrize("base64encode", [True, False])
def test_what_endesive_signs_around_a_document_we_read(base64encode: bool) -> None:
    data = endesive(lambda bes, them: bes.enveloping("deed.xml", DEED, "text/xml", base64encode=base64encode, **them))
    one = only(data)
    check(one, rsa())
    assert one.form is Form.XADES
    assert one.claimed_at is not None
    with pytest.raises(AssertionError):
        check(only(data.replace(b"text/xml", b"text/xmm")), rsa())


def test_what_endesive_signs_beside_a_document_we_read() -> None:
    data = endesive(lambda bes, them: bes.enveloping("deed.xml", DEED, "text/xml", detached=True, **them))
    check(only(data, DEED), rsa())
    assert only(data, DEED.replace(b"<b/>", b"")).integrity[0].actual != only(data, DEED).integrity[0].expected


def test_what_endesive_signs_inside_a_document_we_read() -> None:
    """It takes out all signatures by XPath, and leaves room for others."""
    data = endesive(lambda bes, them: bes.enveloped(DEED, tspurl=None, tspcred=None, **them))
    one = only(data)
    check(one, rsa())
    assert one.form is Form.XADES
    assert one.coverage is not None
    assert one.coverage.whole
    assert signed_content(data, one.place) == (canonical(etree.fromstring(DEED)),)
    changed = only(data.replace(b"<b/>", b""))
    assert changed.integrity[0].actual != changed.integrity[0].expected


def test_a_document_that_endesive_signed_is_signed_by_others_too() -> None:
    data = endesive(lambda bes, them: bes.enveloped(DEED, tspurl=None, tspcred=None, **them))
    for one in read_xml(sign_xml(parallel(data), rsa().witness, AT)):
        check(one, rsa())


NODES = ["--id-attr:Id", "http://www.w3.org/2000/09/xmldsig#:Signature"]


def each_verified(folder: Path, data: bytes) -> list[int]:
    """What xmlsec1 says of each signature."""
    (folder / "authority.pem").write_text(pem(rsa().issuer.certificate_der))
    (folder / "signed.xml").write_bytes(data)
    trust = ["--trusted-pem", "authority.pem", "--verification-time", MOMENT]
    arguments = ["--verify", *trust, *IDS, *NODES]
    return [xmlsec(folder, *arguments, "--node-id", each.place, "signed.xml")[0] for each in read_xml(data)]


def test_xmlsec_believes_signatures_side_by_side_as_we_do(program: Callable[[str], str], tmp_path: Path) -> None:
    """By hand in the form of EU DSS, at three places, and ours behind them; xmlsec1 evaluates the XPath."""
    program("xmlsec1")
    data = parallel(parallel(parallel(), "two", place="//d:part"), "three", expression=f"\n {EXPRESSION}\t")
    data = sign_xml(data, rsa().witness, AT)
    for one in read_xml(data):
        check(one, rsa())
    assert each_verified(tmp_path, data) == [0, 0, 0, 0]
    changed = each_verified(tmp_path, data.replace(b"<b/>", b""))
    assert len(changed) == 4
    assert 0 not in changed


def test_xmlsec_believes_what_is_signed_by_filter_as_we_do(program: Callable[[str], str], tmp_path: Path) -> None:
    """XPath Filter 2.0 in the form of later releases of EU DSS; xmlsec1 evaluates it."""
    program("xmlsec1")
    data = parallel(parallel(parallel(step=SUBTRACT), "two", place="//d:part", step=SUBTRACT), "three")
    for one in read_xml(data):
        check(one, rsa())
    assert each_verified(tmp_path, data) == [0, 0, 0]
    assert 0 not in each_verified(tmp_path, data.replace(b"<b/>", b""))


def test_xmlsec_digests_what_we_give_back_when_signatures_are_left_out(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    """Even content that nobody signed, in the signature of another: xmlsec1 believes, and we say that it is there."""
    program("xmlsec1")
    evil = f'<ds:Object xmlns:ds="{DS}"><deed xmlns="urn:x:deed">to somebody else</deed></ds:Object></ds:Signature>'
    data = parallel(parallel(), "two")
    wrapped = data[: data.rindex(b"</ds:Signature>")] + evil.encode() + b"</deed>"
    assert each_verified(tmp_path, wrapped) == [0, 0]
    assert faults(data) == set()
    assert [[each.code for each in one.faults] for one in read_xml(wrapped)] == [[FaultCode.UNSIGNED_CONTENT]] * 2
