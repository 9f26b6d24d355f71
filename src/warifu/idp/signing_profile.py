"""The signing API's rules as data; the same three words of certainty as in `warifu.idp.profile`.

Of this API nothing but the order of the calls, the two spellings of what is to be signed and the names of the paths is
public; a value that turns out otherwise is corrected here, in its one line.
"""

from dataclasses import dataclass
from datetime import timedelta

__all__ = ["SIGN_SCOPE", "SigningProfile"]

SIGN_SCOPE = "sign"
"""Documented: the table of the authorization request."""


@dataclass(frozen=True, slots=True)
class SigningProfile:
    """The values of the signing API (署名API).

    Source: docs.p8n.app (auth-client, start-sign, get-sign, create-sign-with-digestinfo); the authorization request's
    table on developers.digital.go.jp/documents/auth-and-sign/authserver for `sign` and `sign_transaction_id`.
    """

    # Seen once: below the host, not below the realm.
    transactions: str = "/api/sign-transactions"
    # Seen once: GET …/{id}/result with the user's token.
    result: str = "/result"

    # Documented: the parameter and that it is a UUID, only with the scope `sign`.
    transaction_parameter: str = "sign_transaction_id"

    # Modelled: the member with the base64 (standard, padded: seen) of the digest or DigestInfo.
    digest_member: str = "digest"
    # Modelled: the member of the answer with the transaction's id, and that it tells its end.
    id_member: str = "id"
    expires_member: str = "expires_in"
    # Modelled: the answer's status is 201; the result's is a JSON object with the JWE under this name.
    result_member: str = "sign_certificate_jwe"

    # Seen: grant_type client_credentials with private_key_jwt. Modelled: that a scope may be named and which; the
    # token's life (Keycloak's 5 minutes); that it opens nothing but this API.
    service_scope: str = SIGN_SCOPE
    service_token_lifetime: timedelta = timedelta(minutes=5)
    # Modelled: time to bring the browser here and to sign; and how long a result waits to be fetched. Nothing of it is
    # kept afterwards. A result may be fetched again until then, for an answer can get lost.
    transaction_lifetime: timedelta = timedelta(minutes=10)
    result_lifetime: timedelta = timedelta(minutes=10)

    # Modelled: which algorithms the JWE has, and that only the platform operator's key opens it.
    jwe_algorithm: str = "ECDH-ES+A256KW"
    jwe_encryption: str = "A256GCM"
