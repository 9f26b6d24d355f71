"""Evidence bundles and evidence records, each with one thing wrong."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tests.catalogue.spoiled import Spoiled, refusal
from tests.documents.cms_world import CONTENT, Made
from tests.documents.test_evidence_record import OBJECTS, record
from tests.pki import world
from tests.pki.world import NOW
from tests.verifier.document_scene import DAY, list_of, revoked
from tests.verifier.test_bundle import files, repacked
from tests.verifier.test_evidence import DOCUMENT, FOUND, VERIFIER, YEAR, bundle, checked, later, sunset, trust
from warifu.documents import EvidenceRecord
from warifu.verifier import Material
from warifu.verifier.evidence import Bundle, EvidenceReport, check_evidence, make_evidence

OWN = "evidence bundle (warifu.verifier.evidence)"
RECORD = "RFC 4998 "


def bundles() -> Iterator[Spoiled]:
    """What `warifu verify --evidence` reads."""
    yield _packed("a part changed", lambda inside: inside | {"report.json": b"[]"})
    yield _packed("a part more", lambda inside: inside | {"more.txt": b"more"})
    yield _packed(
        "no manifest", lambda inside: {name: each for name, each in inside.items() if name != "manifest.json"}
    )
    yield _packed(
        "no signature", lambda inside: {name: each for name, each in inside.items() if name != "manifest.sig"}
    )
    yield _refused("a bit turned over", OWN, lambda: Bundle.decode(_flipped()).check_signature())
    yield _refused("cut short", OWN, lambda: Bundle.decode(bundle().encode()[:-1]))
    yield _refused("signed by another key", OWN, lambda: checked(_of_another_key(), NOW))
    yield _refused("another document", OWN, lambda: _asked_about(Made(content=CONTENT + b" ").encode()))
    yield _refused("another bundle's record", RECORD + "§4.3", lambda: checked(_with_foreign_record(), NOW + DAY))
    yield _refused("made of what did not pass", OWN, _made_of_a_failure)
    yield _judged("without a timestamp, after the certificate's end", "ETSI EN 319 102-1 §5.6", _unstamped)
    yield _judged(
        "the first timestamp's authority has ended", RECORD + "§5.2", lambda: checked(bundle(), NOW + 12 * YEAR)
    )
    yield _judged("its hash function has fallen", RECORD + "§5.3", _fallen)
    yield _judged("the document is not at hand", OWN, lambda: checked(bundle(), NOW + DAY, with_document=False))


def records() -> Iterator[Spoiled]:
    """Evidence records alone."""
    yield _refused("an object less", RECORD + "§4.3", lambda: record().steps(OBJECTS[:2]))
    yield _refused("an object more", RECORD + "§4.3", lambda: record().steps((*OBJECTS, b"more")))
    yield _refused("another object", RECORD + "§4.3", lambda: record().steps((b"another deed", *OBJECTS[1:])))
    yield _refused("a byte more", RECORD + "§3.1", lambda: EvidenceRecord.decode(record().encode() + b"\0"))
    yield _refused("renewed about something else", RECORD + "§5.2", _renewed_about_another)


def _refused(wrong: str, clause: str, ask: Callable[[], Any]) -> Spoiled:
    return Spoiled(wrong, clause, lambda: refusal(ask))


def _packed(wrong: str, spoil: Callable[[dict[str, bytes]], dict[str, bytes]]) -> Spoiled:
    return _refused(wrong, OWN, lambda: Bundle.decode(repacked(spoil(files(bundle().encode())))))


def _judged(wrong: str, clause: str, ask: Callable[[], EvidenceReport]) -> Spoiled:
    def told() -> str:
        report = ask()
        sub = report.sub_indication or (report.report.signatures[0].sub_indication if report.report else None)
        return f"{report.indication.value} `{sub.value}`" if sub else report.indication.value

    return Spoiled(wrong, clause, told)


def _flipped() -> bytes:
    data = bytearray(bundle().encode())
    data[len(data) // 2] ^= 1
    return bytes(data)


def _of_another_key() -> Bundle:
    return replace(bundle(), verifier=world.signer(4).public_key_info)


def _asked_about(document: bytes) -> EvidenceReport:
    return check_evidence(bundle(), trust(), NOW, document=document, found=FOUND)


def _with_foreign_record() -> Bundle:
    other = make_evidence(DOCUMENT, FOUND, trust(), Material(crls=(list_of(),)), NOW + DAY / 24, VERIFIER)
    return other.recorded(bundle().record or b"")


def _made_of_a_failure() -> None:
    make_evidence(DOCUMENT, FOUND, trust(), Material(crls=(list_of(revoked(NOW - 2 * DAY)),)), NOW, VERIFIER)


def _unstamped() -> EvidenceReport:
    bare = make_evidence(DOCUMENT, FOUND, trust(), Material(crls=(list_of(),)), NOW, VERIFIER)
    return checked(bare, NOW + 6 * YEAR)


def _fallen() -> EvidenceReport:
    return checked(bundle(), NOW + 8 * YEAR, trust=trust(algorithms=sunset("sha512", NOW + 7 * YEAR)))


def _renewed_about_another() -> None:
    from warifu.verifier.evidence import renew_record

    renew_record(bundle(), later(bytes(64), "sha512", NOW + 8 * YEAR))
