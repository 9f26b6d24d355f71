"""Evidence records: that data existed at a moment, for longer than any one timestamp can be believed (RFC 4998).

A record begins with a timestamp over a group of data objects. Before that timestamp's certificate ends, another is put
over it (`EvidenceRecord.renewed`); before its hash function falls, the objects are hashed anew with a stronger
one together with everything so far (`EvidenceRecord.rehashed`). Whoever checks goes through `steps` from the newest to
the oldest: each token only has to be believable at the moment of the one after it.

Only what this project writes is read: one group of data objects, one hash list, no encryption.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from asn1crypto import algos, cms, core

from warifu.errors import Malformed, Tampered

__all__ = ["EVIDENCE_HASHES", "EvidenceRecord", "EvidenceStep", "group_imprint"]

EVIDENCE_HASHES = ("sha256", "sha384", "sha512")
_MOST_STAMPS = 200
_LARGEST = 8 * 1024 * 1024


class _HashList(core.SequenceOf):  # type: ignore[misc]  # asn1crypto tells no types
    _child_spec = core.OctetString


class _HashTree(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _HashList


class _Stamped(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar[list[Any]] = [
        ("digest_algorithm", algos.DigestAlgorithm, {"implicit": 0, "optional": True}),
        ("attributes", cms.CMSAttributes, {"implicit": 1, "optional": True}),
        ("reduced_hashtree", _HashTree, {"implicit": 2, "optional": True}),
        ("time_stamp", cms.ContentInfo),
    ]


class _Chain(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _Stamped


class _Chains(core.SequenceOf):  # type: ignore[misc]  # asn1crypto's own leaves out the chains
    _child_spec = _Chain


class _Algorithms(core.SequenceOf):  # type: ignore[misc]
    _child_spec = algos.DigestAlgorithm


class _Record(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar[list[Any]] = [
        ("version", core.Integer),
        ("digest_algorithms", _Algorithms),
        ("chains", _Chains),
    ]


@dataclass(frozen=True, slots=True)
class EvidenceStep:
    """One timestamp of a record: its token (DER of the CMS) must be about this imprint."""

    token: bytes
    hash_name: str
    imprint: bytes


@dataclass(frozen=True, slots=True)
class _Stamp:
    """A token, and the hash list its imprint was made of where it covers the data objects themselves."""

    token: bytes
    hashes: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class _Era:
    """What one hash function carries: RFC 4998's archive timestamp chain."""

    hash_name: str
    stamps: tuple[_Stamp, ...]

    def encoded(self) -> Any:
        return _Chain([_stamped(self.hash_name, stamp) for stamp in self.stamps])


def group_imprint(objects: Sequence[bytes], hash_name: str) -> bytes:
    """What the first timestamp has to be about, for a group of data objects (RFC 4998 §4.2).

    Raises:
        Malformed: no object at all, two alike, or a hash that no record may use.
    """
    return _imprint(_hashes(objects, hash_name), hash_name)


