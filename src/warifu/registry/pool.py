"""Unused resident record codes that a municipality keeps in store, so that no birth waits for the network."""

from dataclasses import dataclass, replace
from typing import Self

from warifu.errors import AlreadyAnswered, NotAllowed
from warifu.messages import CodeBlock
from warifu.person import ResidentRecordCode
from warifu.registry.change import Act


@dataclass(frozen=True, slots=True)
class PooledCode:
    """One code of a block: unused until an act wrote it into a record, and never given back.

    Source: 住民基本台帳法 第30条の2 (codes are designated to municipalities beforehand, none twice).
    """

    code: ResidentRecordCode
    municipality: str
    spent_by: str | None = None
    version: int = 1

    @property
    def id(self) -> str:
        """The code's digits: as private as the code."""
        return self.code.reveal()

    def spend(self, act: Act, municipality: str) -> Self:
        """The code as used by that act.

        Raises:
            NotAllowed: another municipality's.
            AlreadyAnswered: it is used already.
        """
        if self.municipality != municipality:
            raise NotAllowed("the code belongs to another municipality's block")
        if self.spent_by is not None:
            raise AlreadyAnswered("the code is used already")
        return replace(self, spent_by=act.id, version=self.version + 1)


def pooled(block: CodeBlock, municipality: str) -> tuple[PooledCode, ...]:
    """The codes of a block, in store."""
    return tuple(PooledCode(code, municipality) for code in block.codes)
