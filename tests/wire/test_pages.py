"""Rendered pages: two languages, headers, assets, and a code that a phone's camera can read."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from string import Formatter
from typing import Any

import pytest
import segno
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from warifu.idp import ACCOUNT_NAME
from warifu.wire import pages

LOGIN = pages.Login(
    client_name="山の<銀行>",
    scopes=("openid", "name"),
    transaction="T/T",
    link_url="http://phone.localhost:8701/?hand_over=L",
    companion_origin="http://localhost:8710",
    expires_at=datetime(2026, 11, 22, 9, 10, tzinfo=UTC),
    state="waiting",
    redirect_origin="http://rp.localhost:8702",
    code_url="http://phone.localhost:8701/?hand_over=C",
)


def browser(show: Callable[[Request], Response], **headers: str) -> TestClient:
    app = Starlette(routes=[Route("/", show), pages.static_files()])
    return TestClient(app, headers=headers)


@pytest.fixture
def visitor() -> TestClient:
    return browser(lambda request: pages.login(request, LOGIN))


def policy(response: Any) -> dict[str, list[str]]:
    """The content security policy, sources by directive."""
    directives = (part.split() for part in response.headers["content-security-policy"].split(";"))
    return {name: sources for name, *sources in directives}


# --- languages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "ja"),
        ("en-US,en;q=0.9", "en"),
        ("ja,en;q=0.9", "ja"),
        ("fr,de", "ja"),
        ("fr,en;q=0.3,ja;q=0.2", "en"),
        ("en;q=0,ja;q=0.1", "ja"),
        ("en;q=0", "ja"),
        ("en;q=nonsense", "ja"),
        ("*", "ja"),
    ],
)
def test_the_browsers_preference_decides_and_japanese_is_the_default(accepted: str, language: str) -> None:
    """RFC 9110 §12.5.4."""
    page = browser(lambda request: pages.login(request, LOGIN), **{"accept-language": accepted}).get("/")
    assert f'<html lang="{language}">' in page.text


def test_the_switch_is_remembered(visitor: TestClient) -> None:
    assert '<html lang="en">' in visitor.get("/?lang=en").text
    assert '<html lang="en">' in visitor.get("/").text
    assert '<html lang="ja">' in visitor.get("/?lang=ja").text
    assert '<html lang="ja">' in visitor.get("/?lang=fr").text


def test_the_switch_keeps_the_rest_of_the_address(visitor: TestClient) -> None:
    page = visitor.get("/?transaction=a%26b&lang=ja")
    assert 'href="?transaction=a%26b&amp;lang=en"' in page.text


def test_both_languages_have_the_same_sentences_with_the_same_gaps() -> None:
    japanese, english = (pages.catalogue(language).sentences for language in pages.LANGUAGES)
    assert japanese.keys() == english.keys()
    for key, sentence in japanese.items():
        assert gaps(sentence) == gaps(english[key]), key
        assert sentence, key


def gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_every_sentence_that_a_template_names_exists() -> None:
    sentences = pages.catalogue("ja").sentences
    named = {key for text in templates().values() for key in re.findall(r'\bt\("([a-z0-9_.]+[a-z0-9_])"[,)]', text)}
    assert len(named) > 80
    assert named <= sentences.keys()


def test_every_sentence_is_used() -> None:
    """By its whole identifier, or by a beginning that a template or script completes."""
    used = "\n".join([*templates().values(), (static() / "login.js").read_text("utf-8")])
    found = set(re.findall(r'"([a-z_.]+\.)" ~', used)) - {"phone."}
    beginnings = (*found, "script.", "passkey.script.", "site.", "phone.pin.", "phone.text_pin.")
    unused = [
        key for key in pages.catalogue("ja").sentences if f'"{key}"' not in used and not key.startswith(beginnings)
    ]
    assert unused == []


def templates() -> dict[str, str]:
    folder = files("warifu.wire.pages") / "templates"
    within = (each for each in folder.iterdir() if each.is_dir())
    entries = [*folder.iterdir(), *(entry for each in within for entry in each.iterdir())]
    return {str(entry): entry.read_text("utf-8") for entry in entries if entry.is_file()}


def static() -> Any:
    return files("warifu.wire.pages") / "static"


# --- what a page tells the browser ------------------------------------------------------------------------------------


def test_only_own_files_are_allowed_and_nothing_inline(visitor: TestClient) -> None:
    """Content Security Policy Level 3."""
    assert policy(visitor.get("/")) == {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'", "http://localhost:8710"],
        "form-action": ["'self'", "http://rp.localhost:8702"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }


def test_pages_are_not_kept_and_their_forms_name_their_origin(visitor: TestClient) -> None:
    """Under `no-referrer` a browser would send `Origin: null` with our own forms (Fetch)."""
    headers = visitor.get("/").headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"


def test_no_template_has_inline_script_style_or_handler() -> None:
    """But the report on signatures, one file to be kept, brings its style along."""
    for name, text in templates().items():
        assert not re.search(r'<script(?![^>]*(src=|type="application/json"))', text), name
        assert "<style" not in text or name.endswith("/report.html"), name
        assert not re.search(r'\s(style|on[a-z]+)="', text), name


def test_what_a_client_calls_itself_is_text() -> None:
    text = browser(lambda request: pages.login(request, LOGIN)).get("/").text
    assert "山の&lt;銀行&gt;" in text
    assert "<銀行>" not in text


@pytest.mark.parametrize(
    ("language", "said"), [("ja", "「ログインの記録」にログイン"), ("en", "Log in to “Your logins”")]
)
def test_the_residents_page_is_called_in_the_readers_language(language: str, said: str) -> None:
    page = browser(lambda request: pages.login(request, replace(LOGIN, client_name=ACCOUNT_NAME))).get(
        f"/?lang={language}"
    )
    assert f"<h1>{said}</h1>" in page.text


def test_every_page_says_that_it_is_independent(visitor: TestClient) -> None:
    page = visitor.get("/").text
    assert "デジタル庁・J‑LIS とは関係がありません" in page
    assert "公的機関が作成・推奨・認定したものではありません" in page


# --- the login page ---------------------------------------------------------------------------------------------------


def test_the_login_page_works_without_a_script(visitor: TestClient) -> None:
    """The link to the phone, a way on, and a form to give up."""
    text = visitor.get("/").text
    assert 'href="http://phone.localhost:8701/?hand_over=C"' in text
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in text
    assert 'href="/login/T%2FT/continue"' in text
    assert '<form method="post" action="/login/T%2FT/decision"' in text


def test_the_login_page_tells_until_when_in_japan_time(visitor: TestClient) -> None:
    assert "18:10（日本時間）まで有効です。" in visitor.get("/").text


def test_without_a_companion_the_card_reader_is_left_out() -> None:
    alone = pages.Login(**{name: getattr(LOGIN, name) for name in LOGIN.__slots__} | {"companion_origin": None})
    page = browser(lambda request: pages.login(request, alone)).get("/")
    assert "data-reader" not in page.text
    assert policy(page)["connect-src"] == ["'self'"]


def test_the_scripts_sentences_come_as_data(visitor: TestClient) -> None:
    found = re.search(r'<script type="application/json" id="messages">(.*?)</script>', visitor.get("/").text)
    assert found
    assert json.loads(found[1])["error.pin_blocked"].startswith("利用者証明用暗証番号")


@pytest.mark.parametrize(
    "kind", ["invalid_client", "invalid_redirect_uri", "expired", "finished", "no_session", "not_found", "unavailable"]
)
def test_a_problem_says_what_happened_and_what_to_do(kind: str) -> None:
    page = browser(lambda request: pages.problem(request, kind, 400, "the client is not registered")).get("/")
    sentences = pages.catalogue("ja").sentences
    assert page.status_code == 400
    assert all(sentences[f"problem.{kind}.{part}"] in page.text for part in ("title", "text", "next"))
    assert "the client is not registered" in page.text


def test_an_unknown_problem_gets_a_general_text() -> None:
    page = browser(lambda request: pages.problem(request, "something_new", 403)).get("/")
    assert pages.catalogue("ja").sentences["problem.general.title"] in page.text


# --- assets -----------------------------------------------------------------------------------------------------------


def test_an_asset_may_be_kept_for_good_under_its_version(visitor: TestClient) -> None:
    path = pages.asset_path("warifu.css")
    assert path in visitor.get("/").text
    answer = visitor.get(path)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/static/0000000000000000/warifu.css", "/static/warifu.css"])
def test_an_asset_under_another_version_is_not_there(visitor: TestClient, path: str) -> None:
    assert visitor.get(path).status_code == 404


def test_no_file_outside_the_assets_is_served(visitor: TestClient) -> None:
    version = pages.asset_path("warifu.css").split("/")[2]
    for name in ("../rendering.py", "..%2Frendering.py", "%2e%2e/__init__.py"):
        assert visitor.get(f"/static/{version}/{name}").status_code == 404


def test_the_code_is_drawn_without_inline_style(visitor: TestClient) -> None:
    drawing = re.search(r"<svg.*?</svg>", visitor.get("/").text, re.DOTALL)
    assert drawing
    assert 'role="img" aria-label="' in drawing[0]
    assert "style=" not in drawing[0]


def test_the_code_shows_every_module(visitor: TestClient) -> None:
    """ISO/IEC 18004:2015 §6.3.8: four light modules all around it."""
    modules = segno.make_qr(str(LOGIN.code_url), error="m", mask=2).matrix
    shown = re.search(r'viewBox="0 0 (\d+) \1" class="qr">.* d="(M4 .*?)"/>', visitor.get("/").text)
    assert shown
    lines = [re.findall(r"([hm])(\d+)", line) for line in re.findall(r"[^M]+", shown[2])]
    assert int(shown[1]) == len(modules) + 8
    assert re.findall(r"M(\d+) (\d+)\.5", shown[2]) == [("4", str(y + 4)) for y in range(len(modules))]
    assert [b"".join(bytes([step == "h"]) * int(n) for step, n in line) for line in lines] == list(map(bytes, modules))


# --- forms ------------------------------------------------------------------------------------------------------------


def test_contrast_of_text_is_at_least_four_and_a_half() -> None:
    """WCAG 2.2 §1.4.3, for the pairs of ink and ground that the style sheet uses."""
    sheet = (static() / "warifu.css").read_text("utf-8")
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", sheet))
    pairs = [("ink", "paper"), ("ink", "surface"), ("muted", "paper"), ("muted", "surface"), ("green", "paper")]
    pairs += [("green", "surface"), ("green", "green-soft"), ("muted", "green-soft"), ("surface", "green")]
    pairs += [("amber-ink", "amber-soft"), ("ink", "red-soft"), ("ink", "green-soft")]
    for ink, ground in pairs:
        assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
    assert contrast(colours["edge"], colours["surface"]) >= 3


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2, definition of contrast ratio)."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
