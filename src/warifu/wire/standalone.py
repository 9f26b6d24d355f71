"""One party alone, put together from settings: a certification authority, or an OpenID provider.

Time and chance are the machine's own here; nothing that replays or plays with outcomes can be set.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.types import ASGIApp

from warifu.ca import Authority
from warifu.errors import InUse, Malformed, NotAllowed, NotConsistent, Unavailable
from warifu.idp import Client
from warifu.pki import (
    AuthorityName,
    CertificateKind,
    Issuer,
    KeySigner,
    OcspResponder,
    ServiceAddresses,
    build_ca_certificate,
)
from warifu.ports import Signer
from warifu.verifier import Anchors, Policy, SourceOrder
from warifu.wire import authority, provider
from warifu.wire.authority import Authorities, application_of, holder_key, open_house, tended
from warifu.wire.client_files import read_clients
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.database import Engine, open_database, reading
from warifu.wire.key_files import (
    read_certificate,
    read_certificates,
    read_chip_anchors,
    read_key,
    write_certificate,
    write_key,
)
from warifu.wire.key_uri import KeyUri
from warifu.wire.pkcs11 import TokenSigner, make_token_key
from warifu.wire.provider import Auditing, Guard, Limiter, Limits, Places, ProviderService, Proxies, Trust, open_secret
from warifu.wire.provider_place import provider_secret, provider_store
from warifu.wire.settings import AuthoritySettings, ProviderSettings, Settings
from warifu.wire.succession_settings import asking_succession, unasked_of
from warifu.wire.token_keys import provider_of, scheduled_keys
from warifu.wire.verification import LoginStatus, TrustedAnchor, TrustStore

__all__ = [
    "RefuseModulus",
    "certificate_file",
    "check_origin",
    "found_authority",
    "open_authorities",
    "open_authority",
    "open_provider",
    "open_provider_service",
    "trust_folder",
]

RefuseModulus = Callable[[int, Path], None]
"""Raises for an RSA key that must not be relied on, by its modulus and the file where it stands."""

_YEARS = timedelta(days=10 * 365)
_LEAST = {
    "announce_hours": 1,
    "audit_days": 1,
    "failures_by_address": 0,
    "logins_by_address": 0,
    "oldest_staple_minutes": 0,
    "requests_by_client": 0,
    "sweep_minutes": 0,
    "wrong_signatures_by_card": 0,
}
"""How small the numbers of a provider's settings may be."""


def found_authority(settings: Settings, now: datetime) -> Path:
    """Make the key and the certificate of a new authority, valid for ten years; where the certificate is.

    A key on a token is made there and never leaves it.

    Raises:
        InUse: there is a key or a certificate already.
        Malformed: the settings name another kind.
        Unavailable, PinRefused: the token is not there, or did not accept the PIN.
        NotAllowed: they name it as J-LIS names its own.
    """
    own = settings.authority
    key_place, certificate_place = _key_place(settings), certificate_file(settings)
    files = [path for path in (key_place, certificate_place) if isinstance(path, Path)]
    for path in files:
        if path.exists():
            raise InUse(f"there is something at {path} already; nothing was written")
    kind, name = _kind(own), AuthorityName(organization=own.organization)
    signer = make_token_key(key_place) if isinstance(key_place, KeyUri) else KeySigner.generate()
    certificate = build_ca_certificate(
        kind, signer, serial_number=1, not_before=now.replace(microsecond=0), not_after=now + _YEARS, name=name
    )
    for path in files:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if isinstance(key_place, Path) and isinstance(signer, KeySigner):
        write_key(key_place, signer)
    write_certificate(certificate_place, certificate)
    return certificate_place


@contextmanager
def open_authority(settings: Settings, refuse: RefuseModulus) -> Iterator[ASGIApp]:
    """The authority of the settings, as an application.

    Raises:
        Malformed, Unavailable: a file that is not what it must be, or is not there.
        NotAllowed: one of its keys is refused by `refuse`.
    """
    own, clock = settings.authority, SystemClock()
    check_origin(own.origin)
    issuer = Issuer(read_certificate(certificate_file(settings)), _key(settings), _kind(own))
    _refuse_certificate(issuer.certificate_der, certificate_file(settings), refuse)
    services = ServiceAddresses(f"{own.origin}/ocsp/{own.kind}", f"{own.origin}/cps")
    one = Authority(issuer, services, _responder(own, refuse))
    engine = open_database(settings.database(own.database, "authority/record.db"), authority.PARTY)
    try:
        yield authority.application(Authorities(engine, [one], clock, holder_key=holder_key(settings)))
    finally:
        engine.dispose()


