"""The resident's page without HTTP: who is logged in to it, what it shows, what it ends."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection, Engine

from warifu import idp
from warifu.errors import NotAllowed, NotFound
from warifu.idp import Client, ConsentEvent, Decision, How, Passkey, Receipt, Received
from warifu.ports import Clock, Entropy
from warifu.wire.database import reading, writing
from warifu.wire.provider import account_store, consent_store, identity_store, passkey_store, store
from warifu.wire.provider.consents import text_of
from warifu.wire.provider.ending import Ending
from warifu.wire.provider.identities import Identities

__all__ = ["Accounts", "AtClient", "Item", "Overview"]


@dataclass(frozen=True, slots=True)
class Item:
    """One item at a client: since when it is agreed to, None if it is not, and when it was received last."""

    scope: str
    agreed_at: datetime | None
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class AtClient:
    """A client that knows the person: by which subject, what it may know, and all that it received, newest first.

    `shares_with` are the other clients of its sector, who know the same subject. `live`: it holds tokens now.
    """

    client: Client
    subject: str | None = field(repr=False)
    items: tuple[Item, ...]
    receipts: tuple[Receipt, ...]
    shares_with: tuple[str, ...]
    live: bool

    @property
    def last_used(self) -> datetime | None:
        """When it used a token last."""
        return self.receipts[0].at if self.receipts else None

    @property
    def agreed(self) -> bool:
        """Whether anything is agreed to now."""
        return any(item.agreed_at is not None for item in self.items)


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the provider keeps about a person; `certificates` without what could name one."""

    at: datetime
    clients: tuple[AtClient, ...]
    consents: tuple[ConsentEvent, ...]
    certificates: tuple[tuple[How, datetime], ...]


