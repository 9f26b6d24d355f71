"""Making evidence: verified once more, and everything it rested on put together."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from warifu.documents import FoundSignature
from warifu.errors import NotAllowed, StatusUnknown
from warifu.ports import Signer
from warifu.verifier.documents import DocumentTrust, check_document
from warifu.verifier.evidence.bundle import Bundle, Digests
from warifu.verifier.evidence.contents import REPORT, material_of, parts_of
from warifu.verifier.material import Material
from warifu.verifier.report_json import report_to_json
from warifu.verifier.rules import Indication

__all__ = ["make_evidence"]


def make_evidence(
    document: bytes,
    found: Sequence[FoundSignature],
    trust: DocumentTrust,
    material: Material,
    at: datetime,
    signer: Signer,
    *,
    content: bytes | None = None,
) -> Bundle:
    """Verify a document and put what that rested on into a bundle, signed by the verifier; it has no record yet.

    `content` is what a detached signature is about, `document` then the file with the signature.

    Raises:
        NotAllowed: the document did not pass: there is nothing to prove.
        StatusUnknown: what was gathered does not stand on its own (a list that is only at hand as an index).
    """
    digest = hashlib.sha256(document).digest()
    report = check_document(found, digest, trust, material, at)
    if report.indication is not Indication.TOTAL_PASSED:
        raise NotAllowed(f"the document is {report.indication.value}: there is nothing to prove")
    parts, withheld = parts_of(found, trust.anchors, material)
    if not withheld:
        again = check_document(found, digest, trust, material_of(parts), at)
        if again.indication is not Indication.TOTAL_PASSED:
            raise StatusUnknown("the revocation data at hand cannot be passed on, so that the evidence would not hold")
    told = json.dumps(report_to_json(report), ensure_ascii=False, indent=1, sort_keys=True).encode()
    at = at.replace(microsecond=0)
    beside = None if content is None else Digests.of(content)
    parts = {REPORT: told, **parts}
    return Bundle(at, Digests.of(document), parts, signer.public_key_info, withheld, beside).signed(signer)
