"""Whoever brings a status answer along logs in though the provider reaches no authority; others have to wait."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from click.testing import Result

from tests.cli.card_town import result_of, run
from tests.journeys.running_town import founded
from warifu.pki import CertificateKind
from warifu.town.parties import serving
from warifu.town.town import Town
from warifu.verifier import Evidence, Needs, Policy
from warifu.wire.authority import OcspClient
from warifu.wire.serving import serve_in_thread

MINUTES = Policy(oldest_staple=timedelta(minutes=10))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One whose provider reaches no authority; the phone's way there is another one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OcspClient, "fetch", _nothing)
        with (
            founded(tmp_path_factory.mktemp("data") / "town") as (town, reserved),
            serving(town, reserved, policy=MINUTES) as served,
            serve_in_thread(served.sites),
        ):
            yield town


def _nothing(_client: OcspClient, _needs: Needs) -> Evidence:
    return Evidence()


def _log_in(town: Town, persona: str, *flags: str) -> Result:
    return run(town, "login", "--persona", persona, "--json", *flags)


def test_a_login_with_a_status_answer_needs_no_other(town: Town) -> None:
    with town.authorities() as authorities:
        authorities.status.presign(CertificateKind.AUTHENTICATION)
    assert result_of(_log_in(town, "ordinary", "--follow"))["followed"] == 200
    assert result_of(_log_in(town, "next"))["error"] is None


def test_a_login_without_one_is_not_believed(town: Town) -> None:
    refused = _log_in(town, "ordinary", "--without-status")
    assert (refused.exit_code, "status_unknown" in refused.stdout) == (3, True), refused.stderr


def test_who_is_suspended_has_no_good_answer_to_bring_along(town: Town) -> None:
    refused = _log_in(town, "suspended")
    assert (refused.exit_code, "status_unknown" in refused.stdout) == (3, True), refused.stderr
