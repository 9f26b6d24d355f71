"""Certificates of holders and authorities, each with one field or extension wrong."""

from collections.abc import Callable, Iterator
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.catalogue.spoiled import Spoiled, refusal
from tests.pki import world
from tests.pki.test_certificates import ADDED, PERSONAL_FAULTS, PROFILE_FAULTS, URI, USAGE, ca_changed, changed
from tests.pki.world import AUTHENTICATION, SIGNING
from warifu.pki import CaCertificate, EndEntityCertificate

PROFILE = "JPKI profile (公的個人認証サービス プロファイル仕様書)"


def holders() -> Iterator[Spoiled]:
    """Certificates of cards."""
    policy = x509.PolicyInformation(x509.ObjectIdentifier("1.2.392.200149.8.5.1.0.20"), [world.ADDRESSES.cps])
    yield _extension("another policy", x509.CertificatePolicies([policy]), True)
    yield _reissued("no policy", put={x509.CertificatePolicies: None})
    yield _extension("key usage of an encryption key", USAGE, True)
    yield _extension(
        "extended key usage of e-mail", x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False
    )
    yield from (_extension(wrong, *fault) for wrong, fault in PROFILE_FAULTS.items())
    yield from (_reissued(f"one extension more: {wrong}", add=(extra,)) for wrong, extra in ADDED.items())
    yield from (_reissued(f"{kind.__name__} missing", put={kind: None}) for kind in _REQUIRED)
    yield _reissued("signed with SHA-512", algorithm=hashes.SHA512())
    yield _reissued("subject in another country", subject=_subject(NameOID.COUNTRY_NAME, "US"))
    yield _reissued("subject with a surname", subject=_subject(NameOID.SURNAME, "x"))
    yield _short_key()
    yield from map(_personal, PERSONAL_FAULTS)
    yield _bytes("one byte missing", lambda der: der[:-1])
    yield _bytes("one byte more", lambda der: der + b"\0")
    yield _bytes("no DER", lambda _der: b"not DER")


_REQUIRED = (
    x509.KeyUsage,
    x509.ExtendedKeyUsage,
    x509.SubjectKeyIdentifier,
    x509.IssuerAlternativeName,
    x509.CRLDistributionPoints,
    x509.AuthorityKeyIdentifier,
)


def authorities() -> Iterator[Spoiled]:
    """Certificates of authorities."""
    issuer = world.authority(SIGNING)
    other = world.authority(AUTHENTICATION).certificate.subject
    unknown = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\0"), True)
    yield _authority("a path length", ca_changed(x509.BasicConstraints(ca=True, path_length=0), True))
    yield _authority("not an authority", ca_changed(x509.BasicConstraints(ca=False, path_length=None), True))
    yield _authority("key usage of an encryption key", ca_changed(USAGE, True))
    yield _authority("key identifier of another key", ca_changed(x509.SubjectKeyIdentifier(bytes(20)), False))
    yield _authority("not signed by itself", world.reissue(issuer.certificate_der, world.authority(SIGNING, 2)))
    yield _authority("issued by another authority", world.reissue(issuer.certificate_der, issuer, subject=other))
    yield _authority(
        "an unknown critical extension", world.reissue(issuer.certificate_der, issuer, add=(unknown,)), "RFC 5280 §4.2"
    )
    yield _authority("a holder's certificate", world.signing_certificate())


def _decoded(wrong: str, certificate: bytes, clause: str = PROFILE) -> Spoiled:
    return Spoiled(wrong, clause, lambda: refusal(lambda: EndEntityCertificate.decode(certificate)))


def _authority(wrong: str, certificate: bytes, clause: str = PROFILE) -> Spoiled:
    return Spoiled(wrong, clause, lambda: refusal(lambda: CaCertificate.decode(certificate)))


def _extension(wrong: str, value: x509.ExtensionType, critical: bool) -> Spoiled:
    return _decoded(wrong, changed(AUTHENTICATION, value, critical))


def _reissued(wrong: str, **changes: Any) -> Spoiled:
    return _decoded(
        wrong, world.reissue(world.authentication_certificate(), world.authority(AUTHENTICATION), **changes)
    )


def _subject(kind: x509.ObjectIdentifier, value: str) -> x509.Name:
    names = {NameOID.COUNTRY_NAME: "JP", NameOID.COMMON_NAME: "x"} | {kind: value}
    return x509.Name([x509.NameAttribute(name, text) for name, text in names.items()])


def _short_key() -> Spoiled:
    key = rsa.generate_private_key(65537, 1024).public_key()
    identifier = (x509.SubjectKeyIdentifier.from_public_key(key), False)
    return _reissued("an RSA key of 1024 bits", public_key=key, put={x509.SubjectKeyIdentifier: identifier})


def _personal(fault: str) -> Spoiled:
    certificate = x509.load_der_x509_certificate(world.signing_certificate())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    by_item = dict(zip((1, 4, 3, 5, 2, 6), names, strict=True))
    chosen = [by_item[item] for item in PERSONAL_FAULTS[fault]] or [URI]
    return _decoded(f"personal data: {fault}", changed(SIGNING, x509.SubjectAlternativeName(chosen), False))


def _bytes(wrong: str, spoil: Callable[[bytes], bytes]) -> Spoiled:
    return _decoded(wrong, spoil(world.authentication_certificate()), "ITU-T X.690 §10; RFC 5280 §4.1")
