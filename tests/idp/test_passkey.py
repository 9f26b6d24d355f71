"""Passkeys in the engine: each step that WebAuthn asks of a relying party, and each way to fail at it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fido2.cose import ES256, ES384, RS256, CoseKey, EdDSA, UnsupportedKey
from hypothesis import given
from hypothesis import strategies as st

from tests.idp.authenticator import AAGUID, FLAG, Device, Maker, new_key
from tests.idp.passkey_world import CARD, ENTROPY, PERSON, ceremony, enrol, profile, use
from tests.idp.world import NOW, PROVIDER, SECOND, SECRET, allowed, answered, begun
from tests.pki import world as pki
from tests.verifier.scene import HELD, MOVED, anchors, ocsp
from warifu.errors import (
    CardNeeded,
    ChallengeExpired,
    Malformed,
    NotAllowed,
    PasskeyChanged,
    PasskeyCopied,
    PasskeyLimit,
    PasskeyRefused,
    TooManyTries,
    UnknownPasskey,
    UserNotVerified,
    WarifuError,
    WrongNonce,
    WrongOrigin,
    WrongPasskeyAlgorithm,
    WrongRelyingParty,
    WrongSignature,
)
from warifu.idp import (
    Assurance,
    Attestation,
    Backing,
    Ceremony,
    EnrolmentAnswer,
    PasskeyAnswer,
    Proofed,
    Provider,
    Purpose,
    Status,
    backed,
    backing_of,
    base64url,
    check_may_enrol,
    check_may_serve,
    check_passkey,
    check_room,
    complete_by_passkey,
    creation_options,
    find_passkey_decision,
    open_of_device,
    open_of_login,
    request_options,
    rp_id,
    seal_for_device,
    seal_for_login,
)
from warifu.pki import Reason, Revocation, Standing
from warifu.pki import Status as CertificateStatus
from warifu.verifier import Evidence, check_again, question

HERE = PROVIDER.origin

# --- enrolment --------------------------------------------------------------------------------------------------------


def test_a_new_passkey_says_what_made_it() -> None:
    """Credential, key, maker, flags, and the assurance of the ceremony."""
    made = enrol(Device(synced=True))
    assert (made.person, made.aaguid, made.transports) == (PERSON, AAGUID, ("internal",))
    assert (made.synced, made.backed_up, made.attestation, made.counter) == (True, True, Attestation.NONE, 0)
    assert (made.card, made.created_at) == (CARD, NOW.replace(microsecond=0))
    assert PERSON not in repr(made)


@pytest.mark.parametrize("algorithm", [ES256, EdDSA, RS256])
def test_every_algorithm_asked_for_works(algorithm: type[CoseKey]) -> None:
    device = Device(algorithm=algorithm)
    assert use(device, enrol(device)).used_at == NOW.replace(microsecond=0)


ENROLMENTS: list[tuple[type[WarifuError], dict[str, Any]]] = [
    (WrongOrigin, {"origin": "https://evil.example"}),
    (WrongOrigin, {"origin": f"{HERE}/"}),
    (WrongOrigin, {"origin": "http://evil.localhost:8700"}),
    (WrongOrigin, {"framed": True}),
    (WrongNonce, {"challenge": bytes(32)}),
    (PasskeyRefused, {"kind": "webauthn.get"}),
    (WrongRelyingParty, {"rp_id": "evil.example"}),
    (UserNotVerified, {"fewer": FLAG.UV}),
    (UserNotVerified, {"fewer": FLAG.UP}),
    (PasskeyChanged, {"more": FLAG.BS}),
    (Malformed, {"credential_id": b""}),
    (Malformed, {"credential_id": bytes(1024)}),
    (Malformed, {"attestation_object": b"\xa0"}),
    (Malformed, {"transports": ["internal\n"]}),
    (Malformed, {"transports": ["usb"] * 9}),
    (WrongPasskeyAlgorithm, {"cose": UnsupportedKey({1: 2, 3: -65000})}),
    (WrongPasskeyAlgorithm, {"cose": ES256({1: 2, 3: -7, -1: 1, -2: bytes(32), -3: bytes(32)})}),
    (WrongPasskeyAlgorithm, {"cose": ES256({1: 2, 3: -7, -1: 2, -2: bytes(32), -3: bytes(32)})}),
    (WrongPasskeyAlgorithm, {"cose": ES256({1: 2, 3: -7})}),
    (WrongPasskeyAlgorithm, {"cose": RS256({1: 3, 3: -257, -1: b"\xff" * 128, -2: b"\x01\x00\x01"})}),
    (WrongPasskeyAlgorithm, {"cose": EdDSA({1: 1, 3: -8, -1: 6, -2: bytes(5)})}),
]


@pytest.mark.parametrize(("error", "wrong"), ENROLMENTS)
def test_an_enrolment_with_one_thing_wrong_is_refused(error: type[WarifuError], wrong: dict[str, Any]) -> None:
    """WebAuthn §7.1."""
    with pytest.raises(error):
        enrol(Device(), **wrong)


def test_an_algorithm_that_was_not_asked_for_is_refused() -> None:
    """WebAuthn §7.1 step 20: the device chose something else."""
    with pytest.raises(WrongPasskeyAlgorithm):
        enrol(Device(algorithm=ES384))


def test_what_the_maker_says_is_believed_of_makers_the_operator_trusts() -> None:
    """WebAuthn §8.2: packed attestation, by a maker, by an unknown one, by the key itself."""
    maker = Maker()
    told = [
        enrol(device, makers=makers).attestation
        for device, makers in (
            (Device(maker=maker), (maker.root,)),
            (Device(maker=maker), ()),
            (Device(maker=maker), (Maker().root,)),
            (Device(vouches=True), (maker.root,)),
            # One of the same name was named first, as after a change of its key.
            (Device(maker=maker), (Maker().root, maker.root)),
        )
    ]
    believed, other = Attestation.TRUSTED, Attestation.UNTRUSTED
    assert told == [believed, other, other, Attestation.SELF, believed]


def test_a_makers_certificate_at_the_end_vouches_only_for_what_it_signed() -> None:
    """WebAuthn §7.1 step 24: the operator named an authority of which the one above is not known here."""
    maker = Maker()

    class Impostor(Maker):
        def statement(self, signed: bytes) -> dict[str, Any]:
            own = super().statement(signed)
            return own | {"x5c": [*own["x5c"], *maker.statement(signed)["x5c"]]}

    [named] = maker.statement(b"")["x5c"]
    assert enrol(Device(maker=maker), makers=(named,)).attestation is Attestation.TRUSTED
    assert enrol(Device(maker=Impostor()), makers=(named,)).attestation is Attestation.UNTRUSTED


def test_a_maker_who_is_lied_about_is_refused() -> None:
    """The statement is about another device's data."""

    class Liar(Maker):
        def statement(self, signed: bytes) -> dict[str, Any]:
            return super().statement(b"something else")

    with pytest.raises(PasskeyRefused):
        enrol(Device(maker=Liar()))


