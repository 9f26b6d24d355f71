"""The common name of a holder: an identifier that says nothing about the person."""

from datetime import datetime

from warifu.person import Municipality
from warifu.pki.names import CertificateKind
from warifu.pki.validity import JST

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FIRST_YEAR = 2016
_COUNTER = 1_000_000


def common_name(kind: CertificateKind, counter: int, issued_at: datetime, municipality: Municipality) -> str:
    """The common name for the certificate number `counter`; unique as long as counters of one second differ.

    Wire: authentication 23 characters: six digits, ``E``, year since 2016, month and day as one base-36 digit each,
    four base-36 digits of the time, five digits of the municipality, ``003A``. Signing 28 digits: date and time, the
    municipality, then nine digits.
    Modelled: both layouts are inferred from a handful of described certificates; treat the value as opaque.
    """
    moment = issued_at.astimezone(JST)
    if kind is CertificateKind.SIGNING:
        return f"{moment:%Y%m%d%H%M%S}{municipality.code}{counter % 1_000_000_000:09d}"
    day = "".join(_DIGITS[n] for n in ((moment.year - _FIRST_YEAR) % 36, moment.month, moment.day))
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return f"{counter % _COUNTER:06d}E{day}{_base36(seconds, 4)}{municipality.code}003A"


def _base36(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
