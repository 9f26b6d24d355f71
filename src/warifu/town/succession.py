"""The town's provider as a recipient of the authorities' services: it asks what a certificate took the place of.

::

    <town>/provider/succession.token    the provider's bearer token, of scope ``links``
"""

from datetime import date
from pathlib import Path

from warifu.ca import Recipient, RecipientKind
from warifu.errors import AlreadyAnswered
from warifu.pki import CertificateKind
from warifu.ports import Clock, Entropy
from warifu.town.addresses import Addresses
from warifu.wire.authority import SERVICES_PATH, Access, Authorities
from warifu.wire.key_files import write_private
from warifu.wire.provider import SuccessionClient

__all__ = ["succession_client"]

_PROVIDER = Recipient(
    "70726f7669646572" + "0" * 16,
    "割符 認証（模擬）",
    RecipientKind.ADMINISTRATIVE_ORGAN,
    frozenset({CertificateKind.AUTHENTICATION}),
    date(2020, 1, 1),
)
"""In life the provider of マイナアプリ is the Digital Agency: an administrative organ (第36条第1項)."""
_NAME = "provider"


def succession_client(
    folder: Path, authorities: Authorities, at: Addresses, clock: Clock, entropy: Entropy
) -> SuccessionClient:
    """The town's provider asking its authorities; it is registered with them, and its token made, the first time."""
    path = folder / "provider" / "succession.token"
    if not path.exists():
        access = Access.of(authorities.engine, clock, entropy)
        access.recipients.register(_PROVIDER)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, _new_token(access).encode("ascii"))
    return SuccessionClient(at.authorities + SERVICES_PATH, path.read_text("ascii"))


def _new_token(access: Access) -> str:
    """One whose file was lost is withdrawn."""
    try:
        return access.tokens.make(_NAME, {"links"}, _PROVIDER.id)
    except AlreadyAnswered:
        access.tokens.withdraw(_NAME)
        return access.tokens.make(_NAME, {"links"}, _PROVIDER.id)
