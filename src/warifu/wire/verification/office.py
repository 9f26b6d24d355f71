"""A verifier at work: its trust, its lists, what it remembers; documents, evidence and logins verified with these.

Each process that verifies has an office of its own, and in it one thread. An office notices when somebody changes the
trust store.

What it tells others is less than what it knows. Of real certificates it tells neither the holder nor anything by which
one could be told from another: without the ministers' certification that would be no confirmation, only a disclosure
(公的個人認証法 第17条, 第36条), and evidence about them is not given to others at all (第52条, 第53条).
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from warifu.documents import FoundSignature, read_signatures
from warifu.errors import NotAllowed, RevocationDataRefused
from warifu.messages import LoginAnswer, LoginChallenge
from warifu.ports import Clock, Signer
from warifu.verifier import (
    Anchors,
    CheckedList,
    DocumentReport,
    DocumentTrust,
    Material,
    Memory,
    SignerTrust,
    TimestampTrust,
    VerifiedLogin,
    check_crl,
    check_document,
    check_login,
    document_needs,
    needs,
)
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.verification.gathering import Gatherer
from warifu.wire.verification.platform import KnownUsers, Platform, open_operator_key, operator_secret
from warifu.wire.verification.seen import KeptRevocations
from warifu.wire.verification.trust import TrustStore
from warifu.wire.verification.trusted import TrustedAnchor

if TYPE_CHECKING:
    from warifu.verifier.evidence import Bundle, EvidenceReport

__all__ = ["Office", "Premises", "discreet", "open_office"]

_OFTEN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Premises:
    """Where a verifier keeps what it has, so that another process can open its office there.

    `given` are anchors trusted besides those of the store, `lists` revocation lists (DER) besides the kept ones.
    """

    data: Path
    given: tuple[TrustedAnchor, ...] = ()
    lists: tuple[bytes, ...] = field(default=(), repr=False)

    def trust_store(self) -> TrustStore:
        """Whom it trusts."""
        return _WithGiven(self.data / "trust", self.given)


class _WithGiven(TrustStore):
    def __init__(self, directory: Path, given: tuple[TrustedAnchor, ...]) -> None:
        super().__init__(directory)
        self._given = given

    def all(self) -> tuple[TrustedAnchor, ...]:
        return tuple({(each.fingerprint, each.use): each for each in (*super().all(), *self._given)}.values())


class _Rarely(Gatherer):
    """Lists of authorities outside of JPKI change seldom: they are not fetched anew for each document."""

    _lists_at: datetime | None = None
    _lists: tuple[bytes, ...] = ()

    def other_lists(self, now: datetime) -> tuple[bytes, ...]:
        if self._lists_at is None or not timedelta() <= now - self._lists_at < _OFTEN:
            self._lists, self._lists_at = super().other_lists(now), now
        return self._lists


class Office:
    """Verifies; for one thread. Close it when done."""

    def __init__(self, premises: Premises, clock: Clock) -> None:
        self._premises, self._clock = premises, clock
        self._memory = Memory()
        self._seen = KeptRevocations(premises.data / "verifier" / "seen", SystemEntropy())
        self._gatherer: Gatherer | None = None
        self._stamps = TimestampTrust()
        self._signers = SignerTrust()
        self._lists: tuple[bytes | CheckedList, ...] = ()
        self._state: object = None

    def close(self) -> None:
        """Close the connections."""
        if self._gatherer is not None:
            self._gatherer.close()

    def verify(
        self, document: bytes, content: bytes | None, at: datetime | None = None, *, secret: bytes | None = None
    ) -> DocumentReport:
        """What the signatures of a document are worth now, or as of `at`.

        Raises:
            Malformed: no signed document.
        """
        return self.judge(document, read_signatures(document, detached=content), at, secret=secret)

    def judge(
        self,
        document: bytes,
        found: Sequence[FoundSignature],
        at: datetime | None = None,
        *,
        secret: bytes | None = None,
    ) -> DocumentReport:
        """The same about signatures that were read already."""
        now = self._clock.now()
        trust = self._trust(secret)
        digest = hashlib.sha256(document).digest()
        material = self._material(found, trust, now, self._lists)
        return check_document(found, digest, trust, material, at or now, now=now)

    def make_evidence(self, document: bytes, content: bytes | None, signer: Signer) -> "Bundle":
        """Evidence that a document is good, without a timestamp yet.

        Raises:
            NotAllowed: the document is not good, or its signer's certificate is a real one.
            Malformed, StatusUnknown: as `warifu.verifier.evidence.make_evidence`.
        """
        from warifu.verifier.evidence import make_evidence  # a tenth of a second to load

        now, found = self._clock.now(), read_signatures(document, detached=content)
        trust = self._trust(None)
        # Others have to check what goes into it: lists as their authority signed them.
        material = self._material(found, trust, now, self._premises.lists)
        bundle = make_evidence(document, found, trust, material, now, signer, content=content)
        if bundle.withheld:
            raise NotAllowed("evidence about real certificates is not given to others (公的個人認証法 第52条, 第53条)")
        return bundle

    def check_evidence(
        self, bundle: bytes, document: bytes | None, content: bytes | None, at: datetime | None = None
    ) -> "EvidenceReport":
        """What evidence shows; nobody is asked.

        Raises:
            Malformed, Tampered, WrongSignature: as `warifu.verifier.evidence.check_evidence`.
        """
        from warifu.verifier.evidence import Bundle, check_evidence

        found = () if document is None else read_signatures(document, detached=content)
        read, kept = Bundle.decode(bundle), Material((), self._premises.lists)
        moment = at or self._clock.now()
        return check_evidence(
            read, self._trust(None), moment, document=document, content=content, found=found, withheld=kept
        )

    def login(self, answer: LoginAnswer, expected: LoginChallenge, expires_at: datetime) -> VerifiedLogin:
        """Who answered a challenge.

        Raises:
            Refused, StatusUnknown: as `warifu.verifier.check_login`.
        """
        gatherer, now = self._gathering(), self._clock.now()
        asked = needs(answer.unverified_certificate, gatherer.anchors, memory=self._memory)
        evidence = gatherer.evidence(asked, now)
        return check_login(
            answer, expected, expires_at, evidence, gatherer.anchors, now, memory=self._memory, seen=self._seen
        )

    def platform(self, key: Path, directory: Path) -> Platform:
        """The operator of the signing API whose key this is, and which keeps what it knows there; by today's trust.

        Raises:
            Malformed, Unavailable: as `open_operator_key`.
        """
        gatherer, now = self._gathering(), self._clock.now()
        return Platform(
            (open_operator_key(key),),
            gatherer.anchors,
            lambda needs: gatherer.evidence(needs, now),
            operator_secret(directory, SystemEntropy()),
            KnownUsers(directory),
            self._clock,
            seen=self._seen,
        )

    def _trust(self, secret: bytes | None) -> DocumentTrust:
        anchors = self._gathering().anchors
        return DocumentTrust(
            anchors,
            self._stamps,
            memory=self._memory,
            seen=self._seen,
            pairwise_secret=secret,
            signers=self._signers,
        )

    def _material(
        self,
        found: Sequence[FoundSignature],
        trust: DocumentTrust,
        now: datetime,
        lists: tuple[bytes | CheckedList, ...],
    ) -> Material:
        material = self._gathering().material(document_needs(found, trust), now)
        return replace(material, crls=(*material.crls, *lists))

    def _gathering(self) -> Gatherer:
        """Whoever asks for us; another one when somebody else is trusted."""
        state = _state_of(self._premises.data / "trust")
        if self._gatherer is None or state != self._state:
            self.close()
            directory, store = self._premises.data / "revocation", self._premises.trust_store()
            self._gatherer, self._state = _Rarely(store, directory, SystemEntropy()), state
            self._stamps = TimestampTrust(store.timestamp_anchors())
            self._signers = SignerTrust(store.signer_anchors())
            self._lists = tuple(_checked(crl, self._gatherer.anchors) for crl in self._premises.lists)
        return self._gatherer


def _checked(crl: bytes, anchors: Anchors) -> bytes | CheckedList:
    """A list that was checked once for all documents; one that is not of signers' authorities stays as it is."""
    try:
        return check_crl(crl, anchors)
    except RevocationDataRefused:
        return crl


def _state_of(directory: Path) -> object:
    """What changes when an anchor is added, removed or told about anew."""
    try:
        return sorted((path.name, path.stat().st_mtime_ns) for path in directory.glob("*.json"))
    except FileNotFoundError:
        return _state_of(directory)  # one was removed while we looked


@contextmanager
def open_office(premises: Premises, clock: Clock | None = None) -> Iterator[Office]:
    """An office, closed at the end; by the system's clock unless told otherwise."""
    office = Office(premises, clock or SystemClock())
    try:
        yield office
    finally:
        office.close()


def discreet(report: DocumentReport) -> DocumentReport:
    """The report without anything about holders of real certificates."""
    told = [replace(each, signer=None, pairwise_id=None) if each.real else each for each in report.signatures]
    return replace(report, signatures=tuple(told))
