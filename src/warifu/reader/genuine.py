"""Believing four attributes only after the card has proved them: what their receiver checks, without a card at hand."""

from collections.abc import Callable, Collection

from warifu.cardmap import (
    AgeRecord,
    AttributesFile,
    CvAnchor,
    CvCertificate,
    FaceFile,
    IntegrityFile,
    InternalKey,
    ManagerData,
    NumberImage,
)
from warifu.errors import NotGenuine, Unavailable, WarifuError
from warifu.messages import AttributesAnswer
from warifu.person import BasicAttributes


def check_attributes(answer: AttributesAnswer, nonce: bytes, cv_anchors: Collection[CvAnchor]) -> BasicAttributes:
    """Check the chain from an anchor to the attributes and to the card that answered over `nonce`.

    An anchor certifies the municipality's key (EF 0004). That key signs the digest of the attributes (EF 0003) and the
    key for internal authentication (EF 0007), whose private half signs `nonce`, so that the card itself was there.
    Source: `soltia48/myna-card` `src/ap/text.rs`.

    Modelled: nothing in these files says that attributes and internal key are of the same card, nor that they belong
    to the holder of a certificate in the JPKI application; a receiver can only see that one municipality signed both.

    Raises:
        NotIntact: the attributes are not those whose digest was signed, or that signature does not verify.
        NotGenuine: the certificate is under no anchor, or the internal key or the proof over `nonce` does not verify.
        Malformed: a file is not what its place requires.
    """
    certificate = CvCertificate.decode(answer.certificate)
    _check_anchored(certificate, cv_anchors)
    internal_key = InternalKey.decode(answer.key)
    internal_key.check_signed_by(certificate)
    internal_key.public_key.check_signature(answer.nonce_signature, nonce)
    integrity = IntegrityFile.decode(answer.integrity)
    integrity.check_signed_by(certificate)
    attributes = AttributesFile.decode(answer.attributes)
    integrity.check_covers(attributes)
    return attributes.attributes


def examine(answer: AttributesAnswer, nonce: bytes, cv_anchors: Collection[CvAnchor]) -> dict[str, WarifuError | None]:
    """What `check_attributes` checks, each link for itself: None where it holds, else why it does not.

    ``certificate``: an anchor certified the municipality's key; Unavailable where the anchor that it names is not among
    `cv_anchors`, which leaves everything else hanging in the air. ``key``: that key signed the card's own key.
    ``proof``: the card has it, by the signature over `nonce`. ``integrity``: that key signed the digests.
    ``attributes``: they are those of the digest.
    """

    def certificate() -> CvCertificate:
        # For each link anew, because each may fail.
        return CvCertificate.decode(answer.certificate)

    links: dict[str, Callable[[], None]] = {
        "certificate": lambda: check_known_anchor(certificate(), cv_anchors),
        "key": lambda: InternalKey.decode(answer.key).check_signed_by(certificate()),
        "proof": lambda: InternalKey.decode(answer.key).public_key.check_signature(answer.nonce_signature, nonce),
        "integrity": lambda: IntegrityFile.decode(answer.integrity).check_signed_by(certificate()),
        "attributes": lambda: IntegrityFile.decode(answer.integrity).check_covers(
            AttributesFile.decode(answer.attributes)
        ),
    }
    return {name: fault_of(check) for name, check in links.items()}


def examine_printed(
    signed: AgeRecord | FaceFile | NumberImage,
    certificate: CvCertificate,
    nonce: bytes,
    nonce_signature: bytes,
    cv_anchors: Collection[CvAnchor],
) -> dict[str, WarifuError | None]:
    """What can be checked of a file of the visual application, each link for itself, as `examine` does.

    ``certificate``: an anchor certified the municipality's key. ``integrity``: that key signed the file. ``proof``: the
    card has the key in the file, by the signature over `nonce` (内部認証).
    """
    key = signed.face.public_key if isinstance(signed, FaceFile) else signed.public_key
    links: dict[str, Callable[[], None]] = {
        "certificate": lambda: check_known_anchor(certificate, cv_anchors),
        "integrity": lambda: signed.check_signed_by(certificate),
        "proof": lambda: key.check_signature(nonce_signature, nonce),
    }
    return {name: fault_of(check) for name, check in links.items()}


def check_same_holder(face: FaceFile, answer: AttributesAnswer) -> None:
    """Check that face and attributes are one person's, as far as both tell: birth date and sex.

    Raises:
        NotGenuine: they tell of two: somebody put the parts of two cards together.
        Malformed: the attributes are not what their file requires.
    """
    printed, told = face.face, AttributesFile.decode(answer.attributes).attributes
    if (printed.birth_date, printed.sex) != (told.birth_date, told.sex):
        raise NotGenuine("the applications of the card tell of two people")


def check_manager_chain(data: ManagerData, anchors: Collection[CvAnchor]) -> None:
    """Check that an anchor stands behind the card manager's certificates.

    Raises:
        Unavailable: the anchor that they name is not among `anchors`.
        NotGenuine: a signature does not verify.
    """
    for anchor in anchors:
        if anchor.key_id == data.intermediate.issuer_key_id:
            data.check_chain(anchor)
            return
    raise Unavailable("the key that certifies this card's issuer is not at hand")


def fault_of(check: Callable[[], None]) -> WarifuError | None:
    """What is wrong, as a value: for reports that go on after a fault."""
    try:
        check()
    except WarifuError as fault:
        return fault
    return None


def check_known_anchor(certificate: CvCertificate, anchors: Collection[CvAnchor]) -> None:
    """Check that an anchor certified the key in `certificate`.

    Raises:
        Unavailable: the anchor that it names is not among `anchors`.
        NotGenuine: the signature does not verify.
    """
    if all(anchor.key_id != certificate.issuer_key_id for anchor in anchors):
        raise Unavailable("the key that certifies this card's issuer is not at hand")
    _check_anchored(certificate, anchors)


def _check_anchored(certificate: CvCertificate, anchors: Collection[CvAnchor]) -> None:
    for anchor in anchors:
        if anchor.key_id == certificate.issuer_key_id:
            certificate.check_issued_by(anchor)
            return
    raise NotGenuine("no anchor certified the key that vouches for this card")
