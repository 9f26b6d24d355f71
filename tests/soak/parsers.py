"""One parser fed with damaged input for a while: ``python -m tests.soak.parsers NAME SECONDS SEED``.

For a process of its own, whose memory is limited by whoever starts it. Each input has a few seconds; whatever is raised
must be one of our errors. It ends with the number of inputs; a failure ends with the input, in hexadecimal.
"""

import random
import signal
import sys
import time
from collections.abc import Callable, Mapping
from itertools import count
from types import FrameType

from warifu.errors import WarifuError

SECONDS_EACH = 5.0
_PIECES = (b"", b"\x30\x80", b"\x30\x84\x7f\xff\xff\xff", b"\xff" * 8, b"\0" * 64, b"<" * 40, b"[" * 500, b"<<" * 300)

Parser = tuple[Callable[[bytes], object], Callable[[], list[bytes]]]


def _cms() -> Parser:
    from tests.documents.cms_flips import KINDS, signed
    from warifu.documents.cms_reading import read_cms

    return lambda data: read_cms(data, None), lambda: [signed(kind) for kind in KINDS]


def _pdf() -> Parser:
    from tests.documents.pdf_reading_world import FORM, PACKED, TABLE, signed
    from tests.documents.test_pdf_levels import PDF
    from warifu.documents.pdf_reading import read_pdf

    return read_pdf, lambda: [*map(signed, (TABLE, PACKED, FORM)), _twice(signed(FORM)), PDF]


def _twice(pdf: bytes) -> bytes:
    from tests.documents.world import AT, rsa
    from warifu.documents import sign_pdf

    return sign_pdf(pdf, rsa().witness, AT)


def _xml() -> Parser:
    from tests.documents.xml_world import beside, lasting, signed
    from warifu.documents import Level, read_xml

    return lambda data: read_xml(data, None), lambda: [signed(), beside(), lasting(Level.LT)]


def _timestamp() -> Parser:
    from tests.documents.cms_world import token
    from warifu.documents import read_timestamp

    return read_timestamp, lambda: [token(b"data")]


def _bundle() -> Parser:
    from tests.verifier.test_evidence import bundle
    from warifu.verifier.evidence import Bundle

    return Bundle.decode, lambda: [bundle().encode()]


def _record() -> Parser:
    from tests.documents.test_evidence_record import record
    from warifu.documents import EvidenceRecord

    return EvidenceRecord.decode, lambda: [record().encode()]


def _lists() -> Parser:
    from tests.verifier.test_revoked_index import list_of, many, written
    from warifu.pki import RevocationList
    from warifu.verifier.revoked.building import index_list
    from warifu.verifier.revoked.cut import cut_list
    from warifu.verifier.revoked_index import RevokedIndex

    def read(data: bytes) -> None:
        index = index_list(cut_list(memoryview(data)))
        if index is not None:
            told = dict(RevokedIndex(written(index), memoryview(data)))
            assert told == dict(RevocationList.decode(data).revoked)

    return read, lambda: [list_of(many(40))]


def _index() -> Parser:
    from tests.verifier.test_revoked_index import list_of, many, written
    from warifu.verifier.revoked.building import index_list
    from warifu.verifier.revoked.cut import cut_list
    from warifu.verifier.revoked_index import RevokedIndex

    whole = list_of(many(40))

    def read(data: bytes) -> None:
        index = RevokedIndex(memoryview(data), memoryview(whole))
        for number in index:
            index.get(number)

    def made() -> list[bytes]:
        index = index_list(cut_list(memoryview(whole)))
        assert index is not None
        return [bytes(written(index))]

    return read, made


def _trust() -> Parser:
    import json

    from tests.pki import world
    from warifu.wire.verification import TrustedAnchor

    def whole() -> list[bytes]:
        certificate = world.authority(world.SIGNING).certificate_der
        return [json.dumps(TrustedAnchor.of(certificate, world.NOW).told(), indent=1).encode()]

    return TrustedAnchor.read, whole


PARSERS: Mapping[str, Callable[[], Parser]] = {
    "CMS": _cms,
    "PDF": _pdf,
    "XML": _xml,
    "timestamps": _timestamp,
    "evidence bundles": _bundle,
    "evidence records": _record,
    "revocation lists": _lists,
    "revocation indexes": _index,
    "trust store": _trust,
}


def damaged(seeds: list[bytes], chance: random.Random) -> bytes:
    """One of them, cut, doubled, overwritten and with pieces of others in it."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 6)):
        at, length = chance.randrange(len(data) + 1), chance.choice((1, 1, 1, 4, 40, 4000))
        match chance.randrange(5):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del data[at : at + length]
            case 2:
                data[at:at] = data[at : at + length] * chance.choice((1, 1, 50))
            case 3:
                other = chance.choice(seeds)
                begin = chance.randrange(len(other))
                data[at : at + length] = other[begin : begin + length]
            case _:
                data[at:at] = chance.choice(_PIECES)
    return bytes(data)


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"longer than {SECONDS_EACH} seconds")


def campaign(name: str, seconds: float, seed: int) -> int:
    """How many inputs were read or refused."""
    read, make = PARSERS[name]()
    seeds, chance = make(), random.Random(seed)
    signal.signal(signal.SIGALRM, _too_long)
    ends = time.monotonic() + seconds
    for number in count():
        if time.monotonic() > ends:
            return number
        _feed(read, damaged(seeds, chance))
    raise AssertionError("there is no end to numbers")


def _feed(read: Callable[[bytes], object], data: bytes) -> None:
    signal.setitimer(signal.ITIMER_REAL, SECONDS_EACH)
    try:
        read(data)
    except WarifuError:
        pass  # said so
    except BaseException:
        print(data.hex())
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    print(campaign(sys.argv[1], float(sys.argv[2]), int(sys.argv[3])))
