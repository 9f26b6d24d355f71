"""An archive with documents of signers outside of JPKI: verified, with evidence, and renewed like any other."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.documents.proving import proof
from tests.documents.world import rsa
from tests.pki.world import NOW
from tests.tsa import world as tsa
from tests.verifier.outside_scene import DAY, MIDDLE, ROOT, SIGNER, SIGNS, World, certify, list_by, serial_of
from tests.wire.archive.world import begun, entry
from tests.wire.verifier.world import StandingClock
from warifu.documents import read_signatures
from warifu.errors import Revoked, Unavailable
from warifu.verifier import Indication
from warifu.verifier.evidence import Bundle, begin_record, record_imprint
from warifu.wire.archive import Desk, Renewal, open_desk
from warifu.wire.archive.renewing import renew_entry
from warifu.wire.archive.verifying import verify_entry
from warifu.wire.clock import SystemEntropy
from warifu.wire.long_term import Sources, gather_material
from warifu.wire.serving import reserve, serve_in_thread
from warifu.wire.timestamps import application
from warifu.wire.verification import Premises, TrustedAnchor, TrustUse, open_office

SOON = World(signer=certify(MIDDLE, SIGNER, SIGNS, times=(NOW - 100 * DAY, NOW + 30 * DAY)))
QUARTER = timedelta(days=90)


@pytest.fixture
def trusted(tmp_path: Path) -> tuple[TrustedAnchor, ...]:
    """The root of such signers with its lists, and the timestamps' with theirs."""
    places = []
    carried = proof(rsa())
    for number, crl in enumerate((*SOON.crls, *carried.crls)):
        (tmp_path / f"{number}.crl").write_bytes(crl)
        places.append(str(tmp_path / f"{number}.crl"))
    return (
        TrustedAnchor.of(SOON.root, NOW, lists=tuple(places[:2]), use=TrustUse.SIGNER),
        TrustedAnchor.of(tsa.root().certificate_der, NOW, lists=tuple(places[2:])),
    )


@contextlib.contextmanager
def desk(folder: Path, trusted: tuple[TrustedAnchor, ...], moment: datetime = NOW) -> Iterator[Desk]:
    premises = Premises(folder / "data", trusted)
    with open_desk(premises, folder / "reports", begun(folder), StandingClock(moment)) as opened:
        yield opened


@contextlib.contextmanager
def stamping(trusted: tuple[TrustedAnchor, ...]) -> Iterator[Renewal]:
    at = reserve()
    with serve_in_thread([(at, application(tsa.authority(), StandingClock(), SystemEntropy()))]):
        yield Renewal(f"{at.origin}/tsa", Sources(trusted=trusted), QUARTER)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "deed.p7m"
    path.write_bytes(SOON.made.encode())
    return path


def test_a_document_that_ends_soon_takes_all_into_itself(
    tmp_path: Path, document: Path, trusted: tuple[TrustedAnchor, ...]
) -> None:
    """Level LTA: then it stands when the signer's certificate has ended, and nobody is asked about it any more."""
    with desk(tmp_path, trusted) as here, stamping(trusted) as renewal:
        verify_entry(here, entry(document))
        became = renew_entry(here, entry(document), renewal)
        assert (became.error, became.description) == ("", "")
    only_whom = tuple(replace(each, lists=()) for each in trusted)
    later = Premises(tmp_path / "later", only_whom)
    with open_office(later, StandingClock(NOW + 60 * DAY)) as office:
        report = office.verify(document.read_bytes(), None)
    assert report.indication is Indication.TOTAL_PASSED
    assert report.signatures[0].outside is not None
    with desk(tmp_path, trusted) as here, stamping(trusted) as renewal:
        assert renew_entry(here, entry(document), renewal).lasts_until is None, "it lasts now"


def test_evidence_is_made_and_checked(tmp_path: Path, document: Path, trusted: tuple[TrustedAnchor, ...]) -> None:
    from asn1crypto import tsp

    from warifu.pki import KeySigner
    from warifu.pki.timestamps import TimestampRequest

    data = document.read_bytes()
    with open_office(Premises(tmp_path, trusted), StandingClock()) as office:
        bundle = office.make_evidence(data, None, KeySigner.generate("ES384"))
        asked = TimestampRequest("sha512", record_imprint(bundle), nonce=7).encode()
        answer = tsp.TimeStampResp.load(tsa.authority().answer(asked, NOW, 7))
        made = begin_record(bundle, answer["time_stamp_token"].dump()).encode()
    assert Bundle.decode(made).withheld == ()
    alone = tuple(replace(each, lists=()) for each in trusted)
    with open_office(Premises(tmp_path / "later", alone), StandingClock(NOW + 60 * DAY)) as office:
        assert office.verify(data, None).indication is Indication.INDETERMINATE
        assert office.check_evidence(made, data, None).indication is Indication.TOTAL_PASSED


def gather(trusted: tuple[TrustedAnchor, ...]) -> None:
    found = read_signatures(SOON.made.encode())
    gather_material(found[0].certificates, Sources(trusted=trusted), NOW, SystemEntropy())


def test_without_lists_there_is_no_evidence(trusted: tuple[TrustedAnchor, ...]) -> None:
    with pytest.raises(Unavailable):
        gather((replace(trusted[0], lists=trusted[0].lists[:1]),))


def test_a_revoked_signer_gets_none(tmp_path: Path, trusted: tuple[TrustedAnchor, ...]) -> None:
    gather(trusted)
    gone = list_by(MIDDLE, (serial_of(MIDDLE, SIGNER), NOW - DAY))
    (tmp_path / "gone.crl").write_bytes(gone)
    (tmp_path / "root.crl").write_bytes(list_by(ROOT))
    with pytest.raises(Revoked):
        gather((replace(trusted[0], lists=(str(tmp_path / "gone.crl"), str(tmp_path / "root.crl"))),))
