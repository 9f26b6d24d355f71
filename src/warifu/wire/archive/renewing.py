"""Renewing what proves documents: one more timestamp over each whose newest one ends soon.

Evidence beside a document gets it in its record: over the newest one, or, when the record's hash function ends soon or
another is asked for, over everything hashed anew (RFC 4998 §5.2, §5.3). A document without evidence gets it inside, at
level LTA, which changes no signed byte. A file is replaced in one step, and only by one that was verified to be as good
as the old one and to last longer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from warifu.documents import EVIDENCE_HASHES, Level, extend, material_certificates, read_signatures
from warifu.errors import CertificateRefused, Malformed, NotAllowed, Unavailable, WarifuError
from warifu.pki import EndEntityCertificate
from warifu.verifier import Indication, SoundAlgorithms
from warifu.verifier.evidence import Bundle, rehash_imprint, rehash_record, renew_record, renewal_imprint
from warifu.wire.answers import error_name
from warifu.wire.archive.lasting import bundle_lasts_until, hash_lasts_until, is_archived, lasts_until
from warifu.wire.archive.listing import Entry
from warifu.wire.archive.verifying import Desk, Progress, Seen, pieces_of, read_entry, verify_entry
from warifu.wire.clock import SystemEntropy
from warifu.wire.long_term import Sources, gather_material
from warifu.wire.long_term_outside import signs_documents
from warifu.wire.timestamps import TimestampClient
from warifu.wire.verification import write_whole

if TYPE_CHECKING:
    from warifu.wire.batch import Crew  # loads Dask

__all__ = ["Renewal", "Renewed", "renew_all", "renew_entry"]


@dataclass(frozen=True, slots=True)
class Renewal:
    """What documents are renewed with: the timestamp service, where evidence comes from, and how long ahead to look.

    `hash_name` is what records are to be hashed with; "" leaves each its own while that is believed (`algorithms`).
    """

    timestamp: str
    sources: Sources
    within: timedelta
    hash_name: str = ""
    algorithms: SoundAlgorithms = field(default_factory=SoundAlgorithms)


@dataclass(frozen=True, slots=True)
class Renewed:
    """What became of an entry: until when it lasts now, or why it was left as it is; neither if it lasts anyway."""

    name: str
    lasts_until: datetime | None = None
    error: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class _Piece:
    entries: tuple[Entry, ...]
    renewal: Renewal


def renew_all(
    crew: "Crew[Desk]",
    entries: Sequence[Entry],
    renewal: Renewal,
    progress: Progress = lambda _done, _all: None,
    *,
    workers: int = 2,
) -> list[Renewed]:
    """Renew every entry that needs it; those that do not are not in the answer.

    Raises:
        Unavailable: the workers are gone.
    """
    told: list[Renewed] = []
    done = 0
    pieces = [_Piece(piece, renewal) for piece in pieces_of(entries, workers)]
    for piece, became in crew.work(_renew_piece, pieces):
        told += [each for each in became if each.lasts_until is not None or each.error]
        done += len(piece.entries)
        progress(done, len(entries))
    return sorted(told, key=lambda each: each.name)


def _renew_piece(desk: Desk, piece: _Piece) -> list[Renewed]:
    return [renew_entry(desk, entry, piece.renewal) for entry in piece.entries]


def renew_entry(desk: Desk, entry: Entry, renewal: Renewal) -> Renewed:
    """Renew one entry if it needs it. A file that a killed worker renewed lasts, and is left alone."""
    try:
        seen = read_entry(entry)
        ends = _ends(seen, renewal)
        if ends is None or (ends > desk.clock.now() + renewal.within and not _other_hash(seen, renewal)):
            return Renewed(entry.name)
        lasts = _renew(desk, entry, seen, renewal, ends)
    except WarifuError as error:
        return Renewed(entry.name, None, error_name(error), str(error))
    verify_entry(desk, entry, anew=True)
    return Renewed(entry.name, lasts)


def _ends(seen: Seen, renewal: Renewal) -> datetime | None:
    if seen.evidence is not None:
        return bundle_lasts_until(Bundle.decode(seen.evidence), renewal.algorithms)
    return lasts_until(read_signatures(seen.document, detached=seen.content))


def _renew(desk: Desk, entry: Entry, seen: Seen, renewal: Renewal, ends: datetime) -> datetime:
    if seen.evidence is not None:
        assert entry.evidence is not None
        path, renewed = entry.evidence, _renewed_bundle(seen.evidence, renewal, desk.clock.now())
        after = replace(seen, evidence=renewed)
        shown = desk.office.check_evidence(renewed, seen.document, seen.content).indication
    else:
        path, renewed = entry.document, _renewed_document(desk, seen, renewal)
        after = replace(seen, document=renewed)
        shown = desk.office.verify(renewed, seen.content).indication
    lasts = _ends(after, renewal)
    if shown is not Indication.TOTAL_PASSED:
        raise NotAllowed(f"what is {shown.value} is not renewed")
    if lasts is None or lasts < ends or (lasts == ends and not _other_hash(seen, renewal)):
        raise Unavailable("the timestamp service's certificate does not last longer than what is there")
    _put(path, renewed)
    return lasts


def _renewed_bundle(evidence: bytes, renewal: Renewal, now: datetime) -> bytes:
    """Another timestamp in the record: over all that is in it, hashed anew, where its hash function does not do."""
    bundle, service = Bundle.decode(evidence), TimestampClient(renewal.timestamp)
    own, imprint = renewal_imprint(bundle)
    chosen = renewal.hash_name or _lasting_hash(own, renewal, now)
    if chosen == own:
        return renew_record(bundle, service.token(imprint, own)).encode()
    token = service.token(rehash_imprint(bundle, chosen), chosen)
    return rehash_record(bundle, token, chosen).encode()


def _lasting_hash(own: str, renewal: Renewal, now: datetime) -> str:
    """The record's own hash function, or the one that is believed for longest when that ends soon."""
    ends = hash_lasts_until(own, renewal.algorithms)
    if ends > now + renewal.within:
        return own
    best = max(reversed(EVIDENCE_HASHES), key=lambda name: hash_lasts_until(name, renewal.algorithms))
    return best if hash_lasts_until(best, renewal.algorithms) > ends else own