@pytest.mark.parametrize(
    ("kind", "statement"),
    [
        ("packed", {"alg": -7, "sig": b"", "ecdaaKeyId": b"direct anonymous"}),
        ("packed", {"alg": -7, "sig": b"", "x5c": [b"no certificate"]}),
        ("apple", {"x5c": [Maker().root]}),
        ("android-safetynet", {"response": b".".join([base64url(b"[" * 5000).encode()] * 3)}),
        ("tpm", {"ver": "2.0", "alg": -7, "sig": b"", "x5c": [Maker().root], "certInfo": b"", "pubArea": b""}),
        ("none", {"more": 1}),
    ],
)
def test_a_statement_that_nobody_can_read_is_refused(kind: str, statement: dict[str, Any]) -> None:
    """WebAuthn §7.1 step 21: whatever the library says to it."""

    class Odd(Device):
        def _statement(self, *_: object) -> tuple[str, dict[str, Any]]:
            return kind, statement

    with pytest.raises(PasskeyRefused):
        enrol(Odd())


def test_a_makers_name_under_another_kind_of_signature_is_not_believed() -> None:
    """Of a chain signed by Ed25519 the library expects what is not there."""
    maker = Maker()
    assert enrol(Device(maker=Maker(signer=new_key(EdDSA))), makers=(maker.root,)).attestation is Attestation.UNTRUSTED


def test_only_a_fresh_login_by_card_may_enrol() -> None:
    login, _ = allowed()
    late = NOW + profile().enrol_within
    check_may_enrol(login, profile(), late - SECOND)
    with pytest.raises(ChallengeExpired):
        check_may_enrol(replace(login, expires_at=late + SECOND), profile(), late)
    with pytest.raises(NotAllowed):
        check_may_enrol(answered(begun()[0]), profile(), NOW)
    device = Device()
    fresh, made = begun(acr_values=None)[0], enrol(device)
    by_passkey = complete_by_passkey(fresh, an_answer(device), made, None, PROVIDER, NOW)
    with pytest.raises(NotAllowed):
        check_may_enrol(replace(by_passkey, status=Status.ALLOWED), profile(), NOW)


