"""What the maker of a device says about a new key, and whether the operator believes that maker.

No attestation is required: synced passkeys have none. What one adds is the knowledge that the key is in hardware. Of a
chain only the signatures are checked, up to a certificate that the operator names; makers' certificates outlive their
dates in devices that are in use (WebAuthn §7.1 asks for no more than trust in the root).
"""

import struct
from collections.abc import Collection

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from fido2.attestation.base import Attestation as Format
from fido2.attestation.base import (
    AttestationResult,
    AttestationType,
    InvalidAttestation,
    UnsupportedType,
    verify_x509_chain,
)
from fido2.webauthn import AttestationObject

from warifu.errors import PasskeyRefused
from warifu.idp.passkey import Attestation

_WRONG = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    InvalidSignature,
    UnsupportedAlgorithm,
    struct.error,
)


def attestation_of(attested: AttestationObject, client_data_hash: bytes, makers: Collection[bytes]) -> Attestation:
    """What is said about a new key; a format nobody knows says nothing that could be believed.

    Raises:
        PasskeyRefused: somebody vouches, and the signature or what is signed is wrong.
    """
    try:
        result = Format.for_type(attested.fmt)().verify(attested.att_stmt, attested.auth_data, client_data_hash)
    except UnsupportedType:
        return Attestation.UNTRUSTED
    except (InvalidAttestation, *_WRONG) as error:
        raise PasskeyRefused("the attestation does not verify") from error
    if result.attestation_type is AttestationType.NONE:
        return Attestation.NONE
    if result.attestation_type is AttestationType.SELF:
        return Attestation.SELF
    return Attestation.TRUSTED if _leads_to(result, makers) else Attestation.UNTRUSTED


def _leads_to(result: AttestationResult, makers: Collection[bytes]) -> bool:
    """Whether the chain ends at a maker's certificate, or at one that a maker's key signed."""
    path = result.trust_path
    if not path:
        return False
    try:
        issuer = x509.load_der_x509_certificate(path[-1]).issuer
        roots = [maker for maker in makers if x509.load_der_x509_certificate(maker).subject == issuer]
        for root in roots:
            if root == path[-1]:
                verify_x509_chain(path)
                return True
            verify_x509_chain([*path, root])
            return True
    except (InvalidAttestation, *_WRONG):
        return False
    return path[-1] in makers
