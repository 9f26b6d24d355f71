"""Whether an answer is a person's: the provider's verifier, with what the authorities say."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from warifu import idp
from warifu.cardmap import CvAnchor
from warifu.errors import Expired, StatusUnknown, WarifuError, WrongSignature
from warifu.idp import Login, Provider, Secret
from warifu.messages import LoginAnswer
from warifu.person import BasicAttributes
from warifu.ports import Clock
from warifu.reader import check_attributes
from warifu.verifier import (
    Anchors,
    CertificateQuestion,
    Evidence,
    Memory,
    Needs,
    Policy,
    SeenRevocations,
    SignedLogin,
    check_again,
    needs,
    needs_again,
)
from warifu.wire.provider.limiting import Limiter


class Gather(Protocol):
    """Asks the authorities that the operator configured about one certificate."""

    def __call__(self, needs: Needs) -> Evidence:
        """What they said; what they did not say is left out.

        Raises:
            Unavailable: nobody answers.
        """
        ...


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom the provider believes: authorities and their services for certificates, municipalities' roots for cards.

    `seen` are the revocations it has seen: what was revoked once is refused, whatever an authority says later.
    """

    anchors: Anchors
    gather: Gather
    card_anchors: Collection[CvAnchor] = ()
    policy: Policy = field(default_factory=Policy)
    seen: SeenRevocations | None = None

    def check_again(self, asked: CertificateQuestion, now: datetime) -> None:
        """Ask whether a certificate that was verified still is good; of one that has expired nobody is asked.

        Raises:
            Refused, Unavailable: as `warifu.verifier.needs_again` and `check_again`.
        """
        if now > asked.not_after:
            raise Expired
        evidence = self.gather(needs_again(asked, self.anchors, policy=self.policy))
        check_again(asked, evidence, self.anchors, now, policy=self.policy, seen=self.seen)


class Verifying:
    """One provider's verifier; it keeps nothing but what makes the next look at an authority faster."""

    def __init__(
        self, provider: Provider, trust: Trust, secret: Secret, clock: Clock, limiter: Limiter | None = None
    ) -> None:
        self._provider = provider
        self._trust = trust
        self._memory = Memory()
        self._secret = secret
        self._clock = clock
        self._limiter = limiter

    def verify(self, login: Login, answer: LoginAnswer) -> tuple[Login, str]:
        """The login with this answer, and the token to decide about it with.

        Raises:
            Refused, Unavailable, Malformed: as `check_answer` and `complete` of `warifu.idp` and
                `warifu.reader.check_attributes` say.
            TooManyRequests: a wrong signature, and too many of them under this certificate; a right one never waits.
        """
        try:
            return self._verify(login, answer)
        except WrongSignature:
            if self._limiter is not None:
                self._limiter.wrong_signature(answer.unverified_certificate)
            raise

    def _verify(self, login: Login, answer: LoginAnswer) -> tuple[Login, str]:
        """The signature first: nobody who lacks the card has an authority asked about it.

        That costs money, and tells that it was used.
        """
        trust, memory = self._trust, self._memory
        wanted = needs(answer.unverified_certificate, trust.anchors, policy=trust.policy, memory=memory)
        signed = idp.check_answer(login, answer, trust.anchors, self._provider, self._clock.now(), memory=memory)
        try:
            attributes = self._attributes(login, answer)
        except WarifuError:
            # What is wrong with the certificate is told before what is wrong with the attributes.
            self._decide(login, signed, None, wanted)
            raise
        return self._decide(login, signed, attributes, wanted)

    def _decide(
        self, login: Login, signed: SignedLogin, attributes: BasicAttributes | None, wanted: Needs
    ) -> tuple[Login, str]:
        """Decide by what is here if that is enough; else ask the authority."""
        with suppress(StatusUnknown):
            return self._complete(login, signed, attributes, Evidence())
        return self._complete(login, signed, attributes, self._trust.gather(wanted))

    def _complete(
        self, login: Login, signed: SignedLogin, attributes: BasicAttributes | None, evidence: Evidence
    ) -> tuple[Login, str]:
        trust, now = self._trust, self._clock.now()
        return idp.complete(
            login, signed, attributes, evidence, self._provider, self._secret, now, policy=trust.policy, seen=trust.seen
        )

    def _attributes(self, login: Login, answer: LoginAnswer) -> BasicAttributes | None:
        """The four attributes if any was asked for and the card gave them; unasked ones are not even looked at."""
        if answer.attributes is None or not set(idp.ATTRIBUTE_SCOPES) & set(login.request.scopes):
            return None
        nonce = idp.expected_challenge(login, self._provider).card_nonce()
        return check_attributes(answer.attributes, nonce, self._trust.card_anchors)
