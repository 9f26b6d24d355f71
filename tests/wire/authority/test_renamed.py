"""A municipality is written anew: certificates that name its former list go on being judged by a list of that name."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.testclient import TestClient

from tests.ca.town import AUTHENTICATION, ENDS, KIYOSE, NOW, SIGNING, application, authority, key
from tests.real.conftest import cannot
from tests.waiting import PATIENCE
from tests.wire.authority.world import RENAMED, World, open_world
from tests.wire.conftest import Place
from warifu.ca import Event, Issued
from warifu.errors import Revoked, WarifuError
from warifu.messages import LoginAnswer, LoginChallenge
from warifu.pki import RevocationList
from warifu.verifier import Anchors, Evidence, Policy, SourceOrder, check_login
from warifu.wire.authority import PARTY, list_pieces, make_list
from warifu.wire.authority import application as desk
from warifu.wire.database import reading

CHALLENGE = LoginChallenge("http://localhost:8700", "client", "transaction", bytes(32))
OLDER, AGAIN = f"{KIYOSE.code}-1", f"{KIYOSE.code}-2"


@pytest.fixture
def world(place: Place, tmp_path: Path) -> Iterator[World]:
    opened = open_world(place.of(PARTY), tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def http(world: World) -> TestClient:
    return TestClient(desk(world.authorities))


def issue(world: World, holder: str, renamed: bool = False) -> Issued:
    return world.authorities.issue(replace(application(holder=holder), municipality=RENAMED if renamed else KIYOSE))


def listed(http: TestClient, name: str) -> bytes:
    answer = http.get(f"/crl/authentication/{name}.crl")
    assert answer.status_code == 200, answer.text
    return answer.content


def judge(world: World, issued: Issued, der: bytes) -> None:
    """As a verifier who has nothing but this list."""
    anchors = Anchors.load([authority(AUTHENTICATION, 1).issuer.certificate_der])
    answer, now = LoginAnswer(CHALLENGE, issued.certificate, key(10).sign(CHALLENGE.encode())), world.clock.now()
    policy = Policy(sources=SourceOrder.CRL_ONLY)
    check_login(answer, CHALLENGE, now + timedelta(minutes=1), Evidence(crl=der), anchors, now, policy=policy)


def test_each_certificate_is_judged_by_the_list_that_it_names(world: World, http: TestClient) -> None:
    old, lost, new = issue(world, "old"), issue(world, "lost"), issue(world, "new", renamed=True)
    world.authorities.record(AUTHENTICATION, lost.entry.serial_number, Event.KEY_COMPROMISED)
    judge(world, old, listed(http, OLDER))
    judge(world, new, listed(http, KIYOSE.code))
    with pytest.raises(Revoked):
        judge(world, lost, listed(http, OLDER))
    for issued, other in ((old, KIYOSE.code), (new, OLDER)):
        with pytest.raises(WarifuError):
            judge(world, issued, listed(http, other))
    assert world.audit().findings == []


def test_both_lists_say_the_same_under_one_number(world: World, http: TestClient) -> None:
    one, two = issue(world, "one"), issue(world, "two", renamed=True)
    for each in (one, two):
        world.authorities.record(AUTHENTICATION, each.entry.serial_number, Event.KEY_COMPROMISED)
    lists = [RevocationList.decode(listed(http, name)) for name in (KIYOSE.code, OLDER)]
    assert lists[0].revoked == lists[1].revoked
    assert len({(each.number, each.this_update) for each in lists}) == 1
    assert len({each.distribution_point for each in lists}) == 2


def test_a_list_of_this_morning_is_made_anew_when_the_name_changes_at_noon(world: World, http: TestClient) -> None:
    """It would last till tomorrow, and tell nobody anything about the certificates of the afternoon."""
    issue(world, "old")
    before = listed(http, KIYOSE.code)
    new = issue(world, "new", renamed=True)
    assert world.authorities.publisher.publish_due() == 1
    assert listed(http, KIYOSE.code) != before
    judge(world, new, listed(http, KIYOSE.code))
    assert world.authorities.publisher.publish_due() == 0


def test_a_clock_set_back_over_the_change_makes_no_list_again_and_again(world: World, http: TestClient) -> None:
    issue(world, "old")
    issue(world, "new", renamed=True)
    world.clock.go_on(timedelta(days=-2))
    assert listed(http, KIYOSE.code) == listed(http, KIYOSE.code)
    assert listed(http, OLDER) == listed(http, OLDER)


def test_a_former_list_is_made_as_long_as_a_certificate_that_names_it_has_not_expired(
    world: World, http: TestClient
) -> None:
    issue(world, "old")
    issue(world, "new", renamed=True)
    world.clock.go_on(ENDS - NOW)
    assert http.get(f"/crl/authentication/{OLDER}.crl").status_code == 200
    world.clock.go_on(timedelta(seconds=1))
    assert http.get(f"/crl/authentication/{OLDER}.crl").status_code == 404


@pytest.mark.parametrize("name", [AGAIN, f"{KIYOSE.code}-999", f"{KIYOSE.code}-0", f"{KIYOSE.code}-{'9' * 5000}"])
def test_a_spelling_that_never_was_has_no_list_and_makes_none(world: World, http: TestClient, name: str) -> None:
    issue(world, "old")
    issue(world, "new", renamed=True)
    number = RevocationList.decode(listed(http, KIYOSE.code)).number
    assert http.get(f"/crl/authentication/{name}.crl").status_code == 404
    assert RevocationList.decode(world.authorities.publish(AUTHENTICATION, KIYOSE.code)).number == number + 1


def test_only_another_latin_spelling_is_another_list(world: World, http: TestClient) -> None:
    issue(world, "old")
    world.authorities.issue(replace(application(holder="new"), municipality=replace(KIYOSE, name="淸瀬市")))
    assert http.get(f"/crl/authentication/{OLDER}.crl").status_code == 404


def test_a_name_that_comes_back_is_todays_again(world: World, http: TestClient) -> None:
    """And the one between is former, with the certificates of its time; a third time it keeps its number."""
    first, between = issue(world, "first"), issue(world, "between", renamed=True)
    back = issue(world, "back")
    for issued in (first, back):
        judge(world, issued, listed(http, KIYOSE.code))
    judge(world, between, listed(http, AGAIN))
    assert http.get(f"/crl/authentication/{OLDER}.crl").status_code == 404
    issue(world, "again", renamed=True)
    for issued in (first, back):
        judge(world, issued, listed(http, OLDER))
    assert http.get(f"/crl/authentication/{AGAIN}.crl").status_code == 404
    assert world.audit().findings == []


def test_the_other_kinds_certificates_keep_their_list_too(world: World, http: TestClient) -> None:
    """One kind's order brings the new name; the other kind's certificates name the old one all the same."""
    world.authorities.issue(application(SIGNING, "old"))
    issue(world, "new", renamed=True)
    assert http.get(f"/crl/signing/{OLDER}.crl").status_code == 200


def test_bulk_production_makes_the_former_list_with_todays(world: World, http: TestClient) -> None:
    old = issue(world, "old")
    issue(world, "new", renamed=True)
    for piece in list_pieces(world.authorities, world.clock.now()):
        make_list(world.authorities, piece)
    with reading(world.engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM former_list").scalar() == 1
    judge(world, old, listed(http, OLDER))


@pytest.mark.real
def test_openssl_judges_a_former_certificate_by_the_former_list(world: World, http: TestClient, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        cannot("not installed: openssl")
    old, lost = issue(world, "old"), issue(world, "lost")
    issue(world, "new", renamed=True)
    world.authorities.record(AUTHENTICATION, lost.entry.serial_number, Event.KEY_COMPROMISED)
    crl = x509.load_der_x509_crl(listed(http, OLDER))
    certificates = (authority(AUTHENTICATION, 1).issuer.certificate_der, old.certificate, lost.certificate)
    for name, der in zip(("ca", "old", "lost"), certificates, strict=True):
        pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
        (tmp_path / f"{name}.pem").write_bytes(pem)
    (tmp_path / "crl.pem").write_bytes(crl.public_bytes(Encoding.PEM))
    at = str(int(NOW.timestamp()) + 1)
    files = ["-CAfile", "ca.pem", "-CRLfile", "crl.pem", "-crl_check", "-x509_strict", "-attime", at]
    for name, said in (("old", "OK"), ("lost", "certificate revoked")):
        command = ["openssl", "verify", *files, f"{name}.pem"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=PATIENCE)
        assert said in done.stdout + done.stderr
