"""Both authorities alone, put together from settings: their folder, their record, their keys.

Commands that only look need no key: the record is opened alone, and the log's public key is in the record of the first
ceremony. Who serves or publishes opens the keys, which takes both custodians or a token.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import Engine
from starlette.routing import Mount
from starlette.types import ASGIApp

from warifu.ca import Authority
from warifu.errors import Malformed, PassphraseRefused, Refused, Unavailable
from warifu.messages import AttributesRequest, CurrentAttributes
from warifu.messages import json as strict_json
from warifu.pki import AuthorityName, KeySigner, OcspResponder, ServiceAddresses
from warifu.ports import Clock
from warifu.registry import find_place
from warifu.wire.authority.access import Access
from warifu.wire.authority.custody import Custody, open_custody
from warifu.wire.authority.generations import LOG, Generation, Generations
from warifu.wire.authority.heads import Heads
from warifu.wire.authority.http import application
from warifu.wire.authority.letters import NAME, REGISTER, RegisterLetters
from warifu.wire.authority.service import Authorities
from warifu.wire.clock import SystemClock, SystemEntropy
from warifu.wire.database import open_database
from warifu.wire.key_files import write_private
from warifu.wire.post import Carrier, HttpCarrier, Letter, Recipient, letter_routes, open_post_key, read_peers
from warifu.wire.settings import Settings
from warifu.wire.witness import HeadFile

__all__ = [
    "House",
    "application_of",
    "generations_of",
    "log_key",
    "open_house",
    "open_record",
    "passphrases_of",
    "witness_of",
]

Record: TypeAlias = Engine
"""The authorities' record, for those who only hand it on."""

RefuseModulus = Callable[[int, Path], None]
"""Raises for an RSA key that must not be relied on, by its modulus."""

PARTY = "authority"
_RESPONDER_FOR = timedelta(days=30)
_HOLDER_KEY_LENGTH = 32


def generations_of(settings: Settings) -> Generations:
    """The folder of the generations, whether it is there or not."""
    return Generations(settings.place(settings.authority.generations, "authority/generations"))


def name_of(settings: Settings) -> AuthorityName:
    """What the authorities are called.

    Raises:
        NotAllowed: as J-LIS calls its own.
    """
    return AuthorityName(organization=settings.authority.organization)


def open_record(settings: Settings) -> Engine:
    """The record alone, brought up to date.

    Raises:
        Malformed, DataTooNew, Unavailable: as `open_database`.
    """
    return open_database(settings.database(settings.authority.database, "authority/record.db"), PARTY)


def log_key(generations: Generations) -> bytes:
    """The log's public key, as the record of the first ceremony has it.

    Raises:
        Unavailable: there was no ceremony here.
        Malformed: the record names none.
    """
    path = generations.folder / "ceremony-0001.json"
    try:
        made = json.loads(path.read_bytes())["made"]
        return next(strict_json.from_base64(each["public_key_info"]) for each in made if each["name"] == LOG)
    except FileNotFoundError:
        raise Unavailable(f"no ceremony was held in {generations.folder}") from None
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        raise Malformed(f"{path} is no record of a first ceremony") from None


def witness_of(settings: Settings, public_key_info: bytes) -> HeadFile | None:
    """Whoever keeps the log's heads, if somebody does."""
    path = settings.authority.witness
    return None if path is None else HeadFile(path, public_key_info)


def passphrases_of(settings: Settings) -> tuple[str, ...]:
    """The custodians' passphrases from the files that the settings name; none if they name none.

    Raises:
        Unavailable: a file cannot be read.
    """
    return tuple(_first_line(Path(name).expanduser()) for name in settings.authority.passphrase_files)


@dataclass(frozen=True, slots=True)
class House:
    """The authorities at work, their log, and who may ask."""

    authorities: Authorities
    heads: Heads
    access: Access


def access_of(settings: Settings, engine: Engine, clock: Clock) -> Access:
    """Who may ask, as the settings have it.

    Raises:
        Malformed: another word than ``open`` and ``registered``.
        NotAllowed: the proxy's secret is too short.
        Unavailable: its file cannot be read.
    """
    own = settings.authority
    if own.access not in {"open", "registered"}:
        raise Malformed("access is open or registered")
    secret = b"" if own.proxy_secret is None else _first_line(own.proxy_secret).encode()
    return Access.of(engine, clock, SystemEntropy(), closed=own.access == "registered", proxy_secret=secret)


def application_of(house: House, settings: Settings) -> ASGIApp:
    """The authorities' application: OCSP and lists, the REST interface, and the post where parties are configured.

    Raises:
        Malformed, Unavailable: a key or a party's file is not what it must be.
    """
    from warifu.wire.authority.rest import rest_application  # loads fastapi, which commands do without

    folder = settings.data_directory / "authority"
    peers, signer = read_peers(folder / "peers"), open_post_key(folder / "post.key")
    register = peers.get(REGISTER)
    clock = house.authorities.clock
    ask = None if register is None or not register.address else RegisterByLetter(HttpCarrier(register, signer, clock))
    rest = Mount("/api/v1", rest_application(house.authorities, house.access, house.heads, ask))
    house.access.warn()
    letters = RegisterLetters(house.authorities, lambda code: find_place(code).municipality)
    post = letter_routes(Recipient(letters, signer, peers, clock)) if peers else []
    return application(house.authorities, house.access, [rest, *post])


