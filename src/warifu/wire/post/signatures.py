"""Signed letters: HTTP message signatures with exactly the components we use, and nothing a sender could choose.

A letter is ``POST`` with its id, sender, recipient, subject and thread in headers; these, the method and the digest of
the body (Content-Digest, RFC 9530 §2) are what is signed, with the moment, under the label ``letter``. The answer is
signed over its status, its digest and the request's signature, under ``answer`` (RFC 9421 §2.4), so nobody can settle a
letter but its recipient, and no answer fits another request. The algorithm is ``ecdsa-p256-sha256`` (RFC 9421 §3.3.4).

We write the parameters in one order and accept no other: there is one way to write a signed letter.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from warifu.errors import LetterUntimely, Malformed, WrongLetterSignature
from warifu.messages import json
from warifu.ports import Signer
from warifu.wire.post.letter import Letter
from warifu.wire.post.peers import read_public_key

TOLERANCE = 300
"""Seconds that the clocks of two parties may differ, with the time a letter is on its way."""

CONTENT_TYPE = "application/octet-stream"

_FIELDS = ("letter-id", "letter-from", "letter-to", "letter-subject", "letter-thread")
_SIGNED = ("@method", *_FIELDS, "content-digest", "content-type")
_ANSWERED = ("@status", "content-digest")
_REQUEST_SIGNATURE = '"signature";req'
_PARAMETERS = re.compile(r';created=([0-9]{1,12});keyid="([a-z0-9-]{1,32})";alg="ecdsa-p256-sha256"')
_HALF = 32


def sign_letter(letter: Letter, signer: Signer, now: datetime) -> dict[str, str]:
    """The headers of the request that carries a letter."""
    headers = dict(zip(_FIELDS, (letter.id, letter.sender, letter.to, letter.subject, letter.thread), strict=True))
    headers |= {"content-digest": content_digest(letter.body), "content-type": CONTENT_TYPE}
    components = {f'"{name}"': "POST" if name == "@method" else headers[name] for name in _SIGNED}
    return headers | _sign("letter", components, letter.sender, signer, now)


def read_letter(headers: Mapping[str, str], body: bytes) -> Letter:
    """The letter in a request, before anything of it was checked but its shape.

    Raises:
        Malformed: it is none.
    """
    try:
        letter_id, sender, to, subject, thread = (headers[name] for name in _FIELDS)
    except KeyError:
        raise Malformed("a letter's id, sender, recipient, subject or thread is missing") from None
    return Letter(id=letter_id, sender=sender, to=to, subject=subject, thread=thread, body=body)


def check_letter(letter: Letter, headers: Mapping[str, str], keys: Iterable[bytes], now: datetime) -> None:
    """Check that the sender signed a letter, lately.

    Raises:
        Malformed: the signature or the digest is not written as it must be.
        WrongLetterSignature: none of the sender's keys made it, or the body is another.
        LetterUntimely: our clocks differ too much, or it was kept back.
    """
    components = {f'"{name}"': "POST" if name == "@method" else headers.get(name, "") for name in _SIGNED}
    _check_digest(headers, letter.body)
    _check("letter", components, letter.sender, headers, keys, now)


def sign_answer(sender: str, body: bytes, request_signature: str, signer: Signer, now: datetime) -> dict[str, str]:
    """The headers of the answer to a letter; `request_signature` is the request's header of that name."""
    headers = {"content-digest": content_digest(body)}
    return headers | _sign("answer", _answered(headers, request_signature), sender, signer, now)


def check_answer(
    headers: Mapping[str, str], body: bytes, request_signature: str, keys: Iterable[bytes], now: datetime
) -> None:
    """Check that the recipient of our request signed this answer to it.

    Raises:
        Malformed, WrongLetterSignature, LetterUntimely: as `check_letter`.
    """
    _check_digest(headers, body)
    _check("answer", _answered(headers, request_signature), None, headers, keys, now)


def content_digest(body: bytes) -> str:
    """The value of the header Content-Digest (RFC 9530 §2), SHA-256."""
    return f"sha-256=:{json.to_base64(hashlib.sha256(body).digest())}:"


def signature_base(components: Mapping[str, str], parameters: str) -> bytes:
    """What is signed: a line for each component, then the parameters (RFC 9421 §2.5)."""
    lines = [f"{name}: {value}" for name, value in components.items()]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode()


def verify(signature: bytes, data: bytes, keys: Iterable[bytes]) -> None:
    """Check a signature as RFC 9421 §3.3.4 writes it: r and s, 32 bytes each.

    Raises:
        WrongLetterSignature: none of the keys made it.
    """
    if len(signature) == 2 * _HALF:
        der = encode_dss_signature(int.from_bytes(signature[:_HALF]), int.from_bytes(signature[_HALF:]))
        for key in keys:
            try:
                read_public_key(key).verify(der, data, ec.ECDSA(hashes.SHA256()))
            except InvalidSignature:
                continue
            return
    raise WrongLetterSignature


def _answered(headers: Mapping[str, str], request_signature: str) -> dict[str, str]:
    components = {f'"{name}"': "200" if name == "@status" else headers.get(name, "") for name in _ANSWERED}
    return components | {_REQUEST_SIGNATURE: request_signature}


def _sign(label: str, components: Mapping[str, str], key_id: str, signer: Signer, now: datetime) -> dict[str, str]:
    if signer.algorithm != "ES256":
        raise Malformed("letters are signed with ES256")
    parameters = f'({" ".join(components)});created={int(now.timestamp())};keyid="{key_id}";alg="ecdsa-p256-sha256"'
    r, s = decode_dss_signature(signer.sign(signature_base(components, parameters)))
    raw = json.to_base64(r.to_bytes(_HALF) + s.to_bytes(_HALF))
    return {"signature-input": f"{label}={parameters}", "signature": f"{label}=:{raw}:"}


def _check(
    label: str,
    components: Mapping[str, str],
    key_id: str | None,
    headers: Mapping[str, str],
    keys: Iterable[bytes],
    now: datetime,
) -> None:
    parameters = headers.get("signature-input", "").removeprefix(f"{label}=")
    listed = f"({' '.join(components)})"
    found = _PARAMETERS.fullmatch(parameters.removeprefix(listed)) if parameters.startswith(listed) else None
    if found is None:
        raise Malformed("the signature does not cover what it must, or is written otherwise")
    if key_id is not None and found[2] != key_id:
        raise WrongLetterSignature
    verify(_raw(label, headers), signature_base(components, parameters), keys)
    # After the signature: only what the sender really wrote is worth a word about its clock.
    if abs(int(found[1]) - now.timestamp()) > TOLERANCE:
        raise LetterUntimely


def _raw(label: str, headers: Mapping[str, str]) -> bytes:
    found = re.fullmatch(f"{label}=:([A-Za-z0-9+/=]+):", headers.get("signature", ""))
    if found is None:
        raise Malformed("the signature is missing or written otherwise")
    return json.from_base64(found[1])


def _check_digest(headers: Mapping[str, str], body: bytes) -> None:
    if headers.get("content-digest") != content_digest(body):
        raise WrongLetterSignature