def test_a_person_has_a_few_passkeys_at_most() -> None:
    made = enrol(Device())
    check_room([made] * (profile().most - 1), profile())
    with pytest.raises(PasskeyLimit):
        check_room([made] * profile().most, profile())


def test_the_browser_is_asked_for_what_is_needed_and_shown_no_name() -> None:
    """WebAuthn §5.4; 個人情報: the label is shown by the device, maybe to others."""
    made, asked = enrol(Device()), ceremony(Purpose.ENROL)
    options: Any = creation_options(asked, PROVIDER, SECRET, [made], "a label", attested=False)
    assert options["rp"] == {"id": "localhost", "name": "localhost:8700"}
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert [each["alg"] for each in options["pubKeyCredParams"]] == [-7, -8, -257]
    assert len(options["excludeCredentials"]) == 1
    assert options["user"]["name"] == options["user"]["displayName"] == "a label"
    assert request_options(asked, PROVIDER)["allowCredentials"] == []


# --- login ------------------------------------------------------------------------------------------------------------


LOGINS: list[tuple[type[WarifuError], dict[str, Any]]] = [
    (WrongOrigin, {"origin": "https://evil.example"}),
    (WrongOrigin, {"framed": True}),
    (WrongNonce, {"challenge": bytes(32)}),
    (PasskeyRefused, {"kind": "webauthn.create"}),
    (WrongRelyingParty, {"rp_id": "evil.example"}),
    (UserNotVerified, {"fewer": FLAG.UV}),
    (UserNotVerified, {"fewer": FLAG.UP}),
    (PasskeyChanged, {"more": FLAG.BS}),
    (PasskeyChanged, {"more": FLAG.BE | FLAG.BS}),
    (WrongSignature, {"signature": b""}),
    (WrongSignature, {"signature": bytes(70)}),
    (UnknownPasskey, {"user_handle": bytes(32)}),
    (UnknownPasskey, {"user_handle": b""}),
    (PasskeyCopied, {"counter": 0}),
    (PasskeyCopied, {"counter": 1}),
    (ChallengeExpired, {"now": NOW + timedelta(minutes=5, seconds=1)}),
]


@pytest.mark.parametrize(("error", "wrong"), LOGINS)
def test_an_answer_with_one_thing_wrong_is_refused(error: type[WarifuError], wrong: dict[str, Any]) -> None:
    """WebAuthn §7.2."""
    device = Device()
    made = enrol(device)
    with pytest.raises(error):
        use(device, made, **wrong)


def test_another_persons_credential_with_ones_own_handle_is_refused() -> None:
    """WebAuthn §7.2 step 6: the handle and the credential are one person's."""
    mine, hers = Device(), Device()
    enrol(mine)
    with pytest.raises(UnknownPasskey):
        use(mine, enrol(hers))
    with pytest.raises(UnknownPasskey):
        use(mine, None)


def test_a_signature_of_another_login_is_refused() -> None:
    """Cross-client and replayed: each login has a challenge of its own, and it is good once."""
    device, first, second = Device(), ceremony(Purpose.LOGIN, "one"), ceremony(Purpose.LOGIN, "two")
    made = enrol(device)
    answer = PasskeyAnswer.decode(device.get(request_options(first, PROVIDER), HERE))
    for other in (second, first.spent(), ceremony(Purpose.RENEW), Ceremony("t", NOW)):
        with pytest.raises(WrongNonce):
            check_passkey(answer, other, Purpose.LOGIN, made, PROVIDER, NOW)
    check_passkey(answer, first, Purpose.LOGIN, made, PROVIDER, NOW)


def test_counters_go_up_or_stay_at_nothing() -> None:
    """WebAuthn §6.1.1; synced passkeys do not count."""
    device, synced = Device(), Device(synced=True)
    made = enrol(device)
    assert [made.counter, use(device, made).counter, use(device, made, counter=900).counter] == [1, 2, 900]
    kept = enrol(synced)
    assert use(synced, use(synced, kept)).counter == 0
    aside = made.set_aside(NOW)
    with pytest.raises(PasskeyCopied):
        use(device, aside, counter=1000)


def test_one_login_tries_a_few_times_only() -> None:
    begun_now = Ceremony("t", NOW)
    for _ in range(profile().most_tries):
        begun_now = begun_now.begin(Purpose.LOGIN, profile(), NOW, ENTROPY).spent()
    with pytest.raises(TooManyTries):
        begun_now.begin(Purpose.LOGIN, profile(), NOW, ENTROPY)


