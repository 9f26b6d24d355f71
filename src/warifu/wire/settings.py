"""How a run of warifu is set up: a file, the environment, flags, in that order of growing strength.

The file is ``warifu.toml``, where the platform keeps configuration (``WARIFU_CONFIG`` or ``--config`` name another
one). A key of it, say ``port_base`` under ``[town]``, is ``WARIFU_TOWN_PORT_BASE`` in the environment; a list is
written there with commas. Everything warifu keeps is in one data directory, where the platform keeps data.

A key that nobody knows is refused: a setting that is silently ignored is worse than none. Paths in the file are taken
from the file's own folder.
"""

import dataclasses
import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

import platformdirs

from warifu.errors import Malformed, Unavailable
from warifu.wire.key_uri import SCHEME, KeyUri

__all__ = [
    "AuthoritySettings",
    "CompanionSettings",
    "ProviderSettings",
    "RegistrySettings",
    "Settings",
    "SigningSettings",
    "TimestampSettings",
    "TownSettings",
    "VerifierSettings",
    "configuration_file",
    "read_settings",
]

_APPLICATION = "warifu"
_PREFIX = "WARIFU_"


@dataclass(frozen=True, slots=True, kw_only=True)
class TownSettings:
    """The simulated town (``[town]``)."""

    seed: int = 1
    """Chooses names, addresses and numbers of the residents."""
    port_base: int = 8700
    """The first of the ten ports that the town listens on."""
    stapling: bool = True
    """Whether the town's phone sends a status answer along with a login."""
    requests_a_minute: int = 3000
    """How many logins one address may begin at the town's provider in a minute, how often it may fail, how often a
    client may ask; beyond that the answer is 429. No test run meets it; 0 is without limit."""
    logout: bool = False
    """Logging out, revoking and introspecting tokens at the town's provider and sandbox: off, as the official service
    is not seen to have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthoritySettings:
    """A certification authority that stands alone (``[authority]``, ``warifu serve ca``).

    Files that are not named are in the data directory's folder ``authority``.
    """

    host: str = "127.0.0.1"
    port: int = 8703
    allow_remote: bool = False
    """Whether other machines may reach it."""
    origin: str = "http://127.0.0.1:8703"
    """Scheme, host and port as its certificates name it."""
    kind: str = "authentication"
    """``authentication`` or ``signing``."""
    organization: str = "JPKI-WARIFU-TEST"
    """The O in its name; never J-LIS's."""
    database: str = ""
    """A SQLAlchemy address or a path."""
    certificate: Path | None = None
    """The authority's own certificate, PEM or DER."""
    key: Path | KeyUri | None = None
    """Its private key: a file, PKCS#8, PEM or DER; or a ``pkcs11:`` address of a key on a token (`KeyUri`)."""
    password_file: Path | None = None
    """A file with the password of `key`, if it is a file that has one."""
    responder_certificate: Path | None = None
    """The certificate of an OCSP responder of its own, with `responder_key`; without them the authority signs."""
    responder_key: Path | KeyUri | None = None
    generations: Path | None = None
    """The folder that ``warifu ca init`` makes: both authorities with all generations; used where it is."""
    passphrase_files: tuple[str, ...] = ()
    """Two files, each with a custodian's passphrase on its first line; without them both are asked for."""
    witness: Path | None = None
    """The file of the party that keeps the log's heads; best on another machine's disk."""
    access: str = "open"
    """``open`` answers everybody; ``registered`` only those whom ``warifu ca recipients`` knows."""
    proxy_secret: Path | None = None
    """A file with the secret of a proxy in front that checks clients' certificates and names the recipient."""
    pages_port: int = 0
    """Where the operator's page is, on this machine only; 0 leaves it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrySettings:
    """The register of the municipalities, alone (``[registry]``, ``warifu serve registry``, ``warifu resident``).

    Other parties are files in the data directory's folder ``registry/peers``; its own key for letters is beside it.
    """

    host: str = "127.0.0.1"
    port: int = 8706
    allow_remote: bool = False
    """Whether other machines may reach it."""
    database: str = ""
    """A SQLAlchemy address or a path."""
    numbering_database: str = ""
    """The database of the party that numbers, where that one is in the same process: no peer of that name."""
    pages_port: int = 0
    """Where the clerks' pages are, on this machine only; 0 leaves them out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampSettings:
    """A timestamp authority that stands alone (``[timestamps]``, ``warifu serve tsa``)."""

    host: str = "127.0.0.1"
    port: int = 8708
    allow_remote: bool = False
    """Whether other machines may reach it."""
    folder: Path | None = None
    """Where ``unit.key``, ``unit.crt`` and ``root.crt`` are; the data directory's ``timestamps`` if not named."""
    policy: str = "2.25.306438209351704862017419265847302916374"
    """The object identifier of its policy; this one was drawn by lot (ITU-T X.667) and names no real one."""
    accuracy_ms: int = 1000
    """How far its clock may be from the true time, in milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """An OpenID provider that stands alone (``[provider]``, ``warifu serve provider``).

    Files that are not named are in the data directory's folder ``provider``.
    """

    host: str = "127.0.0.1"
    port: int = 8700
    allow_remote: bool = False
    """Whether other machines may reach it."""
    origin: str = "http://localhost:8700"
    """Scheme, host and port as browsers see them."""
    profile: str = "da-compat"
    """Which rules it follows: ``da-compat`` as the official service, as far as is public, or ``fapi2`` (FAPI 2.0)."""
    phishing_resistant: bool = False
    """Whether every login is a strong one, which a look-alike site cannot relay: no code for another device. Without it
    clients' files and requests may still ask for that."""
    passkeys: bool = True
    """Whether a person may make passkeys after a login with the card, for clients that ask for no more than those
    reach."""
    passkey_makers: Path | None = None
    """A folder with the certificates of makers of devices, PEM or DER, whose word is believed that a passkey's key is
    in hardware; without it nobody's is asked for."""
    database: str = ""
    """A SQLAlchemy address or a path."""
    anchors: Path | None = None
    """A folder with the certificates of the authorities it trusts, PEM or DER."""
    ocsp: str = "http://127.0.0.1:8703/ocsp/authentication"
    """Where those authorities answer status questions; empty: where ``warifu trust`` says."""
    sources: str = "ocsp-then-crl"
    """Which revocation data decides: also ``crl-then-ocsp``, ``ocsp-only``, ``crl-only``. The lists are those that
    ``warifu trust`` names for the same authorities."""
    oldest_staple_minutes: int = 0
    """How old a status answer may be that came along with a login, so that nobody need be asked; 0 takes none."""
    chip_anchors: Path | None = None
    """A folder with the keys that certify cards, each named for its key id; without it no attributes are shared."""
    clients: Path | None = None
    """A folder with one JSON file for each client."""
    key: Path | KeyUri | None = None
    """The key that signs ID tokens, P-256: a file, PKCS#8 DER, made when there is none; or a ``pkcs11:`` address."""
    keys: Path | None = None
    """A folder with the keys that follow it (``warifu provider keys``), each in a file named for its id."""
    announce_hours: int = 24
    """How long a new key is published before it is used: longer than any client keeps the key set it has read."""
    logout: str = ""
    """Logging out, revoking and introspecting tokens: ``on``, ``off``, or empty for what the profile has."""
    proxies: tuple[str, ...] = ()
    """The proxies in front of it, addresses or networks: only their word (``X-Forwarded-For``) on who asks is taken."""
    logins_by_address: int = 300
    """How many logins one address may begin in a minute; 0 is without limit."""
    failures_by_address: int = 60
    """How often in a minute one address may fail to prove what it must (assertion, token, signature)."""
    requests_by_client: int = 6000
    """How often in a minute one client's server may ask."""
    wrong_signatures_by_card: int = 10
    """How many wrong signatures under one certificate are taken in a minute; right ones always are."""
    sweep_minutes: int = 60
    """How often the authority is asked whether a certificate still is good by which somebody is logged in, so that
    their session ends if not. What to ask is kept sealed meanwhile. 0: nobody is asked, and nothing kept."""
    audit_days: int = 366
    """How long the audit log keeps what became of tokens (``warifu provider audit``)."""
    secret: Path | None = None
    """32 bytes from which codes and hashes of certificates are derived; made when there is none."""
    succession: str = ""
    """Where the authorities tell what a certificate took the place of (``https://…/api/v1``), so that people stay known
    over a renewal; empty: nobody is asked, and whoever comes with a new certificate is new."""
    succession_token: Path | None = None
    """A file with the token for it, of scope ``links``."""
    without_succession: str = "refuse"
    """When nobody answers there: ``refuse`` lets nobody unknown in now, ``new-person`` takes them for new."""
    phone: str = "http://phone.localhost:8701"
    """Where the phone's pages are."""
    companion: str = "http://localhost:8710"
    """Where the companion listens; empty leaves it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanionSettings:
    """The small program between a browser and a card reader (``[companion]``, ``warifu companion``)."""

    port: int = 8710
    providers: tuple[str, ...] = ("http://localhost:8700",)
    """The origins whose logins may be answered."""
    reader: str = ""
    """The reader's name, or part of it; empty means the first one with a card."""
    ocsp: str = ""
    """Where to fetch a status answer to send along with a login: an address, ``certificate`` for the one that the
    card's certificate names, or empty to send none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningSettings:
    """What documents are signed with besides a card (``[signing]``, ``warifu sign``, ``warifu extend``)."""

    timestamp: str = ""
    """The timestamp service (RFC 3161)."""
    status: str = ""
    """Where the signer's authority says whether a certificate is good (OCSP), for evidence in documents."""
    proofs: tuple[str, ...] = ()
    """Files or addresses with the certificates and revocation lists of the timestamp service's authority."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierSettings:
    """A verifier that answers others (``[verifier]``, ``warifu serve verifier``); callers are ``warifu callers``.

    Whom it trusts is what ``warifu trust`` says.
    """

    host: str = "127.0.0.1"
    port: int = 8712
    allow_remote: bool = False
    """Whether other machines may reach it."""
    workers: int = 2
    """How many processes verify; each has a processor of its own."""
    seconds: int = 60
    """How long one document may take; then its process is ended, and the answer is 503."""
    patience: int = 10
    """How many seconds a request waits for a process that is free."""
    timestamp: str = ""
    """The timestamp service (RFC 3161) for evidence."""
    key: Path | None = None
    """The key that signs evidence; the data directory's ``verifier/verifier.key``, made when there is none."""
    platform: bool = False
    """Whether it is a platform operator too, which opens results of the signing API for callers of that scope."""
    platform_key: Path | None = None
    """The key that opens them (P-256); the data directory's ``verifier/platform/results.key``, made when missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set."""

    data_directory: Path = field(default_factory=lambda: platformdirs.user_data_path(_APPLICATION, appauthor=False))
    language: str = ""
    """``ja`` or ``en``; empty means the locale's."""
    log_level: str = ""
    """``debug``, ``info``, ``warning`` or ``error``; empty means what fits the command."""
    town: TownSettings = field(default_factory=TownSettings)
    authority: AuthoritySettings = field(default_factory=AuthoritySettings)
    registry: RegistrySettings = field(default_factory=RegistrySettings)
    provider: ProviderSettings = field(default_factory=ProviderSettings)
    companion: CompanionSettings = field(default_factory=CompanionSettings)
    timestamps: TimestampSettings = field(default_factory=TimestampSettings)
    signing: SigningSettings = field(default_factory=SigningSettings)
    verifier: VerifierSettings = field(default_factory=VerifierSettings)

    def place(self, named: Path | None, default: str) -> Path:
        """The path that was named, or `default` in the data directory."""
        return named or self.data_directory / default

    def key_place(self, named: Path | KeyUri | None, default: str) -> Path | KeyUri:
        """The key that was named, on a token or in a file, or the file `default` in the data directory."""
        return named if isinstance(named, KeyUri) else self.place(named, default)

    def database(self, named: str, default: str) -> str:
        """The database that was named, or the file `default` in the data directory."""
        return named or str(self.data_directory / default)


