"""The town's front page: where everything is and who lives here."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from warifu.town.roster import PersonRow
from warifu.town.town import Town
from warifu.wire import answers, pages

__all__ = ["application"]


@dataclass(frozen=True, slots=True)
class _Place:
    url: str
    name: str
    name_en: str
    note: str
    note_en: str


@dataclass(frozen=True, slots=True)
class _Shown:
    """A row of the table: a card, or a person without one."""

    name: str
    holder: str
    note: str
    note_en: str
    pins: str


def application(town: Town) -> ASGIApp:
    """The page's server, for this machine only."""
    places, people = _places(town), _people(town)

    def index(request: Request) -> Response:
        return pages.render(request, "town.html", addresses=places, people=people)

    routes = [Route("/", index), pages.static_files()]
    return pages.Guard(answers.application(routes, headers=pages.page_headers()), town.addresses.town)


def _places(town: Town) -> list[_Place]:
    at = town.addresses
    return [
        _Place(at.relying_party, "商店", "shop", "カードでログインしてみるところ", "where to try logging in"),
        _Place(at.phone, "スマートフォン", "phone", "模擬アプリ", "plays the app"),
        _Place(
            f"{at.provider}/api/realms/main/.well-known/openid-configuration",
            "ログインのサーバー",
            "login provider",
            "OpenID Connect のメタデータ",
            "OpenID Connect metadata",
        ),
        _Place(f"{at.authorities}/cps", "認証局", "certification authorities", "OCSPと失効リスト", "OCSP and CRLs"),
    ]


def _people(town: Town) -> list[_Shown]:
    return [row for person in town.roster.people for row in _rows(person)]


def _rows(person: PersonRow) -> list[_Shown]:
    if not person.cards:
        return [_Shown(person.name, person.holder, person.japanese, person.english, "–")]
    return [_Shown(card.name, person.holder, person.japanese, person.english, card.pins) for card in person.cards]