# --- what a login says ------------------------------------------------------------------------------------------------


def an_answer(device: Device) -> PasskeyAnswer:
    if not device.credentials:
        enrol(device)
    return PasskeyAnswer.decode(device.get(request_options(ceremony(Purpose.LOGIN), PROVIDER), HERE))


def level(device: Device, acr_values: str | None, makers: tuple[bytes, ...] = ()) -> Assurance:
    """What a login with this device's passkey says of itself to a client that asks so."""
    made = enrol(device, makers=makers)
    login, _ = begun(acr_values=acr_values)
    done = complete_by_passkey(login, an_answer(device), made, None, PROVIDER, NOW)
    assert done.answered is not None
    return done.answered.assurance


def test_a_login_says_what_its_flags_justify() -> None:
    """RFC 8176 §2: no finger, no PIN, and hardware only where its maker says so."""
    maker = Maker()
    assert level(Device(synced=True), None) == Assurance("aal2", ("mfa", "pop", "user"))
    assert level(Device(), None) == Assurance("aal2", ("mfa", "pop", "user"))
    assert level(Device(maker=maker), None) == Assurance("aal2", ("mfa", "pop", "user"))
    assert level(Device(maker=maker), None, (maker.root,)) == Assurance("aal3", ("mfa", "hwk", "user"))
    assert level(Device(maker=maker, synced=True), None, (maker.root,)).acr == "aal2", "a ceiling"


def test_a_client_gets_the_level_it_asks_for_or_the_card() -> None:
    """RFC 9470 §4; clients of the official service ask for ``aal3 crl``."""
    maker = Maker()
    assert level(Device(synced=True), "aal2 crl").acr == "aal2"
    assert level(Device(synced=True), "crl").acr == "aal2"
    assert level(Device(synced=True), "aal3 aal2").acr == "aal2"
    assert level(Device(synced=True), "phr").acr == "phr"
    assert level(Device(maker=maker), "phrh", (maker.root,)).acr == "phrh"
    assert level(Device(maker=maker), "aal3 crl", (maker.root,)).acr == "aal3"
    assert level(Device(maker=maker), "aal2", (maker.root,)).acr == "aal3", "more than asked is told as it is"
    for device, asked in ((Device(synced=True), "aal3 crl"), (Device(), "aal3"), (Device(), "phrh")):
        with pytest.raises(CardNeeded):
            level(device, asked)


def test_a_passkey_is_not_offered_where_it_could_not_be_enough() -> None:
    for acr_values, attested in (("aal3 crl", False), ("phrh", False)):
        with pytest.raises(CardNeeded):
            check_may_serve(begun(acr_values=acr_values)[0].request, profile(), attested=attested)
    check_may_serve(begun(acr_values="aal3 crl")[0].request, profile(), attested=True)
    check_may_serve(begun(acr_values=None)[0].request, profile(), attested=False)


def test_a_passkey_never_signs() -> None:
    """Whatever its level."""
    request = replace(begun(acr_values=None)[0].request, scopes=("openid", "sign"))
    login = replace(begun()[0], request=request)
    with pytest.raises(CardNeeded, match="never signs"):
        check_may_serve(request, profile())
    device = Device()
    with pytest.raises(CardNeeded, match="never signs"):
        complete_by_passkey(login, an_answer(device), enrol(device), None, PROVIDER, NOW)


def test_a_login_whose_time_is_over_is_answered_by_no_passkey() -> None:
    device = Device()
    login, answer, made = begun(acr_values=None)[0], an_answer(device), enrol(device)
    assert complete_by_passkey(login, answer, made, None, PROVIDER, login.expires_at - SECOND).answered
    with pytest.raises(ChallengeExpired):
        complete_by_passkey(login, answer, made, None, PROVIDER, login.expires_at)


def test_a_passkey_shares_the_subject_and_no_attribute() -> None:
    device = Device(synced=True)
    login, cookie = begun(acr_values=None)
    answer, made = an_answer(device), enrol(device)
    done = complete_by_passkey(login, answer, made, None, PROVIDER, NOW)
    assert done.answered is not None
    assert (done.answered.person, done.answered.certificate_hash) == (PERSON, None)
    assert (done.answered.scopes, done.answered.claims) == (("openid",), {})
    token = find_passkey_decision(done, answer, cookie, SECRET, NOW)
    assert token is not None, "the same answer again gives the same token"
    assert find_passkey_decision(login, answer, cookie, SECRET, NOW) is None
    with pytest.raises(NotAllowed):
        find_passkey_decision(login, answer, "another", SECRET, NOW)


