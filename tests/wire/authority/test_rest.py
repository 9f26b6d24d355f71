"""The services to recipients and operators over REST: by token and scope, within the Act's limits, and counted."""

import base64
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.routing import Mount

from tests.ca.town import ATTRIBUTES, AUTHENTICATION, ENDS, KIYOSE, NOW, SIGNING, application, key
from tests.waiting import until
from tests.wire.authorities import FIRST
from tests.wire.authority.world import World, open_world
from tests.wire.conftest import Place
from warifu.ca import CertificateApplication, Event, Recipient, RecipientKind, Service, Way
from warifu.errors import Unavailable
from warifu.ledger import (
    ConsistencyProof,
    InclusionProof,
    SignedTreeHead,
    check_consistency,
    check_inclusion,
    leaf_hash,
)
from warifu.messages import Attribute, AttributesConsent, AttributesRequest, CurrentAttributes, SignedConsent
from warifu.pki import CertificateKind, Medium
from warifu.wire.authority import PARTY, Access, House, Services, tended
from warifu.wire.authority import application as desk
from warifu.wire.authority.rest import rest_application
from warifu.wire.clock import SystemEntropy
from warifu.wire.serving import reserve, serve_in_thread

BANK, OTHER, HOLDER = "b" * 32, "0" * 32, "a1" * 16
CONFIRM = "confirming that number"
HOLDER_KEY_INDEX = 10


@dataclass
class Office:
    world: World
    access: Access
    http: httpx2.Client
    asked: list[AttributesRequest]
    tokens: dict[str, str]

    def post(self, path: str, body: dict[str, Any], token: str = "bank") -> httpx2.Response:
        return self.http.post(f"/api/v1{path}", json=body, headers=self.shown(token))

    def get(self, path: str, token: str = "operator") -> httpx2.Response:
        return self.http.get(f"/api/v1{path}", headers=self.shown(token))

    def shown(self, token: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens.get(token, token)}"}

    def counted(self) -> dict[tuple[str, str, str], int]:
        self.access.counts.write()
        return {(each.recipient, each.service, each.way): count for each, count in self.access.counts.all().items()}


def recipient(identifier: str = BANK, verifies: frozenset[CertificateKind] = frozenset(CertificateKind)) -> Recipient:
    agreed, certified = date(2026, 1, 1), date(2027, 1, 1)
    return Recipient(identifier, "架空銀行", RecipientKind.CERTIFIED, verifies, agreed, certified)


@pytest.fixture
def office(place: Place, tmp_path: Path) -> Iterator[Office]:
    world = open_world(place.of(PARTY), tmp_path)
    access = Access.of(world.engine, world.clock, SystemEntropy(), closed=True)
    access.recipients.register(recipient())
    access.recipients.register(recipient(OTHER, frozenset({AUTHENTICATION})))
    every = {"status", "lists", "links", "consents", "attributes", "reports"}
    tokens = {
        "bank": access.tokens.make("bank", every, BANK),
        "other": access.tokens.make("other", every, OTHER),
        "operator": access.tokens.make("operator", {"operate"}),
    }
    asked: list[AttributesRequest] = []

    def register(request: AttributesRequest) -> CurrentAttributes:
        asked.append(request)
        return CurrentAttributes.of(request.holder, ATTRIBUTES, request.items, NOW)

    rest = Mount("/api/v1", rest_application(world.authorities, access, world.heads, register))
    with (
        serve_in_thread([(at := reserve(), desk(world.authorities, access, [rest]))]),
        httpx2.Client(base_url=at.origin, trust_env=False) as http,
    ):
        yield Office(world, access, http, asked, tokens)
    world.close()


