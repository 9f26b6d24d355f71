"""The shop's signing desk: has something signed, and shows what the platform operator found out about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from warifu import services
from warifu.errors import NotFound
from warifu.ports import Clock, Entropy
from warifu.wire.relying_party.conversation import Conversation

__all__ = ["Operator", "PendingSigning", "Signed", "SigningDesk"]

DOCUMENT = "割符商店 ご注文の確認（見本）\n品目：架空のりんご 1 箱\n金額：0 円\n"
"""What the shop has signed when nobody brings anything else."""


@dataclass(frozen=True, slots=True)
class Operator:
    """The platform operator that the shop has a contract with, and its token there."""

    address: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class PendingSigning:
    """What must be remembered until the browser comes back: what is signed, and in which transaction."""

    signing: services.ToBeSigned
    transaction: str


@dataclass(frozen=True, slots=True, repr=False)
class Signed:
    """What the operator said, about what."""

    signing: services.ToBeSigned
    found: Mapping[str, Any]

    @property
    def result(self) -> str:
        """``ok``, or why not."""
        return str(self.found["verification"]["result"])

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What is known of the signature and its signer, for people."""
        told: list[tuple[str, Any]] = [*self.found["verification"].items()]
        told += [(name, value) for name, value in self.found.get("certificate_content", {}).items() if value]
        told += [("user", self.found["user"]["id"])] if "user" in self.found else []
        told += [("is_new_user", self.found["is_new_user"])] if "is_new_user" in self.found else []
        return [(name, _shown(value)) for name, value in told]


class SigningDesk:
    """The shop's conversation about one signature, step by step."""

    def __init__(
        self,
        party: services.RelyingParty,
        conversation: Conversation,
        operator: Operator,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._party = party
        self._conversation = conversation
        self._operator = operator
        self._clock = clock
        self._entropy = entropy

    def to_be_signed(self, digest: str, form: str) -> services.ToBeSigned:
        """What the browser asks to be signed, or the shop's own document.

        Raises:
            Malformed: no SHA-256 value in hexadecimal.
        """
        chosen: Literal["digest", "digest_info"] = "digest" if form == "digest" else "digest_info"
        if not digest:
            return services.ToBeSigned.of(DOCUMENT.encode(), chosen)
        return services.ToBeSigned(services.ToBeSigned.read(digest).digest, chosen)

    async def begin(self, signing: services.ToBeSigned) -> tuple[str, services.PendingLogin, PendingSigning]:
        """Submit it; where to send the browser, and what to remember.

        Raises:
            NotFound: the provider offers no signing.
            OAuthRefused, Unavailable, Malformed: as it says.
        """
        metadata = await self._conversation.metadata()
        if metadata.sign_transactions_endpoint is None:
            raise NotFound("this provider offers no signing API")
        form = services.service_token_form(self._party, metadata, self._clock.now(), self._entropy)
        token = services.read_service_token(await self._conversation.tokens(form))
        body = services.submission(signing)
        answer = await self._conversation.post(metadata.sign_transactions_endpoint, body, token)
        transaction = services.read_transaction(answer)
        address, pending = services.begin_signing(self._party, metadata, transaction, self._entropy)
        return address, pending, PendingSigning(signing, transaction)

    async def finish(self, pending: PendingSigning, access_token: str) -> Signed:
        """Fetch the result with the person's token, and ask the operator about it.

        Raises:
            OAuthRefused, Unavailable, Malformed: the provider or the operator says so.
        """
        metadata = await self._conversation.metadata()
        address = f"{metadata.sign_transactions_endpoint}/{pending.transaction}/result"
        result = services.read_result(await self._conversation.get(address, access_token))
        asked = services.for_operator(result, pending.signing)
        answer = await self._conversation.post(self._operator.address, asked, self._operator.token)
        return Signed(pending.signing, services.read_verification(answer))


def _shown(value: object) -> str:
    return "; ".join(f"{name}: {each}" for name, each in value.items()) if isinstance(value, dict) else str(value)