def _other_hash(seen: Seen, renewal: Renewal) -> bool:
    """Whether evidence is hashed with something else than what is asked for."""
    if seen.evidence is None or not renewal.hash_name:
        return False
    return renewal_imprint(Bundle.decode(seen.evidence))[0] != renewal.hash_name


def _renewed_document(desk: Desk, seen: Seen, renewal: Renewal) -> bytes:
    """The document with evidence about what is in it by now, and an archive timestamp over that."""
    ask = TimestampClient(renewal.timestamp).ask
    found = read_signatures(seen.document, detached=seen.content)
    archived = is_archived(found)
    stamped = seen.document if archived else extend(seen.document, Level.T, stamp=ask)
    # Once a timestamp covers all, nobody is asked about the signer any more, whose certificate may have ended.
    about = [each for each in material_certificates(stamped) if not (archived and _is_holders(each))]
    material = gather_material(about, renewal.sources, desk.clock.now(), SystemEntropy())
    return extend(stamped, Level.LTA, material=material, stamp=ask, content=seen.content)


def _is_holders(certificate: bytes) -> bool:
    """Whether it is a signer's, JPKI's or another."""
    try:
        EndEntityCertificate.decode(certificate)
    except (CertificateRefused, Malformed):
        return signs_documents(certificate)
    return True


def _put(path: Path, data: bytes) -> None:
    """In place of the old file, in one step; who may read it stays as it was."""
    mode = path.stat().st_mode
    write_whole(path, data)
    path.chmod(mode)
