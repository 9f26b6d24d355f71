"""Whom a provider asks what a certificate took the place of, as its settings say."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from warifu.errors import Malformed, Unavailable
from warifu.idp import Unasked
from warifu.wire.provider import SuccessionClient
from warifu.wire.settings import ProviderSettings

__all__ = ["asking_succession", "unasked_of"]

_log = logging.getLogger("warifu.provider")


@contextmanager
def asking_succession(own: ProviderSettings) -> Iterator[SuccessionClient | None]:
    """The client of the authorities' service; None, and a warning, where the settings name none.

    Raises:
        Malformed: an address without a token.
        Unavailable: the token's file cannot be read.
    """
    if not own.succession:
        _log.warning("nobody is asked what a new certificate took the place of: after a renewal people are new here")
        yield None
        return
    if own.succession_token is None:
        raise Malformed("succession needs succession_token, the file with the token for it")
    try:
        token = own.succession_token.expanduser().read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"cannot read {own.succession_token}", detail=str(error)) from error
    with SuccessionClient(own.succession, token) as client:
        yield client


def unasked_of(own: ProviderSettings) -> Unasked:
    """What becomes of a certificate never seen before when nobody answers.

    Raises:
        Malformed: another word.
    """
    try:
        return Unasked(own.without_succession)
    except ValueError:
        raise Malformed(f"without_succession is {' or '.join(each.value for each in Unasked)}") from None
