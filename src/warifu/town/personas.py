"""The people of the town, each invented to show one thing."""

from warifu.ca import Event
from warifu.card import Profile
from warifu.errors import NotFound
from warifu.person import Sex
from warifu.pki import CertificateKind
from warifu.town.plans import CardPlan, Happening, HolderPlan, Persona

__all__ = ["PERSONAS", "plan_of"]

_SIGNING = (CertificateKind.SIGNING,)
_CHILD = Profile.CHILD_WITHOUT_SIGNING
_FACE = Profile.FACE_VERIFICATION.of_generation_b()
_YEAR = 365

_LONG_ADDRESS = (
    "北海道札幌市中央区架空が丘西二十八丁目１２３４番地５６－７８９０１"
    "社会福祉法人見本記念会指定介護老人福祉施設割符の里特別養護老人ホーム例示台第三別館"
    "グランドメゾン・レジデンシャルタワーズ仮想通センターコート＆ガーデンテラスウエストウイング"
    "アネックスプレミアムフロア壱百弐拾参号棟四千五百六十七階八千九百一号室"
    "サービス付き高齢者向け住宅ひだまりの丘見本管理組合気付試験新田共同受付"
)
# The second character carries a variation selector: one shape of 葛 among those that share the code point.
_GAIJI_ADDRESS = "京都府京都市中京区葛\U000e0100木町１２－３－𠮷田荘２０１"

