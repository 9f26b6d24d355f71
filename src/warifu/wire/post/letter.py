"""One thing that one party tells another."""

import hashlib
import re
from dataclasses import dataclass, field

from warifu.errors import Malformed

PARTY_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_ID = re.compile(r"[0-9a-f]{32}")
_SUBJECT = re.compile(r"[a-z][a-z0-9-]{0,63}")
_THREAD = re.compile(r"[0-9a-z:-]{0,80}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message with what the post must know of it; `body` is for `subject`'s desk alone to read.

    `id` is 32 hexadecimal digits, the sender's own and never used for another letter to the same recipient. Letters
    with the same `thread` arrive in the order they were written; those with an empty one in any order. Party names are
    up to 32 small letters, digits and hyphens.

    Raises:
        Malformed: one of them is not what it must be.
    """

    id: str
    sender: str
    to: str
    subject: str
    thread: str = ""
    body: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        rules = ((_ID, self.id), (PARTY_NAME, self.sender), (PARTY_NAME, self.to), (_SUBJECT, self.subject))
        if not all(rule.fullmatch(text) for rule, text in (*rules, (_THREAD, self.thread))):
            raise Malformed("a letter's id, sender, recipient, subject or thread is not what it must be")

    @property
    def digest(self) -> bytes:
        """What tells this letter from another one under the same id: SHA-256 over its lines and its body."""
        lines = "\n".join((self.id, self.sender, self.to, self.subject, self.thread, ""))
        return hashlib.sha256(lines.encode() + self.body).digest()
