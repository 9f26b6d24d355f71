"""Two stages for the login journey: every party's engine in this process, and every party behind loopback HTTP.

Both have the same people: a certification authority, a card issuer, an OpenID provider, a shop, a card. The story
itself is in `test_login`, once.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

import httpx2
from cryptography.hazmat.primitives.asymmetric import ec

from tests.ca import town
from tests.ca.town import AUTHENTICATION, Moment
from tests.card import people
from warifu import idp, services
from warifu.ca import Authority, CertificateApplication, Entry, Event, Issued, follow
from warifu.card import Card, MemoryStore, personalise
from warifu.errors import PartyRefused, WarifuError
from warifu.messages import LoginAnswer, LoginInvitation
from warifu.pki import EndEntityCertificate, Issuer, KeySigner, OcspRequest, build_ca_certificate
from warifu.reader import check_attributes
from warifu.verifier import Anchors, Evidence, Needs, needs
from warifu.wire import authority as authority_wire
from warifu.wire import provider as provider_wire
from warifu.wire.authority import Authorities, OcspClient
from warifu.wire.clock import SystemEntropy
from warifu.wire.database import open_database
from warifu.wire.provider import ProviderService, Trust
from warifu.wire.serving import Application, Reserved, reserve, serve_in_thread

CARD_KEY = 10
REDIRECT_URI = "http://rp.localhost:8702/callback"
SHOP_KEY = services.ClientKey.generate()
CLIENT = idp.Client("RP00000001", "割符商店", (REDIRECT_URI,), SHOP_KEY.public_jwks())
PARTY = services.RelyingParty(CLIENT.id, REDIRECT_URI, SHOP_KEY)
ENTROPY = SystemEntropy()


@dataclass(frozen=True, slots=True)
class Shared:
    """What the phone shows before consent."""

    client_name: str
    scopes: tuple[str, ...]
    decision_token: str


class Stage(Protocol):
    """What happens between the parties, whatever carries it."""

    clock: Moment
    provider: idp.Provider
    next_generation: bool

    def issue(self) -> bytes:
        """The authority certifies the card's key."""

    def revoke(self) -> None:
        """The authority revokes what it issued."""

    def metadata(self) -> bytes:
        """The provider's discovery document."""

    def open(self, address: str) -> str:
        """The browser goes where the shop sends it; the transaction that the page shows."""

    def invitation(self, transaction: str) -> LoginInvitation:
        """The phone asks what is to be signed."""

    def answer(self, answer: LoginAnswer) -> Shared:
        """The phone hands over what the card signed."""

    def allow(self, transaction: str, decision_token: str) -> None:
        """The person agrees."""

    def deny(self, transaction: str, reason: str) -> None:
        """The person does not."""

    def go_on(self) -> dict[str, str]:
        """The browser goes back to the shop; the callback's parameters."""

    def tokens(self, form: Mapping[str, str]) -> bytes:
        """The shop's server asks for tokens."""

    def keys(self) -> Mapping[str, Any]:
        """The shop's server fetches the provider's keys."""

    def userinfo(self, access_token: str) -> bytes:
        """The shop's server asks for the attributes."""


@cache
def next_authority(address: str = "http://127.0.0.1:8703") -> Authority:
    """The P-384 generation of the authority that `town` has; it shares its name."""
    signer = KeySigner(people.next_key(50))
    since, until = town.NOW - town.YEAR, town.NOW + 15 * town.YEAR
    root = build_ca_certificate(AUTHENTICATION, signer, serial_number=50, not_before=since, not_after=until)
    addresses = town.authority(AUTHENTICATION, 1, address=address).addresses
    return Authority(Issuer(root, signer, AUTHENTICATION), addresses)


def application(*, next_generation: bool) -> CertificateApplication:
    """For the key of the card: RSA, or P-384 and ten years."""
    if not next_generation:
        return town.application()
    info = KeySigner(people.next_key(CARD_KEY)).public_key_info
    return replace(town.application(), public_key_info=info, not_after=town.NOW + 10 * town.YEAR)


def card_with(certificate: bytes, *, next_generation: bool) -> Card:
    """An ordinary adult's card that holds this authentication certificate, or one of the next generation."""
    if next_generation:
        ahead = replace(
            people.next_person(),
            authentication_key=people.next_private_bytes(CARD_KEY),
            authentication_certificate=certificate,
            authentication_ca_certificate=next_authority().issuer.certificate_der,
        )
        return Card(MemoryStore(personalise(ahead, people.issuer())), ENTROPY)
    person = replace(
        people.person(),
        authentication_key=people.private_bytes(CARD_KEY),
        authentication_certificate=certificate,
        authentication_ca_certificate=town.issuer(AUTHENTICATION, 1).certificate_der,
    )
    return Card(MemoryStore(personalise(person, people.issuer())), ENTROPY)