def issue(office: Office, kind: CertificateKind, medium: Medium = Medium.CARD, index: int = HOLDER_KEY_INDEX) -> int:
    """A delivered certificate of the holder; its serial number."""
    attributes = ATTRIBUTES if kind is SIGNING else None
    public = key(index).public_key_info
    cards = [entry for entry in office.world.authorities.live_of(HOLDER) if entry.kind is SIGNING]
    signed_with = cards[0].serial_number if medium is Medium.PHONE else None
    applied = CertificateApplication(kind, HOLDER, KIYOSE, public, ENDS, attributes, medium, signed_with=signed_with)
    issued = office.world.authorities.issue(applied)
    office.world.authorities.record(kind, issued.entry.serial_number, Event.DELIVERED)
    return issued.entry.serial_number


# --- status -----------------------------------------------------------------------------------------------------------


def test_status_is_told_of_several_and_counted(office: Office) -> None:
    number = issue(office, AUTHENTICATION)
    office.world.authorities.record(AUTHENTICATION, number, Event.HELD)
    told = office.post("/status", {"kind": "authentication", "serial_numbers": [number, number + 5]}).json()
    assert [each["status"] for each in told] == ["revoked", "unknown"]
    assert (told[0]["reason"], told[0]["revoked_at"]) == ("certificate_hold", "2026-11-22T03:04:05Z")
    assert office.counted() == {(BANK, "authentication_status", "request"): 2}


def test_a_kind_that_the_recipient_does_not_verify_is_not_told(office: Office) -> None:
    """公的個人認証法 第18条, 第37条: each verifier receives of its own kind."""
    answer = office.post("/status", {"kind": "signing", "serial_numbers": [1]}, "other")
    assert (answer.status_code, answer.json()["error"]) == (403, "not_allowed")
    assert office.counted() == {}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"agreed_on": None}, "no agreement"),
        ({"certified_until": date(2026, 1, 1)}, "not renewed"),
        ({"stopped": True}, "stopped"),
    ],
)
def test_who_has_no_right_today_is_told_nothing(office: Office, change: dict[str, Any], why: str) -> None:
    office.access.recipients.register(replace(recipient(), **change))
    answer = office.post("/status", {"kind": "signing", "serial_numbers": [1]})
    assert answer.status_code == 403
    assert why in answer.json()["description"]


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_who_shows_no_token_learns_how(office: Office) -> None:
    """RFC 6750 §3."""
    answer = office.http.post("/api/v1/status", json={"kind": "signing", "serial_numbers": [1]})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert office.post("/status", {"kind": "signing", "serial_numbers": [1]}, "nobody's").status_code == 401


def test_a_token_is_for_its_scopes_only(office: Office) -> None:
    assert office.get("/counts", "bank").status_code == 403
    assert office.post("/status", {"kind": "signing", "serial_numbers": [1]}, "operator").status_code == 403


def test_a_token_ends_and_is_withdrawn(office: Office) -> None:
    until = NOW + timedelta(days=1)
    office.tokens["short"] = office.access.tokens.make("short", {"status"}, BANK, until)
    body = {"kind": "signing", "serial_numbers": [1]}
    assert office.post("/status", body, "short").status_code == 200
    office.world.clock.go_on(timedelta(days=1))
    assert office.post("/status", body, "short").status_code == 401
    office.access.tokens.withdraw("bank")
    assert office.post("/status", body).status_code == 401


def test_what_breaks_the_description_is_named_by_its_place_only(office: Office) -> None:
    answer = office.post("/status", {"kind": "signing", "serial_numbers": ["secret words"], "more": 1})
    assert answer.status_code == 400
    assert "secret" not in answer.text
    assert "serial_numbers" in answer.json()["description"]


# --- links ------------------------------------------------------------------------------------------------------------


def link(office: Office, number: int, wanted: str = "signing", medium: str = "card", **more: str) -> httpx2.Response:
    token = more.pop("token", "bank")
    body = {"kind": "authentication", "serial_number": number, "wanted_kind": wanted, "wanted_medium": medium}
    return office.post("/links", {**body, "purpose": CONFIRM, **more}, token)


