"""A verifier from settings, as an application."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from warifu.errors import Malformed, NotFound
from warifu.pki import KeySigner
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.key_files import read_key, write_key
from warifu.wire.settings import Settings
from warifu.wire.verification import Premises, open_office
from warifu.wire.verifier.callers import Callers
from warifu.wire.verifier.operating import Operating
from warifu.wire.verifier.processes import Processes, running
from warifu.wire.verifier.rest import Stamping, application

__all__ = ["callers_of", "open_verifier"]

_log = logging.getLogger("warifu.verifier")


def callers_of(settings: Settings) -> Callers:
    """Who may ask the verifier of these settings."""
    return Callers(settings.data_directory / "verifier" / "callers", SystemClock(), SystemEntropy())


@contextmanager
def open_verifier(settings: Settings) -> Iterator[FastAPI]:
    """The verifier; its processes run while the application does.

    Raises:
        NotFound: nobody is trusted, so there is nothing to verify with.
        Malformed, Unavailable: what is kept cannot be read; or a setting makes no sense.
    """
    own, premises = settings.verifier, Premises(settings.data_directory)
    if own.workers < 1 or own.seconds < 1 or own.patience < 0:
        raise Malformed("[verifier] workers and seconds are at least 1")
    if not premises.trust_store().all():
        raise NotFound("nobody is trusted yet: 'warifu trust import' takes an authority's certificate")
    processes = Processes(
        partial(open_office, premises), own.workers, seconds=float(own.seconds), patience=float(own.patience)
    )

    made = application(
        processes,
        callers_of(settings),
        _stamping(settings),
        _operating(settings),
        lifespan=lambda _application: running(processes),
    )
    yield made


def _stamping(settings: Settings) -> Stamping | None:
    own = settings.verifier
    if not own.timestamp:
        return None
    path = settings.place(own.key, "verifier/verifier.key")
    if own.key is None and not path.exists():
        _make_key(path)
    read_key(path)  # a key that cannot be read is known before anybody asks
    return Stamping(path, own.timestamp)


def _operating(settings: Settings) -> Operating | None:
    own = settings.verifier
    if not own.platform:
        return None
    return Operating(
        settings.place(own.platform_key, "verifier/platform/results.key"),
        settings.data_directory / "verifier" / "platform",
    )


def _make_key(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_key(path, KeySigner.generate("ES384"))
    _log.warning("a verifier's key was made")
