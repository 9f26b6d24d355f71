"""How the names of the town's people are read (振り仮名), as the register has it beside the name."""

from warifu.person import Name

__all__ = ["reading_of"]

_PAIRS = """
佐藤:サトウ 鈴木:スズキ 高橋:タカハシ 田中:タナカ 伊藤:イトウ 渡辺:ワタナベ 山本:ヤマモト 中村:ナカムラ 小林:コバヤシ
加藤:カトウ 吉田:ヨシダ 山田:ヤマダ 佐々木:ササキ 山口:ヤマグチ 松本:マツモト 井上:イノウエ 木村:キムラ 林:ハヤシ
清水:シミズ 山崎:ヤマザキ 森:モリ 池田:イケダ 橋本:ハシモト 長谷川:ハセガワ 𠮷﨑:ヨシザキ
花子:ハナコ 見本:ミホン 千代:チヨ 桜:サクラ さくら:サクラ 美咲:ミサキ 陽子:ヨウコ 和香:ワカ 千尋:チヒロ ひかり:ヒカリ
葵:アオイ 久美:クミ 太郎:タロウ 例:レイ 一郎:イチロウ 健:ケン 翔太:ショウタ 大輔:ダイスケ 拓海:タクミ 誠:マコト
直樹:ナオキ 蓮:レン 悟:サトル 明:アキラ 髙志:タカシ
"""
_READINGS = dict(pair.split(":") for pair in _PAIRS.split())


def reading_of(name: Name) -> Name | None:
    """The reading of a name whose parts are known here; a name in Latin letters has none."""
    if name.given is None:
        return None
    return Name.of(_READINGS[name.family], _READINGS[name.given])
