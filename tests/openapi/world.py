"""A country with a little history behind each REST interface, and what schemathesis asks of it.

Questions are made from the published description, and half of them name people, cards, orders and certificates that
exist. An answer is one of those described, of the type and the shape described; 503 only where that is described, and
500 never: an exception that nobody caught fails the test by itself.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.config import SchemathesisConfig
from schemathesis.core.errors import IncorrectUsage
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.routing import Mount

from tests.lives.country import HOTLINE, JLIS, PLACES, Country, card_keys, signed_on_phone, window
from tests.waiting import PATIENCE
from warifu.ca import Recipient, RecipientKind
from warifu.person import Address, BirthDate, Name, Sex
from warifu.pki import CertificateKind
from warifu.registry import CardApplication, Claims, Collector, Proof, RecordedName, Relationship, pins_of
from warifu.wire.authority import Access
from warifu.wire.authority import application as authority_application
from warifu.wire.authority.rest import rest_application
from warifu.wire.clock import SystemEntropy
from warifu.wire.registry import Person
from warifu.wire.registry import application as registry_application

CONFORMS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
BANK = "b" * 32
NOBODY = ("", "nobodys")
"""No token, and one that is nobody's."""
UNANSWERED = frozenset({400, 401, 404, 405, 413, 415})
"""Malformed questions may be told so before anybody looks at the token."""
REFUSED = UNANSWERED | {403, 503}
"""What is not as described is never done."""
_FIRST, _LAST = 4, 34
"""Seeds; the first has nearly always been enough, and so many never are needed."""


@dataclass
class Interface:
    """One interface: its application, where its description is, tokens by name, and names of what there is.

    Without an application it is one that listens, and `described_at` is a whole address. `open` are operations that
    need no token; `lenient` are those that say within their answer what was wrong with a part of the question.
    """

    application: Any
    described_at: str
    tokens: Mapping[str, str]
    known: Mapping[str, list[Any]] = field(default_factory=dict)
    open: frozenset[str] = frozenset()
    lenient: frozenset[str] = frozenset()

    def schema(self) -> BaseSchema:
        refused = {"expected-statuses": [str(status) for status in sorted(REFUSED)]}
        checks = {"negative_data_rejection": refused}
        told = {"generation": {"allow-x00": True}, "checks": checks, "request-timeout": PATIENCE}
        config = SchemathesisConfig.from_dict(told)
        if self.application is None:
            return schemathesis.openapi.from_url(self.described_at, config=config)
        return schemathesis.openapi.from_asgi(self.described_at, self.application, config=config)

    def operations(self) -> Iterable[APIOperation[Any, Any, Any, Any]]:
        return [each.ok() for each in self.schema().get_all_operations() if isinstance(each, Ok)]


def ask(interface: Interface, examples: int, awaited: Iterable[tuple[str, int]]) -> Counter[tuple[str, int]]:
    """Ask everything, at every desk and at none; how often who was answered with which status.

    `awaited` are answers without which the questions would show little. Some come up once in hundreds of questions, so
    everything is asked anew, by other chance, until they have.
    """
    seen: Counter[tuple[str, int]] = Counter()
    missing = set(awaited)
    for number in range(_FIRST, _LAST):
        for operation in interface.operations():
            for mode in GenerationMode:
                if mode is GenerationMode.NEGATIVE and operation.path in interface.lenient:
                    continue
                _ask(interface, operation, mode, examples, number, seen)
        missing -= seen.keys()
        if not missing:
            return seen
    raise AssertionError(f"nobody was answered so: {sorted(missing)}; but {seen}")


def _ask(
    interface: Interface,
    operation: APIOperation[Any, Any, Any, Any],
    mode: GenerationMode,
    examples: int,
    number: int,
    seen: Counter[tuple[str, int]],
) -> None:
    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def asked(case: Any, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(sorted(interface.tokens) * 2 + list(NOBODY)))
        if mode is GenerationMode.POSITIVE:
            _name_what_is_there(case, interface.known, data)
        token = interface.tokens.get(who, who)
        response = case.call(headers={"authorization": f"Bearer {token}"} if token else {})
        assert response.status_code < 500 or response.status_code == 503, response.status_code
        checks = [*CONFORMS, *([negative_data_rejection] if mode is GenerationMode.NEGATIVE else [])]
        case.validate_response(response, checks=checks)
        if who in NOBODY and operation.path not in interface.open:
            assert response.status_code in UNANSWERED, response.status_code
        seen[who, response.status_code] += 1

    with suppress(IncorrectUsage, Unsatisfiable):  # an operation that takes nothing has nothing to be wrong
        asked()


