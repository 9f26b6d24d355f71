"""The settings of an OpenID provider."""

from dataclasses import dataclass
from pathlib import Path

from warifu.wire.key_uri import KeyUri

__all__ = ["ProviderSettings"]


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
