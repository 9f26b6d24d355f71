"""What the signer says about the signature: the signed properties of XAdES."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from warifu.documents.found import FaultCode
from warifu.documents.xml_names import ds, xades
from warifu.documents.xml_parsing import Element
from warifu.documents.xml_signed_info import SignedInfo, read_digest
from warifu.documents.xml_structure import base64_of, check_text, name_of, parts, shown, the_one, wrong
from warifu.errors import Malformed
from warifu.pki import der

__all__ = ["NamedCertificate", "SignedProperties", "read_signed_properties"]

_SIGNATURE = frozenset(
    xades(name)
    for name in (
        "SigningTime",
        "SigningCertificate",
        "SigningCertificateV2",
        "SignaturePolicyIdentifier",
        "SignatureProductionPlace",
        "SignatureProductionPlaceV2",
        "SignerRole",
        "SignerRoleV2",
    )
)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class NamedCertificate:
    """A certificate as a signature names it: by a digest, and perhaps by its serial number."""

    hash_name: str
    digest: bytes
    serial_number: int | None


@dataclass(frozen=True, slots=True)
class SignedProperties:
    """When, by which certificate (the first is the signer's), under which policy; timestamps made before signing."""

    claimed_at: datetime | None = None
    named: tuple[NamedCertificate, ...] = ()
    policy: str | None = None
    content_timestamps: tuple[Element, ...] = ()
    ignored: tuple[str, ...] = ()


def read_signed_properties(element: Element, info: SignedInfo) -> SignedProperties:
    """Take SignedProperties apart (ETSI EN 319 132-1 §4.3, §5.2).

    Raises:
        WrongForm: another structure, or a format of data that are not signed.
    """
    groups = parts(element, "Id")
    wanted = [xades("SignedSignatureProperties"), xades("SignedDataObjectProperties")]
    if [each.tag for each in groups] != wanted[: len(groups)] or not groups:
        raise wrong("SignedProperties")
    about = parts(groups[0], "Id")
    names = [each.tag for each in about]
    if not set(names) <= _SIGNATURE or len(set(names)) != len(names):
        raise wrong("SignedSignatureProperties")
    of = {each.tag: each for each in about}
    data = parts(groups[1], "Id") if len(groups) > 1 else []
    for each in data:
        _check_data_format(each, info)
    stamps = tuple(each for each in data if each.tag == xades("AllDataObjectsTimeStamp"))
    others = tuple(name_of(each) for each in data if each.tag == xades("IndividualDataObjectsTimeStamp"))
    moment, policy = of.get(xades("SigningTime")), of.get(xades("SignaturePolicyIdentifier"))
    return SignedProperties(
        None if moment is None else _moment(moment),
        _named(of),
        None if policy is None else _policy(policy),
        stamps,
        others,
    )


def _check_data_format(element: Element, info: SignedInfo) -> None:
    """A format is told of data that are signed (§5.2.4)."""
    known = {f"#{each.identity}" for each in info.references if each.identity}
    if element.tag == xades("DataObjectFormat") and element.get("ObjectReference") not in known:
        raise wrong("DataObjectFormat")


def _moment(element: Element) -> datetime:
    """A moment with its zone (§5.2.1; W3C XML Schema 2 §3.2.7); without one nobody knows when it was."""
    found = _MOMENT.fullmatch(check_text(element))
    try:
        if not found:
            raise ValueError
        second, fraction, zone = found.groups()
        return datetime.fromisoformat(f"{second}.{(fraction or '0')[:6]:0<6}{zone}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise wrong("SigningTime") from error


def _policy(element: Element) -> str:
    """The policy that the signer invoked, by its name (§5.2.9)."""
    children = parts(element)
    if [each.tag for each in children] == [xades("SignaturePolicyImplied")]:
        return "implied"
    identifier = the_one(children, xades("SignaturePolicyId"), "SignaturePolicyIdentifier").find(
        f"{xades('SigPolicyId')}/{xades('Identifier')}"
    )
    if identifier is None:
        raise wrong("SignaturePolicyIdentifier")
    return shown(check_text(identifier, "Qualifier"))


def _named(of: dict[Any, Element]) -> tuple[NamedCertificate, ...]:
    """SigningCertificateV2 (§5.2.2), or its older form without it; never both, which could disagree."""
    newer, older = of.get(xades("SigningCertificateV2")), of.get(xades("SigningCertificate"))
    if newer is not None and older is not None:
        raise wrong("SigningCertificate")
    holder = newer if newer is not None else older
    found = tuple(_certificate(each) for each in parts(holder)) if holder is not None else ()
    if holder is not None and not found:
        raise wrong(name_of(holder))
    return found


def _certificate(element: Element) -> NamedCertificate:
    children = parts(element, "URI")
    told = parts(the_one(children[:1], xades("CertDigest"), "Cert"))
    hash_name = read_digest(told[0]) if len(told) == 2 else ""
    digest = base64_of(the_one(told[1:], ds("DigestValue"), "CertDigest"))
    return NamedCertificate(hash_name, digest, _serial(children[1:]))


def _serial(rest: list[Element]) -> int | None:
    """The serial number, which the older form writes as text, the newer as DER of IssuerSerial (§5.2.2.2)."""
    if not rest:
        return None
    try:
        if rest[0].tag == xades("IssuerSerialV2"):
            return _number(base64_of(rest[0]))
        older = parts(the_one(rest, xades("IssuerSerial"), "Cert"))
        return int(check_text(the_one(older[1:], ds("X509SerialNumber"), "IssuerSerial"))[:60])
    except (Malformed, ValueError) as error:
        raise wrong("IssuerSerial", FaultCode.CERTIFICATE_NAMED_OTHERWISE) from error


def _number(issuer_serial: bytes) -> int:
    """The number in an IssuerSerial (RFC 5035 §5)."""
    content = der.whole(issuer_serial, der.SEQUENCE)
    _begin, end = der.slice_element(content, 0, der.SEQUENCE)
    return der.read_natural(der.whole(content[end:], der.INTEGER))
