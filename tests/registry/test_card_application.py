"""Applying for a card: who gets one, when there is one already, and each reason to refuse."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.registry.card_world import (
    AUTHENTICATION,
    BOTH,
    JLIS,
    OSAKA,
    RULES,
    SIGNING,
    START,
    act,
    after,
    applied,
    delivered,
    events,
    in_state,
    on,
    person,
    window,
)
from warifu.errors import NotAllowed
from warifu.messages import CardHappening
from warifu.registry import (
    Applicant,
    Card,
    CardApplication,
    CardHolder,
    CardRules,
    CardState,
    CardStep,
    Ground,
    Residence,
    Route,
    Stay,
    apply_for_card,
    withdraw,
)

TODAY = date(2026, 4, 1)
CHILD = date(2012, 5, 17)


def refused(match: str, holder: CardHolder, *cards: Card, rules: CardRules = RULES, **wishes: Any) -> None:
    with pytest.raises(NotAllowed, match=match):
        apply_for_card(act(), CardApplication(**wishes), holder, cards, rules)


def test_an_application_is_accepted_and_told_to_nobody_yet() -> None:
    holder = person()
    change = apply_for_card(act(), CardApplication(), holder, [], RULES)
    (card,) = change.records
    assert (card.state, card.holder, card.kinds) == (CardState.APPLIED, holder.id, BOTH)
    assert change.messages == ()
    assert len(change.entries) == 1


def test_an_application_goes_to_jlis_or_to_the_own_municipality() -> None:
    """施行令 第13条第1項, 第2項."""
    holder = person()
    assert apply_for_card(act(JLIS), CardApplication(), holder, [], RULES).records
    with pytest.raises(NotAllowed, match="this desk"):
        apply_for_card(act(window(OSAKA)), CardApplication(), holder, [], RULES)


def test_the_same_application_sent_twice_is_one() -> None:
    holder, doing = person(), act()
    first = apply_for_card(doing, CardApplication(), holder, [], RULES)
    assert apply_for_card(doing, CardApplication(), holder, first.records, RULES).is_nothing


def test_the_dead_get_no_card() -> None:
    refused("dead", person(alive=False))


def test_who_is_in_no_record_gets_no_card() -> None:
    """番号法 第16条の2第1項: who is in the basic resident register, or in an annex."""
    refused("in no resident record", person(registered=False))


def test_whose_stay_is_over_gets_no_card() -> None:
    refused("stay is over", person(stay=Stay(Residence.PERIOD_OF_STAY, TODAY - timedelta(days=1))))


def test_who_has_a_card_in_force_gets_no_second_one() -> None:
    """カード命令 第24条."""
    holder = person()
    for state in (CardState.IN_FORCE, CardState.HELD, CardState.LOST):
        refused("has a card in force", holder, in_state(state, holder))


def test_a_card_that_has_expired_stands_in_nobodys_way() -> None:
    holder = person()
    old = replace(delivered(holder), expires=TODAY - timedelta(days=1))
    assert applied(holder, START, old).state is CardState.APPLIED


def test_nobody_applies_twice_at_a_time() -> None:
    holder = person()
    refused("applied for already", holder, applied(holder))


@pytest.mark.parametrize("ground", [ground for ground in Ground if ground is not Ground.FIRST])
def test_without_a_card_nothing_can_be_replaced(ground: Ground) -> None:
    refused("no card in force", person(), ground=ground, proof_of_loss=True, old_card=True)


@pytest.mark.parametrize(
    ("wishes", "match"),
    [
        ({"born": date(2011, 4, 2)}, "too young"),
        ({"ward": True}, "ward"),
    ],
)
def test_a_signing_certificate_is_not_for_everybody(wishes: dict[str, Any], match: str) -> None:
    """Modelled: municipalities' pages, 15歳未満及び成年被後見人 (not in the Act)."""
    refused(match, person(**wishes), applicant=Applicant.GUARDIAN)