# --- what the card still backs ----------------------------------------------------------------------------------------


def look(status: CertificateStatus | None) -> tuple[Backing, Any]:
    """Ask about the certificate, which has this status."""
    asked = question(pki.authentication_certificate(), anchors())
    evidence = Evidence() if status is None else Evidence(ocsp(status, nonce=None))
    return backing_of(lambda: check_again(asked, evidence, anchors(), NOW))


def revoked(reason: Reason) -> Revocation:
    return Revocation(MOVED.at, reason)


BACKINGS: list[tuple[CertificateStatus | None, Backing]] = [
    (Standing.GOOD, Backing.GOOD),
    (HELD, Backing.HELD),
    (revoked(Reason.SUPERSEDED), Backing.ENDED),
    (revoked(Reason.KEY_COMPROMISE), Backing.DEAD),
    (revoked(Reason.CESSATION_OF_OPERATION), Backing.DEAD),
    (revoked(Reason.AFFILIATION_CHANGED), Backing.DEAD),
    (Standing.UNKNOWN, Backing.UNKNOWN),
    (None, Backing.UNKNOWN),
]


@pytest.mark.parametrize(("status", "expected"), BACKINGS)
def test_what_is_said_depends_on_the_card(status: CertificateStatus | None, expected: Backing) -> None:
    """Only a good certificate backs the claim; only a revocation for cause ends it for good."""
    backing, cause = look(status)
    assert backing is expected
    after, proofed = backed(enrol(Device()), backing, cause, profile(), NOW + SECOND)
    at = NOW.replace(microsecond=0)
    assert proofed == (Proofed("ial3", at, at + SECOND) if expected is Backing.GOOD else None)
    assert (after.dropped is not None) is (expected is Backing.DEAD)
    _, later = backed(after, Backing.GOOD, None, profile(), NOW)
    assert (later is None) is (expected is Backing.DEAD), "a hold that ended, an authority that answers again"
    _, shown = backed(after.renewed(CARD, b"q"), Backing.GOOD, None, profile(), NOW)
    assert shown is not None, "the card was shown again"


def test_an_expired_certificate_backs_nothing() -> None:
    asked = question(pki.authentication_certificate(), anchors())
    later = asked.not_after + timedelta(days=1)
    assert backing_of(lambda: check_again(asked, Evidence(), anchors(), later)) == (Backing.ENDED, None)


def test_the_question_opens_with_the_device_only() -> None:
    """公的個人認証法 第63条: who has the store and the secret still has no serial number."""
    asked = question(pki.authentication_certificate(), anchors())
    sealed = seal_for_device(asked, SECRET, b"h" * 32, ENTROPY)
    assert open_of_device(sealed, SECRET, b"h" * 32) == asked
    of_login = seal_for_login(asked, SECRET, "t", ENTROPY)
    assert open_of_login(of_login, SECRET, "t") == asked
    for wrong, handle in ((sealed, b"x" * 32), (b"", b"h" * 32), (of_login, b"h" * 32)):
        with pytest.raises(Malformed):
            open_of_device(wrong, SECRET, handle)
    with pytest.raises(Malformed):
        open_of_login(of_login, SECRET, "u")
    serial = f"{pki.SERIAL:x}".encode()
    assert serial not in sealed
    assert serial not in of_login


def test_only_names_in_secure_contexts_have_passkeys() -> None:
    """WebAuthn §5.1.2; Secure Contexts §3.1."""
    origins = ["http://localhost:8700", "http://idp.localhost:1", "https://login.example.jp", "http://127.0.0.1:1"]
    assert [rp_id(Provider(each)) for each in origins] == ["localhost", "idp.localhost", "login.example.jp", None]
    assert [rp_id(Provider(each)) for each in ("https://[::1]", "http://login.example.jp")] == [None, None]


@given(st.binary(max_size=200))
def test_no_bytes_break_the_parsers(data: bytes) -> None:
    """Whatever a page posts, it is malformed or it is read."""
    for kind in (EnrolmentAnswer, PasskeyAnswer):
        with pytest.raises(Malformed):
            kind.decode(data)
    for answer in (EnrolmentAnswer(data, data, ()), PasskeyAnswer(data, data, data, data, data)):
        with pytest.raises(Malformed):
            answer.read()
