"""Every card of the town does what its persona's description says, as a reader and a verifier see it."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from warifu.cardmap import Application, CardRecord, CvCertificate, FaceFile, KeyId
from warifu.errors import (
    Expired,
    InUse,
    LastTry,
    NotFound,
    PinBlocked,
    Revoked,
    Suspended,
    WrongPin,
)
from warifu.messages import LoginAnswer, LoginChallenge
from warifu.person import BasicAttributes
from warifu.pki import JST, CertificateKind, EndEntityCertificate, Reason, Revocation
from warifu.ports import Connection
from warifu.reader import JpkiSession, Key, TextSession, answer_login, check_attributes
from warifu.town.cards import PINS
from warifu.town.personas import PERSONAS, plan_of
from warifu.town.residents import Resident, resident
from warifu.town.town import Town
from warifu.town.wallet import card_in_hand
from warifu.verifier import Anchors, Evidence, check_login, needs
from warifu.wire.key_files import read_chip_anchors

CHALLENGE = LoginChallenge("http://localhost:8700", "RP00000001", "transaction", bytes(32))
NONCE = b"n" * 16
CARDS = [card.name for plan in PERSONAS for card in plan.cards]
TODAYS = [card.name for plan in PERSONAS for card in plan.cards if not card.profile.next_generation]
WITH_SIGNING = [card.name for plan in PERSONAS for card in plan.cards if card.profile.signing]
WORKING = ["ordinary", "child", "foreign", "gaiji", "long-address", "twin-first", "twin-second", "moved", "renamed"]
WORKING += ["reissued", "expiring", "signing-blocked", "next"]


def _answer(town: Town, name: str, *, text_pin: str | None = PINS.text, spend_last: bool = False) -> LoginAnswer:
    with town.card(name) as card:
        return answer_login(card, CHALLENGE, PINS.authentication, text_pin, spend_last=spend_last)


def _check(town: Town, answer: LoginAnswer) -> None:
    """As the provider would, asking the town's authority."""
    now = datetime.now(UTC)
    with town.authorities() as authorities:
        anchors = Anchors.load(
            each.issuer.certificate_der for kind in CertificateKind for each in authorities.generations(kind)
        )
        question = needs(answer.unverified_certificate, anchors).ocsp_request(NONCE)
        ocsp = authorities.answer(CertificateKind.AUTHENTICATION, question)
    check_login(answer, CHALLENGE, now + timedelta(minutes=1), Evidence(ocsp=ocsp, nonce=NONCE), anchors, now)


def _attributes(town: Town, answer: LoginAnswer) -> BasicAttributes:
    assert answer.attributes is not None
    return check_attributes(answer.attributes, CHALLENGE.card_nonce(), read_chip_anchors(town.folder / "chip_anchors"))


def _resident(town: Town, persona: str) -> Resident:
    return resident(plan_of(persona), town.roster.seed, town.roster.founded.astimezone(JST).date())


def _signing_certificate(card: Connection) -> EndEntityCertificate:
    session = JpkiSession(card)
    session.verify(Key.SIGNING, PINS.signing)
    return EndEntityCertificate.decode(session.certificate(Key.SIGNING))


def _said_of_the_holder(certificate: EndEntityCertificate) -> dict[int, str]:
    """The six otherNames by the last number of their identifiers: 1 name, 5 address, 2 and 6 substitutes."""
    extensions = x509.load_der_x509_certificate(certificate.unverified.der).extensions
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    others = [name for name in names if isinstance(name, x509.OtherName)]
    return {int(name.type_id.dotted_string.rpartition(".")[2]): _text(name.value) for name in others}


def _text(der: bytes) -> str:
    """The text of a DER UTF8String, behind one or more bytes of length."""
    return der[2 + (der[1] & 0x7F if der[1] & 0x80 else 0) :].decode()


