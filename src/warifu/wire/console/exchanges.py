"""One request of a client as it came, and what it was answered; nothing is decided here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from warifu.idp import Finding, Profile

__all__ = ["Answer", "Examined", "Kind", "Sent", "kind_of"]


class Kind(Enum):
    """What a client asks for; the value stands in files and addresses."""

    AUTHORIZATION = "authorization"
    PUSH = "push"
    TOKEN = "token"  # noqa: S105 - a word
    USERINFO = "userinfo"
    SUBMISSION = "submission"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Sent:
    """A request: `query` and `body` are its bytes; of the headers only those that a rule looks at are kept."""

    kind: Kind
    method: str
    path: str
    query: bytes = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    at: datetime

    HEADERS = ("authorization", "content-type", "dpop")

    def header(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for each, value in self.headers if each == name]

    @property
    def in_query(self) -> bool:
        """Whether the engine looks for parameters in the query: a browser's, unless it posts a form."""
        return self.kind is Kind.AUTHORIZATION and self.method != "POST"

    @property
    def parameters(self) -> bytes:
        """Where the engine looks for parameters."""
        return self.query if self.in_query else self.body


@dataclass(frozen=True, slots=True)
class Answer:
    """What it was answered: status, where the browser is sent, and the body, if it is JSON."""

    status: int
    location: str = field(default="", repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Examined:
    """Whose request it was, as far as that can be told, and how each rule stands."""

    client_id: str | None
    findings: Sequence[Finding]


def kind_of(profile: Profile, method: str, path: str) -> Kind | None:
    """What a request asks for; None for what no client's rule is about."""
    realm = profile.realm
    fixed = {
        realm + profile.authorization: Kind.AUTHORIZATION,
        realm + profile.pushed: Kind.PUSH,
        realm + profile.token: Kind.TOKEN,
        realm + profile.userinfo: Kind.USERINFO,
    }
    if path in fixed:
        return fixed[path]
    if profile.signing is None:
        return None
    if path == profile.signing.transactions:
        return Kind.SUBMISSION if method == "POST" else None
    under = profile.signing.transactions + "/"
    return Kind.RESULT if path.startswith(under) and path.endswith(profile.signing.result) else None
