"""The relying parties of the town: for now a shop that logs people in and shows what it was told about them.

A relying party knows its own key and the provider's published metadata. It sees a pairwise identifier and the claims
that the person agreed to share; never a card, a certificate or a PIN. It talks to the provider through public
interfaces only, so that what works here works for anybody's client.
"""

from warifu.services.client_key import ClientKey
from warifu.services.comparing import Difference, compare
from warifu.services.doctor import Finding, Health, clock_finding, metadata_findings, redirect_finding, token_finding
from warifu.services.exchange import Recording, Step
from warifu.services.id_token import check_id_token, token_hash
from warifu.services.login import LoggedIn, PendingLogin, RelyingParty, begin, check_callback, complete, join, redeem
from warifu.services.possession import PROOF_HEADER, HolderKey
from warifu.services.provider import ProviderMetadata, discovery_address, read_object
from warifu.services.pushing import SIGNED_RESPONSE, begin_pushed, pushed_address, read_response
from warifu.services.recording import Entry, answer_of, callback_of, read_har, record
from warifu.services.scrubbing import Labels
from warifu.services.settings import OFFICIAL, ClientSettings, Environment, environment_at
from warifu.services.signing import (
    SIGNING_SCOPES,
    ToBeSigned,
    begin_signing,
    for_operator,
    read_result,
    read_service_token,
    read_transaction,
    read_verification,
    service_token_form,
    submission,
)
from warifu.services.step_up import Demand, check_login_is, read_step_up, step_up_challenge
from warifu.services.token_reading import TOKEN_TIMES, UnverifiedToken, check_token, read_token

__all__ = [
    "OFFICIAL",
    "PROOF_HEADER",
    "SIGNED_RESPONSE",
    "SIGNING_SCOPES",
    "TOKEN_TIMES",
    "ClientKey",
    "ClientSettings",
    "Demand",
    "Difference",
    "Entry",
    "Environment",
    "Finding",
    "Health",
    "HolderKey",
    "Labels",
    "LoggedIn",
    "PendingLogin",
    "ProviderMetadata",
    "Recording",
    "RelyingParty",
    "Step",
    "ToBeSigned",
    "UnverifiedToken",
    "answer_of",
    "begin",
    "begin_pushed",
    "begin_signing",
    "callback_of",
    "check_callback",
    "check_id_token",
    "check_login_is",
    "check_token",
    "clock_finding",
    "compare",
    "complete",
    "discovery_address",
    "environment_at",
    "for_operator",
    "join",
    "metadata_findings",
    "pushed_address",
    "read_har",
    "read_object",
    "read_response",
    "read_result",
    "read_service_token",
    "read_step_up",
    "read_token",
    "read_transaction",
    "read_verification",
    "record",
    "redeem",
    "redirect_finding",
    "service_token_form",
    "step_up_challenge",
    "submission",
    "token_finding",
    "token_hash",
]
