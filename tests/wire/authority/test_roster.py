"""Which generation is the newest."""

from dataclasses import replace

from tests.ca.town import AUTHENTICATION, NOW, YEAR, authority, key
from warifu.ca import Authority
from warifu.pki import Issuer, build_ca_certificate
from warifu.wire.authority.roster import Roster


def _begun(index: int, years_ago: int) -> Authority:
    signer, since = key(index), NOW - years_ago * YEAR
    made = build_ca_certificate(
        AUTHENTICATION, signer, serial_number=index + 1, not_before=since, not_after=NOW + 9 * YEAR
    )
    return replace(authority(AUTHENTICATION, index), issuer=Issuer(made, signer, AUTHENTICATION))


def test_the_youngest_is_the_newest_in_whatever_order_they_were_made() -> None:
    """A ceremony with a clock that was set back makes a generation older than the one before; both rules agree."""
    first, later_made = _begun(0, 1), _begun(1, 2)
    for given in ([first, later_made], [later_made, first]):
        roster = Roster(given)
        assert roster.authority(AUTHENTICATION).generation == first.generation
        assert [each.generation for each in roster.generations(AUTHENTICATION)] == [
            later_made.generation,
            first.generation,
        ]


def test_of_two_that_begin_together_the_last_one_given_is_the_newest() -> None:
    first, second = _begun(0, 1), _begun(1, 1)
    assert Roster([first, second]).authority(AUTHENTICATION).generation == second.generation
