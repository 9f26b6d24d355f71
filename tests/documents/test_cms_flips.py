"""One bit turned over anywhere in a signed CMS file: never other content, another signer or another time.

Here a part of all bits, so that it takes seconds; tests/soak has them all. What may change harmlessly stands outside of
what is signed: the authority's certificate and lists in the file, timestamps, versions and lists of algorithms.
"""

import pytest

from tests.documents.cms_flips import KINDS, Kind, check_bits, signed

_TURNS = 300


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_no_bit_changes_content_signer_or_time(kind: Kind) -> None:
    bits = 8 * len(signed(kind))
    check_bits(kind, range(0, bits, bits // _TURNS | 1))


def test_a_certificate_that_nobody_needs_may_be_damaged() -> None:
    """The authority's own in the file: verifiers believe theirs (RFC 5652 §5.1)."""
    kind = KINDS[0]
    place = 8 * signed(kind).index(b"JPKI-WARIFU-TEST")
    assert check_bits(kind, range(place, place + 8)) > 0
