"""Signed documents that a verifier judges: each rule broken once, and each of what a timestamp's judgement may say."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.catalogue.spoiled import Spoiled, refusal, timestamp_verdict, verdict
from tests.documents import world as documents
from tests.documents.cms_world import CONTENT, Made, attribute
from tests.documents.pdf_reading_world import FORM, signed, with_message
from tests.documents.test_pdf_reading_changes import ATTACKS
from tests.documents.test_pdf_reading_contents import message
from tests.pki import world
from tests.pki.world import ENDS, ISSUED, NOW, SIGNING
from tests.tsa import world as tsa
from tests.verifier.document_scene import (
    DAY,
    Judgement,
    answer_about,
    attributes,
    list_of,
    made,
    responder,
    revoked,
    stamped,
    token,
)
from tests.verifier.test_documents import RealAnchor, sunset
from warifu.documents import read_signatures
from warifu.pki import CaCertificate, Reason, Standing, der
from warifu.verifier import Anchors, Material, SoundAlgorithms

ETSI = "ETSI EN 319 102-1 "
CONTENT_STAMP, SIGNATURE_STAMP = "1.2.840.113549.1.9.16.2.20", "1.2.840.113549.1.9.16.2.14"


def rules() -> Iterator[Spoiled]:
    """One document a rule, and one a sub-indication that the rule may give."""
    yield _made("attributes in another order than DER's", "§5.2.2", made(sort=False, attributes=_turned()))
    yield _made("its certificate did not come along", "§5.2.3", made(certificates=[_authority()]))
    yield _made("another certificate of the same name and key is named", "§5.2.3", _named_otherwise())
    yield _unnamed()
    yield _made("another content", "§5.2.7.4", made(content=b"another deed"))
    yield _made("no content", "§5.2.7.4", made(content=None))
    yield _found("a digest that nobody computes", "§5.2.7.4", _unknown_digest())
    yield _found("a bit of the value turned over", "§5.2.7.4", _flipped_value())
    yield _pdf("another text behind the signature", "ISO 32000-1 §12.8.2.2")
    yield _made("a signature policy", "§5.2.4", made(attributes=attributes(_certificate(), _policy())))
    yield _judged("an authority that is not trusted", "§5.2.6", anchors=_anchors(2))
    yield _made("a bit of the certificate turned over", "§5.2.6", _tampered())
    yield _authentication()
    yield _judged(
        "J-LIS's certificate, a verifier that is not certified", "§5.2.6; 公的個人認証法 第17条", anchors=_real()
    )
    yield _judged("before the certificate begins", "§5.2.6.4", at=ISSUED - DAY)
    yield _judged("after the certificate's end, no timestamp", "§5.2.6.4", at=ENDS + DAY)
    yield _made(
        "signed after the certificate's end, and a timestamp under it says so",
        "§5.5.4",
        _under(ENDS + DAY),
        at=ENDS + 2 * DAY,
    )
    yield _judged("nothing about its status", "§5.2.5", material=Material())
    yield _judged("a list that is ten days old", "§5.2.5", material=_lists(this_update=NOW - 10 * DAY))
    yield _judged("revoked, no timestamp", "§5.2.6.4", material=_lists(revoked(NOW - DAY)))
    yield _judged("on hold", "§5.2.6.4", material=_lists(revoked(NOW - DAY, Reason.CERTIFICATE_HOLD)))
    yield _made(
        "signed after the revocation, and a timestamp under it says so",
        "§5.3.4",
        _under(NOW - DAY),
        material=_lists(revoked(NOW - 3 * DAY)),
    )
    yield _judged("never issued", "§5.2.6.4; RFC 6960 §2.2", material=Material(ocsps=(answer_about(Standing.UNKNOWN),)))
    yield _judged("an answer whose responder has ended", "§5.2.6.4", material=_ended_responder())
    yield _judged("an algorithm that is believed no longer", "§5.2.8.4", algorithms=sunset("sha256", NOW - DAY))
    yield _judged("an algorithm that never was believed", "§5.2.8.4", algorithms=_without("sha256"))
    yield _made("timestamps that contradict each other", "§5.5.4", stamped(_under(NOW - DAY), NOW - 2 * DAY))
    yield _outlived()


def timestamps() -> Iterator[Spoiled]:
    """Timestamps over a good signature; the signature stands, and its time is not proved."""
    good = stamped(Made(), NOW - DAY)
    yield _stamp("a token that is none", "RFC 3161 §2.4.2", made(unsigned=[attribute(SIGNATURE_STAMP, b"\x30\x00")]))
    yield _stamp("about another signature", "RFC 3161 §2.4.2", made(unsigned=[_about(b"another signature")]))
    yield _stamp("a bit of its value turned over", "RFC 3161 §2.3", made(unsigned=[_spoiled_token()]))
    yield _stamp("an authority that is not trusted", "RFC 3161 §2.3", good, timestamp_anchors=())
    yield _stamp("from the future", ETSI + "§5.5.4", stamped(Made(), NOW + DAY))
    yield _stamp("its certificate has ended", ETSI + "§5.4", good, at=_unit_ends() + DAY)
    yield _stamp(
        "an algorithm that is believed no longer", ETSI + "§5.4", good, algorithms=sunset("rsa-2048", NOW - DAY)
    )


def algorithms() -> Iterator[Spoiled]:
    """Algorithms that are not in the list of those believed."""
    for wrong, name in {"MD5": "md5", "RSA below 2048 bits": "rsa", "a curve of 192 bits": "ec-192"}.items():
        yield Spoiled(wrong, "ETSI TS 119 312; CRYPTREC 電子政府推奨暗号リスト", _not_believed(name))


def _not_believed(name: str) -> Callable[[], str]:
    return lambda: refusal(lambda: SoundAlgorithms().last_moment(name))


def _judged(wrong: str, clause: str, **changes: Any) -> Spoiled:
    return Spoiled(wrong, ETSI + clause, lambda: verdict(replace(Judgement(), **changes)))


def _found(wrong: str, clause: str, found: Any) -> Spoiled:
    return _judged(wrong, clause, found=(found,))


def _made(wrong: str, clause: str, one: Made, **changes: Any) -> Spoiled:
    return _judged(wrong, clause, found=read_signatures(one.encode()), **changes)


def _stamp(wrong: str, clause: str, one: Made, **changes: Any) -> Spoiled:
    judgement = replace(Judgement(), found=read_signatures(one.encode()), **changes)
    return Spoiled(wrong, clause, lambda: timestamp_verdict(judgement))


def _pdf(wrong: str, clause: str) -> Spoiled:
    found = read_signatures(ATTACKS["another text"](signed(FORM)))
    return Spoiled(wrong, clause, lambda: verdict(replace(Judgement(), found=found)))


def _certificate() -> bytes:
    return world.signing_certificate()


def _authority() -> bytes:
    return world.authority(SIGNING).certificate_der


def _turned() -> list[bytes]:
    return sorted(Made().default_attributes(), reverse=True)


def _named_otherwise() -> Made:
    return made(attributes=attributes(world.signing_certificate(common_name="0000")))


def _unknown_digest() -> Any:
    [found] = Judgement().found
    [integrity] = found.integrity
    return replace(found, integrity=(replace(integrity, algorithm="1.2.3", actual=None),))


def _flipped_value() -> Any:
    [found] = Judgement().found
    return replace(found, signature=bytes((found.signature[0] ^ 1,)) + found.signature[1:])


def _policy() -> bytes:
    return attribute("1.2.840.113549.1.9.16.2.15", der.encode(der.SEQUENCE, der.object_identifier("1.2.3.4")))


def _anchors(generation: int) -> Anchors:
    return Anchors.load([world.authority(SIGNING, generation).certificate_der])


def _tampered() -> Made:
    certificate = _certificate()
    spoilt = certificate[:-1] + bytes((certificate[-1] ^ 1,))
    return made(certificates=[spoilt], attributes=attributes(spoilt))


def _authentication() -> Spoiled:
    issuer = world.authority(world.AUTHENTICATION)
    holder = replace(documents.rsa(), certificate=world.authentication_certificate(), issuer=issuer)
    both = Anchors.load(world.authority(kind).certificate_der for kind in (SIGNING, world.AUTHENTICATION))
    wrong = "an authentication certificate"
    return _made(wrong, "§5.2.8; 公的個人認証法 第3条, 第22条", made(holder=holder), anchors=both)


def _real() -> Anchors:
    return Anchors([RealAnchor(CaCertificate.decode(_authority()))])


def _under(at: Any) -> Made:
    """With a timestamp over the content, made before signing."""
    return made(attributes=attributes(_certificate(), attribute(CONTENT_STAMP, token(CONTENT, at))))


def _lists(*entries: Any, **changes: Any) -> Material:
    return Material(crls=(list_of(*entries, **changes),))


def _ended_responder() -> Material:
    ended = responder(NOW - timedelta(hours=1))
    return Material(ocsps=(answer_about(at=NOW - timedelta(hours=2), responder=ended),))


def _without(name: str) -> SoundAlgorithms:
    return SoundAlgorithms({each: until for each, until in SoundAlgorithms().until.items() if each != name})


def _unnamed() -> Spoiled:
    pdf = with_message(signed(), lambda content: message(content, leave_out=b"named").encode())
    return _judged(
        "a PAdES signature that names no certificate", "§5.2.3; EN 319 142-1 §6.3", found=read_signatures(pdf)
    )


def _outlived() -> Spoiled:
    """Everything of the authority's has ended, and only the signature itself is proved to be older."""
    after = world.authority(SIGNING).certificate.not_valid_after_utc + DAY
    one = stamped(Made(), NOW - DAY)
    return _made(
        "the authority's certificate has ended, and nothing proves the holder's older", "§5.6.2.1", one, at=after
    )


def _about(data: bytes) -> bytes:
    return attribute(SIGNATURE_STAMP, token(data, NOW - DAY))


def _spoiled_token() -> bytes:
    made_token = token(Made().signature(), NOW - DAY)
    return attribute(SIGNATURE_STAMP, made_token[:-1] + bytes([made_token[-1] ^ 1]))


def _unit_ends() -> Any:
    return tsa.unit().certificate.not_valid_after_utc
