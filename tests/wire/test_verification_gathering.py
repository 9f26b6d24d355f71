"""Gathering over loopback HTTP: only from configured addresses, in the policy's order."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.pki import world
from tests.pki.world import AUTHENTICATION, NOW
from tests.verifier import scene
from tests.waiting import PATIENCE
from warifu.pki import OcspRequest, Standing, build_ocsp_response
from warifu.verifier import CheckedList, Needs, Policy, SourceOrder, needs
from warifu.wire.clock import SystemEntropy
from warifu.wire.verification import Gatherer, TrustedAnchor, TrustStore

ISSUER = world.authority(AUTHENTICATION)


class Service(ThreadingHTTPServer):
    """An authority's services; counts who asks what."""

    asked: list[str]
    crl: bytes = scene.crl()
    answers = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = []

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        self._say("application/pkix-crl", self.server.crl)

    def do_POST(self) -> None:
        question = OcspRequest.decode(self.rfile.read(int(self.headers["content-length"])))
        next_update = NOW + timedelta(minutes=5)
        answer = build_ocsp_response(
            ISSUER, question, Standing.GOOD, produced_at=NOW, this_update=NOW, next_update=next_update
        )
        self._say("application/ocsp-response", answer)

    def _say(self, media_type: str, body: bytes) -> None:
        self.server.asked.append(self.path)
        self.send_response(200 if self.server.answers else 503)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_told: object) -> None:
        pass


@dataclass
class World:
    service: Service
    trust: TrustStore
    directory: Path

    def gatherer(self, sources: SourceOrder = SourceOrder.OCSP_THEN_CRL) -> Gatherer:
        return Gatherer(self.trust, self.directory, SystemEntropy(), policy=Policy(sources=sources), seconds=PATIENCE)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[World]:
    with Service() as service:
        Thread(target=service.serve_forever, args=(0.05,), daemon=True).start()
        trust = TrustStore(tmp_path / "trust")
        lists = (f"{service.origin}/crl/13221.crl",)
        trust.add(TrustedAnchor.of(ISSUER.certificate_der, NOW, ocsp=f"{service.origin}/ocsp", lists=lists))
        yield World(service, trust, tmp_path / "lists")
        service.shutdown()


def question() -> Needs:
    return needs(world.authentication_certificate(), scene.anchors())


@pytest.mark.parametrize(
    ("sources", "asked"),
    [
        (SourceOrder.OCSP_THEN_CRL, ["/ocsp"]),
        (SourceOrder.OCSP_ONLY, ["/ocsp"]),
        (SourceOrder.CRL_THEN_OCSP, []),
        (SourceOrder.CRL_ONLY, []),
    ],
)
def test_the_first_source_that_answers_is_enough(told: World, sources: SourceOrder, asked: list[str]) -> None:
    """With a list at hand nobody is told who logs in."""
    with told.gatherer(sources) as gatherer:
        gatherer.refresh(NOW)
        told.service.asked.clear()
        evidence = gatherer.evidence(question(), NOW)
    assert told.service.asked == asked
    assert (evidence.ocsp is not None, evidence.crl is not None) == (bool(asked), not asked)


def test_without_a_list_ocsp_is_asked(told: World) -> None:
    with told.gatherer(SourceOrder.CRL_THEN_OCSP) as gatherer:
        assert gatherer.evidence(question(), NOW).ocsp is not None


def test_a_list_that_has_ended_is_not_enough(told: World) -> None:
    with told.gatherer(SourceOrder.CRL_THEN_OCSP) as gatherer:
        gatherer.refresh(NOW)
        assert gatherer.evidence(question(), NOW + timedelta(days=3)).ocsp is not None


def test_a_service_that_does_not_answer_leaves_the_list(told: World) -> None:
    with told.gatherer() as gatherer:
        gatherer.refresh(NOW)
        told.service.answers = False
        evidence = gatherer.evidence(question(), NOW)
    assert evidence.ocsp is None
    assert isinstance(evidence.crl, CheckedList)


def test_nothing_is_asked_that_no_operator_configured(told: World) -> None:
    """The certificate names an OCSP service of its own; nobody calls it."""
    told.trust.add(TrustedAnchor.of(ISSUER.certificate_der, NOW))
    with told.gatherer() as gatherer:
        assert gatherer.refresh(NOW) == []
        evidence = gatherer.evidence(question(), NOW)
    assert (evidence.ocsp, evidence.crl, told.service.asked) == (None, None, [])
    assert question().ocsp_address is not None


def test_an_authority_nobody_trusts_is_not_asked(told: World) -> None:
    with told.gatherer() as gatherer:
        assert gatherer.evidence(replace(question(), issuer_key_id=bytes(20)), NOW).ocsp is None


def test_lists_are_fetched_once_a_day(told: World) -> None:
    with told.gatherer() as gatherer:
        assert [each.entries for each in gatherer.refresh(NOW)] == [0]
        assert gatherer.refresh(NOW + timedelta(hours=22)) == []
        assert len(gatherer.refresh(NOW + timedelta(hours=24))) == 1
        assert len(gatherer.refresh(NOW, older_than=timedelta(0))) == 1


def test_a_list_that_may_not_be_relied_on_is_told_and_not_taken(told: World) -> None:
    with told.gatherer() as gatherer:
        gatherer.refresh(NOW)
        told.service.crl = scene.crl(issuer=world.authority(AUTHENTICATION, 2))
        [refused] = gatherer.refresh(NOW, older_than=timedelta(0))
        assert refused.refusal is not None
        assert len(gatherer.lists.all()) == 1


def test_material_for_documents_has_what_every_source_says(told: World) -> None:
    with told.gatherer() as gatherer:
        gatherer.refresh(NOW)
        material = gatherer.material([question()], NOW)
    assert (len(material.ocsps), len(material.crls)) == (1, 1)


def test_material_has_the_lists_of_timestamp_authorities(told: World, tmp_path: Path) -> None:
    from tests.wire.test_verification_trust import timestamp_root

    (tmp_path / "tsa.crl").write_bytes(b"list")
    lists = (str(tmp_path / "tsa.crl"), str(tmp_path / "none.crl"))
    told.trust.add(TrustedAnchor.of(timestamp_root(), NOW, lists=lists))
    with told.gatherer() as gatherer:
        assert gatherer.material([], NOW).crls == (b"list",)
