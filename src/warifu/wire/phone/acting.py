"""What the phone does for a visit: hold the card, and speak to the provider."""

from contextlib import suppress
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from warifu.errors import (
    CardRefused,
    LastTry,
    Malformed,
    NotOnCard,
    PartyRefused,
    PinBlocked,
    Unavailable,
    WarifuError,
    WrongPin,
)
from warifu.messages import LoginAnswer
from warifu.person import BasicAttributes
from warifu.pki import EndEntityCertificate
from warifu.reader import Key
from warifu.wire.phone.holding import answer_with_card, sign_with_card
from warifu.wire.phone.provider import ProviderLink
from warifu.wire.phone.visit import Entry, Step, Visit
from warifu.wire.phone.wallet import Wallet

if TYPE_CHECKING:
    from warifu.wire.stapling import Stapling  # loads the authorities' side


class Acting:
    """The card and the provider, on behalf of visits."""

    def __init__(self, wallet: Wallet, link: ProviderLink, stapling: "Stapling | None") -> None:
        self._wallet = wallet
        self._link = link
        self._stapling = stapling

    async def hold(self, visit: Visit) -> None:
        """Hold the card and hand its answer to the provider; the visit goes where the result leads."""
        visit.step = Step.READING
        try:
            answer = await run_in_threadpool(self._read, visit)
        except WrongPin as error:
            self._wrong_pin(visit, error)
        except LastTry as error:
            self._last_try(visit, error)
        except PinBlocked as error:
            await self._blocked(visit, error)
        except (CardRefused, Malformed) as error:
            reason = "not_on_card" if isinstance(error, NotOnCard) else "card_refused"
            cannot_sign = visit.invitation.signing is not None and reason == "not_on_card"
            await self.give_up(visit, reason, "cannot_sign" if cannot_sign else reason)
        except Unavailable:
            visit.hold_again("card_unavailable")
        else:
            await self._hand_over(visit, answer)
        finally:
            if visit.step is Step.READING:  # our own mistake: the request fails, the visit does not hang
                visit.hold_again("card_unavailable")

    async def decide(self, visit: Visit, *, allow: bool) -> None:
        """Tell the provider what the person decided."""
        if not allow:
            await self.give_up(visit, "cancelled", "cancelled")
            return
        assert visit.shares is not None
        visit.step = Step.DECIDING
        try:
            transaction, decision_token = visit.invitation.transaction, visit.shares.decision_token
            visit.finish_token = await self._link.allow(visit.provider, transaction, decision_token, visit.token)
        except PartyRefused as error:
            visit.finish(error.error)
        except (Unavailable, Malformed):
            visit.step, visit.notice = Step.CONSENT, "no_answer"
        else:
            visit.finish("allowed")

    async def give_up(self, visit: Visit, reason: str, outcome: str) -> None:
        """End the visit and tell the provider why; if it does not hear us, the login simply expires."""
        visit.finish(outcome)
        try:
            await self._link.deny(visit.provider, visit.invitation.transaction, reason, visit.token)
        except WarifuError:
            visit.notice = "not_told"

    def _read(self, visit: Visit) -> LoginAnswer:
        """In a worker thread: the card's writes wait for the disk."""
        assert visit.card is not None
        stapling = self._stapling
        # The origin signed is the one configured here, not the one that the invitation claims.
        challenge = visit.invitation.challenge(visit.provider.origin)
        with self._wallet.open(visit.card.name) as connection:
            if visit.invitation.signing is None:
                answer = answer_with_card(connection, challenge, visit.authentication, visit.text)
            else:
                data, entries = visit.invitation.signing, (visit.authentication, visit.text, visit.password)
                answer = sign_with_card(connection, challenge, data, *entries)
            issuer = None if stapling is None else stapling.issuer_on(connection, answer)
        return answer if stapling is None else stapling.attach(answer, issuer)

    async def _hand_over(self, visit: Visit, answer: LoginAnswer) -> None:
        try:
            visit.agree_to(await self._link.answer(visit.provider, answer, visit.token), _carried(answer))
        except PartyRefused as error:
            visit.finish(error.error)
        except (Unavailable, Malformed):
            visit.hold_again("no_answer")

    def _wrong_pin(self, visit: Visit, error: WrongPin) -> None:
        entry = _entry(visit, error.pin_name)
        visit.ask_again(entry)
        entry.tries_left, entry.confirm = error.tries_left, error.tries_left == 1

    def _last_try(self, visit: Visit, error: LastTry) -> None:
        entry = _entry(visit, error.pin_name)
        visit.ask_again(entry)
        entry.confirm = True
        visit.notice = "confirm_last_try"

    async def _blocked(self, visit: Visit, error: PinBlocked) -> None:
        """Without the authentication PIN there is no login; without the text PIN there are only no attributes."""
        if error.pin_name == Key.AUTHENTICATION.pin.name:
            await self.give_up(visit, "pin_blocked", "pin_blocked")
        elif error.pin_name == Key.SIGNING.pin.name:
            await self.give_up(visit, "pin_blocked", "password_blocked")
        else:
            visit.ask_again(visit.text)
            visit.text.blocked = True


def _entry(visit: Visit, pin_name: str) -> Entry:
    entries = {Key.AUTHENTICATION.pin.name: visit.authentication, Key.SIGNING.pin.name: visit.password}
    return entries.get(pin_name, visit.text)


def _carried(answer: LoginAnswer) -> BasicAttributes | None:
    """What the person is about to give away with the signature; None where the certificate has no whole birth date."""
    if answer.signing is None:
        return None
    with suppress(Malformed):
        told = EndEntityCertificate.decode(answer.signing.unverified_certificate).personal_data
        return None if told is None else told.attributes()
    return None
