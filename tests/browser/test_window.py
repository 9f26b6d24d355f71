"""The window clerk's pages in a browser: one resident's life, what a notice ends named before it happens."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.desks import WindowDesk, at_window
from tests.browser.walk import heading, look, press, tab_to
from tests.wire.registry.world import HOTLINE, SHIBUYA, person, section, window
from warifu.messages import Cause
from warifu.person import BirthDate
from warifu.registry import CardState, Relationship, Section
from warifu.wire.registry import WindowStep

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WindowDesk]:
    with at_window(tmp_path_factory.mktemp("window")) as desk:
        yield desk


def family(desk: WindowDesk) -> tuple[str, str]:
    """Two people of one household; the first has a card."""
    child = BirthDate(person().birth_date.date.replace(year=2015))
    done = desk.world.arrive(person(), person(Relationship.CHILD, "割符　太郎", born=child))
    desk.world.card(done.holders[0])
    return done.holders[0], done.holders[1]


def take(page: Page, name: str) -> None:
    """Open a notice's form."""
    page.get_by_role("link", name=name, exact=True).click()
    heading(page, name)


def accept(page: Page, *, loses: bool) -> None:
    """Go on to the confirmation, look what ends, and accept."""
    press(page, "内容を確かめる")
    heading(page, "受理する前の確認")
    press(page, "説明して了解を得たので受理する" if loses else "受理する")
    expect(page.get_by_role("status")).to_contain_text("受理しました")


def test_a_clerk_searches_and_reads_a_life(context: BrowserContext, desk: WindowDesk) -> None:
    family(desk)
    page = desk.sign_in(context)
    heading(page, "住民窓口 – 清瀬市")
    page.get_by_label("氏名または振り仮名のはじめ").fill("ワリフ")
    press(page, "さがす")
    look(page, "window-found")
    page.get_by_role("link", name="割符　花子").first.click()
    heading(page, "割符　花子")
    life = page.locator("ol.life > li")
    expect(life.filter(has_text="カードの交付").first).to_contain_text("カードが使える")
    expect(life.last).to_contain_text("国外からの転入")
    look(page, "window-person")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_text("Life so far")).to_be_visible()
    look(page, "window-person-en")


def test_what_a_move_ends_is_named_before_and_shown_after(context: BrowserContext, desk: WindowDesk) -> None:
    """公的個人認証法 第12条第1号: the signing certificate ends with the address in it, the other one stays."""
    holder, child = family(desk)
    page = desk.sign_in(context)
    desk.open_person(page, holder)
    take(page, "転居")
    for mover, relation in ((holder, "世帯主"), (child, "子")):
        page.locator(f'select[name="movers.{mover}"]').select_option(label=relation)
    page.get_by_label("住所", exact=True).fill("東京都清瀬市架空町二丁目９番")
    page.get_by_label("住みはじめた日").fill("2026-11-22")
    look(page, "window-form")
    press(page, "内容を確かめる")
    heading(page, "受理する前の確認")
    losses = page.locator(".loss")
    expect(losses).to_contain_text("割符　花子: カードの署名用電子証明書は失効")
    expect(losses).not_to_contain_text("利用者証明用")
    look(page, "window-confirm")
    assert desk.world.record(holder).address.text == "東京都清瀬市架空町一丁目２番３号"
    press(page, "説明して了解を得たので受理する")
    expect(page.get_by_role("status")).to_have_text("受理しました: 転居")
    assert desk.world.record(holder).address.text == "東京都清瀬市架空町二丁目９番"
    expect(page.locator("ol.life > li").first).to_contain_text("カードの署名用電子証明書は失効")


def test_a_minor_correction_ends_nothing(context: BrowserContext, desk: WindowDesk) -> None:
    """公的個人認証法施行規則 第20条."""
    holder, _ = family(desk)
    page = desk.sign_in(context)
    desk.open_person(page, holder)
    take(page, "記載の修正（軽微な修正を含む）")
    page.get_by_label("住所").fill("東京都清瀬市割符町一丁目２番３号")
    page.get_by_label("軽微な修正の種類").select_option(label="行政区画・町名の変更")
    press(page, "内容を確かめる")
    expect(page.locator(".loss")).to_contain_text("使えなくなるものはありません")
    press(page, "受理する")
    expect(page.locator("ol.life > li").first).to_contain_text("カードと電子証明書はそのまま")


def test_a_refusal_is_in_plain_words_and_keeps_what_was_typed(context: BrowserContext, desk: WindowDesk) -> None:
    holder, _ = family(desk)
    page = desk.sign_in(context)
    desk.open_person(page, holder)
    take(page, "死亡")
    page.get_by_label("死亡した日").fill("2027-01-01")
    press(page, "内容を確かめる")
    expect(page.get_by_role("alert")).to_contain_text("日付が未来か")
    expect(page.get_by_label("死亡した日")).to_have_value("2027-01-01")
    look(page, "window-refused")


