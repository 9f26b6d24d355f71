"""A provider's program that dies before or after its n-th commit of a signing: ``DIRECTORY before|after N``.

It says on stdout what it has told the others so far, one JSON object a line.
"""

import sys
from pathlib import Path

from tests.idp import signing, world
from tests.wire.provider_crash_worker import Death, say
from tests.wire.provider_world import Stage, token_form
from tests.wire.signing_world import answer, parameters, service_token
from warifu.wire.clock import SystemEntropy


def live(directory: Path, death: Death) -> None:
    """One signing, as far as it gets."""
    stage = Stage(directory, entropy=SystemEntropy())
    with stage.service() as service:
        death.watch()
        token = service_token(service)
        say(service_token=token)
        name = str(service.begin_signing(token, signing.body())["id"])
        say(id=name)
        begun = service.begin(parameters(name))
        say(transaction=begun.transaction, cookie=begun.cookie)
        given = answer(service.invitation(begun.transaction))
        say(answer=given.encode().decode())
        shared = service.answer(begun.transaction, given)
        say(decision_token=shared.decision_token)
        service.allow(begun.transaction, shared.decision_token)
        code = world.query(service.go_back(begun.transaction, begun.cookie))["code"]
        say(code=code)
        say(access_token=str(service.token(token_form(code))["access_token"]))


if __name__ == "__main__":
    live(Path(sys.argv[1]), Death(sys.argv[2], int(sys.argv[3])))
