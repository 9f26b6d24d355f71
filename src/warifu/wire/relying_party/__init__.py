"""The demonstration shop over HTTP: sends the browser to the provider, takes it back, shows what it was told.

Everything that decides is in `warifu.services`; here are the pages, the sessions and the calls to the provider.
"""

from warifu.wire.relying_party.conversation import Conversation
from warifu.wire.relying_party.shop import SESSION, Session, Shop, ShopSettings, application
from warifu.wire.relying_party.signing import Operator, Signed, SigningDesk

__all__ = [
    "SESSION",
    "Conversation",
    "Operator",
    "Session",
    "Shop",
    "ShopSettings",
    "Signed",
    "SigningDesk",
    "application",
]
