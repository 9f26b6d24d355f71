"""A site that looks like the provider and relays everything, live and without delay, from a session of its own.

It begins a login at the shop as anybody would, shows its victim what the provider shows it, and hands on what the
victim does. It can send any header and rewrite any page; it has no card, no phone of its victim's and none of the
provider's keys. What it wins is the shop, logged in as the victim.
"""

import html
import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx2
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.waiting import PATIENCE
from warifu.messages import LoginInvitation
from warifu.wire.headless import Loopback

JSON = {"content-type": "application/json"}
_CODE = re.compile(r'data-code><a class="button" href="([^"]+)"')
_LINK = re.compile(r'<a class="button plain" href="([^"]+)"')
_HEADERS = ("content-type",)
_PAGE = """<!doctype html><html lang="ja"><meta charset="utf-8"><title>ログイン</title><h1>ログイン</h1>
{ways}
<form method="post" action="/digits"><label>6 桁の番号 <input name="digits"></label><button>送信</button></form>
<button id="reader">カードリーダーで読み取る</button><p id="told"></p>
<script>
document.getElementById("reader").addEventListener("click", async () => {{
  const told = document.getElementById("told");
  try {{
    const invitation = await (await fetch("/invitation{how}")).text();
    const asked = {{ method: "POST", headers: {{ "content-type": "application/json" }}, body: invitation }};
    const answer = await fetch("{companion}/login", asked);
    told.textContent = (await fetch("/answer", {{ method: "POST", body: await answer.text() }})).status;
  }} catch (problem) {{
    told.textContent = problem.name;
  }}
}});
</script></html>"""


class LookAlike:
    """The site at `origin`, between victims and the provider; `rewrites` has invitations name itself."""

    def __init__(self, origin: str, shop: str, companion: str) -> None:
        self.origin, self._shop, self._companion = origin, shop, companion
        self.rewrites = False
        self.page = ""

    def __enter__(self) -> "LookAlike":
        self.session = httpx2.Client(transport=Loopback(), timeout=PATIENCE, trust_env=False)
        return self

    def __exit__(self, *_exception: object) -> None:
        self.session.close()

    # --- at the provider, as somebody who logs in ---

    def begin(self) -> str:
        """Begin a login at the shop; the provider's page for it."""
        self.session.cookies.clear()
        address = f"{self._shop}/login?ask=all"
        for _ in range(5):
            response = self.session.get(address)
            if not response.is_redirect:
                self.page = address
                return response.text
            address = str(response.url.join(response.headers["location"]))
        raise AssertionError("no login page")

    @property
    def provider(self) -> str:
        """The provider's origin."""
        parts = urlsplit(self.page)
        return f"{parts.scheme}://{parts.netloc}"

    def code(self) -> str | None:
        """The address in the code that the provider shows now."""
        return _found(_CODE, self.session.get(self.page).text)

    def link(self) -> str:
        """The address that opens the app on the same device."""
        link = _found(_LINK, self.session.get(self.page).text)
        assert link
        return link

    def type_digits(self, digits: str) -> int:
        """Type what the victim typed; a program may claim any origin."""
        headers = {"origin": self.provider}
        return self.session.post(f"{self.page}/digits", data={"digits": digits}, headers=headers).status_code

    def invitation(self) -> LoginInvitation:
        """What is to be signed, as the provider says it or as this site would like it."""
        told = LoginInvitation.decode(self.session.get(f"{self.page}/invitation").content)
        return replace(told, origin=self.origin) if self.rewrites else told

    def answer(self, answer: bytes) -> httpx2.Response:
        """Hand in what a card signed."""
        return self.session.post(f"{self.page}/answer", content=answer, headers=JSON)

    def allow(self, answered: httpx2.Response) -> httpx2.Response:
        """Consent in the victim's place, where the victim's own side is relayed."""
        decision = {"decision": "allow", "decision_token": answered.json().get("decision_token", "none")}
        return self.session.post(f"{self.page}/decision", json=decision)

    def loot(self) -> str | None:
        """What the shop shows once this session goes on; None if it does not get there with a code."""
        response = self.session.get(f"{self.page}/continue")
        if not response.is_redirect or "code=" not in response.headers["location"]:
            return None
        landed = self.session.get(response.headers["location"])
        return self.session.get(str(landed.url.join(landed.headers["location"]))).text

    # --- towards its victims ---

    def application(self) -> Starlette:
        """The site."""
        return Starlette(
            routes=[
                Route("/", self._home),
                Route("/proxied", self._proxied),
                Route("/digits", self._digits, methods=["POST"]),
                Route("/invitation", self._invitation),
                Route("/answer", self._answer, methods=["POST"]),
                Route("/{path:path}", self._everything, methods=["GET", "POST"]),
            ]
        )

    def _home(self, _request: Request) -> Response:
        """A page of its own, with what the provider shows it: the code and the link."""
        self.begin()
        addresses = {"code": self.code(), "link": self.link()}
        ways = "".join(
            f'<p><a id="{name}" target="_blank" rel="noopener" href="{html.escape(address)}">{name}</a></p>'
            for name, address in addresses.items()
            if address
        )
        return HTMLResponse(_PAGE.format(ways=ways, companion=self._companion, how=""))

    def _proxied(self, _request: Request) -> Response:
        """The provider's own page, behind this site's name."""
        self.begin()
        return RedirectResponse(urlsplit(self.page).path, 303)

    async def _digits(self, request: Request) -> Response:
        typed = parse_qs((await request.body()).decode())["digits"][0]
        await run_in_threadpool(self.type_digits, typed)
        return HTMLResponse("<!doctype html><title>ログイン</title><h1>スマートフォンで続けてください</h1>")

    def _invitation(self, _request: Request) -> Response:
        return Response(self.invitation().encode())

    async def _answer(self, request: Request) -> Response:
        answered = self.answer(await request.body())
        if answered.is_success:
            self.allow(answered)
        return Response(status_code=answered.status_code)

    async def _everything(self, request: Request) -> Response:
        """Whatever the page asks for, from the provider; names are exchanged both ways, policies are left out."""
        headers = {name: request.headers[name] for name in _HEADERS if name in request.headers}
        headers |= {"origin": self.provider} if request.method == "POST" else {}
        body = (await request.body()).replace(self.origin.encode(), self.provider.encode())
        address = f"{self.provider}/{request.path_params['path']}?{request.url.query}"
        answer = self.session.request(request.method, address, content=body, headers=headers)
        content = (
            answer.content.replace(self.provider.encode(), self.origin.encode()) if self.rewrites else answer.content
        )
        kept = {name: answer.headers[name] for name in _HEADERS if name in answer.headers}
        return Response(content, answer.status_code, kept)


def _found(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return None if match is None else html.unescape(match[1])