def configuration_file(environment: Mapping[str, str] | None = None) -> Path:
    """Where the configuration file is, if there is one."""
    named = (os.environ if environment is None else environment).get(_PREFIX + "CONFIG")
    return Path(named) if named else platformdirs.user_config_path(_APPLICATION, appauthor=False) / "warifu.toml"


def read_settings(
    flags: Mapping[str, Any] | None = None,
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Put file, environment and flags together.

    `flags` is shaped like the file (``{"town": {"seed": 2}}``); None in it means that the flag was not given.

    Raises:
        Malformed: an unknown key, or a value of another type; the message names it.
        Unavailable: a file was named and cannot be read.
    """
    environment = os.environ if environment is None else environment
    named = file is not None or bool(environment.get(_PREFIX + "CONFIG"))
    path = file or configuration_file(environment)
    layers = [_from_file(path, must_exist=named), _from_environment(environment), _given(flags or {})]
    values = _merge(layers)
    for name, kind in _fields(Settings):
        if isinstance(kind, type) and dataclasses.is_dataclass(kind):
            values[name] = kind(**values.get(name, {}))
    return Settings(**values)


def _from_file(path: Path, *, must_exist: bool) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        if must_exist:
            raise Unavailable(f"there is no configuration file {path}") from None
        return {}
    except OSError as error:
        raise Unavailable(f"cannot read the configuration file {path}: {error.strerror}") from error
    except ValueError as error:
        raise Malformed(f"{path}: {error}") from error
    return _read_table(Settings, table, str(path), "", path.parent)


def _read_table(section: type, table: Mapping[str, Any], source: str, prefix: str, folder: Path) -> dict[str, Any]:
    known = dict(_fields(section))
    values: dict[str, Any] = {}
    for key, value in table.items():
        name = prefix + key
        if key not in known:
            raise Malformed(f"{source}: unknown key {name!r}{_guess(key, known)}")
        if dataclasses.is_dataclass(known[key]):
            if not isinstance(value, dict):
                raise Malformed(f"{source}: {name!r} is a section, [{name}]")
            values[key] = _read_table(known[key], value, source, f"{name}.", folder)
        else:
            values[key] = _convert(known[key], value, f"{source}: {name!r}", folder)
    return values


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for variable, path, kind in _variables():
        text = environment.get(variable)
        if text:
            table = values
            for name in path[:-1]:
                table = table.setdefault(name, {})
            table[path[-1]] = _convert(kind, _of_text(kind, text, variable), variable, Path())
    return values


def _variables() -> Iterator[tuple[str, tuple[str, ...], Any]]:
    for name, kind in _fields(Settings):
        if dataclasses.is_dataclass(kind):
            for key, inner in _fields(kind):
                yield f"{_PREFIX}{name}_{key}".upper(), (name, key), inner
        else:
            yield f"{_PREFIX}{name}".upper(), (name,), kind


def _of_text(kind: Any, text: str, variable: str) -> object:
    if kind is int:
        try:
            return int(text)
        except ValueError:
            raise Malformed(f"{variable} must be a whole number") from None
    if kind is bool and text.lower() in _BOOLEANS:
        return _BOOLEANS[text.lower()]
    if kind == tuple[str, ...]:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _convert(kind: Any, value: object, where: str, folder: Path) -> object:
    """One value in its declared type; a boolean is no number, a number is no text."""
    if kind is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind is str and isinstance(value, str):
        return value
    if kind is bool and isinstance(value, bool):
        return value
    if kind in (Path, Path | None) and isinstance(value, str):
        return folder / Path(value).expanduser()
    if kind == Path | KeyUri | None and isinstance(value, str):
        return KeyUri.parse(value) if value.startswith(SCHEME) else folder / Path(value).expanduser()
    if kind == tuple[str, ...] and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise Malformed(f"{where} must be {_EXPECTED[kind]}")


_BOOLEANS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_EXPECTED: dict[Any, str] = {
    int: "a whole number",
    str: "text",
    bool: "true or false",
    Path: "a path",
    Path | None: "a path",
    Path | KeyUri | None: "a path or a pkcs11: address",
    tuple[str, ...]: "a list of texts",
}


def _given(flags: Mapping[str, Any]) -> dict[str, Any]:
    """The flags that were given: None means absent, at both levels."""
    return {
        key: _given(value) if isinstance(value, Mapping) else value for key, value in flags.items() if value is not None
    }


def _merge(layers: list[dict[str, Any]]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            merged[key] = _merge([merged.get(key, {}), value]) if isinstance(value, dict) else value
    return merged


def _fields(section: Any) -> list[tuple[str, Any]]:
    hints = get_type_hints(section)
    return [(item.name, hints[item.name]) for item in dataclasses.fields(section)]


def _guess(key: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(key, known, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(known))}"