class Accounts:
    """The sessions, and what they may see and do. Each method is one transaction."""

    def __init__(self, engine: Engine, identities: Identities, ending: Ending, clock: Clock, entropy: Entropy) -> None:
        self._engine = engine
        self._ending = ending
        self._identities = identities
        self._clock = clock
        self._entropy = entropy

    def open(self, code: str, verifier: str | None) -> str:
        """A session for who logged in: the value of its cookie.

        Raises:
            NotAllowed: as `warifu.idp.check_account_login`.
        """
        now, token = self._clock.now(), idp.random_token(self._entropy)
        with writing(self._engine) as connection:
            found = store.find_login_of_code(connection, idp.fingerprint(code))
            login = idp.check_account_login(found, verifier, now)
            store.save_login(connection, idp.without_claims(login))
            person = self._identities.person(connection, login)
            account_store.add_session(connection, idp.fingerprint(token), person, now + idp.ACCOUNT_SESSION)
        return token

    def close(self, token: str) -> None:
        """End a session."""
        with writing(self._engine) as connection:
            account_store.end_session(connection, idp.fingerprint(token))

    def person(self, token: str | None) -> str:
        """Who is logged in.

        Raises:
            NotAllowed: nobody, or no longer.
        """
        with reading(self._engine) as connection:
            return self._person(connection, token)

    def overview(self, token: str | None) -> Overview:
        """What the page shows.

        Raises:
            NotAllowed: nobody is logged in.
        """
        now = self._clock.now()
        with reading(self._engine) as connection:
            person = self._person(connection, token)
            consents = consent_store.consents_of(connection, person)
            receipts = sorted(consent_store.receipts_of(connection, person), key=lambda one: one.client_id)
            received = {client_id: tuple(its) for client_id, its in groupby(receipts, lambda one: one.client_id)}
            subjects = identity_store.subjects_of(connection, person)
            live = consent_store.find_live(connection, list(subjects.values()), now)
            met = {event.client_id for event in consents} | received.keys() | subjects.keys()
            found = [client for name in sorted(met) if (client := store.find_client(connection, name)) is not None]
            shown = tuple(
                self._at_client(connection, client, consents, received.get(client.id, ()), subjects, live)
                for client in found
                if client.id != idp.ACCOUNT
            )
            certificates = account_store.certificates_of(connection, person)
        return Overview(now, shown, tuple(consents), tuple(certificates))

    def passkeys(self, person: str) -> tuple[Passkey, ...]:
        """The passkeys of a person, the oldest first."""
        with reading(self._engine) as connection:
            return passkey_store.of_person(connection, person)

    def revoke(self, token: str | None, client_id: str) -> None:
        """Take back all that was agreed to at a client; its tokens end at once.

        Raises:
            NotAllowed: nobody is logged in.
            NotFound: there is no such client.
        """
        now = self._clock.now()
        with writing(self._engine) as connection:
            person, client = self._person(connection, token), _client(connection, client_id)
            last = {
                each.scope: each
                for each in consent_store.consents_of(connection, person)
                if each.client_id == client.id
            }
            agreed = [scope for scope, each in last.items() if each.decision is Decision.AGREED]
            events = [ConsentEvent(client.id, scope, Decision.REVOKED, text_of(client), now) for scope in agreed]
            consent_store.add_consents(connection, person, events)
            self._end_at(connection, person, client)

    def reset(self, token: str | None, client_id: str) -> None:
        """Be somebody else to a client, and to all of its sector: the next login has another subject.

        Raises:
            NotAllowed: nobody is logged in.
            NotFound: there is no such client.
        """
        with writing(self._engine) as connection:
            person, client = self._person(connection, token), _client(connection, client_id)
            for each in consent_store.clients_of_sector(connection, idp.sector_of(client)):
                self._end_at(connection, person, each)
            ended = identity_store.end_subject(connection, person, idp.sector_of(client), self._clock.now())
            # A client that left the sector meanwhile may hold tokens under the subject that ends here.
            consent_store.end_access(connection, [] if ended is None else [ended])
            self._ending.of_person(connection, [] if ended is None else [ended])

    def _end_at(self, connection: Connection, person: str, client: Client) -> None:
        """End every token at a client, also those under a subject of a sector that it has left."""
        subjects = list(identity_store.subjects_of(connection, person).values())
        consent_store.end_access(connection, subjects, client.id)
        self._ending.of_person(connection, subjects, client.id)

    def forget(self, connection: Connection) -> None:
        """Delete what has had its time: sessions, what logins found out, receipts."""
        now = self._clock.now()
        account_store.forget_sessions(connection, now)
        identity_store.forget_recognitions(connection, now)
        consent_store.forget_receipts(connection, now)

    def _person(self, connection: Connection, token: str | None) -> str:
        person = None
        if token is not None:
            person = account_store.person_of_session(connection, idp.fingerprint(token), self._clock.now())
        if person is None:
            raise NotAllowed("nobody is logged in here, or no longer")
        return person

    def _at_client(
        self,
        connection: Connection,
        client: Client,
        consents: list[ConsentEvent],
        receipts: tuple[Receipt, ...],
        subjects: dict[str, str],
        live: set[str],
    ) -> AtClient:
        sector = idp.sector_of(client)
        others = [one.name for one in consent_store.clients_of_sector(connection, sector) if one.id != client.id]
        return AtClient(
            client,
            subjects.get(sector),
            _items([each for each in consents if each.client_id == client.id], receipts),
            receipts,
            tuple(others),
            client.id in live,
        )


def _client(connection: Connection, client_id: str) -> Client:
    # It comes from a path. What can be no client id is not asked for: databases refuse some texts altogether.
    named = idp.DA_COMPAT.limits["client_id"].fits(client_id)
    client = store.find_client(connection, client_id) if named else None
    if client is None or client.id == idp.ACCOUNT:
        raise NotFound("there is no such client")
    return client


def _items(consents: list[ConsentEvent], receipts: tuple[Receipt, ...]) -> tuple[Item, ...]:
    """Every item that was ever spoken about or received, in the order in which it first was."""
    last = {each.scope: each for each in consents}
    names = dict.fromkeys(
        [*last, *(scope for one in receipts if one.how is not Received.REFRESHED for scope in one.scopes)]
    )
    return tuple(Item(scope, _agreed_at(last.get(scope)), _received_at(scope, receipts)) for scope in names)


def _agreed_at(event: ConsentEvent | None) -> datetime | None:
    return event.at if event is not None and event.decision is Decision.AGREED else None


def _received_at(scope: str, receipts: tuple[Receipt, ...]) -> datetime | None:
    return next((one.at for one in receipts if scope in one.scopes), None)