def _name_what_is_there(case: Any, known: Mapping[str, list[Any]], data: st.DataObject) -> None:
    for parts in (case.path_parameters, case.query, case.body):
        if isinstance(parts, dict):
            for name in sorted(parts.keys() & known.keys()):
                if data.draw(st.booleans()):
                    parts[name] = data.draw(st.sampled_from(known[name]))


# --- the interfaces ---------------------------------------------------------------------------------------------------


def of_register(country: Country) -> Interface:
    """The register's windows, J-LIS's desk and the hotline."""
    known = _history(country)
    tokens = country.registry.tokens
    return Interface(
        registry_application(country.registry),
        "/openapi.json",
        {
            "window": tokens.make("window-1", window(PLACES[0]).desk, numbers=True),
            "jlis": tokens.make("maker-1", JLIS.desk, numbers=True),
            "hotline": tokens.make("hotline-1", HOTLINE.desk),
        },
        known,
    )


def of_authorities(country: Country) -> Interface:
    """The authorities' services for recipients, for operators and for who watches the log."""
    known = _history(country)
    country.heads.sign()
    access = Access.of(country.authorities.engine, country.clock, SystemEntropy(), closed=True)
    until = date(2027, 12, 31)
    access.recipients.register(
        Recipient(BANK, "銀行", RecipientKind.CERTIFIED, frozenset(CertificateKind), date(2026, 1, 1), until)
    )
    rest = rest_application(country.authorities, access, country.heads)
    return Interface(
        authority_application(country.authorities, access, [Mount("/api/v1", rest)]),
        "/api/v1/openapi.json",
        {
            "bank": access.tokens.make("bank", {"status", "links", "consents", "attributes"}, BANK),
            "operator": access.tokens.make("operator", {"operate", "reports"}),
        },
        known,
        # Who watches the log sees heads and proofs, which say nothing of any certificate.
        frozenset({"/log/head", "/log/consistency", "/api/v1/log/head", "/api/v1/log/consistency"}),
    )


def _history(country: Country) -> dict[str, list[Any]]:
    """Two people, one with a card and a phone; a second card that is being made; a call to the hotline."""
    registry, today = country.registry, country.clock.now().date()
    born, address = BirthDate(date(1990, 4, 1)), Address("東京都清瀬市見本町１－２－３")
    people = [
        Person(RecordedName(Name(f"割符　見本{n}"), Name("ワリフ　ミホン")), born, Sex.FEMALE, how, domicile=PLACES[2])
        for n, how in enumerate((Relationship.HEAD, Relationship.SIBLING))
    ]
    holders = registry.people.register_arrival(window(PLACES[0]), people, address, today - timedelta(days=9)).holders
    country.carry()
    cards = [_card(country, holder) for holder in holders]
    registry.cards.deliver(
        window(PLACES[0]),
        cards[0],
        Collector.HOLDER,
        Proof.PHOTO_DOCUMENT,
        pins_of(country.card(holders[0], cards[0])),
    )
    country.carry()
    signed = signed_on_phone(country, holders[0], cards[0], card_keys(("signing", "authentication"), 9))
    phone = registry.cards.apply_for_phone(JLIS, signed).phones[-1]
    call = registry.calls.take(HOTLINE, Claims("割符　見本0", "19900401", address.text)).act
    country.carry()
    orders = [each.order for card in cards for each in country.card(holders[cards.index(card)], card).certificates]
    numbers = sorted({issued.serial_number for issued in map(country.answer, orders) if issued is not None})
    named = {"holder": list(holders), "parent": list(holders), "card": cards, "phone": [phone], "call": [call]}
    return {**named, "order": orders, "serial_number": numbers, "kind": ["signing", "authentication"]}


def _card(country: Country, holder: str) -> str:
    cards = country.registry.cards
    made = cards.apply(JLIS, holder, CardApplication()).cards[0]
    cards.note_made(JLIS, made, card_keys(("signing", "authentication"), 5))
    country.carry()
    for each in country.card(holder, made).certificates:
        cards.note_written(JLIS, made, each.kind)
    return made
