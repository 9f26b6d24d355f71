"""CMS signatures taken apart: each rule by a signature that breaks it and nothing else."""

import base64
import hashlib
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms

from tests.documents.cms_world import (
    CONTENT,
    PKCS9,
    RS256,
    RS384,
    RSA,
    SHA1,
    SHA256,
    SHA384,
    Made,
    attribute,
    content_type,
    issuer_and_serial,
    message_digest,
    named,
    signing_time,
    token,
)
from tests.documents.world import AT, HOLDERS, rsa, small_pdf
from warifu.documents import (
    Covered,
    FaultCode,
    Form,
    Integrity,
    Scheme,
    SignatureAlgorithm,
    TimestampKind,
    read_signatures,
    sign_cms,
    sign_pdf,
    sign_xml,
)
from warifu.documents.cms_normalising import to_der, with_lengths
from warifu.documents.cms_reading import read_cms
from warifu.errors import Malformed
from warifu.pki import der

TST_INFO = der.object_identifier("1.2.840.113549.1.9.16.1.4")


def changed(base: list[bytes] | None = None, **pieces: Any) -> Made:
    return replace(Made(), attributes=base, **pieces)


def codes(made: Made, detached: bytes | None = None) -> list[FaultCode]:
    return [fault.code for fault in made.read(detached).faults]


def test_a_good_signature_is_told_whole() -> None:
    made = Made()
    found = made.read()
    assert found.faults == ()
    assert (found.form, found.place, found.claimed_at) == (Form.CADES, "signer 1", AT)
    assert found.algorithm == SignatureAlgorithm("sha256", Scheme.RSA_PKCS1)
    digest = hashlib.sha256(CONTENT).digest()
    assert found.integrity == (Integrity("message digest", "sha256", digest, digest),)
    assert found.certificate == made.holder.certificate
    assert found.certificates == (made.holder.certificate, made.holder.issuer.certificate_der)
    assert found.named_certificate == (("sha256", hashlib.sha256(made.holder.certificate).digest()),)
    assert found.signed == der.encode(der.SET, made.signed_attributes())


@pytest.mark.parametrize("make", HOLDERS.values(), ids=list(HOLDERS))
@pytest.mark.parametrize("attached", [True, False])
def test_what_we_sign_is_read(make: Any, attached: bool) -> None:
    holder = make()
    made = sign_cms(CONTENT, holder.witness, AT, attached=attached)
    [found] = read_signatures(made, detached=None if attached else CONTENT)
    assert found.faults == ()
    assert found.certificate == holder.certificate
    assert [one.expected == one.actual for one in found.integrity] == [True]
    assert holder.asked == [hashlib.new(found.algorithm.hash_name, found.signed).digest()]


def test_without_its_content_a_detached_signature_says_what_is_missing() -> None:
    """RFC 5652 §5.2; ETSI EN 319 102-1 §5.2.7.4: SIGNED_DATA_NOT_FOUND."""
    found = changed(content=None).read()
    assert [one.actual for one in found.integrity] == [None]


def test_content_inside_and_beside_is_ambiguous() -> None:
    with pytest.raises(Malformed, match="inside"):
        read_cms(Made().encode(), CONTENT)


def test_signed_attributes_come_sorted() -> None:
    """RFC 5652 §5.3: DER; ITU-T X.690 §11.6."""
    made = Made()
    turned = sorted(made.default_attributes(), reverse=True)
    assert codes(changed(turned, sort=False)) == [FaultCode.ATTRIBUTES_NOT_DER]


def test_the_content_type_attribute_is_there() -> None:
    """RFC 5652 §11.1."""
    assert codes(changed([message_digest(), named(rsa().certificate)])) == [FaultCode.CONTENT_TYPE_ATTRIBUTE]


def test_the_content_type_attribute_is_that_of_the_content() -> None:
    """RFC 5652 §5.3, §11.1: a token's signature is not one over data."""
    made = changed([content_type(TST_INFO), message_digest(), named(rsa().certificate)])
    assert codes(made) == [FaultCode.CONTENT_TYPE_ATTRIBUTE]


