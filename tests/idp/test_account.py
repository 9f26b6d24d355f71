"""The resident's own page is opened by a code that was given to it, once, in time, in the browser that began."""

from dataclasses import replace
from datetime import datetime

import pytest

from tests.idp.world import NOW, VERIFIER, with_code
from warifu.errors import NotAllowed
from warifu.idp import ACCOUNT, Login, check_account_login, without_claims

ELSEWHERE, _ = with_code()
HERE = replace(ELSEWHERE, request=replace(ELSEWHERE.request, client_id=ACCOUNT))
assert HERE.code is not None
ENDS = HERE.code.expires_at


def test_its_code_opens_the_page() -> None:
    assert check_account_login(HERE, VERIFIER, NOW) is HERE


@pytest.mark.parametrize(
    ("login", "verifier", "now"),
    [
        (None, VERIFIER, NOW),
        (ELSEWHERE, VERIFIER, NOW),
        (replace(HERE, code=None), VERIFIER, NOW),
        (without_claims(HERE), VERIFIER, NOW),
        (HERE, VERIFIER, ENDS),
        (HERE, None, NOW),
        (HERE, f"{VERIFIER}x", NOW),
    ],
    ids=["unknown", "another client's", "not given out", "used", "too old", "no cookie", "another browser"],
)
def test_no_other_code_does(login: Login | None, verifier: str | None, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        check_account_login(login, verifier, now)