def test_a_body_is_short_whoever_sends_it(office: Office) -> None:
    """It is read before the token is looked at, so a stranger's could fill the memory (RFC 9110 §15.5.14)."""
    for path in ("/status", "/consents"):
        answer = office.http.post(f"/api/v1{path}", content=b" " * (64 * 1024 + 1))
        assert (answer.status_code, answer.json()["error"]) == (413, "content_too_large")
    assert office.http.post("/api/v1/status", json={}).status_code == 401


def test_names_that_a_sender_made_up_are_not_repeated(office: Office) -> None:
    answer = office.post("/status", {"kind": "signing", "serial_numbers": [1], "割符　花子": 1, "hanako": 2})
    assert answer.json() == {"error": "malformed", "description": "not as described: body"}


def test_the_cards_other_certificate_is_told_to_who_verifies_both(office: Office) -> None:
    """公的個人認証法 第18条第5項."""
    authentication, signing = issue(office, AUTHENTICATION), issue(office, SIGNING)
    told = link(office, authentication).json()
    assert (told["kind"], told["serial_number"], told["purpose"]) == ("signing", signing, CONFIRM)
    assert link(office, authentication, token="other").status_code == 403
    assert office.counted() == {(BANK, "linked_kinds", "request"): 1}


def test_the_phones_certificate_is_told_for_the_cards(office: Office) -> None:
    """公的個人認証法 第37条第3項."""
    authentication, _ = issue(office, AUTHENTICATION), issue(office, SIGNING)
    phone = issue(office, AUTHENTICATION, Medium.PHONE, 11)
    assert link(office, authentication, "authentication", "phone").json()["serial_number"] == phone


def test_for_another_purpose_no_number_is_told(office: Office) -> None:
    """公的個人認証法 第52条第3項, 第53条第2項."""
    number, _ = issue(office, AUTHENTICATION), issue(office, SIGNING)
    assert link(office, number, purpose="advertising").status_code == 403
    assert link(office, number, "signing", "phone").status_code == 403  # no article links these two
    assert link(office, number + 99).status_code == 404


RECOGNISE = "recognising the same person after a renewal"


def test_what_a_certificate_took_the_place_of_is_told_and_counted(office: Office) -> None:
    old = issue(office, AUTHENTICATION)
    office.world.clock.go_on(timedelta(days=30))
    renewed = office.world.authorities.issue(application(AUTHENTICATION, holder=HOLDER), renew=True)
    number = renewed.entry.serial_number
    told = office.post("/predecessors", {"serial_number": number, "purpose": RECOGNISE}, "other").json()
    generation = renewed.entry.generation.hex()
    assert told == {"medium": "card", "predecessors": [{"serial_number": old, "generation": generation}]}
    assert office.counted() == {(OTHER, "authentication_succession", "request"): 1}
    assert office.post("/predecessors", {"serial_number": number, "purpose": "advertising"}).status_code == 403
    assert office.post("/predecessors", {"serial_number": number + 9, "purpose": RECOGNISE}).status_code == 404


# --- consents and attributes ------------------------------------------------------------------------------------------


def consent(
    office: Office, number: int, items: set[Attribute], name: int = 1, *, withdrawn: bool = False, to: str = BANK
) -> dict[str, str]:
    made = AttributesConsent(f"{name:032x}", to, frozenset(items), withdrawn, office.world.clock.now()).encode()
    certificate = office.world.authorities.certificate(SIGNING, number)
    signed = SignedConsent(made, certificate, key(HOLDER_KEY_INDEX).sign(made))
    return {part: base64.b64encode(getattr(signed, part)).decode() for part in ("consent", "certificate", "signature")}


def moved(office: Office, number: int) -> int:
    """The old certificate ended by a move, and a new one; its number."""
    office.world.authorities.record(SIGNING, number, Event.ATTRIBUTES_CHANGED)
    return issue(office, SIGNING)


