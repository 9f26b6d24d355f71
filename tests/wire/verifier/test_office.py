"""The office that verifies: what it tells others of real certificates, and that it notices whom it is to trust."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.pki import world
from tests.pki.world import NOW, SIGNING
from tests.verifier.document_scene import list_of, revoked
from tests.wire.verifier.world import GOOD, StandingClock, premises
from warifu.verifier import Indication, SubIndication, report_to_json
from warifu.wire.verification import Premises, TrustedAnchor, TrustStore, discreet, open_office


def test_of_a_real_certificate_nothing_about_the_holder_is_told(tmp_path: Path) -> None:
    """公的個人認証法 第17条: without certification it would be no confirmation, only a disclosure."""
    with open_office(premises(tmp_path), StandingClock()) as here:
        report = here.verify(GOOD, None, secret=bytes(32))
    [signature] = discreet(report).signatures
    assert signature.signer is not None
    assert signature.pairwise_id is not None
    real = replace(report, signatures=(replace(report.signatures[0], real=True),))
    [signature] = discreet(real).signatures
    assert (signature.signer, signature.pairwise_id) == (None, None)
    assert "割符" not in str(report_to_json(discreet(real)))


def test_somebody_who_is_trusted_later_is_believed_from_then_on(tmp_path: Path) -> None:
    store = TrustStore(tmp_path / "trust")
    anchor = TrustedAnchor.of(world.authority(SIGNING).certificate_der, NOW)
    with open_office(Premises(tmp_path, lists=(list_of(),)), StandingClock()) as here:
        assert here.verify(GOOD, None).indication is Indication.INDETERMINATE
        store.add(anchor)
        assert here.verify(GOOD, None).indication is Indication.TOTAL_PASSED
        store.remove(anchor)
        assert here.verify(GOOD, None).indication is Indication.INDETERMINATE


def test_without_a_secret_there_is_no_id(tmp_path: Path) -> None:
    with open_office(premises(tmp_path), StandingClock()) as here:
        assert here.verify(GOOD, None).signatures[0].pairwise_id is None


def test_what_was_seen_revoked_stays_so_also_for_the_next_process(tmp_path: Path) -> None:
    """公的個人認証法 第15条: an older list that does not name it yet brings nothing back."""
    told = list_of(revoked(NOW - timedelta(days=1)))
    with open_office(replace(premises(tmp_path), lists=(told,)), StandingClock()) as here:
        assert here.verify(GOOD, None).indication is Indication.INDETERMINATE
    with open_office(premises(tmp_path), StandingClock()) as here:
        assert here.verify(GOOD, None).signatures[0].sub_indication is SubIndication.REVOKED_NO_POE
