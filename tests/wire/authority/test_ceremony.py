"""Two persons make the authorities' keys, and only both together open them."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from tests.ca.town import AUTHENTICATION, NOW, SIGNING, issuer
from warifu.errors import InUse, Malformed, NotAllowed, PassphraseRefused, RecordAltered, Unavailable
from warifu.pki import JST, AuthorityName, CertificateKind, KeySigner
from warifu.wire.authority.ceremony import Ceremony, check_ceremonies, hold_first, hold_roll_over, hold_specimen
from warifu.wire.authority.custody import (
    Custodian,
    Custody,
    open_custody,
    read_sealed_key,
    set_up_custody,
    write_sealed_key,
)
from warifu.wire.authority.generations import Generations, KeyMaker, until

NAME = AuthorityName(organization="EXAMPLE-TEST")
FIRST, SECOND = "correct horse battery", "staple of the other one"
TWO = (Custodian("山田", FIRST), Custodian("鈴木", SECOND))


@pytest.fixture(scope="module")
def opened(held: tuple[Path, Ceremony]) -> Custody:
    return open_custody(held[0], (FIRST, SECOND))


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ceremony]:
    folder = tmp_path_factory.mktemp("authority") / "generations"
    return folder, hold_first(folder, TWO, NAME, NOW, algorithm="ES384")


def copy(folder: Path, to: Path) -> Generations:
    to.mkdir()
    for path in folder.iterdir():
        (to / path.name).write_bytes(path.read_bytes())
    return Generations(to)


# --- custody ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Custody]:
    folder = tmp_path_factory.mktemp("custody")
    return folder, set_up_custody(folder, TWO)


def test_either_order_of_passphrases_opens_the_secret(shared: tuple[Path, Custody]) -> None:
    assert open_custody(shared[0], (FIRST, SECOND)) == open_custody(shared[0], (SECOND, FIRST)) == shared[1]


@pytest.mark.parametrize("given", [(FIRST,), (FIRST, FIRST), (FIRST, "not the other one"), (FIRST, SECOND, FIRST), ()])
def test_one_person_alone_opens_nothing(shared: tuple[Path, Custody], given: tuple[str, ...]) -> None:
    with pytest.raises(PassphraseRefused):
        open_custody(shared[0], given)


@pytest.mark.parametrize(
    "persons",
    [
        TWO[:1],
        (TWO[0], Custodian("山田", SECOND)),
        (TWO[0], Custodian("鈴木", FIRST)),
        (*TWO, Custodian("三", "x" * 12)),
    ],
)
def test_two_persons_with_two_passphrases_are_needed(tmp_path: Path, persons: tuple[Custodian, ...]) -> None:
    with pytest.raises(NotAllowed):
        set_up_custody(tmp_path, persons)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "passphrase"), [("山田", "eleven char"), (" ", FIRST)])
def test_a_custodian_has_a_name_and_a_passphrase_worth_the_name(name: str, passphrase: str) -> None:
    with pytest.raises(NotAllowed):
        Custodian(name, passphrase)


def test_a_share_is_not_overwritten(shared: tuple[Path, Custody]) -> None:
    with pytest.raises(InUse):
        set_up_custody(shared[0], TWO)


def test_one_share_does_not_become_the_others(shared: tuple[Path, Custody], tmp_path: Path) -> None:
    for name in ("custodian-1.json", "custodian-2.json"):
        (tmp_path / name).write_bytes((shared[0] / "custodian-1.json").read_bytes())
    with pytest.raises(PassphraseRefused):
        open_custody(tmp_path, (FIRST, SECOND))


def test_a_sealed_key_is_read_under_its_own_secret_only(shared: tuple[Path, Custody], tmp_path: Path) -> None:
    signer, ours = KeySigner.generate("ES256"), shared[1]
    write_sealed_key(tmp_path / "k.key", ours, signer)
    assert read_sealed_key(tmp_path / "k.key", ours).public_key_info == signer.public_key_info
    with pytest.raises(Malformed, match="another secret"):
        read_sealed_key(tmp_path / "k.key", replace(ours, secret=bytes(32)))
    assert signer.private_bytes() not in (tmp_path / "k.key").read_bytes()


def test_a_damaged_sealed_key_is_malformed(shared: tuple[Path, Custody], tmp_path: Path) -> None:
    write_sealed_key(tmp_path / "k.key", shared[1], KeySigner.generate("ES256"))
    data = bytearray((tmp_path / "k.key").read_bytes())
    data[-1] ^= 1
    (tmp_path / "k.key").write_bytes(data)
    with pytest.raises(Malformed):
        read_sealed_key(tmp_path / "k.key", shared[1])


def test_secrets_are_not_shown(shared: tuple[Path, Custody]) -> None:
    assert FIRST not in repr(TWO[0])
    assert shared[1].secret.hex() not in repr(shared[1])
    assert repr(shared[1].secret) not in repr(shared[1])


# --- the first ceremony -----------------------------------------------------------------------------------------------


def test_the_record_says_who_made_what_and_when(held: tuple[Path, Ceremony]) -> None:
    folder, ceremony = held
    record = ceremony.record
    assert (record["what"], record["persons"], record["at"]) == ("init", ["山田", "鈴木"], int(NOW.timestamp()))
    assert [each["name"] for each in record["made"]] == ["signing-1", "authentication-1", "log"]
    for each in record["made"][:2]:
        der = Generations(folder).certificate(*named(each["name"]))
        assert each["certificate"] == hashlib.sha256(der).hexdigest()
    assert ceremony.digest == hashlib.sha256((folder / "ceremony-0001.json").read_bytes()).hexdigest()
    assert check_ceremonies(Generations(folder)) == 1


def named(stem: str) -> tuple[CertificateKind, int]:
    kind, number = stem.rsplit("-", 1)
    return CertificateKind(kind), int(number)


def test_the_keys_open_with_both_passphrases_and_not_without(held: tuple[Path, Ceremony], opened: Custody) -> None:
    generations = Generations(held[0])
    all_of_them = generations.open(opened, NAME)
    assert [(each.kind, each.number) for each in all_of_them] == [(AUTHENTICATION, 1), (SIGNING, 1)]
    for each in all_of_them:
        each.issuer.certificate.verify_directly_issued_by(each.issuer.certificate)
    with pytest.raises(PassphraseRefused):
        generations.open(None, NAME)
    with pytest.raises(PassphraseRefused):
        generations.log_signer(None)


def test_an_authority_ends_at_the_end_of_a_day_in_japan() -> None:
    """As the real ones do: spec of the six published certificates, 14:59:59Z."""
    for month, day in ((11, 22), (2, 29)):
        end = until(NOW.replace(year=2028, month=month, day=day)).astimezone(JST)
        assert (end.year, end.hour, end.minute, end.second) == (2038, 23, 59, 59)
        assert end <= NOW.replace(year=2038, month=month, day=min(day, 28))


def test_a_second_first_ceremony_is_refused(held: tuple[Path, Ceremony]) -> None:
    before = sorted(path.name for path in held[0].iterdir())
    with pytest.raises(InUse):
        hold_first(held[0], TWO, NAME, NOW)
    assert sorted(path.name for path in held[0].iterdir()) == before


def test_a_ceremony_that_fails_leaves_nothing(tmp_path: Path) -> None:
    addresses = {"log": "pkcs11:token=nowhere;object=log?module-path=/nonexistent.so&pin-source=/nonexistent"}
    with pytest.raises(Unavailable):
        hold_first(tmp_path / "generations", TWO, NAME, NOW, algorithm="ES384", addresses=addresses)
    assert list(tmp_path.iterdir()) == []


def test_a_specimen_keeps_nothing_and_is_marked(tmp_path: Path) -> None:
    ceremony = hold_specimen(TWO, NAME, NOW)
    assert ceremony.record["specimen"] is True
    assert ceremony.record["organization"] == "EXAMPLE-TEST-SPECIMEN"


# --- roll-over --------------------------------------------------------------------------------------------------------


def test_a_roll_over_makes_a_new_key_under_the_same_name(
    held: tuple[Path, Ceremony], opened: Custody, tmp_path: Path
) -> None:
    generations = copy(held[0], tmp_path / "copy")
    maker = KeyMaker(opened, algorithm="ES384")
    ceremony = hold_roll_over(generations, SIGNING, maker, NAME, 0x067C6A21, NOW + timedelta(days=1))
    assert ceremony.record["previous"] == held[1].digest
    assert check_ceremonies(generations) == 2
    old, new = (x509.load_der_x509_certificate(generations.certificate(SIGNING, number)) for number in (1, 2))
    assert old.subject == new.subject == new.issuer
    assert old.public_key() != new.public_key()
    assert new.serial_number == 0x067C6A21
    assert len(generations.open(opened, NAME)) == 3


@pytest.mark.parametrize("edit", ["record", "signature", "order", "certificate"])
def test_an_edit_of_the_ceremonies_is_found(
    held: tuple[Path, Ceremony], opened: Custody, tmp_path: Path, edit: str
) -> None:
    generations = copy(held[0], tmp_path / "copy")
    hold_roll_over(generations, SIGNING, KeyMaker(opened, algorithm="ES384"), NAME, 7, NOW)
    path = generations.folder / "ceremony-0001.json"
    record = json.loads(path.read_bytes())
    if edit == "record":
        record["persons"] = ["山田", "somebody else"]
    elif edit == "signature":
        record["signatures"][0] = record["signatures"][1]
    elif edit == "order":
        path.unlink()
    else:
        (generations.folder / "signing-2.crt").write_bytes((generations.folder / "authentication-1.crt").read_bytes())
        (generations.folder / "signing-3.crt").write_bytes(issuer().certificate_der)
    if edit in ("record", "signature"):
        path.write_text(json.dumps(record, ensure_ascii=False, indent=2, sort_keys=True) + "\n", "utf-8")
    with pytest.raises(RecordAltered):
        check_ceremonies(generations)


def test_a_file_that_is_no_record_of_a_ceremony_is_malformed(held: tuple[Path, Ceremony], tmp_path: Path) -> None:
    generations = copy(held[0], tmp_path / "copy")
    (generations.folder / "ceremony-0002.json").write_text("{}")
    with pytest.raises(Malformed):
        check_ceremonies(generations)
