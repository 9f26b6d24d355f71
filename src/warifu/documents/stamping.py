"""Timestamps for signatures: somebody asks a timestamp authority, we put the token where the format wants it."""

from collections.abc import Callable
from typing import Any

from asn1crypto import tsp
from pyhanko.sign.timestamps import TimeStamper

from warifu.documents.running import run
from warifu.errors import NotAllowed, Unavailable

__all__ = ["Stamp", "Stamper", "ask_for_token", "stamper"]

Stamp = Callable[[bytes], bytes]
"""Takes an encoded request to a timestamp authority and gives its encoded response (RFC 3161 §2.4)."""


class Stamper(TimeStamper):  # type: ignore[misc]  # pyHanko tells no types here
    """A way to timestamps as pyHanko wants it. It checks that a token is about what was asked."""

    def __init__(self, ask: Stamp) -> None:
        super().__init__()
        self._ask = ask

    async def async_request_tsa_response(self, req: Any) -> Any:
        """Ask, and read the response."""
        answer = self._ask(req.dump())
        try:
            response = tsp.TimeStampResp.load(answer, strict=True)
            _check(req, response)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Unavailable("the timestamp service gave no timestamp") from error
        return response


def _check(asked: Any, response: Any) -> None:
    """Check that a token was granted, about what was asked (RFC 3161 §2.2)."""
    granted = response["status"]["status"].native
    if granted not in ("granted", "granted_with_mods"):
        raise Unavailable("the timestamp service gave no timestamp", detail=str(granted))
    told = response["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    for name in ("message_imprint", "nonce"):
        if told[name].native != asked[name].native:
            raise Unavailable("the timestamp service answered another request")


def stamper(stamp: Stamp | None) -> Stamper | None:
    """The same, if there is one."""
    return None if stamp is None else Stamper(stamp)


def ask_for_token(stamp: Stamp | None, digest: bytes, hash_name: str) -> Any:
    """A token about a digest: a ContentInfo.

    Raises:
        NotAllowed: nobody can be asked.
        WarifuError: whatever `stamp` raises.
        Unavailable: the timestamp service gave no timestamp, or one of something else.
    """
    if stamp is None:
        raise NotAllowed("this needs a timestamp, and no timestamp service was named")
    return run(Stamper(stamp).async_timestamp(digest, hash_name))
