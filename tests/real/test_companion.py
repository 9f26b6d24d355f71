"""``warifu companion`` in a terminal of its own, with the card in a reader and a page that asks."""

import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from tests.real.pcscd import Pcscd
from tests.real.terminal import Terminal
from tests.waiting import PATIENCE
from warifu.messages import LoginAnswer, LoginInvitation
from warifu.reader import check_attributes
from warifu.testing import SoftwareCard

pytestmark = pytest.mark.real

ORIGIN = "http://localhost:8700"
PORT = "8710"
# The browser's part, inside the same network namespace: method, path, body on stdin; answers status and body.
PAGE = f"""
import sys, httpx2
headers = {{"origin": sys.argv[3], "content-type": "application/json"}}
content = sys.stdin.buffer.read()
url = "http://localhost:{PORT}" + sys.argv[2]
answer = httpx2.request(sys.argv[1], url, headers=headers, content=content, timeout={PATIENCE})
print(answer.status_code, answer.text)
"""
Page = Callable[..., "Future[tuple[int, str]]"]


@pytest.fixture
def companion(pcscd: Pcscd, card: SoftwareCard, program: Callable[[str], str]) -> Iterator[Terminal]:
    """The companion, running and waiting."""
    warifu = (program("warifu"), "--lang", "en", "companion", "--port", PORT)
    with Terminal(pcscd.command(program("setsid"), "--ctty", *warifu)) as terminal:
        terminal.wait_for("(Ctrl-C ends)\r\n")
        yield terminal
        terminal.end()


@pytest.fixture
def page(pcscd: Pcscd) -> Iterator[Page]:
    """A page that asks the companion while we do something else."""
    with ThreadPoolExecutor(2) as browser:

        def ask(method: str, path: str, content: bytes = b"", origin: str = ORIGIN) -> Future[tuple[int, str]]:
            def run() -> tuple[int, str]:
                said = pcscd.run(sys.executable, "-c", PAGE, method, path, origin, text=content.decode()).stdout
                status, _, text = said.strip().partition(" ")
                return int(status), text

            return browser.submit(run)

        yield ask


def invitation(*scopes: str) -> LoginInvitation:
    expires_at = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
    return LoginInvitation(ORIGIN, "bank", "架空銀行", "transaction", bytes(range(32)), ("openid", *scopes), expires_at)


def test_a_login_from_the_page_to_the_card_and_back(companion: Terminal, page: Page, card: SoftwareCard) -> None:
    asked = page("POST", "/login", invitation("name").encode())
    companion.wait_for(f"log in to 架空銀行 at {ORIGIN}, which also asks for name, address, birth date and sex?")
    companion.type("y")
    companion.wait_for("authentication PIN (4 digits, 3 tries left")
    companion.type_hidden("1234")
    companion.wait_for("text PIN (4 digits, 3 tries left")
    companion.type_hidden("5678")
    companion.wait_for("the signature went to the page")
    status, text = asked.result(PATIENCE)
    answer = LoginAnswer.decode(text.encode())
    assert status == 200
    assert answer.unverified_certificate == card.authentication_certificate
    assert answer.challenge == invitation("name").challenge(ORIGIN)
    card.authentication_public_key.verify(answer.signature, answer.challenge.encode(), PKCS1v15(), hashes.SHA256())
    assert answer.attributes is not None
    found = check_attributes(answer.attributes, answer.challenge.card_nonce(), [card.cv_anchor])
    assert found == card.attributes


def test_no_pin_is_shown_while_it_is_typed(companion: Terminal, page: Page) -> None:
    asked = page("POST", "/login", invitation().encode())
    companion.wait_for("[y/N]: ")
    companion.type("y")
    companion.wait_for("authentication PIN")
    companion.type_hidden("12345")
    companion.wait_for("this PIN has 4 digits")
    companion.wait_for("authentication PIN")
    companion.type_hidden("1234")
    companion.wait_for("the signature went to the page")
    assert asked.result(PATIENCE)[0] == 200
    assert "1234" not in companion.said


def test_whoever_says_no_is_not_asked_for_a_pin(companion: Terminal, page: Page) -> None:
    asked = page("POST", "/login", invitation().encode())
    companion.wait_for("[y/N]: ")
    companion.type("")
    status, text = asked.result(PATIENCE)
    assert status == 403
    assert json.loads(text)["error"] == "cancelled"
    assert "PIN" not in companion.said


def test_ctrl_c_at_a_prompt_cancels_the_login_and_nothing_else(companion: Terminal, page: Page) -> None:
    asked = page("POST", "/login", invitation().encode())
    companion.wait_for("[y/N]: ")
    companion.press_ctrl_c(asked.done)
    assert json.loads(asked.result(PATIENCE)[1])["error"] == "cancelled"
    assert page("GET", "/status").result(PATIENCE) == (200, '{"reader":true,"card":true}')


def test_one_login_at_a_time(companion: Terminal, page: Page) -> None:
    first = page("POST", "/login", invitation().encode())
    companion.wait_for("[y/N]: ")
    second = page("POST", "/login", invitation().encode())
    assert json.loads(second.result(PATIENCE)[1])["error"] == "in_use"
    companion.type("n")
    assert first.result(PATIENCE)[0] == 403


def test_another_page_gets_nothing(companion: Terminal, page: Page) -> None:
    status, text = page("POST", "/login", invitation().encode(), "http://evil.example").result(PATIENCE)
    assert status == 403
    assert json.loads(text)["error"] == "not_allowed"


def test_a_port_that_is_taken_is_said_in_one_line(
    companion: Terminal, pcscd: Pcscd, program: Callable[[str], str]
) -> None:
    ran = pcscd.run(program("warifu"), "--lang", "en", "companion", "--port", PORT)
    assert ran.returncode == 3
    assert ran.stdout.startswith(f"port {PORT} on localhost is taken")
    assert len(ran.stdout.splitlines()) == 1
