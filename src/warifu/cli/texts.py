"""What the command line says, in Japanese and English.

A `Text` holds both, so that none can be missing. It is a string (the English one), which lets it travel where strings
do: as help of a command, as note of an error. `words` gives it in the language of this run.
"""

import locale
import os
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final, Literal, Self

import click

__all__ = ["Language", "Text", "counted_tries", "language", "locale_language", "speak", "tell", "words"]

Language = Literal["ja", "en"]

_language: Final[ContextVar[Language]] = ContextVar("language", default="en")


class Text(str):
    """One message in both languages; ``{fields}`` are filled in by `words`."""

    __slots__ = ("english", "japanese")
    japanese: str
    english: str

    def __new__(cls, japanese: str, english: str) -> Self:
        """Japanese first, English second."""
        text = super().__new__(cls, english)
        text.japanese = japanese
        text.english = english
        return text


def locale_language(environment: Mapping[str, str] | None = None) -> Language:
    """The language that the locale asks for: Japanese, else English.

    Source: POSIX.1-2017, Base Definitions §8.2: LC_ALL, then LC_MESSAGES, then LANG; the first that is set decides.
    """
    environment = os.environ if environment is None else environment
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(variable)
        if value:
            return "ja" if value.lower().startswith("ja") else "en"
    return "ja" if (locale.getlocale()[0] or "").lower().startswith("ja") else "en"


def speak(chosen: Language) -> None:
    """Use this language from now on."""
    _language.set(chosen)


def language() -> Language:
    """The language of this run."""
    return _language.get()


def words(text: str, **facts: Any) -> str:
    """The text in the language of this run, with its facts; a plain string is left as it is."""
    if not isinstance(text, Text):
        return text
    return (text.japanese if language() == "ja" else text.english).format(**facts)


_ONE_LEFT, _LEFT = Text("残り1回", "1 try left"), Text("残り{tries}回", "{tries} tries left")


def counted_tries(tries: int) -> str:
    """How many tries are left, counted as the language counts."""
    return words(_ONE_LEFT if tries == 1 else _LEFT, tries=tries)


def tell(text: str, **facts: Any) -> None:
    """Say something that is no result: on stderr."""
    click.echo(words(text, **facts), err=True)
