"""What other people's software signs with certificates of other people's authorities: PDF, CMS, XML, judged by us."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from endesive import signer as endesive_cms  # type: ignore[import-untyped]
from endesive.xades import BES  # type: ignore[import-untyped]
from lxml import etree
from pyhanko.sign.fields import SigSeedSubFilter

from tests.pki.world import NOW
from tests.real.openssl import openssl
from tests.verifier.document_scene import PASSED, Judgement, failed
from tests.verifier.outside_scene import (
    AUTHORITY,
    DAY,
    EMPTY,
    GOOD,
    MIDDLE,
    ROOT,
    SIGNER,
    SIGNS,
    certify,
    list_by,
    party,
    serial_of,
)
from tests.verifier.outside_signing import cms_by_pyhanko, pdf_by_pyhanko, pem, xml_by_signxml
from tests.waiting import PATIENCE
from warifu.documents import read_signatures
from warifu.verifier import Material, Rule, SignerTrust, SubIndication

pytestmark = pytest.mark.real

S = SubIndication
DATA = b"a deed\n"
BRIDGE, THEIRS = party("Bridge"), party("Their Root")
OVER = (certify(THEIRS, SIGNER, SIGNS), certify(BRIDGE, THEIRS), certify(ROOT, BRIDGE))
LISTS = (list_by(ROOT), list_by(MIDDLE), list_by(BRIDGE), list_by(THEIRS))


def by_openssl(certificate: bytes, *others: bytes, folder: Path, options: tuple[str, ...]) -> bytes:
    secret = SIGNER.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    (folder / "signer.pem").write_text(pem(certificate))
    (folder / "chain.pem").write_text(pem(*others))
    (folder / "deed").write_bytes(DATA)
    command = ("cms", "-sign", "-binary", "-in", "deed", "-signer", "signer.pem", "-inkey", "key.pem")
    code, told = openssl(folder, *command, "-certfile", "chain.pem", "-outform", "DER", "-out", "signed", *options)
    assert code == 0, told
    return (folder / "signed").read_bytes()


def by_endesive(certificate: bytes, *others: bytes) -> bytes:
    chain = [x509.load_der_x509_certificate(each) for each in (certificate, *others)]
    signed: bytes = endesive_cms.sign(DATA, SIGNER.key, chain[0], chain[1:], "sha256", True)
    return signed


def xml_by_endesive(certificate: bytes, *_others: bytes) -> bytes:
    """It has no place for other certificates."""

    def sign(data: bytes, _hash: str) -> bytes:
        signed: bytes = SIGNER.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return signed

    own = x509.load_der_x509_certificate(certificate)
    made = BES().enveloped(b"<deed/>", own, certificate, sign, None, None)
    return etree.tostring(made)


def by_xmlsec(certificate: bytes, *others: bytes, folder: Path) -> bytes:
    """``xmlsec1 --sign`` with the whole chain in KeyInfo."""
    secret = SIGNER.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    names = []
    for number, each in enumerate((certificate, *others)):
        (folder / f"{number}.pem").write_text(pem(each))
        names.append(f"{number}.pem")
    (folder / "template.xml").write_text(TEMPLATE)
    command = ["xmlsec1", "--sign", "--privkey-pem", ",".join(["key.pem", *names]), "--output", "signed.xml"]
    subprocess.run([*command, "template.xml"], cwd=folder, check=True, capture_output=True, timeout=PATIENCE)
    return (folder / "signed.xml").read_bytes()


TEMPLATE = """<deed><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>
<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI=""><ds:Transforms>
<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/></ds:Transforms>
<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo>
<ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature></deed>"""

Sign = Callable[..., bytes]
LIBRARIES: dict[str, Sign] = {
    "pyHanko, PDF": pdf_by_pyhanko,
    "pyHanko, PDF adbe.pkcs7": lambda *chain: pdf_by_pyhanko(*chain, sub_filter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED),
    "pyHanko, CAdES": cms_by_pyhanko,
    "pyHanko, CMS": lambda *chain: cms_by_pyhanko(*chain, cades=False),
    "endesive, CMS": by_endesive,
    "endesive, XAdES": xml_by_endesive,
    "signxml, XAdES": xml_by_signxml,
}
OPENSSL = {
    "openssl, CAdES": ("-nodetach", "-cades"),
    "openssl, CMS, streamed": ("-nodetach", "-stream"),
    "openssl, detached": ("-cades",),
}


@pytest.fixture(params=[*LIBRARIES, *OPENSSL, "xmlsec1"])
def sign(request: pytest.FixtureRequest, program: Callable[[str], str], tmp_path: Path) -> Sign:
    """Each way of signing: takes the signer's certificate and the others."""
    way = request.param
    if way in LIBRARIES:
        return LIBRARIES[way]
    program(way.partition(",")[0])
    if way == "xmlsec1":
        return lambda *chain: by_xmlsec(*chain, folder=tmp_path)
    return lambda *chain: by_openssl(*chain, folder=tmp_path, options=OPENSSL[way])


