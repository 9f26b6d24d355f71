"""An authority's daily production, by a crew: every revocation list, and an answer about every certificate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from warifu.wire.authority.bulk import answer_pieces, list_pieces, make_answers, make_list
from warifu.wire.authority.service import Authorities

if TYPE_CHECKING:
    from warifu.wire.batch import Crew  # loads Dask, which a server does without

__all__ = ["Produced", "produce_answers", "produce_lists"]

Piece = TypeVar("Piece")

Progress = Callable[[int, int], None]
"""Told how many pieces are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Produced:
    """How many pieces there were, and how many lists or answers they made."""

    pieces: int
    made: int


def produce_lists(
    crew: "Crew[Authorities]", authorities: Authorities, since: datetime, progress: Progress = lambda _done, _all: None
) -> Produced:
    """Make every list that is not newer than `since`. `authorities` is only asked what there is to make.

    Raises:
        Unavailable: the record, the keys or the workers are gone.
    """
    return _produce(crew, make_list, list_pieces(authorities, since), progress)


def produce_answers(
    crew: "Crew[Authorities]",
    authorities: Authorities,
    *,
    size: int = 5_000,
    folder: Path | None = None,
    progress: Progress = lambda _done, _all: None,
) -> Produced:
    """Sign an answer about every certificate that has not expired, `size` serial numbers at a time.

    They are kept in the record and, if there is a `folder`, put there as files too.

    Raises:
        Unavailable: the record, the keys, the folder or the workers are gone.
    """
    return _produce(crew, make_answers, answer_pieces(authorities, size, folder), progress)


def _produce(
    crew: "Crew[Authorities]",
    task: Callable[[Authorities, Piece], int],
    pieces: Sequence[Piece],
    progress: Progress,
) -> Produced:
    made = 0
    for done, (_piece, result) in enumerate(crew.work(task, pieces), 1):
        made += result
        progress(done, len(pieces))
    return Produced(len(pieces), made)
