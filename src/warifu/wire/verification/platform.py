"""The platform operator over HTTP: a service provider brings a result of the signing API, and learns who signed.

``POST /platform/verify`` with a bearer token of the service provider and exactly two members, ``sign_certificate_jwe``
and ``data`` (base64 of the digest or DigestInfo that was submitted). What the verification found is an answer (200)
whose ``verification.result`` is one of the words of `Result`; what nobody can know now is 503. Of the certificate the
four attributes and the dates are told, never the serial number or the certificate itself (公的個人認証法 第63条).

Source: the two members and the words: docs.p8n.app (VerifyForDigitalIdentificationApp, verification-result).
Modelled: the names inside the answer beyond those words.
"""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from warifu.errors import (
    CertificateRefused,
    Expired,
    Malformed,
    NeverIssued,
    NotYetValid,
    Revoked,
    Suspended,
    TokenUnknown,
    Unavailable,
    WarifuError,
    WrongSignature,
)
from warifu.messages import SigningData
from warifu.messages import json as messages_json
from warifu.pki import KeySigner
from warifu.ports import Clock, Entropy
from warifu.verifier import (
    Anchors,
    Evidence,
    Needs,
    OperatorKey,
    Policy,
    SeenRevocations,
    VerifiedSigning,
    check_signing,
    open_result,
    signing_needs,
)
from warifu.wire.key_files import read_key, write_key, write_private

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

__all__ = ["OPERATOR_PATH", "KnownUsers", "Platform", "Result", "open_operator_key", "platform_routes", "tokens_of"]

OPERATOR_PATH = "/platform/verify"
"""Where the operator is asked."""
_MAX_BODY = 48 * 1024
_MEMBERS: dict[str, type | tuple[type, ...]] = {"sign_certificate_jwe": str, "data": str}
_ID_BYTES = 16
_SECRET = 32


class Result(Enum):
    """What verifying found. Wire: the value."""

    OK = "ok"
    UNSUPPORTED = "unsupported_certificate"
    EXPIRED = "certificate_has_expired"
    MISMATCH = "signature_did_not_match"
    REVOKED = "certificate_has_been_revoked"


# The first that fits counts.
_RESULTS: tuple[tuple[type[WarifuError], Result], ...] = (
    (Expired, Result.EXPIRED),
    (NotYetValid, Result.EXPIRED),
    (Revoked, Result.REVOKED),
    (Suspended, Result.REVOKED),
    (WrongSignature, Result.MISMATCH),
    (NeverIssued, Result.UNSUPPORTED),
    (CertificateRefused, Result.UNSUPPORTED),
)


