"""The register of the municipalities at work, over its database."""

from collections.abc import Callable

from sqlalchemy import Engine

from warifu.ports import Clock, Entropy
from warifu.registry import STANDARD_RULES, CardRules
from warifu.wire import post
from warifu.wire.database import reading, writing
from warifu.wire.registry import log
from warifu.wire.registry.answers import Answers
from warifu.wire.registry.calls import Calls
from warifu.wire.registry.cards import Cards
from warifu.wire.registry.days import Days
from warifu.wire.registry.doing import Doing
from warifu.wire.registry.ladder import Ladders
from warifu.wire.registry.letters import Correspondents
from warifu.wire.registry.lives import Lives
from warifu.wire.registry.looks import Looks
from warifu.wire.registry.people import People
from warifu.wire.registry.rehearsing import Rehearsal
from warifu.wire.registry.retention import Retention, check_erasures
from warifu.wire.registry.tokens import Tokens


class Registry:
    """The register: what is done to people and cards, what desks are shown, the hotline, the turn of the day.

    `wake` is called after everything that was done, so that a courier carries what it led to.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        entropy: Entropy,
        *,
        correspondents: Correspondents | None = None,
        rules: CardRules = STANDARD_RULES,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine = engine
        self._wake = wake
        self._fetch: Callable[[], object] = lambda: None
        doing = Doing(engine, clock, entropy, correspondents or Correspondents(), rules, self._woken, self._fetched)
        self.people = People(doing)
        self.cards = Cards(doing)
        self.looks = Looks(doing)
        self.calls = Calls(doing)
        self.ladders = Ladders(doing)
        self.days = Days(doing)
        self.lives = Lives(doing, self.looks)
        self.rehearsal = Rehearsal(doing)
        self.tokens = Tokens(engine, clock, entropy)
        self.retention = Retention(engine, clock, entropy)
        self._answers = Answers(doing, self.looks)

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    def on_done(self, wake: Callable[[], None]) -> None:
        """Call this after everything that was done from now on."""
        self._wake = wake

    def on_lack(self, fetch: Callable[[], object]) -> None:
        """Call this when an act lacks what was just asked of the party that numbers; it comes back having tried."""
        self._fetch = fetch

    def mailbox(self) -> post.Mailbox:
        """Where the register takes letters."""
        return self._answers.mailbox()

    def on_answers(self) -> dict[str, post.OnAnswer]:
        """What its courier does with the answers to its letters."""
        return self._answers.handlers()

    def queues(self) -> list[post.Queue]:
        """What waits for the other parties."""
        with reading(self._engine) as connection:
            return post.queues(connection)

    def stuck(self) -> list[post.Stuck]:
        """Letters that the other side refused, with the reason, oldest first."""
        with reading(self._engine) as connection:
            return post.stuck(connection)

    def retry(self, recipient: str, letter_id: str) -> None:
        """Let a letter be tried at once, also one that was set aside.

        Raises:
            NotFound: no such letter waits or lies aside.
        """
        with writing(self._engine) as connection:
            post.retry(connection, recipient, letter_id)
        self._wake()

    def set_aside(self, recipient: str, letter_id: str) -> None:
        """Give a letter up, so that those behind it go out.

        Raises:
            NotFound: no such letter waits.
        """
        with writing(self._engine) as connection:
            post.set_aside(connection, recipient, letter_id)
        self._wake()

    def check_log(self) -> int:
        """Check the log against its tree, and what is erased against what it says about that; how many entries it has.

        Raises:
            RecordAltered: somebody changed, removed, added or erased one.
        """
        with reading(self._engine) as connection:
            entries = log.check_log(connection)
            check_erasures(connection)
            return entries

    def _woken(self) -> None:
        self._wake()

    def _fetched(self) -> None:
        self._fetch()
