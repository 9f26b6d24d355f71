"""A person's passkeys on the resident's page: which there are, since when, and how they were used last."""

from typing import Any, Literal

from warifu.idp import Attestation, Passkey
from warifu.wire import pages
from warifu.wire.pages import AccountLine, AccountPart, moment_in_japan
from warifu.wire.provider.account_download import moment_text
from warifu.wire.provider.passkey_store import name_of
from warifu.wire.provider.service import ProviderService

__all__ = ["PasskeysOfAccount"]


class PasskeysOfAccount:
    """The part, over one service; nothing where the provider has no passkeys."""

    def __init__(self, service: ProviderService) -> None:
        self._service = service

    def __call__(self, person: str, language: pages.Language) -> AccountPart | None:
        """One line for each passkey."""
        if not self._service.passkeys.offered:
            return None
        words = pages.catalogue(language)
        return AccountPart("passkeys", tuple(_line(each, words) for each in self._of(person)))

    def data(self, person: str) -> dict[str, Any]:
        """The same for the download; neither keys nor what names one."""
        return {
            "passkeys": [
                {
                    "made_at": moment_text(each.created_at),
                    "used_at": moment_text(each.used_at),
                    "kind": _kind(each),
                    "dropped": each.dropped is not None,
                    "stopped": each.set_aside_at is not None,
                }
                for each in self._of(person)
            ]
        }

    def _of(self, person: str) -> tuple[Passkey, ...]:
        return self._service.accounts.passkeys(person)


def _line(passkey: Passkey, words: pages.Catalogue) -> AccountLine:
    """What it is, and the form that removes it."""
    at = moment_in_japan(passkey.created_at)
    made = words.text("passkey.kept.made", at=at)
    used = words.text("passkey.kept.unused")
    if passkey.used_at is not None:
        used = words.text("passkey.kept.used", at=moment_in_japan(passkey.used_at))
    text = words.text("account.comma").join((made, words.text(f"passkey.kind.{_kind(passkey)}"), used))
    button = words.text("passkey.kept.remove", at=at)
    return AccountLine(text, f"/account/passkeys/{name_of(passkey)}/remove", button)


def _kind(passkey: Passkey) -> Literal["synced", "device", "attested"]:
    if passkey.synced:
        return "synced"
    return "attested" if passkey.attestation is Attestation.TRUSTED else "device"
