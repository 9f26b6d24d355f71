"""How long records are kept: as long as the law says, and not longer."""

from datetime import UTC, datetime, timedelta

import pytest

from warifu.ca import LIST_LIFETIME, RULES, Kept, RecordKind, deletions, keep_until

FROM = datetime(2026, 11, 22, 14, 59, 59, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("kind", "until"),
    [
        (RecordKind.ISSUE, FROM.replace(year=2036)),
        (RecordKind.REVOCATION, FROM + LIST_LIFETIME),
        (RecordKind.LIST, FROM.replace(year=2036)),
        (RecordKind.APPLICATION_FORM, FROM.replace(year=2041)),
        (RecordKind.REPORT, FROM.replace(year=2031)),
        (RecordKind.CONSENT, FROM.replace(year=2036)),
    ],
)
def test_a_record_is_kept_until_its_last_moment_and_then_deleted(kind: RecordKind, until: datetime) -> None:
    """公的個人認証法施行令 第2条 to 第7条の8, 第18条; 施行規則 第72条, 第82条."""
    record = Kept(kind, "17", FROM)
    assert keep_until(record) == until
    assert list(deletions([record], until)) == []
    [deletion] = deletions([record], until + SECOND)
    assert (deletion.record, deletion.since, deletion.rule.kind) == (record, until, kind)
    assert deletion.rule.article in deletion.why


def test_each_kind_has_one_rule() -> None:
    assert sorted(rule.kind.value for rule in RULES) == sorted(kind.value for kind in RecordKind)


def test_only_what_is_over_would_be_deleted_in_the_order_given() -> None:
    old, new = FROM.replace(year=2000), FROM
    records = [Kept(RecordKind.LIST, str(n), old if n % 2 else new) for n in range(5)]
    assert [deletion.record.id for deletion in deletions(records, FROM)] == ["1", "3"]


def test_ten_years_after_a_29th_of_february() -> None:
    """民法 第143条第2項."""
    leap = datetime(2028, 2, 29, 3, tzinfo=UTC)
    assert keep_until(Kept(RecordKind.LIST, "1", leap)) == datetime(2038, 3, 1, 3, tzinfo=UTC)


def test_the_reason_is_told_in_one_line() -> None:
    [over] = deletions([Kept(RecordKind.LIST, "1", FROM)], FROM.replace(year=2050))
    assert over.why == "kept 10 years after the making of the list (施行令 第7条, 第7条の8)"
    [ended] = deletions([Kept(RecordKind.REVOCATION, "1", FROM)], FROM.replace(year=2050))
    assert ended.why.startswith("kept until the certificate's nominal end")
