"""The stage of the journey through a life on which every party is a server on loopback with a database of its own.

The story's sides are HTTP clients: a window with its token, J-LIS's desk, the hotline, whoever asks for a status. The
register's letters go to the authorities and to the party that numbers as signed requests.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx2

from tests.ca.town import KIYOSE, SHIBUYA, key
from tests.journeys.chips import Chips, Printed, heard, is_signing
from tests.journeys.country import PLACES, generation
from tests.journeys.live_stages import HOME, CardNow, mother_born
from tests.wire.post.world import Moment, peer
from tests.wire.post.world import key as post_key
from warifu.ca import Authority
from warifu.errors import PartyRefused
from warifu.messages import MinorCorrection, OrderedKind
from warifu.person import Address, BasicAttributes, BirthDate, IndividualNumber, Name, ResidentRecordCode, Sex
from warifu.pki import CertificateKind, build_ocsp_request
from warifu.registry import CardApplication, CardStep, Clerk, Collector, Desk, Medium, Office, Proof, Section
from warifu.wire import authority as authority_wire
from warifu.wire import numbering as numbering_wire
from warifu.wire import registry as registry_wire
from warifu.wire.answers import application as answering
from warifu.wire.authority import Authorities
from warifu.wire.authority.letters import RegisterLetters
from warifu.wire.clock import SystemEntropy
from warifu.wire.database import open_database
from warifu.wire.numbering import Numbering
from warifu.wire.post import Courier, HttpCarrier, Peer, Recipient, letter_routes
from warifu.wire.registry import Registry
from warifu.wire.serving import Application, Reserved, reserve, serve_in_thread

_PURPOSE = {"purpose": "case 7"}
_SEEN = ["name", "birth_date", "sex", "address", "individual_number", "record_code"]


def authority(kind: CertificateKind, origin: str) -> Authority:
    """One key for the whole life: changing it is a ceremony, and a story of its own."""
    return generation(kind, years=40, origin=origin)


def window(municipality: str) -> Desk:
    """The residents' section."""
    return Desk(Office.MUNICIPALITY, municipality, Section.RESIDENTS)


