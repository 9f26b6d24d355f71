"""What the authorities make in bulk, cut into pieces that any process with the record and the keys can do.

A piece may be done twice, when whoever did it died before saying so. A list that was made since the work began is not
made again; an answer signed again takes the place of the one before.
"""

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, select

from warifu.ca import Authority, Presigned
from warifu.errors import Malformed, Unavailable
from warifu.pki import CertificateKind, OcspRequest, issuer_hashes
from warifu.wire.authority.publishing import ListName
from warifu.wire.authority.service import Authorities
from warifu.wire.authority.status import sign_some
from warifu.wire.authority.tables import RESERVED
from warifu.wire.authority.tables import certificates as rows
from warifu.wire.database import reading

__all__ = ["AnswerPiece", "ListPiece", "answer_pieces", "list_pieces", "make_answers", "make_list"]


@dataclass(frozen=True, slots=True)
class ListPiece:
    """One revocation list that is to be newer than `since`."""

    which: ListName
    since: datetime


@dataclass(frozen=True, slots=True)
class AnswerPiece:
    """Answers about the certificates of one generation with serial numbers from `first` to `last`.

    `folder` is where they are also put as files, for a web server that serves nothing else; None puts them nowhere.
    """

    kind: CertificateKind
    generation: bytes
    first: int
    last: int
    folder: Path | None = None


def list_pieces(authorities: Authorities, since: datetime) -> list[ListPiece]:
    """Every list there is to make."""
    return [ListPiece(which, since) for which in authorities.publisher.all_lists()]


def make_list(authorities: Authorities, piece: ListPiece) -> bool:
    """Make a list, unless it was made meanwhile; whether it was made now."""
    newest = authorities.publisher.made_at(piece.which)
    if newest is not None and newest >= piece.since.replace(microsecond=0):
        return False
    authorities.publisher.make(piece.which)
    return True


def answer_pieces(authorities: Authorities, size: int = 5_000, folder: Path | None = None) -> list[AnswerPiece]:
    """The serial numbers of every generation, cut into pieces of at most `size`."""
    if size < 1:
        raise Malformed("a piece has at least one serial number")
    pieces = []
    with reading(authorities.engine) as connection:
        for authority in authorities.roster.all():
            first, last = _range(connection, authority)
            pieces += [
                AnswerPiece(authority.kind, authority.generation, begin, min(begin + size - 1, last), folder)
                for begin in range(first, last + 1, size)
            ]
    return pieces


def _range(connection: Connection, authority: Authority) -> tuple[int, int]:
    """The first and last serial number that this generation issued; an empty range if it issued none."""
    query = select(func.min(rows.c.serial_number), func.max(rows.c.serial_number)).where(
        rows.c.kind == authority.kind.value, rows.c.generation == authority.generation, rows.c.state != RESERVED
    )
    first, last = connection.execute(query).one()
    return (1, 0) if first is None else (first, last)


def make_answers(authorities: Authorities, piece: AnswerPiece) -> int:
    """Sign and keep the answers of a piece; how many were kept.

    Raises:
        Unavailable: a file cannot be written.
    """
    authority = authorities.authority(piece.kind, piece.generation)
    kept, numbers = 0, (piece.first, piece.last)
    for some in sign_some(authorities.engine, authority, authorities.clock, numbers=numbers):
        kept += some.kept
        if piece.folder is not None:
            _put(piece.folder, authority, some.answers)
    return kept


def _put(folder: Path, authority: Authority, signed: Sequence[Presigned]) -> None:
    """Put answers where their questions' addresses are (RFC 6960 appendix A.1): ``ocsp/KIND/BASE64``.

    A slash in the base64 is a folder, for that is what a web server makes of it; so an answer's file cannot have the
    name of a folder either, because every question is equally long. Each file takes the place of the one before in one
    step.
    """
    names = issuer_hashes(authority.issuer.certificate)
    try:
        for answer in signed:
            path = folder / answer_path(authority.kind, OcspRequest("sha1", *names, answer.serial_number))
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f"{path.name}.{os.getpid()}")
            try:
                fresh.write_bytes(answer.der)
                os.utime(fresh, times=(answer.this_update.timestamp(),) * 2)
                fresh.replace(path)
            finally:
                fresh.unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(f"answers cannot be written into {folder}", detail=str(error)) from error


def answer_path(kind: CertificateKind, question: OcspRequest) -> Path:
    """Where the answer to a question is, below the folder."""
    return Path("ocsp", kind.value, *base64.b64encode(question.encode()).decode("ascii").split("/"))
