"""What was found out about a client: a table, and what to do about each thing that is not well."""

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
    rows = [(one.name, words(_HEALTH[one.health.value]), one.saw, one.rule) for one in found]
    show_table([words(heading) for heading in _HEADINGS], rows)
    for one in found:
        if one.health.value == "well":
            continue
        if one.name in _ADVICE:
            click.echo(f"{one.name}: {words(_ADVICE[one.name])}")
        elif one.name.endswith("_supported"):
            click.echo(f"{one.name}: {words(_TELLS_LITTLE, needs=one.name.removesuffix('_supported'))}")