def test_the_message_digest_attribute_is_there() -> None:
    """RFC 5652 §11.2."""
    assert codes(changed([content_type(), named(rsa().certificate)])) == [FaultCode.MESSAGE_DIGEST_ATTRIBUTE]


def test_an_attribute_stands_there_once() -> None:
    """RFC 5652 §11.2: two message digests would let each reader choose."""
    made = changed([content_type(), message_digest(), message_digest(b"other"), named(rsa().certificate)])
    assert codes(made) == [FaultCode.DUPLICATE_ATTRIBUTE]


def test_an_attribute_of_one_value_has_one() -> None:
    """RFC 5652 §11.2."""
    value = der.encode(der.OCTET_STRING, hashlib.sha256(CONTENT).digest())
    made = changed([content_type(), attribute(PKCS9 + "4", value, value), named(rsa().certificate)])
    assert codes(made) == [FaultCode.ATTRIBUTE_VALUE, FaultCode.MESSAGE_DIGEST_ATTRIBUTE]


@pytest.mark.parametrize(
    "value",
    [
        der.encode(der.UTC_TIME, b"2611220304Z"),
        der.encode(der.UTC_TIME, b"261122030405+0900"),
        der.encode(der.UTC_TIME, b"261322030405Z"),
        der.encode(der.GENERALIZED_TIME, b"20511122030405.5Z"),
        der.encode(der.UTF8_STRING, b"261122030405Z"),
    ],
)
def test_the_signing_time_has_one_form(value: bytes) -> None:
    """RFC 5652 §11.3."""
    made = changed([*Made().default_attributes()[:2], attribute(PKCS9 + "5", value), named(rsa().certificate)])
    assert codes(made) == [FaultCode.ATTRIBUTE_VALUE]


@pytest.mark.parametrize("at", [datetime(1999, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)])
def test_a_signing_time_of_another_century(at: datetime) -> None:
    """RFC 5652 §11.3: two digits of the year mean 1950 to 2049."""
    made = changed([content_type(), message_digest(), signing_time(at), named(rsa().certificate)])
    assert made.read().claimed_at == at


def test_the_signature_is_made_with_the_digest_that_is_named() -> None:
    """RFC 5652 §5.3: digestAlgorithm and signatureAlgorithm are of one digest (RFC 8933 §3.1)."""
    assert codes(changed(algorithm=RS384)) == [FaultCode.ALGORITHMS_DIFFER]


def test_the_digest_is_announced() -> None:
    """RFC 5652 §5.1: digestAlgorithms lists those of all signers."""
    assert codes(changed(digest_algorithms=[SHA384])) == [FaultCode.ALGORITHMS_DIFFER]


def test_plain_rsa_takes_the_named_digest() -> None:
    """RFC 3370 §3.2: rsaEncryption as signature algorithm."""
    found = changed(algorithm=RSA).read()
    assert found.algorithm == SignatureAlgorithm("sha256", Scheme.RSA_PKCS1)


def test_algorithms_that_are_said_again_are_the_same() -> None:
    """RFC 6211 §2: cmsAlgorithmProtection."""

    def protection(digest: bytes, algorithm: bytes) -> list[bytes]:
        inner = der.encode(der.explicit(1), der.whole(algorithm, der.SEQUENCE))
        again = attribute(PKCS9 + "52", der.encode(der.SEQUENCE, digest, inner))
        return [*Made().default_attributes(), again]

    assert codes(changed(protection(SHA256, RS256))) == []
    assert codes(changed(protection(SHA1, RS256))) == [FaultCode.ALGORITHMS_DIFFER]
    assert codes(changed(protection(SHA256, RS384))) == [FaultCode.ALGORITHMS_DIFFER]


