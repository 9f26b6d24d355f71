"""What must be true of each extension of an end-entity certificate, checked on its encoding.

Values that many certificates share (policies, names, addresses) are remembered by their bytes.
"""

import hashlib
from functools import lru_cache, partial

from warifu.errors import WrongKeyUsage, WrongPolicy, WrongProfile
from warifu.pki import der, slices
from warifu.pki.keys import ALGORITHMS
from warifu.pki.names import CertificateKind, Medium
from warifu.pki.reading import OfProfile, Reading
from warifu.pki.slices import ExtensionBlock, ExtensionSlice, UnverifiedCertificate

_KEY_USAGES = {
    CertificateKind.AUTHENTICATION: bytes.fromhex("03020780"),
    CertificateKind.SIGNING: bytes.fromhex("030206C0"),
}
_CLIENT_AUTHENTICATION = der.encode(der.SEQUENCE, der.object_identifier("1.3.6.1.5.5.7.3.2"))
_POLICIES = {
    der.object_identifier(kind.policy_on(medium)): (kind, medium) for kind in CertificateKind for medium in Medium
}
_CPS = der.object_identifier("1.3.6.1.5.5.7.2.1")
_OCSP = der.object_identifier("1.3.6.1.5.5.7.48.1")
_DIRECTORY_NAME = der.explicit(4)
_URI = der.implicit(6)
_IA5_STRING = 0x16

_RULES_FOR_BOTH = {
    slices.KEY_USAGE,
    slices.CERTIFICATE_POLICIES,
    slices.ISSUER_ALTERNATIVE_NAME,
    slices.CRL_DISTRIBUTION_POINTS,
    slices.AUTHORITY_INFORMATION_ACCESS,
    slices.AUTHORITY_KEY_IDENTIFIER,
    slices.SUBJECT_KEY_IDENTIFIER,
}
_KNOWN = {
    CertificateKind.AUTHENTICATION: _RULES_FOR_BOTH | {slices.EXTENDED_KEY_USAGE},
    CertificateKind.SIGNING: _RULES_FOR_BOTH | {slices.SUBJECT_ALTERNATIVE_NAME},
}


def check_profile(certificate: UnverifiedCertificate, kind: CertificateKind) -> None:
    """Check everything that the profile of `kind` fixes, but for names that only the issuer can tell.

    Extensions that the profile does not know are let pass if they are well-formed and not critical (RFC 5280 §4.2);
    their order is not checked, so that a later edition of the profile can add some.

    Raises:
        WrongPolicy: the one policy is not that of `kind`.
        WrongKeyUsage: keyUsage or extKeyUsage is not exactly that of `kind`.
        WrongProfile: anything else.
    """
    shared = kind is CertificateKind.AUTHENTICATION or certificate.personal is not None
    check_block = _CHECK_SHARED_BLOCK[kind is CertificateKind.SIGNING] if shared else partial(_check_block, kind)
    has_others = check_block(certificate.block, certificate.issuer)
    if kind is CertificateKind.SIGNING:
        _ = certificate.personal_data
    elif certificate.personal is not None:
        has_others = True
    if certificate.algorithm not in _ALGORITHMS:
        raise WrongProfile("the certificate is signed with another algorithm")
    _check_subject(certificate.subject, kind)
    if _subject_key_id(certificate) != key_id(certificate.public_key_info):
        raise WrongProfile("subjectKeyIdentifier is not the SHA-1 of the public key")
    if has_others:
        _check_others(certificate, kind)


def _check_block(kind: CertificateKind, block: ExtensionBlock, issuer: bytes) -> bool:
    """Check the issuer's name and all extensions but the holder's own; whether there are some that no profile knows."""
    if _kind_of_block(block) is not kind:
        raise WrongPolicy("the certificate is of the other kind")
    _check_key_usage(block, kind)
    directory_name(_plain(block, slices.ISSUER_ALTERNATIVE_NAME))
    distribution_point(_plain(block, slices.CRL_DISTRIBUTION_POINTS))
    if slices.AUTHORITY_INFORMATION_ACCESS in block.slices:
        ocsp_address(_plain(block, slices.AUTHORITY_INFORMATION_ACCESS))
    _check_authority_key_identifier(_plain(block, slices.AUTHORITY_KEY_IDENTIFIER), issuer)
    check_name(issuer)
    return bool(block.slices.keys() - _KNOWN[kind])


