"""What has to be so on every page, in both languages: axe finds nothing serious, 320 pixels are enough, keys suffice.

`examine` is part of every look at a page (`tests.browser.walk.look`). It remembers which templates it saw in which
language, so that `test_accessibility` can tell when one was never looked at. And it remembers the shape of each page
that axe had nothing to say of: the same parts in the same state, with other names in them, are not handed to axe again.
"""

from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import Page

from tests.real.node import package
from warifu.wire.headless import Loopback

WIDTH = 320
"""CSS pixels: WCAG 2.2 §1.4.10."""
SEEN: dict[str, set[str]] = defaultdict(set)
"""By template: the languages in which it was examined."""

ANSWERS: set[str] = set()
"""Templates of pages that have no address of their own, so that the other language has to be come by."""

SOUND: set[tuple[str, ...]] = set()
"""Template, language, width and shape of the pages in which axe found nothing."""

_WHICH = "[document.body.dataset.template, document.documentElement.lang]"
_OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# No rule of these looks into style sheets, so none is fetched anew; nobody reads what passed.
_AXE = """
async rules => (await axe.run(document, {
  runOnly: {type: "tag", values: rules}, resultTypes: ["violations"], preload: false,
})).violations
  .filter(each => ["serious", "critical"].includes(each.impact))
  .map(each => `${each.id} (${each.impact}): ` + each.nodes.map(node => node.html.slice(0, 120)).join(" | "))
"""
_SHAPE = """
() => {
  const told = ["hidden", "open", "disabled", "checked", "inert", "role", "type", "class", "scope", "lang"];
  const kinds = new Map();
  const kind = (part, above) => {
    const named = [...part.attributes].map(each => each.name).filter(name => name !== "data-stop").sort();
    const said = told.map(name => part.getAttribute(name));
    const states = [...part.attributes].filter(each => each.name.startsWith("aria-") && each.value.length < 9);
    const text = [...part.childNodes].some(each => each.nodeType === 3 && each.data.trim());
    const shown = part.checkVisibility({visibilityProperty: true});
    const own = JSON.stringify([above, part.tagName, named, said, states.map(each => each.value), text, shown]);
    if (!kinds.has(own)) kinds.set(own, kinds.size);
    const mine = kinds.get(own);
    for (const below of part.children) if (part.tagName !== "svg") kind(below, mine);
  };
  kind(document.documentElement, -1);
  return [String(innerWidth), ...kinds.keys()].join("\\n");
}
"""
_STOPS = """
() => {
  const parts = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const usable = part => !part.disabled && part.checkVisibility({visibilityProperty: true})
    && !part.closest("[inert]") && !(part.closest("details:not([open])") && part.tagName !== "SUMMARY");
  const alone = part => part.type !== "radio" || part.checked
    || !part.form?.querySelector(`input[type=radio][name="${part.name}"]:checked`);
  const groups = new Set();
  const first = part => part.type !== "radio" || part.checked || !groups.has(part.name) && groups.add(part.name);
  return [...document.querySelectorAll(parts)].filter(usable).filter(alone).filter(first).map((part, at) => {
    part.dataset.stop = at;
    return part.outerHTML.slice(0, 120);
  });
}
"""
_HERE = """
() => {
  const here = document.activeElement;
  if (!here || here === document.body || here.dataset.stop === undefined) return null;
  const style = getComputedStyle(here.closest(".choice") || here);
  const box = here.getBoundingClientRect();
  const marked = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const inside = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  return [Number(here.dataset.stop), marked, inside];
}
"""


def examine(page: Page, name: str) -> None:
    """Examine the page that is shown, and the first time also what it says in the other language."""
    template, language = _which(page)
    _examine(page, name, keys=language not in SEEN[template])
    SEEN[template].add(language)
    other = {"ja": "en", "en": "ja"}[language]
    if other not in SEEN[template] and page.url.startswith("http"):
        _in_other_language(page, f"{name} in {other}", template, other)


def _which(page: Page) -> tuple[str, str]:
    told: list[str] = page.evaluate(_WHICH)
    assert told[0], "a page does not say of which template it is"
    return told[0], told[1]


def _examine(page: Page, name: str, *, keys: bool) -> None:
    shape = (*_which(page), page.evaluate(_SHAPE))
    if shape not in SOUND:
        found = axe(page)
        assert not found, f"{name}: {found}"
        SOUND.add(shape)
    _fits(page, name)
    if keys:
        _by_keyboard(page, name)


def axe(page: Page) -> list[str]:
    """What axe finds that is serious or critical."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    found: list[str] = page.evaluate(_AXE, _RULES)
    return found


@cache
def _source() -> str:
    return package("axe-core", "axe.min.js").read_text("utf-8") + "; undefined"


def _fits(page: Page, name: str) -> None:
    """Nothing needs scrolling sideways in a narrow window."""
    before = page.viewport_size
    assert before
    page.set_viewport_size({"width": WIDTH, "height": 640})
    overflow = page.evaluate(_OVERFLOW)
    page.set_viewport_size(before)
    assert overflow <= 0, f"{name} is {overflow} pixels too wide for {WIDTH}"


def _by_keyboard(page: Page, name: str) -> None:
    """Everything that can be acted on is reached with the Tab key, and one sees where one is (§2.1.1, §2.4.7)."""
    stops: list[str] = page.evaluate(_STOPS)
    reached: set[int] = set()
    visible: set[int] = set()  # a date has several parts, of which the browser marks one itself
    for _ in range(4 * len(stops) + 6):
        if len(visible) == len(stops):
            return
        page.keyboard.press("Tab")
        here: Any = page.evaluate(_HERE)
        if here is not None:
            at, marked, inside = here
            reached.add(at)
            if marked and inside:
                visible.add(at)
    assert not _besides(stops, reached), f"{name}: no way by keyboard to {_besides(stops, reached)}"
    assert not _besides(stops, visible), f"{name}: the focus cannot be seen on {_besides(stops, visible)}"


def _besides(stops: list[str], found: set[int]) -> list[str]:
    return [stop for at, stop in enumerate(stops) if at not in found]


def _in_other_language(page: Page, name: str, template: str, language: str) -> None:
    """The same address in another tab of the same browser, in the other language; the first tab does not notice."""
    address = httpx2.URL(page.url).copy_set_param("lang", language)
    if _leads_on(page, str(address)):
        ANSWERS.add(template)  # what waits there is for the first tab
        return
    chosen = [each for each in page.context.cookies() if each["name"] == "lang"]
    with page.context.new_page() as other:
        other.goto(str(address))
        if other.evaluate(_WHICH) == [template, language]:
            _examine(other, name, keys=True)
            SEEN[template].add(language)
        else:  # the answer to a form has no address
            ANSWERS.add(template)
    page.context.clear_cookies(name="lang")
    page.context.add_cookies(chosen)  # type: ignore[arg-type]


def _leads_on(page: Page, address: str) -> bool:
    """Whether another visit of the same browser would be sent on from here."""
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies(address))
    with httpx2.Client(transport=Loopback(), trust_env=False) as browser:
        return browser.get(address, headers={"cookie": cookies}).has_redirect_location


def templates() -> set[str]:
    """Every page there is: the templates that others extend or import are none."""
    folder = Path(__file__).parents[2] / "src/warifu/wire/pages/templates"
    texts = {file.relative_to(folder).as_posix(): file.read_text("utf-8") for file in folder.rglob("*.html")}
    parts = {name for name in texts for text in texts.values() if f'"{name}"' in text}
    return texts.keys() - parts
