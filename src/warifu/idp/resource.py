"""What a client's server may ask about a token, or have done to it, beside using it: RFC 7662 and RFC 7009."""

from datetime import datetime

from warifu.errors import OAuthRefused
from warifu.idp.client import Client
from warifu.idp.ending import ClientSession
from warifu.idp.parameters import Parameters
from warifu.idp.profile import Limit, Provider
from warifu.idp.refresh import RefreshToken
from warifu.idp.tokens import AccessToken

__all__ = ["check_owner", "introspected", "read_token_named"]

_TOKEN = Limit(255, r"\x21-\x7E")


def read_token_named(form: Parameters) -> str:
    """The token that a form is about; its hint is not needed, for the kinds are looked for one after the other.

    Raises:
        OAuthRefused: ``invalid_request``, none or malformed.
    """
    return form.read_within("token", _TOKEN)


def introspected(
    kept: AccessToken | RefreshToken | None,
    session: ClientSession | None,
    client: Client,
    provider: Provider,
    now: datetime,
) -> dict[str, object]:
    """What the token is worth, for the client that it was given to; to anybody else it is worth nothing.

    `acr` and `auth_time` are the login's, so that a resource can ask for a better or a fresher one (RFC 9470 §6.2).
    Source: RFC 7662 §2.2, §4; RFC 9449 §6.2.
    """
    revoked = (isinstance(kept, AccessToken) and kept.revoked) or (isinstance(kept, RefreshToken) and kept.spent)
    if kept is None or revoked or kept.client_id != client.id or now >= kept.expires_at:
        return {"active": False}
    told: dict[str, object] = {
        "active": True,
        "iss": provider.issuer,
        "client_id": kept.client_id,
        "sub": kept.subject,
        "scope": " ".join(kept.scopes),
        "exp": int(kept.expires_at.timestamp()),
    }
    if isinstance(kept, AccessToken):
        told["token_type"] = "Bearer" if kept.key_thumbprint is None else "DPoP"
        if kept.key_thumbprint is not None:
            told["cnf"] = {"jkt": kept.key_thumbprint}
    if session is not None:
        told |= {"acr": session.acr, "auth_time": int(session.authenticated_at.timestamp()), "sid": session.sid}
    return told


def check_owner(kept: AccessToken | RefreshToken | None, client: Client) -> None:
    """Check that a token to be revoked is the client's own; one that is unknown is revoked already.

    Raises:
        OAuthRefused: ``unauthorized_client`` (RFC 7009 §2.1).
    """
    if kept is not None and kept.client_id != client.id:
        raise OAuthRefused("unauthorized_client", "the token was given to another client")
