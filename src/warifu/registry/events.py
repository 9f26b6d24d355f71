"""The table of what happens to people in the register: the act, what the authorities hear, and by which article.

`docs/register.md` shows the same table; a test compares. What ends because of it is the authorities' to say.
"""

from dataclasses import dataclass
from typing import Final

from warifu.messages import Cause
from warifu.registry.change import ActKind


@dataclass(frozen=True, slots=True)
class EventRow:
    """One kind of act; `causes` are what the authorities may be told, none if they hear nothing."""

    act: ActKind
    japanese: str
    causes: tuple[Cause, ...]
    article: str


EVENTS: Final = (
    EventRow(ActKind.BIRTH, "出生", (Cause.BIRTH,), "戸籍法49条, 住基法8条・30条の3第1項, 番号法7条1項"),
    EventRow(ActKind.NUMBER_DESIGNATED, "個人番号の指定", (), "番号法7条1項・2項・8条, 施行令2条"),
    EventRow(ActKind.MOVE_OUT, "転出届", (), "住基法24条"),
    EventRow(ActKind.MOVE_OUT_CANCELLED, "転出取消", (), "住基法8条"),
    EventRow(
        ActKind.DAY_TURNED,
        "転出・国外転出・30日の経過",
        (Cause.MOVE_OUT, Cause.LEAVING_COUNTRY, Cause.MOVE_NOT_COMPLETED),
        "住基法8条, 公的個人認証法12条1項2号・31条1項2号, 番号法施行令14条",
    ),
    EventRow(
        ActKind.MOVE_IN,
        "転入・国外からの転入",
        (Cause.MOVE_IN, Cause.MOVE_OUT),
        "住基法9条1項・22条・30条の3第2項・30条の46",
    ),
    EventRow(ActKind.MOVE_WITHIN, "転居", (Cause.MOVE_WITHIN,), "住基法23条"),
    EventRow(
        ActKind.CORRECTION,
        "職権修正・軽微な修正",
        (Cause.CORRECTION,),
        "住基法8条・14条, 公的個人認証法施行規則20条",
    ),
    EventRow(
        ActKind.NAME_CHANGE,
        "氏名の変更・旧氏・通称",
        (Cause.NAME_CHANGE,),
        "戸籍法107条・107条の2, 住基令30条の13・30条の14・30条の16",
    ),
    EventRow(ActKind.NATURALISATION, "帰化", (Cause.NATURALISATION,), "国籍法4条, 住基法8条"),
    EventRow(ActKind.STAY_CHANGED, "在留資格・在留期間の変更", (), "住基法30条の50"),
    EventRow(ActKind.HEAD_CHANGE, "世帯主変更", (), "住基法25条"),
    EventRow(ActKind.HOUSEHOLD_CHANGE, "世帯分離・世帯合併・続柄変更", (), "住基法25条"),
    EventRow(ActKind.DEATH, "死亡", (Cause.DEATH,), "戸籍法86条, 公的個人認証法12条1項2号・31条1項1号"),
    EventRow(ActKind.DELETION, "職権消除", (Cause.DELETION,), "住基法8条・30条の50, 住基令12条1項"),
    EventRow(
        ActKind.ANNEX_DELETION,
        "戸籍の附票の消除",
        (Cause.ANNEX_DELETED,),
        "住基法18条, 公的個人認証法12条1項3号・31条1項3号",
    ),
    EventRow(ActKind.RECORDING_ERROR, "記録誤り", (Cause.RECORDING_ERROR,), "公的個人認証法13条・32条"),
    EventRow(ActKind.NUMBER_CHANGE_ASKED, "個人番号の変更の求め", (), "番号法7条2項, 施行令3条・4条"),
    EventRow(ActKind.CODE_CHANGE, "住民票コードの変更", (), "住基法30条の4"),
    EventRow(ActKind.PROTECTION_ON, "支援措置の開始・延長", (), "住基事務処理要領第5-10"),
    EventRow(ActKind.PROTECTION_OFF, "支援措置の終了", (), "住基事務処理要領第5-10"),
)
"""Every act that writes. The numbers of notices (届出期間): within 14 days of birth, moving in and moving within."""
