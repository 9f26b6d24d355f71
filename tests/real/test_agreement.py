"""Hundreds of generated cases before three judges: our verifier, openssl and pyhanko-certvalidator.

A case is a certificate, the authorities that are trusted, a revocation list and a moment; most have one thing wrong.
All three judges must say the same: believed, or not. They may name different reasons, because they look in different
orders.
"""

import asyncio
import random
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError, ValidationError

from tests.pki import world
from tests.pki.world import AUTHENTICATION, ISSUED, KIYOSE, NOW, SHIBUYA, Order
from tests.waiting import PATIENCE
from warifu.errors import WarifuError
from warifu.messages import LoginAnswer, LoginChallenge
from warifu.person import Municipality
from warifu.pki import Issuer, KeySigner, Reason, Revocation, build_crl
from warifu.verifier import Anchors, Evidence, check_login

pytestmark = pytest.mark.real

CASES = 210
SECOND = timedelta(seconds=1)
CHALLENGE = LoginChallenge("http://localhost:8700", "client", "transaction", bytes(32))
LIST_LIFETIME = timedelta(days=2)


@dataclass(frozen=True)
class Case:
    """What is put before the judges."""

    trusted: tuple[bytes, ...]
    certificate: bytes
    revocation_list: bytes
    moment: datetime
    holder: KeySigner


@dataclass(frozen=True)
class Generation:
    """One generation of the authority, and what it certifies."""

    issuer: Issuer
    order: Order
    holder: KeySigner


GENERATIONS = (
    *(Generation(world.authority(AUTHENTICATION, n), world.ORDER, world.signer(0)) for n in (1, 2, 3)),
    *(Generation(world.next_authority(AUTHENTICATION, n), world.NEXT_ORDER, world.next_signer(0)) for n in (1, 2)),
)


class Dealer:
    """Deals cases from a seed: first a good one, then in most of them one thing goes wrong."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.faults: dict[str, Callable[[Generation], Case]] = {
            "none": self._good,
            "revoked": self._revoked,
            "others revoked": self._others_revoked,
            "another municipality's list": lambda one: self._good(one, place=SHIBUYA),
            "another generation's list": lambda one: self._good(one, lister=self._another(one)),
            "list too old": lambda one: self._good(one, updated=NOW - LIST_LIFETIME - timedelta(hours=1)),
            "list from the future": lambda one: self._good(one, updated=NOW + timedelta(hours=1)),
            "expired": lambda one: self._good(one, later=one.order.not_after + SECOND - NOW),
            # In the very last second openssl believes it no more, against RFC 5280 §4.1.2.5.
            "a second before its last": lambda one: self._good(one, later=one.order.not_after - NOW - SECOND),
            "not yet valid": self._not_yet_valid,
            "not trusted": lambda one: self._good(one, trusted=[self._another(one)]),
            "all generations trusted": lambda one: self._good(one, trusted=[each.issuer for each in GENERATIONS]),
            "certificate changed": self._changed,
            "list changed": self._list_changed,
        }

    def deal(self, number: int) -> Iterator[tuple[str, Case]]:
        names = list(self.faults)
        for place in range(number):
            name = names[place % len(names)]
            yield name, self.faults[name](self._chance.choice(GENERATIONS))

    def _another(self, one: Generation) -> Issuer:
        return self._chance.choice([each.issuer for each in GENERATIONS if each is not one])

    def _order(self, one: Generation) -> Order:
        return replace(one.order, serial_number=self._chance.randrange(1 << 24, 1 << 31))

    def _good(
        self,
        one: Generation,
        *,
        order: Order | None = None,
        revoked: tuple[int, ...] = (),
        place: Municipality = KIYOSE,
        lister: Issuer | None = None,
        updated: datetime = NOW - timedelta(hours=1),
        later: timedelta = timedelta(0),
        trusted: list[Issuer] | None = None,
    ) -> Case:
        order = order or self._order(one)
        reasons = [reason for reason in Reason if reason is not Reason.UNSPECIFIED]
        entries = {number: Revocation(ISSUED, self._chance.choice(reasons)) for number in revoked}
        listed = build_crl(
            lister or one.issuer,
            municipality=place,
            revoked=entries,
            number=self._chance.randrange(1, 1 << 20),
            this_update=updated + later,
            next_update=updated + later + LIST_LIFETIME,
        )
        anchors = trusted if trusted is not None else [one.issuer]
        certificate = order.authentication(one.issuer)
        return Case(tuple(each.certificate_der for each in anchors), certificate, listed, NOW + later, one.holder)

    def _revoked(self, one: Generation) -> Case:
        order = self._order(one)
        return self._good(one, order=order, revoked=(order.serial_number, 5))

    def _others_revoked(self, one: Generation) -> Case:
        order = self._order(one)
        return self._good(one, order=order, revoked=(order.serial_number - 1, order.serial_number + 1))

    def _not_yet_valid(self, one: Generation) -> Case:
        return self._good(one, order=replace(self._order(one), not_before=NOW + SECOND))

    def _changed(self, one: Generation) -> Case:
        """A bit inside the signed part or the signature, behind the serial number and before the holder's key."""
        case = self._good(one)
        return replace(case, certificate=_flipped(case.certificate, self._chance.randrange(1, 40)))

    def _list_changed(self, one: Generation) -> Case:
        case = self._good(one, revoked=(3, 5, 9))
        return replace(case, revocation_list=_flipped(case.revocation_list, self._chance.randrange(1, 40)))


