"""What is to happen at the next login: said by a header, a file or the API, the narrowest first."""

import random
import threading
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any, Self

from warifu.errors import Malformed
from warifu.idp import Refusal, refusals
from warifu.messages import json
from warifu.wire.verification import Result

__all__ = [
    "ANY",
    "CARD",
    "HEADER",
    "LATER",
    "OUTCOMES",
    "PLAYED",
    "REFUSALS",
    "Endpoint",
    "Later",
    "Response",
    "Responses",
    "Rule",
]

HEADER = "warifu-test-response"
"""On the authorization request: ``persona=ordinary; outcome=certificate_revoked; seconds=2``."""
PLAYED = "warifu-test-outcome"
"""On the answer to it: what was played."""
CARD = "card"
"""The login goes as the persona's card has it: the default."""


class Endpoint(Enum):
    """Whom the client's server asks after a good login."""

    TOKEN = "token"  # noqa: S105 - an endpoint
    USERINFO = "userinfo"
    RESULT = "result"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Later:
    """What one of them answers, once; `seconds` is how late it is if nobody says."""

    endpoint: Endpoint
    status: int
    error: str = ""
    result: str = ""
    seconds: int = 0

    @property
    def members(self) -> dict[str, object]:
        """The answer's body: of an endpoint an error, of the operator what verifying found, or an error of its own."""
        if self.result:
            return {"verification": {"result": self.result}}
        told = "description" if self.endpoint is Endpoint.OPERATOR else "error_description"
        return {"error": self.error, told: "asked for by a test"} if self.error else {}


_LATE = 10
"""Seconds: longer than most clients wait."""


def _words(endpoint: Endpoint, *faults: Later) -> dict[str, Later]:
    named = {f"{endpoint.value}_{fault.error or fault.result}": fault for fault in faults}
    slow = Later(endpoint, 200, seconds=_LATE)
    return {f"{endpoint.value}_down": Later(endpoint, 503), f"{endpoint.value}_slow": slow, **named}


LATER: Mapping[str, Later] = {
    **_words(
        Endpoint.TOKEN,
        Later(Endpoint.TOKEN, 400, "invalid_grant"),
        Later(Endpoint.TOKEN, 401, "invalid_client"),
        Later(Endpoint.TOKEN, 500, "server_error"),
    ),
    **_words(Endpoint.USERINFO, Later(Endpoint.USERINFO, 401, "invalid_token")),
    **_words(
        Endpoint.RESULT,
        Later(Endpoint.RESULT, 401, "invalid_token"),
        Later(Endpoint.RESULT, 403, "insufficient_scope"),
        Later(Endpoint.RESULT, 400, "invalid_request"),
    ),
    **_words(
        Endpoint.OPERATOR,
        *(Later(Endpoint.OPERATOR, 200, result=each.value) for each in Result if each is not Result.OK),
        Later(Endpoint.OPERATOR, 401, "token_unknown"),
        Later(Endpoint.OPERATOR, 400, "malformed"),
        Later(Endpoint.OPERATOR, 503, "status_unknown"),
    ),
}
"""The login goes well, and what the client's server asks next does not (RFC 6749 §5.2, RFC 6750 §3; for the platform
operator the words of docs.p8n.app, verification-result)."""
REFUSALS: Mapping[str, Refusal] = refusals()
OUTCOMES = (CARD, *REFUSALS, *LATER)
"""Every one: the card decides, each word that a client may be told, each fault of the server behind a good login."""
ANY = "any"
"""One of `OUTCOMES`, drawn: the same seed gives the same ones in the same order, from each start or clearing on."""
_SLOWEST = 120
_MOST_QUEUED = 1_000
_LONGEST_NUMBER = 18
_RULE: json.Members = {"outcome": str}
_OPTIONAL: json.Members = {"persona": str, "seconds": int, "seed": int, "client_id": str, "times": int}
_NUMBERS = ("seconds", "seed")


