"""The OpenID provider: lets a person log in to a client with the card's user authentication certificate.

In life: the authentication API (認証API) of マイナアプリ, before 2026-08 デジタル認証アプリ. It knows its clients, a
random number for each person it has met, a random subject for each person at each client, and keyed hashes of
certificates. It holds the four basic attributes from the moment the card is read until the access token ends. It never
sees a PIN, speaks no card, and keeps neither serial numbers nor certificates nor anything about the individual number.

It talks to browsers (`begin`, `callback`), to the phone or companion at the card (`Login.invitation`, `complete`,
`check_allowed`, `deny`), and to clients' servers (`check_assertion`, `redeem`, `userinfo`). Everything here is a
decision over values handed in; `warifu.wire.provider` fetches and keeps them.
"""

from warifu.idp.answer import complete, decision_token, expected_challenge, find_decision_token, refuse, shared_scopes
from warifu.idp.assertion import ASSERTION_TYPE, AssertionUse, check_keys, replayed, unverified_issuer
from warifu.idp.assertion import check as check_assertion
from warifu.idp.authorize import begin, client_id
from warifu.idp.claims import ATTRIBUTE_SCOPES, claims_for
from warifu.idp.client import Client
from warifu.idp.decide import Callback, allow, callback, callback_url, check_allowed, deny, new_person, new_subject
from warifu.idp.discovery import discovery, jwks
from warifu.idp.id_token import IdTokenSigner, at_hash
from warifu.idp.login import Answered, AuthorizationRequest, Code, Login, Refusal, Status
from warifu.idp.parameters import Parameters
from warifu.idp.profile import DA_COMPAT, BirthDateFormat, GenderFormat, Limit, Profile, Provider
from warifu.idp.refusals import refusal_for, refusal_of_reason
from warifu.idp.secret import Secret, fingerprint
from warifu.idp.tokens import (
    AccessToken,
    Denial,
    Grant,
    TokenRequest,
    check_client,
    client_assertion,
    redeem,
    without_claims,
)
from warifu.idp.tokens import read as read_token_request
from warifu.idp.userinfo import NoToken, read_bearer, userinfo

__all__ = [
    "ASSERTION_TYPE",
    "ATTRIBUTE_SCOPES",
    "DA_COMPAT",
    "AccessToken",
    "Answered",
    "AssertionUse",
    "AuthorizationRequest",
    "BirthDateFormat",
    "Callback",
    "Client",
    "Code",
    "Denial",
    "GenderFormat",
    "Grant",
    "IdTokenSigner",
    "Limit",
    "Login",
    "NoToken",
    "Parameters",
    "Profile",
    "Provider",
    "Refusal",
    "Secret",
    "Status",
    "TokenRequest",
    "allow",
    "at_hash",
    "begin",
    "callback",
    "callback_url",
    "check_allowed",
    "check_assertion",
    "check_client",
    "check_keys",
    "claims_for",
    "client_assertion",
    "client_id",
    "complete",
    "decision_token",
    "deny",
    "discovery",
    "expected_challenge",
    "find_decision_token",
    "fingerprint",
    "jwks",
    "new_person",
    "new_subject",
    "read_bearer",
    "read_token_request",
    "redeem",
    "refusal_for",
    "refusal_of_reason",
    "refuse",
    "replayed",
    "shared_scopes",
    "unverified_issuer",
    "userinfo",
    "without_claims",
]