def test_a_life_from_birth_to_death_at_the_window(context: BrowserContext, desk: WindowDesk) -> None:
    holder, child = family(desk)
    page = desk.sign_in(context)
    desk.open_person(page, holder)
    take(page, "出生")
    for label, value in (("氏名", "割符　月子"), ("振り仮名", "ワリフ　ツキコ"), ("生年月日", "2026-11-20")):
        page.get_by_label(label).fill(value)
    page.get_by_label("本籍地の市区町村コード").fill("13221")
    page.get_by_label("性別").select_option(label="女")
    accept(page, loses=False)
    take(page, "氏名の変更・旧氏・通称")
    page.get_by_label("旧氏").fill("架空")
    accept(page, loses=True)
    take(page, "死亡")
    page.get_by_label("死亡した日").fill("2026-11-22")
    page.get_by_label("残る世帯の新しい世帯主").select_option(label="割符　太郎")
    press(page, "内容を確かめる")
    expect(page.locator(".loss")).to_contain_text("カードは失効し、元に戻らない")
    expect(page.locator(".loss")).to_contain_text("カードの利用者証明用電子証明書は失効")
    press(page, "説明して了解を得たので受理する")
    expect(page.get_by_text("死亡により消除されました。")).to_be_visible()
    look(page, "window-dead")
    assert desk.world.record(child).relationship is Relationship.HEAD
    desk.world.settle()
    assert Cause.DEATH.value in desk.world.authority.causes()


def test_moving_out_and_into_another_municipality(context: BrowserContext, desk: WindowDesk) -> None:
    holder, _ = family(desk)
    page = desk.sign_in(context)
    desk.open_person(page, holder)
    take(page, "転出届")
    page.get_by_label("転出予定日").fill("2026-11-22")
    page.get_by_label("転出先の市区町村コード").fill(SHIBUYA)
    press(page, "内容を確かめる")
    expect(page.get_by_text("30 日のうちにどこにも転入しないと")).to_be_visible()
    look(page, "window-moving-out")
    press(page, "受理する")
    expect(page.get_by_text("転出証明書の整理番号")).to_contain_text(holder)
    there = desk.sign_in(context, window(SHIBUYA, "clerk-9"))
    there.get_by_role("link", name="転入", exact=True).click()
    there.get_by_label("転出証明書の整理番号").fill(holder)
    there.get_by_label("住所").fill("東京都渋谷区割符町四丁目５番６号")
    there.get_by_label("住みはじめた日").fill("2026-11-22")
    press(there, "内容を確かめる")
    look(there, "window-moving-in")
    expect(there.locator(".loss")).to_contain_text("2027-02-20 までに窓口に提示しないと")
    press(there, "説明して了解を得たので受理する")
    heading(there, "割符　花子")
    take(there, "継続利用（転入後のカードの提示）")
    there.get_by_label("端末が「住基用の暗証番号が正しい」と表示した").check()
    accept(there, loses=False)
    assert desk.world.record(holder).municipality == SHIBUYA


def test_a_card_is_applied_for_and_given_out_without_a_pin_typed_here(
    context: BrowserContext, desk: WindowDesk
) -> None:
    """カード命令 第33条第1項: the holder sets the PINs."""
    holder = desk.world.resident()
    page = desk.sign_in(context)
    desk.open_person(page, holder)
    take(page, "カードの交付申請")
    accept(page, loses=False)
    desk.world.registry.cards.at_window(window(), desk.world.cards(holder)[0].id, WindowStep.WITHDRAW)
    made = desk.world.made_card(holder)
    desk.open_person(page, holder)
    take(page, "カードの交付")
    page.get_by_label("受け取りに来た人").select_option(label="本人")
    page.get_by_label("本人確認の書類").select_option(label="写真付きの書類一点")
    press(page, "内容を確かめる")
    expect(page.get_by_role("alert")).to_contain_text("端末が「暗証番号が設定された」と表示した")
    assert page.locator("input[type=password], input[inputmode=numeric]").count() == 0
    look(page, "window-delivery")
    page.get_by_label("端末が「暗証番号が設定された」と表示した").check()
    accept(page, loses=False)
    assert next(card for card in desk.world.cards(holder) if card.id == made.id).state is CardState.IN_FORCE


