"""The shop's conversation about one login, in the way that its provider's metadata ask for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from warifu import services
from warifu.errors import Malformed
from warifu.ports import Clock, Entropy
from warifu.wire.relying_party.conversation import Conversation

__all__ = ["LoginDesk"]


class LoginDesk:
    """Logs people in: by the plain code flow, or as FAPI 2.0 wants it where requests have to be pushed."""

    def __init__(
        self, party: services.RelyingParty, conversation: Conversation, clock: Clock, entropy: Entropy
    ) -> None:
        self._party = party
        self._conversation = conversation
        self._clock = clock
        self._entropy = entropy

    async def begin(self, scopes: Sequence[str]) -> tuple[str, services.PendingLogin]:
        """The address to send the browser to, and what to remember.

        Raises:
            Unavailable, OAuthRefused, Malformed: the provider does not answer, refuses, or is not understood.
        """
        metadata = await self._conversation.metadata()
        if not metadata.requires_pushed:
            return services.begin(self._party, metadata, scopes, self._entropy)
        if metadata.pushed_endpoint is None:
            raise Malformed("the provider's metadata lack the endpoint for pushed requests")
        holder, now, mode = services.HolderKey.generate(), self._clock.now(), services.SIGNED_RESPONSE
        form, pending = services.begin_pushed(self._party, metadata, scopes, now, self._entropy, mode)
        proof = holder.proof("POST", metadata.pushed_endpoint, now, self._entropy)
        answer = await self._conversation.pushed(metadata.pushed_endpoint, form, proof)
        return services.pushed_address(answer, self._party, metadata), replace(pending, holder=holder)

    async def log_in(self, pending: services.PendingLogin, callback: Mapping[str, str]) -> services.LoggedIn:
        """Who came back.

        Raises:
            WarifuError: as `warifu.services.redeem`, `read_response` and `complete`.
        """
        metadata, now = await self._conversation.metadata(), self._clock.now()
        if pending.holder is not None:
            # A response that is not signed answers another request.
            callback = services.read_response(callback, await self._conversation.keys(), self._party, metadata, now)
        form = services.redeem(pending, callback, self._party, metadata, now, self._entropy)
        proof = self._proof(pending, "POST", metadata.token_endpoint)
        answer = await self._conversation.tokens(form, proof)
        kind = "bearer" if proof is None else "dpop"
        keys = await self._conversation.keys()
        return services.complete(pending, answer, keys, self._party, metadata, self._clock.now(), kind)

    async def userinfo(self, logged_in: services.LoggedIn, pending: services.PendingLogin) -> Mapping[str, Any]:
        """What the provider says about who came.

        Raises:
            WarifuError: as `warifu.services.join`.
        """
        address = (await self._conversation.metadata()).userinfo_endpoint
        proof = self._proof(pending, "GET", address, logged_in.access_token)
        return services.join(logged_in, await self._conversation.userinfo(logged_in.access_token, proof))

    def _proof(self, pending: services.PendingLogin, method: str, address: str, token: str | None = None) -> str | None:
        """A proof for one request of a login whose tokens are bound to a key."""
        if pending.holder is None:
            return None
        return pending.holder.proof(method, address, self._clock.now(), self._entropy, token)
