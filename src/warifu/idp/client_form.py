"""What a client's form says of who sends it, before the assertion in it is looked at and after (RFC 7521 §4.2)."""

from collections.abc import Sequence

from warifu.errors import OAuthRefused
from warifu.idp.assertion import ASSERTION_TYPE
from warifu.idp.authorize import check_active
from warifu.idp.client import Client
from warifu.idp.parameters import Parameters

__all__ = [
    "check_assertion_type",
    "check_client",
    "check_grant_named",
    "check_one_way",
    "check_same_client",
    "client_assertion",
    "read_assertion",
]


def client_assertion(form: Parameters, *, grant: bool = True) -> str:
    """The client's assertion, after the first look at the form; `grant` where it must ask for one.

    Raises:
        OAuthRefused: ``invalid_request`` without a grant_type (in Keycloak's words, which clients have seen),
            ``invalid_client`` without an assertion or with another way to authenticate.
    """
    if grant:
        check_grant_named(form)
    check_assertion_type(form)
    return read_assertion(form)


def read_assertion(form: Parameters) -> str:
    """The assertion, not looked at yet."""
    assertion = form.find("client_assertion")
    if assertion is None:
        raise OAuthRefused("invalid_client", "parameter missing: client_assertion")
    return assertion


def check_grant_named(form: Parameters) -> None:
    """A token request says what it exchanges, in the form and not in the query."""
    if form.find("grant_type") is None:
        raise OAuthRefused("invalid_request", "Missing form parameter: grant_type")


def check_assertion_type(form: Parameters) -> None:
    """The only way to authenticate (RFC 7523 §2.2), and no other beside it (RFC 6749 §2.3)."""
    if form.find("client_assertion_type") != ASSERTION_TYPE:
        raise OAuthRefused("invalid_client", f"client_assertion_type must be {ASSERTION_TYPE}")
    if form.find("client_secret") is not None:
        raise _one_way()


def check_one_way(form: Parameters, authorization: Sequence[str]) -> None:
    """No Authorization header beside an assertion (RFC 6749 §2.3)."""
    if authorization and form.find("client_assertion") is not None:
        raise _one_way()


def _one_way() -> OAuthRefused:
    return OAuthRefused("invalid_request", "a client authenticates in one way: here by its assertion")


def check_client(form: Parameters, client: Client) -> None:
    """The form may repeat the client id and must then mean the authenticated client (RFC 7521 §4.2).

    Raises:
        OAuthRefused: ``invalid_client`` another client id, ``unauthorized_client`` suspended.
    """
    check_same_client(form, client)
    check_active(client)


def check_same_client(form: Parameters, client: Client) -> None:
    """What the form repeats is what the assertion says (RFC 7521 §4.2)."""
    if form.find("client_id") not in (None, client.id):
        raise OAuthRefused("invalid_client", "client_id is not the assertion's")
