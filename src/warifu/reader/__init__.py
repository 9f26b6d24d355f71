"""Whoever drives a My Number Card: selects an application, presents a PIN, reads, has the card sign.

A party without secrets of its own: the PIN passes through and is kept nowhere. It works over any `Connection`, the
software card in process or a real card in a reader. It reads the individual number only where it is asked for by name,
never repeats a VERIFY whose answer was lost, and never spends the last try of a PIN unless it is told to.

It talks to a card on one side and to whoever holds the PIN (the companion, the phone, the command line) on the other.
What it hands on is unverified, except through `check_attributes`.
"""

from warifu.reader.common import CommonSession
from warifu.reader.credentials import Credential, all_tries_left, applications_of, change_pin
from warifu.reader.examination import examine_free
from warifu.reader.generations import open_resident, open_text, open_visual, read_card_record
from warifu.reader.genuine import check_attributes, check_same_holder, examine, examine_printed
from warifu.reader.jpki import JpkiSession, Key
from warifu.reader.login import answer_login, log_out, logged_out_afterwards
from warifu.reader.manager import ManagerSession, contact_atr
from warifu.reader.probe import Difference, Survey, probe
from warifu.reader.resident import ResidentSession
from warifu.reader.signing import answer_signing, check_can_sign
from warifu.reader.terminal import Terminal, authenticate_terminal
from warifu.reader.text import TextSession
from warifu.reader.trace import Traced
from warifu.reader.visual import VisualSession

__all__ = [
    "CommonSession",
    "Credential",
    "Difference",
    "JpkiSession",
    "Key",
    "ManagerSession",
    "ResidentSession",
    "Survey",
    "Terminal",
    "TextSession",
    "Traced",
    "VisualSession",
    "all_tries_left",
    "answer_login",
    "answer_signing",
    "applications_of",
    "authenticate_terminal",
    "change_pin",
    "check_attributes",
    "check_can_sign",
    "check_same_holder",
    "contact_atr",
    "examine",
    "examine_free",
    "examine_printed",
    "log_out",
    "logged_out_afterwards",
    "open_resident",
    "open_text",
    "open_visual",
    "probe",
    "read_card_record",
]
