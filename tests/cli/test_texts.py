"""No text of the command line lacks a language, and both say the same facts."""

import importlib
import pkgutil
import string
from collections.abc import Iterator

import pytest

import warifu.cli
from tests.cli.commands_page import commands
from warifu.cli.commands import Option
from warifu.cli.root import PLACES
from warifu.cli.texts import Text


def _texts(value: object) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _in_modules() -> Iterator[tuple[str, Text]]:
    for info in pkgutil.iter_modules(warifu.cli.__path__):
        module = importlib.import_module(f"warifu.cli.{info.name}")
        for name, value in vars(module).items():
            for text in _texts(value):
                yield f"{info.name}.{name}", text


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


ALL = dict(_in_modules()) | {f"place {name}": place.about for name, place in PLACES.items()}


@pytest.mark.parametrize("name", ALL)
def test_a_text_says_the_same_facts_in_both_languages(name: str) -> None:
    text = ALL[name]
    assert text.japanese
    assert text.english
    assert _fields(text.japanese) == _fields(text.english)


def test_every_command_and_option_has_help_in_both_languages() -> None:
    for path, command in commands():
        assert isinstance(command.help, Text), path
        for parameter in command.params:
            if isinstance(parameter, Option):
                assert isinstance(parameter.text, Text), f"{path} {parameter.name}"
            else:
                assert parameter.param_type_name == "argument" or parameter.name == "version", (
                    f"{path} {parameter.name}"
                )


def test_japanese_texts_are_japanese() -> None:
    """Commands and addresses aside, a Japanese text has kana or kanji in it."""
    for name, text in ALL.items():
        if text.japanese != text.english:
            assert any("\u3040" <= character <= "\u9fff" for character in text.japanese), name
