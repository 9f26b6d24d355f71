"""The resident's own page at the provider: it is logged in to like any client, and nobody but the provider is it.

The page asks for the subject alone. Its code is redeemed in the process itself: what proves that the same browser comes
back is the verifier of PKCE, which that browser holds in a cookie (RFC 7636).
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from warifu.errors import NotAllowed
from warifu.idp.client import Client
from warifu.idp.encoding import base64url, random_token
from warifu.idp.login import Login
from warifu.idp.parameters import Parameters
from warifu.idp.profile import Provider
from warifu.ports import Entropy

__all__ = ["ACCOUNT", "ACCOUNT_NAME", "ACCOUNT_SESSION", "account_client", "account_request", "check_account_login"]

ACCOUNT = "account"
"""The client id of the page; no other client gets it."""
ACCOUNT_SESSION = timedelta(minutes=10)
"""How long the page stays open after a login: what is on it is personal, and what it does cannot be undone."""
ACCOUNT_NAME = "ログインの記録 / Your logins"
"""What the page is called where the reader's language is not known; pages say it in theirs."""
_CALLBACK = "/account/callback"


def account_client(provider: Provider) -> Client:
    """The page as a client: with a key that no assertion can be signed with, so that nobody redeems its codes.

    Its logins are strong ones: who relayed one could reset every identifier, which costs far more than one login.
    """
    keys = {"keys": [{"kty": "none", "kid": "nobody"}]}
    return Client(ACCOUNT, ACCOUNT_NAME, (provider.origin + _CALLBACK,), keys, ("openid",), phishing_resistant=True)


def account_request(provider: Provider, entropy: Entropy) -> tuple[Parameters, str]:
    """The page's authorization request, and the verifier for the cookie of the browser that begins."""
    verifier = random_token(entropy)
    challenge = base64url(hashlib.sha256(verifier.encode()).digest())
    asked = {
        "response_type": provider.profile.response_type,
        "scope": "openid",
        "client_id": ACCOUNT,
        "redirect_uri": provider.origin + _CALLBACK,
        "state": random_token(entropy),
        "nonce": random_token(entropy),
        "code_challenge": challenge,
        "code_challenge_method": provider.profile.code_challenge_method,
    }
    return Parameters(list(asked.items())), verifier


def check_account_login(login: Login | None, verifier: str | None, now: datetime) -> Login:
    """Check that a code opens the page in this browser.

    Raises:
        NotAllowed: the code is unknown, another client's, spent or too old, or it was begun in another browser.
    """
    if login is None or login.code is None or login.request.client_id != ACCOUNT:
        raise NotAllowed("the code is not for this page")
    if login.code.spent or now >= login.code.expires_at:
        raise NotAllowed("the code has been used or is too old")
    challenge = base64url(hashlib.sha256((verifier or "").encode()).digest())
    if verifier is None or not hmac.compare_digest(challenge.encode(), login.request.code_challenge.encode()):
        raise NotAllowed("the login was begun in another browser")
    return login
