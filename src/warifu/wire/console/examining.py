"""The provider's store, looked at before a request is answered: what the engine will see, and every rule of it."""

import json
from collections.abc import Mapping

from warifu import idp
from warifu.errors import Malformed, OAuthRefused
from warifu.idp import Client, Finding, Hearing, Known, Offer, Parameters, Presence, Submission
from warifu.wire.console.exchanges import Examined, Kind, Sent
from warifu.wire.console.masking import assertion_parts
from warifu.wire.database import reading
from warifu.wire.provider import (
    ProviderService,
    assertion_spent,
    check_form,
    check_json,
    find_access_token,
    find_client,
    find_login_of_code,
    find_pushed_request,
    find_refresh_token,
    find_service_token,
    find_transaction,
)

__all__ = ["Examining"]

_NO_SUCH_PLACE = OAuthRefused("not_found", "not found")
"""What an endpoint that is not there answers."""


class Examining(ProviderService):
    """One provider, whose rules are heard and whose store is read; nothing is ever written."""

    @classmethod
    def around(cls, service: ProviderService) -> "Examining":
        """The same provider, only looked at."""
        made = cls.__new__(cls)
        made.__dict__.update(service.__dict__)
        return made

    def examine(self, sent: Sent) -> Examined:
        """Whose request it is, and how each rule stands at this moment."""
        hearing = Hearing()
        match sent.kind:
            case Kind.AUTHORIZATION | Kind.PUSH | Kind.TOKEN:
                return self._examine_form(hearing, sent)
            case Kind.SUBMISSION:
                return self._examine_submission(hearing, sent)
            case Kind.USERINFO:
                return self._examine_userinfo(sent)
            case Kind.RESULT:
                return self._examine_result(sent)

    # --- forms ---

    def _examine_form(self, hearing: Hearing, sent: Sent) -> Examined:
        form = self._form(hearing, sent)
        if form is None:
            return Examined(None, hearing.findings)
        if sent.kind is Kind.AUTHORIZATION:
            client_id, found = self._authorization(form)
        elif sent.kind is Kind.PUSH:
            if self.provider.profile.pushed_requests is Offer.NONE:
                hearing.tell("push_offered", _NO_SUCH_PLACE)
            client, presence = self._presence(form, sent)
            client_id, found = client, idp.hear_push(form, presence, self.provider, sent.at)
        else:
            client, presence = self._presence(form, sent)
            client_id, found = client, idp.hear_token(form, presence, self._known(form), self.provider, sent.at)
        return Examined(client_id, [*hearing.findings, *found])

    def _form(self, hearing: Hearing, sent: Sent) -> Parameters | None:
        if sent.in_query:
            return hearing.hear("form", Parameters.decode, sent.query)
        form = hearing.hear("form", check_form, sent.body, next(iter(sent.header("content-type")), ""))
        if form is not None and sent.kind is not Kind.AUTHORIZATION:
            hearing.hear("one_way", idp.check_one_way, form, sent.header("authorization"))
        return form

    def _authorization(self, form: Parameters) -> tuple[str | None, list[Finding]]:
        client, profile = self._client(_told(form, "client_id")), self.provider.profile
        with reading(self._engine) as connection:
            signing = find_transaction(connection, idp.signing_reference(form, profile))
            pushed = None
            if (reference := _reference(form, self.provider)) is not None:
                pushed = find_pushed_request(connection, reference)
        now = self._clock.now()
        found = idp.hear_authorization(form, client, self.provider, now, pushed=pushed, signing=signing)
        return None if client is None else client.id, found

    def _presence(self, form: Parameters, sent: Sent) -> tuple[str | None, Presence]:
        """Who sent a form; under whose name it is kept: the assertion's, else the form's."""
        claims = assertion_parts(_told(form, "client_assertion") or "")
        client = self._client(_text(claims, "iss"))
        named = client or self._client(_told(form, "client_id"))
        jti, proofs = _text(claims, "jti"), sent.header("dpop")
        with reading(self._engine) as connection:
            spent = client is not None and jti is not None and assertion_spent(connection, client.id, jti)
        return None if named is None else named.id, Presence(client, spent, proofs)

    def _known(self, form: Parameters) -> Known:
        code, token = _told(form, "code"), _told(form, "refresh_token")
        with reading(self._engine) as connection:
            login = None if code is None else find_login_of_code(connection, idp.fingerprint(code))
            refresh = None if token is None else find_refresh_token(connection, idp.fingerprint(token))
        return Known(login, refresh)

    def _client(self, client_id: str | None) -> Client | None:
        if client_id is None or self.provider.profile.limits["client_id"].fits(client_id) is None:
            return None
        with reading(self._engine) as connection:
            return find_client(connection, client_id)

    # --- what shows a token ---

    def _examine_submission(self, hearing: Hearing, sent: Sent) -> Examined:
        hearing.hear("json_body", check_json, next(iter(sent.header("content-type")), ""))
        shown = _shown(sent)
        with reading(self._engine) as connection:
            token = None if shown is None else find_service_token(connection, idp.fingerprint(shown))
            client = None if token is None else find_client(connection, token.client_id)
        found = idp.hear_submission(
            sent.header("authorization"), sent.body, Submission(token, client), self.provider, sent.at
        )
        # The engine looks for the token before it looks at the body.
        return Examined(None if client is None else client.id, [found[0], *hearing.findings, *found[1:]])

    def _examine_userinfo(self, sent: Sent) -> Examined:
        shown = _shown(sent)
        with reading(self._engine) as connection:
            token = None if shown is None else find_access_token(connection, idp.fingerprint(shown))
        presence = Presence(None, proofs=sent.header("dpop"))
        found = idp.hear_userinfo(sent.header("authorization"), token, presence, self.provider, sent.at, sent.method)
        return Examined(None if token is None else token.client_id, found)

    def _examine_result(self, sent: Sent) -> Examined:
        shown, name = _shown(sent), sent.path.rsplit("/", 2)[1].lower()
        with reading(self._engine) as connection:
            token = None if shown is None else find_access_token(connection, idp.fingerprint(shown))
            transaction = find_transaction(connection, name)
        found = idp.hear_result(sent.header("authorization"), token, transaction, sent.at)
        return Examined(None if token is None else token.client_id, found)


def _told(form: Parameters, name: str) -> str | None:
    """A parameter, if it is there once."""
    try:
        return form.find(name)
    except OAuthRefused:
        return None


def _text(claims: Mapping[str, str], name: str) -> str | None:
    """A claim that is a text and can be looked for: the engine looks for no other."""
    value = json.loads(claims.get(name, "null"))
    return value if isinstance(value, str) and value.isprintable() else None


def _reference(form: Parameters, provider: idp.Provider) -> bytes | None:
    try:
        return idp.pushed_reference(form, provider.profile)
    except OAuthRefused:
        return None


def _shown(sent: Sent) -> str | None:
    """The token that a request shows."""
    try:
        return idp.read_presented(sent.header("authorization")).token
    except (OAuthRefused, Malformed):
        return None