@dataclass(frozen=True, slots=True)
class Response:
    """How one login goes: whose card is held, how it ends, and after how many seconds; `seed` is for ``any``.

    Raises:
        Malformed: an outcome that nobody knows, or more than two minutes.
    """

    outcome: str = CARD
    persona: str = "ordinary"
    seconds: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.outcome not in (ANY, *OUTCOMES):
            raise Malformed("no such outcome; the page /test-responses lists them")
        if not 0 <= self.seconds <= _SLOWEST:
            raise Malformed(f"an answer is delayed by at most {_SLOWEST} seconds")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the header: ``name=value`` with semicolons between.

        Raises:
            Malformed: another name, one twice, or as the class says.
        """
        told: dict[str, str] = {}
        for part in filter(None, (each.strip() for each in text.split(";"))):
            name, equals, value = part.partition("=")
            if not equals or name in told or name not in ("outcome", "persona", *_NUMBERS):
                raise Malformed(f"the header {HEADER} has outcome, persona, seconds and seed, each once")
            told[name] = value
        seconds, seed = (_number(name, told.pop(name, "0")) for name in _NUMBERS)
        return cls(**told, seconds=seconds, seed=seed)


@dataclass(frozen=True, slots=True)
class Rule:
    """A response for logins of one client, or of any; for so many logins, or (0) for all."""

    response: Response
    client_id: str | None = None
    times: int = 0

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read JSON: `outcome`, and if wanted `persona`, `seconds`, `seed`, `client_id`, `times`.

        Raises:
            Malformed: anything else.
        """
        told = json.parse(data)
        if isinstance(told, dict):
            _check_names(told.keys())
        return cls._of(json.check(told, _RULE, _OPTIONAL))

    @classmethod
    def read_all(cls, data: bytes) -> tuple[Self, ...]:
        """Read a list of them, under `rules`.

        Raises:
            Malformed: anything else.
        """
        rules = json.load(data, {"rules": list})["rules"]
        for each in rules:
            _check_names(set(each) if isinstance(each, dict) else set())
        return tuple(cls._of(json.check(each, _RULE, _OPTIONAL)) for each in rules)

    @classmethod
    def _of(cls, told: dict[str, Any]) -> Self:
        times = told.pop("times", 0)
        if times < 0:
            raise Malformed("times is 0 or more")
        return cls(client_id=told.pop("client_id", None), times=times, response=Response(**told))

    def fits(self, client_id: str) -> bool:
        """Whether it is about this client's logins."""
        return self.client_id in (None, client_id)


class Responses:
    """The rules, in the order in which they came; of those of the file the order is the file's."""

    def __init__(self, file: Path | None = None) -> None:
        """Take the rules of a file, a JSON object with `rules`; none if there is no file.

        Raises:
            Malformed: the file is something else; the message names it.
        """
        self._lock = threading.Lock()
        self._queued: list[Rule] = []
        self._rules = () if file is None or not file.exists() else _read(file)
        self._used = [0] * len(self._rules)
        self._drawn: Counter[int] = Counter()

    def queue(self, rule: Rule) -> None:
        """Add a rule for what comes next.

        Raises:
            Malformed: there are a thousand already.
        """
        with self._lock:
            if len(self._queued) >= _MOST_QUEUED:
                raise Malformed("too many responses are waiting")
            self._queued.append(rule)

    def clear(self) -> None:
        """Forget what was queued, and how often was drawn: each seed begins anew."""
        with self._lock:
            self._queued.clear()
            self._drawn.clear()

    def take(self, client_id: str) -> Response | None:
        """What is to happen at this client's login that begins now; None if nobody said."""
        with self._lock:
            for place, rule in enumerate(self._queued):
                if rule.fits(client_id):
                    self._spend_queued(place)
                    return rule.response
            for place, rule in enumerate(self._rules):
                if rule.fits(client_id) and (rule.times == 0 or self._used[place] < rule.times):
                    self._used[place] += 1
                    return rule.response
        return None

    def drawn(self, response: Response) -> Response:
        """The same with an outcome that was drawn, where ``any`` was said."""
        if response.outcome != ANY:
            return response
        with self._lock:
            place = self._drawn[response.seed]
            self._drawn[response.seed] += 1
        drawn = random.Random(f"{response.seed}:{place}").choice(OUTCOMES)  # noqa: S311 - no secret
        return replace(response, outcome=drawn)

    def _spend_queued(self, place: int) -> None:
        """What is queued is for one login unless it says for how many."""
        rule = self._queued[place]
        if rule.times > 1:
            self._queued[place] = Rule(rule.response, rule.client_id, rule.times - 1)
        else:
            del self._queued[place]


def _check_names(names: Set[str]) -> None:
    if not _RULE.keys() <= names <= {*_RULE, *_OPTIONAL}:
        raise Malformed(f"a rule has outcome and, if wanted, {', '.join(_OPTIONAL)}; nothing else")


def _number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > _LONGEST_NUMBER:
        raise Malformed(f"{name} is a number")
    return int(text)


def _read(file: Path) -> Sequence[Rule]:
    try:
        return Rule.read_all(file.read_bytes())
    except Malformed as error:
        raise Malformed(f"{file}: {error}") from error
