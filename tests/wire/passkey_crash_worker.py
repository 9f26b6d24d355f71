"""A provider's program that dies before or after its n-th commit: ``DIRECTORY before|after N``.

It lives one enrolment and one login by passkey and says on stdout what it has told the others so far, and what they
have sent, one JSON object a line.
"""

import sys
from pathlib import Path

from tests.idp.authenticator import Device
from tests.wire.passkey_world import ORIGIN, begin, by_card
from tests.wire.provider_crash_worker import Death, say
from tests.wire.provider_world import Stage
from warifu.idp import EnrolmentAnswer, PasskeyAnswer
from warifu.wire.clock import SystemEntropy


def live(directory: Path, death: Death) -> None:
    """One enrolment and one login, as far as they get."""
    stage, device = Stage(directory, entropy=SystemEntropy()), Device()
    with stage.service() as service:
        card = by_card(service)
        say(card=card.transaction, card_cookie=card.cookie)
        death.watch()
        made = device.create(service.passkeys.enrol_options(card.transaction, card.cookie), ORIGIN)
        say(made=made.decode())
        service.passkeys.enrol(card.transaction, card.cookie, EnrolmentAnswer.decode(made))
        begun = begin(service)
        say(transaction=begun.transaction, cookie=begun.cookie)
        signed = device.get(service.passkeys.login_options(begun.transaction, begun.cookie), ORIGIN)
        say(signed=signed.decode())
        answer = PasskeyAnswer.decode(signed)
        say(decision_token=service.answer_by_passkey(begun.transaction, begun.cookie, answer).decision_token)


if __name__ == "__main__":
    live(Path(sys.argv[1]), Death(sys.argv[2], int(sys.argv[3])))
