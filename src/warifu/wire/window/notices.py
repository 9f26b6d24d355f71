"""Taking a notice in three steps: the form; what it will do, and what will be lost; doing it.

Between the second and the third step nothing is kept here: the page carries what was typed and the id of the act, so
that pressing the button twice does it once.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from warifu.errors import Malformed, WarifuError
from warifu.ports import Entropy
from warifu.registry import Card, Clerk
from warifu.wire import pages
from warifu.wire.registry import Bearer, Done, Effect, Registry
from warifu.wire.window.events import Desks
from warifu.wire.window.fields import Field, Missing, Values
from warifu.wire.window.subject import Subject

__all__ = ["Notice", "Taking"]

_ACT: Final = re.compile(r"[0-9a-f]{32}")
Run = Callable[[Desks, Values], Done]


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice that is being taken: its name, what it asks for, where its page is and where one goes afterwards."""

    name: str
    fields: tuple[Field, ...]
    run: Run
    path: str
    subject: Subject | None = None
    card: Card | None = None

    def after(self, done: Done) -> str:
        """Where one goes when it is done: back to the person, or to the one who came."""
        return f"/people/{self.subject.holder if self.subject else done.holders[0]}"

    def at_first(self) -> dict[str, str]:
        """What stands in the fields before anybody typed."""
        found = {field.name: field.prefilled for field in self.fields if field.look in ("choice", "check")}
        return {**found, **_of_name(self.subject, self.fields)}


class Taking:
    """Shows, rehearses and does notices."""

    def __init__(self, registry: Registry, entropy: Entropy) -> None:
        self._registry = registry
        self._entropy = entropy

    def form(
        self,
        request: Request,
        session: pages.Session[Bearer],
        notice: Notice,
        typed: Mapping[str, str],
        error: WarifuError | None = None,
    ) -> Response:
        """The form, with what was wrong with it."""
        missing = error.field if isinstance(error, Missing) else ""
        return pages.render(
            request,
            "window/form.html",
            status=200 if error is None else error.http_status,
            session=session,
            notice=notice,
            typed=typed,
            missing=missing,
            refusal=None if error is None or missing else refusal(error),
        )

    async def take(
        self, request: Request, session: pages.Session[Bearer], notice: Notice, form: dict[str, str]
    ) -> Response:
        """Rehearse and ask, or do it."""
        step, act, clerk = form.pop("step", ""), form.pop("act", ""), session.who.clerk
        try:
            if step == "do":
                done = await run_in_threadpool(self._do, notice, clerk, form, act)
                session.notice = ("done", notice.name)
                return RedirectResponse(notice.after(done), 303)
            effects = await run_in_threadpool(self._rehearse, notice, clerk, form, session.purpose)
        except WarifuError as error:
            return self.form(request, session, notice, form, error)
        if step == "change":
            return self.form(request, session, notice, form)
        return pages.render(
            request,
            "window/confirm.html",
            session=session,
            notice=notice,
            typed=form,
            act=self._entropy.bytes(16).hex(),
            effects=effects,
            losses=any(effect.is_loss for effect in effects),
            names=names_of(notice.subject),
        )

    def _rehearse(self, notice: Notice, clerk: Clerk, form: dict[str, str], purpose: str) -> tuple[Effect, ...]:
        return self._registry.rehearsal.rehearse(
            lambda people, cards: notice.run(Desks(people, cards, clerk, None), Values(form)), purpose
        )

    def _do(self, notice: Notice, clerk: Clerk, form: dict[str, str], act: str) -> Done:
        if not _ACT.fullmatch(act):
            raise Malformed("this act has no id")
        return notice.run(Desks(self._registry.people, self._registry.cards, clerk, act), Values(form))


def refusal(error: WarifuError) -> tuple[str, str]:
    """An error as the catalogue knows it, and its own words for when it does not."""
    return re.sub(r"[^a-z0-9]+", "_", str(error).lower()).strip("_"), str(error)


def names_of(subject: Subject | None) -> dict[str, str]:
    """Who is who, for effects on several people."""
    if subject is None:
        return {}
    return {each.holder: each.name.shown.text for each in (subject.seen, *subject.household) if each.name}


def _of_name(subject: Subject | None, fields: tuple[Field, ...]) -> dict[str, str]:
    name = subject.seen.name if subject is not None else None
    if name is None:
        return {}
    parts = {
        "name": name.name,
        "reading": name.reading,
        "former_surname": name.former_surname,
        "alias": name.alias,
    }
    wanted = ((field.name, parts.get(field.prefilled)) for field in fields if field.look == "text")
    return {field: part.text for field, part in wanted if part is not None}