def _flipped(der: bytes, behind: int) -> bytes:
    """One bit changed near the end, where the signature is."""
    place = len(der) - behind
    return der[:place] + bytes((der[place] ^ 4,)) + der[place + 1 :]


# --- the judges -------------------------------------------------------------------------------------------------------


def ours(case: Case, _folder: Path) -> bool:
    answer = LoginAnswer(CHALLENGE, case.certificate, case.holder.sign(CHALLENGE.encode()))
    anchors = Anchors.load(case.trusted)
    try:
        check_login(
            answer,
            CHALLENGE,
            case.moment + timedelta(minutes=5),
            Evidence(crl=case.revocation_list),
            anchors,
            case.moment,
        )
    except WarifuError:
        return False
    return True


def openssl(case: Case, folder: Path) -> bool:
    """``-extended_crl`` makes it compare the list's distribution point with the certificate's."""
    roots, certificate, listed = (folder / name for name in ("roots.pem", "certificate.pem", "list.pem"))
    roots.write_bytes(b"".join(_pem(der) for der in case.trusted))
    certificate.write_bytes(_pem(case.certificate))
    listed.write_bytes(x509.load_der_x509_crl(case.revocation_list).public_bytes(Encoding.PEM))
    moment = str(int(case.moment.timestamp()))
    options = ["-crl_check", "-extended_crl", "-attime", moment, "-no-CAfile", "-no-CApath", "-no-CAstore"]
    files = ["-trusted", str(roots), "-CRLfile", str(listed), str(certificate)]
    done = subprocess.run(["openssl", "verify", *options, *files], capture_output=True, check=False, timeout=PATIENCE)
    return done.returncode == 0


def certvalidator(case: Case, _folder: Path) -> bool:
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(der) for der in case.trusted],
        crls=[asn1_crl.CertificateList.load(case.revocation_list)],
        moment=case.moment,
        revocation_mode="require",
        allow_fetching=False,
        time_tolerance=timedelta(0),
    )
    validator = CertificateValidator(asn1_x509.Certificate.load(case.certificate), validation_context=context)
    try:
        asyncio.run(validator.async_validate_usage({"digital_signature"}))
    except (PathBuildingError, PathValidationError, ValidationError):
        return False
    except AssertionError:  # its way of saying that an RSA key did not make an ECDSA signature (sig_validate.py)
        return False
    return True


def _pem(der: bytes) -> bytes:
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)


BELIEVED = {"none", "others revoked", "a second before its last", "all generations trusted"}


def test_three_judges_agree(program: Callable[[str], str], tmp_path: Path) -> None:
    """RFC 5280 §6: the path and its revocation list, at a moment; and the expected verdict besides."""
    program("openssl")
    disagreements = []
    for number, (name, case) in enumerate(Dealer(20261122).deal(CASES)):
        verdicts = {judge.__name__: judge(case, tmp_path) for judge in (ours, openssl, certvalidator)}
        if set(verdicts.values()) != {name in BELIEVED}:
            disagreements.append((number, name, verdicts))
    assert not disagreements
