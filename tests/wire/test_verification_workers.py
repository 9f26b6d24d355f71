"""Logins checked in processes of their own: the same answers, in the same order."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import pytest

from tests.pki import world
from tests.pki.world import AUTHENTICATION, NOW
from tests.verifier import scene
from warifu.errors import Malformed, Revoked, StatusUnknown, WrongNonce
from warifu.verifier import Evidence, LoginCase, Policy, Source, SourceOrder, VerifiedLogin
from warifu.wire.verification import Desk, ListStore, TrustedAnchor, TrustStore, VerificationPool

ISSUER = world.authority(AUTHENTICATION)
GOOD = LoginCase(scene.answer(), scene.CHALLENGE, NOW + timedelta(minutes=1), Evidence(scene.ocsp(), scene.NONCE))


def made(folder: Path) -> Desk:
    TrustStore(folder / "trust").add(TrustedAnchor.of(ISSUER.certificate_der, NOW))
    policy = Policy(sources=SourceOrder.CRL_THEN_OCSP)
    return Desk(folder / "trust", folder / "lists", folder / "seen", policy)


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VerificationPool]:
    with VerificationPool(made(tmp_path_factory.mktemp("desk")), 2) as pool:
        yield pool


def keep(desk: Desk, crl: bytes) -> None:
    anchors = TrustStore(desk.trust).anchors()
    assert desk.lists is not None

    def fetch(into: BinaryIO) -> None:
        into.write(crl)

    ListStore(desk.lists, anchors).take(fetch, anchors.of_key(ISSUER.key_id), NOW)


def test_answers_come_in_the_order_of_the_cases(pool: VerificationPool) -> None:
    wrong = replace(GOOD, expected=replace(scene.CHALLENGE, nonce=bytes(32)))
    broken = replace(GOOD, answer=replace(scene.answer(), unverified_certificate=b"0"))
    unknown = replace(GOOD, evidence=Evidence())
    told = pool.check([GOOD, wrong, broken, unknown] * 40, NOW)
    assert [type(each) for each in told] == [VerifiedLogin, WrongNonce, Malformed, StatusUnknown] * 40


def test_no_cases_give_no_answers(pool: VerificationPool) -> None:
    assert pool.check([], NOW) == []


def test_a_kept_list_decides_and_a_revocation_is_remembered(tmp_path: Path) -> None:
    desk = made(tmp_path)
    keep(desk, scene.crl())
    with VerificationPool(desk, 2) as pool:
        [good] = pool.check([GOOD], NOW)
        revoked = replace(GOOD, evidence=Evidence(crl=scene.crl({world.SERIAL: scene.MOVED})))
        told = [pool.check([case], NOW)[0] for case in (revoked, GOOD, GOOD)]
    assert isinstance(good, VerifiedLogin)
    assert good.status.source is Source.CRL
    assert [type(each) for each in told] == [Revoked] * 3, "whichever process is asked"
    assert isinstance(told[2], Revoked)
    assert told[2].at == scene.MOVED.at
