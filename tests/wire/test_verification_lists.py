"""Revocation lists on disk: current in one step, never back, whole whatever is killed."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from tests.pki import world
from tests.pki.world import AUTHENTICATION, KIYOSE, NOW, SHIBUYA
from tests.verifier import scene
from tests.verifier.test_revoked_index import MIXED, one_entry
from tests.waiting import PATIENCE
from warifu.errors import Malformed, RevocationDataRefused, StatusUnknown, Unavailable
from warifu.person import Municipality
from warifu.pki import EndEntityCertificate, Issuer, Revocation, build_crl
from warifu.verifier import Anchor, Evidence, Policy, check_status
from warifu.wire.verification import ListStore
from warifu.wire.verification.lists import KeptList

ISSUER = world.authority(AUTHENTICATION)
CERTIFICATE = EndEntityCertificate.decode(world.authentication_certificate())
POINT = CERTIFICATE.distribution_point
ANCHORS = scene.anchors()
ANCHOR: Anchor = ANCHORS.find(CERTIFICATE.issuer, CERTIFICATE.issuer_key_id)


def list_of(
    revoked: dict[int, Revocation],
    number: int = 7,
    at: datetime = NOW - timedelta(hours=1),
    *,
    issuer: Issuer = ISSUER,
    municipality: Municipality = KIYOSE,
) -> bytes:
    return build_crl(issuer, municipality=municipality, revoked=revoked, number=number, this_update=at)


def giving(data: bytes) -> Callable[[BinaryIO], None]:
    def fetch(into: BinaryIO) -> None:
        into.write(data)

    return fetch


@pytest.fixture
def store(tmp_path: Path) -> ListStore:
    return ListStore(tmp_path / "lists", ANCHORS)


def take(store: ListStore, data: bytes, now: datetime = NOW) -> KeptList:
    return store.take(giving(data), ANCHOR, now)


def revoked_of(store: ListStore, point: bytes = POINT) -> dict[int, Revocation]:
    found = store.find(ANCHOR, point)
    assert found is not None
    return dict(found.revoked)


def test_a_list_that_was_taken_is_found(store: ListStore) -> None:
    assert store.find(ANCHOR, POINT) is None
    told = take(store, list_of(MIXED))
    assert (told.number, told.entries, told.distribution_point) == (7, len(MIXED), POINT)
    assert revoked_of(store) == MIXED
    assert store.all() == (told,)


def test_a_list_is_found_again_by_another_process(store: ListStore) -> None:
    take(store, list_of(MIXED))
    assert revoked_of(ListStore(store.directory, ANCHORS)) == MIXED


def test_a_kept_list_confirms_a_certificate(store: ListStore) -> None:
    take(store, list_of(MIXED))
    confirmation = check_status(CERTIFICATE, ANCHOR, Evidence(crl=store.find(ANCHOR, POINT)), NOW, Policy())
    assert confirmation.as_of == NOW - timedelta(hours=1)


def test_a_list_of_another_form_is_kept_too(store: ListStore) -> None:
    """Serial numbers of 19 bytes: read by cryptography, not indexed."""
    assert take(store, one_entry(1 << 150, NOW)).index == ""
    assert list(revoked_of(store)) == [1 << 150]


def test_each_distribution_point_has_its_own_list(store: ListStore) -> None:
    take(store, list_of({5: scene.HELD}))
    take(store, list_of({6: scene.HELD}, municipality=SHIBUYA))
    assert revoked_of(store) == {5: scene.HELD}
    assert len(store.all()) == 2


def test_the_next_list_takes_the_place_of_the_one_before(store: ListStore) -> None:
    take(store, list_of({5: scene.HELD}))
    before = store.find(ANCHOR, POINT)
    take(store, list_of({6: scene.HELD}, 8, NOW))
    assert before is not None
    assert dict(before.revoked) == {5: scene.HELD}, "whoever has the old one open goes on reading it"
    assert revoked_of(store) == {6: scene.HELD}
    files = sorted(path.suffix for path in store.directory.glob("*/*") if path.name != "lock")
    assert files == [".crl", ".idx", ".json"]


@pytest.mark.parametrize(
    "data",
    [
        list_of({}, 6),
        list_of({}, 8, NOW - timedelta(hours=2)),
        list_of({}, 8, NOW + timedelta(hours=1)),
        list_of({}, 8, issuer=world.authority(AUTHENTICATION, 2)),
        list_of({}, 8)[:-1] + b"\0",
        b"",
        b"<html>",
    ],
    ids=["smaller number", "made earlier", "from the future", "another generation", "changed", "empty", "no list"],
)
def test_what_may_not_be_relied_on_leaves_the_old_list(store: ListStore, data: bytes) -> None:
    take(store, list_of({5: scene.HELD}))
    with pytest.raises(RevocationDataRefused):
        take(store, data)
    assert revoked_of(store) == {5: scene.HELD}


def test_a_list_that_has_ended_is_not_taken(store: ListStore) -> None:
    with pytest.raises(StatusUnknown):
        take(store, list_of({}), NOW + timedelta(days=3))


def test_the_same_list_again_changes_nothing(store: ListStore) -> None:
    first = take(store, list_of({5: scene.HELD}))
    assert take(store, list_of({5: scene.HELD})) == first


def test_a_fetch_that_breaks_off_leaves_the_old_list(store: ListStore) -> None:
    take(store, list_of({5: scene.HELD}))

    def broken(into: BinaryIO) -> None:
        into.write(list_of({}, 9)[:100])
        raise Unavailable("gone")

    with pytest.raises(Unavailable):
        store.take(broken, ANCHOR, NOW)
    assert revoked_of(store) == {5: scene.HELD}
    assert list((store.directory / "coming").iterdir()) == []


def test_a_list_that_was_touched_on_the_disk_is_not_answered_from(store: ListStore) -> None:
    take(store, list_of(MIXED))
    [kept] = store.directory.glob("*/*.crl")
    kept.write_bytes(kept.read_bytes()[:-400])
    with pytest.raises(Malformed):
        ListStore(store.directory, ANCHORS).find(ANCHOR, POINT)


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b'{"issuer_key_id": 1}'])
def test_what_is_said_about_a_list_is_read_strictly(text: bytes) -> None:
    with pytest.raises(Malformed):
        KeptList.decode(text)


def test_what_is_said_about_a_list_names_no_other_folder(store: ListStore) -> None:
    told = take(store, list_of({}))
    outside = told.encode().replace(told.name.encode(), b"../../" + told.name.encode())
    assert KeptList.decode(outside) == told


# --- several processes, and kill -9 -----------------------------------------------------------------------------------


def _refresh_for_ever(directory: Path) -> None:
    store, number = ListStore(directory, ANCHORS), 100
    while True:
        number += 1
        revoked = dict.fromkeys(range(1, 200), scene.HELD) | {0x01000000 + number: scene.MOVED}
        store.take(giving(list_of(revoked, number)), ANCHOR, NOW)


def _spawned(directory: Path) -> Any:
    process = multiprocessing.get_context("spawn").Process(target=_refresh_for_ever, args=(directory,))
    process.start()
    return process


def test_readers_see_one_whole_list_or_another_while_it_is_refreshed_and_killed(store: ListStore) -> None:
    """Each list has 199 entries and one that names its number; a killed refresh leaves the list before."""
    take(store, list_of(dict.fromkeys(range(1, 200), scene.HELD) | {0x01000000 + 100: scene.MOVED}, 100))
    process = _spawned(store.directory)
    seen: set[int] = set()
    try:
        deadline = time.monotonic() + PATIENCE
        while len(seen) < 4 and time.monotonic() < deadline:
            revoked = revoked_of(store)
            assert len(revoked) == 200
            seen.add(max(revoked))
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    assert len(seen) >= 4
    after = revoked_of(ListStore(store.directory, ANCHORS))
    assert len(after) == 200
    assert max(after) >= max(seen)
    take(store, list_of({5: scene.HELD}, 1_000_000))
    assert revoked_of(store) == {5: scene.HELD}


def test_what_a_killed_process_left_is_thrown_away(store: ListStore) -> None:
    coming = store.directory / "coming"
    coming.mkdir(parents=True)
    for name, age in (("old.crl", 2), ("new.crl", 0)):
        (coming / name).write_bytes(b"half")
        moment = (NOW - timedelta(days=age)).timestamp()
        os.utime(coming / name, (moment, moment))
    take(store, list_of({}))
    assert [path.name for path in coming.iterdir()] == ["new.crl"]
