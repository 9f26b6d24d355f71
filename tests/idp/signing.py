"""What the signing API's tests share: a client with an operator, something to sign, and who can sign it."""

import hashlib
import json
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo
from joserfc.jwk import ECKey

from tests.idp import world
from tests.pki import world as pki
from warifu.idp import Parameters, SigningTransaction
from warifu.messages import SigningAnswer, SigningData, SigningForm
from warifu.messages import json as messages_json
from warifu.town import pool
from warifu.verifier import OperatorKey

OPERATOR = OperatorKey(ECKey.import_key(ec.derive_private_key(77, ec.SECP256R1())))
CLIENT = replace(
    world.CLIENT, scopes=(*world.CLIENT.scopes, "sign"), operator_jwks=json.loads(json.dumps(OPERATOR.public_jwks()))
)
DIGEST = hashlib.sha256("売買契約書（見本）".encode()).digest()
DATA = SigningData(DIGEST, SigningForm.DIGEST_INFO)
BARE = SigningData(DIGEST, SigningForm.DIGEST)
ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
SCOPE = "openid sign"
KEY = 1
"""The number of the holder's signing key in the pool."""


def certificate(**changes: Any) -> bytes:
    """The ordinary adult's signing certificate."""
    return pki.signing_certificate(public_key_info=pki.signer(KEY).public_key_info, **changes)


def signed(data: SigningData = DATA, key: int = KEY) -> SigningAnswer:
    """What a card makes of it: whatever it is given, padded."""
    return SigningAnswer(certificate(), pool.private_key(key).sign(data.encode(), PKCS1v15(), NoDigestInfo()))


def transaction(data: SigningData = DATA) -> SigningTransaction:
    """One that waits."""
    return SigningTransaction(ID, CLIENT.id, data, world.NOW + 600 * world.SECOND)


def body(data: SigningData = DATA) -> bytes:
    """The client's request."""
    return json.dumps({"digest": messages_json.to_base64(data.encode())}).encode()


def service_form(**changes: str | None) -> Parameters:
    """The client's request for a token of its own."""
    left_out = {"code": None, "redirect_uri": None, "code_verifier": None}
    return world.form(**{"grant_type": "client_credentials", **left_out, **changes})
