"""Which authorities are here: of both kinds, in all the generations whose keys we have."""

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from warifu.ca import Authority, CertificateApplication, Generations
from warifu.errors import NotFound, Unavailable
from warifu.pki import CertificateKind, OcspRequest, issuer_hashes

__all__ = ["Roster"]

_HASHES = ("sha1", "sha256", "sha384", "sha512")
_Names = tuple[str, bytes, bytes]


class Roster:
    """Of each kind the youngest generation that is valid issues, unless its key leaked; all answer.

    `compromised` are the generations whose keys leaked, by key identifier, and since when that is known.
    """

    def __init__(self, authorities: Iterable[Authority]) -> None:
        self.compromised: Mapping[bytes, datetime] = {}
        self._renewing = threading.Lock()
        self._authorities: tuple[Authority, ...] = ()
        # By age, as `Generations` has them: a clock that was set back may have made a later one the older one.
        by_age = sorted(authorities, key=lambda each: each.issuer.certificate.not_valid_before_utc)
        self._by_names: dict[_Names, Authority] = {}
        self._enter(tuple(by_age))

    def _enter(self, authorities: tuple[Authority, ...]) -> None:
        # A question names an authority by digests; looking them up is quicker than making them each time.
        self._by_names = {
            (name, *issuer_hashes(each.issuer.certificate, name)): each for each in authorities for name in _HASHES
        }
        self._authorities = authorities

    def all(self) -> tuple[Authority, ...]:
        """Every generation of every kind, by age; those of the same age in the order given."""
        return self._authorities

    def authority(self, kind: CertificateKind, generation: bytes | None = None) -> Authority:
        """The newest generation of a kind whose key did not leak, or the one with this key identifier.

        Raises:
            NotFound: there is none.
        """
        for authority in reversed(self._authorities):
            sound = generation is None and authority.generation not in self.compromised
            if authority.kind is kind and (sound or authority.generation == generation):
                return authority
        raise NotFound("no such authority")

    def generations(self, kind: CertificateKind) -> list[Authority]:
        """All generations of a kind, the newest last."""
        return [authority for authority in self._authorities if authority.kind is kind]

    def issuing(self, application: CertificateApplication, now: datetime) -> Authority:
        """The generation that issues now for a key like this one: RSA, or P-384 of the next generation's cards.

        Where there is none like it, the newest of all, which refuses and says why.

        Raises:
            NotFound: there is no authority of this kind.
        """
        newest = self.authority(application.kind)
        try:
            return Generations(self.generations(application.kind), self.compromised).issuing(application, now)
        except Unavailable:
            return newest

    def asked(self, kind: CertificateKind, question: OcspRequest) -> Authority | None:
        """The generation that a question is for, if it is one of ours."""
        found = self._by_names.get((question.hash_name, question.issuer_name_hash, question.issuer_key_hash))
        return found if found is not None and found.kind is kind else None

    def change(self, change: Callable[[Authority], Authority]) -> None:
        """Let each authority go on changed: with another responder, say."""
        with self._renewing:
            self._enter(tuple(map(change, self._authorities)))
