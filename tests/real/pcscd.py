"""A pcscd of our own, in namespaces of its own, with software cards in its virtual reader.

pcscd has one socket a machine and vpcd one port on all interfaces; so each lives in a network, mount and PID namespace
that ends with us, and nothing of it can be reached from outside (unshare(1), network_namespaces(7)). The card runs in
a thread of this process, whose socket is made inside the namespace; tests can look at the card while a program drives
it.
"""

import ctypes
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TypeVar

from tests.waiting import PATIENCE, until
from warifu.ports import Connection
from warifu.wire import vpcd

READER, SECOND_READER = READERS = ("Virtual PCD 00 00", "Virtual PCD 00 01")
_PORT = 35963
_CLONE_NEWNET = 0x40000000
_NEEDED = ("unshare", "nsenter", "ip", "mount", "pcscd", "opensc-tool")
_NOTICED = 20.0
"""Seconds after which a card that pcscd has not noticed counts as lost."""
_DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")

T = TypeVar("T")

# The first process of the namespaces. It does what it is told line by line; at the end of its input it ends, and the
# kernel ends with it everything inside.
_INIT = """
ip link set lo up || exit 1
mount -t tmpfs none /run && mkdir /run/pcscd || exit 1
while read -r order; do
  case $order in
    start) pcscd --foreground $OPTIONS >"$LOG" 2>&1 & pid=$!
           for _ in $(seq 6000); do [ -S /run/pcscd/pcscd.comm ] && break; sleep 0.02; done ;;
    stop) kill "$pid"; wait "$pid" ;;
  esac
  echo "$order"
done
"""


def missing() -> str:
    """Why there can be no isolated pcscd here; empty if there can."""
    if os.name != "posix" or not hasattr(os, "geteuid") or not Path("/proc/self/ns/net").exists():
        return "namespaces need Linux"
    if os.geteuid() != 0:
        return "namespaces need root"
    if absent := [name for name in _NEEDED if shutil.which(name) is None]:
        return f"not installed: {', '.join(absent)}"
    if not _DRIVER.exists():
        return "not installed: vsmartcard-vpcd"
    refused = subprocess.run(
        ["unshare", "-n", "-m", "-p", "-f", "--mount-proc", "true"], capture_output=True, check=False
    )
    return refused.stderr.decode().strip() if refused.returncode else ""


class Pcscd:
    """A running pcscd and the namespaces around it."""

    def __init__(self, init: subprocess.Popen[str], orders: IO[str], answers: IO[str]) -> None:
        self._orders = orders
        self._answers = answers
        self.pid = _child(init.pid)
        """The first process inside, as seen from outside."""
        self._order("start")

    @property
    def socket_path(self) -> Path:
        """Where a client outside the namespaces reaches this pcscd (PCSCLITE_CSOCK_NAME)."""
        return Path(f"/proc/{self.pid}/root/run/pcscd/pcscd.comm")

    def command(self, *command: str) -> list[str]:
        """The command line that runs `command` inside, in our working directory."""
        return ["nsenter", "-t", str(self.pid), "-n", "-m", "-p", f"--wd={Path.cwd()}", "--", *command]

    def run(
        self, *command: str, text: str = "", environment: Mapping[str, str] | None = None, timeout: float = PATIENCE
    ) -> subprocess.CompletedProcess[str]:
        """Run a program inside, `text` on its stdin, and wait for it; stderr comes within stdout."""
        return subprocess.run(
            self.command(*command),
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**_environment(), **(environment or {})},
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            check=False,
        )

    def restart(self) -> None:
        """End pcscd and start it again; cards fall out of the reader."""
        self._order("stop")
        self._order("start")

    @contextmanager
    def inserted(self, card: Connection, slot: int = 0) -> Iterator[Callable[[], None]]:
        """Have the card in a reader while the block runs, or until it is taken out with what this gives.

        vpcd can lose a card that comes just after another has gone: it accepts the connection and forgets it. Such a
        card is put in once more.
        """
        held = until(lambda: self._put_in(card, slot), lambda: f"pcscd did not notice the card: {self._readers()}")
        try:
            yield held.take_out
        finally:
            held.end()
            self.wait_for_card(gone=True, slot=slot)

    def _put_in(self, card: Connection, slot: int) -> "_Held | None":
        link = until(lambda: self._connected(_PORT + slot), lambda: "pcscd does not listen for a virtual reader")
        held = _Held(card, link)
        ends = time.monotonic() + _NOTICED
        while time.monotonic() < ends:
            if self._sees(" Yes ", slot):
                return held
            time.sleep(0.02)
        held.end()
        return None

    def _connected(self, port: int) -> socket.socket | None:
        with suppress(OSError):
            return inside_network(self.pid, lambda: socket.create_connection(("127.0.0.1", port)))
        return None

    def wait_for_card(self, *, gone: bool = False, slot: int = 0) -> None:
        """Wait until pcscd has noticed that a card came or went: it looks at a virtual reader now and then."""
        state = " No " if gone else " Yes "
        until(lambda: self._sees(state, slot), lambda: f"pcscd did not notice the card: {self._readers()}")

    def _sees(self, state: str, slot: int) -> bool:
        return state in next((line for line in self._readers() if READERS[slot] in line), "")

    def _readers(self) -> list[str]:
        return self.run("opensc-tool", "-l").stdout.splitlines()

    def _order(self, order: str) -> None:
        print(order, file=self._orders, flush=True)
        assert self._answers.readline().strip() == order


class _Held:
    """A card on a connection to vpcd."""

    def __init__(self, card: Connection, link: socket.socket) -> None:
        self._link = link
        self._serving = threading.Thread(target=vpcd.serve, args=(card, link), name="card", daemon=True)
        self._serving.start()

    def take_out(self) -> None:
        with suppress(OSError):  # pcscd may have hung up first
            self._link.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        self.take_out()
        self._serving.join()
        self._link.close()


@contextmanager
def isolated_pcscd(log: Path = Path(os.devnull), options: str = "") -> Iterator[Pcscd]:
    """A pcscd of our own while the block runs; `log` gets what it prints, it gets more `options`."""
    init = subprocess.Popen(
        ["unshare", "-n", "-m", "-p", "-f", "--mount-proc", "--kill-child", "bash", "-c", _INIT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "LOG": str(log), "OPTIONS": options},
        text=True,
    )
    assert init.stdin is not None
    assert init.stdout is not None
    with init:
        yield Pcscd(init, init.stdin, init.stdout)


def inside_network(pid: int, action: Callable[[], T]) -> T:
    """Do something in the network namespace of a process, in a thread of its own: a namespace is a thread's."""
    results: list[T] = []
    errors: list[BaseException] = []

    def enter() -> None:
        try:
            with Path(f"/proc/{pid}/ns/net").open() as namespace:
                if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), _CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), "setns")
            results.append(action())
        except BaseException as error:  # noqa: BLE001 - handed to the caller's thread
            errors.append(error)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def _environment() -> dict[str, str]:
    """Ours, without the way to a pcscd that is not the one inside."""
    return {name: value for name, value in os.environ.items() if name != "PCSCLITE_CSOCK_NAME"} | {"LC_ALL": "C.UTF-8"}


def _child(parent: int) -> int:
    """The one child of a process, once it is there."""
    children = Path(f"/proc/{parent}/task/{parent}/children")
    return int(until(lambda: children.read_text().split(), lambda: "unshare started nothing")[0])
