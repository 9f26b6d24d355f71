"""Documents of signers outside of JPKI: each rule for paths broken once."""

from collections.abc import Iterator
from dataclasses import replace

from tests.catalogue.spoiled import Spoiled, verdict
from tests.pki.world import NOW
from tests.verifier.outside_scene import (
    AUTHORITY,
    DAY,
    GOOD,
    MIDDLE,
    ROOT,
    SIGNER,
    SIGNS,
    World,
    certify,
    list_by,
    party,
    serial_of,
)
from tests.verifier.test_outside import BROKEN, ENDED, PURPOSES
from warifu.verifier import SignerTrust

PATHS, ETSI = "RFC 5280 §6.1", "ETSI EN 319 102-1 "


def signers() -> Iterator[Spoiled]:
    """Around a path of three certificates, with lists about two of them."""
    yield Spoiled("nobody is trusted for such signers", ETSI + "§5.2.6", _untrusted)
    yield _of("signed by another key than the issuer's", PATHS, World(signer=_signer(key=party("other").key)))
    for wrong, one in BROKEN.items():
        yield _of(wrong, PATHS, one)
    for use, extensions in PURPOSES.items():
        one = World(signer=certify(MIDDLE, SIGNER, extensions))
        yield _of(f"a certificate for something else: {use}", "RFC 5280 §4.2.1.3, §4.2.1.12", one)
    yield _of("the signer's certificate has ended", ETSI + "§5.2.6.4", World(signer=_signer(times=ENDED)))
    yield _of(
        "an authority's has ended", ETSI + "§5.2.6.4", World(middle=certify(ROOT, MIDDLE, AUTHORITY, times=ENDED))
    )
    yield _of("no list about the signer", ETSI + "§5.2.5", replace(GOOD, crls=(list_by(ROOT),)))
    yield _of("no list about the authority", ETSI + "§5.2.5", replace(GOOD, crls=(list_by(MIDDLE),)))
    gone = list_by(MIDDLE, (serial_of(MIDDLE, SIGNER), NOW - DAY))
    yield _of("the signer is revoked", ETSI + "§5.2.6.4", replace(GOOD, crls=(list_by(ROOT), gone)))
    gone = list_by(ROOT, (serial_of(ROOT, MIDDLE), NOW - DAY))
    yield _of("the authority is revoked", ETSI + "§5.2.6.4", replace(GOOD, crls=(gone, list_by(MIDDLE))))


def _signer(**changes: object) -> bytes:
    return certify(MIDDLE, SIGNER, SIGNS, **changes)  # type: ignore[arg-type]


def _of(wrong: str, clause: str, one: World) -> Spoiled:
    return Spoiled(wrong, clause, lambda: verdict(one.judgement()))


def _untrusted() -> str:
    return verdict(GOOD.judgement(trust={"signers": SignerTrust()}))