def parameters_of(url: str) -> dict[str, str]:
    """The query of a URL."""
    return dict(parse_qsl(urlsplit(url).query, strict_parsing=True))


class InProcess:
    """Engines only: what `wire` would fetch and keep is a variable here."""

    def __init__(self, *, next_generation: bool) -> None:
        self.clock = Moment()
        self.next_generation = next_generation
        self.provider = idp.Provider("http://localhost:8700")
        self._authority: Authority = next_authority() if next_generation else town.authority(AUTHENTICATION, 1)
        self._secret = idp.Secret(ENTROPY.bytes(32))
        self._signer = idp.IdTokenSigner(KeySigner(ec.generate_private_key(ec.SECP256R1())))
        self._subjects: dict[bytes, str] = {}
        self._tokens: dict[bytes, idp.AccessToken] = {}
        self._login: idp.Login | None = None
        self._cookie = ""
        self._issued: Issued | None = None

    @cached_property
    def _anchors(self) -> Anchors:
        both = next_authority(), town.authority(AUTHENTICATION, 1)
        return Anchors.load(each.issuer.certificate_der for each in both)

    @property
    def login(self) -> idp.Login:
        assert self._login is not None
        return self._login

    def issue(self) -> bytes:
        asked = application(next_generation=self.next_generation)
        self._issued = self._authority.issue(asked, 0x01000001, self.clock.now())
        return self._issued.certificate

    def revoke(self) -> None:
        assert self._issued is not None
        self._issued = replace(self._issued, entry=follow(self._issued.entry, Event.KEY_COMPROMISED, self.clock.now()))

    def metadata(self) -> bytes:
        return _json(idp.discovery(self.provider))

    def open(self, address: str) -> str:
        asked = idp.Parameters.decode(urlsplit(address).query.encode())
        self._login, self._cookie = idp.begin(asked, CLIENT, self.provider, self.clock.now(), ENTROPY)
        return self._login.transaction

    def invitation(self, transaction: str) -> LoginInvitation:
        assert transaction == self.login.transaction
        return self.login.invitation(self.provider.origin, CLIENT.name, self.clock.now())

    def answer(self, answer: LoginAnswer) -> Shared:
        expected = idp.expected_challenge(self.login, self.provider)
        wanted = needs(answer.unverified_certificate, self._anchors)
        attributes = None
        if answer.attributes is not None:
            attributes = check_attributes(answer.attributes, expected.card_nonce(), [people.authority().anchor])
        try:
            now = self.clock.now()
            signed = idp.check_answer(self.login, answer, self._anchors, self.provider, now)
            evidence = self._ask_authority(wanted)
            self._login, token = idp.complete(
                self.login, signed, attributes, evidence, self.provider, self._secret, now
            )
        except WarifuError as cause:
            self._login = idp.refuse(self.login, cause)
            raise
        assert self.login.answered is not None
        return Shared(CLIENT.name, self.login.answered.scopes, token)

    def _ask_authority(self, wanted: Needs) -> Evidence:
        assert self._issued is not None
        nonce = ENTROPY.bytes(32)
        question = OcspRequest.decode(wanted.ocsp_request(nonce))
        entry: Entry = self._issued.entry
        return Evidence(self._authority.answer(question, entry, self.clock.now()), nonce)

    def allow(self, transaction: str, decision_token: str) -> None:
        idp.check_allowed(self.login, decision_token, self._secret, self.clock.now())
        assert self.login.answered is not None
        key = self.login.answered.certificate_hash
        assert key is not None
        self._login = idp.allow(self.login, self._subjects.setdefault(key, idp.new_subject(ENTROPY)))

    def deny(self, transaction: str, reason: str) -> None:
        self._login = idp.deny(self.login, reason, self.clock.now())

    def go_on(self) -> dict[str, str]:
        done = idp.callback(self.login, self._cookie, self._secret, self.provider, self._signer, self.clock.now())
        self._login = done.login
        assert done.url.startswith(REDIRECT_URI)
        return parameters_of(done.url)

    def tokens(self, form: Mapping[str, str]) -> bytes:
        fields = idp.Parameters(form.items())
        idp.check_assertion(idp.client_assertion(fields), CLIENT, self.provider, self.clock.now())
        idp.check_client(fields, CLIENT)
        request = idp.read_token_request(fields, self.provider)
        assert isinstance(request, idp.TokenRequest)
        outcome = idp.redeem(request, CLIENT, self.login, self.provider, self._signer, self.clock.now(), ENTROPY)
        if isinstance(outcome, idp.Denial):
            return _json({"error": outcome.refusal.error, "error_description": outcome.refusal.description})
        self._login = idp.without_claims(self.login)
        self._tokens[outcome.access_token.hash] = outcome.access_token
        return _json(outcome.response)

    def keys(self) -> Mapping[str, Any]:
        return idp.jwks([self._signer.public_key_info])

    def userinfo(self, access_token: str) -> bytes:
        presented = idp.read_presented([f"Bearer {access_token}"])
        kept = self._tokens.get(idp.fingerprint(presented.token))
        return _json(idp.userinfo(kept, presented, None, self.clock.now()))