def test_what_the_holder_agreed_to_is_told_once_there_is_a_new_certificate(office: Office) -> None:
    """公的個人認証法 第18条第3項; 施行規則 第35条の2."""
    issue(office, AUTHENTICATION)
    number = issue(office, SIGNING)
    assert office.post("/consents", consent(office, number, {Attribute.NAME, Attribute.ADDRESS})).status_code == 201
    question = {"serial_number": number, "items": ["name", "address", "sex"]}
    assert office.post("/attributes", question).status_code == 403  # still in effect
    office.world.authorities.record(SIGNING, number, Event.ATTRIBUTES_CHANGED)
    assert office.post("/attributes", question).status_code == 404  # nothing between end and new issue
    new = issue(office, SIGNING)
    told = office.post("/attributes", question).json()
    assert (told["serial_number"], told["items"], told["sex"]) == (new, ["address", "name"], None)
    assert told["name"] == ATTRIBUTES.name.text
    assert office.asked == [AttributesRequest(HOLDER, frozenset({Attribute.NAME, Attribute.ADDRESS}))]
    assert office.counted()[(BANK, "current_attributes", "request")] == 1
    assert office.world.audit().findings == []


def test_a_consent_taken_back_ends_and_one_sent_twice_is_one(office: Office) -> None:
    issue(office, AUTHENTICATION)
    number = issue(office, SIGNING)
    both = consent(office, number, {Attribute.NAME, Attribute.ADDRESS})
    assert [office.post("/consents", both).status_code for _ in range(2)] == [201, 201]
    office.world.clock.go_on(timedelta(hours=1))
    back = consent(office, number, {Attribute.ADDRESS}, 2, withdrawn=True)
    assert office.post("/consents", back).json() == {"id": f"{2:032x}", "items": ["address"], "withdrawn": True}
    moved(office, number)
    told = office.post("/attributes", {"serial_number": number, "items": ["name", "address"]}).json()
    assert (told["items"], told["address"]) == (["name"], None)
    assert office.world.audit().findings == []


@pytest.mark.parametrize("fault", ["recipient", "signature", "certificate"])
def test_a_consent_that_is_not_the_holders_to_this_recipient_is_refused(office: Office, fault: str) -> None:
    issue(office, AUTHENTICATION)
    number = issue(office, SIGNING)
    body = consent(office, number, {Attribute.NAME}, to=OTHER if fault == "recipient" else BANK)
    if fault == "signature":
        body["signature"] = base64.b64encode(bytes(256)).decode()
    if fault == "certificate":
        body["certificate"] = base64.b64encode(office.world.authorities.certificate(AUTHENTICATION, FIRST)).decode()
    assert office.post("/consents", body).status_code in (403, 404)
    office.world.authorities.record(SIGNING, number, Event.ATTRIBUTES_CHANGED)
    issue(office, SIGNING)
    assert office.post("/attributes", {"serial_number": number, "items": ["name"]}).status_code == 403


def test_a_register_that_nobody_can_ask_is_unavailable(office: Office) -> None:
    issue(office, AUTHENTICATION)
    number = issue(office, SIGNING)
    office.post("/consents", consent(office, number, {Attribute.NAME}))
    moved(office, number)
    deaf = Services(office.world.authorities, office.access)
    with pytest.raises(Unavailable):
        deaf.newest_attributes(recipient(), number, frozenset({Attribute.NAME}))
    assert office.counted() == {}


# --- report and operators ---------------------------------------------------------------------------------------------


def test_the_yearly_report_counts_by_month_and_recipient(office: Office) -> None:
    """公的個人認証法 第41条."""
    body = {"kind": "authentication", "serial_numbers": [1, 2, 3]}
    office.post("/status", body)
    office.world.clock.go_on(timedelta(days=10))
    office.post("/status", body)
    office.post("/status", body, "other")
    lines = office.get("/reports/2026", "bank").json()
    assert [(each["month"], each["count"]) for each in lines] == [("2026-11", 3), ("2026-12", 6)]
    assert office.get("/reports/2025", "bank").json() == []


