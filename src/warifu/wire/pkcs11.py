"""Keys on a PKCS #11 token: a hardware security module, or SoftHSM2 in tests. The key never leaves it.

python-pkcs11 is loaded when it is first needed, so that warifu works without it (extra ``hsm``). It initialises a
module without arguments, which promises that one thread at a time calls it (PKCS #11 v2.40 §5.4 C_Initialize), and a
login holds for all sessions of a process (§5.6 C_Login). So there is one lock for each module and one session for each
token, however many signers share them. A process that forks must open its signers afterwards.

A token that went away is looked for again at the next signature. A PIN that was refused is never presented again by
this process: tokens lock themselves after a few.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from threading import RLock
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from warifu.errors import InUse, Malformed, NotAllowed, PinRefused, Unavailable
from warifu.ports import SignatureAlgorithm
from warifu.wire.key_uri import KeyUri

__all__ = ["TokenSigner", "make_token_key"]

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

_RSA_BITS = 2048
_CURVES: dict[SignatureAlgorithm, str] = {"ES256": "secp256r1", "ES384": "secp384r1"}
_ALGORITHMS: dict[str, SignatureAlgorithm] = {"secp256r1": "ES256", "secp384r1": "ES384"}
_PROBE = b"warifu: does this key sign?"
_HASHES = {"RS256": hashlib.sha256, "ES256": hashlib.sha256, "ES384": hashlib.sha384}
_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""What stands before a SHA-256 value in a DigestInfo (RFC 8017 §9.2 note 1)."""


class TokenSigner:
    """A `Signer` over a private key on a token; for any thread.

    Raises:
        Unavailable: no python-pkcs11, module, PIN file, token or key; notes say what to install.
        PinRefused: the token did not accept the PIN.
        NotAllowed: a key that can be taken out, or of a kind or size that may not be certified.
        Malformed: several tokens or keys have these names; the public key beside it is another's.
    """

    def __init__(self, uri: KeyUri) -> None:
        self._uri = uri
        self._module = _module(str(uri.module))
        with self._module.lock, _translated():
            self._generation = self._module.generation
            self._key = _private_key(self._module.session(uri), uri)
            public = _public_key(self._module.session(uri), self._key)
            self._algorithm = _algorithm_of(public)
            self._public_key_info = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            _check_pair(public, self._sign(_PROBE))

    def __repr__(self) -> str:
        return f"TokenSigner({self._algorithm})"

    @property
    def algorithm(self) -> SignatureAlgorithm:
        """The signature algorithm of this key."""
        return self._algorithm

    @property
    def public_key_info(self) -> bytes:
        """DER SubjectPublicKeyInfo."""
        return self._public_key_info

    def sign(self, data: bytes) -> bytes:
        """Hash `data` and sign it; a token that went away is looked for once more.

        Raises:
            Unavailable: the token does not answer.
        """
        return self._reached(lambda: self._sign(data))

    def sign_digest(self, digest: bytes) -> bytes:
        """Sign what was hashed before, for lists too long to be handed to a token; the signature is as by `sign`.

        Raises:
            Malformed: the digest is not of the length of the algorithm's hash.
            Unavailable: the token does not answer.
        """
        if len(digest) != _HASHES[self._algorithm]().digest_size:
            raise Malformed("a digest of another length than the algorithm's")
        return self._reached(lambda: self._sign_digest(digest))

    def _reached(self, sign: Callable[[], bytes]) -> bytes:
        with self._module.lock:
            try:
                with _translated():
                    return sign()
            except Unavailable:
                self._module.restart()
            try:
                with _translated():
                    return sign()
            except (PinRefused, Malformed, NotAllowed) as error:
                raise Unavailable("the token came back otherwise than it was", detail=str(error)) from error

    def _sign(self, data: bytes) -> bytes:
        if self._algorithm != "RS256":
            # Not every token hashes for ECDSA (SoftHSM 2.6 does not).
            return self._sign_digest(_HASHES[self._algorithm](data).digest())
        return bytes(self._found_key().sign(data, mechanism=_pkcs11().Mechanism.SHA256_RSA_PKCS))

    def _sign_digest(self, digest: bytes) -> bytes:
        mechanism = _pkcs11().Mechanism
        if self._algorithm == "RS256":
            return bytes(self._found_key().sign(_SHA256_INFO + digest, mechanism=mechanism.RSA_PKCS))
        # r and s come as they are (PKCS #11 v2.40 §2.3.1).
        raw = bytes(self._found_key().sign(digest, mechanism=mechanism.ECDSA))
        half = len(raw) // 2
        return encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))

    def _found_key(self) -> Any:
        if self._generation != self._module.generation:
            self._find_again()
        return self._key

    def _find_again(self) -> None:
        """Find the key in the module's new session; it must be the one that we told everybody about."""
        session = self._module.session(self._uri)
        key = _private_key(session, self._uri)
        public = _public_key(session, key)
        if public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != self._public_key_info:
            raise Malformed("the token has another key of this name now")
        self._key, self._generation = key, self._module.generation


