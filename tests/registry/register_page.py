"""Writes the register's tables as one page: ``python -m tests.registry.register_page > docs/register.md``."""

import inspect
from collections.abc import Iterable

from warifu.messages import MinorCorrection
from warifu.registry import EVENTS, MINOR_TOUCHES, SEES, HardCase, Office, Section, Sight, numbering

_TOP = """# The resident register

Written by `python -m tests.registry.register_page` from the code's own tables; a test compares.

Municipalities keep the records of their people; J-LIS keeps the identity data of all and gives out the numbers. In
`warifu.registry` everything that happens is a function of records and an *act* (who, at which desk, when) and returns a
change: records after it, messages out, an entry of the log. Nothing else writes. A record is never changed in place:
each act makes its next version, and an act that arrives twice changes nothing the second time.

The authorities are told what happened and to whom, by an identifier that is neither of the two numbers. Which
certificates end with it is theirs to decide: [certificate_life.md](certificate_life.md). What becomes of a card is in
[card_life.md](card_life.md).

## What happens to people

| act | what it is | the authorities hear | articles |
|---|---|---|---|
"""
_DATES = """
Two things happen by date, without a clerk. On the planned day of a notice of moving out the record is deleted, earlier
if the person has moved in elsewhere before. On the 31st day after it a move to another municipality that was not
followed by moving in counts as not completed (公的個人認証法31条1項2号).

## The seven minor corrections

After these a certificate stays as it is (公的個人認証法施行規則20条). The register checks that no more differs than
such a correction may touch; a correction of characters exchanges one character for one.

| correction | may touch |
|---|---|
"""
_DESKS = """
## Who sees what

A clerk sits at a desk, and the desk decides. A municipality's desk sees that municipality's people only, the residents'
section also those who told of moving there; that section alone writes. Every look is written down before it shows
anything, refused ones too; who asks for more than the desk may see gets nothing.

"""
_PROTECTION = """
Protection of victims of violence (支援措置) closes the record to every desk except the residents' section that keeps it
and those named in the decision, who see a warning with it. Other desks whose affairs use individual numbers are warned
too, and open it by stating a reason, which stands in the log beside the purpose; the address, and with it municipality,
household and moves, stays hidden all the same. To everybody else a refused look reads like any other. Protection covers
the household, goes along with a move, and is written into older records too, which say where somebody went.

## Codes and numbers

"""
_LADDER = """
Inside a municipality there is a ladder: the individual number, one integrated addressee number (団体内統合宛名番号),
and one addressee number (宛名番号) for each business system. No rung is derived from another. A section gets the number
of its own system; individual numbers go only to sections whose affairs use them by law (番号法9条1項).

## Invented people

`settle` fills a municipality with people who do not exist: households whose members fit together, names with their
readings, ages about those of the census. The same seed gives the same people; each household depends on its place in
the row only, so a population can be made in parts. Every block of 500 households begins with the hard cases:
"""


def page() -> str:
    """The whole page."""
    cases = "; ".join(_plain(case.value) for case in HardCase).replace("29 february", "29 February")
    parts = (_TOP, _events(), _DATES, _minor(), _DESKS, _sights(), _PROTECTION, _numbering(), _LADDER, f"{cases}.\n")
    return "".join(parts)


def _events() -> str:
    rows = []
    for each in EVENTS:
        told = ", ".join(_plain(cause.value) for cause in each.causes) or "–"
        rows.append((_plain(each.act.value), each.japanese, told, each.article))
    return _table(rows)


def _minor() -> str:
    rows = []
    for each in MinorCorrection:
        touched = ", ".join(_plain(one.value) for one in sorted(MINOR_TOUCHES[each], key=lambda one: one.value))
        rows.append((_plain(each.value), touched))
    return _table(rows)


def _sights() -> str:
    head = "| | " + " | ".join(_plain(sight.value) for sight in Sight) + " |\n|---" + "|:-:" * len(Sight) + "|\n"
    rows = [
        (_desk(office, section), *("●" if one in seen else "" for one in Sight))
        for (office, section), seen in SEES.items()
    ]
    return head + _table(rows)


def _desk(office: Office, section: Section | None) -> str:
    return {Office.JLIS: "J-LIS", Office.HOTLINE: "hotline"}.get(
        office
    ) or f"municipality, {section.value if section else ''}"


def _numbering() -> str:
    told = inspect.getdoc(numbering) or ""
    return told.partition("\n\n")[2] + "\n"


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    print(page(), end="")
