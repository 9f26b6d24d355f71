"""A provider's program that dies before or after its n-th commit: ``DIRECTORY before|after N``.

It lives one login and says on stdout what it has told the others so far, one JSON object a line.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from tests.idp import world
from tests.wire.provider_world import Stage, answer, token_form
from warifu.wire.clock import SystemEntropy


class Death:
    """Comes at its moment."""

    def __init__(self, when: str, number: int) -> None:
        self._when, self._number, self._commits = when, number, 0

    def watch(self) -> None:
        """Look at every database connection from now on."""
        event.listen(Engine, "commit", self._on_commit)
        event.listen(Engine, "checkin", self._on_checkin)

    def _on_commit(self, *_: Any) -> None:
        self._commits += 1
        if self._when == "before" and self._commits == self._number:
            os.kill(os.getpid(), signal.SIGKILL)

    def _on_checkin(self, *_: Any) -> None:
        if self._when == "after" and self._commits == self._number:
            os.kill(os.getpid(), signal.SIGKILL)


def say(**told: str) -> None:
    print(json.dumps(told), flush=True)


def live(directory: Path, death: Death) -> None:
    """One login, as far as it gets."""
    stage = Stage(directory, entropy=SystemEntropy())
    with stage.service() as service:
        death.watch()
        begun = service.begin(world.parameters())
        say(transaction=begun.transaction, cookie=begun.cookie)
        given = answer(service.invitation(begun.transaction))
        say(answer=given.encode().decode())
        shared = service.answer(begun.transaction, given)
        say(decision_token=shared.decision_token)
        service.allow(begun.transaction, shared.decision_token)
        url = service.go_back(begun.transaction, begun.cookie)
        say(code=world.query(url)["code"])
        tokens = service.token(token_form(world.query(url)["code"]))
        say(access_token=str(tokens["access_token"]))


if __name__ == "__main__":
    live(Path(sys.argv[1]), Death(sys.argv[2], int(sys.argv[3])))
