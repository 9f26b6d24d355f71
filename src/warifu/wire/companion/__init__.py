"""The companion: a small local program between a browser on a PC and a card in a reader.

The provider's page cannot and must not see a PIN. It hands its `LoginInvitation` to the companion over loopback HTTP;
the companion asks the person in front of it, in its own prompt, has the card sign a challenge that it builds itself,
and gives the page a `LoginAnswer`. It is a party with nothing of its own to keep: PINs pass through, nothing is
stored.

What it insists on: the request came to a loopback name of ours (against DNS rebinding) from a page of an allowed
origin; the origin signed is the one the browser reported, never one that the page told; one login at a time; the last
try of a PIN is spent only if the person who started the companion said so.

`application` is the HTTP side, `Desk` brings each login to the thread that has the terminal, `answer_invitation` is
the login there.
"""

from warifu.wire.companion.desk import Desk
from warifu.wire.companion.dialogue import Dialogue, OpenCard, answer_invitation
from warifu.wire.companion.http import application

__all__ = ["Desk", "Dialogue", "OpenCard", "answer_invitation", "application"]
