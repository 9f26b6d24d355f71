"""What a town looks like on a terminal, and as JSON."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.results import show, show_table
from warifu.cli.texts import Text, language, tell, words
from warifu.pki import JST
from warifu.town import clients
from warifu.town.places import MUNICIPALITIES
from warifu.town.roster import PersonRow
from warifu.town.town import Town

if TYPE_CHECKING:
    from warifu.town.desks import SignIn
    from warifu.town.parties import Served

__all__ = ["show_links", "show_people", "welcome"]

_STANDS = Text("準備ができました（{origin}）。Ctrl-Cで終了します", "the town is up at {origin}; Ctrl-C ends")
_SINCE = Text(
    "この町は{day}にできました。期限に関わる人物は日がたつと説明どおりでなくなります（--fresh で作り直せます）",
    "the town was founded on {day}; people whose dates matter no longer fit their descriptions (--fresh starts over)",
)
_HEADINGS = [
    Text("カード", "card"),
    Text("氏名", "name"),
    Text("見せるもの", "shows"),
    Text("暗証番号（認証/補助/署名）", "PINs (auth/text/signing)"),
    Text("照合番号B", "matching number B"),
]
_PLACES = {
    "shop": Text("商店（ここからどうぞ）", "shop (start here)"),
    "phone": Text("スマートフォン", "phone"),
    "issuer": Text("プロバイダーの発行者（issuer）", "issuer of the provider"),
    "sandbox": Text(
        "結果を選べるサンドボックスの発行者（issuer）", "issuer of the sandbox, whose logins end as you say"
    ),
    "console": Text(
        "開発者コンソール（クライアントの登録、リクエストの検査）", "developers' console (clients, what they sent)"
    ),
    "authorities": Text("認証局", "authorities"),
    "town": Text("町の案内", "town"),
    "operator": Text("認証局の運用", "authorities' operator"),
    "window": Text("窓口とコールセンター", "windows and hotline"),
    "registry": Text("住民基本台帳（REST API）", "resident register (REST API)"),
    "timestamps": Text("時刻認証局（warifu sign --timestamp に渡す）", "timestamps (for 'warifu sign --timestamp')"),
    "platform": Text("プラットフォーム事業者（署名APIの結果の検証）", "platform operator (verifies what was signed)"),
}
_OLD_CARD = Text("（旧カード）", " (the old card)")
_TRIAL = Text(
    "開発用クライアント: {id}（秘密鍵 {key}、リダイレクトURI {uris} など）",
    "client to try with: {id} (private key {key}, redirect URIs {uris} and others)",
)
_SIGN_IN = Text(
    "サインインのリンク（一度だけ、一時間以内。新しいものは warifu town sign-in で）:",
    "links to sign in with, each once and within an hour ('warifu town sign-in' makes new ones):",
)
_NOBODY = Text(
    "以前の版でつくった町です。住民基本台帳にはまだ誰もいません。ログインと署名はできますが、窓口とコールセンターでは"
    "誰も見つかりません。--fresh で作り直すと、全員が台帳に載ります",
    "an earlier version founded this town: its resident register has nobody in it. Logins and signatures work, but the "
    "windows and the hotline find no one; --fresh starts over with everybody in the register",
)
_HOTLINE = Text("コールセンター", "hotline")
_WINDOW = Text("{place}の窓口", "window of {place}")
_NO_CARD = Text("（カードなし）", "(no card)")


def welcome(standing: Town, served: "Served", as_json: bool) -> None:
    """Print addresses, links to sign in with, and people: the result of starting a town."""
    result = {**_town_json(standing), "sign_in": asdict(served.sign_in)}
    show(result, as_json, lambda: _show_town(standing, served.sign_in))
    sys.stdout.flush()
    if served.nobody_registered:
        tell(_NOBODY)
    day = standing.roster.founded.astimezone(JST).date()
    if day != datetime.now(JST).date():
        tell(_SINCE, day=day)
    tell(_STANDS, origin=standing.addresses.town)


def _show_town(standing: Town, sign_in: "SignIn") -> None:
    told = _addresses(standing) | {"issuer": standing.issuer}
    for name, title in _PLACES.items():
        click.echo(f"{told[name]}  {words(title)}")
    key, uris = clients.trial_key_file(standing.folder), ", ".join(clients.TRIAL_REDIRECT_URIS[:2])
    click.echo(words(_TRIAL, id=clients.TRIAL, key=key, uris=uris))
    click.echo()
    click.echo(words(_SIGN_IN))
    _show_links(sign_in)
    click.echo()
    _show_people(standing)


def show_links(sign_in: "SignIn", as_json: bool) -> None:
    """Print links to sign in with."""
    show({"sign_in": asdict(sign_in)}, as_json, lambda: _show_links(sign_in))


def _show_links(sign_in: "SignIn") -> None:
    for whose, link in _links(sign_in):
        click.echo(f"{link}  {whose}")


def _links(sign_in: "SignIn") -> Iterator[tuple[str, str]]:
    yield words(_PLACES["operator"]), sign_in.operator
    yield words(_HOTLINE), sign_in.hotline
    for code, link in sign_in.windows.items():
        place = MUNICIPALITIES[code]
        yield words(_WINDOW, place=place.name if language() == "ja" else place.name_romaji), link


def show_people(standing: Town, as_json: bool) -> None:
    """Print who lives here."""
    show(_people_json(standing), as_json, lambda: _show_people(standing))


def _show_people(standing: Town) -> None:
    show_table([words(heading) for heading in _HEADINGS], [row for one in standing.roster.people for row in _rows(one)])


def _rows(person: PersonRow) -> list[list[str]]:
    about = person.japanese if language() == "ja" else person.english
    if not person.cards:
        return [[words(_NO_CARD), person.holder, about, "", ""]]
    first = person.cards[0]
    return [
        [
            card.name,
            person.holder,
            about + ("" if card is first else words(_OLD_CARD)),
            card.pins,
            card.matching_number_b or "–",
        ]
        for card in person.cards
    ]


def _addresses(standing: Town) -> dict[str, str]:
    at = standing.addresses
    return {
        "shop": at.relying_party,
        "phone": at.phone,
        "provider": at.provider,
        "authorities": at.authorities,
        "town": at.town,
        "operator": at.operator,
        "window": at.window,
        "registry": at.registry,
        "timestamps": f"{at.timestamps}/tsa",
        "sandbox": f"{at.sandbox}/api/realms/main",
        "console": f"{at.town}/console",
        "platform": f"{at.platform}/platform/verify",
    }


def _town_json(standing: Town) -> dict[str, Any]:
    trial = {
        "client_id": clients.TRIAL,
        "private_key": str(clients.trial_key_file(standing.folder)),
        "redirect_uris": list(clients.TRIAL_REDIRECT_URIS),
    }
    return {
        "directory": str(standing.ground.directory),
        "addresses": _addresses(standing),
        "issuer": standing.issuer,
        "trial_client": trial,
        **_people_json(standing),
    }


def _people_json(standing: Town) -> dict[str, Any]:
    roster = standing.roster
    return {
        "seed": roster.seed,
        "founded": roster.founded.isoformat(),
        "people": [asdict(person) for person in roster.people],
    }
