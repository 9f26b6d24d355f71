"""Putting the settings together: the file, the environment and the flags, each key checked."""

import dataclasses
import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_type_hints

import platformdirs

from warifu.errors import Malformed, Unavailable
from warifu.wire.key_uri import SCHEME, KeyUri
from warifu.wire.settings.everything import APPLICATION, Settings

__all__ = ["configuration_file", "read_settings"]

_PREFIX = "WARIFU_"


def configuration_file(environment: Mapping[str, str] | None = None) -> Path:
    """Where the configuration file is, if there is one."""
    named = (os.environ if environment is None else environment).get(_PREFIX + "CONFIG")
    return Path(named) if named else platformdirs.user_config_path(APPLICATION, appauthor=False) / "warifu.toml"


def read_settings(
    flags: Mapping[str, Any] | None = None,
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Put file, environment and flags together.

    `flags` is shaped like the file (``{"town": {"seed": 2}}``); None in it means that the flag was not given.

    Raises:
        Malformed: an unknown key, or a value of another type; the message names it.
        Unavailable: a file was named and cannot be read.
    """
    environment = os.environ if environment is None else environment
    named = file is not None or bool(environment.get(_PREFIX + "CONFIG"))
    path = file or configuration_file(environment)
    layers = [_from_file(path, must_exist=named), _from_environment(environment), _given(flags or {})]
    values = _merge(layers)
    for name, kind in _fields(Settings):
        if isinstance(kind, type) and dataclasses.is_dataclass(kind):
            values[name] = kind(**values.get(name, {}))
    return Settings(**values)


def _from_file(path: Path, *, must_exist: bool) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        if must_exist:
            raise Unavailable(f"there is no configuration file {path}") from None
        return {}
    except OSError as error:
        raise Unavailable.because(f"cannot read the configuration file {path}", error) from error
    except ValueError as error:
        raise Malformed(f"{path}: {error}") from error
    return _read_table(Settings, table, str(path), "", path.parent)


def _read_table(section: type, table: Mapping[str, Any], source: str, prefix: str, folder: Path) -> dict[str, Any]:
    known = dict(_fields(section))
    values: dict[str, Any] = {}
    for key, value in table.items():
        name = prefix + key
        if key not in known:
            raise Malformed(f"{source}: unknown key {name!r}{_guess(key, known)}")
        if dataclasses.is_dataclass(known[key]):
            if not isinstance(value, dict):
                raise Malformed(f"{source}: {name!r} is a section, [{name}]")
            values[key] = _read_table(known[key], value, source, f"{name}.", folder)
        else:
            values[key] = _convert(known[key], value, f"{source}: {name!r}", folder)
    return values


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for variable, path, kind in _variables():
        text = environment.get(variable)
        if text:
            table = values
            for name in path[:-1]:
                table = table.setdefault(name, {})
            table[path[-1]] = _convert(kind, _of_text(kind, text, variable), variable, Path())
    return values


def _variables() -> Iterator[tuple[str, tuple[str, ...], Any]]:
    for name, kind in _fields(Settings):
        if dataclasses.is_dataclass(kind):
            for key, inner in _fields(kind):
                yield f"{_PREFIX}{name}_{key}".upper(), (name, key), inner
        else:
            yield f"{_PREFIX}{name}".upper(), (name,), kind


def _of_text(kind: Any, text: str, variable: str) -> object:
    if kind is int:
        try:
            return int(text)
        except ValueError:
            raise Malformed(f"{variable} must be a whole number") from None
    if kind is bool and text.lower() in _BOOLEANS:
        return _BOOLEANS[text.lower()]
    if kind == tuple[str, ...]:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _convert(kind: Any, value: object, where: str, folder: Path) -> object:
    """One value in its declared type; a boolean is no number, a number is no text."""
    if kind is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind is str and isinstance(value, str):
        return value
    if kind is bool and isinstance(value, bool):
        return value
    if kind in (Path, Path | None) and isinstance(value, str):
        return folder / Path(value).expanduser()
    if kind == Path | KeyUri | None and isinstance(value, str):
        return KeyUri.parse(value) if value.startswith(SCHEME) else folder / Path(value).expanduser()
    if kind == tuple[str, ...] and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise Malformed(f"{where} must be {_EXPECTED[kind]}")


_BOOLEANS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_EXPECTED: dict[Any, str] = {
    int: "a whole number",
    str: "text",
    bool: "true or false",
    Path: "a path",
    Path | None: "a path",
    Path | KeyUri | None: "a path or a pkcs11: address",
    tuple[str, ...]: "a list of texts",
}


def _given(flags: Mapping[str, Any]) -> dict[str, Any]:
    """The flags that were given: None means absent, at both levels."""
    return {
        key: _given(value) if isinstance(value, Mapping) else value for key, value in flags.items() if value is not None
    }


def _merge(layers: list[dict[str, Any]]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            merged[key] = _merge([merged.get(key, {}), value]) if isinstance(value, dict) else value
    return merged


def _fields(section: Any) -> list[tuple[str, Any]]:
    hints = get_type_hints(section)
    return [(item.name, hints[item.name]) for item in dataclasses.fields(section)]


def _guess(key: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(key, known, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(known))}"
