"""Which card a command works on: the one in a reader, or one of the town's."""

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from warifu.cli.commands import option
from warifu.cli.recording import recording
from warifu.cli.texts import Text, tell, words
from warifu.cli.town_choice import directory_option, open_town
from warifu.errors import CardRefused, NotOnCard
from warifu.iso7816 import StatusWord
from warifu.ports import Connection
from warifu.reader import Credential, Traced

if TYPE_CHECKING:
    from warifu.town.roster import CardRow
    from warifu.town.town import Town

__all__ = ["CardChoice", "Held", "card_options"]

_WAITING = Text("カードをリーダーに置いてください", "put the card on the reader")
_ONE_CARD = Text("--persona と --reader は同時に使えません", "--persona and --reader exclude each other")
_SEVERAL = Text(
    "カードの入ったリーダーが複数あります（{readers}）。--reader で選んでください",
    "several readers hold a card ({readers}); choose one with --reader",
)
_OTHER_CARD = Text(
    "マイナンバーカードですか。スマートフォンや別のカードにはないものがあります",
    "is it a My Number Card? phones and other cards lack some of it",
)
_NO_SUCH_COMMAND = (StatusWord.UNKNOWN_INSTRUCTION, StatusWord.UNKNOWN_CLASS)
"""What a card of another kind may answer to everything."""


@dataclass(frozen=True, slots=True, repr=False)
class Held:
    """A card in hand. `known` is what opens a town's card; of a card in a reader nothing is known.

    `changed` has to be told of a PIN that was changed.
    """

    connection: Connection
    reader: str | None = None
    persona: str | None = None
    known: Mapping[Credential, str] = field(default_factory=dict)
    changed: Callable[[Credential, str], None] = lambda credential, pin: None  # noqa: ARG005


@dataclass(frozen=True, slots=True)
class CardChoice:
    """What the options said."""

    reader: str | None
    persona: str | None
    directory: Path | None
    wait: float
    trace: bool
    record: Path | None

    @contextmanager
    def open(self) -> Iterator[Held]:
        """Hold the card for as long as the block runs; what was verified is forgotten afterwards.

        Raises:
            NoReader, NoCard, InUse, Unavailable: as `warifu.wire.pcsc.connect`.
            NotFound: there is no such persona, or no town.
        """
        if self.reader is not None and self.persona is not None:
            raise click.UsageError(words(_ONE_CARD))
        with (
            self._of_town(self.persona) if self.persona is not None else self._in_reader() as held,
            recording(held.connection, self.record, invented=held.persona is not None) as connection,
        ):
            try:
                yield replace(held, connection=connection)
            except CardRefused as error:
                if isinstance(error, NotOnCard) or error.status_word in _NO_SUCH_COMMAND:
                    error.add_note(_OTHER_CARD)
                raise

    @contextmanager
    def _in_reader(self) -> Iterator[Held]:
        from warifu.wire import pcsc

        if self.reader is None:
            _check_one_card()
        with pcsc.connect(self.reader, self.wait, lambda: tell(_WAITING)) as connection:
            yield Held(self._traced(connection), reader=connection.reader)

    @contextmanager
    def _of_town(self, name: str) -> Iterator[Held]:
        town = self._town()
        _, row = town.find_card(name)
        with town.card(name) as card:
            yield Held(
                self._traced(card), persona=row.name, known=_known(row), changed=functools.partial(_list, town, row)
            )

    def chip_anchors(self) -> Path | None:
        """Where the keys are that certify the town's cards, if it is one of the town's."""
        return None if self.persona is None else self._town().folder / "chip_anchors"

    def _town(self) -> "Town":
        return open_town(self.directory)

    def _traced(self, connection: Connection) -> Connection:
        return Traced(connection, tell) if self.trace else connection


_PINS = {
    Credential.AUTHENTICATION_PIN: "authentication_pin",
    Credential.TEXT_PIN: "text_pin",
    Credential.SIGNING_PASSWORD: "signing_password",
    Credential.RESIDENT_PIN: "resident_pin",
    Credential.COMMON_PIN: "common_pin",
    Credential.NEXT_PIN: "authentication_pin",
    Credential.NEXT_SIGNING_PASSWORD: "signing_password",
}
_BIRTH_DATE_DIGITS = 6


def _known(row: "CardRow") -> dict[Credential, str]:
    number_b = row.matching_number_b
    opening = {each: getattr(row, name) for each, name in _PINS.items()} | {
        Credential.TEXT_MATCHING_NUMBER_B: number_b,
        Credential.VISUAL_MATCHING_NUMBER_B: number_b,
        Credential.BIRTH_DATE: number_b[:_BIRTH_DATE_DIGITS],
        Credential.NEXT_MATCHING_NUMBER_B: number_b,
        Credential.NEXT_BIRTH_DATE: number_b[:_BIRTH_DATE_DIGITS],
    }
    return {each: value for each, value in opening.items() if value}


def _list(town: "Town", row: "CardRow", credential: Credential, pin: str) -> None:
    of_next = credential is Credential.NEXT_PIN
    for name in ("authentication_pin", "text_pin", "resident_pin", "common_pin") if of_next else (_PINS[credential],):
        town.list_pin(row.name, name, pin)


def _check_one_card() -> None:
    """Where nobody said which, a PIN must not go to whichever card comes first."""
    from warifu.wire import pcsc

    readers = pcsc.readers()
    holding = [name for name in readers if len(readers) > 1 and pcsc.card_present(name)]
    if len(holding) > 1:
        raise click.UsageError(words(_SEVERAL, readers=", ".join(holding)))


_OPTIONS = (
    option("--reader", help=Text("カードリーダーの名前、またはその一部。", "A card reader's name, or part of it.")),
    option(
        "--persona", help=Text("町の人（またはカード）の名前。", "A person (or card) of the town, without a reader.")
    ),
    directory_option,
    option(
        "--wait",
        type=click.FloatRange(0),
        default=0.0,
        metavar="SECONDS",
        help=Text("カードを待つ秒数。", "How long to wait for a card."),
    ),
    option(
        "--trace",
        is_flag=True,
        help=Text(
            "カードとのやりとりを標準エラーに表示する（中身は出さない）。",
            "Tell each command to the card on stderr; what is secret or personal is not shown.",
        ),
    ),
    option(
        "--record",
        type=click.Path(dir_okay=False, path_type=Path),
        help=Text(
            "カードとのやりとりをファイルに記録する（'card trace' で見る）。リーダーのカードの中身は残さない。",
            "Keep each command and answer in a file for 'card trace'; of a card in a reader nothing personal is kept.",
        ),
    ),
)


def card_options(function: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that choose a card; the command gets them as `choice`."""

    @functools.wraps(function)
    def collected(
        *,
        reader: str | None,
        persona: str | None,
        directory: Path | None,
        wait: float,
        trace: bool,
        record: Path | None,
        **others: Any,
    ) -> None:
        function(choice=CardChoice(reader, persona, directory, wait, trace, record), **others)

    for add in reversed(_OPTIONS):
        collected = add(collected)
    return collected