def test_the_version_says_how_the_certificate_is_named() -> None:
    """RFC 5652 §5.3: 1 by issuer and serial number, 3 by key identifier."""
    assert codes(changed(version=3)) == [FaultCode.VERSION]
    key_id = der.encode(der.implicit(0), bytes(20))
    assert codes(changed(sid=key_id)) == [FaultCode.VERSION]


def test_a_certificate_is_found_by_its_key_identifier() -> None:
    """RFC 5652 §5.3."""
    from warifu.pki import EndEntityCertificate

    holder = rsa()
    key_id = EndEntityCertificate.decode(holder.certificate).key_id
    found = changed(sid=der.encode(der.implicit(0), key_id), version=3).read()
    assert (found.certificate, found.faults) == (holder.certificate, ())


def test_a_certificate_that_did_not_come_along_is_not_found() -> None:
    assert changed(certificates=[rsa().issuer.certificate_der]).read().certificate is None


def test_issuer_and_serial_number_under_the_signature_are_the_certificates() -> None:
    """RFC 5035 §5.4.1.1, §4: issuerSerial, where it is said."""
    holder = rsa()
    issuer, serial = issuer_and_serial(holder.certificate)

    def made(serial: bytes) -> Made:
        said = der.encode(der.SEQUENCE, der.encode(der.SEQUENCE, der.encode(der.explicit(4), issuer)), serial)
        return changed([content_type(), message_digest(), named(holder.certificate, issuer_serial=said)])

    assert codes(made(serial)) == []
    assert codes(made(der.integer(5))) == [FaultCode.CERTIFICATE_NAMED_OTHERWISE]


def test_the_digest_that_names_the_certificate_may_be_another() -> None:
    """RFC 5035 §4: hashAlgorithm, SHA-256 unless it is said."""
    certificate = rsa().certificate
    made = changed([content_type(), message_digest(), named(certificate, algorithm=SHA384, name="sha384")])
    assert made.read().named_certificate == (("sha384", hashlib.sha384(certificate).digest()),)


def test_without_signed_attributes_the_signature_is_over_the_content() -> None:
    """RFC 5652 §5.4."""
    found = changed(plain=True).read()
    assert (found.form, found.signed, found.integrity, found.faults) == (Form.CMS, CONTENT, (), ())


def test_attributes_passed_off_as_a_content_are_noticed() -> None:
    """A signature over attributes is also one over the same bytes as a content without attributes (RFC 5652 §5.4)."""
    theirs = der.encode(der.SET, Made().signed_attributes())
    assert codes(changed(plain=True, content=theirs)) == [FaultCode.CONTENT_LIKE_ATTRIBUTES]
    assert codes(changed(plain=True, content=b"1 SET"), None) == []


def test_other_content_than_data_has_signed_attributes() -> None:
    """RFC 5652 §5.3."""
    made = changed(plain=True, content_type=der.object_identifier("1.2.3"))
    assert codes(made) == [FaultCode.SIGNED_ATTRIBUTES_MISSING]


def test_several_signers_are_told_one_by_one() -> None:
    places = [found.place for found in read_cms(changed(signers=3).encode())]
    assert places == ["signer 1", "signer 2", "signer 3"]


def test_a_timestamp_over_the_signature() -> None:
    """ETSI EN 319 122-1 §5.3: over the signature's value."""
    made = Made()
    made.unsigned = [attribute(PKCS9 + "16.2.14", token(made.signature()))]
    [stamp] = made.read().timestamps
    assert (stamp.kind, stamp.covers) == (TimestampKind.SIGNATURE, frozenset({Covered.SIGNATURE}))
    assert stamp.imprint("sha256") == hashlib.sha256(made.signature()).digest()
    assert stamp.imprint("md5") is None


def test_a_timestamp_over_the_content() -> None:
    """ETSI EN 319 122-1 §5.2.8."""
    stamped = attribute(PKCS9 + "16.2.20", token(CONTENT))
    [stamp] = changed([*Made().default_attributes(), stamped]).read().timestamps
    assert (stamp.kind, stamp.covers) == (TimestampKind.CONTENT, frozenset({Covered.CONTENT}))
    assert stamp.imprint("sha512") == hashlib.sha512(CONTENT).digest()


