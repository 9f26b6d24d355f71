"""Whose certificate this is: a person is one random number, and keyed hashes of certificates lead to it.

Serial numbers are kept nowhere (公的個人認証法 第63条), only what `Secret.certificate_keys` makes of them. When a
certificate is seen for the first time, the authority is asked what it took the place of and which other one its holder
has; if one of those is known, so is the person:

==========================================  ==================================================================
what happens in life                        what the provider does
==========================================  ==================================================================
card or certificate renewed, card reissued  the authority names the old certificate: same person
a phone's certificate beside the card's     the authority links the two (第37条第3項): same person
another phone                               linked by the card's: same person
lapsed or revoked, and later a new one      the authority names none: another person, unless the other medium's
                                            certificate is still there to link them
authority does not answer                   no login, or another person, as the operator decided; never silently
old and new lead to two persons             the nearest known one counts; the two are never made one
==========================================  ==================================================================

What was told about a certificate that never logged in is kept too, so that it does not matter which of two comes first.
Nothing that was written down is changed later; a link to a person is for good.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from warifu.idp.secret import Secret
from warifu.verifier import subject_key

__all__ = ["How", "Link", "Recognised", "Recognition", "Related", "Trace", "Unasked", "recognise", "traces"]


class How(Enum):
    """How it is known whose a certificate is. Wire: the value, in the store."""

    FIRST_LOGIN = "first_login"
    """Its holder logged in with it, and the authority named none that was known."""
    NOT_ASKED = "not_asked"
    """Its holder logged in with it, and no authority said whether they were known before."""
    SUCCESSION = "succession"
    """The authority said that it took the place of one that was known, or the other way round."""
    LINKED = "linked"
    """The authority said that its holder is that of a known one on the other medium."""
    NEW_KEY = "new_key"
    """It was known under an older key."""


class Unasked(Enum):
    """What becomes of a certificate never seen before when the authority does not answer. Wire: in settings."""

    REFUSE = "refuse"
    """No login now; the person may try again."""
    NEW_PERSON = "new-person"
    """They count as new, and that is written down."""


@dataclass(frozen=True, slots=True)
class Related:
    """A certificate of the same holder, as the authority named it; never kept like this."""

    issuer_key_id: bytes
    serial_number: int = field(repr=False)
    how: How


@dataclass(frozen=True, slots=True)
class Trace:
    """The keyed hash of one certificate under one generation of the key."""

    hash: bytes = field(repr=False)
    generation: int


@dataclass(frozen=True, slots=True)
class Recognition:
    """What is to be looked up for one certificate: its own traces, the newest key's first, and those of related ones.

    `related` is None where nobody was asked because its own traces are known already; `asked` whether an authority
    answered.
    """

    own: tuple[Trace, ...]
    related: tuple[tuple[How, tuple[Trace, ...]], ...] = ()
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Link:
    """One row that is to be added: this trace leads to the person, known like this."""

    trace: Trace
    how: How


@dataclass(frozen=True, slots=True)
class Recognised:
    """Who it is, what is to be written down, and how many of the related certificates lead to somebody else."""

    person: str
    links: tuple[Link, ...]
    elsewhere: int = 0


def traces(issuer_key_id: bytes, serial_number: int, secret: Secret) -> tuple[Trace, ...]:
    """The traces of one certificate under every key in force, the newest first."""
    return tuple(
        Trace(subject_key(issuer_key_id, serial_number, key), generation) for generation, key in secret.certificate_keys
    )


def recognise(seen: Recognition, known: Mapping[bytes, str], new_person: str) -> Recognised:
    """Who holds the certificate; `known` has the persons of those traces that lead to one already.

    Of the related ones the first counts: the authority's order is from the nearest on. Without any it is `new_person`.
    """
    person = _first(seen.own, known)
    if person is not None:
        return Recognised(person, _missing(seen.own, known, How.NEW_KEY))
    person, how = new_person, How.FIRST_LOGIN if seen.asked else How.NOT_ASKED
    for one, its in seen.related:
        found = _first(its, known)
        if found is not None:
            person, how = found, one
            break
    links = list(_missing(seen.own, known, how))
    elsewhere = 0
    for one, its in seen.related:
        owner = _first(its, known)
        elsewhere += owner not in (None, person)
        links += _missing(its, known, one if owner is None else How.NEW_KEY) if owner in (None, person) else ()
    # Each once, as it was first told: an authority may name one certificate in two ways.
    once = {link.trace.hash: link for link in reversed(links)}
    return Recognised(person, tuple(reversed(once.values())), elsewhere)


def _first(its: Iterable[Trace], known: Mapping[bytes, str]) -> str | None:
    return next((known[trace.hash] for trace in its if trace.hash in known), None)


def _missing(its: Sequence[Trace], known: Mapping[bytes, str], how: How) -> tuple[Link, ...]:
    return tuple(Link(trace, how) for trace in its if trace.hash not in known)
