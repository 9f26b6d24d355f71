"""What a verifier may do, and how much doubt it bears."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from warifu.errors import StatusUnknown


class VerifierKind(Enum):
    """Whether the ministers have certified whoever runs this (署名検証者・利用者証明検証者).

    Source: 公的個人認証法 第17条, 第36条.
    """

    UNCERTIFIED = "uncertified"
    """May check invented certificates only."""
    CERTIFIED = "certified"
    """Certified, or entrusts the whole of confirmation to somebody who is (みなし署名検証者)."""

    def check_may_confirm(self, *, real: bool) -> None:
        """Check that this verifier may tell whether a certificate of a real authority is valid.

        Raises:
            StatusUnknown: it may not, so whatever it finds is neither valid nor revoked.
        """
        if real and self is VerifierKind.UNCERTIFIED:
            raise StatusUnknown(
                "without the ministers' certification, checking a real certificate is no confirmation under the Act "
                "(公的個人認証法 第17条, 第36条)"
            )


class SourceOrder(Enum):
    """Which revocation data decides: the first that is there and fresh; the next is asked only when it is not.

    An answer that came along with a login counts as OCSP.
    """

    OCSP_THEN_CRL = ("ocsp", "crl")
    """The authority's record is the truth, a list is yesterday's copy of it."""
    CRL_THEN_OCSP = ("crl", "ocsp")
    """For many logins an hour, where a day's delay is borne: nobody is told who logs in where."""
    OCSP_ONLY = ("ocsp",)
    CRL_ONLY = ("crl",)


@dataclass(frozen=True, slots=True)
class Policy:
    """Which sources, and tolerances.

    `skew` is how far clocks may differ; `oldest_answer` bounds an OCSP answer that names no end. `oldest_staple` is how
    old an answer may be that the holder's side fetched and sent along; None takes none. It bounds how long somebody
    whose certificate has just ended can go on showing yesterday's good news, so it should be minutes.
    """

    verifier: VerifierKind = VerifierKind.UNCERTIFIED
    sources: SourceOrder = SourceOrder.OCSP_THEN_CRL
    skew: timedelta = timedelta(seconds=60)
    oldest_answer: timedelta = timedelta(hours=1)
    oldest_staple: timedelta | None = None
