"""An authority's key leaks: everything under it ends at once, and another generation goes on."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from tests.ca.town import AUTHENTICATION, NOW, SIGNING, Moment, application, authority, key
from tests.wire.authorities import FIRST, HOLDER_KEY
from tests.wire.authority.world import LOG_KEY
from tests.wire.conftest import Place
from warifu.ca import Event
from warifu.errors import NotAllowed, NotFound
from warifu.pki import Reason, Revocation
from warifu.wire.authority import PARTY, Authorities, audit
from warifu.wire.database import open_database

OLD, NEW = authority(AUTHENTICATION, 1), authority(AUTHENTICATION, 2)


@pytest.fixture
def authorities(place: Place, tmp_path: Path) -> Iterator[Authorities]:
    engine, clock = open_database(place.of(PARTY), PARTY), Moment()
    before = Authorities(engine, [authority(SIGNING), OLD], clock, holder_key=HOLDER_KEY, first_serial_number=FIRST)
    before.issue_all([application(holder=holder) for holder in "abc"])
    before.record(AUTHENTICATION, FIRST, Event.HELD)
    before.record(AUTHENTICATION, FIRST + 1, Event.KEY_COMPROMISED)
    yield Authorities(engine, [authority(SIGNING), OLD, NEW], clock, holder_key=HOLDER_KEY)
    engine.dispose()


def test_everything_under_the_key_is_revoked_and_nothing_else(authorities: Authorities) -> None:
    """公的個人認証法 第14条, 第33条; what was held keeps the date of the hold."""
    after = authorities.issue(application(holder="d")).entry
    told: list[tuple[int, int]] = []
    assert authorities.compromise(AUTHENTICATION, OLD.generation, lambda done, count: told.append((done, count))) == 2
    assert told == [(3, 3)]
    reasons = [authorities.find(AUTHENTICATION, FIRST + n) for n in range(3)]
    assert [entry.revocation.reason for entry in reasons if entry and entry.revocation] == [
        Reason.CA_COMPROMISE,
        Reason.KEY_COMPROMISE,
        Reason.CA_COMPROMISE,
    ]
    assert authorities.find(AUTHENTICATION, after.serial_number) == after
    assert audit(authorities.engine, key(LOG_KEY).public_key_info).findings == []


def test_a_leaked_key_issues_no_more_and_the_other_goes_on(authorities: Authorities) -> None:
    authorities.compromise(AUTHENTICATION, NEW.generation)
    assert authorities.authority(AUTHENTICATION) is OLD
    assert authorities.issue(application(holder="d")).entry.generation == OLD.generation
    authorities.compromise(AUTHENTICATION, OLD.generation)
    with pytest.raises(NotFound):
        authorities.issue(application(holder="e"))
    assert authorities.authority(AUTHENTICATION, OLD.generation) is OLD  # it still answers for its own


def test_another_program_that_has_not_heard_of_it_does_not_issue_either(authorities: Authorities) -> None:
    deaf = Authorities(authorities.engine, [authority(SIGNING), NEW], authorities.clock, holder_key=HOLDER_KEY)
    authorities.compromise(AUTHENTICATION, NEW.generation)
    with pytest.raises(NotAllowed, match="leaked"):
        deaf.issue(application(holder="d"))
    deaf.refresh()
    with pytest.raises(NotFound):
        deaf.authority(AUTHENTICATION)


def test_told_again_it_goes_on_where_it_was(authorities: Authorities) -> None:
    assert authorities.compromise(AUTHENTICATION, OLD.generation) == 2
    assert isinstance(authorities.clock, Moment)
    authorities.clock.go_on(timedelta(days=1))
    assert authorities.compromise(AUTHENTICATION, OLD.generation) == 0
    found = authorities.find(AUTHENTICATION, FIRST + 2)
    assert found is not None
    assert found.revocation == Revocation(NOW, Reason.CA_COMPROMISE)


def test_the_list_of_authorities_names_it(authorities: Authorities) -> None:
    """RFC 5280 §5.2.5, onlyContainsCACerts; signed by the generation that goes on."""

    authorities.compromise(AUTHENTICATION, OLD.generation)
    _, der = authorities.publisher.publish_of_authorities(AUTHENTICATION)
    crl = x509.load_der_x509_crl(der)
    [named] = crl
    assert named.serial_number == OLD.issuer.certificate.serial_number
    assert named.revocation_date_utc == NOW
    new_key = NEW.issuer.certificate.public_key()
    assert crl.is_signature_valid(new_key)  # type: ignore[arg-type]


def test_a_generation_that_was_never_here_cannot_leak(authorities: Authorities) -> None:
    with pytest.raises(NotFound):
        authorities.compromise(AUTHENTICATION, bytes(20))
