"""For other people's tests: a My Number Card in one call, without a reader, a town or a network.

::

    from warifu.testing import software_card

    def test_my_client():
        card = software_card()
        session = JpkiSession(card.connection)

or, as a pytest fixture (``pytest_plugins = ["warifu.testing.plugin"]``)::

    def test_my_client(my_number_card):
        assert my_client.read(my_number_card.connection) == my_number_card.authentication_certificate

A login of your service, with a provider and people who run as long as the tests do (``warifu[server]``)::

    @pytest.fixture(scope="session")
    def my_number_clients():
        return [TownClient("mine", ("http://localhost:3000/callback",), {"keys": [my_public_jwk]})]

    def test_my_login(my_number_town):
        address = my_service.begin_login(my_number_town.issuer, my_number_town.client_ids["mine"])
        outcome = my_number_town.log_in(address, persona="ordinary")
        assert my_service.callback(outcome.callback) == "welcome"

What a program says to a card can be recorded, played back without a card, and said to another card to compare the two:
see `warifu.testing.tape`.

Every person, number and key is invented or public knowledge: such a card proves nothing about anybody.
"""

from warifu.testing.kinds import CARD_KINDS, CardKind
from warifu.testing.running_town import RunningTown, TownClient, held_ports, running_town
from warifu.testing.software_card import ATTRIBUTES, SoftwareCard, software_card
from warifu.testing.tape import (
    Exchange,
    OffTape,
    Player,
    Recorder,
    Tape,
    compare,
    masked,
    read_tape,
    replay,
    write_private_tape,
    write_tape,
)

__all__ = [
    "ATTRIBUTES",
    "CARD_KINDS",
    "CardKind",
    "Exchange",
    "OffTape",
    "Player",
    "Recorder",
    "RunningTown",
    "SoftwareCard",
    "Tape",
    "TownClient",
    "compare",
    "held_ports",
    "masked",
    "read_tape",
    "replay",
    "running_town",
    "software_card",
    "write_private_tape",
    "write_tape",
]
