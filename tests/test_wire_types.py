"""Every wire type has vectors, and they hold in both directions. The format is told in `tests/vectors/README.md`."""

import importlib
import inspect
import json
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import warifu
from warifu import errors

VECTORS = Path(__file__).parent / "vectors"
SURFACES = {"wire", "town", "testing", "cli"}
ROOMS = sorted({path.parent.name for path in Path(warifu.__file__).parent.glob("*/__init__.py")} - SURFACES)


def wire_types() -> list[type]:
    """The public classes of languages and parties that have both `encode` and `decode`."""
    found = []
    for room in ROOMS:
        door = importlib.import_module(f"warifu.{room}")
        for name in door.__all__:
            thing = getattr(door, name)
            if inspect.isclass(thing) and hasattr(thing, "encode") and hasattr(thing, "decode"):
                found.append(thing)
    return found


@cache
def files() -> dict[Path, dict[str, Any]]:
    """The vector files of wire types; other data may lie beside them."""
    read = {path: json.loads(path.read_text("utf-8")) for path in sorted(VECTORS.glob("*/*.json"))}
    return {path: content for path, content in read.items() if isinstance(content, dict) and "class" in content}


def cases(member: str, *, only: bool = True) -> list[Any]:
    """The vectors or refusals of all files, with those that say `only` or without."""
    return [
        pytest.param(content["class"], case, id=f"{path.parent.name}/{path.stem}-{number}")
        for path, content in files().items()
        for number, case in enumerate(content.get(member, []))
        if only or "only" not in case
    ]


def find_class(name: str) -> Any:
    door, _, class_name = name.rpartition(".")
    return getattr(importlib.import_module(door), class_name)


def vectors_of(wire_type: type) -> list[bytes]:
    """The bytes of the vectors that hold both ways."""
    of_type = [content for content in files().values() if find_class(content["class"]) is wire_type]
    return [wire_bytes(case) for content in of_type for case in content["vectors"] if "only" not in case]


def wire_bytes(case: dict[str, Any]) -> bytes:
    return case["text"].encode() if "text" in case else bytes.fromhex(case["bytes"])


def build(kind: Any, value: Any) -> Any:
    """The Python value of type `kind` that a JSON value stands for."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return None if value is None else build(next(each for each in inner if each is not type(None)), value)
    if kind is Any:
        return value
    if origin is Mapping:
        return {name: build(inner[1], each) for name, each in value.items()}
    if origin is tuple and inner[-1] is not Ellipsis:
        return tuple(map(build, inner, value))
    if origin in (tuple, frozenset, Sequence):
        origin = tuple if origin is Sequence else origin
        return origin(build(inner[0], each) for each in value)
    if is_dataclass(kind):
        return build_dataclass(kind, value)
    if issubclass(kind, Enum):
        return kind[value]
    if kind is bytes:
        return bytes.fromhex(value)
    if issubclass(kind, date):
        return kind.fromisoformat(value)
    if kind is int and isinstance(value, str):
        return int(value, 0)
    assert isinstance(value, kind), f"{value!r} is no {kind}"
    return value


def build_dataclass(kind: Any, value: Any) -> Any:
    hints = typing.get_type_hints(kind)
    if isinstance(value, dict):
        return kind(**{name: build(hints[name], each) for name, each in value.items()})
    (only,) = fields(kind)
    return kind(build(hints[only.name], value))


each_wire_type = pytest.mark.parametrize(
    "wire_type", wire_types(), ids=lambda each: f"{each.__module__}.{each.__name__}"
)


@each_wire_type
def test_a_wire_type_has_vectors_both_ways(wire_type: type) -> None:
    assert vectors_of(wire_type), "no vectors; see tests/vectors/README.md"


def test_the_walk_finds_the_languages() -> None:
    rooms = {wire_type.__module__.split(".")[1] for wire_type in wire_types()}
    assert {"iso7816", "cardmap", "messages"} <= rooms


@pytest.mark.parametrize("path", list(files()), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_vector_file_tells_its_origin_and_lies_in_its_room(path: Path) -> None:
    content = files()[path]
    assert content["origin"].strip()
    assert content["class"].split(".")[:2] == ["warifu", path.parent.name]
    assert content.keys() <= {"class", "origin", "vectors", "refused"}


@pytest.mark.parametrize(("name", "case"), cases("vectors"))
def test_a_vector_decodes_to_its_value(name: str, case: dict[str, Any]) -> None:
    kind = find_class(name)
    assert kind.decode(wire_bytes(case)) == build(kind, case["value"])


@pytest.mark.parametrize(("name", "case"), cases("vectors", only=False))
def test_a_value_encodes_to_its_vector(name: str, case: dict[str, Any]) -> None:
    assert build(find_class(name), case["value"]).encode() == wire_bytes(case)


@pytest.mark.parametrize(("name", "case"), cases("refused"))
def test_refused_bytes_are_refused_for_the_right_reason(name: str, case: dict[str, Any]) -> None:
    with pytest.raises(errors.WarifuError) as caught:
        find_class(name).decode(wire_bytes(case))
    assert type(caught.value) is getattr(errors, case["error"])


def check_strict(wire_type: Any, data: bytes) -> None:
    """Whatever the bytes, `decode` reads them or says `Malformed`; what it read, `encode` writes and it reads again."""
    try:
        value = wire_type.decode(data)
    except errors.Malformed:
        return
    assert wire_type.decode(value.encode()) == value


@each_wire_type
@given(data=st.binary(max_size=700))
def test_arbitrary_bytes_are_read_or_malformed(wire_type: Any, data: bytes) -> None:
    check_strict(wire_type, data)


@each_wire_type
@given(data=st.data())
def test_a_damaged_vector_is_read_or_malformed(wire_type: Any, data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(vectors_of(wire_type) or [b""]))
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(start + 4, len(whole))))
    check_strict(wire_type, whole[:start] + data.draw(st.binary(max_size=4)) + whole[end:])
