"""Whose certificate it is, which clients share a subject, and what was agreed to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.idp.world import (
    CLIENT,
    NOW,
    OTHER_CLIENT,
    PROVIDER,
    SECRET,
    SIGNER,
    Counter,
    allowed,
    assertion,
    query,
)
from warifu.errors import Malformed, NotAllowed, OAuthRefused
from warifu.idp import (
    ConsentEvent,
    Decision,
    How,
    Login,
    Recognition,
    Secret,
    Trace,
    account_client,
    account_request,
    agreed_items,
    begin,
    callback,
    check_account_login,
    check_sector,
    moved,
    recognise,
    sector_of,
    text_version,
    traces,
    without_claims,
)
from warifu.idp.assertion import check as check_assertion

ISSUER = b"i" * 20
OLD = Secret(b"s" * 32, {1: b"1" * 32})
BOTH = Secret(b"s" * 32, {1: b"1" * 32, 2: b"2" * 32})


def one(number: int, secret: Secret = OLD) -> tuple[Trace, ...]:
    return traces(ISSUER, number, secret)


def known(person: str, *its: tuple[Trace, ...]) -> dict[bytes, str]:
    return {trace.hash: person for each in its for trace in each}


# --- certificates -----------------------------------------------------------------------------------------------------


def test_whoever_is_known_by_the_certificate_is_nobody_new() -> None:
    found = recognise(Recognition(one(1)), known("old", one(1)), "new")
    assert (found.person, found.links) == ("old", ())


def test_a_certificate_that_took_the_place_of_a_known_one_is_the_same_persons() -> None:
    seen = Recognition(one(2), ((How.SUCCESSION, one(1)),))
    found = recognise(seen, known("old", one(1)), "new")
    assert (found.person, [(link.trace, link.how) for link in found.links]) == ("old", [(one(2)[0], How.SUCCESSION)])


def test_what_was_told_of_a_certificate_never_seen_is_kept_so_that_either_may_come_first() -> None:
    """Two logins at the same time, with the new certificate and with the old one: one person, whoever is first."""
    found = recognise(Recognition(one(2), ((How.SUCCESSION, one(1)),)), {}, "new")
    assert [(link.trace, link.how) for link in found.links] == [
        (one(2)[0], How.FIRST_LOGIN),
        (one(1)[0], How.SUCCESSION),
    ]
    later = recognise(Recognition(one(1)), {link.trace.hash: found.person for link in found.links}, "another")
    assert later.person == "new"


def test_a_certificate_that_is_named_twice_is_written_down_once() -> None:
    """The store takes each once; a login must not fail because of what an authority says twice."""
    seen = Recognition(one(3), ((How.SUCCESSION, one(2)), (How.LINKED, one(2)), (How.LINKED, one(3))))
    links = [(link.trace, link.how) for link in recognise(seen, {}, "new").links]
    assert sorted(links, key=lambda pair: pair[1].value) == [
        (one(3)[0], How.FIRST_LOGIN),
        (one(2)[0], How.SUCCESSION),
    ]


def test_two_persons_are_never_made_one() -> None:
    """The nearest counts; what leads to somebody else stays as it is, and is counted."""
    seen = Recognition(one(3), ((How.SUCCESSION, one(2)), (How.LINKED, one(9))))
    found = recognise(seen, known("near", one(2)) | known("far", one(9)), "new")
    assert (found.person, found.elsewhere) == ("near", 1)
    assert [link.trace for link in found.links] == [*one(3)]


def test_that_nobody_could_be_asked_is_written_down() -> None:
    found = recognise(Recognition(one(1), asked=False), {}, "new")
    assert (found.person, [link.how for link in found.links]) == ("new", [How.NOT_ASKED])


def test_a_new_key_takes_the_link_over_at_the_next_login() -> None:
    """Both hashes lead to the person from then on, so that the older key may go."""
    found = recognise(Recognition(one(1, BOTH)), known("old", one(1, OLD)), "new")
    newest, oldest = one(1, BOTH)
    assert (newest.generation, oldest.generation) == (2, 1)
    assert (found.person, [(link.trace, link.how) for link in found.links]) == ("old", [(newest, How.NEW_KEY)])
    alone = Secret(b"s" * 32, {2: b"2" * 32})
    assert recognise(Recognition(one(1, alone)), known("old", (newest,)), "new").person == "old"


def test_a_related_certificate_is_found_under_an_older_key_too() -> None:
    found = recognise(Recognition(one(2, BOTH), ((How.SUCCESSION, one(1, BOTH)),)), known("old", one(1, OLD)), "new")
    assert found.person == "old"
    assert [link.how for link in found.links] == [How.SUCCESSION, How.SUCCESSION, How.NEW_KEY]


def test_without_keys_of_its_own_the_first_generation_is_derived() -> None:
    """What was written down before there were generations stays found."""
    assert Secret(b"s" * 32).certificate_keys == ((1, Secret(b"s" * 32).derive("certificate")),)
    assert "s" * 32 not in repr(Secret(b"s" * 32))
    with pytest.raises(Malformed):
        Secret(b"s" * 32, {2: b"short"})


def test_traces_tell_neither_number_nor_issuer() -> None:
    assert "hash" not in repr(one(1)[0])
    assert one(1)[0].hash != one(2)[0].hash != traces(b"j" * 20, 2, OLD)[0].hash


# --- sectors ----------------------------------------------------------------------------------------------------------


def test_a_client_is_its_own_sector_unless_it_names_one() -> None:
    """OpenID Connect Core 1.0 §8.1."""
    assert sector_of(CLIENT) == CLIENT.id
    assert sector_of(replace(CLIENT, sector="bank.example.jp")) == "bank.example.jp"


@pytest.mark.parametrize("name", ["", "RP00000001", "bank", "Bank.example.jp", "-a.jp", "a..jp", "a.jp/", "銀行.jp"])
def test_no_sector_is_named_like_a_client(name: str) -> None:
    with pytest.raises(Malformed):
        check_sector(name)


def test_a_client_leaves_its_sector_only_by_saying_which() -> None:
    """Everybody would get another subject there, so a slip in a file must not do it."""
    joined = replace(CLIENT, sector="bank.example.jp")
    assert moved(joined, None, NOW) is None
    assert moved(joined, joined, NOW) is None
    with pytest.raises(NotAllowed, match='"sector_before": "RP00000001"'):
        moved(joined, CLIENT, NOW)
    with pytest.raises(NotAllowed):
        moved(CLIENT, joined, NOW)
    change = moved(replace(joined, sector_before=CLIENT.id), CLIENT, NOW)
    assert change is not None
    assert (change.before, change.after) == (CLIENT.id, "bank.example.jp")


# --- consents ---------------------------------------------------------------------------------------------------------

TEXT = text_version("Share with?", "山の銀行")


def said(scope: str, decision: Decision = Decision.AGREED, text: str = TEXT, client: str = CLIENT.id) -> ConsentEvent:
    return ConsentEvent(client, scope, decision, text, NOW)


def test_what_was_agreed_to_is_not_asked_again_and_what_is_new_is() -> None:
    asked = ("openid", "name", "address")
    assert agreed_items([said("openid"), said("name")], CLIENT.id, TEXT, asked) == ("openid", "name")


def test_the_last_word_counts() -> None:
    events = [said("name"), said("name", Decision.REVOKED)]
    assert agreed_items(events, CLIENT.id, TEXT, ("name",)) == ()
    assert agreed_items([*events, said("name")], CLIENT.id, TEXT, ("name",)) == ("name",)


def test_another_text_or_another_client_was_not_agreed_to() -> None:
    assert agreed_items([said("name")], CLIENT.id, text_version("Share it all?", "山の銀行"), ("name",)) == ()
    assert agreed_items([said("name")], OTHER_CLIENT.id, TEXT, ("name",)) == ()
    assert len({text_version("ab", "c"), text_version("a", "bc"), TEXT}) == 3


# --- the resident's page ----------------------------------------------------------------------------------------------


def at_page() -> tuple[Login, str, str]:
    """A login to the page with its code out, the code, and the verifier."""
    parameters, verifier = account_request(PROVIDER, Counter())
    login, cookie = begin(parameters, account_client(PROVIDER), PROVIDER, NOW, Counter(), pushed=True)
    ready, _ = allowed()
    login = replace(login, status=ready.status, answered=ready.answered, subject=ready.subject)
    done = callback(login, cookie, SECRET, PROVIDER, SIGNER, NOW)
    return done.login, query(done.url)["code"], verifier


def test_the_page_opens_in_the_browser_that_began_and_once() -> None:
    login, _, verifier = at_page()
    assert check_account_login(login, verifier, NOW) is login
    for other in (None, "", "x" * 43):
        with pytest.raises(NotAllowed, match="another browser"):
            check_account_login(login, other, NOW)
    for late in (login, without_claims(login)):
        with pytest.raises(NotAllowed, match="used or is too old"):
            check_account_login(late, verifier, NOW + (timedelta(minutes=2) if late is login else timedelta(0)))


def test_a_clients_code_does_not_open_the_page() -> None:
    login, _, verifier = at_page()
    for wrong in (None, replace(login, code=None), replace(login, request=replace(login.request, client_id="RP1"))):
        with pytest.raises(NotAllowed, match="not for this page"):
            check_account_login(wrong, verifier, NOW)


def test_nobody_can_sign_for_the_page_at_the_token_endpoint() -> None:
    """Its key set has no key."""
    page = account_client(PROVIDER)
    with pytest.raises(OAuthRefused) as caught:
        check_assertion(assertion(iss=page.id, sub=page.id), page, PROVIDER, NOW)
    assert caught.value.error == "invalid_client"
