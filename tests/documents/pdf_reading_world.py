"""Signed PDF files to read, ways to add to them afterwards, and what it takes to be believed."""

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric import rsa as rsa_keys
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner

from tests.documents.world import AT, alike, rsa, small_pdf
from warifu.documents import Coverage, FaultCode, FoundSignature, PdfProfile, sign_pdf
from warifu.documents.pdf_reading import read_pdf
from warifu.documents.running import run
from warifu.documents.witness import CardSigner

TABLE = small_pdf(stream_xrefs=False)
"""With a cross-reference table, as most files have one."""
PACKED = small_pdf()
"""With a cross-reference stream."""


@cache
def signed(pdf: bytes = TABLE, profile: PdfProfile = PdfProfile.PADES) -> bytes:
    """Signed once, and alike in each run."""
    with alike("signed"):
        return sign_pdf(pdf, rsa().witness, AT, profile=profile)


def codes(pdf: bytes, place: int = 0) -> set[FaultCode]:
    """What is wrong with one of the signatures of a file."""
    return {fault.code for fault in read_pdf(pdf)[place].faults}


def coverage(pdf: bytes, place: int = 0) -> Coverage:
    """How much one of the signatures of a file covers."""
    found = read_pdf(pdf)[place].coverage
    assert found is not None
    return found


def append(
    pdf: bytes,
    objects: Mapping[int, bytes],
    trailer: bytes = b"",
    *,
    freed: tuple[int, ...] = (),
    between: bytes = b"",
    root: int | None = None,
) -> bytes:
    """The file with one more revision that sets these objects; `trailer` is what its trailer says besides."""
    out, places = bytearray(pdf), {}
    for number, value in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    out += between
    table = b"".join(b"%d 1\n%010d 00000 n \n" % each for each in places.items())
    table += b"".join(b"%d 1\n0000000000 00001 f \n" % number for number in freed)
    size = max(size_of(pdf), *(number + 1 for number in objects), 0)
    last = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    told = (size, root or root_of(pdf), last, trailer, len(out))
    end = b"<</Size %d/Root %d 0 R/Prev %d%s>>\nstartxref\n%d\n%%%%EOF\n" % told
    return bytes(out) + b"xref\n0 1\n0000000000 65535 f \n" + table + b"trailer\n" + end


def size_of(pdf: bytes) -> int:
    """One more than the highest number of an object."""
    return max(map(int, re.findall(rb"/Size (\d+)", pdf)))


def root_of(pdf: bytes) -> int:
    """The number of the catalog."""
    return int(re.findall(rb"/Root (\d+) 0 R", pdf)[-1])


def object_of(pdf: bytes, number: int) -> bytes:
    """What an object of the file was last set to."""
    return re.findall(rb"\n%d 0 obj\s(.*?)\sendobj" % number, pdf, re.DOTALL)[-1]  # type: ignore[no-any-return]


def number_of(pdf: bytes, pattern: bytes) -> int:
    """The number of the last object with the pattern in it."""
    every = re.findall(rb"\n(\d+) 0 obj\s(.*?)\sendobj", pdf, re.DOTALL)
    return [int(number) for number, value in every if re.search(pattern, value)][-1]


def byte_range(pdf: bytes) -> tuple[int, int, int, int]:
    """The last signature's range as it stands there."""
    a, b, c, d = map(int, re.findall(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)", pdf)[-1])
    return a, b, c, d


def believed(found: FoundSignature) -> bool:
    """Whether its form is right and its signature is the certified key's over what it is found with."""
    if found.faults or found.certificate is None:
        return False
    if any(each.actual != each.expected for each in found.integrity):
        return False
    for name, value in found.named_certificate:
        if hashlib.new(name, found.certificate).digest() != value:
            return False
    return _verifies(found, found.certificate)


def _verifies(found: FoundSignature, certificate: bytes) -> bool:
    known = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384()}
    algorithm = known.get(found.algorithm.hash_name)
    if algorithm is None:
        return False
    key = x509.load_der_x509_certificate(certificate).public_key()
    try:
        if isinstance(key, rsa_keys.RSAPublicKey):
            key.verify(found.signature, found.signed, padding.PKCS1v15(), algorithm)
        else:
            assert isinstance(key, ec.EllipticCurvePublicKey)
            key.verify(found.signature, found.signed, ec.ECDSA(algorithm))
    except InvalidSignature:
        return False
    return True


def raw_pdf(objects: Mapping[int, bytes], *, extra: bytes = b"", trailer: bytes = b"") -> bytes:
    """A file of these objects, number 1 being the catalog; `extra` stands behind them and no table leads there."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number in sorted(objects):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])
    out += extra
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    end = b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, trailer, len(out))
    return bytes(out) + head + table + end


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A stream as an object's value."""
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(data), entries, data)


FORM_OBJECTS = {
    1: b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]/DA(/F1 12 Tf)/DR<</Font<</F1 7 0 R>>>>>>>>",
    2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents[4 0 R 8 0 R]/Annots[5 0 R]"
    b"/Resources<</Font<</F1 7 0 R>>>>>>",
    4: stream(b"BT /F1 24 Tf 72 700 Td (I owe 100 yen) Tj ET"),
    5: b"<</Type/Annot/Subtype/Widget/FT/Tx/T(sum)/V(100)/Rect[72 600 200 620]/P 3 0 R/AP<</N 6 0 R>>>>",
    6: stream(b"BT /F1 12 Tf (100) Tj ET", b"/Type/XObject/Subtype/Form/BBox[0 0 128 20]"),
    7: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    8: stream(b"1 1 1 rg 72 500 200 20 re f"),
}
"""A page with text, a patch over something, and a field that is filled in."""
FORM = raw_pdf(FORM_OBJECTS)


def certified(pdf: bytes, level: MDPPerm | None, *, lock: FieldMDPSpec | None = None, box: bool = False) -> bytes:
    """Signed by pyHanko with a certification signature of that level, or a field that locks others."""
    holder = rsa()
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    spec = SigFieldSpec("Certified", field_mdp_spec=lock, box=(300, 300, 400, 350) if box else None)
    settings = {} if level is None else {"certify": True, "docmdp_permissions": level}
    metadata = PdfSignatureMetadata("Certified", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, **settings)
    signer = PdfSigner(metadata, CardSigner(holder.witness), new_field_spec=spec)
    return bytes(run(signer.async_sign_pdf(writer)).getvalue())


def with_message(pdf: bytes, make: Callable[[bytes], bytes]) -> bytes:
    """The file with another message in the place of its last signature's value, made for what is covered."""
    _, gap, after, length = byte_range(pdf)
    message = make(pdf[:gap] + pdf[after : after + length])
    return pdf[: gap + 1] + message.hex().encode().ljust(after - gap - 2, b"0") + pdf[after - 1 :]