@contextmanager
def open_authorities(settings: Settings, passphrases: Sequence[str], refuse: RefuseModulus) -> Iterator[ASGIApp]:
    """Both authorities with all generations that ceremonies made, as an application.

    Raises:
        PassphraseRefused, PinRefused, Malformed, Unavailable, NotAllowed: as `open_house`.
    """
    check_origin(settings.authority.origin)
    with open_house(settings, passphrases, refuse) as house, tended(house):
        yield application_of(house, settings)


@contextmanager
def open_provider(settings: Settings, refuse: RefuseModulus) -> Iterator[ASGIApp]:
    """The provider of the settings, as an application; it tells clients of ended sessions, and looks for some to end.

    Raises:
        Malformed, Unavailable, NotAllowed: as `open_provider_service`.
    """
    own = settings.provider
    proxies = Proxies(own.proxies)
    with open_provider_service(settings, refuse) as service:
        app = provider.application(service, Places(own.phone, own.companion or None))
        with service.courier().running(), service.sweeper.running():
            assert service.limiter is not None
            yield Guard(app, service.provider, service.limiter, proxies)


@contextmanager
def open_provider_service(settings: Settings, refuse: RefuseModulus) -> Iterator[ProviderService]:
    """The provider of the settings, without what serves it.

    Raises:
        Malformed, Unavailable: a file that is not what it must be, or is not there.
        NotAllowed: it would trust a key that is refused by `refuse`, or its secret is not that of its database.
    """
    own, clock, entropy = settings.provider, SystemClock(), SystemEntropy()
    _check_numbers(own)
    for address in (own.origin, own.phone, *filter(None, (own.companion,))):
        check_origin(address)
    described = provider_of(settings)
    certificates = read_certificates(
        trust_folder(settings), lambda certificate, file: _refuse_certificate(certificate, file, refuse)
    )
    Anchors.load(certificates)  # authorities' of JPKI's profile only
    policy, trusted = _policy(own), _trusted(settings, certificates, clock.now())
    chip_anchors = (
        read_chip_anchors(own.chip_anchors, lambda anchor, file: refuse(anchor.modulus, file))
        if own.chip_anchors
        else []
    )
    with (
        provider_store(settings) as engine,
        LoginStatus(trusted, settings.data_directory, clock, entropy, policy) as status,
        asking_succession(own) as ask,
    ):
        secret = open_secret(provider_secret(settings), entropy)
        auditing = Auditing(secret, timedelta(days=own.audit_days))
        _check_secret(engine, auditing, provider_secret(settings))
        service = ProviderService(
            engine,
            described,
            Trust(status.anchors, status.gather, chip_anchors, policy, status.seen),
            scheduled_keys(settings, engine, clock.now()),
            secret,
            clock,
            entropy,
            auditing=auditing,
            ask=ask,
            unasked=unasked_of(own),
            limiter=Limiter(engine, secret, clock, _limits(own)),
            sweeps=timedelta(minutes=own.sweep_minutes) or None,
            makers=read_certificates(own.passkey_makers) if own.passkey_makers else (),
        )
        for client in _clients(settings):
            service.register(client)
        yield service


def _check_numbers(own: ProviderSettings) -> None:
    for name, least in _LEAST.items():
        if getattr(own, name) < least:
            raise Malformed(f"[provider] {name} is {least} or more")


def _check_secret(engine: Engine, auditing: Auditing, file: Path) -> None:
    """A machine that is set up anew without the first one's secret would take everybody for somebody else."""
    try:
        with reading(engine) as connection:
            auditing.check_end(connection)
    except NotConsistent:
        told = "is not the secret that the provider's database was written with: put a copy of that one there"
        raise NotAllowed(f"{file} {told}") from None


