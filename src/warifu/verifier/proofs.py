"""Proofs of existence: what is shown to have existed by when, from timestamps that hold (ETSI EN 319 102-1 §5.6.2.3).

Everything existed at the latest at the moment of validation. A timestamp that holds shows that what it covers existed
at its time; whatever was sound then stays so, even when its certificate or algorithm has ended since.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from warifu.documents import Covered, FoundTimestamp, TimestampKind

__all__ = ["Proofs"]


@dataclass(slots=True)
class Proofs:
    """The earliest proved moments for one signature, validated as of `at`, with what is known until `known_until`.

    `signature_at` for its value, `content_at` for what was signed; `not_before` is a moment before which the signature
    cannot have been made, because it covers a timestamp of that moment.
    """

    at: datetime
    signature_at: datetime
    content_at: datetime
    known_until: datetime
    not_before: datetime | None = None
    _values: dict[bytes, datetime] = field(default_factory=dict, repr=False)
    _everything: datetime | None = None

    @classmethod
    def none(cls, at: datetime) -> "Proofs":
        """Nothing is proved but that it is here now."""
        return cls(at, at, at, at)

    def add(self, timestamp: FoundTimestamp, moment: datetime) -> None:
        """Take in a timestamp that holds."""
        if timestamp.kind is TimestampKind.CONTENT:
            self.not_before = moment if self.not_before is None else max(self.not_before, moment)
        if Covered.SIGNATURE in timestamp.covers:
            self.signature_at = min(self.signature_at, moment)
        if Covered.CONTENT in timestamp.covers:
            self.content_at = min(self.content_at, moment)
        if Covered.VALUES in timestamp.covers:
            self._add_values(timestamp.values, moment)

    def _add_values(self, values: frozenset[bytes] | None, moment: datetime) -> None:
        if values is None:
            self._everything = moment if self._everything is None else min(self._everything, moment)
            return
        for digest in values:
            self._values[digest] = min(self._values.get(digest, moment), moment)

    def value_at(self, value: bytes) -> datetime:
        """When a certificate, list, answer or token is shown to have existed."""
        if self._everything is None and not self._values:
            return self.at
        moment = self._values.get(hashlib.sha256(value).digest(), self.at)
        return moment if self._everything is None else min(moment, self._everything)