class OverHttp:
    """One person; everything is asked of a server."""

    def __init__(self, origins: Mapping[str, str], registry: Registry, courier: Courier, clock: Moment) -> None:
        self.chips = Chips()
        self.refusals = 0
        self._origins, self._registry, self._courier, self._clock = origins, registry, courier, clock
        self._http = httpx2.Client()
        self._tokens: dict[Desk, str] = {}
        self._applied: dict[str, CardApplication] = {}
        self._phone_keys = 180
        self.municipality = KIYOSE.code

    def close(self) -> None:
        self._http.close()

    # --- carrying -----------------------------------------------------------------------------------------------------

    def _ask(self, desk: Desk, path: str, body: Any = None, *, get: bool = False) -> Any:
        if desk not in self._tokens:
            self._tokens[desk] = self._registry.tokens.make(f"clerk-{len(self._tokens)}", desk, numbers=True)
        headers = {"authorization": f"Bearer {self._tokens[desk]}"}
        address = f"{self._origins['registry']}/v1{path}"
        answer = self._http.request("GET" if get else "POST", address, json=body, headers=headers)
        if not answer.is_success:
            raise PartyRefused(answer.json()["error"], answer.json()["description"])
        self._courier.run()
        return answer.json()

    def _here(self, path: str, body: Any = None) -> Any:
        return self._ask(window(self.municipality), path, body)

    def _jlis(self, path: str, body: Any = None, *, get: bool = False) -> Any:
        return self._ask(Desk(Office.JLIS), path, body, get=get)

    def go_to(self, day: date) -> None:
        self._clock.moment = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
        self._registry.days.run_due()
        self._courier.run()

    @property
    def _today(self) -> str:
        return self._clock.moment.date().isoformat()

    # --- people -------------------------------------------------------------------------------------------------------

    def is_born(self, born: date) -> None:
        self._registry.people.stock_codes(Clerk("stock", window(KIYOSE.code)), 20)
        self._courier.run()
        mother = _newcomer("割符　母", mother_born().date, "head")
        parent = self._here("/arrivals", {"newcomers": [mother], "address": HOME.text, "arrived": born.isoformat()})
        (holder,) = parent["holders"]
        child = _newcomer("割符　未来", born, "child")
        (self.person,) = self._here("/births", {"parent": holder, "child": child})["holders"]

    def numbers(self) -> tuple[str, str]:
        seen = self._seen()
        return seen["individual_number"], seen["record_code"]

    def rename_town(self, address: Address) -> None:
        minor = MinorCorrection.DISTRICT_RENAMED.value
        self._here(f"/people/{self.person}/correction", {"address": address.text, "minor": minor})

    def move(self, to: str, address: Address) -> None:
        self._here("/moves-out", {"who": [self.person], "planned": self._today, "destination": to})
        self.municipality = to
        arrivals = {self.person: "head"}
        self._here("/moves-in", {"arrivals": arrivals, "address": address.text, "moved": self._today})

    def die(self) -> None:
        self._here(f"/people/{self.person}/death", {"on": self._today})

    def _seen(self) -> dict[str, Any]:
        seen: dict[str, Any] = self._here(f"/people/{self.person}/looks", {"sights": _SEEN, **_PURPOSE})
        return seen

    # --- cards --------------------------------------------------------------------------------------------------------

    def apply(self, application: CardApplication) -> str:
        form = {
            "ground": application.ground.value,
            "applicant": application.applicant.value,
            "route": application.route.value,
            "kinds": [kind.value for kind in application.kinds],
            "photo": application.photo,
            "proof_of_loss": application.proof_of_loss,
            "in_person": application.in_person,
        }
        card: str = self._here(f"/people/{self.person}/cards", form)["cards"][0]
        self._applied[card] = application
        return card

    def make(self, card: str, sealed_pins: bytes | None = None) -> None:
        self._registry.cards.making_order(card, sealed_pins)  # J-LIS makes cards in the house: no address for that
        keys = {kind.value: _base64(self.chips.new_key(card, kind)) for kind in self._applied[card].kinds}
        self._jlis(f"/cards/{card}/made", {"keys": keys})
        self._write(card)

    def collect(self, card: str, collector: Collector, proof: Proof) -> None:
        comes = {"collector": collector.value, "proof": proof.value}
        opened = self._here(f"/cards/{card}/handover", comes)
        self.chips.set_pins(card, frozenset(pin for pin in self.chips.pins if pin.value in opened["pins"]))
        keys = {kind.value: _base64(made) for kind, made in self.chips.keys_of(card).items()}
        self._here(f"/cards/{card}/delivery", {**comes, "pins": opened["pins"], "keys": keys})
        self._write(card)

    def order(self, card: str, kind: OrderedKind) -> None:
        made = self.chips.new_key(card, kind)
        body = {"kind": kind.value, "public_key_info": _base64(made)}
        self._here(f"/cards/{card}/certificates", body)
        self._write(card)

    def card(self, card: str) -> CardNow:
        told = self._card(card)
        ended_by = CardStep(told["ended_by"]) if told["ended_by"] else None
        return CardNow(told["state"], told["municipality"], date.fromisoformat(told["expires"]), ended_by)

    def present(self, card: str) -> None:
        self._here(f"/cards/{card}/presentation", {"pin_verified": True})

    def find(self, card: str) -> None:
        self._here(f"/cards/{card}/steps", {"step": "note_found"})

    def report_lost(self, card: str) -> None:
        self._here(f"/cards/{card}/steps", {"step": "report_lost"})

    def renewals(self) -> list[date]:
        return [
            date.fromisoformat(each["last_day"]) for each in self._ask(window(self.municipality), "/renewals", get=True)
        ]

    def status(self, certificate: bytes) -> str:
        kind = CertificateKind.SIGNING if is_signing(certificate) else CertificateKind.AUTHENTICATION
        issuer = authority(kind, self._origins["authority"]).issuer
        question = build_ocsp_request(certificate, issuer.certificate_der)
        return heard(self._post(f"{self._origins['authority']}/ocsp/{kind.value}", question))

    def _post(self, address: str, question: bytes) -> bytes:
        return self._http.post(address, content=question, headers={"content-type": "application/ocsp-request"}).content

    def _card(self, card: str) -> dict[str, Any]:
        all_cards = self._here(f"/people/{self.person}/cards/looks", _PURPOSE)
        return next(each for each in all_cards if each["id"] == card)

    def _write(self, card: str) -> None:
        told, seen = self._card(card), self._seen()
        pairs = {OrderedKind(each["kind"]): self._certificate(each["order"]) for each in told["certificates"]}
        there = {kind: pair for kind, pair in pairs.items() if pair is not None}
        attributes = BasicAttributes(
            Name(seen["name"]),
            Address(seen["address"]),
            BirthDate(date.fromisoformat(seen["birth_date"])),
            Sex(seen["sex"]),
        )
        printed = Printed(
            attributes,
            IndividualNumber.parse(seen["individual_number"]),
            ResidentRecordCode.parse(seen["record_code"]),
            told["municipality"],
            date.fromisoformat(told["expires"]),
        )
        self.chips.write(card, printed, there, waits=told["state"] == "made" and not told["certificates"])
        for kind in there:
            self._here(f"/cards/{card}/written", {"kind": kind.value})

    def _certificate(self, order: str) -> tuple[bytes, bytes] | None:
        answer = self._jlis(f"/orders/{order}", get=True)
        if answer["certificate"] is None:
            self.refusals += 1
            return None
        return b64decode(answer["certificate"]), b64decode(answer["issuer_certificate"])

    # --- the hotline, and phones --------------------------------------------------------------------------------------

    def call_hotline(self, media: frozenset[Medium]) -> None:
        seen, hotline = self._seen(), Desk(Office.HOTLINE)
        said = {"name": seen["name"], "birth_date": seen["birth_date"].replace("-", ""), "address": seen["address"]}
        call = self._ask(hotline, "/calls", said)
        assert call["known"]
        self._ask(hotline, f"/calls/{call['call']}/suspension", {"media": [medium.value for medium in media]})

    def enrol_phone(self, card: str) -> str:
        phone: str = self._jlis("/phones", self._signed(card, *OrderedKind))["phones"][-1]
        return phone

    def sign_phone_again(self, phone: str, card: str) -> None:
        self._jlis(f"/phones/{phone}/signing-certificates", self._signed(card, OrderedKind.SIGNING))

    def find_phone(self, phone: str) -> None:
        self._jlis(f"/phones/{phone}/found")

    def phone_certificates(self, phone: str) -> dict[OrderedKind, bytes]:
        phones = self._here(f"/people/{self.person}/phones/looks", _PURPOSE)
        (told,) = (each for each in phones if each["id"] == phone)
        pairs = {OrderedKind(each["kind"]): self._certificate(each["order"]) for each in told["certificates"]}
        return {kind: pair[0] for kind, pair in pairs.items() if pair is not None}

    def _signed(self, card: str, *kinds: OrderedKind) -> dict[str, Any]:
        keys = {}
        for kind in kinds:
            self._phone_keys += 1
            keys[kind] = key(self._phone_keys).public_key_info
        signed = self.chips.sign_applications(card, keys, self._clock.moment)
        return {"card": card, "applications": [_base64(each.encode()) for each in signed]}


