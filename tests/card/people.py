"""An invented holder, her keys out of the public test pool, and a card of hers."""

import hashlib
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from random import Random

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from warifu.card import (
    Card,
    CardIssuer,
    CvAuthority,
    MemoryStore,
    OtherApplications,
    Personalisation,
    Profile,
    card_public_key,
    matching_number_b,
    personalise,
    stock_pictures,
)
from warifu.cardmap import KeyId
from warifu.person import Address, BasicAttributes, BirthDate, IndividualNumber, Name, ResidentRecordCode, Sex
from warifu.ports import SignatureAlgorithm
from warifu.town import pool

AUTHENTICATION, SIGNING, TEXT, MUNICIPALITY, AUTHORITY, VISUAL, COMMON, DELIVERY, TERMINALS, INTERMEDIATE, TERMINAL = (
    range(11)
)

ATTRIBUTES = BasicAttributes(
    Name("割符　花子"), Address("東京都千代田区架空町一丁目２番３号"), BirthDate(date(1980, 2, 17)), Sex.FEMALE
)
NUMBER = IndividualNumber.of_body("12345678901")
RECORD_CODE = ResidentRecordCode.of_body("1234567890")
BIRTH_DATE_KEY = "550217"
EXPIRY, SERIAL, MUNICIPALITY_CODE = date(2035, 2, 17), "100000000000001", "13101"
CODE_B = matching_number_b(ATTRIBUTES.birth_date, 2035, "2285")


class PoolSigner:
    """A signer over a key of the pool."""

    algorithm: SignatureAlgorithm = "RS256"

    def __init__(self, index: int) -> None:
        self._key = pool.private_key(index)

    @property
    def public_key_info(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data, PKCS1v15(), hashes.SHA256())

    def sign_verbatim(self, data: bytes) -> bytes:
        return self._key.sign(data, PKCS1v15(), NoDigestInfo())


class SeededEntropy:
    """Chance that repeats."""

    def __init__(self, seed: int = 0) -> None:
        self._random = Random(seed)

    def bytes(self, n: int) -> bytes:
        return self._random.randbytes(n)


def private_bytes(index: int) -> bytes:
    return pool.private_key(index).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


@cache
def certificate(index: int) -> bytes:
    """A self-signed certificate of the key: the card does not care."""
    key = pool.private_key(index)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"WARIFU TEST {index} " + "X" * 40)])
    return (
        x509.CertificateBuilder(name, name, key.public_key(), 1 + index)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


@cache
def authority() -> CvAuthority:
    return CvAuthority(KeyId("9000033"), PoolSigner(AUTHORITY))


@cache
def issuer() -> CardIssuer:
    signer = PoolSigner(MUNICIPALITY)
    key = card_public_key(signer.public_key_info)
    return CardIssuer(authority().certify(KeyId("9131016", "000"), key), signer)


@cache
def person() -> Personalisation:
    return Personalisation(
        attributes=ATTRIBUTES,
        individual_number=NUMBER,
        authentication_pin="1234",
        text_pin="5678",
        authentication_key=private_bytes(AUTHENTICATION),
        authentication_certificate=certificate(AUTHENTICATION),
        authentication_ca_certificate=certificate(MUNICIPALITY),
        text_key=private_bytes(TEXT),
        signing_password="ABC123",
        signing_key=private_bytes(SIGNING),
        signing_certificate=certificate(SIGNING),
        signing_ca_certificate=certificate(AUTHORITY),
        matching_number_b=CODE_B,
        others=others(),
    )


@cache
def terminal_authority() -> CvAuthority:
    return CvAuthority(KeyId("9200070"), PoolSigner(TERMINALS))


def others() -> OtherApplications:
    return OtherApplications(
        serial=SERIAL,
        municipality_code=MUNICIPALITY_CODE,
        expiry=EXPIRY,
        resident_record_code=RECORD_CODE,
        resident_pin="2468",
        common_pin="3579",
        pictures=stock_pictures(NUMBER, "2285"),
        visual_key=private_bytes(VISUAL),
        common_key=private_bytes(COMMON),
        delivery_key=private_bytes(DELIVERY),
        terminal_anchor=terminal_authority().anchor,
    )


def child() -> Personalisation:
    return replace(
        person(),
        signing_password=None,
        signing_key=None,
        signing_certificate=None,
        signing_ca_certificate=None,
        profile=Profile.CHILD_WITHOUT_SIGNING,
    )


@cache
def _contents(profile: Profile) -> dict[str, bytes]:
    whose = next_person() if profile.next_generation else person()
    return dict(personalise(replace(whose, profile=profile), issuer()))


def shown(*things: object) -> str:
    """What `repr` shows, but for places in memory: those are hexadecimal digits, and now and then spell a PIN."""
    return re.sub("0x[0-9a-f]+", "somewhere", repr(things))


@cache
def next_key(index: int) -> ec.EllipticCurvePrivateKey:
    """A public P-384 test key, as long as any, so that the search for leaks would know it."""
    secret = hashlib.sha384(f"warifu P-384 test key {index}".encode()).digest()
    return ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP384R1())


@cache
def next_certificate(index: int) -> bytes:
    """A self-signed certificate of the P-384 key: the card does not care."""
    key, name = next_key(index), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"WARIFU TEST NEXT {index}")])
    return (
        x509.CertificateBuilder(name, name, key.public_key(), 1 + index)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA384())
        .public_bytes(Encoding.DER)
    )


def next_private_bytes(index: int) -> bytes:
    return next_key(index).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


@cache
def next_person() -> Personalisation:
    """The same holder with a card of the next generation: P-384 keys, one PIN."""
    return replace(
        person(),
        text_pin="1234",
        others=replace(others(), resident_pin="1234", common_pin="1234"),
        authentication_key=next_private_bytes(AUTHENTICATION),
        authentication_certificate=next_certificate(AUTHENTICATION),
        authentication_ca_certificate=next_certificate(MUNICIPALITY),
        signing_key=next_private_bytes(SIGNING),
        signing_certificate=next_certificate(SIGNING),
        signing_ca_certificate=next_certificate(AUTHORITY),
        profile=Profile.NEXT_GENERATION,
    )


def store(profile: Profile = Profile.ADULT) -> MemoryStore:
    return MemoryStore(_contents(profile))


def card(profile: Profile = Profile.ADULT) -> Card:
    return Card(store(profile), SeededEntropy())


def childs_card() -> Card:
    return Card(MemoryStore(personalise(child(), issuer())), SeededEntropy())
