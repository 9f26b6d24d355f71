"""One signature dictionary of a PDF, with everything that can be said of it alone.

Source: ISO 32000-1 §12.8.1, table 252; ETSI EN 319 142-1 §5.1, §5.3, §6.3.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone

from warifu.documents.cms_reading import read_signers
from warifu.documents.cms_slices import DATA
from warifu.documents.found import Fault, FaultCode, Form, FoundSignature, Scheme, SignatureAlgorithm
from warifu.documents.pdf_reading_contents import cut_contents, without_padding
from warifu.documents.pdf_reading_file import PdfFile
from warifu.documents.pdf_reading_range import SignedRange, signed_range
from warifu.documents.pdf_reading_signatures import SignatureDictionary
from warifu.documents.pdf_reading_syntax import Text, Value
from warifu.documents.timestamp_reading import FoundToken, read_timestamp
from warifu.errors import Malformed

__all__ = ["Part", "read_date", "read_part"]

_FORMS = {
    (b"Sig", b"ETSI.CAdES.detached"): Form.PADES,
    (b"Sig", b"adbe.pkcs7.detached"): Form.PDF_PKCS7,
    (b"DocTimeStamp", b"ETSI.RFC3161"): Form.TIMESTAMP,
}
_REFUSED = {
    b"adbe.pkcs7.sha1": "adbe.pkcs7.sha1 signs a SHA-1 digest of the document",
    b"adbe.x509.rsa_sha1": "adbe.x509.rsa_sha1 signs a SHA-1 digest of the document",
}
_DATE = re.compile(
    rb"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:(Z)(?:00'?(?:00'?)?)?|([+-])(\d\d)'?(?:(\d\d)'?)?)?"
)
_LONGEST_NAME = 120
_NOTHING = SignatureAlgorithm("", Scheme.OTHER)


@dataclass(slots=True, eq=False)
class Part:
    """One signature dictionary: what it covers if that can be told, what is wrong, and what is in its value.

    `signature` is what the CMS message says, or an empty one that no verifier can believe; `token` is there for a
    document timestamp, `encoded` as its bytes.
    """

    told: SignatureDictionary
    range: SignedRange | None
    signature: FoundSignature
    faults: list[Fault] = field(default_factory=list)
    token: FoundToken | None = None
    encoded: bytes = b""

    @property
    def order(self) -> tuple[int, int]:
        """By what they cover; those that cover nothing come last."""
        return (self.range.end if self.range else 1 << 62), self.told.begin

    def covers(self, other: "Part") -> bool:
        """Whether what this one covers contains all of the other's object."""
        return self.range is not None and 0 <= other.told.end <= self.range.gap


def read_part(file: PdfFile, told: SignatureDictionary) -> Part:
    """One dictionary, and what is wrong with it."""
    form = _FORMS.get((_name(told.type), _name(told.dictionary.get(b"SubFilter"))))
    covered = signed_range(file, told.dictionary.get(b"ByteRange"), told.contents, told.begin, told.end)
    range_ = covered if isinstance(covered, SignedRange) else None
    part = Part(told, range_, _nothing(_place(told), form or Form.PDF_PKCS7))
    if told.form_field is None:
        part.faults.append(Fault(FaultCode.SIGNATURE_DICTIONARY, "no field of the form leads to it"))
    if isinstance(covered, Fault):
        part.faults.append(covered)
    elif file.entry(told.number, covered.revision).first != told.offset:
        part.faults.append(Fault(FaultCode.SIGNATURE_DICTIONARY, "the revision it covers has another object there"))
    if form is None:
        part.faults.append(Fault(FaultCode.SIGNATURE_DICTIONARY, _why_refused(told)))
    else:
        _read_contents(part, form)
    return part


def _read_contents(part: Part, form: Form) -> None:
    contents = part.told.dictionary.get(b"Contents")
    if not isinstance(contents, Text):
        part.faults.append(Fault(FaultCode.CONTENTS_FORM, "no string"))
        return
    try:
        if form is Form.TIMESTAMP:
            _read_token(part, contents)
        else:
            _read_message(part, contents, form)
    except Malformed as error:
        part.faults.append(Fault(FaultCode.CONTENTS_FORM, str(error)))


def _read_token(part: Part, contents: bytes) -> None:
    """A timestamp token (ETSI EN 319 142-1 §5.4.3)."""
    part.encoded = without_padding(contents)
    part.token = read_timestamp(part.encoded)
    part.signature = replace(part.token.signature, place=part.signature.place)


def _read_message(part: Part, contents: bytes, form: Form) -> None:
    """A CMS message with one signer, the content outside (ETSI EN 319 142-1 §5.1; ISO 32000-1 §12.8.3.3)."""
    whole = cut_contents(contents, ber=form is Form.PDF_PKCS7)
    if whole.content is not None or whole.content_type != DATA:
        part.faults.append(Fault(FaultCode.CONTENT_ATTACHED))
    if len(whole.signers) != 1:
        part.faults.append(Fault(FaultCode.SEVERAL_SIGNERS))
    found = read_signers(whole, part.range.content if part.range else None, form)[0]
    part.signature = replace(found, place=part.signature.place, claimed_at=found.claimed_at or _claimed(part.told))
    part.faults += found.faults
    if form is Form.PADES:
        _check_baseline(part, found)


def _check_baseline(part: Part, found: FoundSignature) -> None:
    """What the attributes of a PAdES signature are (ETSI EN 319 142-1 §5.3, §6.3): the time is the dictionary's."""
    if found.claimed_at is not None:
        part.faults.append(Fault(FaultCode.SIGNING_TIME_ATTRIBUTE))
    if not found.named_certificate:
        part.faults.append(Fault(FaultCode.CERTIFICATE_NOT_NAMED))


def _why_refused(told: SignatureDictionary) -> str:
    named = _name(told.dictionary.get(b"SubFilter"))
    return _REFUSED.get(named, "a /Type and /SubFilter that are not read here")


def _name(value: Value) -> bytes:
    return bytes(value) if isinstance(value, bytes) else b""


def _place(told: SignatureDictionary) -> str:
    if told.form_field is None:
        return f"object {told.number}"
    return "".join(letter for letter in told.form_field.name if letter.isprintable())[:_LONGEST_NAME]


def _nothing(place: str, form: Form) -> FoundSignature:
    """A signature of which nothing is known; it has neither certificate nor value, so that nobody can believe it."""
    return FoundSignature(form, place, (), None, (), (), _NOTHING, b"", b"")


def _claimed(told: SignatureDictionary) -> datetime | None:
    value = told.dictionary.get(b"M")
    return read_date(value) if isinstance(value, Text) else None


def read_date(value: bytes) -> datetime | None:
    """A date of PDF in UTC; None if it is none, or if it does not say its zone (ISO 32000-1 §7.9.4)."""
    match = _DATE.fullmatch(value)
    if match is None or not (match[7] or match[8]):
        return None
    year, month, day = (int(part or 1) for part in match.groups()[:3])
    hour, minute, second = (int(part or 0) for part in match.groups()[3:6])
    offset = timedelta(hours=int(match[9] or 0), minutes=int(match[10] or 0))
    try:
        zone = timezone(-offset if match[8] == b"-" else offset)
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