# Blocks are told apart by identity: those without personal data are cut once for each municipality. One memory for each
# kind, because the hash of an Enum is computed in Python.
_CHECK_SHARED_BLOCK = (
    lru_cache(maxsize=4096)(partial(_check_block, CertificateKind.AUTHENTICATION)),
    lru_cache(maxsize=4096)(partial(_check_block, CertificateKind.SIGNING)),
)


_ALGORITHMS = frozenset({ALGORITHMS["RS256"], ALGORITHMS["ES384"]})
"""RSA and SHA-256 of today's cards; P-384 and SHA-384 of the next."""


def kind_of(certificate: UnverifiedCertificate) -> CertificateKind:
    """The kind whose policy the certificate names.

    Raises:
        WrongPolicy: no policy, more than one, or another one.
        WrongProfile: the extension is not critical or its qualifier is another one.
    """
    return _kind_of_block(certificate.block)


def medium_of(certificate: UnverifiedCertificate) -> Medium:
    """The medium whose policy the certificate names.

    Raises:
        WrongPolicy, WrongProfile: as `kind_of`.
    """
    return _policy_of_block(certificate.block)[1]


def _kind_of_block(block: ExtensionBlock) -> CertificateKind:
    return _policy_of_block(block)[0]


def _policy_of_block(block: ExtensionBlock) -> tuple[CertificateKind, Medium]:
    extension = block.slices.get(slices.CERTIFICATE_POLICIES)
    if extension is None:
        raise WrongPolicy("the certificate has no policy")
    if not extension.critical:
        raise WrongProfile("certificatePolicies is not critical")
    return _read_policy(extension.value)


@lru_cache(maxsize=64)
def _read_policy(value: bytes) -> tuple[CertificateKind, Medium]:
    """Exactly one policy of ours with exactly one qualifier, the practice statement's address."""
    with OfProfile("certificatePolicies"):
        policies = der.whole(value, der.SEQUENCE)
        begin, end = der.slice_element(policies, 0, der.SEQUENCE)
        if end != len(policies):
            raise WrongPolicy("the certificate has more than one policy")
        policy = policies[begin:end]
        _, oid_end = der.slice_element(policy, 0, der.OID)
        named = _POLICIES.get(policy[:oid_end])
        if named is None:
            raise WrongPolicy("the certificate has another policy")
        qualifier = der.whole(der.whole(policy[oid_end:], der.SEQUENCE), der.SEQUENCE)
        if not qualifier.startswith(_CPS):
            raise WrongProfile("the policy has another qualifier")
        _ascii(der.whole(qualifier[len(_CPS) :], _IA5_STRING))
        return named


def _check_key_usage(block: ExtensionBlock, kind: CertificateKind) -> None:
    usage = block.slices.get(slices.KEY_USAGE)
    if usage is None or not usage.critical or usage.value != _KEY_USAGES[kind]:
        raise WrongKeyUsage("keyUsage is not the one of this kind of certificate")
    extended = block.slices.get(slices.EXTENDED_KEY_USAGE)
    if kind is CertificateKind.AUTHENTICATION and extended != ExtensionSlice(False, _CLIENT_AUTHENTICATION):
        raise WrongKeyUsage("extKeyUsage is not clientAuth")
    if kind is CertificateKind.SIGNING and extended is not None:
        raise WrongKeyUsage("a signing certificate has no extKeyUsage")


def _check_others(certificate: UnverifiedCertificate, kind: CertificateKind) -> None:
    with Reading("certificate extension"):
        certificate.certificate.extensions  # noqa: B018  cryptography reads those it knows
    if slices.BASIC_CONSTRAINTS in certificate.block.slices:
        raise WrongProfile("a holder's certificate has no basicConstraints")
    if slices.SUBJECT_ALTERNATIVE_NAME in certificate.extensions and kind is CertificateKind.AUTHENTICATION:
        raise WrongProfile("an authentication certificate has no subjectAltName")
    unknown = certificate.block.slices.keys() - _KNOWN[kind]
    if any(certificate.block.slices[oid].critical for oid in unknown):
        raise WrongProfile("the certificate has an unknown critical extension")


def _plain(block: ExtensionBlock, oid: bytes) -> bytes:
    """The value of an extension that is there and not critical."""
    extension = block.slices.get(oid)
    if extension is None or extension.critical:
        raise WrongProfile("an extension of the profile is missing or critical")
    return extension.value


@lru_cache(maxsize=64)
def directory_name(value: bytes) -> bytes:
    """The Name in GeneralNames that have one directoryName only."""
    with OfProfile("a directory name"):
        name = der.whole(der.whole(value, der.SEQUENCE), _DIRECTORY_NAME)
        check_name(name)
        return name


