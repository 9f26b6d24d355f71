"""A revocation list of ten million entries: verified and indexed, opened again, asked.

The limit of taking it in is the SHA-256 of the file, in the same turns. Most entries have a reason, so they are of one
length; in the second list one in thirty has none, as certificates discarded before delivery have none, and lengths
alternate. The peers read a list of a million; what they take is multiplied by ten, which flatters them.
"""

import gc
import hashlib
import mmap
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bench.row import Row, microseconds, slower_than_limit
from bench.verify import NOW, PLACE, authority
from warifu.pki import Reason, Revocation, build_crl, der
from warifu.verifier import Anchors, RevokedIndex
from warifu.verifier.revoked import ListIndex, check_large_list

COUNT = 10_000_000
PEERS = 1_000_000
FIRST, STEP = 0x01000000, 7
_TURNS = 5


def measure() -> list[Row]:
    """The rows of the list; ours, then the peers'."""
    with tempfile.TemporaryDirectory() as folder:
        large, mixed, small = (Path(folder) / name for name in ("large.crl", "mixed.crl", "small.crl"))
        large.write_bytes(list_of(COUNT))
        mixed.write_bytes(list_of(COUNT, plain=30))
        small.write_bytes(list_of(PEERS))
        return [*_taking(large, mixed), *_asking(large, Path(folder) / "index"), *_peers(small, large)]


def _taking(large: Path, mixed: Path) -> list[Row]:
    limit, taken = _in_turns(lambda: _hash(large), lambda: _take(large))
    of_mixed, taken_mixed = _in_turns(lambda: _hash(mixed), lambda: _take(mixed))
    added = _memory(large) / large.stat().st_size
    return [
        slower_than_limit("revocation list of 10 M, loaded and verified", taken * 1e3, limit * 1e3, 1 / 1.6, "ms"),
        slower_than_limit(
            "revocation list of 10 M of two lengths, loaded and verified", taken_mixed * 1e3, of_mixed * 1e3, 0.0, "ms"
        ),
        slower_than_limit("revocation list of 10 M, memory with the file", added, 1.0, 1 / 1.5, "× the file"),
    ]


def _asking(large: Path, index: Path) -> list[Row]:
    with index.open("wb") as file:
        for piece in _take(large).pieces():
            file.write(piece)
    opened = microseconds(lambda: _open(index, large)) / 1e3
    revoked = _open(index, large)
    chance = random.Random(1)
    numbers = [FIRST + chance.randrange(COUNT * STEP) for _ in range(20_000)]
    there = [FIRST + STEP * chance.randrange(COUNT) for _ in range(20_000)]
    return [
        slower_than_limit("revocation index of 10 M, reopening", opened, 1.0, 0.2, "ms"),
        slower_than_limit("revocation index of 10 M, look-up", _each(revoked.get, numbers), 1.0, 0.5),
        slower_than_limit("revocation index of 10 M, when and why", _each(revoked.get, there), 1.0, 0.0),
        slower_than_limit("revocation index of 10 M, an entry", index.stat().st_size / COUNT, 4.0, 0.8, "bytes"),
    ]


