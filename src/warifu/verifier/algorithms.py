"""How long an algorithm is believed, and verifying by whichever a signature names.

Modelled: the dates. RSA of 2048 to 3071 bits has 112 bits of strength, which CRYPTREC lets systems process until the
end of 2040; SHA-1 was to be gone from the government's signatures by the end of fiscal 2013. An operator sets others.
Source: CRYPTREC, 暗号強度要件（アルゴリズム及び鍵長選択）に関する設定基準 (2022) table 3; 内閣官房NISC,
政府機関の情報システムにおいて使用されている暗号アルゴリズムSHA-1及びRSA1024に係る移行指針 (2012).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from warifu.documents import Scheme, SignatureAlgorithm
from warifu.errors import WeakAlgorithm, WrongSignature
from warifu.pki import check_signature_by, is_rsa

__all__ = ["SOUND", "SoundAlgorithms", "key_name", "verify"]

_END = datetime.max.replace(tzinfo=UTC)
_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - old timestamps; whether it counts is for the dates above
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_PKCS1 = padding.PKCS1v15()
_ECDSA = {name: ec.ECDSA(each) for name, each in _HASHES.items()}


def _dates() -> Mapping[str, datetime]:
    fiscal_2013, rsa_2048 = (
        datetime(2014, 3, 31, 14, 59, 59, tzinfo=UTC),
        datetime(2040, 12, 31, 14, 59, 59, tzinfo=UTC),
    )
    strong = ("sha256", "sha384", "sha512", "rsa-3072", "ec-256", "ec-384", "ec-521")
    return MappingProxyType({"sha1": fiscal_2013, "rsa-2048": rsa_2048} | dict.fromkeys(strong, _END))


@dataclass(frozen=True, slots=True)
class SoundAlgorithms:
    """Until when each digest and each kind of key is believed; what is not named never is.

    Names: digests as `hashlib` has them, ``rsa-2048`` (2048 to 3071 bits), ``rsa-3072`` (more), ``ec-256`` and so on.
    """

    until: Mapping[str, datetime] = field(default_factory=_dates)

    def last_moment(self, *names: str) -> datetime:
        """The last moment at which all of these are believed.

        Raises:
            WeakAlgorithm: one of them never is.
        """
        last = _END
        for name in names:
            moment = self.until.get(name)
            if moment is None:
                raise WeakAlgorithm("an algorithm that is not believed here")
            last = min(last, moment)
        return last

    def hashes_at(self, moment: datetime) -> frozenset[str]:
        """The digests that are believed at a moment."""
        return frozenset(name for name in _HASHES if name in self.until and moment <= self.until[name])


SOUND = SoundAlgorithms()


def key_name(key: object) -> str:
    """The kind of a public key, as `SoundAlgorithms` names it."""
    if is_rsa(key):
        size = key.key_size
        return "rsa-3072" if size >= 3072 else "rsa-2048" if size >= 2048 else "rsa"
    return f"ec-{key.curve.key_size}" if isinstance(key, ec.EllipticCurvePublicKey) else "other"


def verify(key: object, algorithm: SignatureAlgorithm, signature: bytes, data: bytes) -> None:
    """Verify a signature over `data` with exactly the algorithm named.

    Raises:
        WrongSignature: it does not verify, or the key is of another kind.
        WeakAlgorithm: an algorithm that is not known here.
    """
    digest = _HASHES.get(algorithm.hash_name)
    if digest is None or algorithm.scheme is Scheme.OTHER:
        raise WeakAlgorithm("an algorithm that is not known here")
    try:
        if algorithm.scheme is Scheme.ECDSA:
            _elliptic(key).verify(signature, data, _ECDSA[algorithm.hash_name])
        elif algorithm.scheme is Scheme.RSA_PKCS1 and algorithm.hash_name == "sha256":
            check_signature_by(_rsa(key), signature, data)
        elif algorithm.scheme is Scheme.RSA_PKCS1:
            _rsa(key).verify(signature, data, _PKCS1, digest)
        else:
            mask = padding.PSS(padding.MGF1(digest), algorithm.salt or 0)
            _rsa(key).verify(signature, data, mask, digest)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError) as error:
        raise WrongSignature from error


def _rsa(key: object) -> rsa.RSAPublicKey:
    if not is_rsa(key):
        raise WrongSignature("the signature names an algorithm for another kind of key")
    return key


def _elliptic(key: object) -> ec.EllipticCurvePublicKey:
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise WrongSignature("the signature names an algorithm for another kind of key")
    return key
