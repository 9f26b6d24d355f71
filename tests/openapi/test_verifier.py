"""The verifier answers what its published description says; it listens, because its processes outlive a request."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis

from tests.openapi.world import NOBODY, Interface, ask
from tests.wire.verifier.world import GOOD, Service, served

EXAMPLES = 5
_LENIENT = frozenset({"/documents/many"})
_OPEN = frozenset({"/platform/jwks"})
schemathesis.serializer.alias("application/x-ndjson", "text/plain")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with served(tmp_path) as running:
        yield running


def check_verifier(service: Service, examples: int) -> None:
    """Documents, evidence and logins, for who may and who may not."""
    known = {"document": [GOOD], "content": [b"a deed"]}
    described_at = f"{service.origin}/openapi.json"
    interface = Interface(None, described_at, service.tokens, known, _OPEN, _LENIENT)
    seen = ask(interface, examples, [("bank", 200), ("bank", 400), ("clerk", 403), ("", 401)])
    assert not {(who, 403) for who in NOBODY} & seen.keys()


def test_the_verifier_answers_as_described(service: Service) -> None:
    check_verifier(service, EXAMPLES)
