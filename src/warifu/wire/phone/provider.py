"""What the phone's server asks of a login provider, server to server."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2

from warifu.errors import Malformed, PartyRefused, Unavailable, WrongOrigin, WrongTransaction
from warifu.messages import LoginAnswer, LoginInvitation
from warifu.messages import json as messages_json


@dataclass(frozen=True, slots=True)
class KnownProvider:
    """A provider that the phone's owner trusts.

    `origin` is what its pages are known by, and what gets signed; `base` is where its server answers, empty for the
    same. Both without a slash at the end.
    """

    origin: str
    base: str = ""

    def address(self, transaction: str, action: str) -> str:
        """Where to send what; `transaction` has URL-safe characters only."""
        return f"{self.base or self.origin}/login/{transaction}/{action}"

    def hand_over(self, action: str) -> str:
        """Where to send what as long as the transaction is not known."""
        return f"{self.base or self.origin}/hand-over/{action}"

    def way_back(self, transaction: str, finish: str) -> str:
        """Where the browser that began goes on; `finish` is what only this phone's app knows, if there is anything."""
        query = f"?finish={quote(finish, safe='')}" if finish else ""
        return f"{self.origin}/login/{transaction}/continue{query}"


@dataclass(frozen=True, slots=True, repr=False)
class Shares:
    """The provider accepted the card's answer: what it will give the client if the person agrees.

    `agreed` are the scopes that the person agreed to before, if the provider remembers any.
    """

    client_name: str
    scopes: tuple[str, ...]
    decision_token: str
    agreed: tuple[str, ...] = ()

    @property
    def nothing_new(self) -> bool:
        """Whether all was agreed to before, and nothing is given away by a signature."""
        return set(self.scopes) <= set(self.agreed) and "sign" not in self.scopes


class ProviderLink:
    """Conversations with providers over HTTP; `token` says that this phone has the login."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def invitation(self, provider: KnownProvider, transaction: str, token: str) -> LoginInvitation:
        """What the provider asks in a waiting transaction.

        Raises:
            WrongOrigin, WrongTransaction: it speaks for somebody else, or of something else.
            PartyRefused: there is no such transaction, or it is over.
            Unavailable, Malformed: no answer, or no readable one.
        """
        answer = await self.send("GET", provider.address(transaction, "invitation"), token=token)
        invitation = LoginInvitation.decode(answer)
        if invitation.origin != provider.origin:
            raise WrongOrigin
        if invitation.transaction != transaction:
            raise WrongTransaction
        return invitation

    async def answer(self, provider: KnownProvider, answer: LoginAnswer, token: str) -> Shares:
        """Hand over what the card signed.

        Raises:
            PartyRefused: the provider does not accept it; `error` says why.
        """
        address = provider.address(answer.challenge.transaction, "answer")
        expected: dict[str, type | tuple[type, ...]] = {"client_name": str, "shares": list, "decision_token": str}
        told = await self.send("POST", address, answer.encode(), token=token)
        members = messages_json.load(told, expected, optional={"agreed": list})
        shares, agreed = members["shares"], members.get("agreed", [])
        if not all(isinstance(scope, str) for scope in (*shares, *agreed)):
            raise Malformed("member shares or agreed has the wrong type")
        return Shares(members["client_name"], tuple(shares), members["decision_token"], tuple(agreed))

    async def allow(self, provider: KnownProvider, transaction: str, decision_token: str, token: str) -> str:
        """Tell the provider that the person agrees; what the browser of this device needs to finish, if anything."""
        decision = {"decision": "allow", "decision_token": decision_token}
        answer = await self._decide(provider, transaction, decision, token)
        finish: str = messages_json.load(answer, {"finish": str})["finish"] if answer else ""
        return finish

    async def deny(self, provider: KnownProvider, transaction: str, reason: str, token: str) -> None:
        """Tell the provider that nothing comes of this login, and why."""
        await self._decide(provider, transaction, {"decision": "deny", "reason": reason}, token)

    async def _decide(self, provider: KnownProvider, transaction: str, decision: dict[str, str], token: str) -> bytes:
        address = provider.address(transaction, "decision")
        return await self.send("POST", address, messages_json.dump(decision), token=token)

    async def send(self, method: str, address: str, body: bytes | None = None, *, token: str = "") -> bytes:
        """One request and the body of its answer.

        Raises:
            PartyRefused: the provider says no, and why.
            Unavailable: no answer, or a stranger's.
        """
        headers = {"accept": "application/json"} | ({} if body is None else {"content-type": "application/json"})
        headers |= {"authorization": f"Bearer {token}"} if token else {}
        try:
            response = await self._client.request(method, address, content=body, headers=headers)
        except httpx2.HTTPError as error:
            raise Unavailable("the provider does not answer", detail=type(error).__name__) from error
        if not response.is_success:
            raise _refusal(response)
        return response.content


def _refusal(response: httpx2.Response) -> PartyRefused | Unavailable:
    """The `error` and `description` that every party answers with; a stranger's answer is as good as none."""
    try:
        members: Any = response.json()
        return PartyRefused(str(members["error"]), str(members["description"]))
    except (ValueError, KeyError, TypeError):
        return Unavailable("the provider does not answer", detail=f"status {response.status_code}")
