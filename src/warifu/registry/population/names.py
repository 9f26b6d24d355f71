"""Names with readings that match: families' by how common they are, given names by sex and generation.

Common names and nobody's in particular, written down for this purpose; kanji and reading belong together.
"""

from datetime import date
from typing import Final

from warifu.person import Name, Sex
from warifu.registry.names import RecordedName
from warifu.registry.population.draw import Draw

Part = tuple[str, str]


def _parts(text: str) -> tuple[Part, ...]:
    """Pairs of kanji and reading, written 佐藤:サトウ."""
    return tuple((kanji, reading) for kanji, _, reading in (each.partition(":") for each in text.split()))


FAMILIES: Final = _parts("""
佐藤:サトウ 鈴木:スズキ 高橋:タカハシ 田中:タナカ 伊藤:イトウ 渡辺:ワタナベ 山本:ヤマモト 中村:ナカムラ
小林:コバヤシ 加藤:カトウ 吉田:ヨシダ 山田:ヤマダ 佐々木:ササキ 山口:ヤマグチ 松本:マツモト 井上:イノウエ
木村:キムラ 林:ハヤシ 斎藤:サイトウ 清水:シミズ 山崎:ヤマザキ 森:モリ 池田:イケダ 橋本:ハシモト 阿部:アベ
石川:イシカワ 山下:ヤマシタ 中島:ナカジマ 石井:イシイ 小川:オガワ 前田:マエダ 岡田:オカダ 長谷川:ハセガワ
藤田:フジタ 後藤:ゴトウ 近藤:コンドウ 村上:ムラカミ 遠藤:エンドウ 青木:アオキ 坂本:サカモト 福田:フクダ
太田:オオタ 西村:ニシムラ 藤井:フジイ 金子:カネコ 岡本:オカモト 藤原:フジワラ 三浦:ミウラ 中野:ナカノ
中川:ナカガワ 原田:ハラダ 松田:マツダ 竹内:タケウチ 小野:オノ 田村:タムラ 中山:ナカヤマ 和田:ワダ 石田:イシダ
森田:モリタ 上田:ウエダ 原:ハラ 内田:ウチダ 柴田:シバタ 酒井:サカイ 宮崎:ミヤザキ 横山:ヨコヤマ 高木:タカギ
安藤:アンドウ 宮本:ミヤモト 大野:オオノ 小島:コジマ 谷口:タニグチ 工藤:クドウ 今井:イマイ 高田:タカダ 丸山:マルヤマ
増田:マスダ 杉山:スギヤマ 村田:ムラタ 大塚:オオツカ 新井:アライ 小山:コヤマ 平野:ヒラノ 藤本:フジモト 河野:コウノ
上野:ウエノ 野口:ノグチ 武田:タケダ 松井:マツイ 千葉:チバ 菅原:スガワラ 岩崎:イワサキ 久保:クボ 木下:キノシタ
佐野:サノ 野村:ノムラ 松尾:マツオ 市川:イチカワ 菊地:キクチ 杉本:スギモト 古川:フルカワ 大西:オオニシ 島田:シマダ
水野:ミズノ 桜井:サクライ 高野:タカノ 吉川:ヨシカワ 山内:ヤマウチ 西田:ニシダ 飯田:イイダ 菊池:キクチ 西川:ニシカワ
小松:コマツ 北村:キタムラ 安田:ヤスダ 五十嵐:イガラシ 川口:カワグチ 平田:ヒラタ 関:セキ 中田:ナカタ 久保田:クボタ
服部:ハットリ 東:ヒガシ 岩田:イワタ 土屋:ツチヤ 川崎:カワサキ 福島:フクシマ 本田:ホンダ 辻:ツジ 樋口:ヒグチ
秋山:アキヤマ
""")

RARE_FAMILIES: Final = _parts(
    "𠮷田:ヨシダ 髙橋:タカハシ 山﨑:ヤマザキ 髙﨑:タカサキ 渡邉:ワタナベ 渡邊:ワタナベ 齋藤:サイトウ 齊藤:サイトウ "
    "濵田:ハマダ 德永:トクナガ 𠮷﨑:ヨシザキ 草彅:クサナギ"
)
"""With characters that certificates replace, or that are taken for others."""
VARIANT_FAMILIES: Final = _parts(
    "辻\U000e0100:ツジ 葛\U000e0100城:カツラギ 渡邉\U000e0100:ワタナベ 榊\U000e0100原:サカキバラ"
)
"""With a variation selector behind a character."""

