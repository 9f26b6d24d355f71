"""``warifu card probe``: compare a card with what is publicly known, without learning whose it is."""

import dataclasses

import click

from warifu.cli.card_choice import CardChoice, card_options
from warifu.cli.commands import Command
from warifu.cli.results import json_option, show, show_table
from warifu.cli.texts import Text, tell, words
from warifu.reader import Survey
from warifu.reader import probe as survey_card

__all__ = ["probe"]

_WHERE, _EXPECTED, _FOUND = Text("場所", "where"), Text("知られていること", "as known"), Text("このカード", "this card")
_SAME = Text("知られていることと違いはありません", "nothing differs from what is known")
_SHAREABLE = Text(
    "持ち主やカードを特定するものは含まれていません（証明書・番号・期限・残り回数は記録しません）。"
    "--json の全文は公開できます",
    "nothing here identifies the card or its holder: no contents, numbers, expiry or tries are kept; the whole survey "
    "(--json) can be published",
)


@click.command(
    cls=Command,
    help=Text(
        "カードを調べ、公開されている知識との違いを表示する。読むだけで、暗証番号は要らず、何も変えません。",
        "Survey a card and show where it differs from what is publicly known. It only reads, needs no PIN, changes "
        "nothing, and keeps nothing that identifies the card or its holder.",
    ),
)
@card_options
@json_option
def probe(choice: CardChoice, as_json: bool) -> None:
    """Survey, compare, print."""
    with choice.open() as held:
        survey = survey_card(held.connection)
    show(dataclasses.asdict(survey), as_json, lambda: _present(survey))
    tell(_SHAREABLE)


def _present(survey: Survey) -> None:
    if not survey.differences:
        click.echo(words(_SAME))
        return
    rows = [(each.where, each.expected, each.found) for each in survey.differences]
    show_table([words(_WHERE), words(_EXPECTED), words(_FOUND)], rows)
