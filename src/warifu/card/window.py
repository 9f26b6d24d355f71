"""What the municipality's window does to a card, and no command of the card can.

The commands of real cards for this are not public; these work on the store of a card that is not powered.
Source: J-LIS, 公的個人認証サービス ポータルサイト (初期化は市区町村の窓口で). No public source wraps a command for it
(soltia48/myna-card `src/card.rs`). Modelled: entirely.
"""

from collections.abc import Mapping
from dataclasses import replace

from warifu.card.choice import check_choice
from warifu.card.plan import lock_name, name
from warifu.cardmap import (
    MATCHING_NUMBER_B,
    NEXT_MATCHING_NUMBER_B,
    Application,
    AttributesFile,
    NextAuthenticationFile,
    PinSpec,
    TextFile,
)
from warifu.chip import PinRecord
from warifu.errors import Malformed, NotAllowed
from warifu.ports import Store


def set_pin(store: Store, spec: PinSpec, pin: str) -> None:
    """Set a PIN anew (初期化), with all its tries.

    Raises:
        Malformed: not a PIN of this kind.
        NotAllowed: it is the holder's birth date or the security code.
    """
    _check_choice(store.read(), pin)
    store.write({name(spec.application, spec.file): PinRecord(spec.tries, spec.encode_new(pin)).encode()})


def unblock_pin(store: Store, spec: PinSpec) -> None:
    """Give the PIN all its tries back.

    Raises:
        NotAllowed: no PIN was ever set.
    """
    record = _record(store, spec)
    if not record.secret:
        raise NotAllowed("no PIN is set that could be unblocked")
    store.write({name(spec.application, spec.file): replace(record, tries_left=spec.tries).encode()})


def block_pin(store: Store, spec: PinSpec, tries_left: int = 0) -> None:
    """Leave the PIN with so many tries; 0 blocks it."""
    record = replace(_record(store, spec), tries_left=min(tries_left, spec.tries))
    store.write({name(spec.application, spec.file): record.encode()})


def tries_left(store: Store, spec: PinSpec) -> int:
    """How many tries the PIN has left."""
    return _record(store, spec).tries_left


def lock_application(store: Store, application: Application) -> None:
    """Lock an application: it is selected with 6283 and nothing in it works, until it is unlocked.

    In life JICSAP's LOCK DF (``80 50``), which no public source wraps; who may send it is not known.
    """
    store.write({lock_name(application): b"\x01"})


def unlock_application(store: Store, application: Application) -> None:
    """Let an application be used again; its PINs have the tries that they had."""
    store.write({lock_name(application): b""})


def _check_choice(stored: Mapping[str, bytes], pin: str) -> None:
    """Look up in the card what the PIN may not be. Raises `NotAllowed` where it is that."""
    of_next = (Application.NEXT_AUTHENTICATION, NextAuthenticationFile.ATTRIBUTES)
    attributes = _first(stored, (Application.TEXT, TextFile.ATTRIBUTES), of_next)
    places = ((spec.application, spec.file) for spec in (MATCHING_NUMBER_B, NEXT_MATCHING_NUMBER_B))
    number_b = _first(stored, *places) or b"\0"
    if attributes is not None:
        birth_date = AttributesFile.decode(attributes).attributes.birth_date
        check_choice(pin, birth_date, PinRecord.decode(number_b).secret.decode("ascii") or None)


def _first(stored: Mapping[str, bytes], *places: tuple[Application, int]) -> bytes | None:
    """What stands at the first of these places that the card has: today's or the next generation's."""
    return next((stored[name(*place)] for place in places if name(*place) in stored), None)


def _record(store: Store, spec: PinSpec) -> PinRecord:
    try:
        return PinRecord.decode(store.read()[name(spec.application, spec.file)])
    except KeyError:
        raise Malformed("the store does not hold a card") from None
