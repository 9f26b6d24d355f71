"""The verifier over loopback HTTP: documents, evidence, logins; what is told, and to whom."""

import base64
import concurrent.futures
import json
import re
from collections.abc import Iterator
from http.client import HTTPConnection
from threading import Thread
from typing import Any

import httpx2
import pytest

from tests.documents.cms_world import CONTENT
from tests.pki import world
from tests.verifier import scene
from tests.verifier.document_scene import made
from tests.waiting import PATIENCE
from tests.wire.test_verification_gathering import Service as Authority
from tests.wire.verifier.world import ALONE, GOOD, Service, served
from warifu.messages import json as strict
from warifu.wire.verifier.body import LARGEST


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Authority() as authority:
        Thread(target=authority.serve_forever, args=(0.05,), daemon=True).start()
        with served(tmp_path_factory.mktemp("verifier"), f"{authority.origin}/ocsp") as running:
            yield running
        authority.shutdown()


# --- one document -----------------------------------------------------------------------------------------------------


def test_a_good_document_passes(service: Service) -> None:
    report = service.report()
    assert report["indication"] == "TOTAL-PASSED"
    assert report["signatures"][0]["signer"]["name"] == "割符　花子"


def test_a_changed_document_fails(service: Service) -> None:
    assert service.report(made(content=b"another deed").encode())["indication"] == "TOTAL-FAILED"


def test_a_detached_signature_comes_with_its_content(service: Service) -> None:
    files = {"document": ("deed.p7s", ALONE), "content": ("deed.txt", CONTENT)}
    assert service.ask("/documents", files=files).json()["indication"] == "TOTAL-PASSED"
    alone = service.ask("/documents", files={"document": ALONE}).json()
    assert alone["signatures"][0]["sub_indication"] == "SIGNED_DATA_NOT_FOUND"