class KnownUsers:
    """Which users were met before, in a file of 16 bytes for each; usable from several threads and processes.

    An identifier is a keyed hash of certificate and service provider: the file says nothing about anybody.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = directory / "users"
        self._lock = FileLock(directory / "users.lock")
        self._known: set[bytes] = set()
        self._read = 0

    def meet(self, user_id: str) -> bool:
        """Whether they are new; from now on, and after a crash, they are not."""
        mark = bytes.fromhex(user_id)
        with self._lock:
            self._catch_up()
            if mark in self._known:
                return False
            handle = os.open(self._file, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                # What a crash cut off is written over.
                os.lseek(handle, self._read, os.SEEK_SET)
                os.write(handle, mark)
                os.fsync(handle)
            finally:
                os.close(handle)
            self._catch_up()
        return True

    def _catch_up(self) -> None:
        if not self._file.exists():
            return
        with self._file.open("rb") as file:
            file.seek(self._read)
            while len(mark := file.read(_ID_BYTES)) == _ID_BYTES:
                self._known.add(mark)
                self._read += _ID_BYTES


@dataclass(frozen=True, slots=True, repr=False)
class Platform:
    """One operator: its keys, whom it trusts, and the secret its identifiers are made with."""

    keys: Sequence[OperatorKey]
    anchors: Anchors
    gather: Callable[[Needs], Evidence]
    secret: bytes
    users: KnownUsers
    clock: Clock
    policy: Policy = field(default_factory=Policy)
    seen: SeenRevocations | None = None

    def verify(self, service_provider: str, body: bytes) -> dict[str, Any]:
        """Open, verify, and say what was found.

        Raises:
            Malformed: another shape, or a result that no key of ours opens.
            StatusUnknown, RevocationDataRefused, Unavailable: nobody can know now.
        """
        members = messages_json.load(body, _MEMBERS)
        data = SigningData.decode(messages_json.from_base64(members["data"]))
        answer = open_result(members["sign_certificate_jwe"], self.keys)
        try:
            needs = signing_needs(answer.unverified_certificate, self.anchors, policy=self.policy)
            verified = check_signing(
                answer,
                data,
                self.gather(needs),
                self.anchors,
                self.clock.now(),
                policy=self.policy,
                seen=self.seen,
            )
        except WarifuError as refusal:
            return {"verification": {"result": _result_of(refusal).value}}
        user_id = verified.user_id(self.secret, service_provider)
        return _told(verified) | {"user": {"id": user_id}, "is_new_user": self.users.meet(user_id)}


def _result_of(refusal: WarifuError) -> Result:
    """The word for it; what is no verdict is raised again."""
    for kind, result in _RESULTS:
        if isinstance(refusal, kind):
            return result
    raise refusal


def _told(verified: VerifiedSigning) -> dict[str, Any]:
    certificate = verified.certificate
    data = certificate.personal_data
    assert data is not None
    return {
        "verification": {
            "result": Result.OK.value,
            "signed_form": verified.form.value,
            "source": verified.status.source.value,
            "as_of": verified.status.as_of.isoformat(),
        },
        "certificate": {"type": certificate.kind.value},
        "certificate_status": "good",
        "certificate_content": {
            "validity": {
                "not_before": certificate.not_before.isoformat(),
                "not_after": certificate.not_after.isoformat(),
            },
            "name": data.name,
            "name_substitutes": data.name_substitutes,
            "birth_date": data.birth_date,
            "sex": data.sex,
            "address": data.address,
            "address_substitutes": data.address_substitutes,
        },
    }


def platform_routes(platform: Platform, service_provider_of: Callable[[str], str]) -> "list[Route]":
    """The operator's route; `service_provider_of` tells by a bearer token who asks.

    Whoever has an application of its own adds these to its routes. `service_provider_of` raises `TokenUnknown`.
    """
    # What answers over HTTP is loaded here: the processes that only verify never need it.
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    from warifu.wire.answers import read_body

    async def verify(request: "Request") -> "Response":
        service_provider = service_provider_of(_bearer(request))
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Malformed("the body must be application/json")
        body = await read_body(request, _MAX_BODY)
        return JSONResponse(await run_in_threadpool(platform.verify, service_provider, body))

    return [Route(OPERATOR_PATH, verify, methods=["POST"])]


def _bearer(request: "Request") -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenUnknown("a bearer token is required")
    return token.strip()


def tokens_of(service_providers: Mapping[bytes, str]) -> Callable[[str], str]:
    """Who asks, by the SHA-256 of their token: for few of them, who stand in a file."""

    def service_provider_of(token: str) -> str:
        name = service_providers.get(hashlib.sha256(token.encode()).digest())
        if name is None:
            raise TokenUnknown("the token is not known here")
        return name

    return service_provider_of


def open_operator_key(path: Path, password: bytes | None = None) -> OperatorKey:
    """The P-256 key that opens results, PKCS#8 PEM, readable by its owner only; made when there is none.

    Raises:
        Malformed: another kind of file, or another password.
        Unavailable: it cannot be read or written.
    """
    from joserfc.jwk import ECKey

    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_key(path, KeySigner.generate("ES256"))
    return OperatorKey(ECKey.import_key(read_key(path, password=password).private_bytes()))


def operator_secret(directory: Path, entropy: Entropy) -> bytes:
    """What identifiers of users are made with, 32 bytes; made when there is none.

    Raises:
        Malformed: the file holds something else.
        Unavailable: it cannot be read or written.
    """
    path = directory / "secret"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with suppress(FileExistsError):
            write_private(path, entropy.bytes(_SECRET))
        secret = path.read_bytes()
    except OSError as error:
        raise Unavailable("the operator's secret cannot be read or written", detail=str(error)) from error
    if len(secret) != _SECRET:
        raise Malformed("the operator's secret has another length")
    return secret
