"""A card of ours in the virtual reader, until Ctrl-C."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event

import click

from warifu.cli.commands import option
from warifu.cli.texts import Text, tell
from warifu.errors import NoReader
from warifu.ports import Connection

__all__ = ["host_option", "insert_until_interrupted", "port_option"]

_TAKEN_OUT = Text("カードを取り出しました", "the card is out of the reader")
_INSTALL_VPCD = Text(
    "仮想リーダーが必要です。Debianなら: apt install pcscd vsmartcard-vpcd && systemctl restart pcscd",
    "a virtual reader is needed; on Debian: apt install pcscd vsmartcard-vpcd && systemctl restart pcscd",
)

host_option = option(
    "--host", default="127.0.0.1", help=Text("vpcdのホスト。", "Where vpcd listens."), show_default=True
)
"""Adds ``--host``."""

port_option = option(
    "--port",
    type=click.IntRange(1, 65535),
    default=35963,
    help=Text("vpcdのポート。", "And its port."),
    show_default=True,
)
"""Adds ``--port``."""


def insert_until_interrupted(card: Connection, host: str, port: int, said: str) -> None:
    """Put the card into the reader, say so, and take it out when Ctrl-C is pressed.

    Raises:
        NoReader: no virtual reader is there, or it went away.
    """
    from warifu.wire import vpcd

    stop, inserted = Event(), Event()
    with ThreadPoolExecutor(1) as hand:
        held = hand.submit(vpcd.insert, card, host, port, stop=stop, inserted=inserted)
        try:
            _wait(held, inserted)
            if inserted.is_set():
                tell(said)
            _wait(held)
        except KeyboardInterrupt:
            stop.set()
        try:
            held.result()
        except NoReader as error:
            error.add_note(_INSTALL_VPCD)
            raise
    tell(_TAKEN_OUT)


def _wait(held: "Future[None]", event: Event | None = None) -> None:
    """Wait until it is over, or `event`; in short steps, because on Windows a longer wait hears no Ctrl-C."""
    while not held.done() and not (event and event.is_set()):
        wait([held], 0.05 if event else 0.2)
