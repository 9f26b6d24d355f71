"""The relying parties of the town: for now a shop that logs people in and shows what it was told about them.

A relying party knows its own key and the provider's published metadata. It sees a pairwise identifier and the claims
that the person agreed to share; never a card, a certificate or a PIN. It talks to the provider through public
interfaces only, so that what works here works for anybody's client.
"""

from warifu.services.client_key import ClientKey
from warifu.services.id_token import check_id_token, token_hash
from warifu.services.login import LoggedIn, PendingLogin, RelyingParty, begin, check_callback, complete, join, redeem
from warifu.services.provider import ProviderMetadata, discovery_address, read_object

__all__ = [
    "ClientKey",
    "LoggedIn",
    "PendingLogin",
    "ProviderMetadata",
    "RelyingParty",
    "begin",
    "check_callback",
    "check_id_token",
    "complete",
    "discovery_address",
    "join",
    "read_object",
    "redeem",
    "token_hash",
]
