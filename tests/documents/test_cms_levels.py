"""CMS signatures that carry their own evidence; what is stamped is computed here a second time, from the clauses."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from asn1crypto import cms, core

from tests.documents.proving import Service, proof, signer_list
from tests.documents.world import AT, HOLDERS, Holder, rsa
from tests.tsa import world as tsa
from warifu.documents import Level, Material, extend, material_certificates, sign_cms
from warifu.errors import Malformed, NotAllowed, Unavailable

DATA = "譲渡証書\n".encode()
INDEX, ARCHIVE = "0.4.0.19122.1.5", "0.4.0.1733.2.4"

both = pytest.mark.parametrize("attached", [True, False])


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def lasting(holder: Holder, level: Level, *, attached: bool = False, stamp: Service | None = None) -> bytes:
    signed = sign_cms(DATA, holder.witness, AT, attached=attached)
    return extend(signed, level, material=proof(holder), stamp=stamp or Service(), content=None if attached else DATA)


def opened(signature: bytes) -> Any:
    return cms.ContentInfo.load(signature, strict=True)["content"]


def values(signed: Any, kind: str) -> list[Any]:
    [signer] = signed["signer_infos"]
    return [value for each in signer["unsigned_attrs"] if each["type"].dotted == kind for value in each["values"]]


def imprint(token: Any) -> Any:
    return token["content"]["encap_content_info"]["content"].parsed["message_imprint"].native


def index_of(token: Any) -> bytes:
    [signer] = token["content"]["signer_infos"]
    [found] = [each["values"][0].dump() for each in signer["unsigned_attrs"] if each["type"].dotted == INDEX]
    return bytes(found)


def tokens(signed: Any) -> list[Any]:
    """The archive timestamps, in the order in which they were made."""
    found = [cms.ContentInfo.load(value.dump()) for value in values(signed, ARCHIVE)]
    return sorted(found, key=lambda token: len(core.Sequence.load(index_of(token)).contents))


@both
@pytest.mark.parametrize("make", HOLDERS.values(), ids=list(HOLDERS))
def test_values_stand_where_the_baseline_wants_them(make: Callable[[], Holder], attached: bool) -> None:
    """ETSI EN 319 122-1 §6.3, B-LT: SignedData.certificates and .crls; status answers as RFC 5940 §2.1 has them."""
    holder = make()
    evidence = proof(holder)
    signed = sign_cms(DATA, holder.witness, AT, attached=attached)
    signed = opened(extend(signed, Level.LT, material=evidence, stamp=Service()))
    held = {each.chosen.dump() for each in signed["certificates"]}
    assert held == {holder.certificate, holder.issuer.certificate_der, tsa.root().certificate_der}
    others = [each.chosen for each in signed["crls"] if each.name == "other"]
    assert [each["other_rev_info"].dump() for each in others] == list(evidence.ocsps)
    assert {each.chosen.dump() for each in signed["crls"] if each.name == "crl"} == set(evidence.crls)
    assert signed["version"].native == "v5"


def test_nothing_that_was_signed_is_touched() -> None:
    holder = rsa()
    [before] = opened(sign_cms(DATA, holder.witness, AT))["signer_infos"]
    [after] = opened(lasting(holder, Level.LTA))["signer_infos"]
    for field in ("version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature"):
        assert after[field].dump() == before[field].dump()


@both
def test_an_archive_timestamp_is_about_the_document_the_signature_and_the_evidence(attached: bool) -> None:
    """ETSI EN 319 122-1 §5.5.3: content type, digest of the content, six fields, the index; §5.5.2: the index."""
    signed = opened(lasting(rsa(), Level.LTA, attached=attached))
    [signer] = signed["signer_infos"]
    [token] = tokens(signed)
    fields = [signer[place].dump() for place in range(6)]
    told = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01" + sha256(DATA) + b"".join(fields) + index_of(token)
    assert imprint(token) == {
        "hash_algorithm": {"algorithm": "sha256", "parameters": None},
        "hashed_message": sha256(told),
    }
    algorithm, certificates, crls, unsigned = core.SequenceOf.load(index_of(token), spec=core.Any)
    assert algorithm.native == {"0": "2.16.840.1.101.3.4.2.1"}
    assert [each.native for each in certificates.parse(core.SequenceOf, {"spec": core.OctetString})] == sorted(
        sha256(each.dump()) for each in signed["certificates"]
    )
    assert [each.native for each in crls.parse(core.SequenceOf, {"spec": core.OctetString})] == sorted(
        sha256(each.dump()) for each in signed["crls"]
    )
    [stamped] = [each for each in signer["unsigned_attrs"] if each["type"].dotted != ARCHIVE]
    assert [each.native for each in unsigned.parse(core.SequenceOf, {"spec": core.OctetString})] == [
        sha256(stamped["type"].dump() + stamped["values"][0].dump())
    ]


def test_archive_timestamps_are_renewed_again_and_again() -> None:
    """ETSI EN 319 122-1 §5.5.3: a later one covers those before it."""
    holder = rsa()
    signature = lasting(holder, Level.LTA)
    for _ in range(2):
        signature = extend(signature, Level.LTA, material=proof(holder), stamp=Service(), content=DATA)
    signed = opened(signature)
    made = tokens(signed)
    assert len(made) == 3
    kind = core.ObjectIdentifier(ARCHIVE).dump()
    for later, earlier in zip(made[1:], made[:-1], strict=True):
        assert sha256(kind + earlier.dump()) in index_of(later)
    [first] = values(signed, "1.2.840.113549.1.9.16.2.14")
    assert sha256(core.ObjectIdentifier("1.2.840.113549.1.9.16.2.14").dump() + first.dump()) in index_of(made[2])


def test_what_is_there_already_is_not_added_again() -> None:
    holder, service = rsa(), Service()
    signed, evidence = sign_cms(DATA, holder.witness, AT), proof(holder)
    once = extend(signed, Level.LT, material=evidence, stamp=service)
    assert extend(once, Level.LT, material=evidence) == once
    assert service.asked == 1


def test_several_signers_get_evidence_each() -> None:
    """RFC 5652 §5.1: signerInfos is a set."""
    one, other = rsa(), HOLDERS["P-384"]()
    info = cms.ContentInfo.load(sign_cms(DATA, one.witness, AT))
    second = opened(sign_cms(DATA, other.witness, AT))
    info["content"]["signer_infos"].append(second["signer_infos"][0])
    archived = opened(extend(info.dump(), Level.LTA, material=proof(one), stamp=Service(), content=DATA))
    kinds = [sorted(each["type"].dotted for each in signer["unsigned_attrs"]) for signer in archived["signer_infos"]]
    assert kinds == [[ARCHIVE, "1.2.840.113549.1.9.16.2.14"]] * 2


def test_the_certificates_to_be_proved_are_those_of_the_signer_and_of_the_timestamps() -> None:
    holder = rsa()
    found = material_certificates(lasting(holder, Level.LTA))
    unit = tsa.unit().certificate_der
    assert set(found) == {holder.certificate, holder.issuer.certificate_der, unit, tsa.root().certificate_der}


def test_without_revocation_data_there_is_no_long_term() -> None:
    """ETSI EN 319 122-1 §6.3: revocation values are required at B-LT."""
    holder = rsa()
    signed = sign_cms(DATA, holder.witness, AT)
    with pytest.raises(NotAllowed):
        extend(signed, Level.LT, material=Material((holder.issuer.certificate_der,)), stamp=Service())


@pytest.mark.parametrize("level", [Level.T, Level.LT, Level.LTA])
def test_without_a_timestamp_service_there_is_no_higher_level(level: Level) -> None:
    holder = rsa()
    with pytest.raises(NotAllowed):
        extend(sign_cms(DATA, holder.witness, AT), level, material=proof(holder), content=DATA)


@pytest.mark.parametrize("content", [None, b"another deed"])
def test_an_archive_timestamp_needs_the_document_that_was_signed(content: bytes | None) -> None:
    """Over another document it would prove nothing, for ever."""
    holder = rsa()
    with pytest.raises(Malformed):
        extend(sign_cms(DATA, holder.witness, AT), Level.LTA, material=proof(holder), stamp=Service(), content=content)


@pytest.mark.parametrize("data", [b"", b"0", b"0\x80", b"0\x00", DATA, signer_list(rsa())])
def test_what_is_no_signature_is_not_extended(data: bytes) -> None:
    with pytest.raises(Malformed):
        extend(data, Level.T, stamp=Service())


def test_without_a_timestamp_nothing_is_extended() -> None:
    with pytest.raises(Unavailable):
        extend(sign_cms(DATA, rsa().witness, AT), Level.T, stamp=lambda _request: b"nonsense")
