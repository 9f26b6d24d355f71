"""The hotline over REST, and what the operator reads."""

from fastapi import APIRouter

from warifu.errors import NotAllowed
from warifu.registry import Claims, Office
from warifu.wire.registry.forms import CallAnswer, CallForm, DoneAnswer, QueueAnswer, SuspensionForm
from warifu.wire.registry.rest_asking import By, Id, Key, TheRegistry

router = APIRouter(prefix="/v1")


@router.post("/calls", tags=["hotline"])
def take_call(registry: TheRegistry, by: By, form: CallForm, key: Key = None) -> CallAnswer:
    """Take a call (一時停止の受付): who calls is known or not, and nothing else of the person is told."""
    done = registry.calls.take(by.clerk, Claims(form.name, form.birth_date, form.address), act=key)
    return CallAnswer.of(done.act, registry.calls.on_file(by.clerk, done.act) if done.holders else None)


@router.get("/calls/{call}", tags=["hotline"])
def on_file(registry: TheRegistry, by: By, call: Id) -> CallAnswer:
    """What of the caller's can be suspended."""
    return CallAnswer.of(call, registry.calls.on_file(by.clerk, call))


@router.post("/calls/{call}/suspension", tags=["hotline"])
def suspend(registry: TheRegistry, by: By, call: Id, form: SuspensionForm, key: Key = None) -> DoneAnswer:
    """Suspend what the caller lost."""
    return DoneAnswer.of(registry.calls.suspend(by.clerk, call, frozenset(form.media), act=key))


@router.get("/queues", tags=["operator"])
def queues(registry: TheRegistry, by: By) -> list[QueueAnswer]:
    """What waits for the other parties, for J-LIS's desk."""
    if by.clerk.desk.office is not Office.JLIS:
        raise NotAllowed("this desk does not run the register")
    return [
        QueueAnswer(recipient=each.recipient, waiting=each.waiting, refused=each.refused, oldest=each.oldest)
        for each in registry.queues()
    ]
