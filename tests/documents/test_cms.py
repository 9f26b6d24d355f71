"""CMS signatures, as asn1crypto reads them; openssl judges in tests/real."""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from asn1crypto import cms

from tests.documents.world import AT, HOLDERS, Holder, p384, rsa
from tests.pki.world import authentication_certificate
from tests.tsa.world import NOW, authority
from warifu.documents import Witness, sign_cms
from warifu.errors import Malformed, Unavailable, WrongPin, WrongProfile
from warifu.pki.timestamps import TimestampRequest

DATA = "譲渡証書\n".encode()


def signed(holder: Holder, **options: Any) -> Any:
    return cms.ContentInfo.load(sign_cms(DATA, holder.witness, AT, **options), strict=True)["content"]


def attribute(info: Any, name: str) -> Any:
    [values] = [each["values"] for each in info["signed_attrs"] if each["type"].native == name]
    return values[0]


@pytest.mark.parametrize("make", HOLDERS.values(), ids=list(HOLDERS))
def test_the_holder_is_asked_once_for_the_digest_of_the_signed_attributes(make: Callable[[], Holder]) -> None:
    """RFC 5652 §5.4: what is signed is the DER SET OF of the attributes."""
    holder = make()
    [info] = signed(holder)["signer_infos"]
    hash_name = holder.witness.hash_name
    assert holder.asked == [hashlib.new(hash_name, info["signed_attrs"].untag().dump()).digest()]
    assert attribute(info, "message_digest").native == hashlib.new(hash_name, DATA).digest()


@pytest.mark.parametrize("make", HOLDERS.values(), ids=list(HOLDERS))
def test_a_baseline_signature_says_when_and_by_which_certificate(make: Callable[[], Holder]) -> None:
    """ETSI EN 319 122-1 §6.3: content type, signing time, signing certificate version 2."""
    holder = make()
    content = signed(holder)
    [info] = content["signer_infos"]
    assert attribute(info, "signing_time").native == AT
    assert attribute(info, "content_type").native == "data"
    [named] = attribute(info, "signing_certificate_v2")["certs"]
    assert (
        named["cert_hash"].native
        == hashlib.new(named["hash_algorithm"]["algorithm"].native, holder.certificate).digest()
    )
    inside = {each.chosen.dump() for each in content["certificates"]}
    assert inside == {holder.certificate, holder.issuer.certificate_der}


@pytest.mark.parametrize("attached", [True, False])
def test_the_document_is_inside_exactly_if_attached(attached: bool) -> None:
    """RFC 5652 §5.2."""
    content = signed(rsa(), attached=attached)["encap_content_info"]["content"]
    assert content.native == (DATA if attached else None)


def test_a_witness_needs_certificates_of_the_profile() -> None:
    holder = rsa()
    with pytest.raises(Malformed):
        Witness(b"no certificate", holder.issuer.certificate_der, holder.sign)
    with pytest.raises(WrongProfile):
        Witness(holder.certificate, holder.certificate, holder.sign)


def test_an_authentication_certificate_signs_no_document() -> None:
    """Its key usage is for logging in (公的個人認証法 第2条第2項; keyUsage without nonRepudiation)."""
    holder = rsa()
    with pytest.raises(WrongProfile):
        Witness(authentication_certificate(), holder.issuer.certificate_der, holder.sign)


def test_what_the_holder_refuses_is_told() -> None:
    holder = p384()

    def refuse(_digest: bytes) -> bytes:
        raise WrongPin(4)

    with pytest.raises(WrongPin):
        sign_cms(DATA, Witness(holder.certificate, holder.issuer.certificate_der, refuse), AT)


def test_a_timestamp_is_added_to_the_signature() -> None:
    """ETSI EN 319 122-1 §6.3, baseline B-T: signature-time-stamp over the signature value."""
    [info] = signed(rsa(), stamp=partial(authority().answer, now=NOW, serial_number=7))["signer_infos"]
    [token] = [each["values"] for each in info["unsigned_attrs"] if each["type"].native == "signature_time_stamp_token"]
    told = token[0]["content"]["encap_content_info"]["content"].parsed
    assert told["message_imprint"]["hashed_message"].native == hashlib.sha256(info["signature"].native).digest()


@pytest.mark.parametrize("answer", [b"", b"nonsense", authority().answer(b"nonsense", NOW, 7)])
def test_without_a_timestamp_nothing_is_signed(answer: bytes) -> None:
    with pytest.raises(Unavailable):
        signed(rsa(), stamp=lambda _request: answer)


def test_a_timestamp_of_something_else_is_not_taken() -> None:
    """RFC 3161 §2.2: the asker compares imprint and nonce."""
    other = authority().answer(TimestampRequest.of(b"another", nonce=1).encode(), NOW, 7)
    with pytest.raises(Unavailable):
        signed(rsa(), stamp=lambda _request: other)
