"""What belongs together in an archive, and what is not of it."""

import os
from pathlib import Path

import pytest

from warifu.errors import Malformed, Unavailable
from warifu.wire.archive import Entry, list_archive


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def test_files_below_a_folder_are_listed_by_their_way_from_there(tmp_path: Path) -> None:
    put(tmp_path, "b.pdf", "2026/a.pdf", ".hidden/x.pdf", ".lock")
    names = [each.name for each in list_archive(tmp_path)]
    assert names == ["2026/a.pdf", "b.pdf"]


def test_what_is_beside_belongs_to_its_document(tmp_path: Path) -> None:
    put(tmp_path, "deed", "deed.p7s", "plan.xml", "plan.xml.signature.xml", "map.pdf", "map.pdf.evidence.zip")
    assert list_archive(tmp_path) == [
        Entry("deed.p7s", tmp_path / "deed.p7s", tmp_path / "deed"),
        Entry("map.pdf", tmp_path / "map.pdf", None, tmp_path / "map.pdf.evidence.zip"),
        Entry("plan.xml.signature.xml", tmp_path / "plan.xml.signature.xml", tmp_path / "plan.xml"),
    ]


def test_a_list_names_files_from_where_it_is(tmp_path: Path) -> None:
    put(tmp_path, "in/a.pdf", "in/b.pdf")
    (tmp_path / "list").write_text("in/b.pdf\n\nin/gone.pdf\n", "utf-8")
    found = list_archive(tmp_path / "list")
    assert [(each.name, each.document) for each in found] == [
        ("in/b.pdf", tmp_path / "in/b.pdf"),
        ("in/gone.pdf", tmp_path / "in/gone.pdf"),
    ]


def test_what_is_no_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Malformed):
        list_archive(tmp_path / "list")
    with pytest.raises(Unavailable):
        list_archive(tmp_path / "gone")


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_no_link_to_a_folder_leads_out(tmp_path: Path) -> None:
    put(tmp_path, "out/x.pdf", "in/a.pdf")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "out")
    assert [each.name for each in list_archive(tmp_path / "in")] == ["a.pdf"]
