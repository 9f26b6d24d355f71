"""Whoever drives a My Number Card: selects an application, presents a PIN, reads, has the card sign.

A party without secrets of its own: the PIN passes through and is kept nowhere. It works over any `Connection`, the
software card in process or a real card in a reader. It never reads the individual number, never repeats a VERIFY whose
answer was lost, and never spends the last try of a PIN unless it is told to.

It talks to a card on one side and to whoever holds the PIN (the companion, the phone, the command line) on the other.
What it hands on is unverified, except through `check_attributes`.
"""

from warifu.reader.genuine import check_attributes
from warifu.reader.jpki import JpkiSession, Key
from warifu.reader.login import answer_login, log_out, logged_out_afterwards
from warifu.reader.text import TextSession

__all__ = [
    "JpkiSession",
    "Key",
    "TextSession",
    "answer_login",
    "check_attributes",
    "log_out",
    "logged_out_afterwards",
]
