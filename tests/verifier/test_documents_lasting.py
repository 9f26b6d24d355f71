"""Signatures that outlive their certificates: archive timestamps, renewed, through expiry and algorithm sunset."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper

from tests.documents import world as documents
from tests.documents.cms_world import CONTENT
from tests.pki.world import NOW
from tests.tsa import world as tsa
from tests.verifier.document_scene import DAY, PASSED, Judgement, failed, list_of, revoked
from warifu.documents import Form, Level, extend, read_signatures, sign_cms, sign_pdf, sign_xml
from warifu.documents import Material as Carried
from warifu.documents.cms_slices import cut_signed_data
from warifu.documents.running import run
from warifu.documents.stamping import Stamper
from warifu.pki import CertifiedKey, KeySigner, der
from warifu.pki.timestamps import TimestampUnit, build_timestamp_root, build_timestamp_unit
from warifu.tsa import TimestampAuthority
from warifu.verifier import Indication, Material, SoundAlgorithms, SubIndication, tell_report

S = SubIndication
YEAR = 365 * DAY
SIGNED = NOW.replace(microsecond=0)
EXPIRED = datetime(2032, 1, 1, tzinfo=UTC)
"""The holder's certificate has ended, the authority's has not."""
ALL_OVER = datetime(2035, 1, 1, tzinfo=UTC)
"""The signing authority's certificate has ended too."""
NOTHING = Material()


def stamp(at: datetime, authority: TimestampAuthority | None = None) -> Callable[[bytes], bytes]:
    return lambda asked: (authority or tsa.authority()).answer(asked, at, 7)


MAKERS: dict[str, Callable[[documents.Holder], bytes]] = {
    "CMS": lambda holder: sign_cms(CONTENT, holder.witness, documents.AT, attached=True, stamp=stamp(SIGNED)),
    "PDF": lambda holder: sign_pdf(documents.small_pdf(), holder.witness, documents.AT, stamp=stamp(SIGNED)),
    "XML": lambda holder: sign_xml(b"<deed/>", holder.witness, documents.AT, stamp=stamp(SIGNED)),
}
each_form = pytest.mark.parametrize("form", MAKERS)


@cache
def carried() -> Carried:
    """What a document carries to be verified later: the authorities' certificates, and a list of that day."""
    certificates = (documents.rsa().issuer.certificate_der, tsa.root().certificate_der)
    return Carried(certificates, (list_of(this_update=NOW - timedelta(hours=1)),), ())


@cache
def made(form: str, level: Level) -> bytes:
    signed = MAKERS[form](documents.rsa())
    if level is Level.T:
        return signed
    return extend(signed, level, material=carried(), stamp=stamp(SIGNED + timedelta(hours=1)))


found_in = cache(read_signatures)


def judged(document: bytes, at: datetime, **changes: object) -> Judgement:
    return replace(Judgement(), found=found_in(document), at=at, **{"material": NOTHING, **changes})  # type: ignore[arg-type]


@each_form
def test_without_evidence_nobody_can_tell_later(form: str) -> None:
    assert judged(made(form, Level.T), EXPIRED).says() == failed(S.TRY_LATER)


@each_form
def test_evidence_in_the_document_serves_while_its_authority_lasts(form: str) -> None:
    """Baseline B-LT: ETSI EN 319 102-1 §5.5."""
    assert judged(made(form, Level.LT), EXPIRED).says() == PASSED


@each_form
def test_evidence_whose_authority_has_ended_needs_a_proof(form: str) -> None:
    assert judged(made(form, Level.LT), ALL_OVER).says() == failed(S.REVOCATION_OUT_OF_BOUNDS_NO_POE)


@each_form
def test_an_archive_timestamp_keeps_everything(form: str) -> None:
    """Baseline B-LTA: ETSI EN 319 102-1 §5.6; nobody is asked any more."""
    signature = judged(made(form, Level.LTA), ALL_OVER).signature()
    assert (signature.indication, signature.sub_indication) == PASSED
    assert signature.best_time == SIGNED
    assert [stamp.indication.value for stamp in signature.timestamps] == ["TOTAL-PASSED"] * 2


@each_form
def test_revoked_after_signing_it_stands_for_ever(form: str) -> None:
    later = Material(crls=(list_of(revoked(NOW + 30 * DAY), this_update=NOW + 40 * DAY),))
    assert judged(made(form, Level.LTA), EXPIRED, material=later).says() == PASSED
    before = Material(crls=(list_of(revoked(NOW - 20 * DAY), this_update=NOW + 40 * DAY),))
    assert judged(made(form, Level.LTA), EXPIRED, material=before).says() == failed(S.REVOKED_NO_POE)


