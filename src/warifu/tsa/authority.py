"""One timestamp unit: answers requests."""

from dataclasses import dataclass
from datetime import datetime

from warifu.errors import Malformed
from warifu.pki.timestamps import (
    TIMESTAMP_HASHES,
    TimestampFailure,
    TimestampRequest,
    TimestampTerms,
    TimestampUnit,
    build_timestamp_refusal,
    build_timestamp_response,
)


@dataclass(frozen=True)
class TimestampAuthority:
    """A unit and the terms under which it stamps."""

    unit: TimestampUnit
    terms: TimestampTerms

    def answer(self, data: bytes, now: datetime, serial_number: int) -> bytes:
        """The response to an encoded request, DER: a token, or the reason why there is none.

        `serial_number` was never given before; the caller keeps it so.

        Raises:
            Unavailable: the key's holder does not answer.
        """
        try:
            request = TimestampRequest.decode(data)
        except Malformed as error:
            return build_timestamp_refusal(TimestampFailure.BAD_DATA_FORMAT, str(error))
        failure = self._failure(request, now)
        if failure is not None:
            return build_timestamp_refusal(*failure)
        return build_timestamp_response(self.unit, self.terms, request, serial_number=serial_number, at=now)

    def _failure(self, request: TimestampRequest, now: datetime) -> tuple[TimestampFailure, str] | None:
        """Why this request gets no token (RFC 3161 §2.4.2)."""
        if request.hash_name not in TIMESTAMP_HASHES:
            return TimestampFailure.BAD_ALGORITHM, f"digests are {', '.join(TIMESTAMP_HASHES)}"
        if request.policy not in (None, self.terms.policy):
            return TimestampFailure.UNACCEPTED_POLICY, f"the policy is {self.terms.policy}"
        if request.extensions:
            return TimestampFailure.UNACCEPTED_EXTENSION, "no extension is known here"
        certificate = self.unit.certificate
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            # What a unit stamps outside its certificate's validity nobody could believe.
            return TimestampFailure.TIME_NOT_AVAILABLE, "the clock and the unit's certificate do not agree"
        return None
