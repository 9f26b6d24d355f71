"""What people see: templates, style, scripts and the two languages of every page, and the guard in front of them.

Pages are rendered on the server and work by keyboard alone; a script only adds comfort. No official design is imitated,
and every page says that it is independent.
"""

from warifu.wire.pages.account import (
    AccountClient,
    AccountItem,
    AccountLine,
    AccountPart,
    AccountReceipt,
    account,
    account_welcome,
)
from warifu.wire.pages.assets import asset_path, static_files
from warifu.wire.pages.door import Door, Session
from warifu.wire.pages.ended import logged_out
from warifu.wire.pages.guard import Guard, read_form
from warifu.wire.pages.headers import page_headers
from warifu.wire.pages.language import LANGUAGES, Catalogue, Language, catalogue, choose_language
from warifu.wire.pages.login import Login, login, problem
from warifu.wire.pages.passkeys import PasskeyEntry, PasskeyEvent, PasskeyPage, passkeys
from warifu.wire.pages.rendering import environment, render
from warifu.wire.pages.report import report_page
from warifu.wire.pages.times import moment_in_japan

__all__ = [
    "LANGUAGES",
    "AccountClient",
    "AccountItem",
    "AccountLine",
    "AccountPart",
    "AccountReceipt",
    "Catalogue",
    "Door",
    "Guard",
    "Language",
    "Login",
    "PasskeyEntry",
    "PasskeyEvent",
    "PasskeyPage",
    "Session",
    "account",
    "account_welcome",
    "asset_path",
    "catalogue",
    "choose_language",
    "environment",
    "logged_out",
    "login",
    "moment_in_japan",
    "page_headers",
    "passkeys",
    "problem",
    "read_form",
    "render",
    "report_page",
    "static_files",
]
