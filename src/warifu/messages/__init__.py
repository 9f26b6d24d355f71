"""What parties tell each other, one module a conversation.

A language, not a party: it decides nothing and keeps nothing. Every message is a frozen dataclass with `encode` and a
strict `decode`; unknown members, wrong types and trailing bytes are `Malformed`.

Conversations: logging in with a card (`LoginInvitation`, `LoginChallenge`, `LoginAnswer`, `AttributesAnswer`).
"""

from warifu.messages.login import AttributesAnswer, LoginAnswer, LoginChallenge, LoginInvitation

__all__ = ["AttributesAnswer", "LoginAnswer", "LoginChallenge", "LoginInvitation"]