class OverHttp:
    """The same parties as servers on loopback; the story's sides are HTTP clients."""

    def __init__(
        self, provider: idp.Provider, authorities: Authorities, clock: Moment, *, next_generation: bool
    ) -> None:
        self.clock = clock
        self.next_generation = next_generation
        self.provider = provider
        self._authorities = authorities
        self._browser = httpx2.Client()
        self._server = httpx2.Client()
        self._page = ""

    def close(self) -> None:
        self._browser.close()
        self._server.close()

    def issue(self) -> bytes:
        asked = application(next_generation=self.next_generation)
        self._certificate = self._authorities.issue(asked).certificate
        return self._certificate

    def revoke(self) -> None:
        serial = EndEntityCertificate.decode(self._certificate).serial_number
        self._authorities.record(AUTHENTICATION, serial, Event.KEY_COMPROMISED)

    def metadata(self) -> bytes:
        return self._server.get(services.discovery_address(self.provider.issuer)).content

    def open(self, address: str) -> str:
        page = self._browser.get(address, follow_redirects=True)
        assert page.status_code == 200
        self._page = str(page.url)
        return self._page.rpartition("/")[2]

    def invitation(self, transaction: str) -> LoginInvitation:
        return LoginInvitation.decode(self._ask(transaction, "invitation"))

    def answer(self, answer: LoginAnswer) -> Shared:
        members = services.read_object(self._ask(answer.challenge.transaction, "answer", answer.encode()))
        return Shared(members["client_name"], tuple(members["shares"]), members["decision_token"])

    def allow(self, transaction: str, decision_token: str) -> None:
        self._ask(transaction, "decision", _json({"decision": "allow", "decision_token": decision_token}))

    def deny(self, transaction: str, reason: str) -> None:
        self._ask(transaction, "decision", _json({"decision": "deny", "reason": reason}))

    def go_on(self) -> dict[str, str]:
        location = self._browser.get(f"{self._page}/continue").headers["location"]
        assert location.startswith(REDIRECT_URI)
        return parameters_of(location)

    def tokens(self, form: Mapping[str, str]) -> bytes:
        return self._server.post(self.provider.token_endpoint, data=dict(form)).content

    def keys(self) -> Mapping[str, Any]:
        return services.read_object(self._server.get(self.provider.jwks_uri).content)

    def userinfo(self, access_token: str) -> bytes:
        headers = {"authorization": f"Bearer {access_token}"}
        return self._server.get(self.provider.userinfo_endpoint, headers=headers).content

    def _ask(self, transaction: str, action: str, body: bytes | None = None) -> bytes:
        address = f"{self.provider.origin}/login/{transaction}/{action}"
        headers = {"content-type": "application/json"}
        response = self._server.request("GET" if body is None else "POST", address, content=body, headers=headers)
        if not response.is_success:
            raise PartyRefused(response.json()["error"], response.json()["description"])
        return response.content


def _json(members: Mapping[str, Any]) -> bytes:
    return httpx2.Request("POST", "http://localhost", json=dict(members)).content


@contextmanager
def over_http(directory: Path, *, next_generation: bool) -> Iterator[OverHttp]:
    """Start the authority, in both generations, and the provider."""
    clock, here, there = Moment(), reserve("localhost"), reserve("127.0.0.1")
    with ExitStack() as stack:
        record = open_database(directory / "record.db", authority_wire.PARTY)
        logins = open_database(directory / "logins.db", "provider")
        stack.callback(record.dispose)
        stack.callback(logins.dispose)
        both = [next_authority(there.origin), town.authority(AUTHENTICATION, 1, address=there.origin)]
        authorities = Authorities(record, both, clock, holder_key=b"holders of the tests only")
        ocsp = stack.enter_context(OcspClient({each.generation: each.addresses.ocsp or "" for each in both}, ENTROPY))
        anchors = Anchors.load(each.issuer.certificate_der for each in both)
        service = ProviderService(
            logins,
            idp.Provider(here.origin),
            Trust(anchors, ocsp.fetch, [people.authority().anchor]),
            idp.IdTokenSigner(KeySigner(ec.generate_private_key(ec.SECP256R1()))),
            idp.Secret(ENTROPY.bytes(32)),
            clock,
            ENTROPY,
        )
        service.register(CLIENT)
        sites: list[tuple[Reserved, Application]] = [
            (there, authority_wire.application(authorities)),
            (here, provider_wire.application(service)),
        ]
        stack.enter_context(serve_in_thread(sites))
        stage = OverHttp(service.provider, authorities, clock, next_generation=next_generation)
        stack.callback(stage.close)
        yield stage
