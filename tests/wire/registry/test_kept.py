"""Records as they are kept: every one comes back as it was, and an edited one is not believed."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest

from tests.wire.registry.world import HOME, KIYOSE, SHIBUYA, name
from warifu.errors import Malformed
from warifu.messages import Cause, OrderedKind
from warifu.person import BirthDate, IndividualNumber, Name, ResidentRecordCode, Sex
from warifu.registry import (
    Annex,
    Card,
    CardCertificate,
    CertificateNote,
    Deletion,
    Desk,
    MovingOut,
    Office,
    Phone,
    PooledCode,
    Protection,
    RecordedName,
    Relationship,
    Residence,
    ResidentRecord,
    Section,
    Stay,
)
from warifu.wire.registry.kept import keep, restore

BORN = BirthDate(date(1990, 4, 1))
CODE = ResidentRecordCode.of_body("9000000001")
NUMBER = IndividualNumber.of_body("90000000001")
WELFARE = Desk(Office.MUNICIPALITY, KIYOSE, Section.WELFARE)
PROTECTED = Protection(date(2026, 11, 22), date(2027, 11, 21), frozenset({WELFARE}))
RECORD = ResidentRecord(
    id="a" * 32,
    holder="b" * 32,
    municipality=KIYOSE,
    household="c" * 32,
    relationship=Relationship.HEAD,
    name=name(),
    birth_date=BORN,
    sex=Sex.FEMALE,
    address=HOME,
    resident_since=date(2020, 4, 1),
    address_since=date(2020, 4, 1),
    code=CODE,
    domicile=KIYOSE,
)
NOTE = CardCertificate(
    OrderedKind.SIGNING, "d" * 32, CertificateNote.ISSUED, datetime(2031, 4, 1, 14, 59, 59, tzinfo=UTC)
)
RECORDS = [
    RECORD,
    replace(
        RECORD,
        number=NUMBER,
        protection=PROTECTED,
        moving_out=MovingOut(date(2026, 12, 1), SHIBUYA),
        deleted=Deletion(Cause.MOVE_OUT, date(2026, 12, 1)),
        version=7,
        last_act="e" * 32,
    ),
    replace(
        RECORD,
        name=RecordedName(Name("SMITH JOHN"), alias=Name("割符　次郎")),
        domicile=None,
        nationality="USA",
        stay=Stay(Residence.PERIOD_OF_STAY, date(2028, 3, 31)),
    ),
    Annex("a" * 32, "b" * 32, KIYOSE, name(), BORN, Sex.MALE, CODE, date(2026, 11, 22)),
    PooledCode(CODE, KIYOSE),
    PooledCode(CODE, KIYOSE, "e" * 32, 2),
    Card("a" * 32, "b" * 32, KIYOSE, datetime(2026, 11, 22, tzinfo=UTC)),
    Card(
        *("a" * 32, "b" * 32, KIYOSE, datetime(2026, 11, 22, tzinfo=UTC)),
        kinds=frozenset(OrderedKind),
        made=date(2026, 12, 1),
        expires=date(2036, 4, 1),
        certificates=(NOTE, replace(NOTE, kind=OrderedKind.AUTHENTICATION, not_after=None)),
    ),
    Phone("a" * 32, "b" * 32, "c" * 32, certificates=(NOTE,)),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_comes_back_as_it_was(record: object) -> None:
    assert restore(type(record), keep(record)) == record


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_has_one_form(record: object) -> None:
    assert keep(restore(type(record), keep(record))) == keep(record)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"version":1', b'"version":"1"'),
        (b'"version":1', b'"version":true'),
        (b'"sex":"2"', b'"sex":"8"'),
        (b'"name":', b'"nom":'),
        (b'"resident_since":"2020-04-01"', b'"resident_since":"2020-02-30"'),
        (b'"domicile":"13221"', b'"domicile":null'),
        (b'"code":"9000000001', b'"code":"9000000002'),
        (b"{", b"["),
        (b"}", b""),
    ],
)
def test_an_edited_record_is_not_believed_and_the_error_tells_nothing_of_it(old: bytes, new: bytes) -> None:
    data = keep(RECORD)
    assert old in data
    with pytest.raises(Malformed) as caught:
        restore(ResidentRecord, data.replace(old, new, 1))
    assert str(caught.value) == "a kept ResidentRecord cannot be read"
    assert caught.value.__cause__ is None


def test_what_was_not_declared_yet_has_its_default() -> None:
    """Records that an older warifu kept."""
    data = keep(RECORD).replace(b'"protection":null,', b"")
    assert restore(ResidentRecord, data) == RECORD


def test_a_value_of_an_unknown_kind_is_not_kept() -> None:
    @dataclass(frozen=True)
    class Odd:
        value: complex

    with pytest.raises(TypeError):
        keep(Odd(1j))
