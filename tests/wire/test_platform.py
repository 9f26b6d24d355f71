"""The platform operator over HTTP: who may ask, what is answered, and what it remembers."""

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwe
from starlette.testclient import TestClient

from tests.ca.town import Moment
from tests.idp import signing
from tests.pki import world as pki
from tests.verifier.scene import anchors, ocsp
from warifu.messages import SigningAnswer, SigningData
from warifu.messages import json as messages_json
from warifu.pki import Reason, Revocation, Standing, Status
from warifu.verifier import Evidence, Needs, write_result
from warifu.wire.answers import application
from warifu.wire.verification import KnownUsers, Platform, open_operator_key, platform_routes, tokens_of

TOKENS = {hashlib.sha256(token.encode()).digest(): name for token, name in (("one", "bank"), ("two", "shop"))}
ISSUER = pki.authority(pki.SIGNING)


class Operator:
    """One at work; `status` is what the authority says, None for nothing."""

    def __init__(self, directory: Path) -> None:
        self.status: Status | None = Standing.GOOD
        self.clock = Moment(pki.NOW)
        keys = (open_operator_key(directory / "results.key"),)
        platform = Platform(keys, anchors(), self.gather, bytes(32), KnownUsers(directory), self.clock)
        self.key = keys[0]
        self.http = TestClient(application(platform_routes(platform, tokens_of(TOKENS))))

    def gather(self, _needs: Needs) -> Evidence:
        if self.status is None:
            return Evidence()
        return Evidence(ocsp(self.status, nonce=None, about=ISSUER, signed_by=ISSUER))

    def result(self, answer: SigningAnswer | None = None) -> str:
        header = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"}
        plain = write_result(answer or signing.signed())
        return jwe.encrypt_compact(header, plain, self.key.key, algorithms=list(header.values()))

    def ask(self, result: str | None = None, data: SigningData = signing.DATA, token: str = "one") -> Any:
        body = {"sign_certificate_jwe": result or self.result(), "data": messages_json.to_base64(data.encode())}
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        return self.http.post("/platform/verify", content=json.dumps(body), headers=headers)


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


@pytest.mark.parametrize("data", [signing.DATA, signing.BARE])
def test_a_good_signature_is_told_with_its_form_and_its_signer(operator: Operator, data: SigningData) -> None:
    """docs.p8n.app, verification-result: ok, the content, a user."""
    told = operator.ask(operator.result(signing.signed(data)), data).json()
    assert (told["verification"]["result"], told["verification"]["signed_form"]) == ("ok", data.form.value)
    assert told["certificate_content"]["name"] == "割符　花子"
    assert (told["certificate_status"], told["is_new_user"]) == ("good", True)


def test_neither_serial_number_nor_certificate_is_told(operator: Operator) -> None:
    """公的個人認証法 第63条."""
    text = operator.ask().text
    assert str(pki.SERIAL) not in text
    assert f"{pki.SERIAL:x}" not in text.lower()
    assert messages_json.to_base64(signing.certificate())[:40] not in text


def test_users_are_known_again_and_another_one_elsewhere(operator: Operator, tmp_path: Path) -> None:
    """Also after a restart of the operator."""
    first, again = operator.ask().json(), Operator(tmp_path).ask().json()
    elsewhere = operator.ask(token="two").json()
    assert first["user"] == again["user"] != elsewhere["user"]
    assert [told["is_new_user"] for told in (first, again, elsewhere)] == [True, False, True]


def test_what_a_crash_cut_off_is_written_over(tmp_path: Path) -> None:
    """Half an entry is no entry, and spoils none that follows."""
    first, second = "00" * 16, "11" * 16
    assert KnownUsers(tmp_path).meet(first)
    with (tmp_path / "users").open("ab") as file:
        file.write(b"\x99" * 7)
    known = KnownUsers(tmp_path)
    assert (known.meet(first), known.meet(second), KnownUsers(tmp_path).meet(second)) == (False, True, False)


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (Revocation(pki.NOW - timedelta(days=1), Reason.AFFILIATION_CHANGED), "certificate_has_been_revoked"),
        (Revocation(pki.NOW - timedelta(hours=1), Reason.CERTIFICATE_HOLD), "certificate_has_been_revoked"),
        (Standing.UNKNOWN, "unsupported_certificate"),
    ],
)
def test_what_the_authority_says_is_told_in_the_known_words(operator: Operator, status: Status, word: str) -> None:
    """And nothing about the holder with it."""
    operator.status = status
    assert operator.ask().json() == {"verification": {"result": word}}


def test_an_expired_certificate_is_told(operator: Operator) -> None:
    operator.clock.go_on(pki.ENDS - pki.NOW + timedelta(seconds=1))
    assert operator.ask().json() == {"verification": {"result": "certificate_has_expired"}}


def test_another_value_is_told(operator: Operator) -> None:
    """The service provider submitted one value and brings another."""
    other = SigningData(bytes(32), signing.DATA.form)
    assert operator.ask(data=other).json() == {"verification": {"result": "signature_did_not_match"}}


def test_a_certificate_that_is_not_for_signing_is_told(operator: Operator) -> None:
    answer = SigningAnswer(pki.authentication_certificate(), signing.signed().signature)
    assert operator.ask(operator.result(answer)).json() == {"verification": {"result": "unsupported_certificate"}}


def test_what_nobody_can_know_now_is_no_verdict(operator: Operator) -> None:
    operator.status = None
    assert (operator.ask().status_code, operator.ask().json()["error"]) == (503, "status_unknown")


@pytest.mark.parametrize("token", ["three", ""])
def test_strangers_learn_nothing(operator: Operator, token: str) -> None:
    assert operator.ask(token=token).status_code == 401


@pytest.mark.parametrize("body", [b"", b"{}", b'{"sign_certificate_jwe":"a.b.c.d.e","data":"AA=="}', b"[]"])
def test_another_shape_is_refused(operator: Operator, body: bytes) -> None:
    headers = {"authorization": "Bearer one", "content-type": "application/json"}
    assert operator.http.post("/platform/verify", content=body, headers=headers).status_code == 400


def test_a_result_for_another_operator_is_refused(operator: Operator, tmp_path: Path) -> None:
    other = Operator(tmp_path / "other")
    assert (operator.ask(other.result()).status_code, operator.ask(other.result()).json()["error"]) == (
        400,
        "malformed",
    )


def test_the_key_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    """It stays the same at the next start."""
    path = tmp_path / "results.key"
    first = open_operator_key(path).public_jwks()
    assert open_operator_key(path).public_jwks() == first
    assert path.stat().st_mode & 0o077 == 0
    assert "d" not in first["keys"][0]
