"""The services to recipients and to operators as a REST interface: ``/api/v1``, described in ``/api/v1/openapi.json``.

Who asks shows a bearer token (RFC 6750) that `recipients.Tokens` made; its scope opens one group of operations. Errors
are as everywhere: ``{"error": NAME, "description": TEXT}`` with the status of their family; 503 where the record, the
register or a key does not answer.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request
from fastapi.security import HTTPBearer

from warifu.ca import Entry, State
from warifu.errors import NotAllowed
from warifu.messages import Attribute, SignedConsent, json
from warifu.pki import CertificateKind, Revocation, Status
from warifu.wire.authority.access import Access
from warifu.wire.authority.heads import Heads
from warifu.wire.authority.inspecting import Inspection, Wanted
from warifu.wire.authority.recipients import Bearer
from warifu.wire.authority.rest_forms import (
    Attributes,
    AttributesQuestion,
    Certificate,
    CertificateLife,
    CertificateStatus,
    ConsentMessage,
    Count,
    Happened,
    Head,
    KeptConsent,
    Link,
    LinkQuestion,
    NewestList,
    PostQueue,
    Predecessor,
    Proof,
    Published,
    ReportLine,
    StatusQuestion,
    Succession,
    SuccessionQuestion,
)
from warifu.wire.authority.service import Authorities
from warifu.wire.authority.services import AskRegister, Services
from warifu.wire.rest import rest_application as framed

__all__ = ["rest_application"]

_bearer = HTTPBearer(auto_error=False, description="a token made by `warifu ca recipients token`")


def rest_application(
    authorities: Authorities, access: Access, heads: Heads | None = None, ask_register: AskRegister | None = None
) -> FastAPI:
    """The interface. Without `heads` nothing is told of the log."""
    router = APIRouter()
    services = Services(authorities, access, ask_register)
    _add_services(router, services, access)
    _add_operator(router, authorities, access)
    if heads is not None:
        _add_log(router, heads, access)
    return framed("warifu: certification authorities", __doc__ or "", [router], mounted=True)


def _allowed(access: Access, scope: str) -> Callable[..., Bearer]:
    """A dependency: whoever shows a token for this scope."""

    def bearer(request: Request, _shown: Annotated[object, Depends(_bearer)]) -> Bearer:
        return access.bearer(request, scope)

    return bearer


def _add_services(made: APIRouter, services: Services, access: Access) -> None:
    """The operations for recipients; each a short story of its own."""

    def recipient_of(bearer: Bearer) -> Any:
        if bearer.recipient is None:
            raise NotAllowed("the token is no recipient's")
        return access.recipients.find(bearer.recipient)

    @made.post("/status", tags=["recipients"], summary="whether certificates are in effect")
    def status(
        asked: StatusQuestion, bearer: Annotated[Bearer, Depends(_allowed(access, "status"))]
    ) -> list[CertificateStatus]:
        told = services.statuses(recipient_of(bearer), asked.kind, asked.serial_numbers)
        return [_status(number, each) for number, each in told]

    @made.post("/links", tags=["recipients"], summary="the number of another certificate of the same holder")
    def link(asked: LinkQuestion, bearer: Annotated[Bearer, Depends(_allowed(access, "links"))]) -> Link:
        wanted = asked.wanted_kind, asked.wanted_medium
        found = services.link(recipient_of(bearer), (asked.kind, asked.serial_number), wanted, asked.purpose)
        return Link(
            kind=found.kind,
            medium=found.medium,
            serial_number=found.serial_number,
            generation=found.generation.hex(),
            purpose=found.purpose,
        )

    @made.post("/predecessors", tags=["recipients"], summary="what an authentication certificate took the place of")
    def predecessors(
        asked: SuccessionQuestion, bearer: Annotated[Bearer, Depends(_allowed(access, "links"))]
    ) -> Succession:
        found = services.predecessors(recipient_of(bearer), asked.serial_number, asked.purpose)
        before = [Predecessor(serial_number=e.serial_number, generation=e.generation.hex()) for e in found.entries]
        return Succession(medium=found.medium, predecessors=before)

    @made.post("/consents", tags=["recipients"], summary="a holder's consent, or its withdrawal", status_code=201)
    def consent(
        message: ConsentMessage, bearer: Annotated[Bearer, Depends(_allowed(access, "consents"))]
    ) -> KeptConsent:
        parts = (json.from_base64(part) for part in (message.consent, message.certificate, message.signature))
        kept = services.take_consent(recipient_of(bearer), SignedConsent(*parts))
        return KeptConsent(id=kept.id, items=_sorted(kept.items), withdrawn=kept.withdrawn)

    @made.post("/attributes", tags=["recipients"], summary="a holder's newest attributes, as far as agreed")
    def attributes(
        asked: AttributesQuestion, bearer: Annotated[Bearer, Depends(_allowed(access, "attributes"))]
    ) -> Attributes:
        told = services.newest_attributes(recipient_of(bearer), asked.serial_number, frozenset(asked.items))
        its = told.attributes
        return Attributes(
            serial_number=told.serial_number,
            items=_sorted(told.items),
            name=its.name.text if its.name else None,
            address=its.address.text if its.address else None,
            birth_date=its.birth_date.digits if its.birth_date else None,
            sex=its.sex.name.lower() if its.sex else None,
            at=its.at,
        )

    @made.get("/reports/{year}", tags=["recipients"], summary="what was told to whom in a year, how often")
    def report(
        year: Annotated[int, Path(ge=2000, le=9999)], _: Annotated[Bearer, Depends(_allowed(access, "reports"))]
    ) -> list[ReportLine]:
        return [
            ReportLine(
                month=row.month,
                recipient=row.recipient,
                service=row.service.value,
                way=row.way.value,
                count=row.count,
            )
            for row in services.report(year)
        ]


def _add_operator(made: APIRouter, authorities: Authorities, access: Access) -> None:
    """The operations for who runs the authorities."""
    operator = Annotated[Bearer, Depends(_allowed(access, "operate"))]
    inspection = Inspection(authorities.engine, authorities.clock)

    @made.get("/certificates", tags=["operators"], summary="certificates by kind and state")
    def list_certificates(
        _: operator,
        kind: CertificateKind | None = None,
        state: State | None = None,
        after: Annotated[int, Query(ge=0, lt=2**63)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    ) -> list[Certificate]:
        now = authorities.clock.now()
        return [_certificate(entry, now) for entry in inspection.certificates(Wanted(kind, state, after, limit))]

    @made.get("/certificates/{kind}/{serial_number}", tags=["operators"], summary="one certificate's life")
    def one_certificate(
        _: operator, kind: CertificateKind, serial_number: Annotated[int, Path(ge=1, lt=2**63)]
    ) -> CertificateLife:
        entry, events = inspection.certificate(kind, serial_number)
        return CertificateLife(
            certificate=_certificate(entry, authorities.clock.now()),
            events=[Happened(event=each.event, at=each.at) for each in events],
        )

    @made.get("/counts", tags=["operators"], summary="how many certificates are in which state")
    def counts(_: operator) -> list[Count]:
        return [Count(kind=kind, state=state, count=count) for (kind, state), count in inspection.counts().items()]

    @made.get("/lists", tags=["operators"], summary="how fresh the revocation lists are")
    def lists(_: operator) -> list[NewestList]:
        return [
            NewestList(
                kind=each.kind,
                generation=each.generation.hex(),
                municipality=each.municipality,
                number=each.number,
                this_update=each.this_update,
            )
            for each in inspection.lists()
        ]

    @made.post("/lists", tags=["operators"], summary="make every revocation list anew", status_code=201)
    def publish(_: operator) -> Published:
        return Published(lists=authorities.publisher.publish_all())

    @made.get("/queues", tags=["operators"], summary="letters that wait")
    def waiting(_: operator) -> list[PostQueue]:
        return [
            PostQueue(recipient=each.recipient, waiting=each.waiting, refused=each.refused, oldest=each.oldest)
            for each in inspection.queues()
        ]


def _add_log(made: APIRouter, heads: Heads, access: Access) -> None:
    """The operations for who watches the log. Heads and consistency say nothing of any certificate."""

    @made.get("/log/head", tags=["log"], summary="the newest signed head")
    def head() -> Head:
        newest = heads.newest()
        its = newest.tree_head
        return Head(head=json.to_base64(newest.encode()), size=its.size, root=its.root.hex(), moment=its.moment)

    @made.get("/log/consistency", tags=["log"], summary="the proof that one tree begins with another")
    def consistency(
        older: Annotated[int, Query(ge=0, lt=2**63)], newer: Annotated[int, Query(ge=1, lt=2**63)]
    ) -> Proof:
        return Proof(proof=json.to_base64(heads.consistency(older, newer).encode()))

    @made.get("/log/leaves/{position}", tags=["log"], summary="a leaf, and the proof that it is in the log")
    def inclusion(
        position: Annotated[int, Path(ge=0, lt=2**63)],
        size: Annotated[int, Query(ge=1, lt=2**63)],
        _: Annotated[Bearer, Depends(_allowed(access, "operate"))],
    ) -> Proof:
        leaf, proof = heads.inclusion(position, size)
        return Proof(proof=json.to_base64(proof.encode()), leaf=json.to_base64(leaf))


def _status(serial_number: int, status: Status) -> CertificateStatus:
    if isinstance(status, Revocation):
        reason = status.reason.name.lower()
        return CertificateStatus(serial_number=serial_number, status="revoked", revoked_at=status.at, reason=reason)
    return CertificateStatus(serial_number=serial_number, status=status.value)


def _certificate(entry: Entry, now: datetime) -> Certificate:
    revoked = entry.revocation
    return Certificate(
        kind=entry.kind,
        serial_number=entry.serial_number,
        state=entry.state_at(now),
        medium=entry.medium,
        municipality=entry.municipality,
        generation=entry.generation.hex(),
        not_before=entry.not_before,
        not_after=entry.not_after,
        revoked_at=None if revoked is None else revoked.at,
        reason=None if revoked is None else revoked.reason.name.lower(),
    )


def _sorted(items: frozenset[Attribute]) -> list[Attribute]:
    return sorted(items, key=lambda item: item.value)