def make_token_key(uri: KeyUri, algorithm: SignatureAlgorithm = "RS256") -> TokenSigner:
    """Make a key pair on the token: RSA-2048, P-256 or P-384; it can sign and nothing else, and never comes out.

    Raises:
        InUse: there is a key of this name or id already.
        Malformed: the address names no object; several tokens have this name.
        Unavailable: no python-pkcs11, module, PIN file or token; or the token cannot make such a key.
        PinRefused: the token did not accept the PIN.
    """
    if not uri.label:
        raise Malformed("a new key on a token needs a name: object=… in its address")
    module = _module(str(uri.module))
    with module.lock, _translated():
        if _private_keys(module.session(uri), uri):
            raise InUse(f"there is a key {uri.label} on the token already; nothing was made")
        with module.writable(uri) as session:
            _make(session, uri, algorithm)
    return TokenSigner(uri)


def _make(session: Any, uri: KeyUri, algorithm: SignatureAlgorithm) -> None:
    pkcs11 = _pkcs11()
    attribute, flag = pkcs11.Attribute, pkcs11.MechanismFlag
    wanted = {
        "label": uri.label,
        "id": uri.key_id or hashlib.sha256(uri.label.encode()).digest()[:16],
        "store": True,
        "capabilities": flag.SIGN | flag.VERIFY,
        "private_template": {attribute.SENSITIVE: True, attribute.EXTRACTABLE: False},
    }
    if algorithm == "RS256":
        session.generate_keypair(pkcs11.KeyType.RSA, _RSA_BITS, **wanted)
        return
    curve = pkcs11.util.ec.encode_named_curve_parameters(_CURVES[algorithm])
    parameters = session.create_domain_parameters(pkcs11.KeyType.EC, {attribute.EC_PARAMS: curve}, local=True)
    parameters.generate_keypair(**wanted)


class _Module:
    """A loaded module, its tokens' sessions, and the lock under which everything is called."""

    def __init__(self, path: str) -> None:
        self.lock = RLock()
        self.generation = 0
        self._sessions: dict[tuple[str, bytes], Any] = {}
        self._refused: set[tuple[str, bytes]] = set()
        try:
            self._library = _pkcs11().lib(path)
        except _pkcs11().PKCS11Error as error:
            raise Unavailable(f"cannot load the PKCS #11 module {path}", detail=str(error)) from None

    def session(self, uri: KeyUri) -> Any:
        """The session with a token; the first one logs in, whichever address named the token."""
        token = self._token(uri)
        name = (token.label, token.serial)
        if name not in self._sessions:
            self._sessions[name] = self._log_in(token, name, uri)
        return self._sessions[name]

    def restart(self) -> None:
        """Begin anew with the module, which is how it notices tokens that came back; all sessions are gone."""
        self._sessions.clear()
        self.generation += 1
        with _translated():
            with suppress(_pkcs11().PKCS11Error):  # a module that had given up says so when it is ended
                self._library.finalize()
            self._library.initialize()

    @contextmanager
    def writable(self, uri: KeyUri) -> Iterator[Any]:
        """A session that may make keys; the login of the other one holds for it."""
        self.session(uri)
        session = self._token(uri).open(rw=True)
        try:
            yield session
        finally:
            session.close()

    def _log_in(self, token: Any, name: tuple[str, bytes], uri: KeyUri) -> Any:
        if name in self._refused:
            raise PinRefused
        pin = _read_pin(uri)
        try:
            return token.open(user_pin=pin)
        except _pin_errors():
            self._refused.add(name)
            raise

    def _token(self, uri: KeyUri) -> Any:
        serial = {"token_serial": uri.serial.encode()} if uri.serial else {}
        return self._library.get_token(token_label=uri.token, **serial)


@cache
def _module(path: str) -> _Module:
    return _Module(path)


