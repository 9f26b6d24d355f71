"""The form that registry offices take, rule by rule, read from the bytes.

Source: the nine checks that github.com/nunnun/jpki-local-signer (tools/conformance-check) draws from
https://www.touki-kyoutaku-online.moj.go.jp/cautions/append/sign_pdf.html (登記・供託オンライン申請システム).
"""

import hashlib
import re
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.documents.proving import Service
from tests.documents.world import AT, rsa, small_pdf
from tests.pki.world import HANAKO
from warifu.documents import PdfProfile, sign_pdf

_PDFS = {
    "once": lambda: signed(small_pdf()),
    "with a reason": lambda: signed(small_pdf(), reason="登記申請"),
    "stamped": lambda: signed(small_pdf(), stamp=Service()),
    "twice": lambda: signed(signed(small_pdf())),
}
each_pdf = pytest.mark.parametrize("pdf", [cache(make) for make in _PDFS.values()], ids=list(_PDFS))


def signed(pdf: bytes, **options: Any) -> bytes:
    return sign_pdf(pdf, rsa().witness, AT, profile=PdfProfile.REGISTRY, **options)


def dictionary(pdf: bytes) -> bytes:
    """The last signature dictionary: from its /Type to the end of its object."""
    begin = pdf.rindex(b"/Type /Sig\n")
    return pdf[pdf.rindex(b" obj", 0, begin) : pdf.index(b"endobj", begin)]


def byte_range(pdf: bytes) -> list[int]:
    [found] = re.findall(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+) *\]", dictionary(pdf))
    return [int(each) for each in found]


def contents(pdf: bytes) -> bytes:
    _begin, length, after, _rest = byte_range(pdf)
    return pdf[length:after]


def content_info(pdf: bytes) -> Any:
    padded = bytes.fromhex(contents(pdf)[1:-1].decode("ascii"))
    return cms.ContentInfo.load(padded), padded


@each_pdf
def test_1_the_dictionary_is_a_signatures(pdf: Any) -> None:
    assert b"/Type /Sig\n" in dictionary(pdf())


@each_pdf
def test_2_it_is_a_detached_pkcs7(pdf: Any) -> None:
    assert re.findall(rb"/SubFilter /([\w.]+)", dictionary(pdf())) == [b"adbe.pkcs7.detached"]


@each_pdf
def test_3_it_says_who_signed(pdf: Any) -> None:
    last = PdfFileReader(BytesIO(pdf())).embedded_signatures[-1]
    assert last.sig_object["/Name"] == HANAKO.name.text


@each_pdf
def test_4_it_says_when_with_the_time_zone(pdf: Any) -> None:
    r"""ISO 32000-1 §7.9.4: D:YYYYMMDDHHmmSS and Z or an offset."""
    [moment] = re.findall(rb"/M \((D(?::|\\072)\d{14}(?:Z|[+-]\d\d'\d\d'?))\)", dictionary(pdf()))
    assert moment.replace(b"\\072", b":") == b"D:20261122010405Z"


@each_pdf
def test_5_all_but_the_contents_is_covered(pdf: Any) -> None:
    begin, _length, after, rest = byte_range(pdf())
    assert (begin, after + rest) == (0, len(pdf()))
    assert contents(pdf())[:1] + contents(pdf())[-1:] == b"<>"
    assert dictionary(pdf()).count(contents(pdf())) == 1


@each_pdf
def test_6_the_contents_are_one_cms_and_zeros(pdf: Any) -> None:
    info, padded = content_info(pdf())
    assert info["content_type"].native == "signed_data"
    assert set(padded[len(info.dump()) :]) <= {0}


@each_pdf
def test_7_the_signers_certificate_and_the_attributes_are_there(pdf: Any) -> None:
    info, _ = content_info(pdf())
    [signer] = info["content"]["signer_infos"]
    assert rsa().certificate in {each.chosen.dump() for each in info["content"]["certificates"]}
    assert {"content_type", "message_digest"} <= {each["type"].native for each in signer["signed_attrs"]}


@each_pdf
def test_8_the_digest_is_of_the_bytes_covered(pdf: Any) -> None:
    info, _ = content_info(pdf())
    [signer] = info["content"]["signer_infos"]
    [told] = [each["values"][0].native for each in signer["signed_attrs"] if each["type"].native == "message_digest"]
    _begin, length, after, _rest = byte_range(pdf())
    assert told == hashlib.sha256(pdf()[:length] + pdf()[after:]).digest()


@each_pdf
def test_9_sha_256_and_rsa_by_pkcs_1(pdf: Any) -> None:
    info, _ = content_info(pdf())
    [signer] = info["content"]["signer_infos"]
    assert signer["digest_algorithm"]["algorithm"].native == "sha256"
    assert signer["signature_algorithm"].signature_algo == "rsassa_pkcs1v15"
