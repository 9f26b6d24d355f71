"""The login challenge, what invites to it and what answers it."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warifu.errors import Malformed
from warifu.messages import AttributesAnswer, LoginAnswer, LoginChallenge, LoginInvitation

CHALLENGE = LoginChallenge("http://localhost:8700", "shop-1", "c0ffee", bytes(range(32)))
INVITATION = LoginInvitation(
    "http://localhost:8700",
    "shop-1",
    "割符商店",
    "c0ffee",
    bytes(range(32)),
    ("openid", "name"),
    datetime(2026, 11, 22, 8, 50, tzinfo=UTC),
)

parts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
nonces = st.binary(min_size=32, max_size=32)
challenges = st.builds(LoginChallenge, parts, parts, parts, nonces)
moments = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scopes = st.lists(texts, max_size=4).map(tuple)
invitations = st.builds(LoginInvitation, parts, parts, texts, parts, nonces, scopes, moments)
attributes_answers = st.builds(AttributesAnswer, *[st.binary(max_size=40)] * 5)
answers = st.builds(
    LoginAnswer, challenges, st.binary(max_size=40), st.binary(max_size=40), st.none() | attributes_answers
)


@given(challenges)
def test_a_challenge_reads_back(challenge: LoginChallenge) -> None:
    assert LoginChallenge.decode(challenge.encode()) == challenge


@given(invitations)
def test_an_invitation_reads_back(invitation: LoginInvitation) -> None:
    assert LoginInvitation.decode(invitation.encode()) == invitation


@given(answers)
def test_an_answer_reads_back(answer: LoginAnswer) -> None:
    assert LoginAnswer.decode(answer.encode()) == answer


@given(challenges, challenges)
def test_two_challenges_are_never_signed_alike(one: LoginChallenge, other: LoginChallenge) -> None:
    """Lengths stand before the parts, so that nothing can move from one part into its neighbour."""
    assert (one.encode() == other.encode()) == (one == other)


def test_whoever_reads_a_log_cannot_answer() -> None:
    """The transaction is what a companion or a phone comes to the provider with."""
    assert not any("c0ffee" in repr(each) for each in (CHALLENGE, INVITATION))


def test_a_part_cannot_move_into_its_neighbour() -> None:
    moved = replace(CHALLENGE, client="shop-1c", transaction="0ffee")
    assert moved.digest() != CHALLENGE.digest()


@pytest.mark.parametrize(
    "change",
    [{"origin": "http://localhost:8701"}, {"client": "shop-2"}, {"transaction": "c0ffef"}, {"nonce": bytes(32)}],
)
def test_every_part_is_signed(change: dict[str, object]) -> None:
    changed = replace(CHALLENGE, **change)  # type: ignore[arg-type]
    assert changed.digest() != CHALLENGE.digest()
    assert changed.card_nonce() != CHALLENGE.card_nonce()


def test_what_the_card_signs_is_the_hash_of_the_wire_form() -> None:
    assert CHALLENGE.digest() == hashlib.sha256(CHALLENGE.encode()).digest()
    assert CHALLENGE.card_nonce() == hashlib.sha256(b"warifu card 1\n\0" + CHALLENGE.digest()).digest()


@pytest.mark.parametrize("nonce", [b"", bytes(31), bytes(33)])
def test_a_nonce_has_32_bytes(nonce: bytes) -> None:
    for message in (CHALLENGE, INVITATION):
        with pytest.raises(Malformed):
            replace(message, nonce=nonce)


@pytest.mark.parametrize("part", ["origin", "client", "transaction"])
@pytest.mark.parametrize("text", ["", "a" * 256, "あ" * 86, "\ud842"])
def test_origin_client_and_transaction_have_1_to_255_bytes(part: str, text: str) -> None:
    for message in (CHALLENGE, INVITATION):
        with pytest.raises(Malformed):
            replace(message, **{part: text})  # type: ignore[arg-type]


def test_the_signer_puts_in_the_origin_it_saw() -> None:
    """An answer coaxed out at another site carries that site's name, and the provider refuses it."""
    seen = INVITATION.challenge("http://evil.localhost:8700")
    assert seen == replace(CHALLENGE, origin="http://evil.localhost:8700")
    assert INVITATION.challenge("http://localhost:8700") == CHALLENGE


@pytest.mark.parametrize(
    ("scopes", "attributes"),
    [((), False), (("openid",), False), (("openid", "address"), True), (("gender",), True), (("birthdate",), True)],
)
def test_the_text_pin_is_asked_for_only_when_an_attribute_is_wanted(scopes: tuple[str, ...], attributes: bool) -> None:
    assert replace(INVITATION, scopes=scopes).attributes is attributes


def test_an_invitation_expires_on_a_whole_second_of_any_zone() -> None:
    japan = timezone(timedelta(hours=9))
    same = replace(INVITATION, expires_at=datetime(2026, 11, 22, 17, 50, 0, 999999, tzinfo=japan))
    assert same == INVITATION
    assert LoginInvitation.decode(same.encode()) == INVITATION


def test_a_moment_without_a_zone_is_malformed() -> None:
    with pytest.raises(Malformed):
        replace(INVITATION, expires_at=datetime(2026, 11, 22, 8, 50))  # noqa: DTZ001


def test_a_message_over_64_kibibytes_is_not_read() -> None:
    with pytest.raises(Malformed):
        LoginInvitation.decode(replace(INVITATION, client_name="a" * 64 * 1024).encode())


@pytest.mark.parametrize("text", ["[" * 20000, '{"a":' * 10000, "1" * 5000, '"' + "\\u0000" * 3000])
def test_json_that_strains_a_parser_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        LoginInvitation.decode(text.encode())


def test_an_answer_shows_neither_certificate_nor_attributes() -> None:
    """The serial number and the digest of the individual number must not reach a log."""
    attributes = AttributesAnswer(b"secret", b"secret", b"secret", b"secret", b"secret")
    answer = LoginAnswer(CHALLENGE, b"secret", b"secret", attributes)
    assert "secret" not in f"{answer}{answer!r}{attributes}{attributes!r}"
