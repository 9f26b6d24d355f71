"""Which signatures a certification path may consist of."""

from datetime import datetime

from asn1crypto import algos, keys
from pyhanko_certvalidator.policy_decl import AlgorithmUsageConstraint, AlgorithmUsagePolicy

__all__ = ["SOUND_HASHES", "SoundAlgorithms"]

SOUND_HASHES = frozenset({"sha256", "sha384", "sha512"})
_SIGNATURES = frozenset({"rsassa_pkcs1v15", "rsassa_pss", "ecdsa", "ed25519", "ed448"})
_SHORTEST_RSA = 2048


class SoundAlgorithms(AlgorithmUsagePolicy):  # type: ignore[misc]
    """RSA of at least 2048 bits, ECDSA and EdDSA, with the hashes named; no DSA (CRYPTREC's list has dropped it).

    What was sound at an earlier moment is the caller's to say, by the hashes it names.
    """

    def __init__(self, hashes: frozenset[str]) -> None:
        self._hashes = hashes

    def digest_algorithm_allowed(
        self,
        algo: algos.DigestAlgorithm,
        moment: datetime | None,  # noqa: ARG002 - the interface has it
    ) -> AlgorithmUsageConstraint:
        """Whether a digest may be used."""
        return AlgorithmUsageConstraint(algo["algorithm"].native in self._hashes)

    def signature_algorithm_allowed(
        self,
        algo: algos.SignedDigestAlgorithm,
        moment: datetime | None,  # noqa: ARG002 - the interface has it
        public_key: keys.PublicKeyInfo | None,
    ) -> AlgorithmUsageConstraint:
        """Whether a signature of this kind, by this key, may be relied on."""
        try:
            name = algo.signature_algo
        except ValueError:
            name = algo["algorithm"].native
        sound = name in _SIGNATURES
        if sound and not name.startswith("ed"):
            sound = algo.hash_algo in self._hashes
        if sound and name.startswith("rsa") and public_key is not None:
            sound = public_key.bit_size >= _SHORTEST_RSA
        return AlgorithmUsageConstraint(sound)
