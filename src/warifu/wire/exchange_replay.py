"""Sending a recorded exchange to another provider: the same requests with this provider's own secrets in them."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2

from warifu.errors import Malformed, NotFound, Unavailable
from warifu.ports import Clock, Entropy
from warifu.services import (
    Entry,
    Labels,
    ProviderMetadata,
    Recording,
    RelyingParty,
    Step,
    answer_of,
    callback_of,
    discovery_address,
)
from warifu.wire.headless import Loopback

__all__ = ["OUTCOME", "Replay", "metadata_of"]

_SECONDS = 20.0
OUTCOME = "warifu-test-response"
"""The header by which the sandbox is told how a login ends."""
_CANCELLED = "cancelled"
_UNPLAYED = "invalid_test_response"
"""The sandbox's word for a persona that nobody is."""


@dataclass
class Replay:
    """One replay against one provider, as one client; `persona` logs in where somebody did."""

    provider: ProviderMetadata
    party: RelyingParty
    clock: Clock
    entropy: Entropy
    persona: str = "ordinary"
    _values: dict[str, str] = field(default_factory=dict, repr=False)

    def run(self, recorded: Recording) -> Recording:
        """What this provider answers to the same requests.

        Raises:
            Unavailable: it does not answer.
            NotFound: there is no such persona.
        """
        labels = Labels(self.provider.issuer, self.party.client_id, self.party.redirect_uri)
        steps = []
        with httpx2.Client(transport=Loopback(), timeout=_SECONDS, trust_env=False) as http:
            for step in recorded.steps:
                try:
                    answer = self._answer(http, step, labels)
                except httpx2.HTTPError as error:
                    raise Unavailable("the provider does not answer", detail=type(error).__name__) from error
                steps.append(Step(step.step, step.parameters, answer, step.authorization, step.assertion))
        return Recording(self.provider.issuer, steps)

    def _answer(self, http: httpx2.Client, step: Step, labels: Labels) -> Mapping[str, Any]:
        pairs = [(name, self._value(name, value, step, labels)) for name, value in step.parameters]
        if step.step == "authorization":
            return self._authorization(http, step, pairs, labels)
        headers = {}
        if step.authorization:
            scheme, _, label = step.authorization.partition(" ")
            headers["authorization"] = f"{scheme} {self._bound('access_token', label, labels)}" if label else scheme
        posted = step.step in {"token", "push"}
        content = urlencode(pairs) if posted else None
        if posted:
            headers["content-type"] = "application/x-www-form-urlencoded"
        response = http.request("POST" if posted else "GET", self._address(step), content=content, headers=headers)
        members = _members(response)
        self._bind(step.answer.get("members"), members)
        entry = Entry("", "", status=response.status_code, answer_headers=_lower(response), answer_body=response.text)
        return answer_of(entry, labels, step.step)

    def _authorization(
        self, http: httpx2.Client, step: Step, pairs: list[tuple[str, str]], labels: Labels
    ) -> Mapping[str, Any]:
        """The sandbox is told to end as the recorded login ended."""
        back = step.answer.get("callback", {})
        outcome = "card" if "code" in back else _CANCELLED
        headers = {OUTCOME: f"persona={self.persona}; outcome={outcome}"}
        response = http.get(f"{self.provider.authorization_endpoint}?{urlencode(pairs)}", headers=headers)
        told = _members(response)
        if told.get("error") == _UNPLAYED:
            raise NotFound(str(told.get("error_description")))
        location = response.headers.get("location", "")
        if location.partition("?")[0] != self.party.redirect_uri:
            return {"status": response.status_code}
        self._bind(back, dict(parse_qsl(urlsplit(location).query)))
        return {"callback": callback_of(location, labels)}

    def _address(self, step: Step) -> str:
        places = {
            "discovery": discovery_address(self.provider.issuer),
            "jwks": self.provider.jwks_uri,
            "token": self.provider.token_endpoint,
            "userinfo": self.provider.userinfo_endpoint,
            "push": self.provider.pushed_endpoint or f"{self.provider.issuer}/protocol/openid-connect/ext/par/request",
        }
        return places[step.step]

    # --- values for labels ---

    def _value(self, name: str, value: str, step: Step, labels: Labels) -> str:
        if value == "{client_id}":
            return self.party.client_id
        if value == "{redirect_uri}":
            return self.party.redirect_uri
        if value == "{assertion}":
            return self._assertion(step)
        if value.startswith("{issuer}"):
            return self.provider.issuer + value.removeprefix("{issuer}")
        return self._bound(name, value, labels) if value.startswith("{") and value.endswith("}") else value

    def _bound(self, name: str, label: str, labels: Labels) -> str:
        """What stands for a label here; the client's own values are made when they first appear."""
        if label not in self._values:
            self._make(label)
        value = self._values[label]
        labels.label(name, value)
        return value

    def _make(self, label: str) -> None:
        fresh = _base64url(self.entropy.bytes(32))
        number = label.rstrip("}").rpartition(" ")[2]
        if label.startswith("{code_challenge "):
            self._values[f"{{code_verifier {number}}}"] = fresh
            fresh = _base64url(hashlib.sha256(fresh.encode()).digest())
        self._values[label] = fresh

    def _bind(self, recorded: object, ours: Mapping[str, Any]) -> None:
        """Where the recording has a label, our answer has its value."""
        if isinstance(recorded, Mapping):
            for name, label in recorded.items():
                if isinstance(label, str) and label.startswith("{") and isinstance(ours.get(name), str):
                    self._values.setdefault(label, ours[name])

    def _assertion(self, step: Step) -> str:
        """For whom the recorded one was, if that was the issuer; else for the token endpoint."""
        audience = step.assertion.get("claims", {}).get("aud")
        target = self.provider.issuer if audience == "{issuer}" else self.provider.token_endpoint
        return self.party.key.assertion(self.party.client_id, target, self.clock.now(), self.entropy)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _members(response: httpx2.Response) -> Mapping[str, Any]:
    try:
        members = response.json()
    except ValueError:
        return {}
    return members if isinstance(members, dict) else {}


def _lower(response: httpx2.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def metadata_of(issuer: str) -> ProviderMetadata:
    """The metadata that a provider publishes.

    Raises:
        Unavailable: it does not answer.
        Malformed, WrongIssuer: as `ProviderMetadata.read`.
    """
    try:
        with httpx2.Client(transport=Loopback(), timeout=_SECONDS, trust_env=False) as http:
            response = http.get(discovery_address(issuer))
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise Unavailable(f"{discovery_address(issuer)} does not answer", detail=type(error).__name__) from error
    if response.status_code != 200:
        raise Malformed(f"the provider's metadata are not at {discovery_address(issuer)}")
    return ProviderMetadata.read(response.content, issuer)
