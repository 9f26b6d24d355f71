"""The authorities over HTTP, asked as any client would ask them."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.x509 import ocsp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ca.town import AUTHENTICATION, KIYOSE, Moment, application, authority
from tests.wire.authorities import FIRST, open_authorities
from warifu.ca import Event, Issued
from warifu.pki import CertificateKind, build_ocsp_request, encode_ocsp_get
from warifu.wire.authority import Authorities
from warifu.wire.authority import application as desk
from warifu.wire.serving import reserve, serve_in_thread

NONCE = b"0123456789abcdef"
MALFORMED = bytes.fromhex("30030a0101")


@pytest.fixture(scope="module")
def clock() -> Moment:
    return Moment()


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory, clock: Moment) -> Iterator[Authorities]:
    opened = open_authorities(tmp_path_factory.mktemp("authority"), clock)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def issued(authorities: Authorities) -> Issued:
    return authorities.issue(application())


@pytest.fixture(scope="module")
def http(authorities: Authorities) -> Iterator[httpx2.Client]:
    with (
        serve_in_thread([(at := reserve(), desk(authorities))]),
        httpx2.Client(base_url=at.origin, trust_env=False) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def question(authorities: Authorities, issued: Issued) -> bytes:
    issuer = authorities.authority(AUTHENTICATION).issuer.certificate_der
    return build_ocsp_request(issued.certificate, issuer, nonce=NONCE)


def post(http: httpx2.Client, content: bytes, kind: str = "authentication") -> httpx2.Response:
    headers = {"content-type": "application/ocsp-request"}
    return http.post(f"/ocsp/{kind}", content=content, headers=headers)


def check_good(answer: httpx2.Response) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/ocsp-response")
    assert answer.headers["cache-control"] == "no-store"
    told = ocsp.load_der_ocsp_response(answer.content)
    assert told.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert told.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == NONCE


def test_a_question_by_post_is_answered(http: httpx2.Client, question: bytes) -> None:
    """RFC 6960 appendix A.1."""
    check_good(post(http, question))


@pytest.mark.parametrize("escaped", [True, False])
def test_a_question_by_get_is_answered(http: httpx2.Client, question: bytes, *, escaped: bool) -> None:
    """RFC 6960 appendix A.1: url-encoded base64; some clients leave + / = as they are."""
    path = encode_ocsp_get(question) if escaped else base64.b64encode(question).decode()
    check_good(http.get(f"/ocsp/authentication/{path}"))


def test_every_base64_digit_survives_the_path(http: httpx2.Client, authorities: Authorities, issued: Issued) -> None:
    """Slashes, two of them in a row and plus signs too: a nonce brings them all."""
    issuer = authorities.authority(AUTHENTICATION).issuer.certificate_der
    for filler in (b"\xff" * 16, b"\xfb\xef\xbe" * 5, b"\x00" * 16):
        asked = build_ocsp_request(issued.certificate, issuer, nonce=filler)
        answer = ocsp.load_der_ocsp_response(http.get(f"/ocsp/authentication/{encode_ocsp_get(asked)}").content)
        assert answer.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == filler


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(st.binary(max_size=300))
def test_bytes_that_are_no_question_are_malformed(http: httpx2.Client, content: bytes) -> None:
    """RFC 6960 §4.2.1: malformedRequest (1), in an answer of HTTP 200."""
    answer = post(http, content)
    assert (answer.status_code, answer.content) == (200, MALFORMED)


@pytest.mark.parametrize("path", ["!", "AAAA", "MEow=", "%FF%FE", "A" * 5000])
def test_paths_that_are_no_question_are_malformed(http: httpx2.Client, path: str) -> None:
    answer = http.get(f"/ocsp/authentication/{path}")
    assert (answer.status_code, answer.content) == (200, MALFORMED)


def test_a_question_that_is_too_long_is_malformed(http: httpx2.Client) -> None:
    assert post(http, bytes(3000)).content == MALFORMED


def test_another_content_type_is_refused(http: httpx2.Client, question: bytes) -> None:
    answer = http.post("/ocsp/authentication", content=question, headers={"content-type": "text/plain"})
    assert (answer.status_code, answer.json()["error"]) == (400, "malformed")


def test_a_question_to_the_other_authority_is_unauthorized(http: httpx2.Client, question: bytes) -> None:
    """RFC 6960 §2.3."""
    answer = ocsp.load_der_ocsp_response(post(http, question, "signing").content)
    assert answer.response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/ocsp/other/AAAA",
        "/crl/other/13221.crl",
        "/crl/authentication/99999.crl",
        "/crl/authentication/zz/13221.crl",
        "/ca/other.cer",
        f"/ca/authentication/{'00' * 20}.cer",
    ],
)
def test_what_is_not_there_is_not_found(http: httpx2.Client, path: str) -> None:
    answer = http.get(path)
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


@pytest.mark.parametrize("code", ["%00", "1322", "132210", "１３２２１", "abcde"])
def test_what_can_be_no_municipality_does_not_reach_the_record(http: httpx2.Client, code: str) -> None:
    """PostgreSQL refuses NUL in a text, and that would be a fault of ours."""
    answer = http.get(f"/crl/authentication/{code}.crl")
    assert answer.status_code == 404
    assert answer.json()["description"] == "no municipality has this code"


def test_a_record_that_does_not_answer_is_try_later(tmp_path: Path) -> None:
    """RFC 6960 §2.3: tryLater, when the responder is operational but cannot say."""
    authorities = open_authorities(tmp_path)
    mine = authorities.issue(application())
    question = build_ocsp_request(mine.certificate, authorities.authority(AUTHENTICATION).issuer.certificate_der)
    authorities.close()
    (tmp_path / "authority.sqlite").write_bytes(b"a disk that went bad" * 500)
    with serve_in_thread([(at := reserve(), desk(authorities))]), httpx2.Client(base_url=at.origin) as client:
        answer = ocsp.load_der_ocsp_response(post(client, question).content)
    authorities.close()
    assert answer.response_status is ocsp.OCSPResponseStatus.TRY_LATER


# --- documents --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(CertificateKind))
def test_the_authoritys_certificate_can_be_fetched(
    http: httpx2.Client, authorities: Authorities, kind: CertificateKind
) -> None:
    its = authorities.authority(kind).issuer
    for path in (f"/ca/{kind.value}.cer", f"/ca/{kind.value}/{its.key_id.hex()}.cer"):
        answer = http.get(path)
        assert (answer.content, answer.headers["content-type"]) == (its.certificate_der, "application/pkix-cert")


def test_a_list_is_fetched_once_and_then_confirmed(
    http: httpx2.Client, authorities: Authorities, issued: Issued, clock: Moment
) -> None:
    """RFC 9110 §13.1.2: If-None-Match."""
    path = f"/crl/authentication/{KIYOSE.code}.crl"
    first = http.get(path)
    assert first.headers["content-type"] == "application/pkix-crl"
    assert x509.load_der_x509_crl(first.content).issuer == authority().issuer.certificate.subject
    for known in (first.headers["etag"], f'"other", W/{first.headers["etag"]}', "*"):
        again = http.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    clock.go_on(timedelta(days=1))
    newer = http.get(path, headers={"if-none-match": first.headers["etag"]})
    assert newer.status_code == 200
    generation = authorities.authority(AUTHENTICATION).generation.hex()
    assert http.get(f"/crl/authentication/{generation}/{KIYOSE.code}.crl").content == newer.content


def test_the_practice_statement_says_what_this_is(http: httpx2.Client) -> None:
    answer = http.get("/cps")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "模擬" in answer.text
    assert "prove nothing about anybody" in answer.text


def test_the_record_changes_the_answer_at_once(tmp_path: Path) -> None:
    authorities = open_authorities(tmp_path)
    mine = authorities.issue(application())
    question = build_ocsp_request(mine.certificate, authorities.authority(AUTHENTICATION).issuer.certificate_der)
    site = [(at := reserve(), desk(authorities))]
    with serve_in_thread(site), httpx2.Client(base_url=at.origin, trust_env=False) as client:
        before = ocsp.load_der_ocsp_response(post(client, question).content)
        authorities.record(AUTHENTICATION, FIRST, Event.HELD)
        after = ocsp.load_der_ocsp_response(post(client, question).content)
    authorities.close()
    assert before.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert after.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert after.revocation_reason is x509.ReasonFlags.certificate_hold
