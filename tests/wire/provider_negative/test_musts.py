"""One test for each MUST, against the profiles it is about; docs/provider_musts.md says the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.wire.provider_negative.must import Document, Must
from tests.wire.provider_negative.page import DOCUMENTS, page
from tests.wire.provider_negative.talk import Talk, talking

PAGE = Path(__file__).parents[3] / "docs" / "provider_musts.md"
ROWS = [
    pytest.param(profile, row, id=f"{document.name.partition(':')[0]} {row.clause} {row.breaks} [{profile}]")
    for profile in ("da-compat", "fapi2")
    for document in DOCUMENTS
    for row in document.musts
    if profile in row.profiles
]


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Talk]]:
    """One provider of each profile for all rows."""
    with (
        talking(tmp_path_factory.mktemp("compatible"), "da-compat") as compatible,
        talking(tmp_path_factory.mktemp("strict"), "fapi2") as strict,
    ):
        yield {"da-compat": compatible, "fapi2": strict}


@pytest.mark.parametrize(("profile", "row"), ROWS)
def test_it_must(talks: dict[str, Talk], profile: str, row: Must) -> None:
    assert row.ask(talks[profile]) == row.expected


@pytest.mark.parametrize("profile", ["da-compat", "fapi2"])
def test_with_nothing_wrong_all_is_well(talks: dict[str, Talk], profile: str) -> None:
    """The catalogue would mean nothing otherwise."""
    talk = talks[profile]
    assert talk.authorize() == "login"
    assert talk.exchange() == "accepted"
    given = talk.tokens()
    assert talk.show(given["access_token"]) == "accepted"
    assert talk.refresh(given["refresh_token"]) == "accepted"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: each.name)
def test_each_row_is_another(document: Document) -> None:
    told = [(row.clause, row.breaks) for row in document.musts]
    assert len(set(told)) == len(told) > 3


def test_the_page_says_so() -> None:
    assert PAGE.read_text("utf-8") == page(), "python -m tests.wire.provider_negative.page > docs/provider_musts.md"
