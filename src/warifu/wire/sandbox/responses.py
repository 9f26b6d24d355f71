"""What is to happen at the next login: said by a header, a file or the API, the narrowest first."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from warifu.errors import Malformed
from warifu.idp import Refusal, refusals
from warifu.messages import json

__all__ = ["CARD", "HEADER", "LATER", "OUTCOMES", "REFUSALS", "Response", "Responses", "Rule"]

HEADER = "warifu-test-response"
"""On the authorization request: ``persona=ordinary; outcome=certificate_revoked; seconds=2``."""
CARD = "card"
"""The login goes as the persona's card has it: the default."""
LATER: Mapping[str, tuple[int, str]] = {
    "token_down": (503, ""),
    "token_slow": (200, ""),
    "token_invalid_grant": (400, "invalid_grant"),
    "token_invalid_client": (401, "invalid_client"),
    "token_server_error": (500, "server_error"),
    "userinfo_down": (503, ""),
    "userinfo_invalid_token": (401, "invalid_token"),
}
"""The login goes well, and what the client's server asks next does not: status, error (RFC 6749 §5.2, RFC 6750 §3)."""
REFUSALS: Mapping[str, Refusal] = refusals()
OUTCOMES = (CARD, *REFUSALS, *LATER)
"""Every one: the card decides, each word that a client may be told, each fault of the server behind a good login."""
_SLOWEST = 120
_MOST_QUEUED = 1_000
_RULE: json.Members = {"outcome": str}
_OPTIONAL: json.Members = {"persona": str, "seconds": int, "client_id": str, "times": int}


@dataclass(frozen=True, slots=True)
class Response:
    """How one login goes: whose card is held, how it ends, and after how many seconds.

    Raises:
        Malformed: an outcome that nobody knows, or more than two minutes.
    """

    outcome: str = CARD
    persona: str = "ordinary"
    seconds: int = 0

    def __post_init__(self) -> None:
        if self.outcome not in OUTCOMES:
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
            if not equals or name in told or name not in ("outcome", "persona", "seconds"):
                raise Malformed(f"the header {HEADER} has outcome, persona and seconds, each once")
            told[name] = value
        seconds = told.pop("seconds", "0")
        if not seconds.isascii() or not seconds.isdigit():
            raise Malformed("seconds is a number")
        return cls(**told, seconds=int(seconds))


@dataclass(frozen=True, slots=True)
class Rule:
    """A response for logins of one client, or of any; for so many logins, or (0) for all."""

    response: Response
    client_id: str | None = None
    times: int = 0

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read JSON: `outcome`, and if wanted `persona`, `seconds`, `client_id`, `times`.

        Raises:
            Malformed: anything else.
        """
        return cls._of(json.load(data, _RULE, _OPTIONAL))

    @classmethod
    def read_all(cls, data: bytes) -> tuple[Self, ...]:
        """Read a list of them, under `rules`.

        Raises:
            Malformed: anything else.
        """
        rules = json.load(data, {"rules": list})["rules"]
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
        """Forget what was queued."""
        with self._lock:
            self._queued.clear()

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

    def _spend_queued(self, place: int) -> None:
        """What is queued is for one login unless it says for how many."""
        rule = self._queued[place]
        if rule.times > 1:
            self._queued[place] = Rule(rule.response, rule.client_id, rule.times - 1)
        else:
            del self._queued[place]


def _read(file: Path) -> Sequence[Rule]:
    try:
        return Rule.read_all(file.read_bytes())
    except Malformed as error:
        raise Malformed(f"{file}: {error}") from error
