"""Gathering what the verifier needs to know about certificates: status answers and revocation lists.

Who is asked stands in the trust store, never in a certificate. What cannot be had is left out: the verifier then says
that the status is unknown, neither good nor revoked.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Self

import httpx2
from cryptography import x509
from cryptography.x509 import ocsp

from warifu.errors import WarifuError
from warifu.pki import CaCertificate
from warifu.ports import Entropy
from warifu.verifier import Anchor, CheckedList, Evidence, Material, Needs, Policy, SourceOrder
from warifu.wire.authority import OcspClient
from warifu.wire.verification.addresses import CheckedTransport
from warifu.wire.verification.fetching import Limits, fetch_list
from warifu.wire.verification.lists import ListStore
from warifu.wire.verification.trust import TrustStore
from warifu.wire.verification.trusted import TrustedAnchor, TrustUse

__all__ = ["Gatherer", "GathererForRun", "Refreshed"]

_TIMESTAMP_LIMITS = Limits(size=16 << 20, seconds=60.0)
_DAY = timedelta(days=1)
_log = logging.getLogger("warifu.verification")


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What became of fetching one list: how many entries it has, or why it was not taken."""

    place: str
    entries: int = 0
    refusal: WarifuError | None = None


class Gatherer:
    """Asks the services of a trust store, and keeps the lists of its authorities in `directory`."""

    def __init__(
        self,
        trust: TrustStore,
        directory: Path,
        entropy: Entropy,
        *,
        policy: Policy | None = None,
        limits: Limits | None = None,
        seconds: float = 5.0,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._trusted = trust.all()
        self.anchors = trust.anchors()
        self.lists = ListStore(directory, self.anchors)
        self._policy = policy or Policy()
        self._limits = limits or Limits()
        self._transport = transport
        self._own = {each.key_id: (each, told) for each, told in self._pairs()}
        services = {key_id: told.ocsp for key_id, (_, told) in self._own.items() if told.ocsp}
        others = [told for told in self._trusted if told.use is TrustUse.SIGNER]
        services |= {told.fingerprint: told.ocsp for told in others if told.ocsp}
        self._ocsp = OcspClient(services, entropy, seconds=seconds, transport=transport or CheckedTransport())
        self._services = frozenset(services)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._ocsp.close()

    def _pairs(self) -> Iterable[tuple[Anchor, TrustedAnchor]]:
        for told in self._trusted:
            if told.use.of_jpki:
                yield Anchor(CaCertificate.decode(told.certificate)), told

    def evidence(self, needs: Needs, now: datetime) -> Evidence:
        """What the policy's sources say about a certificate: as many as are needed until one can tell."""
        found = Evidence()
        for source in self._policy.sources.value:
            if source == "crl":
                found = replace(found, crl=self._list(needs))
                enough = isinstance(found.crl, CheckedList) and found.crl.next_update >= now
            else:
                answered = self._ask(needs)
                found = replace(found, ocsp=answered.ocsp, nonce=answered.nonce)
                enough = found.ocsp is not None
            if enough:
                break
        return found

    def material(self, needs: Iterable[Needs], now: datetime) -> Material:
        """What documents are verified with: about their signers, and about timestamp authorities.

        All the policy's sources are asked: what one says about today another may say about the day of signing.
        """
        crls: list[bytes | CheckedList] = []
        ocsps: list[bytes] = []
        for each in needs:
            if self._policy.sources is not SourceOrder.CRL_ONLY and (answer := self._answer(each)) is not None:
                ocsps.append(answer)
            if self._policy.sources is not SourceOrder.OCSP_ONLY and (crl := self._list(each)) is not None:
                crls.append(crl)
        return Material((), (*crls, *self.other_lists(now)), tuple(ocsps))

    def other_lists(self, _now: datetime) -> tuple[bytes, ...]:
        """The revocation lists of authorities for timestamps and for other signers, DER, as they come.

        Paths are checked by the verifier.
        """
        places = dict.fromkeys(place for each in self._trusted if not each.use.of_jpki for place in each.lists)
        return tuple(der for der in map(self._small_list, places) if der is not None)

    def refresh(self, now: datetime, *, older_than: timedelta = _DAY) -> list[Refreshed]:
        """Fetch every configured list, unless all that an authority has are newer than `older_than`.

        One that cannot be had or may not be relied on leaves the old one where it is.
        """
        done = []
        for anchor, told in self._own.values():
            ages = [now - each.this_update for each in self.lists.all() if each.issuer_key_id == anchor.key_id]
            if len(ages) >= len(told.lists) and all(age < older_than for age in ages):
                continue
            done += [self._take(place, anchor, now) for place in told.lists]
        return done

    def _take(self, place: str, anchor: Anchor, now: datetime) -> Refreshed:
        try:
            kept = self.lists.take(
                lambda file: fetch_list(place, file, self._limits, transport=self._transport), anchor, now
            )
        except WarifuError as refusal:
            _log.warning("a revocation list was not taken", extra={"why": str(refusal)})
            return Refreshed(place, refusal=refusal)
        return Refreshed(place, kept.entries)

    def _ask(self, needs: Needs) -> Evidence:
        if needs.issuer_key_id not in self._services:
            return Evidence()
        try:
            return self._ocsp.fetch(needs)
        except WarifuError as refusal:  # the address leads where it must not
            _log.warning("a status service was not asked", extra={"why": str(refusal)})
            return Evidence()

    def _answer(self, needs: Needs) -> bytes | None:
        """An answer for documents, which keep it: none that was given to somebody else's question.

        JPKI's services send our nonce back; others may answer without one (RFC 9654 §2.1, RFC 5019 §2.2.1), and are
        then believed for as long as they say.
        """
        asked = self._ask(needs)
        if asked.ocsp is None or asked.nonce is None:
            return asked.ocsp
        came = _nonce_of(asked.ocsp)
        if came == asked.nonce or (came is None and needs.issuer_key_id not in self._own):
            return asked.ocsp
        _log.warning("a status answer does not carry our nonce")
        return None

    def _list(self, needs: Needs) -> CheckedList | None:
        known = self._own.get(needs.issuer_key_id)
        if known is None:
            return None
        try:
            return self.lists.find(known[0], needs.distribution_point)
        except (WarifuError, OSError, ValueError) as refusal:  # what is on the disk is damaged: as if it were not there
            _log.warning("a kept revocation list cannot be read", extra={"why": str(refusal)})
            return None

    def _small_list(self, place: str) -> bytes | None:
        with SpooledTemporaryFile(1 << 20) as file:
            try:
                fetch_list(place, file, _TIMESTAMP_LIMITS, transport=self._transport)  # type: ignore[arg-type]
            except WarifuError as refusal:
                _log.warning("an authority's list was not had", extra={"why": str(refusal)})
                return None
            file.seek(0)
            return file.read()


class GathererForRun(Gatherer):
    """For one run over many documents: the lists of authorities outside of JPKI are fetched once."""

    _lists: tuple[bytes, ...] | None = None

    def other_lists(self, now: datetime) -> tuple[bytes, ...]:
        """As they came at the first document."""
        if self._lists is None:
            self._lists = super().other_lists(now)
        return self._lists


def _nonce_of(answer: bytes) -> bytes | None:
    """The nonce in an answer; None if there is none, or nothing that can be read."""
    try:
        extensions = ocsp.load_der_ocsp_response(answer).extensions
        return extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return None