def _peers(small: Path, large: Path) -> list[Row]:
    times = COUNT // PEERS
    limit = _best(lambda: _hash(large))
    key = authority().certificate.public_key()
    read = x509.load_der_x509_crl(small.read_bytes())
    verified = _once(lambda: x509.load_der_x509_crl(small.read_bytes()).is_signature_valid(key)) * times  # type: ignore[arg-type]
    asked = _once(lambda: read.get_revoked_certificate_by_serial_number(FIRST + STEP * PEERS // 2 + 1)) * times
    openssl = _once(lambda: _openssl(small)) * times
    return [
        slower_than_limit("revocation list of 10 M, by the peer cryptography", verified * 1e3, limit * 1e3, 0.0, "ms"),
        slower_than_limit("revocation list of 10 M, by the peer openssl crl", openssl * 1e3, limit * 1e3, 0.0, "ms"),
        slower_than_limit("revocation look-up among 10 M, by the peer cryptography", asked * 1e6, 1.0, 0.0),
    ]


# --- ours -------------------------------------------------------------------------------------------------------------


def _map(path: Path) -> memoryview:
    with path.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _take(path: Path) -> ListIndex:
    index = check_large_list(_map(path), Anchors.load([authority().certificate_der])).index
    assert index is not None
    assert index.heading.count == COUNT
    return index


def _open(index: Path, data: Path) -> RevokedIndex:
    return RevokedIndex(_map(index), _map(data))


def _hash(path: Path) -> bytes:
    return hashlib.sha256(_map(path)).digest()


def _memory(path: Path) -> float:
    """The memory that a process of its own needs more for taking the list than for being there, in bytes."""
    program = "from bench.crl_reading import peak_of; import sys; print(peak_of(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def peak_of(path: str) -> float:
    """For `_memory`, in the other process: the file itself counts as far as it is mapped."""
    check_large_list(memoryview(list_of(10)), Anchors.load([authority().certificate_der]))  # all that is loaded once
    before = _peak()
    _take(Path(path))
    return _peak() - before


def _peak() -> float:
    """The most memory this process ever had; `getrusage` would tell that of the process it came from (Linux)."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return float(line.split()[1]) * 1024


# --- a list -----------------------------------------------------------------------------------------------------------


def list_of(count: int, *, plain: int = 0) -> bytes:
    """A list of so many entries; of each `plain`, one has no reason."""
    issuer = authority()
    two = {FIRST: Revocation(NOW, Reason.SUPERSEDED), FIRST + STEP: Revocation(NOW, Reason.UNSPECIFIED)}
    short = build_crl(issuer, municipality=PLACE, revoked=two, number=1, this_update=NOW)
    body = der.whole(short, der.SEQUENCE)
    signed = der.whole(body[: der.slice_element(body, 0, der.SEQUENCE)[1]], der.SEQUENCE)
    entry = signed.index(bytes.fromhex("30230204") + FIRST.to_bytes(4, "big"))
    shapes = signed[entry : entry + 37], signed[entry + 37 : entry + 60]
    before = signed[: entry - 2]
    entries = _rows(shapes[0], count) if not plain else _mixed(shapes, count, plain)
    tbs = der.encode(
        der.SEQUENCE, b"".join((before, der.header(der.SEQUENCE, len(entries)), entries, signed[entry + 60 :]))
    )
    algorithm = before[3 : der.slice_element(before, 3, der.SEQUENCE)[1]]
    return der.encode(der.SEQUENCE, tbs, algorithm, der.bit_string(issuer.signer.sign(tbs)))


def _rows(entry: bytes, count: int, first: int = 0, step: int = 1) -> bytes:
    rows = np.tile(np.frombuffer(entry, np.uint8), count).reshape(count, len(entry))
    numbers = (FIRST + STEP * (first + step * np.arange(count))).astype(">u4")
    rows[:, 4:8] = numbers.view(np.uint8).reshape(count, 4)
    chance = np.random.default_rng(count)
    moments = np.datetime64("2021-11-22T00:00:00") + chance.integers(0, 5 * 365 * 86_400, count)
    months, days = moments.astype("M8[M]"), moments.astype("M8[D]")
    of_day = (moments - days).astype(np.int64)
    parts = (
        months.astype("M8[Y]").astype(np.int64) - 30,
        months.astype(np.int64) % 12 + 1,
        (days - months).astype(np.int64) + 1,
        of_day // 3600,
        of_day // 60 % 60,
        of_day % 60,
    )
    for column, values in zip(range(10, 22, 2), parts, strict=True):
        rows[:, column], rows[:, column + 1] = 0x30 + values // 10, 0x30 + values % 10
    return rows.tobytes()


def _mixed(shapes: tuple[bytes, bytes], count: int, plain: int) -> bytes:
    """One without a reason, then the others, again and again."""
    reasoned = _rows(shapes[0], count)
    single = _rows(shapes[1], -(-count // plain), 0, plain)
    width, short = len(shapes[0]), len(shapes[1])
    return b"".join(
        single[block * short : (block + 1) * short]
        + reasoned[(block * plain + 1) * width : (block + 1) * plain * width]
        for block in range(-(-count // plain))
    )


# --- timing -----------------------------------------------------------------------------------------------------------


def _once(call: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _best(call: Callable[[], object]) -> float:
    return min(_once(call) for _ in range(_TURNS))


def _in_turns(*calls: Callable[[], object]) -> list[float]:
    """The best of each, by turns."""
    turns = [[_once(call) for call in calls] for _ in range(_TURNS)]
    return [min(turn[place] for turn in turns) for place in range(len(calls))]


def _each(ask: Callable[[int], object], numbers: list[int]) -> float:
    def all_of_them() -> None:
        for number in numbers:
            ask(number)

    return microseconds(all_of_them, seconds=2.0) / len(numbers)


def _openssl(path: Path) -> None:
    issuer = authority()
    pem = path.with_suffix(".pem")
    pem.write_bytes(issuer.certificate.public_bytes(Encoding.PEM))
    command = ["openssl", "crl", "-inform", "DER", "-in", str(path), "-noout", "-CAfile", str(pem)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C"})
    if "verify OK" not in done.stderr:
        raise RuntimeError(f"openssl does not verify the list: {done.stderr}")