@lru_cache(maxsize=4096)
def distribution_point(value: bytes) -> bytes:
    """The fullName (DER of GeneralNames' content) of the one distribution point: one directoryName, nothing else.

    There are about 1,900 in each authority: one for every municipality and ward.
    """
    with OfProfile("cRLDistributionPoints"):
        point = der.whole(der.whole(value, der.SEQUENCE), der.SEQUENCE)
        full_name = der.whole(der.whole(point, der.explicit(0)), der.explicit(0))
        check_name(der.whole(full_name, _DIRECTORY_NAME))
        return full_name


@lru_cache(maxsize=64)
def ocsp_address(value: bytes) -> str:
    """The address of the one access description, which is OCSP's."""
    with OfProfile("authorityInfoAccess"):
        access = der.whole(der.whole(value, der.SEQUENCE), der.SEQUENCE)
        if not access.startswith(_OCSP):
            raise WrongProfile("authorityInfoAccess is not OCSP's")
        return _ascii(der.whole(access[len(_OCSP) :], _URI))


@lru_cache(maxsize=64)
def _check_authority_key_identifier(value: bytes, issuer: bytes) -> None:
    """All three parts, the second naming the certificate's own issuer (the authority signs itself)."""
    with OfProfile("authorityKeyIdentifier"):
        begin, end = der.slice_element(value, 0, der.SEQUENCE)
        key, key_end = der.slice_element(value, begin, der.implicit(0))
        name, name_end = der.slice_element(value, key_end, der.explicit(1))
        serial, serial_end = der.slice_element(value, name_end, der.implicit(2))
        if (serial_end, end) != (end, len(value)) or key_end - key != 20 or serial == serial_end:
            raise WrongProfile("authorityKeyIdentifier does not have its three parts")
        if der.whole(value[name:name_end], _DIRECTORY_NAME) != issuer:
            raise WrongProfile("authorityKeyIdentifier names another authority")
        if value[serial] & 0x80 or (value[serial] == 0 and serial_end - serial > 1 and not value[serial + 1] & 0x80):
            raise WrongProfile("authorityKeyIdentifier has another form of serial number")


def _subject_key_id(certificate: UnverifiedCertificate) -> bytes:
    """The 20 bytes of subjectKeyIdentifier, wherever it stands."""
    if certificate.subject_key_id is not None:
        return certificate.subject_key_id
    with OfProfile("subjectKeyIdentifier"):
        return der.whole(_plain(certificate.block, slices.SUBJECT_KEY_IDENTIFIER), der.OCTET_STRING)


# SubjectPublicKeyInfo of a P-384 key (RFC 5480 §2), up to the coordinates of an uncompressed point.
_P384 = bytes.fromhex("3076301006072a8648ce3d020106052b8104002203620004")
_P384_LENGTH = len(_P384) + 2 * 48


def is_p384(public_key_info: bytes) -> bool:
    """Whether the encoding is that of a P-384 key by name with both coordinates: the only one the profile has."""
    return len(public_key_info) == _P384_LENGTH and public_key_info.startswith(_P384)


# SubjectPublicKeyInfo of an RSA key of 2048 bits, up to the bits themselves; what they begin with, up to the modulus;
# and what follows that, the usual exponent.
_RSA_2048 = bytes.fromhex("30820122300d06092a864886f70d01010105000382010f00")
_MODULUS_2048 = _RSA_2048 + bytes.fromhex("3082010a0282010100")
_EXPONENT = bytes.fromhex("0203010001")


def is_rsa_2048(public_key_info: bytes) -> bool:
    """Whether the encoding is that of an RSA key of exactly 2048 bits with exponent 65537, as all of today's are."""
    length = len(_MODULUS_2048)
    return (
        len(public_key_info) == length + 256 + len(_EXPONENT)
        and public_key_info.startswith(_MODULUS_2048)
        and public_key_info.endswith(_EXPONENT)
        and public_key_info[length] >= _SHORT
    )


def key_id(public_key_info: bytes) -> bytes:
    """SHA-1 of the public key's bits (RFC 5280 §4.2.1.2 method 1), 20 bytes: a name, not a protection."""
    if public_key_info.startswith(_RSA_2048):
        return hashlib.sha1(public_key_info[len(_RSA_2048) :], usedforsecurity=False).digest()
    begin, _ = der.slice_element(public_key_info, 0, der.SEQUENCE)
    _, algorithm_end = der.slice_element(public_key_info, begin, der.SEQUENCE)
    begin, end = der.slice_element(public_key_info, algorithm_end, der.BIT_STRING)
    return hashlib.sha1(public_key_info[begin + 1 : end], usedforsecurity=False).digest()


