"""Many logins in one call, and on two processes; against two RSA-2048 verifications each on one processor.

Each certificate is seen for the first time in its process; revocation is looked up in a list that is kept on disk. On
two processes the limit is half as long: verification scales with processors, and nothing else is shared.
"""

import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from bench.row import Row, side_by_side, slower_than_limit
from bench.verify import CHALLENGE, NOW, PLACE, authority, revocation_list, two_verifications
from warifu.messages import LoginAnswer
from warifu.pki import KeySigner, ServiceAddresses, build_authentication_certificate
from warifu.town.pool import private_key
from warifu.verifier import Anchors, Evidence, LoginCase, Memory, Policy, SourceOrder, check_crl, check_logins
from warifu.wire.verification import Desk, ListStore, TrustedAnchor, TrustStore, VerificationPool

COUNT = 1024
_FIRST = 0x01800000


def measure() -> list[Row]:
    """Both rows, each for one login."""
    cases = [case(number) for number in range(COUNT)]
    anchors = Anchors.load([authority().certificate_der])
    listed = Evidence(crl=check_crl(revocation_list(authority()), anchors))
    ready = [LoginCase(each.answer, each.expected, each.expires_at, listed) for each in cases]

    def one_call() -> None:
        _check(list(check_logins(ready, anchors, NOW, memory=Memory())))

    limit, alone = side_by_side(two_verifications(), one_call, seconds=4.0, rounds=10)
    with tempfile.TemporaryDirectory() as folder, VerificationPool(_desk(Path(folder), anchors), 2) as pool:
        single_pool = VerificationPool(_desk(Path(folder), anchors), 1)
        both, single = side_by_side(
            lambda: _check(pool.check(cases, NOW)),
            lambda: _check(single_pool.check(cases, NOW)),
            seconds=6.0,
            rounds=10,
        )
        single_pool.close()
    return [
        slower_than_limit("logins in one call, each, never seen", alone / COUNT, limit, 0.55),
        slower_than_limit("logins on two processes, each, against one process", both / COUNT, single / COUNT / 2, 0.9),
    ]


def case(number: int) -> LoginCase:
    """A login with a certificate of its own; the key is the same, making keys takes long."""
    holder = KeySigner(private_key(1))
    certificate = build_authentication_certificate(
        authority(),
        serial_number=_FIRST + number,
        common_name=f"{number:06}EAAM0XIT13221003A",
        public_key_info=holder.public_key_info,
        municipality=PLACE,
        not_before=NOW - timedelta(days=30),
        not_after=NOW + timedelta(days=1500),
        addresses=ServiceAddresses("http://127.0.0.1:8703/ocsp", "http://127.0.0.1:8703/cps.html"),
    )
    answer = LoginAnswer(CHALLENGE, certificate, holder.sign(CHALLENGE.encode()))
    return LoginCase(answer, CHALLENGE, NOW + timedelta(minutes=5))


def _desk(folder: Path, anchors: Anchors) -> Desk:
    issuer = authority()
    TrustStore(folder / "trust").add(TrustedAnchor.of(issuer.certificate_der, NOW))
    crl = revocation_list(issuer)
    ListStore(folder / "lists", anchors).take(lambda into: into.write(crl), anchors.of_key(issuer.key_id), NOW)
    return Desk(folder / "trust", folder / "lists", None, Policy(sources=SourceOrder.CRL_ONLY))


def _check(told: Sequence[object]) -> None:
    refused = [each for each in told if isinstance(each, Exception)]
    if refused:
        raise refused[0]