PERSONAS: tuple[Persona, ...] = (
    Persona(
        "ordinary",
        "ふつうの成人",
        "an ordinary adult",
        HolderPlan(municipality="13221"),
        (CardPlan("ordinary"),),
    ),
    Persona(
        "cardless",
        "カードを持たない成人（取得も返納も自由）",
        "an adult without a card (having one is a choice)",
    ),
    Persona(
        "smartphone",
        "スマホ用電子証明書も持つ成人（認証局の記録）",
        "an adult with certificates on a phone, too (in the authorities' record)",
        HolderPlan(municipality="13221"),
        (CardPlan("smartphone", issued_days_ago=300, phone=200),),
    ),
    Persona(
        "child",
        "15歳未満の子ども（署名用証明書なし）",
        "a child under 15 (no signing certificate)",
        HolderPlan(age=10),
        (CardPlan("child", profile=_CHILD),),
    ),
    Persona(
        "foreign",
        "外国人住民（英字の氏名と通称、券面は西暦）",
        "a foreign resident (Latin name and alias, Western year on the face)",
        HolderPlan(name="SMITH JOHN（須美譲）", sex=Sex.MALE, western_year=True),
        (CardPlan("foreign", profile=Profile.ADULT.of_generation_b()),),
    ),
    Persona(
        "gaiji",
        "外字のある氏名と住所（署名用証明書は代替文字）",
        "a name and address with rare characters (substitutes in the signing certificate)",
        HolderPlan(name="𠮷﨑　髙志", sex=Sex.MALE, address=_GAIJI_ADDRESS, municipality="26104"),
        (CardPlan("gaiji"),),
    ),
    Persona(
        "long-address",
        "とても長い住所",
        "a very long address",
        HolderPlan(address=_LONG_ADDRESS, municipality="01101"),
        (CardPlan("long-address"),),
    ),
    Persona(
        "twin-first",
        "双子の一人（生年月日と住所が同じ）",
        "one twin (same birth date and address)",
        HolderPlan(municipality="40133"),
        (CardPlan("twin-first"),),
    ),
    Persona(
        "twin-second",
        "双子のもう一人",
        "the other twin",
        HolderPlan(twin_of="twin-first"),
        (CardPlan("twin-second"),),
    ),
    Persona(
        "moved",
        "きのう引っ越した人（署名用証明書は失効、利用者証明用は有効）",
        "moved yesterday (signing certificate revoked, authentication fine)",
        HolderPlan(municipality="13113"),
        (CardPlan("moved", former="address", happenings=(Happening(Event.ATTRIBUTES_CHANGED, 1, _SIGNING),)),),
    ),
    Persona(
        "renamed",
        "氏名が変わり署名用証明書を取り直した人",
        "renamed, with a new signing certificate since",
        HolderPlan(),
        (
            CardPlan(
                "renamed",
                former="name",
                happenings=(Happening(Event.ATTRIBUTES_CHANGED, 60, _SIGNING),),
                signing_renewed=45,
            ),
        ),
    ),
    Persona(
        "renumbered",
        "個人番号が変わった人（旧番号のカードは失効、新カードは有効）",
        "has another My Number since (the card with the former one is revoked, the new card fine)",
        HolderPlan(),
        (
            CardPlan("renumbered", issued_days_ago=30),
            CardPlan(
                "renumbered-old",
                issued_days_ago=800,
                former="number",
                happenings=(Happening(Event.CARD_INVALIDATED, 60),),
            ),
        ),
    ),
    Persona(
        "protected",
        "支援措置を受けている人（ほかの窓口に住所を見せない）",
        "protected: other desks do not see the address (DV)",
        HolderPlan(municipality="40133"),
        (CardPlan("protected"),),
        protected=90,
    ),
    Persona(
        "suspended",
        "コールセンターで一時停止中（両方の証明書）",
        "suspended by the hotline (both certificates)",
        HolderPlan(),
        (CardPlan("suspended", happenings=(Happening(Event.HELD, 1),)),),
    ),
    Persona(
        "reissued",
        "紛失して再発行を受けた人（旧カードは失効、新カードは有効）",
        "lost the card and has a new one (old card revoked, new card fine)",
        HolderPlan(),
        (
            CardPlan("reissued", issued_days_ago=20, profile=Profile.ADULT.of_generation_b()),
            CardPlan("reissued-old", issued_days_ago=900, happenings=(Happening(Event.KEY_COMPROMISED, 40),)),
        ),
    ),
    Persona(
        "expiring",
        "あす満了する証明書",
        "certificates that expire tomorrow",
        HolderPlan(birthday_in_days=1),
        (CardPlan("expiring", issued_days_ago=4 * _YEAR + 200),),
    ),
    Persona(
        "expired",
        "満了した証明書",
        "expired certificates",
        HolderPlan(birthday_in_days=-30),
        (CardPlan("expired", issued_days_ago=4 * _YEAR + 230),),
    ),
    Persona(
        "signing-blocked",
        "署名用パスワードがロックされた人",
        "signing password blocked",
        HolderPlan(),
        (CardPlan("signing-blocked", signing_tries=0),),
    ),
    Persona(
        "blocked",
        "利用者証明用暗証番号がロックされた人",
        "authentication PIN blocked",
        HolderPlan(),
        (CardPlan("blocked", authentication_tries=0),),
    ),
    Persona(
        "last-try",
        "利用者証明用暗証番号の残りが1回の人",
        "one try left for the authentication PIN",
        HolderPlan(),
        (CardPlan("last-try", authentication_tries=1),),
    ),
    Persona(
        "text-blocked",
        "券面事項入力補助用暗証番号がロックされた人（4情報は渡せない）",
        "text PIN blocked (no attributes can be shared)",
        HolderPlan(),
        (CardPlan("text-blocked", text_tries=0),),
    ),
    Persona(
        "face",
        "顔認証カード（暗証番号なし）",
        "a face-verification card (no PINs)",
        HolderPlan(age=86),
        (CardPlan("face", profile=_FACE),),
    ),
    Persona(
        "next",
        "次期個人番号カード（P-384、模擬）を先に持つ人",
        "ahead of time: a next-generation card (P-384 profile, modelled)",
        HolderPlan(municipality="13113"),
        (CardPlan("next", issued_days_ago=100, profile=Profile.NEXT_GENERATION),),
    ),
    Persona(
        "deceased",
        "亡くなった人（両方の証明書が失効）",
        "deceased (both certificates revoked)",
        HolderPlan(age=91),
        (CardPlan("deceased", happenings=(Happening(Event.RECORD_DELETED, 10),)),),
    ),
)


def plan_of(name: str) -> Persona:
    """The persona of that name.

    Raises:
        NotFound: there is none.
    """
    for persona in PERSONAS:
        if persona.name == name:
            return persona
    raise NotFound(f"there is no persona {name!r} in the town")
