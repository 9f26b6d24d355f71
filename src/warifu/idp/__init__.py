"""The OpenID provider: lets a person log in to a client with the card's user authentication certificate.

In life: the authentication API (認証API) of マイナアプリ, before 2026-08 デジタル認証アプリ. It knows its clients, a
random number for each person it has met, a random subject for each person at each client, and keyed hashes of
certificates. It holds the four basic attributes from the moment the card is read until the access token ends. It never
sees a PIN, speaks no card, and keeps neither serial numbers nor certificates nor anything about the individual number.

It talks to browsers (`begin`, `callback`), to the phone or companion at the card (`Login.invitation`, `complete`,
`check_allowed`, `deny`), and to clients' servers (`check_assertion`, `redeem`, `userinfo`). Everything here is a
decision over values handed in; `warifu.wire.provider` fetches and keeps them.
"""

from warifu.idp.account import (
    ACCOUNT,
    ACCOUNT_NAME,
    ACCOUNT_SESSION,
    account_client,
    account_request,
    check_account_login,
)
from warifu.idp.answer import (
    check_answer,
    complete,
    decision_token,
    end,
    expected_challenge,
    find_decision_token,
    refuse,
    shared_scopes,
)
from warifu.idp.assertion import ASSERTION_TYPE, AssertionUse, check_keys, replayed, unverified_issuer
from warifu.idp.assertion import check as check_assertion
from warifu.idp.assurance import Assurance, Proofed
from warifu.idp.audit import Act, AuditEntry, AuditHead, AuditKey, TokenKind
from warifu.idp.authorize import begin, client_id
from warifu.idp.claims import ATTRIBUTE_SCOPES, claims_for
from warifu.idp.client import Client
from warifu.idp.client_form import check_client, check_one_way, client_assertion
from warifu.idp.code_redeeming import TokenRequest
from warifu.idp.consent import (
    KEPT_FOR,
    ConsentEvent,
    Decision,
    Receipt,
    Received,
    agreed_items,
    text_version,
)
from warifu.idp.decide import Callback, allow, callback, check_allowed, deny, new_person, new_subject
from warifu.idp.discovery import discovery, jwks
from warifu.idp.encoding import base64url, random_token, segment
from warifu.idp.ending import (
    LOGOUT_EVENT,
    ClientSession,
    LogoutRequest,
    check_return,
    logout_token,
    read_logout,
    session_of,
)
from warifu.idp.hand_over import (
    HandOver,
    HandOverStage,
    Taken,
    Way,
    begin_hand_over,
    code_secret,
    link_secret,
    renew_code,
    resists_phishing,
    take,
    way_of,
)
from warifu.idp.hand_over_answer import Answering, Side, answering_side, assured, check_end, finish_token
from warifu.idp.hand_over_digits import Digits, Drawn, read_digits
from warifu.idp.hand_over_match import renew_digits, type_digits
from warifu.idp.hearing import Finding, Hearing, Standing
from warifu.idp.hearing_authorization import hear_authorization
from warifu.idp.hearing_client import Presence
from warifu.idp.hearing_resource import Submission, hear_result, hear_submission, hear_userinfo
from warifu.idp.hearing_token import Known, hear_push, hear_token
from warifu.idp.id_token import IdTokenSigner, Session, at_hash
from warifu.idp.identity import How, Link, Recognised, Recognition, Related, Trace, Unasked, recognise, traces
from warifu.idp.key_schedule import KeySchedule, KeyState, SigningKey, longest_signed
from warifu.idp.login import Answered, AuthorizationRequest, Code, Login, Refusal, SigningTransaction, Status
from warifu.idp.pace import Pace
from warifu.idp.parameters import Parameters
from warifu.idp.passkey import Attestation, CardEvent, Dropped, Passkey, check_may_serve
from warifu.idp.passkey_answer import EnrolmentAnswer, PasskeyAnswer
from warifu.idp.passkey_backing import (
    Backing,
    backed,
    backing_for,
    backing_of,
    open_of_device,
    open_of_login,
    open_of_session,
    seal_for_device,
    seal_for_login,
    seal_for_session,
)
from warifu.idp.passkey_ceremony import (
    Ceremony,
    Purpose,
    check_may_enrol,
    check_room,
    creation_options,
    request_options,
    rp_id,
)
from warifu.idp.passkey_check import check_enrolment, check_passkey
from warifu.idp.passkey_login import complete_by_passkey, find_passkey_decision
from warifu.idp.passkey_profile import PasskeyProfile
from warifu.idp.profile import (
    DA_COMPAT,
    FAPI2,
    PROFILES,
    BirthDateFormat,
    GenderFormat,
    Limit,
    Offer,
    Profile,
    Provider,
)
from warifu.idp.proof import Proof, check_proof, replayed_proof
from warifu.idp.pushed import PushedRequest, push, pushed_reference, take_pushed
from warifu.idp.refresh import RefreshRequest, RefreshToken
from warifu.idp.refusals import refusal_for, refusals
from warifu.idp.resource import check_owner, introspected, read_token_named
from warifu.idp.responding import callback_url, refusal_url
from warifu.idp.rules import RULES, Rule
from warifu.idp.secret import Secret, fingerprint
from warifu.idp.sector import SectorChange, check_sector, moved, sector_of
from warifu.idp.session import session_id
from warifu.idp.signing import (
    ServiceToken,
    begin_signing,
    check_operator_keys,
    grant_service_token,
    read_result,
    sealed,
    sealed_for,
    signing_reference,
    unsealed,
)
from warifu.idp.signing_profile import SIGN_SCOPE, SigningProfile
from warifu.idp.tokens import (
    AccessToken,
    Denial,
    Grant,
    asks_for_service,
    check_proved,
    redeem,
    redeem_refresh,
    without_claims,
)
from warifu.idp.tokens import read as read_token_request
from warifu.idp.userinfo import NoToken, Presented, read_bearer, read_presented, userinfo

