"""A login half at one process, half at the other: nothing that counts is in a process's memory.

nginx asks two processes of the provider in turn; they share one PostgreSQL database and the keys.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.idp.world import NOW
from tests.real.conftest import cannot
from tests.real.two_providers import ENTROPY, NGINX, PARTY, Answer, Pair, pair
from tests.wire.conftest import postgresql
from tests.wire.postgresql import Server
from warifu import services

__all__ = ["postgresql"]

pytestmark = pytest.mark.real


def _pair(server: Server, folder: Path, profile: str) -> Iterator[Pair]:
    if not Path(NGINX).exists():
        cannot("not installed: nginx")
    # Where it was started by root, nginx works as nobody.
    for opened in (folder, *(each for each in folder.parents if each.owner() == folder.owner() and each != Path("/"))):
        opened.chmod(opened.stat().st_mode | 0o711)
    database = server.new_database("provider")
    with pair(folder, database, profile) as running:
        yield running
    server.drop(database)


@pytest.fixture(scope="module")
def strict(postgresql: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Under the profile `fapi2`."""
    yield from _pair(postgresql, tmp_path_factory.mktemp("strict"), "fapi2")


@pytest.fixture(scope="module")
def compatible(postgresql: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Under the profile `da-compat`."""
    yield from _pair(postgresql, tmp_path_factory.mktemp("compatible"), "da-compat")


@pytest.fixture(params=["fapi2", "da-compat"])
def either(request: pytest.FixtureRequest) -> Pair:
    found: Pair = request.getfixturevalue("strict" if request.param == "fapi2" else "compatible")
    return found


def spent(found: Answer) -> str:
    """The error and what is said about it."""
    assert found.status in {400, 401}
    return f"{found.members['error']}: {found.members['error_description']}"


def test_each_process_serves_half_of_a_login(either: Pair) -> None:
    """From the request to the claims and a refresh; no two requests in a row meet the same process."""
    before = len(either.served())
    callback, pending = either.go_through()
    answer = either.post(either.metadata.token_endpoint, either.code_form(callback, pending))
    kind = "dpop" if either.bound else "bearer"
    logged_in = services.complete(pending, answer.body, either.jwks, PARTY, either.metadata, NOW, kind)
    claims = services.join(logged_in, either.userinfo(logged_in.access_token).body)
    assert claims["name"] == "割符　花子"
    again = either.post(either.metadata.token_endpoint, either.refresh_form(answer.members["refresh_token"]))
    assert either.userinfo(again.members["access_token"]).members == {"sub": logged_in.subject}
    served = either.served()[before:]
    assert all(one != other for (one, _), (other, _) in pairwise(served))
    paths = {path.rpartition("/")[2] for _, path in served}
    assert paths >= {"auth", "invitation", "answer", "decision", "continue", "token", "userinfo"}
    assert ("request" in paths) is either.bound


def test_a_signed_response_from_either_process_is_believed(strict: Pair) -> None:
    """JARM §2.4: both sign with the key that both publish."""
    callback, pending = strict.go_through(services.SIGNED_RESPONSE)
    answer = strict.post(strict.metadata.token_endpoint, strict.code_form(callback, pending))
    logged_in = services.complete(pending, answer.body, strict.jwks, PARTY, strict.metadata, NOW, "dpop")
    assert logged_in.claims["nonce"] == pending.nonce


def test_a_code_spent_at_one_is_spent_at_the_other(either: Pair) -> None:
    """RFC 6749 §4.1.2; the token that the first use gave is worth nothing any more."""
    callback, pending = either.go_through()
    first = either.post(either.metadata.token_endpoint, either.code_form(callback, pending), 0)
    assert either.userinfo(first.members["access_token"]).status == 200
    second = either.post(either.metadata.token_endpoint, either.code_form(callback, pending), 1)
    assert spent(second) == "invalid_grant: the code has been used before"
    assert either.userinfo(first.members["access_token"]).status == 401


def test_an_assertion_used_at_one_is_used_at_the_other(either: Pair) -> None:
    """RFC 7523 §3 item 7."""
    form = either.refresh_form("no-such-token")
    assert spent(either.post(either.metadata.token_endpoint, form, 0)).startswith("invalid_grant")
    assert spent(either.post(either.metadata.token_endpoint, form, 1)).startswith("invalid_client")


def test_a_proof_used_at_one_is_used_at_the_other(strict: Pair) -> None:
    """RFC 9449 §11.1."""
    proof = strict.proof(strict.metadata.token_endpoint)
    used = strict.post(strict.metadata.token_endpoint, strict.refresh_form("no-such-token"), 0, proof)
    assert spent(used).startswith("invalid_grant")
    again = strict.post(strict.metadata.token_endpoint, strict.refresh_form("no-such-token"), 1, proof)
    assert spent(again) == "invalid_dpop_proof: the proof has been used before"


def test_a_pushed_request_used_at_one_is_used_at_the_other(strict: Pair) -> None:
    """FAPI 2.0 Security Profile §5.3.2.2."""
    form, _ = services.begin_pushed(PARTY, strict.metadata, ("openid",), NOW, ENTROPY)
    assert strict.metadata.pushed_endpoint is not None
    pushed = strict.post(strict.metadata.pushed_endpoint, form, 0)
    address = services.pushed_address(pushed.body, PARTY, strict.metadata)
    assert [strict.visit(address, process) for process in (1, 0, 1)] == [303, 400, 400]


def test_a_refresh_token_used_at_one_and_at_the_other_ends_its_login(compatible: Pair) -> None:
    """RFC 9700 §4.14.2."""
    callback, pending = compatible.go_through()
    endpoint = compatible.metadata.token_endpoint
    first = compatible.post(endpoint, compatible.code_form(callback, pending)).members["refresh_token"]
    second = compatible.post(endpoint, compatible.refresh_form(first), 0).members["refresh_token"]
    assert spent(compatible.post(endpoint, compatible.refresh_form(first), 1)).startswith("invalid_grant")
    assert spent(compatible.post(endpoint, compatible.refresh_form(second), 0)).startswith("invalid_grant")
