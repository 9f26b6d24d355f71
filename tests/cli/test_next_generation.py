"""The commands about cards, with a card of the next generation (modelled)."""

import base64
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.cli.card_town import pin_file, result_of, run
from warifu.town.town import Town


def test_info_tells_the_generation_and_both_applications(quiet_town: Town) -> None:
    told = result_of(run(quiet_town, "card", "info", "--persona", "next", "--json"))
    assert (told["generation"], told["kind"], told["token"]["label"]) == ("next", "card", "WARIFUNEXTTOKEN")
    assert [name for name, there in told["applications"].items() if there] == ["next_authentication", "next_face"]
    tries = {name: left for name, left in told["tries_left"].items() if left is not None}
    assert tries == {
        "next_pin": 3,
        "next_signing_password": 5,
        "next_matching_number_a": 10,
        "next_matching_number_b": 10,
        "next_birth_date": 10,
    }
    assert told["certificates"]["authentication"]["present"]
    assert told["certificates"]["signing"] == {"present": True, "not_before": None, "not_after": None}


def test_todays_cards_have_none_of_it(quiet_town: Town) -> None:
    told = result_of(run(quiet_town, "card", "info", "--persona", "ordinary", "--json"))
    assert not told["applications"]["next_authentication"]
    assert told["tries_left"]["next_pin"] is None


def test_certificates_come_out(quiet_town: Town) -> None:
    for which in ("auth", "sign", "auth-ca", "sign-ca"):
        told = result_of(run(quiet_town, "card", "certificate", which, "--persona", "next", "--json"))
        read = x509.load_pem_x509_certificate(told["certificate"].encode())
        assert read.signature_algorithm_oid == x509.SignatureAlgorithmOID.ECDSA_WITH_SHA384


def test_a_signature_is_ecdsa_over_the_sha384_and_anybody_verifies_it(quiet_town: Town, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"what is signed")
    for which in ("auth", "sign"):
        asked = ["card", "sign", str(tmp_path / "file"), "--key", which, "--persona", "next", "--json"]
        told = result_of(run(quiet_town, *asked))
        assert told["algorithm"] == "ECDSA on P-384 with SHA-384"
        key = x509.load_pem_x509_certificate(told["certificate"].encode()).public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(base64.b64decode(told["signature"]), b"what is signed", ec.ECDSA(hashes.SHA384()))


def test_a_survey_finds_what_our_tables_say(quiet_town: Town) -> None:
    told = result_of(run(quiet_town, "card", "probe", "--persona", "next", "--json"))
    assert told["differences"] == []
    assert set(told["files"]) == {"next_authentication", "next_face"}


def test_one_pin_is_changed_whichever_of_todays_is_named(quiet_town: Town, tmp_path: Path) -> None:
    new = pin_file(tmp_path, "8642")
    ended = run(quiet_town, "pin", "change", "text", "--persona", "next", "--new-pin-file", new)
    assert ended.exit_code == 0, ended.stderr
    row = quiet_town.find_card("next")[1]
    assert (row.authentication_pin, row.text_pin, row.resident_pin, row.common_pin) == ("8642",) * 4
    told = result_of(run(quiet_town, "card", "sign", __file__, "--key", "auth", "--persona", "next", "--json"))
    assert told["key"] == "auth"


def test_tries_are_listed_for_what_a_card_of_its_generation_has(quiet_town: Town) -> None:
    """Machines get all of them."""
    ours = run(quiet_town, "pin", "status", "--persona", "next").stdout
    todays = run(quiet_town, "pin", "status", "--persona", "ordinary").stdout
    assert "PIN (next generation)" in ours
    assert "text PIN" not in ours
    assert "next generation" not in todays
    told = result_of(run(quiet_town, "pin", "status", "--persona", "ordinary", "--json"))
    assert told["next_pin"] is None
