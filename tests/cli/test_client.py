"""``warifu client``: keys, assertions and tokens, and the doctor at a running town's provider."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.journeys.running_town import founded
from warifu.cli.root import root
from warifu.errors import Malformed, WrongTokenSignature
from warifu.services import Health, check_token, clock_finding, read_token, token_finding
from warifu.town.parties import sites
from warifu.wire.client_files import add_client
from warifu.wire.clock import SystemClock
from warifu.wire.serving import serve_in_thread

REDIRECT = "http://127.0.0.1:9999/callback"


def run(*arguments: str, stdin: str | None = None) -> Result:
    environment = {"LC_ALL": "C", "WARIFU_CONFIG": ""}
    return CliRunner().invoke(root, ["client", *arguments], env=environment, input=stdin)


def said(*arguments: str, stdin: str | None = None) -> str:
    ended = run(*arguments, stdin=stdin)
    assert ended.exit_code == 0, ended.stderr
    return ended.stdout


@pytest.fixture(params=["ES256", "RS256"])
def key(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    said("new", "shop", "--into", str(tmp_path), "--algorithm", request.param)
    return tmp_path / "shop.key.pem"


def test_a_new_key_is_its_owners_alone_and_the_public_half_holds_no_secret(key: Path) -> None:
    assert key.stat().st_mode & 0o777 == 0o600
    (public,) = json.loads((key.parent / "shop.jwks.json").read_text())["keys"]
    assert not public.keys() & {"d", "p", "q", "dp", "dq", "qi"}


def test_a_key_is_never_written_over(key: Path) -> None:
    before = key.read_bytes()
    ended = run("new", "shop", "--into", str(key.parent))
    assert (ended.exit_code, key.read_bytes()) == (1, before)
    assert "is there already" in ended.stderr


def test_openssl_reads_the_key(key: Path) -> None:
    done = subprocess.run(
        ["openssl", "pkey", "-in", key, "-check", "-noout"], capture_output=True, text=True, check=True
    )
    assert "Key is valid" in done.stdout + done.stderr


def test_an_assertion_is_signed_by_the_key_and_short_lived(key: Path) -> None:
    """RFC 7523 §3."""
    token = said(
        "assertion", "--key", str(key), "--client-id", "RP00000001", "--audience", "https://example.test/token"
    )
    jwks = json.loads(said("jwks", str(key)))
    assert check_token(token, jwks) == jwks["keys"][0]["kid"]
    read = read_token(token)
    assert read.claims is not None
    assert (read.claims["iss"], read.claims["sub"]) == ("RP00000001", "RP00000001")
    assert read.times()["exp"] - read.times()["iat"] == timedelta(minutes=1)


def test_a_private_jwk_is_the_same_key(key: Path, tmp_path: Path) -> None:
    """Kept as JWK, as other stacks want it, and read again."""
    jwk = tmp_path / "key.json"
    (jwk).write_text(said("jwks", str(key), "--private"))
    assert said("jwks", str(jwk)) == said("jwks", str(key))


def test_a_token_is_shown_with_its_times_and_never_believed_unasked(key: Path) -> None:
    token = said("assertion", "--key", str(key), "--client-id", "RP1", "--audience", "x")
    ended = run("decode", "-", stdin=token)
    assert '"iss": "RP1"' in ended.stdout
    assert "exp: 20" in ended.stdout
    assert "was not verified" in ended.stderr


def test_a_token_is_checked_with_keys(key: Path) -> None:
    token = said("assertion", "--key", str(key), "--client-id", "RP1", "--audience", "x").strip()
    jwks = str(key.parent / "shop.jwks.json")
    assert json.loads(said("decode", token, "--jwks", jwks, "--json"))["verified_by"] is not None
    head, _, signature = token.split(".")
    forged = f"{head}.eyJpc3MiOiJSUDIifQ.{signature}"
    assert run("decode", forged, "--jwks", jwks).exit_code == 1


def test_an_encrypted_token_tells_its_header_only() -> None:
    header = "eyJhbGciOiJSU0EtT0FFUC0yNTYiLCJlbmMiOiJBMjU2R0NNIn0"
    told = json.loads(said("decode", f"{header}.a.b.c.d", "--json"))
    assert (told["kind"], told["header"]["enc"], told["claims"]) == ("JWE", "A256GCM", None)


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "e30.e30.e30.e30", "e30." + "x" * 200_000 + ".x"])
def test_what_is_no_token_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        read_token(text)


def test_no_key_of_the_set_made_it(key: Path, tmp_path: Path) -> None:
    said("new", "other", "--into", str(tmp_path))
    token = said("assertion", "--key", str(key), "--client-id", "RP1", "--audience", "x")
    with pytest.raises(WrongTokenSignature):
        check_token(token, json.loads((tmp_path / "other.jwks.json").read_text()))


@dataclass(frozen=True)
class Registered:
    issuer: str
    client_id: str
    key: Path


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registered]:
    folder = tmp_path_factory.mktemp("client")
    said("new", "shop", "--into", str(folder))
    with founded(folder / "town") as (town, reserved):
        jwks = json.loads((folder / "shop.jwks.json").read_text())
        client = add_client(town.ground.clients, "shop", [REDIRECT], jwks)
        with sites(town, reserved) as served, serve_in_thread(served):
            yield Registered(town.issuer, client.id, folder / "shop.key.pem")


def examined(at: Registered, **other: str) -> tuple[int, dict[str, Any]]:
    told = {"client-id": at.client_id, "key": str(at.key), "redirect-uri": REDIRECT} | other
    options = [word for name, value in told.items() for word in (f"--{name}", value)]
    ended = run("doctor", at.issuer, *options, "--json")
    return ended.exit_code, {one["name"]: one for one in json.loads(ended.stdout)}


def test_a_client_that_is_registered_is_well(registered: Registered) -> None:
    code, found = examined(registered)
    assert (code, {one["health"] for one in found.values()}) == (0, {"well"})
    assert "invalid_grant" in found["client assertion"]["saw"]


def test_the_doctor_tells_that_the_key_is_another(registered: Registered, tmp_path: Path) -> None:
    said("new", "other", "--into", str(tmp_path))
    code, found = examined(registered, key=str(tmp_path / "other.key.pem"))
    assert (code, found["client assertion"]["health"]) == (1, "ill")
    assert "invalid_client" in found["client assertion"]["saw"]


def test_the_doctor_tells_that_the_redirect_uri_is_another(registered: Registered) -> None:
    code, found = examined(registered, **{"redirect-uri": REDIRECT + "/"})
    assert (code, found["redirect URI"]["health"]) == (1, "ill")
    assert found["client assertion"]["health"] == "well"


def test_the_doctor_tells_that_the_client_is_unknown(registered: Registered) -> None:
    code, found = examined(registered, **{"client-id": "RP99999999"})
    assert (code, found["client assertion"]["health"]) == (1, "ill")


def test_the_doctor_tells_that_others_can_read_the_key(registered: Registered, tmp_path: Path) -> None:
    open_key = tmp_path / "open.pem"
    open_key.write_bytes(registered.key.read_bytes())
    open_key.chmod(0o644)
    _, found = examined(registered, key=str(open_key))
    assert (found["key file"]["health"], found["key file"]["saw"]) == ("doubtful", "644")


def test_where_nobody_answers_the_doctor_says_so(key: Path) -> None:
    """Port 9 of loopback: nobody is there."""
    ended = run("doctor", "http://127.0.0.1:9", "--client-id", "a", "--key", str(key), "--redirect-uri", REDIRECT)
    assert (ended.exit_code, ended.stdout) == (3, "")


@pytest.mark.parametrize(
    ("apart", "health"), [(0, Health.WELL), (10, Health.WELL), (11, Health.DOUBTFUL), (-60, Health.ILL)]
)
def test_clocks_may_be_a_little_apart(apart: int, health: Health) -> None:
    now = SystemClock().now()
    assert clock_finding(now + timedelta(seconds=apart), now, now).health is health


@pytest.mark.parametrize(
    ("apart", "health"), [(-10, Health.WELL), (-11, Health.DOUBTFUL), (70, Health.WELL), (71, Health.DOUBTFUL)]
)
def test_a_slow_answer_does_not_set_the_clocks_apart(apart: int, health: Health) -> None:
    """It took a minute, and at some moment of that minute the provider told its time."""
    now = SystemClock().now()
    assert clock_finding(now + timedelta(seconds=apart), now, now + timedelta(minutes=1)).health is health


@pytest.mark.parametrize(
    ("status", "answer", "health"),
    [
        (400, {"error": "invalid_grant"}, Health.WELL),
        (401, {"error": "invalid_client"}, Health.ILL),
        (400, {"error": "unauthorized_client"}, Health.ILL),
        (503, {}, Health.DOUBTFUL),
        (200, {}, Health.DOUBTFUL),
    ],
)
def test_what_the_token_endpoint_says(status: int, answer: dict[str, str], health: Health) -> None:
    assert token_finding(status, answer).health is health