def _private_keys(session: Any, uri: KeyUri) -> list[Any]:
    pkcs11 = _pkcs11()
    wanted: dict[Any, Any] = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY}
    if uri.label:
        wanted[pkcs11.Attribute.LABEL] = uri.label
    if uri.key_id:
        wanted[pkcs11.Attribute.ID] = uri.key_id
    return list(session.get_objects(wanted))


def _private_key(session: Any, uri: KeyUri) -> Any:
    found = _private_keys(session, uri)
    if not found:
        raise Unavailable(f"there is no key {uri.label or uri.key_id.hex()} on the token {uri.token}")
    if len(found) > 1:
        raise Malformed("several keys on the token have this name; name the id too")
    if found[0][_pkcs11().Attribute.EXTRACTABLE]:
        raise NotAllowed("this key can be taken out of its token")
    return found[0]


def _public_key(session: Any, private: Any) -> PublicKey:
    """The public half, which lies beside the private one under the same id."""
    pkcs11 = _pkcs11()
    attribute = pkcs11.Attribute
    wanted = {attribute.CLASS: pkcs11.ObjectClass.PUBLIC_KEY, attribute.ID: private[attribute.ID]}
    found = list(session.get_objects(wanted))
    if len(found) != 1:
        raise Malformed("there is not one public key beside the private one on the token")
    return _rsa(found[0]) if private.key_type == pkcs11.KeyType.RSA else _elliptic(found[0])


def _rsa(key: Any) -> rsa.RSAPublicKey:
    attribute = _pkcs11().Attribute
    modulus, exponent = (int.from_bytes(key[each], "big") for each in (attribute.MODULUS, attribute.PUBLIC_EXPONENT))
    return rsa.RSAPublicNumbers(exponent, modulus).public_key()


def _elliptic(key: Any) -> ec.EllipticCurvePublicKey:
    """CKA_EC_POINT is the point inside a DER OCTET STRING (PKCS #11 v2.40 §2.3.3); ours have less than 128 bytes."""
    attribute = _pkcs11().Attribute
    named = _pkcs11().util.ec.encode_named_curve_parameters
    for curve in (ec.SECP256R1(), ec.SECP384R1()):
        if key[attribute.EC_PARAMS] == named(curve.name):
            return ec.EllipticCurvePublicKey.from_encoded_point(curve, key[attribute.EC_POINT][2:])
    raise NotAllowed("only the curves P-256 and P-384 are used")


def _algorithm_of(key: PublicKey) -> SignatureAlgorithm:
    if isinstance(key, ec.EllipticCurvePublicKey):
        return _ALGORITHMS[key.curve.name]
    if key.key_size < _RSA_BITS:
        raise NotAllowed(f"an RSA key has at least {_RSA_BITS} bits")
    return "RS256"


def _check_pair(key: PublicKey, signature: bytes) -> None:
    """Without this, certificates under another key than the one they name would be found by their readers only."""
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, _PROBE, padding.PKCS1v15(), SHA256())
        else:
            key.verify(signature, _PROBE, ec.ECDSA(SHA256() if key.key_size == 256 else SHA384()))
    except InvalidSignature:
        raise Malformed("the public key beside the private one on the token is another's") from None


def _read_pin(uri: KeyUri) -> str:
    try:
        return uri.pin_source.read_text("utf-8").partition("\n")[0].rstrip("\r")
    except OSError as error:
        raise Unavailable.because(f"cannot read {uri.pin_source}", error) from error
    except UnicodeDecodeError:
        raise Malformed(f"{uri.pin_source} is not UTF-8") from None


@contextmanager
def _translated() -> Iterator[None]:
    """The module's errors as ours. Not chained: what a module says is for the log."""
    pkcs11 = _pkcs11()
    try:
        yield
    except _pin_errors() as error:
        raise PinRefused(locked=isinstance(error, pkcs11.PinLocked)) from None
    except pkcs11.NoSuchToken:
        raise Unavailable("the token is not there") from None
    except pkcs11.MultipleTokensReturned:
        raise Malformed("several tokens have this name; name the serial number too") from None
    except pkcs11.PKCS11Error as error:
        raise Unavailable("the token does not answer", detail=type(error).__name__) from None


def _pin_errors() -> tuple[type[Exception], ...]:
    pkcs11 = _pkcs11()
    return (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange, pkcs11.PinLocked, pkcs11.PinExpired)


def _pkcs11() -> Any:
    try:
        import pkcs11
    except ImportError as error:
        missing = Unavailable("python-pkcs11 is not installed")
        missing.add_note("pip install 'warifu[hsm]'")
        raise missing from error
    return pkcs11
