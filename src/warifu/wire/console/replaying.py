"""Sending a request again, as it was or edited, through the provider itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx2
from starlette.types import ASGIApp

from warifu.errors import Malformed, NotAllowed
from warifu.idp import Parameters
from warifu.wire.console.exchanges import Sent
from warifu.wire.console.masking import MASK, masked_pairs
from warifu.wire.console.recorder import AGAIN, Replayed

__all__ = ["Edited", "replay"]

_FORM = "application/x-www-form-urlencoded"
_MOST_LINES = 64


@dataclass(frozen=True, slots=True)
class Edited:
    """What is sent again: a form's parameters in order. Values that are shown in part stand for what was sent."""

    pairs: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, text: str) -> "Edited":
        """Read lines of ``name=value``.

        Raises:
            Malformed: a line without ``=``, or more than 64.
        """
        # A form's lines end in CR LF; what else Unicode takes for the end of a line may stand in a value.
        lines = [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
        if len(lines) > _MOST_LINES or not all("=" in line for line in lines):
            raise Malformed("each line is name=value, at most 64 of them")
        return cls(tuple((name.strip(), value) for name, _, value in (line.partition("=") for line in lines)))

    def filled(self, sent: Sent | None) -> tuple[tuple[str, str], ...]:
        """The parameters with what was sent where a value is shown in part.

        Raises:
            NotAllowed: what was sent is not remembered any more.
        """
        whole = _by_shown(sent)
        found = []
        for name, value in self.pairs:
            if MASK in value and (name, value) not in whole:
                raise NotAllowed(f"{name} is not remembered in full any more: write a value for it")
            found.append((name, whole.get((name, value), value)))
        return tuple(found)


def _by_shown(sent: Sent | None) -> Mapping[tuple[str, str], str]:
    if sent is None:
        return {}
    pairs = Parameters.decode(sent.parameters).pairs()
    return {shown: value for shown, (_, value) in zip(masked_pairs(pairs), pairs, strict=True)}


async def replay(app: ASGIApp, sent: Sent, origin: str, pairs: tuple[tuple[str, str], ...] | None, of: int) -> Replayed:
    """Send it to the provider once more; where it is kept."""
    query, body = sent.query, sent.body
    if pairs is not None and sent.in_query:
        query = urlencode(pairs).encode()
    elif pairs is not None:
        body = urlencode(pairs).encode()
    again = Replayed(of)
    token = AGAIN.set(again)
    try:
        address = f"{origin}{sent.path}" + (f"?{query.decode('ascii', 'ignore')}" if query else "")
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), trust_env=False) as client:
            await client.request(sent.method, address, content=body, headers=list(sent.headers))
    finally:
        AGAIN.reset(token)
    return again
