"""Writes the catalogue as one page: ``python -m tests.catalogue.page > docs/refusals.md``."""

from collections.abc import Callable, Iterable, Iterator

from tests.catalogue import certificates, documents, evidence, faults, logins, outside
from tests.catalogue.spoiled import Spoiled

TOP = """\
# What is refused, and as what

Written by `python -m tests.catalogue.page`, which makes each thing, spoils it in one way, and writes down what the
code says of it; a test does the same and compares. Without the spoiling each of them passes. A class of error stands
for itself (`warifu.errors`); a document's verdict is an indication and a sub-indication of ETSI EN 319 102-1 with the
rules that gave it (`docs/verification.md`); a fault of form is named as reports name it.
"""

SECTIONS: dict[str, Callable[[], Iterable[Spoiled]]] = {
    "Holders' certificates": certificates.holders,
    "Authorities' certificates": certificates.authorities,
    "Logins": logins.logins,
    "OCSP answers": logins.statuses,
    "Revocation lists": logins.lists,
    "Signed documents": documents.rules,
    "Timestamps over a signature": documents.timestamps,
    "Signers outside of JPKI": outside.signers,
    "Algorithms": documents.algorithms,
    "The form of CMS": faults.in_cms,
    "The form of PDF": faults.in_pdf,
    "The form of XML": faults.in_xml,
    "Evidence bundles": evidence.bundles,
    "Evidence records": evidence.records,
}


def rows() -> dict[str, list[tuple[str, str, str]]]:
    """By section: what is wrong, the clause, what comes out."""
    return {name: [(one.wrong, one.clause, one.ask()) for one in make()] for name, make in SECTIONS.items()}


def page(told: dict[str, list[tuple[str, str, str]]]) -> str:
    """The whole page."""
    return TOP + "".join(line for name, each in told.items() for line in _section(name, each))


def _section(name: str, told: list[tuple[str, str, str]]) -> Iterator[str]:
    yield f"\n## {name}\n\n| wrong | clause | comes out |\n|---|---|---|\n"
    for row in told:
        yield "| " + " | ".join(row) + " |\n"


if __name__ == "__main__":
    print(page(rows()), end="")
