"""Writes the tables of the authorities as one page: ``python -m tests.ca.life_page > docs/certificate_life.md``."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum

from warifu.ca import (
    EDGES,
    EXPIRY,
    GRANTS,
    LINKS,
    PROFILES,
    RULES,
    Change,
    Edge,
    Entry,
    Medium,
    State,
    card_changes,
    grant_of,
    resident_changes,
)
from warifu.messages import Attribute, CardEvent, CardHappening, Cause, ResidentEvent
from warifu.pki import CertificateKind

NOW = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
ENDS = datetime(2031, 4, 1, 14, 59, 59, tzinfo=UTC)
HOLDER, CARD = "0" * 32, "a" * 32
COLUMNS = [(kind, medium) for medium in Medium for kind in (CertificateKind.SIGNING, CertificateKind.AUTHENTICATION)]

INTRODUCTION = """# The life of a certificate

Written by `python -m tests.ca.life_page` from the tables in the code; a test compares. What no public source settles is
marked *Modelled* in the code and listed in [divergences.md](divergences.md). Articles are those of 公的個人認証法
(平成14年法律第153号) unless another law is named.

```
 applied ──issued──▶ issued ──delivered──▶ valid ──held──▶ held
                       │                     │  ◀─lifted──  │     (lifted: a phone's authentication certificate only)
                       │ discarded           │              │
                       ▼                     ▼              ▼
                    revoked ◀────────────────┴──────────────┘         and, whatever it was before: expired
```

A certificate loses its effect at the moment at which that is recorded, never before. What is revoked stays revoked;
what arrives twice changes nothing more; after the end of validity nothing happens to a certificate any more, and status
questions about it are answered with *unknown*.
"""


def page() -> str:
    """The whole page."""
    parts = (INTRODUCTION, _edges(), _people(), _cards(), _profiles(), _grants(), _links(), _retention())
    return "\n".join(parts)


def _table(heading: str, text: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(columns)
    lines = [f"## {heading}", "", text, "", f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows), ""])


def _words(values: Iterable[Enum]) -> str:
    return ", ".join(str(value.value).replace("_", " ") for value in values)


def _in_order(chosen: Iterable[Enum], whole: type[Enum]) -> str:
    return _words(each for each in whole if each in set(chosen))


def _edges() -> str:
    def row(edge: Edge) -> tuple[str, ...]:
        reason = "–" if edge.reason is None else f"{int(edge.reason)} {edge.reason.name.lower().replace('_', ' ')}"
        return (
            _words([edge.event]),
            _in_order(edge.kinds, CertificateKind),
            _in_order(edge.media, Medium),
            _in_order(edge.before, State),
            _words([edge.after]),
            reason,
            edge.article,
        )

    names = ("event", "kind", "on", "before", "after", "reason in lists and answers", "article")
    expiry = ("(its time is over)", "signing, authentication", "card, phone", "any", "expired", "–", EXPIRY)
    return _table("Events", "What is not in this table is refused.", names, [*map(row, EDGES), expiry])


def _entries(state: State) -> list[Entry]:
    return [
        Entry(kind, number, bytes(20), medium, "13221", NOW, ENDS, state, card=CARD)
        for number, (kind, medium) in enumerate(COLUMNS, 1)
    ]


def _told(changes: Iterable[Change]) -> list[str]:
    """What became of the four certificates that a person can have, in the order of the columns."""
    became = {(each.before.kind, each.before.medium): each for each in changes}
    return [_became(became.get(column)) for column in COLUMNS]


def _became(change: Change | None) -> str:
    if change is None:
        return "–"
    reason = "" if change.after.revocation is None else f" ({int(change.after.revocation.reason)})"
    return f"{change.after.state.value}{reason}"


_FOUR = [f"{medium.value}, {kind.value}" for kind, medium in COLUMNS]


def _people() -> str:
    def row(cause: Cause) -> list[str]:
        message = ResidentEvent("1" * 32, HOLDER, cause, frozenset(Attribute), None, NOW)
        return [_words([cause]), *_told(resident_changes(message, _entries(State.VALID), NOW))]

    text = (
        "Of somebody who has all four certificates, all of them valid, with all four attributes changed; in brackets "
        "the reason. A minor correction (軽微な修正, 施行規則 第20条) does nothing; nor does leaving the country to a "
        "signing certificate that says so already (第12条第2号)."
    )
    return _table("What happens to people", text, ["cause", *_FOUR], map(row, Cause))


def _cards() -> str:
    def row(what: CardHappening, state: State) -> list[str]:
        message = CardEvent("1" * 32, HOLDER, CARD, what, NOW)
        return [_words([what]), state.value, *_told(card_changes(message, _entries(state), NOW))]

    rows = [row(what, state) for what in CardHappening for state in (State.ISSUED, State.VALID, State.HELD)]
    changed = [each for each in rows if set(each[2:]) != {"–"}]
    text = (
        "Of all four certificates, all in the state *before*. What is not listed changes nothing, and nothing that "
        "happens to one card touches the certificates of another."
    )
    return _table("What happens to cards and phones", text, ["event", "before", *_FOUR], changed)


def _profiles() -> str:
    rows = (
        (
            profile.kind.value,
            profile.medium.value,
            {"RS256": "RSA-2048, SHA-256", "ES384": "P-384, SHA-384"}[profile.algorithm],
            f"`{profile.policy}`",
            f"birthday {profile.birthdays}" if profile.birthdays else "the card's certificate",
        )
        for profile in PROFILES
    )
    text = "A signing certificate also ends with the authentication certificate, and each with the card."
    return _table("Profiles", text, ("kind", "on", "keys", "policy", "ends at the latest on"), rows)


def _grants() -> str:
    rows = (
        (
            grant.what,
            f"verifiers of {_in_order(grant.needs, CertificateKind).replace(', ', ' and ')} certificates"
            + (", bodies that check for their members" if grant.groups else ""),
            grant.article,
            f"{grant.purpose} ({grant.limit})",
        )
        for grant in GRANTS
    )
    text = "After notice and agreement, and with the ministers' certification where the Act wants it (第17条)."
    return _table("Who may ask what", text, ("what", "who", "article", "for what alone"), rows)


def _links() -> str:
    rows = (
        (f"{a[1].value}, {a[0].value}", f"{b[1].value}, {b[0].value}", grant_of(service).article)
        for (a, b), service in LINKS.items()
    )
    return _table("From which certificate to which", "No other way is open.", ("known", "told", "article"), rows)


def _retention() -> str:
    def row(years: int, longer: object) -> str:
        return f"{years} years" if years else f"until then, and {longer}".replace(", 0:00:00", " more")

    rows = ((_words([rule.kind]), row(rule.years, rule.longer), rule.counted_from, rule.article) for rule in RULES)
    return _table(
        "How long records are kept", "Then they are deleted.", ("record", "how long", "counted from", "article"), rows
    )


if __name__ == "__main__":
    print(page(), end="")
