"""Invented signers with each kind of key, and a small PDF."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from pyhanko.pdf_utils import generic, incremental_writer, writer
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.metadata import info
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign.timestamps import common_utils

from tests.pki import world
from tests.pki.world import NOW, SIGNING
from warifu.documents import Witness
from warifu.pki import Issuer, KeySigner

AT = (NOW - timedelta(hours=2)).replace(microsecond=0)


@dataclass
class Holder:
    """Somebody with a certificate, who remembers what they were asked to sign."""

    issuer: Issuer
    key: KeySigner
    certificate: bytes
    asked: list[bytes] = field(default_factory=list)

    @property
    def witness(self) -> Witness:
        return Witness(self.certificate, self.issuer.certificate_der, self.sign)

    def sign(self, digest: bytes) -> bytes:
        self.asked.append(digest)
        return self.key.sign_digest(digest)


def rsa() -> Holder:
    issuer = world.authority(SIGNING)
    return Holder(issuer, world.signer(0), world.signing_certificate(issuer))


def p384() -> Holder:
    issuer = world.next_authority(SIGNING)
    return Holder(issuer, world.next_signer(0), world.NEXT_ORDER.signing(issuer))


HOLDERS = {"RSA-2048": rsa, "P-384": p384}


class _Still(datetime):
    """A clock that pyHanko reads the time of a change from."""

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return AT.astimezone(tz)


@contextmanager
def alike(seed: str) -> Iterator[None]:
    """Meanwhile pyHanko draws the same numbers in each run, for /ID and for nonces, and writes the same time.

    In CI Hypothesis draws the same damage in each run, and so the files that are damaged have to be the same.
    """
    drawn = SimpleNamespace(urandom=random.Random(seed).randbytes, SEEK_END=os.SEEK_END)
    with pytest.MonkeyPatch.context() as patched:
        for module in (writer, incremental_writer, common_utils):
            patched.setattr(module, "os", drawn)
        patched.setattr(info, "datetime", _Still)
        patched.setattr(info, "tzlocal", SimpleNamespace(get_localzone=lambda: AT.tzinfo))
        yield


def small_pdf(text: str = "a deed", **settings: Any) -> bytes:
    """One page with one line on it."""
    with alike("a small PDF"):
        return _small_pdf(text, **settings)


def _small_pdf(text: str, **settings: Any) -> bytes:
    pdf = PdfFileWriter(**settings)
    content = generic.StreamObject(stream_data=f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET".encode())
    font = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Font"),
            pdf_name("/Subtype"): pdf_name("/Type1"),
            pdf_name("/BaseFont"): pdf_name("/Helvetica"),
        }
    )
    resources = generic.DictionaryObject(
        {pdf_name("/Font"): generic.DictionaryObject({pdf_name("/F1"): pdf.add_object(font)})}
    )
    page = PageObject(
        contents=pdf.add_object(content),
        media_box=generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842))),
        resources=resources,
    )
    pdf.insert_page(page)
    file = BytesIO()
    pdf.write(file)
    return file.getvalue()
