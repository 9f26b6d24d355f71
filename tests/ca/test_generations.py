"""Several generations of one authority: who issues, who answers, what a leaked key does; answers to many questions."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.ca.town import (
    AUTHENTICATION,
    ENDS,
    KIYOSE,
    NOW,
    SHIBUYA,
    SIGNING,
    YEAR,
    application,
    authority,
    entry,
    issuer,
    key,
    responder,
)
from warifu.ca import Authority, Entry, Event, Generations, Medium, State, follow, leak_changes
from warifu.errors import NotAllowed, NotFound, Unavailable
from warifu.pki import (
    CertificateKind,
    EndEntityCertificate,
    Issuer,
    KeySigner,
    OcspAnswer,
    OcspQuestions,
    OcspRequest,
    Reason,
    RevocationList,
    Standing,
    Status,
    build_ca_certificate,
    issuer_hashes,
)

OLD, NEW = authority(AUTHENTICATION, 0), authority(AUTHENTICATION, 1)


def begun(index: int, years: int, kind: CertificateKind = AUTHENTICATION) -> Authority:
    """A generation that began so many years before NOW and lasts ten."""
    signer = key(index)
    since = NOW - years * YEAR
    certificate = build_ca_certificate(
        kind, signer, serial_number=index + 1, not_before=since, not_after=since + 10 * YEAR
    )
    return replace(authority(kind), issuer=Issuer(certificate, signer, kind))


FIRST, SECOND, THIRD = begun(20, 9), begun(21, 5), begun(22, 1)
ALL = Generations([THIRD, FIRST, SECOND])


def asking(*wanted: tuple[Authority, int], nonce: bytes | None = b"n" * 32) -> OcspQuestions:
    return OcspQuestions(
        tuple(OcspRequest("sha256", *issuer_hashes(each.issuer.certificate, "sha256"), n) for each, n in wanted), nonce
    )


def under(generation: Authority, serial_number: int = 7, kind: CertificateKind = AUTHENTICATION) -> Entry:
    return replace(entry(kind, serial_number=serial_number), generation=generation.generation)


def statuses(der: bytes) -> list[Status]:
    return [each.status for each in OcspAnswer.decode_all(der)]


# --- who issues, who is found -----------------------------------------------------------------------------------------


def test_the_newest_generation_issues_and_the_old_ones_are_there_still() -> None:
    assert [each.generation for each in ALL] == [each.generation for each in (FIRST, SECOND, THIRD)]
    assert ALL.newest(NOW) is THIRD
    assert ALL.newest(NOW - 2 * YEAR) is SECOND
    assert ALL.find(FIRST.generation) is FIRST


def test_a_generation_whose_key_leaked_issues_no_more() -> None:
    after = Generations(ALL, {THIRD.generation: NOW})
    assert after.newest(NOW) is SECOND


def test_without_a_generation_nothing_is_issued() -> None:
    with pytest.raises(Unavailable, match="may issue now"):
        ALL.newest(NOW + 20 * YEAR)
    with pytest.raises(Unavailable, match="may issue now"):
        Generations([FIRST], {FIRST.generation: NOW}).newest(NOW)


def test_an_unknown_generation_is_not_found() -> None:
    with pytest.raises(NotFound):
        ALL.find(bytes(20))


@pytest.mark.parametrize(
    ("authorities", "why"),
    [
        ([], "share their kind"),
        ([FIRST, authority(SIGNING)], "share their kind"),
        ([FIRST, FIRST], "there twice"),
    ],
)
def test_generations_belong_together(authorities: list[Authority], why: str) -> None:
    with pytest.raises(NotAllowed, match=why):
        Generations(authorities)


def next_generation() -> Authority:
    """A P-384 generation of the same name, younger than the others."""
    signer = KeySigner.generate("ES384")
    certificate = build_ca_certificate(
        AUTHENTICATION, signer, serial_number=90, not_before=NOW - timedelta(days=1), not_after=NOW + 15 * YEAR
    )
    return replace(authority(), issuer=Issuer(certificate, signer, AUTHENTICATION))


def test_each_key_is_certified_by_the_youngest_generation_of_its_algorithm() -> None:
    """Cards of today and of the next generation are in use side by side."""
    newest = next_generation()
    both = Generations([*ALL, newest])
    card_of_today = application()
    next_card = replace(card_of_today, public_key_info=KeySigner.generate("ES384").public_key_info)
    assert both.newest(NOW) is newest
    assert both.issuing(card_of_today, NOW) is THIRD
    assert both.issuing(next_card, NOW) is newest
    for asked in (card_of_today, next_card):
        issued = both.issuing(asked, NOW).issue(asked, 9, NOW)
        assert EndEntityCertificate.decode(issued.certificate).serial_number == 9
    with pytest.raises(Unavailable):
        ALL.issuing(next_card, NOW)
    with pytest.raises(NotAllowed, match="own kind only"):
        newest.issue(card_of_today, 9, NOW)


# --- who answers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [FIRST, SECOND, THIRD], ids=["first", "second", "third"])
def test_each_generation_answers_for_itself_with_its_own_key(asked: Authority) -> None:
    der = asked.answer_all(asking((asked, 7)), {7: under(asked)}, NOW)
    [answer] = OcspAnswer.decode_all(der)
    assert (answer.responder_key_id, answer.status) == (asked.generation, Standing.GOOD)
    other = asked.answer_all(asking((asked, 7)), {7: under(authority())}, NOW)
    assert statuses(other) == [Standing.UNKNOWN]


def test_each_generation_lists_its_own_with_its_own_key() -> None:
    revoked = [follow(under(each, n), Event.KEY_COMPROMISED, NOW) for n, each in enumerate(ALL, 1)]
    for number, each in enumerate(ALL, 1):
        crl = RevocationList.decode(each.revocation_list(KIYOSE, revoked, number=1, now=NOW))
        assert (crl.issuer_key_id, set(crl.revoked)) == (each.generation, {number})


def test_several_questions_get_one_answer_in_their_order() -> None:
    """RFC 6960 §4.1.1, §4.2.1."""
    held, revoked = follow(under(FIRST, 2), Event.HELD, NOW), follow(under(FIRST, 3), Event.RENEWED, NOW)
    found = {1: under(FIRST, 1), 2: held, 3: revoked, 5: replace(under(FIRST, 5), not_after=NOW - YEAR)}
    der = FIRST.answer_all(asking(*((FIRST, n) for n in (3, 1, 4, 2, 5))), found, NOW)
    assert statuses(der) == [revoked.revocation, Standing.GOOD, Standing.UNKNOWN, held.revocation, Standing.UNKNOWN]
    assert {each.about.nonce for each in OcspAnswer.decode_all(der)} == {b"n" * 32}


@pytest.mark.parametrize("wanted", [((authority(AUTHENTICATION, 5), 1),), ((FIRST, 1), (SECOND, 2))])
def test_questions_for_others_or_for_several_generations_are_not_answered(
    wanted: tuple[tuple[Authority, int], ...],
) -> None:
    """RFC 6960 §2.3, RFC 5019 §2.2.3: the responder cannot speak for all of them."""
    for each in ALL:
        with pytest.raises(NotAllowed, match="another authority"):
            each.answer_all(asking(*wanted), {}, NOW)


def test_an_answer_is_never_older_than_what_it_tells() -> None:
    """The clock was set back after a revocation was recorded."""
    revoked = follow(under(FIRST), Event.KEY_COMPROMISED, NOW)
    [answer] = OcspAnswer.decode_all(FIRST.answer_all(asking((FIRST, 7)), {7: revoked}, NOW - timedelta(hours=1)))
    assert (answer.status, answer.this_update) == (revoked.revocation, NOW.replace(microsecond=0))
    assert list(FIRST.presigned([revoked], NOW - timedelta(hours=1), timedelta(hours=6))) == []


# --- a leaked key -----------------------------------------------------------------------------------------------------


def test_a_leaked_key_revokes_all_under_it_and_what_stands_on_them() -> None:
    """公的個人認証法 第14条, 第33条; 第16条の12, 第16条の13."""
    card, phone = under(SECOND, 1), replace(under(THIRD, 2), medium=Medium.PHONE)
    other_kind = replace(under(SECOND, 3), kind=SIGNING)
    result = leak_changes(AUTHENTICATION, SECOND.generation, [card, phone, other_kind], NOW)
    assert [(each.before.serial_number, each.event) for each in result] == [
        (1, Event.AUTHORITY_COMPROMISED),
        (2, Event.CARD_CERTIFICATE_REVOKED),
    ]
    assert result[0].after.revocation is not None
    assert result[0].after.revocation.reason is Reason.CA_COMPROMISE
    assert leak_changes(AUTHENTICATION, SECOND.generation, [each.after for each in result], NOW) == ()


def test_a_leaked_key_leaves_the_other_generations_alone() -> None:
    assert leak_changes(AUTHENTICATION, SECOND.generation, [under(THIRD), under(FIRST, 8)], NOW) == ()


def test_the_list_of_authorities_names_the_generation_whose_key_leaked() -> None:
    after = Generations(ALL, {SECOND.generation: NOW})
    arl = RevocationList.decode_of_authorities(THIRD.authority_list(after.revoked(), number=4, now=NOW))
    assert arl.issuer_key_id == THIRD.generation
    assert {number: each.reason for number, each in arl.revoked.items()} == {22: Reason.CA_COMPROMISE}
    empty = RevocationList.decode_of_authorities(THIRD.authority_list(ALL.revoked(), number=5, now=NOW))
    assert dict(empty.revoked) == {}


# --- written lists ----------------------------------------------------------------------------------------------------


def test_a_list_written_piece_by_piece_is_the_ordinary_one() -> None:
    entries = [follow(under(OLD, n), Event.KEY_COMPROMISED, NOW) for n in range(1, 40)]
    entries[3] = replace(entries[3], municipality=SHIBUYA.code)
    entries[5] = replace(entries[5], not_after=NOW - timedelta(hours=49))
    data = bytearray()
    OLD.write_revocation_list(data.extend, KIYOSE, lambda: entries, number=3, now=NOW)
    assert bytes(data) == OLD.revocation_list(KIYOSE, entries, number=3, now=NOW)


# --- answers before anybody asks --------------------------------------------------------------------------------------

SIX_HOURS = timedelta(hours=6)


def test_answers_before_anybody_asks_are_those_of_the_record() -> None:
    entries = [
        under(OLD, 1),
        follow(under(OLD, 2), Event.HELD, NOW),
        under(NEW, 3),
        replace(under(OLD, 4), not_after=NOW - YEAR),
    ]
    entries.append(replace(under(OLD, 5), state=State.APPLIED))
    made = {each.serial_number: each.der for each in OLD.presigned(entries, NOW, SIX_HOURS)}
    assert {n: OcspAnswer.decode(der).status for n, der in made.items()} == {
        1: Standing.GOOD,
        2: entries[1].revocation,
    }
    assert {OcspAnswer.decode(der).next_update for der in made.values()} == {NOW + SIX_HOURS}
    assert {OcspAnswer.decode(der).about.nonce for der in made.values()} == {None}


def test_no_answer_says_good_beyond_the_end_of_validity() -> None:
    soon = replace(under(OLD), not_after=NOW + timedelta(hours=1))
    [made] = OLD.presigned([soon], NOW, SIX_HOURS)
    assert OcspAnswer.decode(made.der).next_update == made.next_update == NOW + timedelta(hours=1)


# --- the delegated responder ------------------------------------------------------------------------------------------


def test_a_responders_certificate_is_short_and_needs_no_revocation_check() -> None:
    """RFC 6960 §4.2.2.2, §4.2.2.2.1."""
    der = OLD.certify_responder(key(91).public_key_info, 500, NOW)
    certificate = x509.load_der_x509_certificate(der)
    certificate.verify_directly_issued_by(issuer().certificate)
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == timedelta(days=30)
    assert not certificate.extensions.get_extension_for_class(x509.OCSPNoCheck).critical
    assert isinstance(certificate.public_key(), rsa.RSAPublicKey)


def test_a_responder_does_not_outlive_its_authority() -> None:
    ends = issuer().certificate.not_valid_after_utc
    with pytest.raises(NotAllowed, match="outlive"):
        OLD.certify_responder(key(91).public_key_info, 500, ends - timedelta(days=29))


def test_half_of_its_life_over_a_responder_is_renewed() -> None:
    delegating = replace(OLD, responder=responder())  # from a day before NOW until 30 days after it
    middle = NOW + timedelta(days=14, hours=12)
    assert not delegating.needs_responder(middle - timedelta(seconds=1))
    assert delegating.needs_responder(middle)
    assert not OLD.needs_responder(ENDS)


@pytest.mark.parametrize("now", [NOW - timedelta(days=2), NOW + timedelta(days=31)])
def test_for_a_responder_out_of_its_time_the_authority_signs_itself(now: datetime) -> None:
    """RFC 6960 §4.2.2.2."""
    delegating = replace(OLD, responder=responder())
    assert delegating.signer_at(NOW) is delegating.responder
    assert delegating.signer_at(now) is delegating.issuer
    [answer] = OcspAnswer.decode_all(delegating.answer_all(asking((OLD, 7)), {7: entry()}, now))
    assert answer.responder_key_id == delegating.generation


def test_what_is_signed_before_for_longer_than_the_responder_lives_the_authority_signs() -> None:
    delegating = replace(OLD, responder=responder())
    [made] = delegating.presigned([entry()], NOW, timedelta(days=31))
    assert OcspAnswer.decode(made.der).responder_key_id == delegating.generation


def test_the_newest_generation_certifies_what_is_applied_for() -> None:
    issued = ALL.newest(NOW).issue(application(), 9, NOW)
    assert issued.entry.generation == THIRD.generation