def judged(document: bytes, *crls: bytes, certificates: tuple[bytes, ...] = (), **changes: Any) -> Judgement:
    beside = document[:1] == b"\x30" and DATA not in document
    found = read_signatures(document, detached=DATA if beside else None)
    material = Material(certificates, crls)
    trust = {"signers": SignerTrust((GOOD.root,))}
    return replace(Judgement(found=found, anchors=EMPTY, material=material, trust=trust), **changes)


def test_a_chain_of_three(sign: Sign) -> None:
    """All of one document: good, and then with one thing wrong around it."""
    document = sign(GOOD.signer, GOOD.middle)
    # Who has no place for the chain has it at hand.
    at_hand = (GOOD.middle,)
    assert judged(document, *LISTS, certificates=at_hand).says() == PASSED
    signature = judged(document, *LISTS, certificates=at_hand).signature()
    assert signature.outside is not None
    assert signature.signer is None
    no_list, revoked = LISTS[:1], list_by(MIDDLE, (serial_of(MIDDLE, SIGNER), NOW - DAY))
    authority_gone = list_by(ROOT, (serial_of(ROOT, MIDDLE), NOW - DAY))
    assert judged(document, *no_list, certificates=at_hand).says() == failed(S.TRY_LATER)
    assert judged(document, LISTS[0], revoked, certificates=at_hand).says() == failed(S.REVOKED_NO_POE)
    told = judged(document, authority_gone, LISTS[1], certificates=at_hand).signature()
    assert S.REVOKED_CA_NO_POE in {check.sub_indication for check in told.checks}
    assert told.indication.value == "INDETERMINATE"
    nobody = judged(document, *LISTS, certificates=at_hand, trust={})
    assert nobody.says() == failed(S.NO_CERTIFICATE_CHAIN_FOUND)


def test_over_a_bridge(sign: Sign) -> None:
    document = sign(*OVER)
    signature = judged(document, *LISTS, certificates=OVER[1:]).signature()
    assert (signature.indication, signature.sub_indication) == PASSED
    assert signature.outside is not None
    assert signature.outside.certificates == 4


ENDED = (NOW - 100 * DAY, NOW - DAY)
UNKNOWN = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.392.9999.1"), b"\5\0"), True)
NOT_HERE = x509.NameConstraints([x509.DirectoryName(party("Elsewhere").subject)], None)
TLS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
WRONG: dict[str, tuple[tuple[bytes, bytes], SubIndication]] = {
    "expired": ((certify(MIDDLE, SIGNER, SIGNS, times=ENDED), GOOD.middle), S.OUT_OF_BOUNDS_NO_POE),
    "not yet valid": (
        (certify(MIDDLE, SIGNER, SIGNS, times=(NOW + DAY, NOW + 9 * DAY)), GOOD.middle),
        S.NOT_YET_VALID,
    ),
    "expired authority": ((GOOD.signer, certify(ROOT, MIDDLE, times=ENDED)), S.OUT_OF_BOUNDS_NO_POE),
    "for TLS": ((certify(MIDDLE, SIGNER, (*SIGNS, (TLS, False))), GOOD.middle), S.CHAIN_CONSTRAINTS_FAILURE),
    "unknown critical extension": (
        (certify(MIDDLE, SIGNER, (*SIGNS, UNKNOWN)), GOOD.middle),
        S.CERTIFICATE_CHAIN_GENERAL_FAILURE,
    ),
    "name constraints": (
        (GOOD.signer, certify(ROOT, MIDDLE, (*AUTHORITY, (NOT_HERE, True)))),
        S.CERTIFICATE_CHAIN_GENERAL_FAILURE,
    ),
    "issuer is no authority": ((GOOD.signer, certify(ROOT, MIDDLE, SIGNS)), S.CERTIFICATE_CHAIN_GENERAL_FAILURE),
    "forged": (
        (certify(MIDDLE, SIGNER, SIGNS, key=party("forger").key), GOOD.middle),
        S.CERTIFICATE_CHAIN_GENERAL_FAILURE,
    ),
}


@pytest.mark.parametrize("fault", WRONG)
@pytest.mark.parametrize("way", LIBRARIES)
def test_a_certificate_with_one_fault(way: str, fault: str) -> None:
    (certificate, authority), sub = WRONG[fault]
    document = LIBRARIES[way](certificate, authority)
    signature = judged(document, *LISTS, certificates=(authority,)).signature()
    assert (signature.indication, signature.sub_indication) == failed(sub)
    assert [check.outcome.value for check in signature.checks if check.rule is Rule.SIGNATURE_VALUE] == ["passed"]
