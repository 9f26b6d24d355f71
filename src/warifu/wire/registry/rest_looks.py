"""Looking over REST: every look is a request with a purpose, and is written down before it is answered."""

from typing import Annotated

from fastapi import APIRouter, Query

from warifu.registry import AddresseeNumber
from warifu.wire.registry.forms import (
    AddresseeAnswer,
    AddresseeForm,
    CardAnswer,
    EntryAnswer,
    FoundAnswer,
    LookForm,
    PhoneAnswer,
    PurposeForm,
    RenewalAnswer,
    SearchForm,
    SeenAnswer,
    VersionAnswer,
)
from warifu.wire.registry.rest_asking import By, Id, TheRegistry
from warifu.wire.rest import HexId

router = APIRouter(prefix="/v1", tags=["looks"])
_LARGEST = 2**62


@router.post("/searches")
def search(registry: TheRegistry, by: By, form: SearchForm) -> FoundAnswer:
    """Search the desk's municipality by the beginning of a name or reading, birth date or household.

    Who is protected is not found by a search that asks for addresses; numbers are not shown.
    """
    page = registry.looks.search(
        by.clerk,
        form.sights,
        form.purpose,
        name=form.name or "",
        birth_date=f"{form.birth_date:%Y%m%d}" if form.birth_date else "",
        household=form.household or "",
        after=form.after or "",
        limit=form.limit,
    )
    return FoundAnswer(people=[SeenAnswer.of(seen) for seen in page.people], following=page.following)


@router.post("/people/{holder}/looks")
def look(registry: TheRegistry, by: By, holder: Id, form: LookForm) -> SeenAnswer:
    """Look at one person. Individual number and record code need a token with the right to ask for them.

    Of who is protected (支援措置) desks that are not in charge get 403 ``record_protected``; some may state a `reason`.
    """
    seen = registry.looks.see(by.clerk, holder, form.sights, form.purpose, reason=form.reason or "", numbers=by.numbers)
    return SeenAnswer.of(seen)


@router.post("/people/{holder}/history")
def history(registry: TheRegistry, by: By, holder: Id, form: PurposeForm) -> list[VersionAnswer]:
    """What was done to a person's records, the oldest first."""
    return [VersionAnswer.of(each) for each in registry.looks.history(by.clerk, holder, form.purpose)]


@router.post("/people/{holder}/cards/looks")
def cards(registry: TheRegistry, by: By, holder: Id, form: PurposeForm) -> list[CardAnswer]:
    """Every card of a person."""
    return [CardAnswer.of(each) for each in registry.looks.cards_of(by.clerk, holder, form.purpose)]


@router.post("/people/{holder}/phones/looks")
def phones(registry: TheRegistry, by: By, holder: Id, form: PurposeForm) -> list[PhoneAnswer]:
    """Every phone of a person."""
    return [PhoneAnswer.of(each) for each in registry.looks.phones_of(by.clerk, holder, form.purpose)]


@router.post("/people/{holder}/addressee-number")
def addressee_number(registry: TheRegistry, by: By, holder: Id, form: PurposeForm) -> AddresseeAnswer:
    """A person's number in the section's own business system (宛名番号); given now, if there is none yet."""
    number = registry.ladders.number_of(by.clerk, holder, form.purpose)
    return AddresseeAnswer(holder=holder, number=number.digits)


@router.post("/addressees")
def addressee(registry: TheRegistry, by: By, form: AddresseeForm) -> AddresseeAnswer:
    """Who has this number in the section's own business system."""
    holder = registry.ladders.holder_of(by.clerk, AddresseeNumber(form.number))
    return AddresseeAnswer(holder=holder, number=form.number)


@router.get("/people/{holder}/log")
def log(
    registry: TheRegistry,
    by: By,
    holder: Id,
    before: Annotated[int | None, Query(ge=0, le=_LARGEST)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[EntryAnswer]:
    """Who did and saw what of a person, the newest first; the next page is `before` the last position."""
    entries = registry.looks.entries(by.clerk, holder, limit=limit, before=before)
    return [EntryAnswer.of(position, entry) for position, entry in entries]


@router.get("/renewals")
def renewals(
    registry: TheRegistry,
    by: By,
    after: Annotated[HexId | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[RenewalAnswer]:
    """Whom to write to because a card or a certificate is soon over, among the next `limit` cards in use."""
    return [RenewalAnswer.of(each) for each in registry.looks.renewals(by.clerk, after=after or "", limit=limit)]
