"""How the examination of a card is shown: a row for each check, the verdict last."""

from collections.abc import Iterator, Mapping

from warifu.cli.texts import Text, words

__all__ = ["CHECKS", "rows_of"]

CHECKS = (Text("対象", "where"), Text("検査", "check"), Text("結果", "outcome"))
"""The headings."""

_PLACES = {
    "manager": Text("カードマネージャ", "card manager"),
    "common": Text("共通カードAP", "common application"),
    "visual": Text("券面AP", "visual application"),
    "text": Text("券面事項入力補助AP", "text application"),
}
_CERTIFICATE = Text("発行者の鍵を認証する鍵が信頼できる", "a trusted key certified the issuer's key")
_PROOF = Text("カードがその鍵を持っている（乱数への内部認証）", "the card has that key (it signed our nonce)")
_NAMED = {
    ("manager", "proof"): Text(
        "連鎖の末端の鍵をカードが持っている（乱数への内部認証）", "the card has the key at the chain's end (our nonce)"
    ),
    ("common", "answer"): Text(
        "乱数への内部認証に応える（正しさは発行者だけが分かる）", "it signs our nonce (only its issuer can tell how)"
    ),
    ("visual", "integrity"): Text(
        "発行者が券面の情報とカードの鍵に署名した", "the issuer signed it and the card's key"
    ),
    ("text", "key"): Text("発行者がこのカードの鍵に署名した", "the issuer signed this card's own key"),
    ("text", "integrity"): Text("発行者が氏名などのダイジェストに署名した", "the issuer signed the attributes' digest"),
    ("text", "attributes"): Text("氏名などがそのダイジェストと一致する", "the attributes are those of the digest"),
    ("text", "holder"): Text("券面と氏名などが同じ人のもの", "face and attributes are of one person"),
}
_ANYWHERE = {"certificate": _CERTIFICATE, "proof": _PROOF}
_OUTCOMES = {
    "ok": Text("合格", "ok"),
    "failed": Text("不合格", "failed"),
    "unknown": Text("判定できない", "cannot tell"),
    "absent": Text("対象外", "not on this card"),
}
_WHOLE, _QUESTION = Text("カード全体", "the card"), Text("本物で、書き換えられていない", "genuine and unaltered")
_VERDICTS = {True: Text("はい", "yes"), False: Text("いいえ", "no"), None: _OUTCOMES["unknown"]}


def rows_of(genuine: bool | None, outcomes: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str, str]]:
    """The rows, the verdict last."""
    verdict = (words(_WHOLE), words(_QUESTION), words(_VERDICTS[genuine]))
    return [*_checks(outcomes), verdict]


def _checks(outcomes: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str, str]]:
    for place, links in outcomes.items():
        for name, outcome in links.items():
            named = _NAMED.get((place, name)) or _ANYWHERE[name]
            yield words(_PLACES[place]), words(named), words(_OUTCOMES[outcome])
