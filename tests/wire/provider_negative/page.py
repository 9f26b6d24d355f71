"""Writes the catalogue as one page: ``python -m tests.wire.provider_negative.page > docs/provider_musts.md``."""

from collections.abc import Iterator

from tests.wire.provider_negative.core import CORE
from tests.wire.provider_negative.must import Document
from tests.wire.provider_negative.rfc6749 import RFC6749
from tests.wire.provider_negative.rfc7523 import RFC7523
from tests.wire.provider_negative.rfc7636 import RFC7636
from tests.wire.provider_negative.rfc9126 import RFC9126, RFC9207
from tests.wire.provider_negative.rfc9449 import RFC9449

DOCUMENTS = (RFC6749, RFC7636, RFC7523, RFC9126, RFC9207, RFC9449, CORE)
TOP = """\
# Each MUST of the provider's protocols, and the request that breaks it

Written by `python -m tests.wire.provider_negative.page`. Each row is a test (`tests/wire/provider_negative`): over HTTP
a client does everything right but this one thing, at a provider of each profile that is named. The words are ours, not
the documents'. What comes out: the status and error of an endpoint for clients' servers; `callback` and the error with
which the browser goes back to the client; `page`, where nobody may be sent anywhere; a class of error where a function
was asked. Some rows are of requests that are good, where what comes back is what protects. Below each table stand the
rules for which there is nothing to send.
"""


def page() -> str:
    """The whole page."""
    return TOP + "".join(line for each in DOCUMENTS for line in _section(each))


def _section(document: Document) -> Iterator[str]:
    yield f"\n## {document.name}\n\n| clause | must | sent | comes out | profiles |\n|---|---|---|---|---|\n"
    for row in document.musts:
        yield f"| {row.clause} | {row.must} | {row.breaks} | `{row.expected}` | {', '.join(row.profiles)} |\n"
    if document.others:
        yield "\n| clause | about | why there is no test |\n|---|---|---|\n"
    for other in document.others:
        yield f"| {other.clause} | {other.must} | {other.reason} |\n"


if __name__ == "__main__":
    print(page(), end="")
