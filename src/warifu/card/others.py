"""What the applications besides JPKI and text hold, and the card manager: all that a card is given at its making."""

import datetime as dt
from dataclasses import dataclass

from warifu.card.drawing import Pictures
from warifu.card.issuer import CardIssuer
from warifu.cardmap import (
    CardPublicKey,
    CardRecord,
    CommonFile,
    CvAnchor,
    Face,
    KeyId,
    ManagerData,
    ResidentFile,
    ResidentRecord,
    VisualFile,
    VisualInfo,
)
from warifu.person import BasicAttributes, ResidentRecordCode

_INFO_KEY, _OPAQUE_KEY, _LEAF_GROUP, _LEAF_PADDING = KeyId("9000024"), KeyId("9000025"), "000", b"\0\0\0\xa8"


@dataclass(frozen=True, slots=True, repr=False)
class OtherApplications:
    """The rest of a card. `serial` has 15 digits; keys are PKCS#8 DER; PINs None are blocked from the start.

    `terminal_anchor` is the authority of terminals that work without a PIN; without one the card believes none.
    `western_year`: the face prints the birth year so, as on foreign residents' cards.
    """

    serial: str
    municipality_code: str
    expiry: dt.date
    resident_record_code: ResidentRecordCode
    resident_pin: str | None
    common_pin: str | None
    pictures: Pictures
    visual_key: bytes
    common_key: bytes
    delivery_key: bytes
    western_year: bool = False
    terminal_anchor: CvAnchor | None = None


def visual_objects(
    others: OtherApplications, attributes: BasicAttributes, issuer: CardIssuer, key: CardPublicKey
) -> dict[int, bytes]:
    """What stands in the files of the visual application. Modelled: the description's key ids and 256 opaque bytes."""
    pictures, birth_date = others.pictures, attributes.birth_date
    face = Face(birth_date, attributes.sex, key, pictures.name, pictures.address, pictures.portrait)
    info = VisualInfo(_INFO_KEY, others.municipality_code, _OPAQUE_KEY, bytes(VisualInfo.OPAQUE_LENGTH))
    return {
        VisualFile.AGE_RECORD: issuer.sign_age(birth_date, key).encode(),
        VisualFile.FACE: issuer.sign_face(face, others.expiry, pictures.security_code).encode(),
        VisualFile.INFO: info.encode(),
        VisualFile.CERTIFICATE: issuer.for_visual.encode(),
        VisualFile.NUMBER_IMAGE: issuer.sign_number_image(pictures.number, key).encode(),
    }


def common_records(others: OtherApplications, issuer: CardIssuer) -> dict[int, bytes]:
    """The records of the common application."""
    record = CardRecord(others.serial, others.municipality_code, others.expiry)
    return {
        CommonFile.CARD_RECORD: record.encode(),
        CommonFile.KEY_REFERENCE: issuer.certificate.subject_key_id.encode(),
    }


def resident_records(others: OtherApplications, issuer: CardIssuer) -> dict[int, bytes]:
    """The records of the resident register application; the code's is synthetic, see `ResidentRecord`."""
    return {
        ResidentFile.RECORD_CODE: ResidentRecord(others.resident_record_code).encode(),
        ResidentFile.KEY_REFERENCE: issuer.certificate.subject_key_id.encode(),
    }


def manager_data(others: OtherApplications, issuer: CardIssuer, key: CardPublicKey, *, later: bool) -> ManagerData:
    """What the card manager tells.

    Modelled: that the intermediate of its chain is the municipality's certificate, that the leaf certifies the key of
    the visual application, and that the card identification is the serial number.
    """
    certificate = issuer.for_manager
    leaf_id = KeyId(certificate.subject_key_id.number, _LEAF_GROUP, _LEAF_PADDING)
    return ManagerData(
        issuer_identification=certificate.issuer_key_id,
        card_identification=others.serial,
        municipality_code=others.municipality_code,
        expiry=others.expiry,
        intermediate_key_id=certificate.subject_key_id,
        intermediate=certificate,
        leaf=issuer.certify(leaf_id, key) if later else None,
    )
