"""The party that keeps the heads of somebody else's log: a file, on another machine's disk or another person's.

A head is kept only when it is signed by the log's key and proved to continue the tree of the head before
(`ledger.check_succession`). From then on the log cannot take back, change or reorder anything below it: there would be
no proof, and whoever has this file can show both heads.

Wire: lines of ASCII, each synced to the disk before it counts: first ``log`` and the log's public key (base64 of DER
SubjectPublicKeyInfo), then ``head`` and a head each (base64 of RFC 9162 §4.10). A last line without its end was never
written.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from filelock import FileLock

from warifu.errors import Malformed, Unavailable, WrongLog
from warifu.ledger import ConsistencyProof, SignedTreeHead, check_succession, check_tree_head
from warifu.messages import json

__all__ = ["HeadFile", "Witness"]


class Witness(Protocol):
    """Whoever keeps the heads of one log."""

    def newest(self) -> SignedTreeHead | None:
        """The head kept last, if there is one.

        Raises:
            Unavailable: the witness does not answer.
        """
        ...

    def keep(self, head: SignedTreeHead, proof: ConsistencyProof | None) -> None:
        """Keep a head; `proof` leads from `newest` to it, and is None for the first one.

        Raises:
            LogRefused: it is another log's, or does not continue the tree.
            WrongSignature: the log did not sign it.
            Unavailable: the witness does not answer.
        """
        ...

    def heads(self) -> list[SignedTreeHead]:
        """Every head kept, in the order of keeping.

        Raises:
            Unavailable: the witness does not answer.
        """
        ...


class HeadFile:
    """Keeps the heads of the log with this public key in a file."""

    def __init__(self, path: Path, public_key_info: bytes) -> None:
        self._path = path
        self._public_key_info = public_key_info
        self._lock = FileLock(f"{path}.lock")

    def newest(self) -> SignedTreeHead | None:
        """The head kept last, if there is one."""
        kept = self.heads()
        return kept[-1] if kept else None

    def keep(self, head: SignedTreeHead, proof: ConsistencyProof | None) -> None:
        """Keep a head; one that is kept already is not written again."""
        with self._lock:
            kept = self.newest()
            if kept is None:
                check_tree_head(head, self._public_key_info)
                self._write(f"log {json.to_base64(self._public_key_info)}\n" * (not self._lines()))
            elif proof is None or proof.older_size != kept.tree_head.size:
                raise Malformed("the proof does not lead from the head kept last")
            else:
                check_succession(kept, head, proof, self._public_key_info)
            if head != kept:
                self._write(f"head {json.to_base64(head.encode())}\n")

    def heads(self) -> list[SignedTreeHead]:
        """Every head kept, in the order of keeping.

        Raises:
            Malformed: the file is something else, or damaged.
            WrongLog: it has another log's heads.
            Unavailable: it cannot be read.
        """
        return list(self._read())

    def _read(self) -> Iterator[SignedTreeHead]:
        for number, line in enumerate(self._lines()):
            what, _, value = line.partition(" ")
            if (what == "log") is not (number == 0) or what not in {"log", "head"}:
                raise Malformed(f"{self._path} keeps no heads of a log")
            if what == "head":
                yield SignedTreeHead.decode(json.from_base64(value))
            elif json.from_base64(value) != self._public_key_info:
                raise WrongLog

    def _lines(self) -> list[str]:
        try:
            text = self._path.read_bytes().decode("ascii")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Unavailable.because(f"cannot read {self._path}", error) from error
        except UnicodeDecodeError:
            raise Malformed(f"{self._path} keeps no heads of a log") from None
        whole, _, _torn = text.rpartition("\n")
        return whole.split("\n") if whole else []

    def _write(self, text: str) -> None:
        """Append to the whole lines; what a power cut left of another line goes."""
        whole = sum(len(line) + 1 for line in self._lines())
        try:
            with self._path.open("ab") as file:
                file.truncate(whole)
                file.write(text.encode("ascii"))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise Unavailable.because(f"cannot write {self._path}", error) from error
