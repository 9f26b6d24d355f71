"""What parties tell each other, one module a conversation.

A language, not a party: it decides nothing and keeps nothing. Every message is a frozen dataclass with `encode` and a
strict `decode`; unknown members, wrong types and trailing bytes are `Malformed`.

Conversations: logging in with a card (`LoginInvitation`, `LoginChallenge`, `LoginAnswer`, `AttributesAnswer`).
`json` is the strict JSON that they are written in, for the small answers beside them that only two ends of a wire see.
"""

from warifu.messages import json
from warifu.messages.login import AttributesAnswer, LoginAnswer, LoginChallenge, LoginInvitation

__all__ = ["AttributesAnswer", "LoginAnswer", "LoginChallenge", "LoginInvitation", "json"]
