"""What the maker of a device says about a new key, and whether the operator believes that maker.

No attestation is required: synced passkeys have none. What one adds is the knowledge that the key is in hardware. Of a
chain only the signatures are checked, up to a certificate that the operator names; makers' certificates outlive their
dates in devices that are in use (WebAuthn §7.1 asks for no more than trust in the root).

`fido2` reads what a stranger's browser sent and raises whatever it meets there (also `NotImplementedError` and
`AssertionError`): a statement that it cannot verify vouches for nobody.
"""

from collections.abc import Collection, Sequence

from cryptography import x509
from fido2.attestation.base import Attestation as Format
from fido2.attestation.base import (
    AttestationType,
    UnsupportedType,
    verify_x509_chain,
)
from fido2.webauthn import AttestationObject

from warifu.errors import PasskeyRefused
from warifu.idp.passkey import Attestation


def attestation_of(attested: AttestationObject, client_data_hash: bytes, makers: Collection[bytes]) -> Attestation:
    """What is said about a new key; a format nobody knows says nothing that could be believed.

    Raises:
        PasskeyRefused: somebody vouches, and the signature or what is signed is wrong.
    """
    try:
        result = Format.for_type(attested.fmt)().verify(attested.att_stmt, attested.auth_data, client_data_hash)
    except UnsupportedType:
        return Attestation.UNTRUSTED
    except Exception as error:
        raise PasskeyRefused("the attestation does not verify") from error
    if result.attestation_type is AttestationType.NONE:
        return Attestation.NONE
    if result.attestation_type is AttestationType.SELF:
        return Attestation.SELF
    believed = any(_leads_to(result.trust_path, maker) for maker in makers)
    return Attestation.TRUSTED if believed else Attestation.UNTRUSTED


def _leads_to(path: Sequence[bytes], maker: bytes) -> bool:
    """Whether each certificate is signed by the one after it, and the last is the maker's or signed by the maker.

    Anybody can put a maker's certificate at the end of a path: being there says nothing of the ones before it.
    """
    if not path:
        return False
    try:
        if path[-1] == maker:
            verify_x509_chain(list(path))
            return True
        last, above = (x509.load_der_x509_certificate(each) for each in (path[-1], maker))
        if last.issuer != above.subject:
            return False
        verify_x509_chain([*path, maker])
    except Exception:  # noqa: BLE001 - as above
        return False
    return True
