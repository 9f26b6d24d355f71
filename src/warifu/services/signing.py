"""Having something signed with the card's signing key (署名API), the relying party's side.

::

    service token ──▶ submit ──▶ id ──▶ the browser, there and back, as at a login ──▶ result ──▶ platform operator

The relying party cannot open the result: it hands it to the platform operator it has a contract with, together with
what it submitted, and learns from the operator who signed.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode

from warifu.errors import Malformed, OAuthRefused
from warifu.ports import Entropy
from warifu.services.client_key import ASSERTION_TYPE
from warifu.services.login import PendingLogin, RelyingParty, begin
from warifu.services.provider import ProviderMetadata, read_object

__all__ = [
    "SIGNING_SCOPES",
    "ToBeSigned",
    "begin_signing",
    "for_operator",
    "read_result",
    "read_service_token",
    "read_transaction",
    "read_verification",
    "service_token_form",
    "submission",
]

SIGNING_SCOPES: Sequence[str] = ("openid", "sign")
_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")
_DIGEST = 32


@dataclass(frozen=True, slots=True)
class ToBeSigned:
    """A SHA-256 value, to be signed bare or in a DigestInfo (RFC 8017 §9.2): an ordinary signature is of the latter."""

    digest: bytes
    form: Literal["digest", "digest_info"] = "digest_info"

    @classmethod
    def of(cls, document: bytes, form: Literal["digest", "digest_info"] = "digest_info") -> "ToBeSigned":
        """A document's."""
        return cls(hashlib.sha256(document).digest(), form)

    @classmethod
    def read(cls, digits: str) -> "ToBeSigned":
        """A value in hexadecimal, 64 digits; blanks between them do no harm.

        Raises:
            Malformed: anything else.
        """
        try:
            digest = bytes.fromhex(digits)
        except ValueError as error:
            raise Malformed("a SHA-256 value is written in 64 hexadecimal digits") from error
        if len(digest) != _DIGEST:
            raise Malformed("a SHA-256 value is written in 64 hexadecimal digits")
        return cls(digest)

    @property
    def base64(self) -> str:
        """What is submitted, in standard base64."""
        return base64.b64encode(self.digest if self.form == "digest" else _PREFIX + self.digest).decode()

    @property
    def text(self) -> str:
        """For people to compare with what the phone shows."""
        digits = self.digest.hex()
        return " ".join(digits[start : start + 8] for start in range(0, len(digits), 8))


def service_token_form(
    party: RelyingParty, provider: ProviderMetadata, now: datetime, entropy: Entropy
) -> dict[str, str]:
    """The form for the token endpoint: a token for the relying party itself (RFC 6749 §4.4.2)."""
    return {
        "grant_type": "client_credentials",
        "client_id": party.client_id,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": party.key.assertion(party.client_id, provider.token_endpoint, now, entropy),
    }


def read_service_token(answer: bytes) -> str:
    """The token in the token endpoint's answer.

    Raises:
        OAuthRefused: the provider refuses us.
        Malformed: no such answer.
    """
    return _text(answer, "access_token")


def submission(signing: ToBeSigned) -> bytes:
    """The body for the provider's sign transactions."""
    return json.dumps({"digest": signing.base64}).encode()


def read_transaction(answer: bytes) -> str:
    """The id of the transaction.

    Raises:
        OAuthRefused, Malformed: as `read_service_token`.
    """
    return _text(answer, "id")


def begin_signing(
    party: RelyingParty, provider: ProviderMetadata, transaction: str, entropy: Entropy
) -> tuple[str, PendingLogin]:
    """The address to send the browser to, and what to remember: a login that asks for the signature as well."""
    address, pending = begin(party, provider, SIGNING_SCOPES, entropy)
    return f"{address}&{urlencode({'sign_transaction_id': transaction})}", pending


def read_result(answer: bytes) -> str:
    """What to hand to the platform operator; nobody else can open it.

    Raises:
        OAuthRefused, Malformed: as `read_service_token`.
    """
    return _text(answer, "sign_certificate_jwe")


def for_operator(result: str, signing: ToBeSigned) -> bytes:
    """The request to the platform operator."""
    return json.dumps({"sign_certificate_jwe": result, "data": signing.base64}).encode()


def read_verification(answer: bytes) -> Mapping[str, Any]:
    """What the operator found; `verification.result` is ``ok`` or says why not.

    Raises:
        Malformed: no such answer.
    """
    members = read_object(answer)
    verification = members.get("verification")
    if not isinstance(verification, dict) or not isinstance(verification.get("result"), str):
        raise Malformed("the operator's answer says no result")
    return members


def _text(answer: bytes, name: str) -> str:
    members = read_object(answer)
    if isinstance(members.get("error"), str):
        raise OAuthRefused(members["error"], str(members.get("error_description", "")))
    value = members.get(name)
    if not isinstance(value, str):
        raise Malformed(f"the provider's answer lacks {name}")
    return value