def _clients(settings: Settings) -> Iterator[Client]:
    named = settings.provider.clients
    if named is not None and not named.is_dir():
        raise Unavailable(f"there is no folder {named}, which [provider] clients names")
    return read_clients(settings.place(named, "provider/clients"))


def _limits(own: ProviderSettings) -> Limits:
    """How often who may ask."""
    return Limits(own.logins_by_address, own.failures_by_address, own.requests_by_client, own.wrong_signatures_by_card)


def _policy(own: ProviderSettings) -> Policy:
    """What the provider takes that came along: nothing, or what is not older than its settings say."""
    minutes = own.oldest_staple_minutes
    return Policy(sources=_sources(own.sources), oldest_staple=timedelta(minutes=minutes) if minutes else None)


def _sources(name: str) -> SourceOrder:
    orders = {order.name.lower().replace("_", "-"): order for order in SourceOrder}
    if name not in orders:
        raise Malformed(f"sources is one of {', '.join(orders)}")
    return orders[name]


def _trusted(settings: Settings, certificates: Sequence[bytes], now: datetime) -> list[TrustedAnchor]:
    """The authorities that the provider trusts, and where they are asked: as its settings and `warifu trust` say."""
    known = {each.certificate: each for each in TrustStore(settings.data_directory / "trust").all()}
    trusted = []
    for certificate in certificates:
        kept = known.get(certificate)
        ocsp = settings.provider.ocsp or (kept.ocsp if kept else "")
        trusted.append(TrustedAnchor.of(certificate, now, ocsp=ocsp, lists=kept.lists if kept else ()))
    return trusted


def check_origin(origin: str) -> None:
    """Check that this is an origin as a browser writes it (RFC 6454 §6.2): nothing behind host and port.

    Raises:
        Malformed: it is not.
    """
    try:
        parts = urlsplit(origin)
        good = parts.hostname and origin == f"{parts.scheme}://{parts.netloc}" and parts.scheme in {"http", "https"}
    except ValueError:
        good = False
    if not good:
        raise Malformed(f"an origin is scheme, host and port, like http://localhost:8700, not {origin}")


def certificate_file(settings: Settings) -> Path:
    """Where the authority's certificate is, or will be."""
    return settings.place(settings.authority.certificate, "authority/authority.crt")


def trust_folder(settings: Settings) -> Path:
    """Where the certificates of the authorities are that the provider trusts."""
    return settings.place(settings.provider.anchors, "provider/anchors")


def _key_place(settings: Settings) -> Path | KeyUri:
    return settings.key_place(settings.authority.key, "authority/authority.key")


def _kind(own: AuthoritySettings) -> CertificateKind:
    try:
        return CertificateKind(own.kind)
    except ValueError:
        raise Malformed(f"the kind of an authority is {' or '.join(kind.value for kind in CertificateKind)}") from None


def _key(settings: Settings) -> Signer:
    own, place = settings.authority, _key_place(settings)
    if own.password_file is None:
        return _open_key(place)
    if isinstance(place, KeyUri):
        raise Malformed("password_file is for a key in a file; the address of a key on a token names a pin-source")
    return read_key(place, password=own.password_file.read_bytes().partition(b"\n")[0].rstrip(b"\r"))


def _open_key(place: Path | KeyUri) -> Signer:
    return TokenSigner(place) if isinstance(place, KeyUri) else read_key(place)


def _responder(own: AuthoritySettings, refuse: RefuseModulus) -> OcspResponder | None:
    if own.responder_certificate is None and own.responder_key is None:
        return None
    if own.responder_certificate is None or own.responder_key is None:
        raise Malformed("responder_certificate and responder_key go together")
    responder = OcspResponder(read_certificate(own.responder_certificate), _open_key(own.responder_key))
    _refuse_certificate(responder.certificate_der, own.responder_certificate, refuse)
    return responder


def _refuse_certificate(der: bytes, file: Path, refuse: RefuseModulus) -> None:
    key = x509.load_der_x509_certificate(der).public_key()
    if isinstance(key, rsa.RSAPublicKey):
        refuse(key.public_numbers().n, file)
