"""The OpenID provider's store and HTTP: `ProviderService` works over a database, `application` serves it.

::

    engine = open_database(path, "provider")
    trust = Trust(anchors, gather, card_anchors)
    service = ProviderService(engine, Provider(origin), trust, signer, secret, SystemClock(), SystemEntropy())
    service.register(Client(...))
    app = application(service, Places(phone=..., companion=...))
"""

from warifu.wire.provider.application import application
from warifu.wire.provider.audit_store import check_chain
from warifu.wire.provider.auditing import Auditing
from warifu.wire.provider.cookie import cookie_of, set_cookie
from warifu.wire.provider.key_store import read_schedule
from warifu.wire.provider.keys import open_secret, open_signer
from warifu.wire.provider.login import Places
from warifu.wire.provider.protocol import begin_login, redirect
from warifu.wire.provider.rotation import (
    KeyRoom,
    OneKey,
    ScheduledKeys,
    SigningKeys,
    announce,
    enter_first,
    retire,
)
from warifu.wire.provider.service import Begun, ProviderService, Shared
from warifu.wire.provider.store import read_client, read_login, save_login
from warifu.wire.provider.verifying import Gather, Trust

__all__ = [
    "Auditing",
    "Begun",
    "Gather",
    "KeyRoom",
    "OneKey",
    "Places",
    "ProviderService",
    "ScheduledKeys",
    "Shared",
    "SigningKeys",
    "Trust",
    "announce",
    "application",
    "begin_login",
    "check_chain",
    "cookie_of",
    "enter_first",
    "open_secret",
    "open_signer",
    "read_client",
    "read_login",
    "read_schedule",
    "redirect",
    "retire",
    "save_login",
    "set_cookie",
]
