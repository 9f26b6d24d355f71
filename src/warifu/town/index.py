"""The town's front page: where everything is and who lives here."""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial

from warifu.town.desks import SignIn
from warifu.town.roster import CardRow, PersonRow
from warifu.town.town import Town
from warifu.wire import town_page
from warifu.wire.console import Console
from warifu.wire.serving import Application
from warifu.wire.town_page import Place, Resident

__all__ = ["application"]


def application(town: Town, key: str, sign_in: Callable[[], SignIn], console: Console) -> Application:
    """The page's server, for this machine only; whoever has the key gets new links to sign in with."""
    told = town_page.Invitations(key, lambda: asdict(sign_in()))
    found = partial(_people, town)
    return town_page.application(_places(town), found, told, origin=town.addresses.town, more=console.routes())


def _places(town: Town) -> list[Place]:
    at = town.addresses
    return [
        Place(at.relying_party, "商店", "shop", "カードでログインしてみるところ", "where to try logging in"),
        Place(at.phone, "スマートフォン", "phone", "模擬アプリ", "plays the app"),
        Place(
            f"{at.provider}/api/realms/main/.well-known/openid-configuration",
            "プロバイダー",
            "provider",
            "OpenID Connect のメタデータ",
            "OpenID Connect metadata",
        ),
        Place(
            f"{at.sandbox}/api/realms/main/.well-known/openid-configuration",
            "サンドボックス",
            "sandbox",
            "ログインの結果を選べるプロバイダー（ページ、ヘッダー、ファイル、API）",
            "a provider with every outcome on demand: page, header, file, API",
        ),
        Place(
            f"{at.town}/console",
            "開発者コンソール",
            "developers' console",
            "クライアントの登録、送ったリクエストの検査、サンプルコード",
            "register clients, see what they sent rule by rule, code for your stack",
        ),
        Place(f"{at.authorities}/cps", "認証局", "certification authorities", "OCSPと失効リスト", "OCSP and CRLs"),
        Place(at.window, "窓口", "window", "住民基本台帳の係とコールセンター", "the register's clerks and the hotline"),
        Place(at.operator, "認証局の運用", "authorities' operator", "証明書の数と失効リスト", "certificates and lists"),
        Place(f"{at.registry}/docs", "住民基本台帳", "resident register", "REST API", "REST API"),
        Place(
            f"{at.timestamps}/root.crt",
            "時刻認証局",
            "timestamp authority",
            "ルート証明書（スタンプは /tsa にPOST）",
            "its root certificate; stamps by POST to /tsa",
        ),
    ]


def _people(town: Town) -> list[Resident]:
    return [row for person in town.roster.people for row in _rows(person)]


def _rows(person: PersonRow) -> list[Resident]:
    if not person.cards:
        return [Resident(person.name, person.holder, person.japanese, person.english, "–")]
    return [Resident(card.name, person.holder, person.japanese, person.english, _opens(card)) for card in person.cards]


def _opens(card: CardRow) -> str:
    """The PINs, and what opens the card without one."""
    return f"{card.pins} / {card.matching_number_b or '–'}"
