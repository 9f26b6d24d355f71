"""The index of a revocation list against cryptography's reading of the same list: never another answer."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import example, given
from hypothesis import strategies as st

from tests.pki import world
from tests.pki.test_fuzz import damaged
from tests.pki.world import AUTHENTICATION, KIYOSE, NOW
from tests.verifier import scene
from warifu.errors import Malformed, RevocationDataRefused, WarifuError
from warifu.pki import Reason, Revocation, RevocationList, build_crl, check_digest_signature, hash_name_of
from warifu.verifier import Anchors
from warifu.verifier.revoked.building import ListIndex, check_large_list, index_list
from warifu.verifier.revoked.cut import cut_list
from warifu.verifier.revoked.scan import scan_entries
from warifu.verifier.revoked.shape import Irregular
from warifu.verifier.revoked_index import IndexHeading, RevokedIndex

ISSUER = world.authority(AUTHENTICATION)
Revoked = dict[int, Revocation]


def list_of(revoked: Revoked, issuer: Any = ISSUER) -> bytes:
    return build_crl(issuer, municipality=KIYOSE, revoked=revoked, number=7, this_update=NOW)


def many(count: int, *, reasons: Iterable[Reason] = tuple(Reason)[1:], first: int = 0x01000000) -> Revoked:
    """Entries as a municipality has them."""
    chance, reasons = random.Random(count), tuple(reasons)
    return {
        first + 7 * place: Revocation(NOW - timedelta(seconds=chance.randrange(10**8)), chance.choice(reasons))
        for place in range(count)
    }


def written(index: ListIndex) -> memoryview:
    return memoryview(b"".join(index.pieces()))


def indexed(data: bytes) -> RevokedIndex:
    index = index_list(cut_list(memoryview(data)))
    assert index is not None
    return RevokedIndex(written(index), memoryview(data))


def unsorted(revoked: Revoked, order: list[int]) -> bytes:
    """The same list in another order, as others may write theirs."""
    old = x509.load_der_x509_crl(list_of(revoked))
    entries = {entry.serial_number: entry for entry in old}
    builder = x509.CertificateRevocationListBuilder(old.issuer, old.last_update_utc, old.next_update_utc)
    for extension in old.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    for serial_number in order:
        builder = builder.add_revoked_certificate(entries[serial_number])
    return builder.sign(ISSUER.private_key, world.SHA256).public_bytes(Encoding.DER)


MIXED = many(3000) | many(3000, reasons=[Reason.UNSPECIFIED, Reason.SUPERSEDED], first=0x02000000)
SMALL = {5: scene.HELD, 0x80: scene.MOVED, 0xFFFF: scene.MOVED, 0xFFFFFFFF: scene.HELD}
LARGE = {(1 << 40) + 1: scene.MOVED, (1 << 63) - 1: scene.HELD, (1 << 64) - 1: scene.MOVED}


@pytest.mark.parametrize(
    "revoked",
    [{}, {world.SERIAL: scene.HELD}, many(20_000), MIXED, many(40, reasons=[Reason.UNSPECIFIED]), SMALL, SMALL | LARGE],
    ids=["none", "one", "twenty thousand alike", "of two lengths", "without reasons", "all widths", "eight bytes"],
)
def test_an_index_tells_what_the_list_says(revoked: Revoked) -> None:
    index = indexed(list_of(revoked))
    assert dict(index) == revoked
    assert len(index) == len(revoked)


@pytest.mark.parametrize("number", [0, 1, world.SERIAL, 0x01000001, (1 << 32) - 1, 1 << 32, 1 << 64, 1 << 159, -1])
def test_what_is_not_in_the_list_is_not_in_the_index(number: int) -> None:
    for revoked in (many(2000), SMALL, SMALL | LARGE, {}):
        index = indexed(list_of({key: value for key, value in revoked.items() if key != number}))
        assert number not in index
        assert index.get(number) is None


def test_a_number_is_looked_for_as_a_number() -> None:
    assert list(map(indexed(list_of(SMALL)).__contains__, ["5", 5.5, None])) == [False] * 3


def test_a_list_in_another_order_gives_the_same_answers() -> None:
    order = list(MIXED)
    random.Random(1).shuffle(order)
    assert dict(indexed(unsorted(MIXED, order))) == MIXED


def test_an_entry_twice_is_refused() -> None:
    """As `RevocationList` does: which of the two should count?"""
    with pytest.raises(Malformed):
        indexed(unsorted(SMALL, [5, 0x80, 5]))


def test_an_index_of_the_profile_takes_little_more_than_four_bytes_an_entry() -> None:
    assert len(written(index_list(cut_list(memoryview(list_of(many(20_000))))))) <= 20_000 * 4.4  # type: ignore[arg-type]


# --- what only cryptography reads -------------------------------------------------------------------------------------


def one_entry(serial_number: int, at: datetime, *extensions: tuple[x509.ExtensionType, bool]) -> bytes:
    entry = x509.RevokedCertificateBuilder(serial_number, at)
    for extension in extensions:
        entry = entry.add_extension(*extension)
    old = x509.load_der_x509_crl(list_of({}))
    builder = x509.CertificateRevocationListBuilder(old.issuer, old.last_update_utc, old.next_update_utc)
    for each in old.extensions:
        builder = builder.add_extension(each.value, each.critical)
    builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(ISSUER.private_key, world.SHA256).public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    "data",
    [
        one_entry(1 << 64, NOW),
        one_entry(1 << 150, NOW),
        one_entry(5, datetime(2050, 1, 1, tzinfo=UTC)),
        one_entry(5, NOW, (x509.InvalidityDate(NOW), False)),
        one_entry(5, NOW, (x509.CRLReason(x509.ReasonFlags.key_compromise), True)),
        one_entry(5, NOW, (x509.CRLReason(x509.ReasonFlags.privilege_withdrawn), False)),
    ],
    ids=["9 bytes", "19 bytes", "after 2049", "another extension", "a critical reason", "a reason JPKI has not"],
)
def test_entries_of_another_form_are_left_to_cryptography(data: bytes) -> None:
    assert index_list(cut_list(memoryview(data))) is None


ENTRY = bytes.fromhex("3015020401800001170d") + b"260102030405Z"


@pytest.mark.parametrize(
    "time", [b"260230000000Z", b"270229000000Z", b"261301000000Z", b"260100000000Z", b"260101240000Z", b"260101006000Z"]
)
def test_a_moment_that_there_is_not_is_no_time(time: bytes) -> None:
    with pytest.raises(Irregular):
        scan(ENTRY[:-13] + time)


@pytest.mark.parametrize("time", [b"280229000000Z", b"000229235959Z", b"991231235959Z", b"500101000000Z"])
def test_every_moment_of_a_century_is_one(time: bytes) -> None:
    entry = ENTRY[:-13] + time
    assert scan(entry * 3) == [0x01800001] * 3


@pytest.mark.parametrize(
    "entry",
    [
        ENTRY[:-1] + b"z",
        ENTRY[:-2] + b":Z",
        ENTRY.replace(b"\x17", b"\x18"),
        ENTRY.replace(b"\2\4\1", b"\2\4\x81"),
        bytes.fromhex("3012020100170d") + ENTRY[-13:],
        ENTRY.replace(b"\2\4\1\x80", b"\2\4\0\x70"),
        ENTRY[:-1],
        ENTRY + b"\0",
    ],
    ids=["no Z", "no digit", "another time", "negative", "zero", "not the shortest", "cut off", "a byte more"],
)
def test_what_is_not_the_only_encoding_is_irregular(entry: bytes) -> None:
    with pytest.raises(Irregular):
        scan(ENTRY * 2 + entry)


def scan(entries: bytes) -> list[int]:
    return [int(number) for number in scan_entries(memoryview(entries), 0, len(entries)).numbers()]


def test_what_looks_like_an_entry_inside_a_number_is_none() -> None:
    """The chain is broken then, and walked step by step."""
    revoked = {0x30130204: scene.HELD, 0x3013020430130204: scene.MOVED, 7: scene.HELD}
    assert dict(indexed(list_of(revoked))) == revoked


# --- fuzz -------------------------------------------------------------------------------------------------------------

LISTS = [list_of(each) for each in (many(3), SMALL | LARGE, many(40, reasons=Reason))]
LISTS.append(list_of(many(3), world.next_authority(AUTHENTICATION)))


@given(damaged(LISTS))
@example(LISTS[0])
@example(LISTS[1])
def test_a_damaged_list_is_refused_or_indexed_as_cryptography_reads_it(data: bytes) -> None:
    try:
        cut = cut_list(memoryview(data))
        index = index_list(cut)
    except WarifuError:
        return
    if index is None:
        return
    read = RevocationList.decode(data)
    assert dict(RevokedIndex(written(index), memoryview(data))) == dict(read.revoked)
    assert (bytes(cut.signed), cut.head.signature, cut.head.algorithm) == (read.signed, read.signature, read.algorithm)
    told = (read.issuer, read.issuer_key_id, read.distribution_point, read.number, read.this_update, read.next_update)
    head = cut.head
    assert told == (
        head.issuer,
        head.issuer_key_id,
        head.distribution_point,
        head.number,
        head.this_update,
        head.next_update,
    )


MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2049, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
REVOCATIONS = st.builds(Revocation, MOMENTS.map(lambda moment: moment.replace(microsecond=0)), st.sampled_from(Reason))


@given(st.dictionaries(st.integers(1, (1 << 64) - 1), REVOCATIONS, max_size=60), st.randoms(use_true_random=False))
def test_any_list_gives_cryptographys_answers(revoked: Revoked, chance: random.Random) -> None:
    order = list(revoked)
    chance.shuffle(order)
    data = unsorted(revoked, order)
    assert dict(indexed(data)) == dict(RevocationList.decode(data).revoked) == revoked


@given(damaged([bytes(written(index_list(cut_list(memoryview(LISTS[0])))))]))  # type: ignore[arg-type]
def test_a_damaged_index_is_refused_or_says_what_the_list_says(data: bytes) -> None:
    """It may lose an entry, which is why it is written by us only; it never says anything that the list does not."""
    true = RevocationList.decode(LISTS[0]).revoked
    try:
        index = RevokedIndex(memoryview(data), memoryview(LISTS[0]))
        told = {number: index[number] for number in true if number in index}
    except WarifuError:
        return
    assert told.items() <= true.items()


# --- who signed it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("issuer", [ISSUER, world.next_authority(AUTHENTICATION)], ids=["RSA", "P-384"])
def test_a_list_that_an_anchor_signed_is_checked_and_indexed(issuer: Any) -> None:
    anchors = Anchors.load([issuer.certificate_der])
    checked = check_large_list(memoryview(list_of(MIXED, issuer)), anchors)
    assert checked.anchor.key_id == issuer.key_id
    assert checked.index is not None


@pytest.mark.parametrize("place", [40, 400, -1, -200])
def test_a_changed_list_is_refused(place: int) -> None:
    data = bytearray(list_of(MIXED))
    data[place] ^= 1
    with pytest.raises(RevocationDataRefused):
        check_large_list(memoryview(bytes(data)), scene.anchors())


def test_a_list_of_nobody_trusted_is_refused() -> None:
    with pytest.raises(RevocationDataRefused):
        check_large_list(memoryview(list_of({}, world.authority(AUTHENTICATION, 2))), scene.anchors(1))


def test_an_rsa_signature_is_not_a_p384_signature() -> None:
    cut = cut_list(memoryview(list_of({})))
    key = scene.anchors().find(cut.head.issuer, cut.head.issuer_key_id).certificate.public_key
    other = cut_list(memoryview(list_of({}, world.next_authority(AUTHENTICATION)))).head
    with pytest.raises(WarifuError):
        check_digest_signature(key, other.algorithm, cut.head.signature, cut.digest("sha384"))
    assert hash_name_of(other.algorithm) == "sha384"


@pytest.mark.parametrize(
    "changes", [{"width": 2}, {"count": -1}, {"count": True}, {"begin": "1"}, {"end": 1 << 32}], ids=str
)
def test_a_heading_that_counts_wrongly_is_malformed(changes: dict[str, Any]) -> None:
    told = {"count": 3, "width": 4, "ascending": True, "begin": 10, "end": 90} | changes
    with pytest.raises(Malformed):
        IndexHeading(**told)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"WRFREVK1",
        b"WRFREVK2\0\0\0\0",
        b"WRFREVK1\0\0\0\2[]",
        b"WRFREVK1\0\0\0\1x",
        b"WRFREVK1\0\0\x10\0" + b"[" * 4096,
    ],
)
def test_what_has_no_heading_is_no_index(data: bytes) -> None:
    with pytest.raises(Malformed):
        RevokedIndex(memoryview(data), memoryview(b""))
