"""What a provider finds out about the certificates of its logins: from lists kept fresh, and from its memory."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.ca.town import Moment
from tests.pki import world
from tests.pki.world import NOW
from tests.verifier import scene
from tests.waiting import until
from tests.wire.test_verification_gathering import ISSUER, World, question
from tests.wire.test_verification_gathering import told as told
from warifu.errors import Malformed, Revoked
from warifu.verifier import CheckedList, Policy, SourceOrder, check_login
from warifu.wire import standalone
from warifu.wire.clock import SystemEntropy
from warifu.wire.settings import read_settings
from warifu.wire.verification import LoginStatus, TrustedAnchor, TrustStore

LISTS_FIRST = Policy(sources=SourceOrder.CRL_THEN_OCSP)


def status(told: World, policy: Policy = LISTS_FIRST) -> LoginStatus:
    return LoginStatus(told.trust.all(), told.directory, Moment(NOW), SystemEntropy(), policy)


def wait_for_list(asking: LoginStatus) -> CheckedList:
    found = until(lambda: asking.gather(question()).crl)
    assert isinstance(found, CheckedList)
    return found


def test_lists_come_by_themselves_and_then_nobody_is_asked(told: World) -> None:
    with status(told) as asking:
        wait_for_list(asking)
        told.service.asked.clear()
        assert asking.gather(question()).ocsp is None
    assert told.service.asked == []


def test_a_list_that_is_damaged_on_the_disk_is_as_none(told: World) -> None:
    with status(told) as asking:
        wait_for_list(asking)
    for kept in told.directory.glob("revocation/*/current.json"):
        kept.write_bytes(b"{}")
    for kept in told.directory.glob("revocation/*/*.crl"):
        kept.write_bytes(b"")
    told.service.crl = b"nothing"
    with status(told) as asking:
        evidence = asking.gather(question())
    assert evidence.crl is None
    assert evidence.ocsp is not None


def test_where_lists_decide_nothing_none_is_fetched(told: World) -> None:
    with status(told, Policy(sources=SourceOrder.OCSP_ONLY)) as asking:
        assert asking.gather(question()).ocsp is not None
    assert told.service.asked == ["/ocsp"]


def test_what_one_process_saw_revoked_the_next_one_refuses(told: World) -> None:
    told.service.crl = scene.crl({world.SERIAL: scene.MOVED})
    good = scene.Scene()
    with status(told) as asking:
        listed = replace(good.evidence, ocsp=None, crl=wait_for_list(asking))
        with pytest.raises(Revoked):
            check_login(
                good.answer,
                good.expected,
                good.expires_at,
                listed,
                asking.anchors,
                NOW,
                policy=LISTS_FIRST,
                seen=asking.seen,
            )
    with status(told) as asking, pytest.raises(Revoked):
        check_login(good.answer, good.expected, good.expires_at, good.evidence, asking.anchors, NOW, seen=asking.seen)


def provider_folder(told: World, folder: Path) -> None:
    trusted = folder / "provider" / "anchors"
    trusted.mkdir(parents=True)
    (trusted / "authority.crt").write_bytes(ISSUER.certificate_der)
    TrustStore(folder / "trust").add(told.trust.all()[0])


def test_a_provider_that_stands_alone_fetches_the_lists_of_the_trust_store(told: World, tmp_path: Path) -> None:
    provider_folder(told, tmp_path)
    settings = read_settings(
        {"data_directory": tmp_path, "provider": {"sources": "crl-then-ocsp", "ocsp": ""}}, environment={}
    )
    with standalone.open_provider(settings, lambda *_: None):
        until(lambda: "/crl/13221.crl" in told.service.asked)


@pytest.mark.parametrize(("name", "value"), [("sources", "lists"), ("ocsp", "ftp://authority.test/")])
def test_a_provider_refuses_sources_that_are_none(told: World, tmp_path: Path, name: str, value: str) -> None:
    provider_folder(told, tmp_path)
    settings = read_settings({"data_directory": tmp_path, "provider": {name: value}}, environment={})
    with pytest.raises(Malformed), standalone.open_provider(settings, lambda *_: None):
        pytest.fail("it was opened")


def test_an_authority_is_asked_where_the_trust_store_says(told: World) -> None:
    anchor = TrustedAnchor.of(ISSUER.certificate_der, NOW, ocsp=f"{told.service.origin}/elsewhere")
    with LoginStatus([anchor], told.directory, Moment(NOW), SystemEntropy(), Policy()) as asking:
        asking.gather(question())
    assert told.service.asked == ["/elsewhere"]
