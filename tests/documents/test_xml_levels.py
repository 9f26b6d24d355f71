"""XAdES signatures that carry their own evidence; imprints are computed here a second time, from the clauses."""

import hashlib
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta

import pytest
from lxml import etree

from tests.documents.proving import Service, proof, signer_list
from tests.documents.world import AT, HOLDERS, Holder, rsa
from tests.documents.xml_world import DEED, FILE, about, beside, check, found, lasting, only, parsed, signed, written
from tests.pki.world import NOW
from tests.tsa import world as tsa
from warifu.documents import (
    Covered,
    Level,
    Material,
    TimestampKind,
    XmlProfile,
    extend,
    material_certificates,
    read_xml,
    sign_xml,
)
from warifu.documents.xml_extending import extend_xml
from warifu.errors import Malformed, NotAllowed, NotFound, Unavailable

holders = pytest.mark.parametrize("make", HOLDERS.values(), ids=list(HOLDERS))


def exclusive(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


@holders
def test_a_timestamp_of_the_signature_value_is_added(make: Callable[[], Holder]) -> None:
    """ETSI EN 319 132-1 §5.3.1: over the canonical SignatureValue element."""
    data = sign_xml(DEED, make().witness, AT, stamp=Service())
    one = only(data)
    check(one)
    [stamp] = one.timestamps
    assert stamp.kind is TimestampKind.SIGNATURE
    assert stamp.covers == frozenset({Covered.SIGNATURE})
    [value] = found(data, "//ds:SignatureValue")
    assert stamp.imprint("sha256") == hashlib.sha256(exclusive(value)).digest()
    assert stamp.imprint("sha1") is None
    assert about(stamp)


def test_values_stand_where_the_baseline_wants_them() -> None:
    """ETSI EN 319 132-1 §6.3, B-LT: CertificateValues and RevocationValues."""
    data = lasting(Level.LT)
    material = proof(rsa())
    one = only(data)
    check(one)
    assert set(material.certificates) <= set(one.certificates)
    assert (one.crls, one.ocsps) == (material.crls, material.ocsps)
    [certificate] = found(data, "//ds:X509Certificate/text()")
    assert b64decode(certificate) == rsa().certificate
    names = [each.tag.rpartition("}")[2] for each in found(data, "//xades:UnsignedSignatureProperties/*")]
    assert names == ["SignatureTimeStamp", "CertificateValues", "RevocationValues"]


def test_an_archive_timestamp_is_over_everything_in_front_of_it() -> None:
    """ETSI EN 319 132-1 §5.5.2.2: what is referenced, SignedInfo, value, KeyInfo, unsigned properties, objects."""
    data = lasting(Level.LTA)
    check(only(data))
    root = parsed(data)
    [signature] = found(root, "//ds:Signature")
    info, value, key_info, _object = signature
    *before, _archive = found(root, "//xades:UnsignedSignatureProperties/*")
    [properties] = found(root, "//xades:SignedProperties")
    octets = [
        etree.tostring(parsed(DEED), method="c14n"),
        *(exclusive(each) for each in (properties, info, value, key_info, *before)),
    ]
    first, archive = only(data).timestamps
    assert (first.kind, archive.kind) == (TimestampKind.SIGNATURE, TimestampKind.ARCHIVE)
    assert archive.imprint("sha256") == hashlib.sha256(b"".join(octets)).digest()
    assert about(archive)


def test_an_archive_timestamp_covers_the_values_in_front_of_it_and_no_later_ones() -> None:
    later = Material(crls=(signer_list(rsa(), NOW + timedelta(hours=1)),))
    data = extend(lasting(Level.LTA), Level.LTA, material=later, stamp=Service())
    one = only(data)
    check(one)
    _first, archive, renewed = one.timestamps
    assert archive.values is not None
    assert renewed.values is not None
    added = hashlib.sha256(later.crls[0]).digest()
    assert added in renewed.values - archive.values
    assert {hashlib.sha256(each).digest() for each in (*proof(rsa()).crls, rsa().certificate)} <= archive.values
    assert hashlib.sha256(tsa.unit().certificate_der).digest() in archive.values
    assert about(archive)
    assert about(renewed)


def test_what_is_added_later_stands_behind_what_an_archive_timestamp_covers() -> None:
    """ETSI EN 319 132-1 §5.5.3: TimeStampValidationData."""
    later = Material(crls=(signer_list(rsa(), NOW + timedelta(hours=1)),))
    data = extend(lasting(Level.LTA), Level.LTA, material=later, stamp=Service())
    names = [each.tag.rpartition("}")[2] for each in found(data, "//xades:UnsignedSignatureProperties/*")]
    assert names[3:] == ["ArchiveTimeStamp", "TimeStampValidationData", "ArchiveTimeStamp"]


def test_each_thing_is_added_once() -> None:
    service = Service()
    again = extend(lasting(Level.LT), Level.LT, material=proof(rsa()), stamp=service)
    assert again == lasting(Level.LT)
    assert service.asked == 0


def test_an_archive_timestamp_of_a_file_needs_the_file() -> None:
    with pytest.raises(Malformed):
        extend(beside(), Level.LTA, material=proof(rsa()), stamp=Service())
    with pytest.raises(Malformed):
        extend(beside(), Level.LTA, material=proof(rsa()), stamp=Service(), content=FILE + b"!")
    one = only(extend(beside(), Level.LTA, material=proof(rsa()), stamp=Service(), content=FILE), FILE)
    check(one)
    assert all(about(each) for each in one.timestamps)


def test_without_the_file_an_archive_timestamp_has_no_imprint() -> None:
    data = extend(beside(), Level.LTA, material=proof(rsa()), stamp=Service(), content=FILE)
    assert only(data).timestamps[1].imprint("sha256") is None


def test_without_revocation_data_nothing_is_added() -> None:
    with pytest.raises(NotAllowed):
        extend(signed(), Level.LT, material=Material((rsa().issuer.certificate_der,)), stamp=Service())


def test_timestamps_need_a_service_and_qualifying_properties() -> None:
    with pytest.raises(NotAllowed):
        extend(signed(), Level.T)
    with pytest.raises(NotAllowed):
        extend(signed(XmlProfile.XMLDSIG), Level.T, stamp=Service())
    holder = rsa()
    with pytest.raises(NotAllowed):
        sign_xml(DEED, holder.witness, AT, profile=XmlProfile.XMLDSIG, stamp=Service())
    assert holder.asked == []


def test_a_signature_that_is_broken_is_not_extended() -> None:
    with pytest.raises(Malformed):
        extend(signed().replace("譲渡".encode(), "贈与".encode()), Level.T, stamp=Service())


def test_without_an_answer_there_is_no_timestamp() -> None:
    with pytest.raises(Unavailable):
        sign_xml(DEED, rsa().witness, AT, stamp=lambda _request: b"")


def test_what_must_be_proved_is_named() -> None:
    """Who gathers material asks for all certificates, the timestamp unit's too."""
    data = sign_xml(DEED, rsa().witness, AT, stamp=Service())
    assert set(material_certificates(data)) >= {rsa().certificate, tsa.unit().certificate_der}


def test_a_damaged_timestamp_is_not_about_the_signature() -> None:
    one = only(
        lasting(Level.LTA)
        .replace(b"<ds:KeyInfo>", b"<ds:KeyInfo >")
        .replace(b"CertificateValues>", b"CertificateValues >")
    )
    assert all(about(each) for each in one.timestamps)
    moved = lasting(Level.LTA)
    one = only(moved.replace(b'Id="A"', b'Id="B"'))
    assert about(one.timestamps[0])
    assert not about(one.timestamps[1])


def test_nothing_is_added_to_a_signature_that_a_later_one_is_about() -> None:
    first = sign_xml(DEED, rsa().witness, AT, element="A")
    both = sign_xml(first, rsa().witness, AT)
    inner, outer = (each.place for each in read_xml(both))
    with pytest.raises(NotAllowed):
        extend_xml(both, Level.T, place=inner, stamp=Service())
    with pytest.raises(NotAllowed):
        extend_xml(both, Level.T, stamp=Service())
    data = extend_xml(both, Level.T, place=outer, stamp=Service())
    for each in read_xml(data):
        check(each)
    assert [len(each.timestamps) for each in read_xml(data)] == [0, 1]
    with pytest.raises(NotFound):
        extend_xml(both, Level.T, place="another", stamp=Service())


def test_an_archive_timestamp_says_how_elements_are_made_canonical_where_a_reference_does_not() -> None:
    """ETSI EN 319 132-1 §5.5.2.2: a reference that leaves a set of nodes is made canonical as the timestamp says."""
    deed = b'<deed xmlns:unused="urn:unused"><part/></deed>'
    data = extend(sign_xml(deed, rsa().witness, AT), Level.LTA, material=proof(rsa()), stamp=Service())
    root = parsed(data)
    [last] = found(root, "//ds:Reference[@URI='']/ds:Transforms/ds:Transform[2]")
    last.getparent().remove(last)
    one = only(written(root))
    assert one.integrity[0].actual == hashlib.sha256(etree.tostring(parsed(deed), method="c14n")).digest()
    info, value, key_info, _object = found(root, "//ds:Signature")[0]
    *before, _archive = found(root, "//xades:UnsignedSignatureProperties/*")
    [properties] = found(root, "//xades:SignedProperties")
    octets = [exclusive(each) for each in (parsed(deed), properties, info, value, key_info, *before)]
    assert one.timestamps[1].imprint("sha256") == hashlib.sha256(b"".join(octets)).digest()
