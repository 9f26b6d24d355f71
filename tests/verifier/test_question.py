"""A certificate is asked about again, without it: what has become of it since."""

from datetime import timedelta

import pytest

from tests.pki import world
from tests.pki.world import NOW
from tests.verifier.scene import HELD, MOVED, anchors, ocsp
from warifu.errors import Expired, Malformed, RevocationDataRefused, Revoked, StatusUnknown, Suspended, UntrustedIssuer
from warifu.verifier import Anchors, CertificateQuestion, Evidence, check_again, needs, needs_again, question

SECOND = timedelta(seconds=1)


def asked() -> CertificateQuestion:
    """The question, kept and read again."""
    return CertificateQuestion.decode(question(world.authentication_certificate(), anchors()).encode())


def test_what_is_kept_asks_what_the_certificate_asked() -> None:
    """RFC 6960 §4.1.1: the same CertID."""
    now, then = needs_again(asked(), anchors()), needs(world.authentication_certificate(), anchors())
    assert (now, now.ocsp_request()) == (then, then.ocsp_request())


def test_a_good_certificate_is_still_good() -> None:
    evidence = Evidence(ocsp(nonce=None))
    assert check_again(asked(), evidence, anchors(), NOW).as_of == NOW - timedelta(minutes=1)


def test_what_happened_since_is_told_by_name() -> None:
    """RFC 5280 §5.3.1: a hold is another thing than a revocation."""
    with pytest.raises(Revoked) as revoked:
        check_again(asked(), Evidence(ocsp(MOVED, nonce=None)), anchors(), NOW)
    assert (revoked.value.at, revoked.value.reason) == (MOVED.at, MOVED.reason)
    with pytest.raises(Suspended):
        check_again(asked(), Evidence(ocsp(HELD, nonce=None)), anchors(), NOW)
    with pytest.raises(StatusUnknown):
        check_again(asked(), Evidence(), anchors(), NOW)
    with pytest.raises(RevocationDataRefused):
        check_again(asked(), Evidence(ocsp(nonce=None, serial_number=world.SERIAL + 1)), anchors(), NOW)


def test_it_ends_with_its_last_second() -> None:
    """RFC 5280 §4.1.2.5: notAfter is still in it."""
    end = asked().not_after
    fresh = Evidence(ocsp(nonce=None, this_update=end, next_update=end + 60 * SECOND))
    check_again(asked(), fresh, anchors(), end)
    with pytest.raises(Expired):
        check_again(asked(), fresh, anchors(), end + SECOND)


def test_an_authority_that_is_trusted_no_longer_says_nothing() -> None:
    with pytest.raises(UntrustedIssuer):
        needs_again(asked(), Anchors([]))
    with pytest.raises(UntrustedIssuer):
        check_again(asked(), Evidence(ocsp(nonce=None)), Anchors([]), NOW)


def test_no_serial_number_is_shown() -> None:
    """公的個人認証法 第63条."""
    assert repr(asked()) == "CertificateQuestion()"


@pytest.mark.parametrize("kept", [b"", b"{}", b"[1]", b'["zz","1","",0,null]', b'["","1","",1e99,null]', b"\xff"])
def test_anything_else_is_malformed(kept: bytes) -> None:
    with pytest.raises(Malformed):
        CertificateQuestion.decode(kept)