def test_an_unsigned_attribute_that_no_rule_knows_is_named() -> None:
    assert changed(unsigned=[attribute("1.2.3.4", b"\x05\x00")]).read().ignored == ("1.2.3.4",)


def test_a_policy_that_the_signer_invoked_is_named() -> None:
    """ETSI EN 319 122-1 §5.2.9."""
    explicit = attribute(PKCS9 + "16.2.15", der.encode(der.SEQUENCE, der.object_identifier("1.2.3.4")))
    implied = attribute(PKCS9 + "16.2.15", b"\x05\x00")
    assert changed([*Made().default_attributes(), explicit]).read().policy == "1.2.3.4"
    assert changed([*Made().default_attributes(), implied]).read().policy is None


def test_ber_as_it_is_streamed_is_read_as_its_der() -> None:
    """RFC 5652 §2.3: lengths that were not known yet."""
    made = Made().encode()
    inner = made[der.begin_of(made, 0) :]
    assert read_cms(b"\x30\x80" + inner + b"\0\0") == read_cms(made)


@pytest.mark.parametrize(
    ("ber", "expected"),
    [
        ("300106", None),
        ("30 80 020101 0000", "30 03 020101"),
        ("30 8103 020101", "30 03 020101"),
        ("24 80 0402 6162 0401 63 0000", "04 03 616263"),
        ("24 06 0401 61 0401 62", "04 02 6162"),
        ("a0 80 24 80 0401 61 0000 0000", "a0 03 0401 61"),
        ("04 80 61 0000", None),
        ("30 80 020101", None),
        ("30 80 020101 0000 00", None),
        ("3f 2100 00", None),
        ("24 03 020101", None),
        ("30 89 000000000000000001 00", None),
        ("30 80" * 40 + "0000" * 40, None),
    ],
)
def test_ber_becomes_der_or_is_refused(ber: str, expected: str | None) -> None:
    """ITU-T X.690 §8.1.3, §8.1.5, §8.7.3."""
    if expected is None:
        with pytest.raises(Malformed):
            to_der(bytes.fromhex(ber))
    else:
        assert to_der(bytes.fromhex(ber)) == bytes.fromhex(expected)


def long_time() -> bytes:
    """A signing time whose value says its length in two bytes, as DER does not."""
    value = b"\x30\x81\x03" + b"\x02\x01\x05"
    return attribute("1.2.3.4", der.encode(der.SEQUENCE, value))


def open_ended(made: bytes, tags: tuple[int, ...]) -> bytes:
    """The same with the lengths left open of the outermost elements, one for each tag."""
    begin, end = der.slice_element(made, 0, tags[0])
    content = made[begin:end]
    if len(tags) > 1:
        inner = 0 if content[0] == tags[1] else der.end_of(content, 0)
        content = content[:inner] + open_ended(content[inner:], tags[1:])
    return bytes((tags[0], 0x80)) + content + b"\0\0"


@pytest.mark.parametrize("tags", [(0x30,), (0x30, 0xA0), (0x30, 0xA0, 0x30)])
def test_signed_attributes_of_ber_stay_as_they_were_signed(tags: tuple[int, ...]) -> None:
    """NSS leaves lengths open outside and signs lengths that are longer than need be inside; OpenSSL takes it."""
    made = Made(attributes=[*Made().default_attributes(), long_time()])
    [found] = read_cms(open_ended(made.encode(), tags))
    assert found.signed == der.encode(der.SET, made.signed_attributes())


def test_openssl_takes_such_attributes(tmp_path: Path) -> None:
    made = Made(attributes=[*Made().default_attributes(), long_time()])
    (tmp_path / "made.p7m").write_bytes(open_ended(made.encode(), (0x30, 0xA0, 0x30)))
    command = ["openssl", "cms", "-verify", "-noverify", "-inform", "DER", "-in", str(tmp_path / "made.p7m")]
    assert subprocess.run(command, capture_output=True, check=True).stdout == CONTENT


