"""The verifier as platform operator of the signing API: service providers bring results, and learn who signed.

What is asked and answered is `warifu.wire.verification.platform`'s; here a caller's token says which service provider
asks (scope ``platform``), and a process of the verifier opens the result. Providers encrypt for the keys that
``GET /platform/jwks`` tells anybody.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from warifu.errors import Malformed
from warifu.wire.answers import read_body
from warifu.wire.verification import Office, open_operator_key
from warifu.wire.verifier.callers import Caller
from warifu.wire.verifier.processes import Processes

__all__ = ["Operating", "OperatorWork", "add_operator", "verify_signing"]

_MOST = 48 * 1024
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Operating:
    """Where an operator keeps its key, its secret and whom it has met."""

    key: Path
    directory: Path


@dataclass(frozen=True, slots=True)
class OperatorWork:
    """What a service provider brings, and where the operator's things are: keys do not travel."""

    service_provider: str
    body: bytes = field(repr=False)
    operating: Operating


def verify_signing(office: Office, work: OperatorWork) -> bytes:
    """Who signed, JSON.

    Raises:
        Malformed: another shape, or a result that no key of ours opens.
        StatusUnknown, RevocationDataRefused, Unavailable: nobody can know now.
    """
    platform = office.platform(work.operating.key, work.operating.directory)
    told = platform.verify(work.service_provider, work.body)
    return json.dumps(told, ensure_ascii=False).encode()


class SigningResult(BaseModel):
    """What the signing API's result endpoint gave, and what was submitted: base64 of the digest or DigestInfo."""

    sign_certificate_jwe: str = Field(max_length=_MOST)
    data: str = Field(max_length=100)


class Verified(BaseModel):
    """What verifying found; with ``ok`` also who signed, and an id that is this service provider's own."""

    model_config = {"extra": "allow"}

    verification: dict[str, str]


class Desk(Protocol):
    """Who works, and who may ask."""

    processes: Processes[Office]

    def allowed(self, scope: str) -> Any:
        """A dependency that gives the caller."""
        ...


def add_operator(made: APIRouter, desk: Desk, operating: Operating) -> None:
    """The operator's two operations."""
    jwks = open_operator_key(operating.key).public_jwks()

    @made.get("/platform/jwks", tags=["platform"], summary="what results are encrypted for", response_model=dict)
    async def keys() -> Response:
        return JSONResponse(jwks)

    @made.post(
        "/platform/verify",
        tags=["platform"],
        summary="who signed, of a result of the signing API",
        openapi_extra={
            "requestBody": {"required": True, "content": {_JSON: {"schema": SigningResult.model_json_schema()}}}
        },
        response_model=Verified,
    )
    async def verify(request: Request, caller: Annotated[Caller, Depends(desk.allowed("platform"))]) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
            raise Malformed("the body must be application/json")
        work = OperatorWork(caller.name, await read_body(request, _MOST), operating)
        return Response(await desk.processes.work(verify_signing, work), media_type=_JSON)