def test_on_the_fifteenth_birthday_one_may_sign() -> None:
    assert applied(person(date(2011, 4, 1))).kinds == BOTH


def test_the_age_for_signing_is_configuration() -> None:
    rules = replace(RULES, signing_age=10)
    application = CardApplication(applicant=Applicant.GUARDIAN)
    assert apply_for_card(act(), application, person(CHILD), [], rules).records[0].kinds == BOTH


def test_for_a_child_a_guardian_applies() -> None:
    """Modelled: municipalities' pages, 15歳未満は法定代理人."""
    refused("guardian", person(CHILD), kinds=frozenset({AUTHENTICATION}))
    child = applied(person(CHILD), kinds=frozenset({AUTHENTICATION}), applicant=Applicant.GUARDIAN)
    assert child.state is CardState.APPLIED


def test_for_a_ward_a_guardian_applies() -> None:
    refused("guardian", person(ward=True), kinds=frozenset({AUTHENTICATION}))


def test_an_application_has_a_photo() -> None:
    """施行令 第13条第1項."""
    refused("no photo", person(), photo=False)


def test_an_infants_application_has_none() -> None:
    """施行令 第13条第1項ただし書; Modelled: under one year of age."""
    wishes: dict[str, Any] = {"kinds": frozenset({AUTHENTICATION}), "applicant": Applicant.GUARDIAN, "photo": False}
    assert applied(person(date(2025, 4, 2)), **wishes).state is CardState.APPLIED
    refused("no photo", person(date(2025, 4, 1)), **wishes)


def test_a_face_verification_card_has_no_signing_certificate() -> None:
    """カード命令 第33条第7項; signing takes the password (公的個人認証法施行規則 第36条の2)."""
    refused("no signing", person(), pins=False)


def test_a_face_verification_card_is_for_its_authentication_certificate() -> None:
    refused("has an authentication certificate", person(), pins=False, kinds=frozenset())


def test_a_card_may_have_no_certificates() -> None:
    assert applied(person(), kinds=frozenset()).kinds == frozenset()


@pytest.mark.parametrize("route", [Route.POST, Route.EXPRESS])
def test_who_wants_the_card_sent_applies_in_person(route: Route) -> None:
    """施行令 第13条第4項, 第6項ただし書."""
    refused("in person", person(), route=route)


def test_a_card_is_not_posted_abroad() -> None:
    """施行令 第13条第6項ただし書: 国外転出者である者を除く."""
    refused("abroad", person(abroad=True), route=Route.POST, in_person=True)


def test_an_express_card_needs_a_reason() -> None:
    """施行令 第13条第3項."""
    refused("urgent", person(), route=Route.EXPRESS, in_person=True)


@pytest.mark.parametrize(("days", "good"), [(0, True), (29, True), (30, False), (-1, False)])
def test_an_express_card_is_applied_for_within_thirty_days(days: int, good: bool) -> None:
    """カード命令 第22条の2第4項: 発生した日から起算して三十日."""
    wishes: dict[str, Any] = {"route": Route.EXPRESS, "in_person": True, "urgent_since": TODAY - timedelta(days=days)}
    if good:
        assert applied(person(), **wishes).route is Route.EXPRESS
    else:
        refused("within thirty days", person(), **wishes)


def test_an_infants_first_card_is_always_urgent() -> None:
    """施行令 第13条第3項第1号."""
    wishes: dict[str, Any] = {"kinds": frozenset({AUTHENTICATION}), "applicant": Applicant.GUARDIAN}
    card = applied(person(date(2026, 3, 1)), route=Route.EXPRESS, in_person=True, photo=False, **wishes)
    assert card.route is Route.EXPRESS


