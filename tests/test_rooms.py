"""Rooms keep to their doors, doors show what they say, and the drawn tree of errors is the real one."""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

import warifu
from warifu import errors

SOURCE = Path(warifu.__file__).parent
ROOMS = sorted(path.parent.name for path in SOURCE.glob("*/__init__.py"))
# Each module or package right inside these is a door of its own.
CORRIDORS = {"wire", "town", "cli"}
# A part of a room with a door of its own, because few who enter the room need what it loads.
SIDE_DOORS = {
    "warifu.pki.der",
    "warifu.pki.path",
    "warifu.pki.timestamps",
    "warifu.verifier.evidence",
    "warifu.verifier.revoked",
}


def doors() -> list[str]:
    """The packages that others enter by: rooms, and the packages in the corridors."""
    inside = [path.parent for room in CORRIDORS for path in (SOURCE / room).glob("*/__init__.py")]
    parties = {f"warifu.{path.parent.name}.{path.name}" for path in inside}
    return [f"warifu.{room}" for room in ROOMS] + sorted(SIDE_DOORS | parties)


@pytest.mark.parametrize("room", ROOMS)
def test_a_rooms_door_says_who_lives_there(room: str) -> None:
    told = inspect.getdoc(importlib.import_module(f"warifu.{room}")) or ""
    assert len(told) > 120, "say who this is in life, what it knows, what it never sees and whom it talks to"


@pytest.mark.parametrize("door", doors())
def test_a_door_is_sorted_and_shows_only_what_exists(door: str) -> None:
    module = importlib.import_module(door)
    names = getattr(module, "__all__", None)
    if names is None:
        assert not public_names(module), "a door that shows something says what"
        return
    assert list(names) == sorted(set(names), key=kind_and_name)
    assert [name for name in names if not hasattr(module, name)] == []


def public_names(module: object) -> list[str]:
    return [name for name, value in vars(module).items() if name[0] != "_" and not inspect.ismodule(value)]


def kind_and_name(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions, each by name: the order that ruff's RUF022 keeps."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2, name)


@dataclass(frozen=True)
class Use:
    """`importer` imports `name` (None: the module itself) from `module`."""

    importer: str
    module: str
    name: str | None


@cache
def modules() -> dict[str, Path]:
    """Every module of warifu by its dotted name."""
    found = {}
    for path in SOURCE.rglob("*.py"):
        parts = ("warifu", *path.relative_to(SOURCE).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def uses(importer: str, code: str) -> Iterator[Use]:
    """What a module imports from warifu, wherever in the module it does."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (Use(importer, alias.name, None) for alias in node.names if alias.name.startswith("warifu."))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "warifu":
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                inner = submodule in modules() and alias.name not in shown_by(node.module or "")
                yield Use(importer, submodule if inner else node.module or "", None if inner else alias.name)


def shown_by(module: str) -> list[str]:
    """What a door shows; a function of the same name hides the module it lives in."""
    return list(getattr(importlib.import_module(module), "__all__", []))


def past_the_door(use: Use) -> str | None:
    """What is wrong with an import, or None."""
    there = use.module.split(".")
    if len(there) == 1 or f"warifu.{there[1]}" not in {f"warifu.{room}" for room in ROOMS}:
        return None
    depth = 3 if there[1] in CORRIDORS or ".".join(there[:3]) in SIDE_DOORS else 2
    if use.importer.split(".")[:depth] == there[:depth]:
        return None
    if len(there) > depth:
        return "goes past the door"
    shown = getattr(importlib.import_module(use.module), "__all__", None)
    if use.name is None:
        return None
    if shown is not None and use.name not in shown:
        return "takes what the door does not show"
    return "takes something private" if use.name.startswith("_") else None


@pytest.mark.parametrize("module", sorted(modules()))
def test_nobody_goes_past_a_door(module: str) -> None:
    judged = {use: past_the_door(use) for use in uses(module, modules()[module].read_text("utf-8"))}
    assert {use: wrong for use, wrong in judged.items() if wrong is not None} == {}


@pytest.mark.parametrize(
    ("importer", "code", "wrong"),
    [
        ("warifu.reader.login", "from warifu.cardmap import KeyId", None),
        ("warifu.reader.login", "from warifu.cardmap.key_id import KeyId", "goes past the door"),
        ("warifu.reader.login", "import warifu.cardmap.key_id", "goes past the door"),
        ("warifu.reader.login", "from warifu.cardmap import key_id", "goes past the door"),
        ("warifu.reader.login", "def f():\n    from warifu.cardmap.key_id import KeyId", "goes past the door"),
        ("warifu.reader.login", "from warifu.cardmap import Unheard", "takes what the door does not show"),
        ("warifu.cardmap.cv", "from warifu.cardmap.key_id import KeyId", None),
        ("warifu.reader.login", "from warifu import errors", None),
        ("warifu.tsa.authority", "from warifu.pki.timestamps import TimestampRequest", None),
        ("warifu.tsa.authority", "from warifu.pki.timestamps.request import TimestampRequest", "goes past the door"),
        ("warifu.wire.answers", "from warifu.wire.clock import SystemClock", None),
        ("warifu.wire.answers", "from warifu.wire.pages.qr import qr_svg", "goes past the door"),
        ("warifu.wire.pages.login", "from warifu.wire.pages.qr import qr_svg", None),
        ("warifu.cli.root", "from warifu.town import pool", None),
    ],
)
def test_a_planted_import_is_judged(importer: str, code: str, wrong: str | None) -> None:
    """The test above can fail: each kind of import, right and wrong."""
    assert [past_the_door(use) for use in uses(importer, code)] == [wrong]


def error_classes() -> list[type[errors.WarifuError]]:
    return [each for each in vars(errors).values() if inspect.isclass(each) and issubclass(each, errors.WarifuError)]


def drawn_parents() -> dict[str, str]:
    """Each error class and its parent, as the docstring of `errors` draws them; a line may hold several siblings."""
    parents: dict[str, str] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        drawn = re.match(r"    ((?:│   |    )*(?:[├└]── )?)([A-Z]\w+(?:  [A-Z]\w+)*)(?:  |$)", line)
        if not drawn:
            continue
        depth, names = len(drawn[1]) // 4, drawn[2].split()
        above[depth:] = [names[0]]
        parents.update(dict.fromkeys(names, above[depth - 1] if depth else "Exception"))
    return parents


def test_the_drawn_tree_of_errors_is_the_real_one() -> None:
    assert drawn_parents() == {each.__name__: each.__bases__[0].__name__ for each in error_classes()}


def test_every_error_has_the_exit_code_and_status_of_a_family() -> None:
    """Refused 4xx and 1, Malformed 400 and 4, Unavailable 503 and 3; 70 is a bug's.

    What HTTP has a word of its own for is told by it: content too large, 413 (RFC 9110 §15.5.14).
    """
    families = {errors.Refused: 1, errors.Malformed: 4, errors.Unavailable: 3}
    for each in error_classes():
        if each is errors.WarifuError:
            continue
        (family,) = set(families) & set(each.__mro__)
        assert each.exit_code == families[family]
        expected = {errors.Refused: range(400, 500), errors.Malformed: (400,), errors.Unavailable: (503,)}[family]
        assert each.http_status in ((413,) if each is errors.ContentTooLarge else expected)