@cache
def successor() -> tuple[bytes, TimestampAuthority]:
    """A timestamp authority of P-256 that begins in 2034 and lasts until 2060, and its root."""
    root_key, unit_key = (KeySigner(ec.derive_private_key(number, ec.SECP256R1())) for number in (777_001, 777_002))
    begins, ends = datetime(2034, 1, 1, tzinfo=UTC), datetime(2060, 1, 1, tzinfo=UTC)
    root = build_timestamp_root(root_key, serial_number=1, not_before=begins, not_after=ends, organization="Next")
    certified = CertifiedKey(root, root_key)
    unit = build_timestamp_unit(certified, unit_key, serial_number=2, not_before=begins, not_after=ends)
    return root, TimestampAuthority(TimestampUnit(unit, unit_key), tsa.TERMS)


@cache
def renewed(form: str) -> bytes:
    """With a second archive timestamp of 2035, by the next authority."""
    root, authority = successor()
    material = Carried((tsa.root().certificate_der, root), (), ())
    return extend(made(form, Level.LTA), Level.LTA, material=material, stamp=stamp(ALL_OVER, authority))


def of_both() -> tuple[bytes, ...]:
    return tsa.root().certificate_der, successor()[0]


@each_form
def test_a_renewed_archive_timestamp_outlives_the_first_ones_authority(form: str) -> None:
    """ETSI EN 319 102-1 §5.6.3: from the latest inwards."""
    late = datetime(2050, 1, 1, tzinfo=UTC)
    assert judged(made(form, Level.LTA), late).says() == failed(S.OUT_OF_BOUNDS_NO_POE)
    again = judged(renewed(form), late, timestamp_anchors=of_both())
    signature = again.signature()
    assert (signature.indication, signature.sub_indication) == PASSED
    assert signature.best_time == SIGNED


@each_form
def test_a_sunset_algorithm_is_believed_for_what_is_older(form: str) -> None:
    """RSA falls in 2040; a timestamp of P-256 from 2035 keeps what was signed with it."""
    late = datetime(2045, 1, 1, tzinfo=UTC)
    fallen = SoundAlgorithms(dict(SoundAlgorithms().until) | {"rsa-2048": datetime(2040, 1, 1, tzinfo=UTC)})
    assert judged(renewed(form), late, timestamp_anchors=of_both(), algorithms=fallen).says() == PASSED
    too_early = SoundAlgorithms(dict(SoundAlgorithms().until) | {"rsa-2048": datetime(2034, 1, 1, tzinfo=UTC)})
    before = judged(renewed(form), late, timestamp_anchors=of_both(), algorithms=too_early)
    assert before.signature().sub_indication is not None


@each_form
def test_an_archive_timestamp_of_strangers_keeps_nothing(form: str) -> None:
    only_first = judged(renewed(form), datetime(2050, 1, 1, tzinfo=UTC))
    assert only_first.signature().sub_indication is not None


@cache
def only_stamped() -> bytes:
    """A PDF that nobody signed, with a document timestamp by pyHanko."""
    writer = IncrementalPdfFileWriter(BytesIO(documents.small_pdf()))
    return bytes(run(PdfTimeStamper(Stamper(stamp(SIGNED))).async_timestamp_pdf(writer, "sha256")).getvalue())


def test_a_timestamp_alone_says_when_and_not_who() -> None:
    """ETSI EN 319 102-1 §5.4: it may hold, and nobody signed."""
    report = judged(only_stamped(), NOW + DAY).report()
    [stamped] = report.signatures
    assert (stamped.form, stamped.indication, stamped.best_time) == (Form.TIMESTAMP, Indication.TOTAL_PASSED, SIGNED)
    assert (report.indication, report.signed) == (Indication.INDETERMINATE, False)
    assert tell_report(report, "en").headline.startswith("Nobody signed")


def test_a_timestamp_alone_is_about_its_document() -> None:
    changed = only_stamped().replace(b"a deed", b"b deed")
    assert judged(changed, NOW + DAY).says() == failed(S.HASH_FAILURE)


def test_a_timestamp_alone_needs_an_authority_that_is_trusted() -> None:
    strangers = judged(only_stamped(), NOW + DAY, timestamp_anchors=())
    assert strangers.says() == failed(S.NO_CERTIFICATE_CHAIN_FOUND)


def without(data: bytes, dropped: bytes) -> bytes:
    """The same elements but for one, wherever it stands; lengths around it change and nothing else."""
    kept, position = b"", 0
    while position < len(data):
        begin, end = der.slice_element(data, position, data[position])
        element = data[position:end]
        if dropped in element and element != dropped:
            element = der.encode(data[position], without(data[begin:end], dropped))
        kept += b"" if element == dropped else element
        position = end
    return kept


def test_values_that_an_archive_timestamp_covers_may_not_be_missing() -> None:
    """ETSI EN 319 122-1 §5.5.2: each digest in the index has its value."""
    whole = made("CMS", Level.LTA)
    last = cut_signed_data(whole).certificates[-1]
    [found] = read_signatures(without(whole, last))
    archive = found.timestamps[-1]
    assert [fault.code.code for fault in archive.faults] == ["archive-index"]
    signature = Judgement(found=(found,), at=NOW + DAY, material=NOTHING).signature()
    assert signature.timestamps[-1].sub_indication is S.FORMAT_FAILURE