@pytest.mark.parametrize(("ground", "paper"), [(Ground.LOST, "proof_of_loss"), (Ground.DAMAGED, "old_card")])
def test_asking_for_another_card_ends_the_old_one_at_once(ground: Ground, paper: str) -> None:
    """カード命令 第28条第4項."""
    holder = person()
    old = delivered(holder)
    change = apply_for_card(act(), CardApplication(ground=ground, **{paper: True}), holder, [old], RULES)  # type: ignore[arg-type]
    ended = after(change, old)
    assert (ended.state, ended.ended_by) == (CardState.ENDED, CardStep.REISSUE_ASKED)
    assert events(change) == [CardHappening.INVALIDATED]
    assert change.records[0].replaces == old.id


def test_a_loss_is_shown_by_documents() -> None:
    """カード命令 第28条第3項."""
    holder = person()
    refused("nothing shows", holder, delivered(holder), ground=Ground.BURNT)


def test_a_damaged_card_is_given_back() -> None:
    """カード命令 第28条第2項."""
    holder = person()
    refused("given back", holder, delivered(holder), ground=Ground.DAMAGED)


@pytest.mark.parametrize(("today", "good"), [(date(2035, 2, 17), False), (date(2035, 2, 18), True)])
def test_a_card_is_renewed_when_less_than_three_months_are_left(today: date, good: bool) -> None:
    """カード命令 第29条第1項: 三月未満."""
    holder = person()
    old = delivered(holder)
    assert old.expires == date(2035, 5, 17)
    application = CardApplication(ground=Ground.SOON_OVER)
    if not good:
        with pytest.raises(NotAllowed, match="not over soon"):
            apply_for_card(on(today), application, holder, [old], RULES)
        return
    change = apply_for_card(on(today), application, holder, [old], RULES)
    assert change.records[0].early_renewal
    assert after(change, old) is old, "the old card stays in force until it is exchanged"


def test_abroad_a_card_is_renewed_in_its_last_year_and_gains_a_birthday_in_its_last_months_only() -> None:
    """カード命令 第29条第1項, 第3項 (従前の個人番号カードの … 三月未満となった場合)."""
    holder = person(abroad=True)
    old = delivered(holder)
    application = CardApplication(ground=Ground.SOON_OVER)
    early = apply_for_card(on(date(2034, 6, 1)), application, holder, [old], RULES).records[0]
    late = apply_for_card(on(date(2035, 3, 1)), application, holder, [old], RULES).records[0]
    assert (early.early_renewal, late.early_renewal) == (False, True)


def test_a_full_face_is_a_reason_for_another_card_at_any_time() -> None:
    """カード命令 第29条第1項: 追記欄の余白がなくなった場合."""
    holder = person()
    old = delivered(holder)
    new = applied(holder, START, old, ground=Ground.FACE_FULL)
    assert (new.replaces, new.early_renewal) == (old.id, False)


@pytest.mark.parametrize("state", [CardState.HELD, CardState.LOST])
def test_a_card_that_is_not_in_use_is_not_exchanged(state: CardState) -> None:
    holder = person()
    refused("not in use", holder, in_state(state, holder), ground=Ground.FACE_FULL)


def test_an_application_can_be_withdrawn() -> None:
    change = withdraw(act(), applied(person()))
    assert change.records[0].ended_by is CardStep.WITHDRAWN
    assert events(change) == [CardHappening.DISCARDED]


def test_a_delivered_card_is_given_back_not_withdrawn() -> None:
    with pytest.raises(NotAllowed, match="cannot be withdrawn"):
        withdraw(act(), delivered(person()))


def test_withdrawn_twice_it_is_withdrawn_once() -> None:
    once = withdraw(act(), applied(person())).records
    assert withdraw(act(), once[0]).is_nothing


def test_a_card_that_was_never_made_is_not_exchanged() -> None:
    holder = person()
    refused("never made", holder, replace(delivered(holder), expires=None), ground=Ground.SOON_OVER)


def test_nothing_of_a_holder_is_shown() -> None:
    holder = person()
    assert "花子" not in repr(holder)
    assert "1980" not in repr(holder)
    assert SIGNING.value in repr(applied(holder))
