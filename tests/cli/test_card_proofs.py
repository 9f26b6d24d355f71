"""``warifu card verify`` and ``card sign``: what a card can prove, and how a failure ends."""

import base64
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tests.cli.card_town import pin_file, result_of, run
from warifu.cardmap import KeyId, birth_date_key
from warifu.errors import Malformed, NotGenuine, NotIntact, Unavailable
from warifu.messages import AttributesAnswer
from warifu.person import BirthDate
from warifu.pki import KeySigner
from warifu.reader import TextSession, VisualSession, examine
from warifu.testing import SoftwareCard
from warifu.town import pool
from warifu.town.town import Town
from warifu.wire.key_files import write_chip_anchor

VERIFY = ("card", "verify", "--persona", "ordinary")
CHECKS = ["certificate", "key", "proof", "integrity", "attributes"]
FREE = {
    "manager": {"certificate": "ok"},
    "common": {"answer": "ok"},
    "visual": {"certificate": "ok"},
    "text": {"certificate": "ok"},
}
NONCE = bytes(range(32))


def strange_anchor(folder: Path, key_id: KeyId) -> str:
    """A trust folder with somebody else's key under that name."""
    folder.mkdir()
    write_chip_anchor(folder, key_id, KeySigner(pool.private_key(9)).public_key_info)
    return str(folder)


def issuer_of(town: Town, session: type[TextSession | VisualSession] = TextSession) -> KeyId:
    with town.card("ordinary") as card:
        return session(card).certificate().issuer_key_id


def test_a_card_of_the_town_is_genuine_under_the_town_s_key(quiet_town: Town) -> None:
    ended = run(quiet_town, *VERIFY, "--json", "--trace")
    checks = {**FREE, "text": dict.fromkeys(CHECKS, "ok")}
    assert result_of(ended) == {"genuine": True, "opened_by": "pin", "checks": checks}
    assert "text PIN: 3 tries left" in ended.stderr
    assert "(NUMBER)" not in ended.stderr


def test_the_printed_birth_date_is_enough_to_tell_a_genuine_card(quiet_town: Town, tmp_path: Path) -> None:
    """Also where the text PIN is blocked or was never set: no PIN and no number."""
    persona = quiet_town.find_card("text-blocked")[0]
    born = birth_date_key(BirthDate(date.fromisoformat(persona.birth_date)))
    arguments = ("card", "verify", "--persona", "text-blocked", "--credential", "birth-date", "--trace", "--json")
    ended = run(quiet_town, *arguments, "--pin-file", pin_file(tmp_path, born))
    checks = {**FREE, "visual": dict.fromkeys(("certificate", "integrity", "proof"), "ok")}
    assert result_of(ended) == {"genuine": True, "opened_by": "birth-date", "checks": checks}
    assert "ATTRIBUTES" not in ended.stderr
    assert born not in ended.output


def test_matching_number_b_opens_face_and_attributes_and_is_asked_for_once(quiet_town: Town, tmp_path: Path) -> None:
    """It is printed on the card; each application counts its own tries."""
    printed = quiet_town.find_card("ordinary")[1].matching_number_b
    ended = run(quiet_town, *VERIFY, "--credential", "b", "--pin-file", pin_file(tmp_path, printed), "--json")
    told = result_of(ended)
    assert told["checks"]["visual"] == dict.fromkeys(("certificate", "integrity", "proof"), "ok")
    assert told["checks"]["text"] == dict.fromkeys((*CHECKS, "holder"), "ok")
    assert (told["genuine"], printed in ended.output) == (True, False)


def test_with_nothing_opened_a_card_of_the_first_generation_proves_nothing(quiet_town: Town) -> None:
    """Certificates can be copied: neither genuine nor not."""
    ended = run(quiet_town, *VERIFY, "--credential", "none", "--json", "--trace")
    assert ended.exit_code == 3
    assert json.loads(ended.stdout) == {"genuine": None, "opened_by": "none", "checks": FREE}
    assert "nothing shows that this card holds a key of its own" in ended.stderr
    assert "VERIFY" not in ended.stderr


def test_the_report_says_in_words_what_was_examined_where(quiet_town: Town) -> None:
    ended = run(quiet_town, *VERIFY)
    said = ended.stdout
    places = ("card manager", "common application", "visual application", "text application")
    assert [place for place in places if place not in said] == []
    assert said.splitlines()[-1].split() == ["the", "card", "genuine", "and", "unaltered", "yes"]


@pytest.mark.parametrize(("lang", "word"), [("en", "no confirmation under the Act"), ("ja", "確認ではありません")])
def test_it_says_what_it_is_not(quiet_town: Town, lang: str, word: str) -> None:
    assert word in run(quiet_town, *VERIFY, lang=lang).stderr