@dataclass(frozen=True, slots=True)
class EvidenceRecord:
    """A chain of timestamps over a group of data objects, oldest first.

    Wire: DER EvidenceRecord, at most 8 MiB and 200 timestamps.
    Source: RFC 4998 §3.1, §4.2 (data groups), §5 (renewal).
    """

    _eras: tuple[_Era, ...]

    @classmethod
    def begin(cls, objects: Sequence[bytes], hash_name: str, token: bytes) -> Self:
        """A new record from the token that was given for `group_imprint`.

        Raises:
            Malformed: as `group_imprint`.
        """
        return cls((_Era(hash_name, (_Stamp(token, _hashes(objects, hash_name)),)),))

    @property
    def hash_name(self) -> str:
        """The hash function the newest timestamp relies on."""
        return self._eras[-1].hash_name

    def renewal_imprint(self) -> bytes:
        """What the next timestamp has to be about, by `hash_name`: the newest one so far (RFC 4998 §5.2)."""
        return hashlib.new(self.hash_name, self._eras[-1].stamps[-1].token).digest()

    def renewed(self, token: bytes) -> Self:
        """The record with a timestamp over its newest one."""
        *before, era = self._eras
        return type(self)((*before, _Era(era.hash_name, (*era.stamps, _Stamp(token)))))

    def rehash_imprint(self, objects: Sequence[bytes], hash_name: str) -> bytes:
        """What the next timestamp has to be about when the hash function changes (RFC 4998 §5.3).

        Raises:
            Malformed: as `group_imprint`.
        """
        return _imprint(self._rehashed(objects, hash_name, len(self._eras)), hash_name)

    def rehashed(self, objects: Sequence[bytes], hash_name: str, token: bytes) -> Self:
        """The record with a timestamp over the data objects and everything so far, by another hash function."""
        hashes = self._rehashed(objects, hash_name, len(self._eras))
        return type(self)((*self._eras, _Era(hash_name, (_Stamp(token, hashes),))))

    def steps(self, objects: Sequence[bytes]) -> tuple[EvidenceStep, ...]:
        """The timestamps, oldest first, each with what it must be about if these are the data objects.

        Raises:
            Tampered: the record is about other objects.
            Malformed: as `group_imprint`.
        """
        found: list[EvidenceStep] = []
        for number, era in enumerate(self._eras):
            first = self._rehashed(objects, era.hash_name, number)
            if era.stamps[0].hashes != first:
                raise Tampered("the evidence record is about other data")
            imprint = _imprint(first, era.hash_name)
            for stamp in era.stamps:
                found.append(EvidenceStep(stamp.token, era.hash_name, imprint))
                imprint = hashlib.new(era.hash_name, stamp.token).digest()
        return tuple(found)

    def _rehashed(self, objects: Sequence[bytes], hash_name: str, number: int) -> tuple[bytes, ...]:
        """The hash list that era `number` begins with: of the objects, each with all eras before it."""
        hashes = _hashes(objects, hash_name)
        if number == 0:
            return hashes
        before = _Chains([era.encoded() for era in self._eras[:number]]).dump()
        so_far = hashlib.new(hash_name, before).digest()
        return tuple(sorted(hashlib.new(hash_name, one + so_far).digest() for one in hashes))

    def encode(self) -> bytes:
        """DER."""
        names = sorted({era.hash_name for era in self._eras})
        algorithms = [{"algorithm": name} for name in names]
        chains = [era.encoded() for era in self._eras]
        return bytes(_Record({"version": 1, "digest_algorithms": algorithms, "chains": chains}).dump())

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a record; whether its tokens may be believed is another matter.

        Raises:
            Malformed: not DER, not the form this project writes, or too large.
        """
        if len(data) > _LARGEST:
            raise Malformed("an evidence record is at most 8 MiB")
        try:
            read = cls(_eras(_Record.load(data, strict=True)))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise Malformed("not an evidence record") from error
        if read.encode() != data:
            # One record, one encoding: nothing is carried along that nobody looks at.
            raise Malformed("not an evidence record in DER, of one group of data objects")
        return read


def _eras(record: Any) -> tuple[_Era, ...]:
    if record["version"].native != 1:
        raise Malformed("an evidence record of another version")
    eras = tuple(_era(chain) for chain in record["chains"])
    if not 0 < sum(len(era.stamps) for era in eras) <= _MOST_STAMPS:
        raise Malformed(f"an evidence record has between 1 and {_MOST_STAMPS} timestamps")
    return eras


def _era(chain: Any) -> _Era:
    names = {stamp["digest_algorithm"]["algorithm"].native for stamp in chain}
    if len(names) != 1:
        raise Malformed("the timestamps of a chain use one hash function")
    (name,) = names
    _check_hash(name)
    stamps = tuple(_stamp(stamp) for stamp in chain)
    if not stamps[0].hashes or any(stamp.hashes for stamp in stamps[1:]):
        raise Malformed("the first timestamp of a chain covers the data, the others the one before")
    return _Era(name, stamps)


def _stamp(stamp: Any) -> _Stamp:
    token = bytes(stamp["time_stamp"].dump())
    tree = stamp["reduced_hashtree"]
    if isinstance(tree, core.Void):
        return _Stamp(token)
    (only,) = tree
    return _Stamp(token, tuple(one.native for one in only))


def _stamped(hash_name: str, stamp: _Stamp) -> Any:
    fields: dict[str, Any] = {
        "digest_algorithm": {"algorithm": hash_name},
        "time_stamp": cms.ContentInfo.load(stamp.token, strict=True),
    }
    if stamp.hashes:
        fields["reduced_hashtree"] = _HashTree([_HashList(list(stamp.hashes))])
    return _Stamped(fields)


def _hashes(objects: Sequence[bytes], hash_name: str) -> tuple[bytes, ...]:
    """The hashes of a group's objects in binary ascending order."""
    _check_hash(hash_name)
    hashes = tuple(sorted(hashlib.new(hash_name, one).digest() for one in objects))
    if not hashes or len(set(hashes)) != len(hashes):
        raise Malformed("a group has at least one data object, and none twice")
    return hashes


def _imprint(hashes: tuple[bytes, ...], hash_name: str) -> bytes:
    """A group's hash; that of a single object is its own (RFC 4998 §4.2)."""
    return hashes[0] if len(hashes) == 1 else hashlib.new(hash_name, b"".join(hashes)).digest()


def _check_hash(name: str) -> None:
    if name not in EVIDENCE_HASHES:
        raise Malformed(f"evidence is hashed with {', '.join(EVIDENCE_HASHES)}")
