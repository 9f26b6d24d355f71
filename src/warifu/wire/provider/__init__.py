"""The OpenID provider's store and HTTP: `ProviderService` works over a database, `application` serves it.

::

    engine = open_database(path, "provider")
    trust = Trust(anchors, gather, card_anchors)
    service = ProviderService(engine, Provider(origin), trust, signer, secret, SystemClock(), SystemEntropy())
    service.register(Client(...))
    app = application(service, Places(phone=..., companion=...))
"""

from warifu.wire.provider.addresses import Proxies
from warifu.wire.provider.application import application
from warifu.wire.provider.audit_store import check_chain
from warifu.wire.provider.auditing import Auditing
from warifu.wire.provider.certificate_keys import (
    Generation,
    add_certificate_key,
    list_certificate_keys,
    retire_certificate_key,
)
from warifu.wire.provider.cookie import cookie_of, set_cookie
from warifu.wire.provider.guard import Guard
from warifu.wire.provider.identities import AskSuccession
from warifu.wire.provider.key_store import read_schedule
from warifu.wire.provider.keys import open_secret, open_signer
from warifu.wire.provider.limiting import Limiter, Limits
from warifu.wire.provider.login import Places, problem_page
from warifu.wire.provider.looking import assertion_spent, find_pushed_request
from warifu.wire.provider.protocol import begin_login, check_form, redirect
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
from warifu.wire.provider.signing import check_json
from warifu.wire.provider.signing_store import find_service_token, find_transaction
from warifu.wire.provider.store import (
    find_access_token,
    find_client,
    find_login_of_code,
    find_refresh_token,
    read_client,
    read_login,
    save_login,
)
from warifu.wire.provider.succession import SuccessionClient
from warifu.wire.provider.verifying import Gather, Trust

__all__ = [
    "AskSuccession",
    "Auditing",
    "Begun",
    "Gather",
    "Generation",
    "Guard",
    "KeyRoom",
    "Limiter",
    "Limits",
    "OneKey",
    "Places",
    "ProviderService",
    "Proxies",
    "ScheduledKeys",
    "Shared",
    "SigningKeys",
    "SuccessionClient",
    "Trust",
    "add_certificate_key",
    "announce",
    "application",
    "assertion_spent",
    "begin_login",
    "check_chain",
    "check_form",
    "check_json",
    "cookie_of",
    "enter_first",
    "find_access_token",
    "find_client",
    "find_login_of_code",
    "find_pushed_request",
    "find_refresh_token",
    "find_service_token",
    "find_transaction",
    "list_certificate_keys",
    "open_secret",
    "open_signer",
    "problem_page",
    "read_client",
    "read_login",
    "read_schedule",
    "redirect",
    "retire",
    "retire_certificate_key",
    "save_login",
    "set_cookie",
]