def test_a_moment_of_the_past_may_be_asked_for(service: Service) -> None:
    before = service.ask("/documents", GOOD, params={"at": "2020-01-01T00:00:00Z"}).json()
    assert (before["at"], before["indication"]) == ("2020-01-01T00:00:00Z", "TOTAL-FAILED")
    for at in ("yesterday", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        assert service.ask("/documents", GOOD, params={"at": at}).status_code == 400


def test_no_answer_has_the_serial_number(service: Service) -> None:
    """公的個人認証法 第63条: neither in decimal, nor in hexadecimal."""
    for accept in ("application/json", "text/html", "text/plain"):
        told = _without_ids(service.ask("/documents", GOOD, headers={"accept": accept}).text)
        assert str(world.SERIAL) not in told
        assert f"{world.SERIAL:x}" not in told.replace(":", "").lower()


def _without_ids(told: str) -> str:
    """Seven or eight given digits may come up in an id by chance."""
    return re.sub(r'"pairwise_id": ?"[0-9a-f]{64}"', "", told)


def test_each_caller_has_ids_of_its_own(service: Service) -> None:
    """The same for the same signer, and of no use together with another caller's."""
    bank, again, shop = (service.report(caller=name)["signatures"][0] for name in ("bank", "bank", "shop"))
    assert bank["pairwise_id"] == again["pairwise_id"]
    assert bank["pairwise_id"] != shop["pairwise_id"]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/html, application/xhtml+xml, */*;q=0.8", "text/html; charset=utf-8"),
        ("text/*;q=0.4, application/json;q=0.3", "text/html; charset=utf-8"),
        ("text/plain", "text/plain; charset=utf-8"),
    ],
)
def test_the_report_has_the_shape_that_is_liked_best(service: Service, accept: str, kind: str) -> None:
    """RFC 9110 §12.5.1."""
    answer = service.ask("/documents", GOOD, headers={"accept": accept or "*/*"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)


def test_the_report_speaks_the_language_of_who_asks(service: Service) -> None:
    told = [
        service.ask("/documents", GOOD, headers={"accept": "text/plain", "accept-language": language}).text
        for language in ("ja", "en")
    ]
    assert told[0].startswith("すべての署名が有効です")
    assert told[1].startswith("Every signature is valid")


def test_a_page_brings_its_own_style_and_nothing_else(service: Service) -> None:
    answer = service.ask("/documents", GOOD, headers={"accept": "text/html"})
    policy = answer.headers["content-security-policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    assert "<script" not in answer.text


def test_a_shape_that_nobody_has_is_406(service: Service) -> None:
    assert service.ask("/documents", GOOD, headers={"accept": "image/png"}).status_code == 406


def test_what_is_no_document_is_malformed(service: Service) -> None:
    answer = service.ask("/documents", b"no document")
    assert (answer.status_code, answer.json()["error"]) == (400, "malformed")
    assert service.ask("/documents", b"").status_code == 400
    assert service.ask("/documents", files={"file": GOOD}).status_code == 400


def test_a_body_that_says_to_be_too_long_is_not_read(service: Service) -> None:
    """More than 100 MB; what comes without its length is counted (tests of bodies)."""
    connection = HTTPConnection(service.origin.removeprefix("http://"), timeout=PATIENCE)
    connection.putrequest("POST", "/documents")
    connection.putheader("authorization", f"Bearer {service.tokens['bank']}")
    connection.putheader("content-length", str(LARGEST + 1))
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["error"]) == (413, "content_too_large")
    connection.close()


def test_nobody_is_answered_without_a_token(service: Service) -> None:
    for path in ("/documents", "/documents/many", "/evidence", "/evidence/check", "/logins"):
        for headers in ({}, {"authorization": "Bearer nobodys"}, {"authorization": "Basic x"}):
            answer = httpx2.post(f"{service.origin}{path}", content=GOOD, headers=headers, trust_env=False)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_a_token_opens_what_it_is_for(service: Service) -> None:
    assert service.report(caller="clerk")["indication"] == "TOTAL-PASSED"
    assert service.ask("/evidence", GOOD, caller="clerk").status_code == 403
    assert service.ask("/logins", b"{}", caller="clerk").status_code == 403


# --- many -------------------------------------------------------------------------------------------------------------


def line(document: bytes, **more: Any) -> bytes:
    return json.dumps({"document": base64.b64encode(document).decode(), **more}).encode() + b"\n"


def test_many_are_answered_in_order_and_a_bad_one_ends_nothing(service: Service) -> None:
    bodies = [line(GOOD if n % 3 else b"rubbish", id=str(n)) for n in range(12)]
    sent = b"".join([*bodies, b"no json\n", b'{"document": 7}\n', b"\n", line(ALONE, content="%%%"), line(GOOD)])
    answer = service.ask("/documents/many", sent)
    told = [json.loads(each) for each in answer.text.splitlines()]
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert [each["id"] for each in told[:12]] == [str(n) for n in range(12)]
    assert [each.get("error") for each in told[:12]] == ["malformed" if n % 3 == 0 else None for n in range(12)]
    assert [each.get("error") for each in told[12:]] == ["malformed", "malformed", "malformed", None]
    assert told[-1]["report"]["indication"] == "TOTAL-PASSED"


def test_answers_come_while_the_request_is_still_being_sent(service: Service) -> None:
    """Whoever waits for each answer before sending the next document gets it."""
    connection = HTTPConnection(service.origin.removeprefix("http://"), timeout=PATIENCE)
    connection.putrequest("POST", "/documents/many")
    connection.putheader("authorization", f"Bearer {service.tokens['bank']}")
    connection.putheader("transfer-encoding", "chunked")
    connection.endheaders()
    answer = None
    for number in range(3):
        sent = line(GOOD, id=str(number))
        connection.send(b"%x\r\n%b\r\n" % (len(sent), sent))
        answer = answer or connection.getresponse()
        assert json.loads(answer.readline())["id"] == str(number)
    connection.send(b"0\r\n\r\n")
    assert answer is not None
    assert answer.read() == b""
    connection.close()


def test_a_detached_signature_in_a_line_has_its_content_beside_it(service: Service) -> None:
    sent = line(ALONE, content=base64.b64encode(CONTENT).decode())
    [told] = service.ask("/documents/many", sent).text.splitlines()
    assert json.loads(told)["report"]["indication"] == "TOTAL-PASSED"


def test_several_may_ask_at_once(service: Service) -> None:
    with concurrent.futures.ThreadPoolExecutor(6) as threads:
        told = list(threads.map(lambda _n: service.ask("/documents", GOOD).status_code, range(12)))
    assert told == [200] * 12


# --- evidence ---------------------------------------------------------------------------------------------------------


def test_evidence_is_made_and_checked(service: Service) -> None:
    bundle = service.ask("/evidence", GOOD)
    assert (bundle.status_code, bundle.headers["content-type"]) == (200, "application/zip")
    both = service.ask("/evidence/check", files={"bundle": bundle.content, "document": GOOD}).json()
    assert (both["indication"], both["report"]["indication"]) == ("TOTAL-PASSED", "TOTAL-PASSED")
    assert both["existed_at"] is not None
    alone = service.ask("/evidence/check", bundle.content).json()
    assert (alone["indication"], alone["sub_indication"]) == ("INDETERMINATE", "SIGNED_DATA_NOT_FOUND")
    assert (alone["recorded"], alone["report"]) == ("TOTAL-PASSED", None)


def test_there_is_no_evidence_about_what_is_not_good(service: Service) -> None:
    answer = service.ask("/evidence", made(content=b"another deed").encode())
    assert (answer.status_code, answer.json()["error"]) == (403, "not_allowed")


def test_evidence_about_another_document_is_refused(service: Service) -> None:
    bundle = service.ask("/evidence", GOOD).content
    other = made(content=b"another deed").encode()
    answer = service.ask("/evidence/check", files={"bundle": bundle, "document": other})
    assert (answer.status_code, answer.json()["error"]) == (403, "tampered")
    assert service.ask("/evidence/check", b"no bundle").status_code == 400


# --- logins -----------------------------------------------------------------------------------------------------------


def question(nonce: bytes = scene.CHALLENGE.nonce, **changes: Any) -> bytes:
    asked = scene.CHALLENGE
    expected = {"origin": asked.origin, "client": asked.client, "transaction": asked.transaction}
    return json.dumps(
        {
            "expected": expected | {"nonce": strict.to_base64(nonce)},
            "expires_at": "2026-11-22T03:09:05Z",
            "answer": json.loads(scene.answer().encode()),
            **changes,
        }
    ).encode()


def test_who_answered_a_challenge_is_told_by_the_callers_own_id(service: Service) -> None:
    told = [service.ask("/logins", question(), caller=name) for name in ("bank", "bank", "shop")]
    assert [each.status_code for each in told] == [200] * 3, told[0].text
    ids = [each.json()["pairwise_id"] for each in told]
    assert ids[0] == ids[1] != ids[2]
    assert ids[0] not in _without_ids(told[0].text)
    assert str(world.SERIAL) not in _without_ids(told[0].text)


def test_an_answer_to_another_challenge_is_refused(service: Service) -> None:
    answer = service.ask("/logins", question(nonce=bytes(32)))
    assert (answer.status_code, answer.json()["error"]) == (403, "wrong_nonce")
    late = service.ask("/logins", question(expires_at="2026-11-22T03:00:00Z"))
    assert (late.status_code, late.json()["error"]) == (403, "challenge_expired")
    assert service.ask("/logins", b'{"expected": {}}').status_code == 400
    assert service.ask("/logins", b"x" * 70_000).status_code == 413


# --- what the log says ------------------------------------------------------------------------------------------------


def test_the_description_names_every_operation(service: Service) -> None:
    described = httpx2.get(f"{service.origin}/openapi.json", trust_env=False).json()
    documents = {"/documents", "/documents/many", "/evidence", "/evidence/check", "/logins"}
    assert set(described["paths"]) == documents | {"/platform/jwks", "/platform/verify"}


def test_the_log_names_no_holder(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        service.report()
        service.ask("/documents", b"no document")
    told = " ".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert "/documents" in told
    assert "割符" not in told
    assert service.tokens["bank"] not in told


def test_only_so_many_bodies_are_held_at_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whoever sends slowly fills the room, and the next is told to come again."""
    with served(tmp_path_factory.mktemp("small"), workers=1, patience=0.5) as small:
        slow = [HTTPConnection(small.origin.removeprefix("http://"), timeout=PATIENCE) for _ in range(4)]
        for connection in slow:
            connection.putrequest("POST", "/documents")
            connection.putheader("authorization", f"Bearer {small.tokens['bank']}")
            connection.putheader("content-length", str(len(GOOD)))
            connection.endheaders()
            connection.send(GOOD[:10])
        answer = next(each for _ in range(50) if (each := small.ask("/documents", GOOD)).status_code == 503)
        assert (answer.json()["error"], answer.headers["retry-after"]) == ("unavailable", "5")
        for connection in slow:
            connection.close()
        after = (small.ask("/documents", GOOD).status_code for _ in range(50))
        assert 200 in after