_OLD: Final = date(1960, 1, 1)
_NEW: Final = date(1995, 1, 1)
_GIVEN: Final = {
    (Sex.MALE, "old"): _parts("""
茂:シゲル 清:キヨシ 勇:イサム 実:ミノル 勝:マサル 進:ススム 正:タダシ 弘:ヒロシ 昭:アキラ 博:ヒロシ 隆:タカシ
三郎:サブロウ 一郎:イチロウ 正雄:マサオ 義雄:ヨシオ 和夫:カズオ 幸雄:ユキオ 正夫:マサオ 武:タケシ 稔:ミノル 昇:ノボル
豊:ユタカ 修:オサム
"""),
    (Sex.FEMALE, "old"): _parts("""
幸子:サチコ 和子:カズコ 節子:セツコ 洋子:ヨウコ 弘子:ヒロコ 美智子:ミチコ 勝子:カツコ 信子:ノブコ 美代子:ミヨコ
京子:キョウコ 文子:フミコ 敏子:トシコ 千代:チヨ 静子:シズコ 久子:ヒサコ 光子:ミツコ ヨシ子:ヨシコ キヨ:キヨ 悦子:エツコ
紀子:ノリコ
"""),
    (Sex.MALE, "middle"): _parts("""
誠:マコト 浩:ヒロシ 健一:ケンイチ 哲也:テツヤ 達也:タツヤ 大輔:ダイスケ 健太:ケンタ 直樹:ナオキ 剛:ツヨシ 学:マナブ
徹:トオル 健太郎:ケンタロウ 拓也:タクヤ 和也:カズヤ 翔太:ショウタ 亮:リョウ 雄一:ユウイチ 智也:トモヤ 秀樹:ヒデキ
淳:ジュン 聡:サトシ
"""),
    (Sex.FEMALE, "middle"): _parts("""
由美子:ユミコ 真由美:マユミ 久美子:クミコ 智子:トモコ 陽子:ヨウコ 裕子:ユウコ 恵:メグミ 香織:カオリ 愛:アイ 美穂:ミホ
千尋:チヒロ 麻衣:マイ 彩:アヤ 恵美:エミ 優子:ユウコ 直美:ナオミ 絵里:エリ 麻美:アサミ 友美:トモミ 舞:マイ 真紀:マキ
瞳:ヒトミ
"""),
    (Sex.MALE, "new"): _parts("""
蓮:レン 陽翔:ハルト 大翔:ヒロト 湊:ミナト 樹:イツキ 悠真:ユウマ 蒼:アオイ 律:リツ 颯太:ソウタ 朝陽:アサヒ 陽向:ヒナタ
大和:ヤマト 悠斗:ユウト 翔:ショウ 海斗:カイト 拓海:タクミ 優斗:ユウト 奏太:ソウタ 新:アラタ 暖:ダン ひかる:ヒカル
"""),
    (Sex.FEMALE, "new"): _parts("""
陽葵:ヒマリ 凛:リン 結菜:ユイナ 芽依:メイ 紬:ツムギ 葵:アオイ 陽菜:ヒナ 結衣:ユイ 莉子:リコ 咲良:サクラ さくら:サクラ
美咲:ミサキ 七海:ナナミ 楓:カエデ 心春:コハル 杏:アン 琴音:コトネ ひなた:ヒナタ 優奈:ユウナ 美月:ミヅキ 花:ハナ
小春:コハル
"""),
}
FOREIGN: Final = (
    ("ベトナム", "NGUYEN VAN MINH", "グエン　ヴァン　ミン", Sex.MALE),
    ("ベトナム", "TRAN THI HOA", "チャン　ティ　ホア", Sex.FEMALE),
    ("中国", "王　小明", "オウ　ショウメイ", Sex.MALE),
    ("中国", "李　静", "リ　セイ", Sex.FEMALE),
    ("韓国", "金　秀美", "キム　スミ", Sex.FEMALE),
    ("フィリピン", "SANTOS MARIA CRISTINA REYES", "サントス　マリア　クリスティーナ　レイエス", Sex.FEMALE),
    ("ブラジル", "DA SILVA JOAO PEDRO", "ダ　シルヴァ　ジョアン　ペドロ", Sex.MALE),
    ("ネパール", "SHRESTHA RAM BAHADUR", "シュレスタ　ラム　バハドゥル", Sex.MALE),
    ("インドネシア", "SUHARTINI", "スハルティニ", Sex.FEMALE),
    ("アメリカ合衆国", "SMITH JOHN", "スミス　ジョン", Sex.MALE),
)
"""Nationality, name as in the residence card, reading, sex; Latin letters, kanji, one part only."""
LONGEST_FOREIGN: Final = "VON HOHENZOLLERN-SIGMARINGEN MARIA ANTONIA ELISABETH FRANZISKA XAVERIA"


def given_name(draw: Draw, sex: Sex, born: date) -> Part:
    """A given name of that sex and generation."""
    generation = "old" if born < _OLD else "new" if born >= _NEW else "middle"
    return draw.choose(_GIVEN[sex, generation])


def full_name(family: Part, given: Part) -> RecordedName:
    """Name and reading, both in two parts."""
    return RecordedName(Name.of(family[0], given[0]), Name.of(family[1], given[1]))
