"""Every operation answers what its published description says, to whoever asks whatever: never 500.

The descriptions are the applications' own ``openapi.json``; questions and checks are schemathesis's.
"""

from collections.abc import Iterable, Iterator, Mapping

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
    answers = {"window": (200, 400, 403, 404), "jlis": (200, 400, 403, 404), "hotline": (400, 403), "": (401,)}
    ask(of_register(country), examples, each(answers))


def check_authorities(country: Country, examples: int) -> None:
    """The interface for recipients, operators and who watches the log."""
    answers = {"bank": (200, 400, 403), "operator": (200, 400, 403), "": (401,)}
    ask(of_authorities(country), examples, each(answers))


def each(answers: Mapping[str, Iterable[int]]) -> Iterator[tuple[str, int]]:
    """Who is answered with which status."""
    return ((who, status) for who, statuses in answers.items() for status in statuses)


def test_the_register_answers_as_described(country: Country) -> None:
    check_register(country, EXAMPLES)


def test_the_authorities_answer_as_described(country: Country) -> None:
    check_authorities(country, EXAMPLES)