def _status(town: Town, certificate: EndEntityCertificate) -> Revocation | None:
    with town.authorities() as authorities:
        entry = authorities.find(certificate.kind, certificate.serial_number)
    assert entry is not None
    return entry.revocation


# --- who logs in ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", WORKING)
def test_these_log_in_and_share_what_the_register_says(town: Town, name: str) -> None:
    answer = _answer(town, name)
    _check(town, answer)
    assert _attributes(town, answer) == _resident(town, name).attributes


def test_the_one_with_one_try_left_logs_in_when_that_may_be_spent(town: Town) -> None:
    with pytest.raises(LastTry):
        _answer(town, "last-try")
    _check(town, _answer(town, "last-try", spend_last=True))


def test_without_the_text_pin_one_logs_in_and_shares_nothing(town: Town) -> None:
    """The text PIN of this one is blocked; the authentication PIN is another."""
    with pytest.raises(PinBlocked, match="text PIN"):
        _answer(town, "text-blocked")
    answer = _answer(town, "text-blocked", text_pin=None)
    _check(town, answer)
    assert answer.attributes is None


@pytest.mark.parametrize("name", ["blocked", "face"])
def test_a_blocked_authentication_pin_stops_at_the_card(town: Town, name: str) -> None:
    with pytest.raises(PinBlocked, match="authentication PIN"):
        _answer(town, name, text_pin=None)


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("expired", Expired), ("suspended", Suspended), ("reissued-old", Revoked), ("deceased", Revoked)],
)
def test_the_authority_knows_who_may_not_log_in(town: Town, name: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        _check(town, _answer(town, name))


def test_who_has_no_card_has_none(town: Town) -> None:
    with pytest.raises(NotFound, match="cardless has no card"), town.card("cardless"):
        pass


# --- what is on the cards ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in WITH_SIGNING if name != "signing-blocked"])
def test_the_signing_key_signs_under_its_certificate(town: Town, name: str) -> None:
    with town.card(name) as card:
        certificate = x509.load_der_x509_certificate(_signing_certificate(card).unverified.der)
        session = JpkiSession(card)
        session.verify(Key.SIGNING, PINS.signing)
        signature = session.sign(Key.SIGNING, hashlib.new(session.hash_name, b"document").digest())
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        assert name == "next"
        key.verify(signature, b"document", ec.ECDSA(hashes.SHA384()))
    else:
        assert isinstance(key, rsa.RSAPublicKey)
        key.verify(signature, b"document", padding.PKCS1v15(), hashes.SHA256())


def test_a_child_has_no_signing_certificate(town: Town) -> None:
    with town.card("child") as card:
        session = JpkiSession(card)
        assert session.tries_left(Key.SIGNING) == 0
        assert session.tries_left(Key.AUTHENTICATION) == 3


@pytest.mark.parametrize(
    ("name", "authentication", "text", "signing"),
    [
        ("ordinary", 3, 3, 5),
        ("signing-blocked", 3, 3, 0),
        ("blocked", 0, 3, 5),
        ("last-try", 1, 3, 5),
        ("text-blocked", 3, 0, 5),
        ("face", 0, 0, 0),
    ],
)
def test_so_many_tries_are_left(town: Town, name: str, authentication: int, text: int, signing: int) -> None:
    with town.card(name) as card:
        jpki = JpkiSession(card)
        assert (jpki.tries_left(Key.AUTHENTICATION), jpki.tries_left(Key.SIGNING)) == (authentication, signing)
        assert TextSession(card).tries_left() == text


def test_the_move_killed_the_signing_certificate_with_the_old_address_only(town: Town) -> None:
    """公的個人認証法 第12条第1項第1号; an authentication certificate says no address."""
    with town.card("moved") as card:
        signing = _signing_certificate(card)
        authentication = EndEntityCertificate.decode(JpkiSession(card).certificate(Key.AUTHENTICATION))
    revocation = _status(town, signing)
    assert revocation is not None
    assert revocation.reason is Reason.AFFILIATION_CHANGED
    yesterday = town.roster.founded.astimezone(JST).date() - timedelta(days=1)
    assert revocation.at.astimezone(JST).date() == yesterday
    assert _status(town, authentication) is None
    assert _said_of_the_holder(signing)[5] == _resident(town, "moved").former.address.text


def test_the_renamed_one_has_a_signing_certificate_in_the_new_name(town: Town) -> None:
    with town.card("renamed") as card:
        signing = _signing_certificate(card)
    assert _status(town, signing) is None
    assert _said_of_the_holder(signing)[1] == _resident(town, "renamed").attributes.name.text


def test_rare_characters_are_marked_in_the_signing_certificate_and_whole_on_the_card(town: Town) -> None:
    with town.card("gaiji") as card:
        said = _said_of_the_holder(_signing_certificate(card))
    assert (said[1], said[2]) == ("吉崎　高志", "11010")
    assert _attributes(town, _answer(town, "gaiji")).name.text == "𠮷﨑　髙志"


@pytest.mark.parametrize(("name", "days"), [("expiring", 1), ("expired", -30)])
def test_certificates_end_at_the_end_of_the_day_the_plan_names(town: Town, name: str, days: int) -> None:
    with town.card(name) as card:
        der = JpkiSession(card).certificate(Key.AUTHENTICATION)
    end = x509.load_der_x509_certificate(der).not_valid_after_utc.astimezone(JST)
    assert f"{end:%H:%M:%S}" == "23:59:59"
    assert (end.date() - town.roster.founded.astimezone(JST).date()).days == days


def test_all_generations_of_cards_are_there(town: Town) -> None:
    atrs = set()
    for name in CARDS:
        with town.card(name) as card:
            atrs.add(card.atr)
    assert len(atrs) == 3


def test_the_next_generations_certificates_last_ten_years_under_a_p384_authority(town: Town) -> None:
    """The same name as today's authorities, told apart by the key. Modelled, as is planned."""
    with town.card("next") as card:
        read = EndEntityCertificate.decode(JpkiSession(card).certificate(Key.AUTHENTICATION))
        signing = _signing_certificate(card)
    with town.authorities() as authorities:
        generations = {each.generation: each for each in authorities.generations(CertificateKind.AUTHENTICATION)}
        newest = authorities.authority(CertificateKind.AUTHENTICATION)
    assert len(generations) == 2
    assert newest.issuer.signer.algorithm == "RS256"
    own = generations[read.issuer_key_id]
    assert own.issuer.signer.algorithm == "ES384"
    assert own.issuer.certificate.subject == newest.issuer.certificate.subject
    assert read.not_after - read.unverified.not_before > timedelta(days=9 * 365), "up to the tenth birthday"
    assert signing.not_after == read.not_after


def test_the_next_generations_face_says_what_todays_would(town: Town) -> None:
    holder, anchors = _resident(town, "next"), read_chip_anchors(town.folder / "chip_anchors")
    with town.card("next") as card:
        _send(card, f"00A4040C0A{Application.NEXT_FACE.aid.hex()}")
        certificate = CvCertificate.decode(_send(card, "00B08400000000"))
        number = holder.individual_number.reveal().encode().hex()
        face = FaceFile.decode(_send(card, f"002000930C{number}", "00B08200000000"))
    certificate.check_issued_by(next(each for each in anchors if each.key_id == certificate.issuer_key_id))
    face.check_signed_by(certificate)
    assert face.face.birth_date == holder.attributes.birth_date


def test_a_town_of_an_earlier_version_has_no_p384_generation(town: Town) -> None:
    for kind in CertificateKind:
        (town.folder / "authorities" / f"{kind.value}_next.crt").unlink()
    with town.authorities() as authorities:
        assert len(authorities.generations(CertificateKind.SIGNING)) == 1
    _check(town, _answer(town, "ordinary"))


# --- what stays -------------------------------------------------------------------------------------------------------


def test_a_wrong_try_is_still_counted_when_the_town_is_opened_again(town: Town) -> None:
    with town.card("ordinary") as card, pytest.raises(WrongPin):
        JpkiSession(card).verify(Key.AUTHENTICATION, "0000")
    again = Town.open(town.ground.directory)
    with again.card("ordinary") as card:
        assert JpkiSession(card).tries_left(Key.AUTHENTICATION) == 2


def test_a_card_is_held_by_one_at_a_time(town: Town) -> None:
    other = Town.open(town.ground.directory)
    with town.card("ordinary"):
        with pytest.raises(InUse), other.card("ordinary"):
            pass
        with other.card("moved"):
            pass
    with other.card("ordinary"):
        pass


def test_a_persona_name_means_its_first_card(town: Town) -> None:
    assert [town.find_card("reissued")[1].name, town.find_card("reissued-old")[1].name] == ["reissued", "reissued-old"]


def test_there_is_no_card_of_another_name(town: Town) -> None:
    with pytest.raises(NotFound, match="nobody in this town"):
        town.find_card("nobody")


# --- the other applications -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TODAYS)
def test_every_card_shows_its_holders_face_and_who_issued_it(town: Town, name: str) -> None:
    """Whatever the face can be drawn with: the birth date in it is signed, the expiry is in the common record too."""
    holder = _resident(town, _person_of(name))
    anchors = {anchor.key_id: anchor for anchor in read_chip_anchors(town.folder / "chip_anchors")}
    with town.card(name) as card:
        common = _send(card, f"00A4040C0A{Application.COMMON.aid.hex()}", "00B2010C00")
        record = CardRecord.decode(common)
        _send(card, f"00A4040C0A{Application.VISUAL.aid.hex()}")
        # A card that was given up keeps the number that it had.
        shown = holder.first_number if name == "renumbered-old" else holder.individual_number
        number = shown.reveal().encode().hex()
        certificate = CvCertificate.decode(_send(card, "00B08400000000"))
        face = FaceFile.decode(_send(card, f"002000930C{number}", "00B08200000000"))
    certificate.check_issued_by(anchors[KeyId("9000023")])
    face.check_signed_by(certificate)
    assert face.face.birth_date == holder.attributes.birth_date
    assert (record.municipality_code, record.expiry) == (holder.municipality.code, face.expiry)


def test_two_people_of_the_town_never_share_a_serial_number_or_a_record_code(town: Town) -> None:
    records, codes = set(), set()
    for name in CARDS:
        record = f"00A4040C0A{Application.COMMON.aid.hex()}", "00B2010C00"
        if name not in TODAYS:
            record = f"00A4040C0A{Application.NEXT_FACE.aid.hex()}", "00B2016400"
        with town.card(name) as card:
            records.add(_send(card, *record))
        codes.add(_resident(town, _person_of(name)).resident_record_code.reveal())
    assert len(records) == len(CARDS)
    assert len(codes) == len(set(map(_person_of, CARDS)))


def _person_of(name: str) -> str:
    return next(plan.name for plan in PERSONAS if name in [card.name for card in plan.cards])


def _send(card: Connection, *commands: str) -> bytes:
    """The data that the last of these commands brings; all succeed."""
    answer = b""
    for command in commands:
        answer = card.transmit(bytes.fromhex(command))
        assert answer[-2:] == b"\x90\x00", command
    return answer[:-2]


def test_logins_with_one_card_side_by_side_wait_for_each_other(town: Town) -> None:
    """Tests that run in parallel are all ordinary people."""
    held, tried = threading.Event(), threading.Event()

    def another() -> None:
        with town.card("ordinary"):
            held.set()
            tried.wait(0.3)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(another)
        held.wait()
        with card_in_hand(town, "ordinary").open() as card:
            assert JpkiSession(card).tries_left(Key.AUTHENTICATION) == 3
        tried.set()
        first.result()
