"""What was found out about a client: a table, and what to do about each thing that is not well."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from warifu.cli.results import show_table
from warifu.cli.texts import Text, words

if TYPE_CHECKING:
    from warifu.services import Finding

__all__ = ["present_findings"]

_HEALTH = {
    "well": Text("良好", "well"),
    "doubtful": Text("要確認", "doubtful"),
    "ill": Text("問題あり", "ill"),
}
_HEADINGS = (Text("項目", "what"), Text("判定", "health"), Text("見たもの", "seen"), Text("根拠", "rule"))
_NAMES = {
    "key file": Text("秘密鍵のファイル", "key file"),
    "issuer": Text("発行者（issuer）", "issuer"),
    "clock": Text("時計", "clock"),
    "client assertion": Text("クライアントの署名（アサーション）", "client assertion"),
    "redirect URI": Text("リダイレクトURI", "redirect URI"),
    "client_id": Text("クライアントID", "client_id"),
    "redirect_uri": Text("リダイレクトURI", "redirect_uri"),
    "addresses": Text("アドレス", "addresses"),
    "algorithm": Text("署名の方式", "algorithm"),
    "own key": Text("環境ごとの鍵", "own key"),
    "private key": Text("秘密鍵", "private key"),
}
"""What has no entry is called by a word of the protocol, the same in both languages."""
_SEEN = (
    (re.compile("not told"), Text("示していません", "not told")),
    (re.compile("the provider tells no time"), Text("時刻を示していません", "the provider tells no time")),
    (re.compile(r"(?P<seconds>\d+) s apart"), Text("{seconds}秒の差", "{seconds} s apart")),
    (re.compile(r"(?P<status>\d+) for (?P<uri>.+)"), Text("{status}（{uri}）", "{status} for {uri}")),
    (re.compile("(?P<file>.+) is not there"), Text("{file} がありません", "{file} is not there")),
)
_RULES = {
    "whoever has the key is the client": Text(
        "鍵を持つ者がクライアントとみなされる", "whoever has the key is the client"
    ),
    "exactly the address asked": Text("問い合わせたアドレスと完全に一致", "exactly the address asked"),
    "exp, nbf and iat": Text("exp・nbf・iat", "exp, nbf and iat"),
    "as registered": Text("登録したとおり", "as registered"),
    "1 to 255 letters and digits": Text("英数字 1〜255 文字", "1 to 255 letters and digits"),
    "a key for tests is not one for production": Text(
        "試験用の鍵は本番に使わない", "a key for tests is not one for production"
    ),
    "one settings file, and nothing else, knows where the provider is": Text(
        "プロバイダーのアドレスを知るのは設定ファイル一つだけ",
        "one settings file, and nothing else, knows where the provider is",
    ),
}
_ADVICE = {
    "key file": Text(
        "秘密鍵のファイルをほかの利用者が読めます。chmod 600 を実行してください",
        "others on this machine can read the private key: chmod 600",
    ),
    "issuer": Text(
        "メタデータの issuer と指定した発行者が違います。メタデータのとおりに、一文字も違わず設定してください",
        "the metadata name another issuer: configure theirs, character by character",
    ),
    "clock": Text("このサーバーの時計を合わせてください", "set this machine's clock"),
    "client assertion": Text(
        "クライアントIDと、登録した公開鍵に対応する秘密鍵かどうかを確かめてください。"
        "理由はプロバイダーの言葉のとおりで、町では開発者コンソールに規則ごとに出ます",
        "look at the client id, and whether this is the key whose public half is registered; the reason is in the "
        "provider's words, and in a town the developers' console has it rule by rule",
    ),
    "redirect URI": Text(
        "登録したリダイレクトURIと一文字も違わないようにしてください（末尾の /、ポート、http と https）",
        "make it equal to the registered one, character by character: slash at the end, port, scheme",
    ),
    "client_id": Text(
        "移る先の環境で発行されたクライアントIDを --client-id で指定してください",
        "give the client id of that environment with --client-id",
    ),
    "redirect_uri": Text(
        "移る先の環境に登録したリダイレクトURI（公式の環境では https）を --redirect-uri で指定してください",
        "give the redirect URI of that environment with --redirect-uri; the official ones take https alone",
    ),
    "addresses": Text(
        "エンドポイントが発行者のアドレスと合いません。新しい login.json から写してください",
        "the endpoints do not fit the issuer: copy them from a new login.json",
    ),
    "scope": Text(
        "scope に openid を入れ、公式サービスにないものを外してください",
        "scope needs openid, and nothing that the official service does not have",
    ),
    "algorithm": Text("RS256 か ES256 の鍵をつくってください", "make a key for RS256 or ES256"),
    "own key": Text(
        "試験用の環境と同じ秘密鍵です。本番では別の鍵をつくり、--private-key で指定してください",
        "other environments use the same key: make another one and give it with --private-key",
    ),
    "private key": Text(
        "秘密鍵のファイルがありません。login.json と同じフォルダーに置くか --private-key で指定してください",
        "put it into the folder of login.json, or name another one with --private-key",
    ),
}
_TELLS_LITTLE = Text(
    "プロバイダーのメタデータが、このクライアントに必要なもの（{needs}）を示していません",
    "the provider's metadata do not say what this client needs: {needs}",
)


def present_findings(found: "Sequence[Finding]") -> None:
    """A table of what was looked at, and what to do about what is not well."""
    rows = [(_name(one.name), words(_HEALTH[one.health.value]), _seen(one.saw), _rule(one.rule)) for one in found]
    show_table([words(heading) for heading in _HEADINGS], rows)
    for one in found:
        if one.health.value == "well":
            continue
        if one.name in _ADVICE:
            click.echo(f"{_name(one.name)}: {words(_ADVICE[one.name])}")
        elif one.name.endswith("_supported"):
            click.echo(f"{one.name}: {words(_TELLS_LITTLE, needs=one.name.removesuffix('_supported'))}")


def _name(name: str) -> str:
    return words(_NAMES.get(name, name))


def _seen(saw: str) -> str:
    for pattern, text in _SEEN:
        if match := pattern.fullmatch(saw):
            return words(text, **match.groupdict())
    return saw


def _rule(rule: str) -> str:
    """The source as it is, and what it asks in the reader's language."""
    source, colon, asked = rule.rpartition(": ")
    return source + colon + words(_RULES.get(asked, asked))