class RegisterByLetter:
    """Asks the register for attributes by a letter whose answer is waited for."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    def __call__(self, request: AttributesRequest) -> CurrentAttributes:
        """What is true of the holder.

        Raises:
            Unavailable: the register does not answer, or not what was asked.
        """
        letter = Letter(
            id=SystemEntropy().bytes(16).hex(),
            sender=NAME,
            to=REGISTER,
            subject=AttributesRequest.TYPE.replace("_", "-"),
            body=request.encode(),
        )
        try:
            told = CurrentAttributes.decode(self._carrier.carry(letter))
        except (Malformed, Refused) as error:
            raise Unavailable("the register does not tell this", detail=type(error).__name__) from error
        if told.holder != request.holder:
            raise Unavailable("the register answered about somebody else")
        return told


@contextmanager
def open_house(settings: Settings, passphrases: Sequence[str], refuse: RefuseModulus) -> Iterator[House]:
    """The authorities with all their generations.

    Raises:
        PassphraseRefused: a key is sealed, and the passphrases do not open it.
        Malformed, Unavailable, PinRefused: a file or a token that is not what it must be, or is not there.
        NotAllowed: one of the keys is refused by `refuse`.
    """
    generations, clock = generations_of(settings), SystemClock()
    custody = open_keys(generations, passphrases)
    authorities = [
        _authority(generation, generations, settings, refuse)
        for generation in generations.open(custody, name_of(settings))
    ]
    log_signer = generations.log_signer(custody)
    engine = open_record(settings)
    try:
        opened = Authorities(engine, authorities, clock, holder_key=holder_key(settings))
        renew_responders(opened, clock.now())
        witness = witness_of(settings, log_signer.public_key_info)
        yield House(opened, Heads(engine, log_signer, clock, witness), access_of(settings, engine, clock))
    finally:
        engine.dispose()


def open_keys(generations: Generations, passphrases: Sequence[str]) -> Custody | None:
    """The secret of the custodians, if any key is sealed.

    Raises:
        PassphraseRefused, Malformed, Unavailable: as `open_custody`.
    """
    if not generations.needs_custodians():
        return None
    if not passphrases:
        raise PassphraseRefused("two persons open the keys, each with a passphrase")
    return open_custody(generations.folder, passphrases)


def holder_key(settings: Settings) -> bytes:
    """The key under which holders are kept; made at the first start."""
    path = settings.data_directory / "authority" / "holder.key"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(path, SystemEntropy().bytes(_HOLDER_KEY_LENGTH))
    return path.read_bytes()


def renew_responders(authorities: Authorities, now: datetime) -> None:
    """See that every generation has an OCSP responder of its own for at least half of its time.

    Its key lives in memory only, and its certificate is short-lived: nobody has to keep or to revoke either.
    """

    def renewed(authority: Authority) -> Authority:
        if authority.issuer.certificate.not_valid_after_utc <= now.replace(microsecond=0):
            # Its certificates are over too: it says unknown of each, and can certify nobody any more.
            return replace(authority, responder=None)
        if authority.responder is not None and not authority.needs_responder(now):
            return authority
        return replace(authority, responder=_responder(authority, now))

    authorities.roster.change(renewed)


def _responder(authority: Authority, now: datetime) -> OcspResponder:
    signer = KeySigner.generate(authority.issuer.signer.algorithm)
    # Above every number that the record counts to, and by chance: two servers never take the same.
    serial_number = 1 << 63 | int.from_bytes(SystemEntropy().bytes(8), "big")
    left = authority.issuer.certificate.not_valid_after_utc - now.replace(microsecond=0)
    lifetime = min(_RESPONDER_FOR, left)
    return OcspResponder(authority.certify_responder(signer.public_key_info, serial_number, now, lifetime), signer)


def _authority(
    generation: Generation, generations: Generations, settings: Settings, refuse: RefuseModulus
) -> Authority:
    issuer = generation.issuer
    key = x509.load_der_x509_certificate(issuer.certificate_der).public_key()
    if isinstance(key, rsa.RSAPublicKey):
        refuse(key.public_numbers().n, generations.certificate_file(generation.kind, generation.number))
    origin = settings.authority.origin
    return Authority(issuer, ServiceAddresses(f"{origin}/ocsp/{issuer.kind.value}", f"{origin}/cps"))


def _first_line(path: Path) -> str:
    try:
        return path.read_text("utf-8").partition("\n")[0].rstrip("\r")
    except OSError as error:
        raise Unavailable.because(f"cannot read {path}", error) from error
