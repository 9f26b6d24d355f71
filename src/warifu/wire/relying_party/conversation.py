"""The shop's calls to its provider, over HTTP."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx2

from warifu import services
from warifu.errors import Unavailable
from warifu.ports import Clock

_METADATA_AGE: Final = timedelta(minutes=5)


class Conversation:
    """The shop's calls to its provider."""

    def __init__(self, issuer: str, client: httpx2.AsyncClient, clock: Clock) -> None:
        self._issuer = issuer
        self._client = client
        self._clock = clock
        self._metadata: services.ProviderMetadata | None = None
        self._metadata_until = datetime.min.replace(tzinfo=UTC)

    async def metadata(self) -> services.ProviderMetadata:
        """The provider's metadata, at most five minutes old."""
        if self._metadata is None or self._clock.now() >= self._metadata_until:
            document = await self._send("GET", services.discovery_address(self._issuer))
            self._metadata = services.ProviderMetadata.read(document, self._issuer)
            self._metadata_until = self._clock.now() + _METADATA_AGE
        return self._metadata

    async def keys(self) -> Mapping[str, Any]:
        """The provider's keys, as they are now."""
        return services.read_object(await self._send("GET", (await self.metadata()).jwks_uri))

    async def pushed(self, address: str, form: dict[str, str], proof: str) -> bytes:
        """The answer to a pushed request, which may be a refusal."""
        return await self._send("POST", address, form=form, headers={services.PROOF_HEADER: proof}, refusals=True)

    async def tokens(self, form: dict[str, str], proof: str | None = None) -> bytes:
        """The token endpoint's answer, which may be a refusal."""
        headers = {} if proof is None else {services.PROOF_HEADER: proof}
        address = (await self.metadata()).token_endpoint
        return await self._send("POST", address, form=form, headers=headers, refusals=True)

    async def userinfo(self, access_token: str, proof: str | None = None) -> bytes:
        """What the provider says about the person."""
        headers = {"authorization": f"Bearer {access_token}"}
        if proof is not None:
            headers = {"authorization": f"DPoP {access_token}", services.PROOF_HEADER: proof}
        return await self._send("GET", (await self.metadata()).userinfo_endpoint, headers=headers)

    async def post(self, address: str, body: bytes, token: str) -> bytes:
        """A JSON request with a bearer token; the answer may be a refusal."""
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        return await self._send("POST", address, headers=headers, content=body, refusals=True)

    async def get(self, address: str, token: str) -> bytes:
        """What a bearer token opens; the answer may be a refusal."""
        return await self._send("GET", address, headers={"authorization": f"Bearer {token}"}, refusals=True)

    async def _send(
        self,
        method: str,
        address: str,
        *,
        form: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
        refusals: bool = False,
    ) -> bytes:
        try:
            response = await self._client.request(method, address, data=form, content=content, headers=headers)
        except httpx2.HTTPError as error:
            raise Unavailable("the provider does not answer", detail=type(error).__name__) from error
        if response.is_success or (refusals and response.is_client_error):
            return response.content
        raise Unavailable("the provider does not answer", detail=f"status {response.status_code}")
