"""The provider as an ASGI application."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from warifu.errors import Unavailable, WarifuError
from warifu.wire import answers, pages
from warifu.wire.provider import account, login, protocol, sessions, signing
from warifu.wire.provider.account_passkeys import PasskeysOfAccount
from warifu.wire.provider.guard import unavailable
from warifu.wire.provider.login import Places
from warifu.wire.provider.service import ProviderService

_PERIOD = 60
"""Seconds between two looks at what has had its time."""

_log = logging.getLogger("warifu.provider")


def application(service: ProviderService, places: Places | None = None) -> Starlette:
    """The provider: the protocol at the official paths, the login pages, their style and scripts."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        stopping = asyncio.Event()
        task = asyncio.create_task(_keep_forgetting(service, stopping))
        yield
        # Not cancelled: a thread at work would go on with a database that is being closed.
        stopping.set()
        await task

    routes = [
        *protocol.routes(service),
        *signing.routes(service),
        *login.routes(service, places or Places()),
        *account.routes(service, (PasskeysOfAccount(service),)),
        *sessions.routes(service),
        pages.static_files(),
    ]
    return answers.application(routes, handlers={Unavailable: unavailable}, lifespan=lifespan)


async def _keep_forgetting(service: ProviderService, stopping: asyncio.Event) -> None:
    """Attributes must go when their time is over, also when nobody comes by."""
    while not stopping.is_set():
        try:
            await run_in_threadpool(service.forget)
        except (WarifuError, SQLAlchemyError):
            _log.exception("could not delete what has had its time; trying again")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), _PERIOD)
