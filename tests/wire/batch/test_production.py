"""Revocation lists and answers made in bulk by a crew, one of whom is killed."""

import os
import signal
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.ca.town import AUTHENTICATION, ENDS, KIYOSE, NOW, SHIBUYA, SIGNING, key
from tests.wire.authorities import FIRST, open_authorities
from tests.wire.batch.authority_offices import with_authorities
from tests.wire.conftest import Place
from warifu.ca import CertificateApplication, Entry, Event
from warifu.errors import Malformed
from warifu.pki import OcspAnswer, OcspRequest, RevocationList, Standing, issuer_hashes
from warifu.wire.authority import (
    PARTY,
    Authorities,
    answer_pieces,
    list_pieces,
    make_answers,
    make_list,
    produce_answers,
    produce_lists,
)
from warifu.wire.batch import crew

PLACES = (KIYOSE, SHIBUYA)
HOLDERS = 40


@pytest.fixture
def record(place: Place) -> str:
    """Where a record is, with certificates of two municipalities, some of them revoked or held."""
    authorities = open_authorities(place.of(PARTY))
    issued = authorities.issue_all(
        [
            CertificateApplication(AUTHENTICATION, f"holder-{n}", PLACES[n % 2], key(10).public_key_info, ENDS, None)
            for n in range(HOLDERS)
        ]
    )
    for n, one in enumerate(issued):
        event = {3: Event.KEY_COMPROMISED, 4: Event.HELD}.get(n % 8, Event.DELIVERED)
        authorities.record(AUTHENTICATION, one.entry.serial_number, event)
    authorities.close()
    return place.of(PARTY)


@pytest.fixture
def authorities(record: str) -> Iterator[Authorities]:
    opened = open_authorities(record)
    yield opened
    opened.close()


def test_two_workers_make_every_list_though_one_is_killed(
    record: str, tmp_path: Path, authorities: Authorities
) -> None:
    killed: list[int] = []

    def kill_one(_done: int, _all: int) -> None:
        if not killed:
            worker = next(int(path.name.removeprefix("open-")) for path in tmp_path.glob("open-*"))
            os.kill(worker, signal.SIGKILL)
            killed.append(worker)

    with crew(with_authorities(record, tmp_path), workers=2) as workers:
        produced = produce_lists(workers, authorities, NOW, kill_one)
    assert killed
    assert produced.pieces == 2 * (1 + len(PLACES))
    for place in PLACES:
        listed = RevocationList.decode(authorities.revocation_list(AUTHENTICATION, place.code))
        assert listed.this_update == NOW
        assert sorted(listed.revoked) == _revoked(authorities, place.code)
        assert not RevocationList.decode(authorities.revocation_list(SIGNING, place.code)).revoked


def _revoked(authorities: Authorities, code: str) -> list[int]:
    entries = [_entry(authorities, n) for n in range(HOLDERS)]
    return sorted(entry.serial_number for entry in entries if entry.revocation and entry.municipality == code)


def _entry(authorities: Authorities, n: int) -> Entry:
    entry = authorities.find(AUTHENTICATION, FIRST + n)
    assert entry is not None
    return entry


def test_a_list_made_meanwhile_is_not_made_again(authorities: Authorities) -> None:
    pieces = list_pieces(authorities, NOW)
    assert [make_list(authorities, piece) for piece in pieces] == [True] * len(pieces)
    assert [make_list(authorities, piece) for piece in pieces] == [False] * len(pieces)
    later = list_pieces(authorities, NOW + timedelta(seconds=1))
    assert all(make_list(authorities, piece) for piece in later)


def test_two_workers_sign_every_answer_and_put_it_into_a_file(
    record: str, tmp_path: Path, authorities: Authorities
) -> None:
    folder = tmp_path / "answers"
    with crew(with_authorities(record, tmp_path), workers=2) as workers:
        produced = produce_answers(workers, authorities, size=7, folder=folder)
    assert (produced.pieces, produced.made) == (6, HOLDERS)
    names = issuer_hashes(authorities.authority(AUTHENTICATION).issuer.certificate)
    for n in range(HOLDERS):
        entry = _entry(authorities, n)
        question = OcspRequest("sha1", *names, entry.serial_number)
        kept = authorities.answer(AUTHENTICATION, question.encode())
        told = OcspAnswer.decode(kept)
        assert (told.status, told.next_update) == (entry.revocation or Standing.GOOD, NOW + timedelta(hours=6))
        assert _file(folder, question).read_bytes() == kept


def _file(folder: Path, question: OcspRequest) -> Path:
    """Where a web server looks for the path of the question's address (RFC 6960 appendix A.1)."""
    return Path(f"{folder}/ocsp/authentication/{b64encode(question.encode()).decode()}")


def test_pieces_cover_every_certificate_once(authorities: Authorities) -> None:
    pieces = answer_pieces(authorities, 7)
    assert {piece.kind for piece in pieces} == {AUTHENTICATION}
    assert sum(piece.last - piece.first + 1 for piece in pieces) == HOLDERS
    assert sum(make_answers(authorities, piece) for piece in pieces) == HOLDERS
    assert sum(make_answers(authorities, piece) for piece in pieces) == HOLDERS, "a piece may be done twice"


def test_a_piece_has_a_size(authorities: Authorities) -> None:
    with pytest.raises(Malformed):
        answer_pieces(authorities, 0)
