"""A recorded exchange between a client and a provider, without a secret in it: what two providers are compared by.

::

    {"format": "warifu-exchange-1", "issuer": "https://provider.example",
     "steps": [{"step": "authorization", "parameters": [["scope", "openid"], ["state", "{state 1}"], ...],
                "answer": {"callback": {"code": "{code 1}", "state": "{state 1}"}}},
               {"step": "token", "parameters": [["code", "{code 1}"], ...], "assertion": {"alg": "ES256", ...},
                "answer": {"status": 200, "members": {"access_token": "{access_token 1}", "expires_in": 300, ...}}}]}

What is different at each login is written as what it is: ``{code 1}`` is the first code and the same wherever it comes
back, ``(integer)`` a moment, ``"9999"`` four digits that were somebody's. Addresses below the issuer begin with
``{issuer}``. So nothing in a recording opens anything or names anybody, and recordings of the same behaviour are equal.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from warifu.errors import Malformed
from warifu.services.provider import read_object

__all__ = ["FORMAT", "Recording", "Step", "StepKind"]

FORMAT = "warifu-exchange-1"
StepKind = ("discovery", "jwks", "authorization", "push", "token", "userinfo")
"""What is compared; login pages are nobody's rule."""


@dataclass(frozen=True, slots=True)
class Step:
    """One request and its answer. `parameters` keep their order; `authorization` is the header's scheme and label."""

    step: str
    parameters: tuple[tuple[str, str], ...] = ()
    answer: Mapping[str, Any] = field(default_factory=dict)
    authorization: str = ""
    assertion: Mapping[str, Any] = field(default_factory=dict)

    @property
    def members(self) -> dict[str, Any]:
        """As it stands in the file."""
        told: dict[str, Any] = {"step": self.step}
        if self.parameters:
            told["parameters"] = [list(pair) for pair in self.parameters]
        if self.authorization:
            told["authorization"] = self.authorization
        if self.assertion:
            told["assertion"] = dict(self.assertion)
        return told | {"answer": dict(self.answer)}

    @classmethod
    def read(cls, members: object) -> Self:
        """Read one.

        Raises:
            Malformed: anything else.
        """
        if not isinstance(members, dict) or members.get("step") not in StepKind:
            raise Malformed(f"each step is one of {', '.join(StepKind)}")
        pairs, answer = members.get("parameters", []), members.get("answer")
        assertion, authorization = members.get("assertion", {}), members.get("authorization", "")
        if not isinstance(pairs, list) or not all(_is_pair(pair) for pair in pairs):
            raise Malformed("parameters are a list of names with values")
        if not isinstance(answer, dict) or not isinstance(assertion, dict) or not isinstance(authorization, str):
            raise Malformed("a step has an answer")
        return cls(members["step"], tuple((name, value) for name, value in pairs), answer, authorization, assertion)


@dataclass(frozen=True, slots=True)
class Recording:
    """The whole file."""

    issuer: str
    steps: Sequence[Step]

    def encode(self) -> bytes:
        """As JSON, for people to look through before they give it away."""
        told = {"format": FORMAT, "issuer": self.issuer, "steps": [step.members for step in self.steps]}
        return json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"

    @classmethod
    def decode(cls, document: bytes) -> Self:
        """Read the file.

        Raises:
            Malformed: another format, or a step that is none.
        """
        members = read_object(document, "the recording")
        steps, issuer = members.get("steps"), members.get("issuer")
        if members.get("format") != FORMAT or not isinstance(steps, list) or not isinstance(issuer, str):
            raise Malformed(f"a recording says format {FORMAT}, issuer and steps")
        return cls(issuer, tuple(Step.read(each) for each in steps))


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(each, str) for each in pair)