_COUNTRY = bytes.fromhex("310b3009060355040613024a50")  # C=JP, PrintableString
_COMMON_NAME = der.object_identifier("2.5.4.3")
_COMMON_NAME_TEXT = _COMMON_NAME + bytes((der.UTF8_STRING,))
_LOCALITY = der.object_identifier("2.5.4.7")
_ATTRIBUTES = frozenset({_COMMON_NAME, _LOCALITY, *map(der.object_identifier, ("2.5.4.10", "2.5.4.11"))})
_SUBJECTS = {
    CertificateKind.AUTHENTICATION: (_COMMON_NAME,),
    CertificateKind.SIGNING: (_LOCALITY, _LOCALITY, _COMMON_NAME),
}


def _check_subject(subject: bytes, kind: CertificateKind) -> None:
    """C, then what the kind has, each a UTF8String in a relative distinguished name of its own."""
    if kind is CertificateKind.AUTHENTICATION and len(subject) < _SHORT:
        _check_short_subject(subject)
        return
    with OfProfile("subject"):
        end = subject.rfind(_COMMON_NAME_TEXT) + len(_COMMON_NAME_TEXT) + 1
        if end > len(_COMMON_NAME_TEXT) and 0 < len(subject) - end == subject[end - 1] < _SHORT:
            _check_subject_until(subject[:end], len(subject) - end, kind)
            subject[end:].decode()
        elif utf8_attributes(subject)[0] != _SUBJECTS[kind]:
            raise WrongProfile("the subject has other parts than its kind")


@lru_cache(maxsize=4096)
def _check_subject_until(begin: bytes, length: int, kind: CertificateKind) -> None:
    """Check a subject up to its common name of `length` bytes: everything but this text is a municipality's."""
    if utf8_attributes(begin + b"-" * length)[0] != _SUBJECTS[kind]:
        raise WrongProfile("the subject has other parts than its kind")


def _check_short_subject(subject: bytes) -> None:
    """Compare with the only encoding of C=JP and a common name in as many bytes."""
    begin = _common_name_begin(len(subject))
    if len(begin) == len(subject) or not subject.startswith(begin):
        raise WrongProfile("the subject has other parts than its kind")
    try:
        subject[len(begin) :].decode()
    except UnicodeDecodeError as error:
        raise WrongProfile("subject has another form than the profile") from error


_SHORT = 0x80


@lru_cache(maxsize=_SHORT)
def _common_name_begin(length: int) -> bytes:
    """Everything before the text in a subject of `length` bytes (15..127) that is C=JP and a common name."""
    if length < 26:
        raise WrongProfile("the subject has no common name")
    head = (der.SEQUENCE, length - 2, *_COUNTRY, der.SET, length - 17, der.SEQUENCE, length - 19)
    return bytes((*head, *_COMMON_NAME, der.UTF8_STRING, length - 26))


def utf8_attributes(name: bytes) -> tuple[tuple[bytes, ...], tuple[str, ...]]:
    """Types and texts of a Name's attributes behind C=JP, each a UTF8String in an RDN of its own."""
    position, end = der.slice_element(name, 0, der.SEQUENCE)
    if end != len(name) or name[position : position + len(_COUNTRY)] != _COUNTRY:
        raise WrongProfile("a name does not begin with C=JP")
    position += len(_COUNTRY)
    types: list[bytes] = []
    texts: list[str] = []
    while position < end:
        inner, position = der.slice_element(name, position, der.SET)
        attribute, attribute_end = der.slice_element(name, inner, der.SEQUENCE)
        _, type_end = der.slice_element(name, attribute, der.OID)
        text, text_end = der.slice_element(name, type_end, der.UTF8_STRING)
        if not text_end == attribute_end == position or text == text_end or name[attribute:type_end] not in _ATTRIBUTES:
            raise WrongProfile("a name has an attribute of another form")
        types.append(name[attribute:type_end])
        texts.append(name[text:text_end].decode())
    return tuple(types), tuple(texts)


@lru_cache(maxsize=8192)
def check_name(name: bytes) -> None:
    """Check that a Name is C=JP and UTF8Strings.

    Raises:
        WrongProfile: it has another form.
    """
    with OfProfile("a name"):
        utf8_attributes(name)


def _ascii(text: bytes) -> str:
    return text.decode("ascii")