def test_without_the_key_above_nobody_can_tell(quiet_town: Town, tmp_path: Path) -> None:
    """Unavailable: neither genuine nor not."""
    ended = run(quiet_town, *VERIFY, "--anchors", strange_anchor(tmp_path / "a", KeyId("9999999")), "--json")
    assert ended.exit_code == 3
    assert '"genuine": null' in ended.stdout
    told = json.loads(ended.stdout)
    assert {place: told["checks"][place]["certificate"] for place in ("manager", "visual", "text")} == dict.fromkeys(
        ("manager", "visual", "text"), "unknown"
    )


def test_a_key_of_that_name_that_is_another_means_not_genuine(quiet_town: Town, tmp_path: Path) -> None:
    anchors = strange_anchor(tmp_path / "a", issuer_of(quiet_town))
    ended = run(quiet_town, *VERIFY, "--anchors", anchors, "--json")
    assert ended.exit_code == 1
    assert '"genuine": false' in ended.stdout


# --- examine ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def answer(my_number_card: SoftwareCard) -> AttributesAnswer:
    session = TextSession(my_number_card.connection)
    session.verify("5678")
    return session.attributes_answer(NONCE)


def faults(card: SoftwareCard, answer: AttributesAnswer, nonce: bytes = NONCE) -> dict[str, type]:
    found = examine(answer, nonce, [card.cv_anchor])
    return {name: type(fault) for name, fault in found.items() if fault is not None}


def flipped(data: bytes) -> bytes:
    return data[:-1] + bytes((data[-1] ^ 1,))


def test_every_link_of_a_genuine_card_holds(my_number_card: SoftwareCard, answer: AttributesAnswer) -> None:
    assert faults(my_number_card, answer) == {}


def test_a_broken_link_is_told_by_its_name(my_number_card: SoftwareCard, answer: AttributesAnswer) -> None:
    assert faults(my_number_card, answer, bytes(32)) == {"proof": NotGenuine}
    assert faults(my_number_card, replace(answer, key=flipped(answer.key))) == {"key": NotGenuine}
    broken = replace(answer, integrity=flipped(answer.integrity))
    assert faults(my_number_card, broken) == {"integrity": NotIntact}
    assert faults(my_number_card, replace(answer, attributes=b"")) == {"attributes": Malformed}
    assert faults(my_number_card, replace(answer, certificate=flipped(answer.certificate))) == {
        "certificate": NotGenuine
    }


def test_without_an_anchor_only_the_chain_is_unknown(answer: AttributesAnswer) -> None:
    found = examine(answer, NONCE, [])
    assert {name: type(fault) for name, fault in found.items() if fault} == {"certificate": Unavailable}


# --- sign -------------------------------------------------------------------------------------------------------------


def key_in(pem: str) -> RSAPublicKey:
    key = x509.load_pem_x509_certificate(pem.encode()).public_key()
    assert isinstance(key, RSAPublicKey)
    return key


@pytest.mark.parametrize(("key", "prompt"), [("sign", "signing password"), ("auth", "authentication PIN")])
def test_a_signature_verifies_under_the_certificate_beside_it(
    quiet_town: Town, tmp_path: Path, key: str, prompt: str
) -> None:
    (tmp_path / "letter").write_bytes(b"dear all")
    arguments = ("card", "sign", str(tmp_path / "letter"), "--key", key, "--persona", "ordinary", "--json")
    ended = run(quiet_town, *arguments)
    told = result_of(ended)
    assert list(told) == ["key", "algorithm", "digest", "signature", "certificate"]
    signature = base64.b64decode(told["signature"])
    key_in(told["certificate"]).verify(signature, b"dear all", PKCS1v15(), hashes.SHA256())
    assert prompt in ended.stderr


def test_the_bare_signature_goes_to_stdout_or_a_file(quiet_town: Town, tmp_path: Path) -> None:
    (tmp_path / "letter").write_bytes(b"dear all")
    arguments = ("card", "sign", str(tmp_path / "letter"), "--persona", "ordinary")
    out = tmp_path / "letter.sig"
    assert run(quiet_town, *arguments, "--out", str(out)).stdout == ""
    assert run(quiet_town, *arguments).stdout_bytes == out.read_bytes()
    assert len(out.read_bytes()) == 256


def test_a_wrong_password_signs_nothing(quiet_town: Town, tmp_path: Path) -> None:
    (tmp_path / "letter").write_bytes(b"dear all")
    out, folder = tmp_path / "letter.sig", tmp_path / "pins"
    folder.mkdir()
    arguments = ("card", "sign", str(tmp_path / "letter"), "--persona", "long-address", "--out", str(out))
    ended = run(quiet_town, *arguments, "--pin-file", pin_file(folder, "WRONG999"))
    assert ended.exit_code == 1
    assert not out.exists()
    assert "WRONG999" not in ended.output


def test_a_file_that_is_not_there_is_usage(quiet_town: Town) -> None:
    assert run(quiet_town, "card", "sign", "/nowhere/letter", "--persona", "ordinary").exit_code == 2