__all__ = [
    "ACCOUNT",
    "ACCOUNT_NAME",
    "ACCOUNT_SESSION",
    "ASSERTION_TYPE",
    "ATTRIBUTE_SCOPES",
    "DA_COMPAT",
    "FAPI2",
    "KEPT_FOR",
    "LOGOUT_EVENT",
    "PROFILES",
    "RULES",
    "SIGN_SCOPE",
    "AccessToken",
    "Act",
    "Answered",
    "Answering",
    "AssertionUse",
    "Assurance",
    "Attestation",
    "AuditEntry",
    "AuditHead",
    "AuditKey",
    "AuthorizationRequest",
    "Backing",
    "BirthDateFormat",
    "Callback",
    "CardEvent",
    "Ceremony",
    "Client",
    "ClientSession",
    "Code",
    "ConsentEvent",
    "Decision",
    "Denial",
    "Digits",
    "Drawn",
    "Dropped",
    "EnrolmentAnswer",
    "Finding",
    "GenderFormat",
    "Grant",
    "HandOver",
    "HandOverStage",
    "Hearing",
    "How",
    "IdTokenSigner",
    "KeySchedule",
    "KeyState",
    "Known",
    "Limit",
    "Link",
    "Login",
    "LogoutRequest",
    "NoToken",
    "Offer",
    "Pace",
    "Parameters",
    "Passkey",
    "PasskeyAnswer",
    "PasskeyProfile",
    "Presence",
    "Presented",
    "Profile",
    "Proof",
    "Proofed",
    "Provider",
    "Purpose",
    "PushedRequest",
    "Receipt",
    "Received",
    "Recognised",
    "Recognition",
    "RefreshRequest",
    "RefreshToken",
    "Refusal",
    "Related",
    "Rule",
    "Secret",
    "SectorChange",
    "ServiceToken",
    "Session",
    "Side",
    "SigningKey",
    "SigningProfile",
    "SigningTransaction",
    "Standing",
    "Status",
    "Submission",
    "Taken",
    "TokenKind",
    "TokenRequest",
    "Trace",
    "Unasked",
    "Way",
    "account_client",
    "account_request",
    "agreed_items",
    "allow",
    "answering_side",
    "asks_for_service",
    "assured",
    "at_hash",
    "backed",
    "backing_for",
    "backing_of",
    "base64url",
    "begin",
    "begin_hand_over",
    "begin_signing",
    "callback",
    "callback_url",
    "check_account_login",
    "check_allowed",
    "check_answer",
    "check_assertion",
    "check_client",
    "check_end",
    "check_enrolment",
    "check_keys",
    "check_may_enrol",
    "check_may_serve",
    "check_one_way",
    "check_operator_keys",
    "check_owner",
    "check_passkey",
    "check_proof",
    "check_proved",
    "check_return",
    "check_room",
    "check_sector",
    "claims_for",
    "client_assertion",
    "client_id",
    "code_secret",
    "complete",
    "complete_by_passkey",
    "creation_options",
    "decision_token",
    "deny",
    "discovery",
    "end",
    "expected_challenge",
    "find_decision_token",
    "find_passkey_decision",
    "fingerprint",
    "finish_token",
    "grant_service_token",
    "hear_authorization",
    "hear_push",
    "hear_result",
    "hear_submission",
    "hear_token",
    "hear_userinfo",
    "introspected",
    "jwks",
    "link_secret",
    "logout_token",
    "longest_signed",
    "moved",
    "new_person",
    "new_subject",
    "open_of_device",
    "open_of_login",
    "open_of_session",
    "push",
    "pushed_reference",
    "random_token",
    "read_bearer",
    "read_digits",
    "read_logout",
    "read_presented",
    "read_result",
    "read_token_named",
    "read_token_request",
    "recognise",
    "redeem",
    "redeem_refresh",
    "refusal_for",
    "refusal_url",
    "refusals",
    "refuse",
    "renew_code",
    "renew_digits",
    "replayed",
    "replayed_proof",
    "request_options",
    "resists_phishing",
    "rp_id",
    "seal_for_device",
    "seal_for_login",
    "seal_for_session",
    "sealed",
    "sealed_for",
    "sector_of",
    "segment",
    "session_id",
    "session_of",
    "shared_scopes",
    "signing_reference",
    "take",
    "take_pushed",
    "text_version",
    "traces",
    "type_digits",
    "unsealed",
    "unverified_issuer",
    "userinfo",
    "way_of",
    "without_claims",
]
