"""The question about a signer outside of JPKI, and what came out."""

from dataclasses import dataclass, field

from warifu.documents import FoundSignature
from warifu.verifier.algorithms import SoundAlgorithms
from warifu.verifier.document_chain import Chain, SignerTrust, readable
from warifu.verifier.material import Material
from warifu.verifier.memory import SeenRevocations
from warifu.verifier.policy import Policy
from warifu.verifier.proofs import Proofs
from warifu.verifier.report import Check

__all__ = ["Outside", "OutsideQuestion"]


@dataclass(frozen=True, slots=True)
class OutsideQuestion:
    """A signature of somebody whom no anchor of JPKI knows, whom to believe about such, and what is proved."""

    found: FoundSignature
    trust: SignerTrust
    algorithms: SoundAlgorithms
    policy: Policy
    material: Material
    proofs: Proofs
    seen: SeenRevocations | None = None
    shunned: frozenset[bytes] = field(default=frozenset(), repr=False)

    @property
    def pool(self) -> tuple[bytes, ...]:
        """The certificates that a path may lead through."""
        both = dict.fromkeys((*self.material.certificates, *self.found.certificates))
        left_out = self.shunned | {self.found.certificate}
        return tuple(each for each in readable(both) if each not in left_out)

    @property
    def crls(self) -> tuple[bytes, ...]:
        """The lists, those that were gathered first: a document cannot crowd them out."""
        gathered = [each for each in self.material.crls if isinstance(each, bytes)]
        return tuple(dict.fromkeys((*gathered, *self.found.crls)))

    @property
    def ocsps(self) -> tuple[bytes, ...]:
        """The answers, those that were gathered first."""
        return tuple(dict.fromkeys((*self.material.ocsps, *self.found.ocsps)))


@dataclass(slots=True, eq=False, repr=False)
class Outside:
    """What came out about the certificate: `about` its issuer and kind, `checks` what depends on moments.

    `failing` is the authority between, if one is to blame.
    """

    chain: Chain | None
    about: tuple[Check, ...]
    checks: tuple[Check, ...] = ()
    failing: bytes | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return all(check.sub_indication is None for check in (*self.about, *self.checks))
