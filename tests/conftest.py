"""What all tests share: a software card, and with ``--reader NAME`` a real one for the tests that only read."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import _config as httpx2_config
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from xdist.scheduler import LoadFileScheduling

from tests.reader.real_card import ReadingOnly
from warifu.ports import Connection
from warifu.testing import software_card
from warifu.wire import pcsc
from warifu.wire.authority import OcspClient
from warifu.wire.post import HttpCarrier
from warifu.wire.provider import SuccessionClient
from warifu.wire.timestamps import TimestampClient
from warifu.wire.verification import Gatherer, Limits

# A busy machine must not turn a slow example into a failure; the rest is as Hypothesis has it (in CI: reproducible).
settings.register_profile(
    "warifu",
    settings.get_profile(settings.get_current_profile_name()),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("warifu")

# Reproducible it is only without the numbers and words that Hypothesis takes from such modules of ours as are loaded:
# which ones, depends on what ran before, and on where the sources lie. Long campaigns look that far.
if os.environ.get("WARIFU_SOAK") != "1":
    assert callable(providers._get_local_constants)
    providers._get_local_constants = Constants

# Nor must it turn a slow answer into one: where a client says nothing else, it would wait for five seconds, and where a
# party says nothing else to its client of another party, for five or ten.
for _waiting in ("connect", "read", "write", "pool"):
    setattr(httpx2_config.DEFAULT_TIMEOUT_CONFIG, _waiting, 60.0)
for _made, _waiting in (
    *((asking, "seconds") for asking in (Gatherer, HttpCarrier, OcspClient, SuccessionClient, TimestampClient)),
    (Limits, "patience"),
):
    _defaults = _made.__init__.__kwdefaults__
    assert _defaults is not None
    assert _waiting in _defaults
    _defaults[_waiting] = 60.0

# And what a test has just started it asks itself, as the programs do that it starts, whichever proxy the machine has.
for _proxy in ("http_proxy", "https_proxy", "all_proxy"):
    os.environ.pop(_proxy, None)
    os.environ.pop(_proxy.upper(), None)

pytest_plugins = ["tests.house.leaks", "warifu.testing.plugin"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--reader",
        metavar="NAME",
        help="repeat the reading tests on the card in this reader (or part of its name; '' for the first with a card); "
        "no PIN is presented and nothing is written",
    )


class _Files(LoadFileScheduling):  # type: ignore[misc] # xdist says no types
    """Each file is one process's, and the browser's files are all one's: one of them asks what the others looked at."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "tests/browser" if file.startswith("tests/browser/") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Files:
    return _Files(config, log)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "card_to_read" in metafunc.fixturenames:
        real = metafunc.config.getoption("--reader") is not None
        metafunc.parametrize("card_to_read", ["software", "real"] if real else ["software"], indirect=True)


@pytest.fixture
def card_to_read(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A card that is only read: the software card, and the real one if a reader was named."""
    if request.param == "software":
        yield ReadingOnly(software_card().connection)
        return
    with pcsc.connect(request.config.getoption("--reader") or None, timeout=30) as connection:
        yield ReadingOnly(connection)
