"""CMS signatures over anything: CAdES baseline B-B and B-T (RFC 5652; ETSI EN 319 122-1 §6)."""

from datetime import datetime

from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

from warifu.documents.cms_extending import extend_cms
from warifu.documents.level import Level
from warifu.documents.running import run
from warifu.documents.stamping import Stamp
from warifu.documents.witness import CardSigner, Witness

__all__ = ["sign_cms"]


def sign_cms(
    data: bytes, witness: Witness, at: datetime, *, attached: bool = False, stamp: Stamp | None = None
) -> bytes:
    """A signature over `data`, DER; `attached` puts the data inside, `stamp` adds a timestamp (baseline B-T).

    Wire: ContentInfo with SignedData; signed attributes contentType, messageDigest, signingTime `at` and
    signingCertificateV2; the holder's certificate and the authority's.

    Raises:
        WarifuError: whatever the witness or `stamp` raises when asked.
        Unavailable: the timestamp service gave no timestamp.
    """
    signed = run(
        CardSigner(witness).async_sign_general_data(
            data,
            witness.hash_name,
            detached=not attached,
            use_cades=True,
            signed_attr_settings=PdfCMSSignedAttributes(signing_time=at),
        )
    )
    encoded: bytes = signed.dump()
    # Not by pyHanko in one go: what asn1crypto holds as changed it encodes again and again, more often the deeper.
    return encoded if stamp is None else extend_cms(encoded, Level.T, stamp=stamp)
