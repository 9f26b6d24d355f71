"""Asking about signers outside of JPKI: the anchor's configured service, about each certificate of the path."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from cryptography.x509 import ocsp

from tests.documents.cms_world import Made
from tests.pki import world
from tests.pki.world import NOW, SIGNING
from tests.verifier.document_scene import answer_about
from tests.verifier.outside_scene import EMPTY, GOOD, MIDDLE, ROOT, SIGNER, SIGNER_WITH_SERVICE, World, answer, list_by
from tests.verifier.outside_scene import serial_of as serial
from warifu.documents import read_signatures
from warifu.errors import Malformed, NotAllowed
from warifu.verifier import Anchors, DocumentTrust, Needs, SignerTrust, document_needs
from warifu.wire.clock import SystemEntropy
from warifu.wire.verification import Gatherer, GathererForRun, TrustedAnchor, TrustStore, TrustUse

ADDRESS = "http://127.0.0.1:8799/ocsp"
LIST = "http://127.0.0.1:8799/root.crl"
ASKED = replace(GOOD, signer=SIGNER_WITH_SERVICE)
Handle = Callable[[httpx2.Request], httpx2.Response]


def needs(one: World = ASKED) -> tuple[Needs, ...]:
    trust = DocumentTrust(EMPTY, signers=SignerTrust((one.root,)))
    return document_needs(read_signatures(one.made.encode()), trust)


def gatherer(folder: Path, handle: Handle, *anchors: TrustedAnchor) -> Gatherer:
    store = TrustStore(folder / "trust")
    for anchor in anchors:
        store.add(anchor)
    return Gatherer(store, folder / "lists", SystemEntropy(), transport=httpx2.MockTransport(handle))


def signers(ocsp: str = ADDRESS, *lists: str) -> TrustedAnchor:
    return TrustedAnchor.of(GOOD.root, NOW, ocsp=ocsp, lists=lists, use=TrustUse.SIGNER)


def said(body: bytes, media_type: str) -> httpx2.Response:
    """As it comes over a connection: to be read once."""
    headers = {"content-type": media_type, "content-length": str(len(body))}
    return httpx2.Response(200, content=iter([body]), headers=headers)


def answering(body: bytes, asked: list[int] | None = None) -> Handle:
    def handle(request: httpx2.Request) -> httpx2.Response:
        assert str(request.url) == ADDRESS
        if asked is not None:
            asked.append(ocsp.load_der_ocsp_request(request.read()).serial_number)
        return said(body, "application/ocsp-response")

    return handle


def test_each_certificate_of_the_path_is_asked_about(tmp_path: Path) -> None:
    asked: list[int] = []
    with gatherer(tmp_path, answering(answer(), asked), signers()) as here:
        material = here.material(needs(), NOW)
    assert asked == [serial(MIDDLE, SIGNER), serial(ROOT, MIDDLE)]
    assert len(material.ocsps) == 2


def test_nobody_is_asked_about_signers_whom_nobody_vouches_for() -> None:
    stranger = DocumentTrust(EMPTY)
    assert document_needs(read_signatures(ASKED.made.encode()), stranger) == ()


def test_without_an_address_nobody_is_asked(tmp_path: Path) -> None:
    """The certificate names a service; strangers would choose whom we call."""

    def never(_request: httpx2.Request) -> httpx2.Response:
        raise AssertionError

    with gatherer(tmp_path, never, signers("")) as here:
        assert here.material(needs(), NOW).ocsps == ()


def test_an_answer_without_a_nonce_is_believed_of_others_only(tmp_path: Path) -> None:
    """Services that sign beforehand send none (RFC 5019 §2.2.1); JPKI's send ours back (RFC 9654 §2.1)."""
    with gatherer(tmp_path / "others", answering(answer()), signers()) as here:
        assert len(here.material(needs(), NOW).ocsps) == 2
    jpki = TrustedAnchor.of(world.authority(SIGNING).certificate_der, NOW, ocsp=ADDRESS)
    anchors = Anchors.load([jpki.certificate])
    about = document_needs(read_signatures(Made().encode()), DocumentTrust(anchors))
    with gatherer(tmp_path / "jpki", answering(answer_about()), jpki) as here:
        assert len(about) == 1
        assert here.material(about, NOW).ocsps == ()


def test_an_answer_to_somebody_elses_question_is_not_taken(tmp_path: Path) -> None:
    with gatherer(tmp_path, answering(answer(nonce=b"somebody else's nonce")), signers()) as here:
        assert here.material(needs(), NOW).ocsps == ()


def test_their_lists_are_fetched_where_the_operator_says(tmp_path: Path) -> None:
    crl = list_by(ROOT)

    def handle(request: httpx2.Request) -> httpx2.Response:
        assert str(request.url) == LIST
        return said(crl, "application/pkix-crl")

    with gatherer(tmp_path, handle, signers("", LIST)) as here:
        assert here.material((), NOW).crls == (crl,)


# --- the store --------------------------------------------------------------------------------------------------------


def test_what_an_authority_is_trusted_for_is_kept(tmp_path: Path) -> None:
    store = TrustStore(tmp_path)
    store.add(signers())
    store.add(TrustedAnchor.of(GOOD.root, NOW))
    assert store.signer_anchors() == store.timestamp_anchors() == (GOOD.root,)
    assert len(store.anchors()) == 0
    assert store.find(signers().fingerprint.hex(), TrustUse.SIGNER) == signers()
    store.remove(signers())
    assert (store.signer_anchors(), store.timestamp_anchors()) == ((), (GOOD.root,))


def test_a_file_put_under_the_other_name_is_refused(tmp_path: Path) -> None:
    """Whoever renames a file does not make a signers' authority of one for timestamps."""
    store = TrustStore(tmp_path)
    store.add(TrustedAnchor.of(GOOD.root, NOW))
    [path] = tmp_path.glob("*.json")
    path.rename(path.with_suffix(".signer.json"))
    with pytest.raises(Malformed):
        store.all()


def test_jpkis_authorities_are_never_trusted_for_others() -> None:
    der = world.authority(SIGNING).certificate_der
    with pytest.raises(NotAllowed):
        TrustedAnchor.of(der, NOW, use=TrustUse.SIGNER)
    with pytest.raises(NotAllowed):
        TrustedAnchor(der, TrustUse.SIGNER, NOW)


@pytest.mark.parametrize(("kind", "times"), [(GathererForRun, 1), (Gatherer, 2)])
def test_for_a_run_over_many_documents_lists_are_fetched_once(tmp_path: Path, kind: type[Gatherer], times: int) -> None:
    fetched: list[str] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        fetched.append(str(request.url))
        return said(b"a list", "application/pkix-crl")

    store = TrustStore(tmp_path / "trust")
    store.add(signers("", f"{ADDRESS}/list"))
    with kind(store, tmp_path / "lists", SystemEntropy(), transport=httpx2.MockTransport(handle)) as here:
        assert [here.material((), NOW).crls for _ in range(2)] == [(b"a list",)] * 2
    assert fetched == [f"{ADDRESS}/list"] * times
