"""Every bit of signed CMS files turned over."""

import pytest

from tests.documents.cms_flips import KINDS, Kind, check_bits, signed
from tests.soak import CAMPAIGN

pytestmark = CAMPAIGN


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_no_bit_at_all_changes_content_signer_or_time(kind: Kind) -> None:
    check_bits(kind, range(8 * len(signed(kind))))
