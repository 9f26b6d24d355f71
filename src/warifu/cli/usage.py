"""What click says of a command line that is not understood, on one line and in the language of the run.

click speaks English; its sentences are recognised by their form. One that is not keeps its English words, in brackets.
Source of the forms: pallets/click `src/click/exceptions.py`, `core.py`, `parser.py`, `types.py` (8.1 to 8.5).
"""

import re

import click

from warifu.cli.texts import Text, language, words

__all__ = ["usage_fault"]

_UNKNOWN = Text("使い方が違います（{message}）", "{message}")
_NO_SUCH = r"no such (?P<what>option|command):? '?(?P<name>[^' ]+?)'?"
_VALUE = r"invalid value(?: for '(?P<name>[^']+)')?: (?P<fault>.+)"
_FORMS = tuple(
    (re.compile(form), japanese)
    for form, japanese in (
        (_NO_SUCH + r"(?:; \(?did you mean (?:one of: )?(?P<near>.+))?", "{what}{name}はありません{near}"),
        (r"missing (?P<what>argument|option|parameter) '(?P<name>[^']+)'", "{what}{name}が必要です"),
        (r"missing argument '(?P<name>[^']+)'; choose from: (?P<near>.+)", "引数が必要です（{near} のどれか）"),
        (
            r"missing option '(?P<name>[^']+)'; choose from: (?P<near>.+)",
            "オプション{name}が必要です（{near} のどれか）",
        ),
        (r"missing command", "コマンドが必要です"),
        (r"option '(?P<name>[^']+)' requires an argument", "オプション{name}には値が必要です"),
        (r"option '(?P<name>[^']+)' does not take a value", "オプション{name}に値は付けられません"),
        (r"got unexpected extra arguments? \((?P<near>.+)\)", "余分な引数があります: {near}"),
    )
)
_FAULTS = tuple(
    (re.compile(form), japanese)
    for form, japanese in (
        (r"'(?P<value>.*)' is not one of (?P<near>.+)", "{value}ではなく、{near} のどれかを指定してください"),
        (r"(?P<value>\S+) is not in the range (?P<near>.+)", "{value}は範囲（{near}）の外です"),
        (r"'(?P<value>.*)' is not a valid (?:integer|float|number)(?: range)?", "{value}は数ではありません"),
        (r"\w+ '(?P<value>.*)' does not exist", "{value}がありません"),
        (r"\w+ '(?P<value>.*)' is a directory", "{value}はディレクトリです"),
        (r"\w+ '(?P<value>.*)' is a file", "{value}はファイルです"),
        (r"\w+ '(?P<value>.*)' is not readable", "{value}を読めません"),
        (r"\w+ '(?P<value>.*)' is not writable", "{value}に書き込めません"),
    )
)
_WHAT = {"option": "オプション", "argument": "引数", "parameter": "値", "command": "コマンド"}


def usage_fault(error: click.ClickException) -> str:
    """The complaint on one line; what warifu itself complains of is in the language of the run already."""
    message = " ".join(error.format_message().split())
    plain = message[:1].lower() + re.sub(r"\. (\(?)([DC])(id|hoose)\b", _joined, message[1:].rstrip("."))
    if language() != "ja":
        return plain
    said = _value_fault(plain) or _found(_FORMS, plain)
    return said or (words(_UNKNOWN, message=plain) if plain.isascii() else plain)


def _value_fault(plain: str) -> str:
    whole = re.fullmatch(_VALUE, plain)
    fault = _found(_FAULTS, whole["fault"]) if whole else ""
    return f"{whole['name']}: {fault}" if whole and fault and whole["name"] else fault


def _found(forms: tuple[tuple[re.Pattern[str], str], ...], said: str) -> str:
    for form, japanese in forms:
        if found := form.fullmatch(said):
            facts = found.groupdict()
            return japanese.format_map({**facts, "what": _WHAT.get(facts.get("what") or "", ""), "near": _near(facts)})
    return ""


def _joined(found: re.Match[str]) -> str:
    """A second sentence as part of the first."""
    return f"; {found[1]}{found[2].lower()}{found[3]}"


def _near(facts: dict[str, str | None]) -> str:
    """What could have been meant, or what may be chosen."""
    listed = (facts.get("near") or "").replace("'", "").rstrip("?)")
    return f"（{listed} ですか）" if listed and facts.get("what") in ("option", "command") else listed
