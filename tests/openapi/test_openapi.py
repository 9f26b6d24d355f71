"""Every operation answers what its published description says, to whoever asks whatever: never 500.

The descriptions are the applications' own ``openapi.json``; questions and checks are schemathesis's.
"""

from collections.abc import Iterator

import pytest

from tests.lives.country import Country
from tests.openapi.world import ask, of_authorities, of_register

EXAMPLES = 5


@pytest.fixture
def country() -> Iterator[Country]:
    made = Country()
    yield made
    made.close()


def check_register(country: Country, examples: int) -> None:
    """The windows', J-LIS's and the hotline's interface."""
    seen = ask(of_register(country), examples)
    for desk in ("window", "jlis"):
        assert {200, 400, 403, 404} <= {status for who, status in seen if who == desk}
    assert {403, 400} <= {status for who, status in seen if who == "hotline"}
    assert ("", 401) in seen


def check_authorities(country: Country, examples: int) -> None:
    """The interface for recipients, operators and who watches the log."""
    seen = ask(of_authorities(country), examples)
    assert {200, 400, 403} <= {status for who, status in seen if who == "bank"}
    assert {200, 400, 403} <= {status for who, status in seen if who == "operator"}
    assert ("", 401) in seen


def test_the_register_answers_as_described(country: Country) -> None:
    check_register(country, EXAMPLES)


def test_the_authorities_answer_as_described(country: Country) -> None:
    check_authorities(country, EXAMPLES)
