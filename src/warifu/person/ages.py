"""Ages that decide what somebody may do alone, in years."""

from typing import Final

SIGNING_AGE: Final = 15
"""From which on somebody gets a signing certificate.

Modelled: an operational rule (事務処理要領) that municipalities tell; it is not in the Act.
"""
