"""Japanese and English: which one a request wants, and the sentences in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from starlette.requests import Request

from warifu.idp import ACCOUNT_NAME

Language = Literal["ja", "en"]
LANGUAGES: tuple[Language, ...] = ("ja", "en")
COOKIE = "lang"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All sentences of one language by their identifier; `{name}` stands for what is filled in."""

    language: Language
    sentences: Mapping[str, str]

    def text(self, key: str, **values: object) -> str:
        """The sentence `key`; a missing one is a bug and raises KeyError."""
        if values.get("client") == ACCOUNT_NAME:  # the one client whose name is ours, in each language
            values["client"] = self.sentences["account.title"]
        return self.sentences[key].format_map(values) if values else self.sentences[key]

    def first(self, *keys: str) -> str:
        """The first of `keys` that exists; the last one must."""
        return self.text(next((key for key in keys if key in self.sentences), keys[-1]))

    def under(self, prefix: str) -> Mapping[str, str]:
        """The sentences whose identifier starts with `prefix`, without it: what a script may need."""
        return _under(self.language, prefix)


@cache
def catalogue(language: Language) -> Catalogue:
    """The sentences of `language`, read once."""
    source = files("warifu.wire.pages") / "i18n" / f"{language}.json"
    return Catalogue(language, json.loads(source.read_text(encoding="utf-8")))


@cache
def _under(language: Language, prefix: str) -> Mapping[str, str]:
    its = catalogue(language).sentences.items()
    return {key.removeprefix(prefix): text for key, text in its if key.startswith(prefix)}


def asked_language(request: Request) -> Language | None:
    """The language that `?lang=` asks for, to be remembered; None when it does not or asks for another."""
    return _known(request.query_params.get("lang", ""))


def choose_language(request: Request) -> Language:
    """`?lang=`, else the cookie, else the browser's preference, else Japanese."""
    return asked_language(request) or _known(request.cookies.get(COOKIE, "")) or _preferred(request) or "ja"


def _preferred(request: Request) -> Language | None:
    """The better of our two in Accept-Language (RFC 9110 §12.5.4); quality 0 means never."""
    best: tuple[float, Language] | None = None
    for entry in request.headers.get("accept-language", "")[:200].split(","):
        tag, _, parameter = entry.strip().partition(";")
        language, quality = _known(tag.split("-")[0].lower()), _quality(parameter)
        if language and quality > (best[0] if best else 0):
            best = (quality, language)
    return best[1] if best else None


def _quality(parameter: str) -> float:
    try:
        return float(parameter.strip().removeprefix("q=")) if parameter.strip() else 1.0
    except ValueError:
        return 0.0


def _known(text: str) -> Language | None:
    return next((language for language in LANGUAGES if language == text), None)