def test_the_hotline_suspends_and_says_what_lifts_it(context: BrowserContext, desk: WindowDesk) -> None:
    """番号法 第17条第9項."""
    text = "電話　一郎"
    holder = desk.world.resident(text=text)
    desk.world.card(holder)
    page = desk.sign_in(context, HOTLINE, case="")
    heading(page, "一時停止の受付（24 時間）")
    for name in ("電話　二郎", text):
        page.get_by_label("氏名").fill(name)
        page.get_by_label("生年月日").fill("1990-04-01")
        page.get_by_label("住所").fill("東京都清瀬市架空町一丁目2番3号")
        press(page, "照合する")
        if name != text:
            expect(page.get_by_role("status")).to_contain_text("該当する人は確認できませんでした")
    heading(page, "一時停止するもの")
    expect(page.get_by_text("本人がカードを市区町村の窓口に持ってきたときに解除します")).to_be_visible()
    look(page, "window-call")
    page.get_by_label("カード").check()
    press(page, "一時停止する")
    expect(page.get_by_role("status")).to_have_text("一時停止しました。")
    assert [card.state for card in desk.world.cards(holder)] == [CardState.HELD]
    clerk = desk.sign_in(context)
    desk.open_person(clerk, holder)
    expect(clerk.locator(".card-of")).to_contain_text("電話では解除できません")
    take(clerk, "発見届・一時停止の解除")
    accept(clerk, loses=True)
    assert [card.state for card in desk.world.cards(holder)] == [CardState.IN_FORCE]


def test_protection_closes_the_record_to_other_sections(context: BrowserContext, desk: WindowDesk) -> None:
    """住民基本台帳事務処理要領 第5-10."""
    holder, _ = family(desk)
    page = desk.sign_in(context)
    desk.open_person(page, holder)
    take(page, "支援措置の開始・延長")
    page.get_by_label("支援措置の最終日").fill("2027-11-01")
    accept(page, loses=False)
    expect(page.get_by_text("支援措置の対象です")).to_be_visible()
    tax = desk.sign_in(context, section(Section.TAX))
    desk.open_person(tax, holder)
    heading(tax, "支援措置の対象者です")
    expect(tax.locator("body")).not_to_contain_text("割符　花子")
    look(tax, "window-protected")
    tax.get_by_label("記録を開く理由（氏名は書かない）").fill("滞納の調査")
    press(tax, "理由を記録して開く")
    heading(tax, "割符　花子")
    expect(tax.get_by_text("支援措置の対象です")).to_be_visible()
    expect(tax.get_by_text("この窓口では表示しません")).to_be_visible()
    expect(tax.locator("body")).not_to_contain_text("架空町")
    look(tax, "window-protected-opened")


def test_every_look_is_recorded_and_can_be_read(context: BrowserContext, desk: WindowDesk) -> None:
    """住民基本台帳法 第30条の32."""
    holder = desk.world.resident(text="記録　花子")
    page = desk.sign_in(context, case="2026-0099")
    desk.open_person(page, holder)
    page.get_by_role("link", name="だれが見たか・何をしたか").click()
    row = page.locator("tbody tr", has_text="2026-0099").last
    expect(row).to_contain_text("clerk-1（住民課）")
    expect(row).to_contain_text("氏名")
    look(page, "window-log")


def test_nothing_is_seen_without_a_case(context: BrowserContext, desk: WindowDesk) -> None:
    holder = desk.world.resident(text="事案　花子")
    page = desk.sign_in(context, case="")
    desk.open_person(page, holder)
    expect(page.get_by_role("status")).to_have_text("先に事案の番号を入れてください。")
    expect(page.locator("body")).not_to_contain_text("事案　花子")


def test_the_pages_fit_320_pixels_and_work_by_keyboard(narrow: BrowserContext, desk: WindowDesk) -> None:
    """WCAG 2.2 §1.4.10, §2.1.1."""
    holder, _ = family(desk)
    page = desk.sign_in(narrow)
    look(page, "narrow-window-home")
    desk.open_person(page, holder)
    look(page, "narrow-window-person")
    tab_to(page, "死亡", most=80)
    page.keyboard.press("Enter")
    heading(page, "死亡")
    tab_to(page, "死亡した日")
    page.get_by_label("死亡した日").fill("2026-11-22")  # in which order a day is typed depends on the browser
    tab_to(page, "残る世帯")
    page.keyboard.press("ArrowDown")
    tab_to(page, "内容を確かめる")
    page.keyboard.press("Enter")
    heading(page, "受理する前の確認")
    look(page, "narrow-window-confirm")


def test_the_pages_work_without_a_script(scriptless: BrowserContext, desk: WindowDesk) -> None:
    holder, _ = family(desk)
    page = desk.sign_in(scriptless)
    desk.open_person(page, holder)
    take(page, "支援措置の開始・延長")
    page.get_by_label("支援措置の最終日").fill("2027-11-01")
    accept(page, loses=False)
