"""Turning a template into a response: language, version of the assets, headers."""

from collections.abc import Sequence
from functools import cache
from typing import Any
from urllib.parse import urlencode

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse

from warifu.wire.pages.assets import asset_path
from warifu.wire.pages.headers import page_headers
from warifu.wire.pages.language import COOKIE, LANGUAGES, Language, asked_language, catalogue, choose_language
from warifu.wire.pages.qr import qr_svg

YEAR = 365 * 24 * 3600  # seconds


@cache
def environment() -> jinja2.Environment:
    """The templates of this package, each compiled once; a forgotten variable raises."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("warifu.wire.pages", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(asset=asset_path, qr=qr_svg)
    return made


def render(
    request: Request,
    template: str,
    *,
    status: int = 200,
    connect: Sequence[str] = (),
    form_action: Sequence[str] = (),
    **context: Any,
) -> HTMLResponse:
    """Show `template` in the visitor's language.

    Inside, `t(key, …)` gives a sentence, `language` the language, `switch` the links to the others, and `template` the
    template's name, which the page repeats for whoever looks after it or tests it. `connect` and
    `form_action` widen the content security policy by the origins they name.
    """
    language = choose_language(request)
    sentences = catalogue(language)
    html = environment().get_template(template).render(
        t=sentences.text, first=sentences.first, under=sentences.under, language=language,
        switch=_switch(request, language), template=template, **context,
    )  # fmt: skip
    response = HTMLResponse(html, status, dict(page_headers(connect, form_action)))
    _remember(request, response)
    return response


def _switch(request: Request, current: Language) -> list[tuple[Language, str]]:
    """Links to the same page in the other languages."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return [(other, "?" + urlencode([*kept, ("lang", other)])) for other in LANGUAGES if other != current]


def _remember(request: Request, response: HTMLResponse) -> None:
    asked = asked_language(request)
    if asked:
        response.set_cookie(COOKIE, asked, max_age=YEAR, httponly=True, samesite="lax")
