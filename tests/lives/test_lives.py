"""Random lives of many residents, through the register, the post and both authorities, against the law.

Whatever happens in whatever order: no certificate is good that the law has ended, none is ended that it keeps; nobody
has two of a kind on a medium; numbers are unique and ascend; nothing has its effect before it was recorded; what was
never issued is unknown, what has expired is never good; all of it is in the log, and the audit passes.
"""

from hypothesis import HealthCheck, settings

from tests.lives.law import AUTHENTICATION, SIGNING
from tests.lives.of_cards import OfCards
from tests.lives.of_people import OfPeople
from tests.lives.people import IN_FORCE


class Lives(OfPeople, OfCards):
    """All rules together. Everybody begins with a card, and who is old enough with a phone."""

    def begin(self) -> None:
        for number in range(len(self.residents())):
            self.gets_a_card(number)
        for number in range(len(self.cards(IN_FORCE))):
            self.a_phone_is_set_up(number, (SIGNING, AUTHENTICATION))


SHORT = settings(
    max_examples=16,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)

Lives.TestCase.settings = SHORT
test_whatever_happens_in_many_lives = Lives.TestCase