def _newcomer(name: str, born: date, relationship: str) -> dict[str, Any]:
    named = {"name": name, "reading": "ワリフ　ミホン"}
    who = {"birth_date": born.isoformat(), "sex": Sex.FEMALE.value, "relationship": relationship}
    return {"name": named, **who, "domicile": SHIBUYA.code}


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


@contextmanager
def over_http(directory: Path, today: date) -> Iterator[OverHttp]:
    """Start the register, the party that numbers and the authorities."""
    sites = {party: reserve("127.0.0.1") for party in ("registry", "numbering", "authority")}
    origins = {party: site.origin for party, site in sites.items()}
    clock = Moment()
    clock.moment = datetime(today.year, today.month, today.day, 3, tzinfo=UTC)
    with ExitStack() as stack:
        engines = {
            "registry": open_database(directory / "register.db", registry_wire.PARTY),
            "numbering": open_database(directory / "numbers.db", numbering_wire.PARTY),
            "authority": open_database(directory / "authority.db", authority_wire.PARTY),
        }
        for engine in engines.values():
            stack.callback(engine.dispose)
        registry = Registry(engines["registry"], clock, SystemEntropy())
        numbering = Numbering(engines["numbering"], clock, SystemEntropy())
        roots = [authority(kind, origins["authority"]) for kind in CertificateKind]
        authorities = Authorities(engines["authority"], roots, clock, holder_key=b"holders of the tests only")
        letters = RegisterLetters(authorities, PLACES.__getitem__)
        known = {"registry": peer("registry")}
        taking = {
            party: letter_routes(Recipient(mailbox, post_key(party), known, clock))
            for party, mailbox in (("numbering", numbering.mailbox()), ("authority", letters))
        }
        served: list[tuple[Reserved, Application]] = [
            (sites["registry"], registry_wire.application(registry)),
            (sites["numbering"], answering(taking["numbering"])),
            (sites["authority"], authority_wire.application(authorities, None, taking["authority"])),
        ]
        stack.enter_context(serve_in_thread(served))
        carriers = {
            party: stack.enter_context(HttpCarrier(_peer(party, origins[party]), post_key("registry"), clock))
            for party in ("numbering", "authority")
        }
        courier = Courier(engines["registry"], dict(carriers), clock, registry.on_answers())
        stage = OverHttp(origins, registry, courier, clock)
        stack.callback(stage.close)
        yield stage


def _peer(party: str, origin: str) -> Peer:
    return peer(party, f"{origin}/post")
