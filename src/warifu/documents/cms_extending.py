"""CMS signatures made to last: timestamps, and the material that proves them, are added to what was signed.

Nothing that is signed is touched. Certificates, lists and status answers go into the SignedData's own sets, as the
baseline wants it (ETSI EN 319 122-1 §6.3; status answers as RFC 5940 has them), timestamps into unsigned attributes.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from asn1crypto import cms, crl, ocsp, x509

from warifu.documents.archiving import ARCHIVE_TIMESTAMP, HASH_INDEX, archive_imprint, attribute, hash_index
from warifu.documents.level import Level
from warifu.documents.material import Material
from warifu.documents.stamping import Stamp, ask_for_token
from warifu.errors import Malformed, NotAllowed
from warifu.pki import der

__all__ = ["cms_certificates", "extend_cms", "held_certificates"]

_SIGNATURE_TIMESTAMP = "1.2.840.113549.1.9.16.2.14"
_TIMESTAMPS = frozenset({_SIGNATURE_TIMESTAMP, ARCHIVE_TIMESTAMP})
_COMPLAINTS = (ValueError, TypeError, KeyError, AttributeError)
_ENDLESS = 0x80
"""The length of what has no length in front (ITU-T X.690 §8.1.3.6)."""


def extend_cms(
    signature: bytes,
    level: Level,
    *,
    material: Material | None = None,
    stamp: Stamp | None = None,
    content: bytes | None = None,
    hash_name: str = "sha256",
) -> bytes:
    """The same signatures at a higher level; at ``LTA``, one more archive timestamp over all that is there by then.

    `material` is about the signers and about timestamps that are there already; `content` is what a detached signature
    is about. A signature timestamp is added where there is none.

    Raises:
        Malformed: no CMS signature in DER, or `content` is not what was signed.
        NotAllowed: there is no revocation data, neither here nor in `material`.
        WarifuError: whatever `stamp` raises.
        Unavailable: the timestamp service gave no timestamp.
    """
    info = _read(signature)
    signed = info["content"]
    if level.reaches(Level.T):
        for signer in signed["signer_infos"]:
            _stamp_signature(signer, stamp, hash_name)
    if level.reaches(Level.LT):
        _add_material(signed, material or Material())
    if level.reaches(Level.LTA):
        document = _content(signed, content)
        for signer in signed["signer_infos"]:
            _stamp_archive(signed, signer, document, stamp, hash_name)
    return encode_cms(info)


def cms_certificates(signature: bytes) -> tuple[bytes, ...]:
    """Every certificate in a CMS signature, and in the timestamps upon it, each once; nothing is believed of them."""
    signed = _read(signature)["content"]
    return tuple(dict.fromkeys(held_certificates(signed)))


def _read(signature: bytes) -> Any:
    """A ContentInfo with SignedData.

    Raises:
        Malformed: it is something else, or not DER.
    """
    try:
        if len(signature) < 2 or signature[1] == _ENDLESS:
            raise ValueError
        info = cms.ContentInfo.load(signature, strict=True)
        if info["content_type"].native != "signed_data" or not len(info["content"]["signer_infos"]):
            raise ValueError
        _ = [signer["signature"].native for signer in info["content"]["signer_infos"]]
    except _COMPLAINTS as error:
        raise Malformed("this is no CMS signature in DER") from error
    return info


def _tokens(signer: Any) -> Iterator[Any]:
    """The timestamps on a signature: a ContentInfo each, oldest kind first."""
    for each in signer["unsigned_attrs"]:
        if each["type"].dotted in _TIMESTAMPS:
            for value in each["values"]:
                yield cms.ContentInfo.load(value.dump())


def held_certificates(signed: Any) -> Iterator[bytes]:
    """The certificates of a SignedData and of the timestamps on its signatures."""
    yield from (each.chosen.dump() for each in signed["certificates"] if each.name == "certificate")
    for signer in signed["signer_infos"]:
        for token in _tokens(signer):
            yield from held_certificates(token["content"])


def _stamp_signature(signer: Any, stamp: Stamp | None, hash_name: str) -> None:
    if any(each["type"].dotted == _SIGNATURE_TIMESTAMP for each in signer["unsigned_attrs"]):
        return
    token = ask_for_token(stamp, hashlib.new(hash_name, signer["signature"].native).digest(), hash_name)
    _add_attribute(signer, _SIGNATURE_TIMESTAMP, token.dump())


def _stamp_archive(signed: Any, signer: Any, content: bytes, stamp: Stamp | None, hash_name: str) -> None:
    _check_content(signer, content)
    index = hash_index(signed, signer, hash_name)
    token = ask_for_token(stamp, archive_imprint(signed, signer, content, index, hash_name), hash_name)
    _add_attribute(token["content"]["signer_infos"][0], HASH_INDEX, index)
    _add_attribute(signer, ARCHIVE_TIMESTAMP, encode_cms(token))


def encode_cms(info: Any) -> bytes:
    """A ContentInfo with SignedData, DER, whatever was changed in it.

    Written here and not by asn1crypto, which encodes a changed part again for each question its containers ask: with
    some certificates that takes minutes.
    """
    signed = info["content"]
    fields = [signed[name].dump() for name in ("version", "digest_algorithms", "encap_content_info")]
    for number, name in enumerate(("certificates", "crls")):
        if len(signed[name]):
            fields.append(_set(der.explicit(number), [each.dump() for each in signed[name]]))
    fields.append(_set(der.SET, [_signer(each) for each in signed["signer_infos"]]))
    content = der.encode(der.explicit(0), der.encode(der.SEQUENCE, *fields))
    return der.encode(der.SEQUENCE, info["content_type"].dump(), content)


def _signer(signer: Any) -> bytes:
    names = ("version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm", "signature")
    fields = [signer[name].dump() for name in names]
    if len(signer["unsigned_attrs"]):
        fields.append(_set(der.explicit(1), [each.dump() for each in signer["unsigned_attrs"]]))
    return der.encode(der.SEQUENCE, *fields)


def _set(tag: int, members: list[bytes]) -> bytes:
    return der.encode(tag, *sorted(members))  # ITU-T X.690 §11.6


def _content(signed: Any, content: bytes | None) -> bytes:
    inside = signed["encap_content_info"]["content"].native
    found = content if inside is None else inside
    if not isinstance(found, bytes):
        raise Malformed("the document that the signature is about is needed for an archive timestamp")
    return found


def _check_content(signer: Any, content: bytes) -> None:
    """Check that the signature is about this: an archive timestamp over another document would be lost (§5.5.3)."""
    hash_name = signer["digest_algorithm"]["algorithm"].native
    told = [each["values"][0].native for each in signer["signed_attrs"] if each["type"].native == "message_digest"]
    if told != [hashlib.new(hash_name, content).digest()]:
        raise Malformed("the signature is about another document")


def _add_attribute(signer: Any, kind: str, value: bytes) -> None:
    """Put one more value into the unsigned attributes, in an attribute of its own."""
    added = attribute(kind, value)
    if len(signer["unsigned_attrs"]):
        signer["unsigned_attrs"].append(added)
    else:
        signer["unsigned_attrs"] = cms.CMSAttributes([added])


def _add_material(signed: Any, material: Material) -> None:
    certificates = [cms.CertificateChoices("certificate", x509.Certificate.load(der)) for der in material.certificates]
    lists = [cms.RevocationInfoChoice("crl", crl.CertificateList.load(der)) for der in material.crls]
    lists += [cms.RevocationInfoChoice("other", _status_answer(der)) for der in material.ocsps]
    signed["certificates"] = cms.CertificateSet(_joined(signed["certificates"], certificates))
    crls = _joined(signed["crls"], lists)
    if not crls:
        raise NotAllowed("without revocation data nothing is proved later; nothing was added")
    signed["crls"] = cms.RevocationInfoChoices(crls)
    if any(each.name == "other" for each in signed["crls"]):
        signed["version"] = "v5"  # RFC 5652 §5.1


def _status_answer(der: bytes) -> Any:
    """Status answers stand among the lists in a form of their own (RFC 5940 §2.1)."""
    return cms.OtherRevocationInfoFormat(
        {"other_rev_info_format": "ocsp_response", "other_rev_info": ocsp.OCSPResponse.load(der)}
    )


def _joined(old: Any, new: list[Any]) -> list[Any]:
    """Everything of both, each thing once."""
    return list({each.dump(): each for each in [*old, *new]}.values())
