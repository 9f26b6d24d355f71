"""How what was read from a card is shown: a row for each thing that was read."""

from typing import Any

from warifu.cli.results import show, show_table
from warifu.cli.texts import Text, tell, words
from warifu.person import Sex

__all__ = ["SEXES", "show_read"]

SEXES = {
    Sex.MALE: Text("男", "male"),
    Sex.FEMALE: Text("女", "female"),
    Sex.NOT_APPLICABLE: Text("適用不能", "not_applicable"),
    Sex.UNKNOWN: Text("不明", "unknown"),
}
"""In ``--json`` always the English ones."""

_FIELDS = {
    "name": Text("氏名", "name"),
    "address": Text("住所", "address"),
    "birth_date": Text("生年月日", "birth date"),
    "sex": Text("性別", "sex"),
    "individual_number": Text("個人番号", "individual number"),
    "record_code": Text("住民票コード", "resident record code"),
    "key_reference": Text("鍵の名前", "name of a key"),
    "tries_left": Text("残り回数", "tries left"),
    "serial": Text("製造番号", "serial number"),
    "municipality_code": Text("市区町村コード", "municipality code"),
    "expiry": Text("有効期限", "expiry"),
}
_ITEM, _VALUE = Text("項目", "item"), Text("内容", "value")


def show_read(result: dict[str, Any], as_json: bool, remark: Text) -> None:
    """Print what was read, then the remark; in words, what was not read is left out."""
    rows = [
        (words(heading), _said(str(result[key]))) for key, heading in _FIELDS.items() if result.get(key) is not None
    ]

    def in_words() -> None:
        if rows:
            show_table([words(_ITEM), words(_VALUE)], rows)
            tell(remark)

    show(result, as_json, in_words)


def _said(value: str) -> str:
    return next((words(sex) for sex in SEXES.values() if sex.english == value), value)
