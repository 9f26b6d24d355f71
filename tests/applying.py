"""Applications for a phone's certificates, as an app makes them: signed by a card, or by nobody."""

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count

from warifu.messages import OrderedKind, PhoneApplication, SignedApplication

_numbers = count(1)


def applied(
    keys: Mapping[OrderedKind, bytes],
    at: datetime,
    sign: Callable[[bytes], bytes] = lambda _data: b"signature",
    signed_with: int = 1,
) -> tuple[SignedApplication, ...]:
    """An application for each of these public keys (DER), under an id that nobody used before."""
    made = [PhoneApplication(_new_id(), kind, key, signed_with, at).encode() for kind, key in keys.items()]
    return tuple(SignedApplication(each, sign(each)) for each in made)


def _new_id() -> str:
    return f"{0xA991 << 112 | next(_numbers):032x}"
