"""What the person is asked, and the record of what they said (`warifu.idp.consent`)."""

from functools import cache

from sqlalchemy import Connection

from warifu import idp
from warifu.idp import Client, ConsentEvent, Decision, Login
from warifu.ports import Clock
from warifu.wire import pages
from warifu.wire.provider import consent_store

__all__ = ["remember", "remembered", "text_of"]

_PARTS = ("consent.title", "consent.text", "scope.")


def text_of(client: Client) -> str:
    """What names the text that people agree to for this client: in both languages, with its name in it."""
    return idp.text_version(_text(), client.name)


def remembered(connection: Connection, person: str | None, client: Client, login: Login) -> tuple[str, ...]:
    """Of what this login shares, what the person agreed to before."""
    if person is None or login.answered is None:
        return ()
    events = consent_store.consents_of(connection, person)
    return idp.agreed_items(events, client.id, text_of(client), login.answered.scopes)


def remember(connection: Connection, person: str, client: Client, login: Login, clock: Clock) -> None:
    """Write down what the person agreed to now and had not agreed to before."""
    assert login.answered is not None
    before = remembered(connection, person, client, login)
    text, now = text_of(client), clock.now()
    new = (scope for scope in login.answered.scopes if scope not in before)
    events = [ConsentEvent(client.id, scope, Decision.AGREED, text, now) for scope in new]
    consent_store.add_consents(connection, person, events)


@cache
def _text() -> str:
    sentences = (
        f"{language} {key} {text}"
        for language in pages.LANGUAGES
        for key, text in sorted(pages.catalogue(language).sentences.items())
        if key.startswith(_PARTS)
    )
    return "\n".join(sentences)
