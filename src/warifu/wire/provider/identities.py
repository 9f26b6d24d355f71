"""Whose certificate it is, asked of the store and of the authority (`warifu.idp.identity`)."""

import logging
from typing import Protocol

from sqlalchemy import Connection, Engine

from warifu import idp
from warifu.errors import Unavailable
from warifu.idp import Answered, Client, Login, Recognition, Related, Secret, Trace, Unasked
from warifu.pki import EndEntityCertificate
from warifu.ports import Clock, Entropy
from warifu.wire.database import reading
from warifu.wire.provider import identity_store

__all__ = ["AskSuccession", "Identities"]

_log = logging.getLogger("warifu.provider")


class AskSuccession(Protocol):
    """Asks an authority about a certificate that was never seen before."""

    def __call__(self, issuer_key_id: bytes, serial_number: int) -> tuple[Related, ...]:
        """The holder's other certificates that the authority tells of, the nearest first.

        Raises:
            Unavailable: nobody answers.
        """
        ...


class Identities:
    """Persons and their subjects. Without `ask` nobody is asked, and a certificate never seen is a new person's."""

    def __init__(
        self,
        engine: Engine,
        secret: Secret,
        clock: Clock,
        entropy: Entropy,
        ask: AskSuccession | None = None,
        unasked: Unasked = Unasked.REFUSE,
    ) -> None:
        self._engine = engine
        self._secret = secret
        self._clock = clock
        self._entropy = entropy
        self._ask = ask
        self._unasked = unasked

    def recognise(self, certificate_der: bytes) -> Recognition:
        """What is to be looked up about a certificate that was verified; the authority is asked if it is unknown.

        Raises:
            Unavailable: the authority does not answer, and without it nobody becomes a new person.
        """
        certificate = EndEntityCertificate.decode(certificate_der)
        issuer, number = certificate.issuer_key_id, certificate.serial_number
        own = idp.traces(issuer, number, self._secret)
        with reading(self._engine) as connection:
            if identity_store.persons_of(connection, [trace.hash for trace in own]):
                return Recognition(own)
        related = self._related(issuer, number)
        if related is None:
            return Recognition(own, asked=False)
        its = ((one.how, idp.traces(one.issuer_key_id, one.serial_number, self._secret)) for one in related)
        return Recognition(own, tuple(its))

    def known_as(self, certificate_der: bytes) -> list[bytes]:
        """The keyed hashes under which a certificate is known, if it is."""
        certificate = EndEntityCertificate.decode(certificate_der)
        return [trace.hash for trace in idp.traces(certificate.issuer_key_id, certificate.serial_number, self._secret)]

    def find_person(self, connection: Connection, login: Login) -> str | None:
        """Who answered, if that is known already; for what is shown before they agree."""
        answered = login.answered
        assert answered is not None
        if answered.certificate_hash is None:
            return answered.person
        seen = identity_store.find_recognition(connection, login.transaction) or self._seen_before(answered)
        known = identity_store.persons_of(connection, _hashes(seen))
        return idp.recognise(seen, known, "").person or None

    def person(self, connection: Connection, login: Login) -> str:
        """Who answered. From now on they are known, by every certificate that the authority told of.

        Raises:
            Unavailable: this process has only keys that were retired, and would take everybody for somebody new.
        """
        answered = login.answered
        assert answered is not None
        if answered.certificate_hash is None:
            assert answered.person is not None
            identity_store.hold_person(connection, answered.person)
            return answered.person
        seen = identity_store.take_recognition(connection, login.transaction)
        seen = seen or self._seen_before(answered)
        hashes = set(_hashes(seen))
        known = identity_store.persons_of(connection, hashes)
        if known.keys() != hashes:
            identity_store.check_in_force(connection, seen.own[0].generation)
            identity_store.hold_certificates(connection)
            known = identity_store.persons_of(connection, hashes)
        found = idp.recognise(seen, known, idp.new_person(self._entropy))
        identity_store.hold_person(connection, found.person)
        identity_store.add_links(connection, found.person, found.links, self._clock.now())
        if found.elsewhere:
            _log.warning("certificates of one holder lead to several persons", extra={"others": found.elsewhere})
        return found.person

    def subject(self, connection: Connection, person: str, client: Client) -> str:
        """The subject of a person at a client and at all others of its sector; the first time they get one."""
        sector = idp.sector_of(client)
        found = identity_store.find_subject(connection, person, sector)
        if found is None:
            found = idp.new_subject(self._entropy)
            identity_store.add_subject(connection, person, sector, found)
        return found

    def _seen_before(self, answered: Answered) -> Recognition:
        """Of a login that was allowed before, or answered when nothing of this was kept yet."""
        assert answered.certificate_hash is not None
        newest, _ = self._secret.certificate_keys[0]
        return Recognition((Trace(answered.certificate_hash, newest),), asked=False)

    def _related(self, issuer_key_id: bytes, serial_number: int) -> tuple[Related, ...] | None:
        """What the authority tells; None where it could not be asked and the operator takes new persons all the same.

        Raises:
            Unavailable: it could not be asked, and the operator does not.
        """
        if self._ask is None:
            return None
        try:
            return self._ask(issuer_key_id, serial_number)
        except Unavailable:
            if self._unasked is Unasked.REFUSE:
                raise
            _log.warning("the authority does not say whose this certificate is: it becomes a new person's")
            return None


def _hashes(seen: Recognition) -> list[bytes]:
    return [trace.hash for its in (seen.own, *(its for _, its in seen.related)) for trace in its]