@pytest.mark.parametrize(
    ("ber", "expected"),
    [
        ("30 80 30 8103 020101 0000", "30 06 30 8103 020101"),
        ("30 8103 020101", "30 8103 020101"),
        ("30 8107 30 80 020101 0000", "30 05 30 03 020101"),
        ("a0 80 24 80 0401 61 0000 0000", "a0 03 0401 61"),
        ("30 810a 24 06 0401 61 0401 62 0500", "30 06 0402 6162 0500"),
    ],
)
def test_what_says_its_length_stays_byte_by_byte(ber: str, expected: str) -> None:
    assert with_lengths(bytes.fromhex(ber)) == bytes.fromhex(expected)


def test_der_stays_as_it_is() -> None:
    assert with_lengths(Made().encode()) == Made().encode()
    assert to_der(Made().encode()) == Made().encode()


def test_elements_without_end_are_refused_soon() -> None:
    with pytest.raises(Malformed):
        read_cms(der.encode(der.SEQUENCE, b"\x05\x00" * 200_000))
    with pytest.raises(Malformed, match="elements"):
        to_der(der.encode(der.SEQUENCE, b"\x05\x00" * 200_000))


@pytest.mark.parametrize("spoil", [lambda made: made[:-1], lambda made: made + b"\0", lambda _made: b"\x30\x00"])
def test_what_is_cut_short_or_too_long_is_malformed(spoil: Any) -> None:
    with pytest.raises(Malformed):
        read_cms(spoil(Made().encode()))


def test_certificates_alone_are_no_signature() -> None:
    with pytest.raises(Malformed, match="nobody"):
        read_cms(changed(signers=0).encode())


def test_limits_are_told() -> None:
    with pytest.raises(Malformed, match="certificates"):
        read_cms(changed(certificates=[der.encode(der.SEQUENCE, bytes(1 << 20))]).encode())
    with pytest.raises(Malformed, match="64"):
        read_cms(changed(signers=65).encode())


def test_the_pieces_are_those_that_asn1crypto_reads() -> None:
    made = Made()
    made.unsigned = [attribute(PKCS9 + "16.2.14", token(made.signature()))]
    found = made.read()
    [signer] = cms.ContentInfo.load(made.encode(), strict=True)["content"]["signer_infos"]
    assert found.signature == signer["signature"].native
    assert found.signed == signer["signed_attrs"].untag().dump()
    [stamp] = signer["unsigned_attrs"]
    assert found.timestamps[0].token == stamp["values"][0].dump()


def test_pem_is_unwrapped() -> None:
    """RFC 7468 §9: CMS, and PKCS7 as it was called before."""
    made = Made().encode()
    for label in ("CMS", "PKCS7"):
        pem = f"-----BEGIN {label}-----\n{base64.encodebytes(made).decode()}-----END {label}-----\n".encode()
        assert len(read_signatures(pem)) == 1
    with pytest.raises(Malformed):
        read_signatures(b"-----BEGIN CMS-----\nAAA\n-----END CMS-----\n")


@pytest.mark.parametrize("data", [b"", b"plain text", b"PK\x03\x04"])
def test_other_formats_are_refused(data: bytes) -> None:
    with pytest.raises(Malformed, match="neither"):
        read_signatures(data)


def test_a_format_is_told_by_its_first_bytes() -> None:
    holder = rsa()
    pdf = sign_pdf(small_pdf(), holder.witness, AT)
    assert [found.form for found in read_signatures(pdf)] == [Form.PADES]
    xml = sign_xml(b"<deed/>", holder.witness, AT)
    assert [found.form for found in read_signatures(xml)] == [Form.XADES]
    with pytest.raises(Malformed, match="inside"):
        read_signatures(pdf, detached=CONTENT)