def test_an_operator_sees_states_lives_lists_and_queues_and_nobody(office: Office) -> None:
    number = issue(office, SIGNING)
    office.world.authorities.record(SIGNING, number, Event.KEY_COMPROMISED)
    assert office.http.post("/api/v1/lists", headers=office.shown("operator")).json() == {"lists": 4}
    listed = office.get("/certificates?state=revoked").json()
    assert [(each["serial_number"], each["reason"]) for each in listed] == [(number, "key_compromise")]
    life = office.get(f"/certificates/signing/{number}").json()
    assert [each["event"] for each in life["events"]] == ["delivered", "key_compromised"]
    assert office.get("/counts").json() == [{"kind": "signing", "state": "revoked", "count": 1}]
    assert {each["number"] for each in office.get("/lists").json()} == {1}
    assert office.get("/queues").json() == []
    assert office.get("/certificates/signing/99").status_code == 404
    everything = "".join(office.get(path).text for path in ("/certificates", f"/certificates/signing/{number}"))
    assert HOLDER not in everything
    assert ATTRIBUTES.name.text not in everything


def test_who_watches_the_log_can_check_it(office: Office) -> None:
    """RFC 9162: heads and consistency are anybody's; a leaf names certificates, so it is the operator's."""
    older = office.world.heads.sign()
    office.world.authorities.issue(application(holder="somebody"))
    newer = office.world.heads.sign()
    size = newer.tree_head.size
    told = office.http.get("/api/v1/log/head").json()
    assert SignedTreeHead.decode(base64.b64decode(told["head"])) == newer
    path = f"/api/v1/log/consistency?older={older.tree_head.size}&newer={size}"
    proof = ConsistencyProof.decode(base64.b64decode(office.http.get(path).json()["proof"]))
    check_consistency(older, newer, proof)
    leaf = office.get(f"/log/leaves/{size - 1}?size={size}").json()
    inclusion = InclusionProof.decode(base64.b64decode(leaf["proof"]))
    check_inclusion(leaf_hash(base64.b64decode(leaf["leaf"])), inclusion, newer)
    assert office.http.get(f"/api/v1/log/leaves/0?size={size}").status_code == 401
    assert office.get(f"/log/leaves/0?size={size + 1}").status_code == 404


def test_the_description_names_every_operation_and_its_errors(office: Office) -> None:
    described = office.http.get("/api/v1/openapi.json").json()
    assert {"/status", "/links", "/consents", "/attributes", "/certificates", "/log/head"} <= set(described["paths"])
    for path, methods in described["paths"].items():
        for operation in methods.values():
            assert {"400", "503"} <= set(operation["responses"]), path
    assert office.http.get("/api/v1/docs").status_code == 404  # its page would load scripts from strangers


# --- counting ---------------------------------------------------------------------------------------------------------


def test_counts_are_written_down_each_second_and_at_the_end(office: Office) -> None:
    """Whoever kills the program loses those of the last second; whoever stops it, none."""

    counts = office.access.counts

    def written() -> dict[tuple[str, str, str], int]:
        return {(each.recipient, each.service, each.way): count for each, count in counts.all().items()}

    house = House(office.world.authorities, office.world.heads, office.access)
    with tended(house, every=60.0):
        time.sleep(0.1)  # the first round is at once
        office.access.count(recipient(), Service.SIGNING_STATUS, Way.OCSP, 2)
        assert until(written) == {(BANK, "signing_status", "ocsp"): 2}
        office.access.count(recipient(), Service.SIGNING_STATUS, Way.OCSP)
    assert written() == {(BANK, "signing_status", "ocsp"): 3}


def test_counts_wait_for_a_database_that_does_not_answer(office: Office) -> None:
    office.access.count(recipient(), Service.SIGNING_STATUS, Way.OCSP, 5)
    office.access.count(None, Service.SIGNING_STATUS, Way.OCSP, 7)  # nobody: open to all
    assert office.counted() == {(BANK, "signing_status", "ocsp"): 5}
    office.access.count(recipient(), Service.SIGNING_STATUS, Way.OCSP, 2)
    assert office.counted() == {(BANK, "signing_status", "ocsp"): 7}
    assert office.access.counts.write() == 0
