"""Asking the authorities whose a certificate never seen before is, over their services' REST interface.

Two questions: what it took the place of (``POST /predecessors``), and which authentication certificate its holder has
on the other medium (``POST /links``, 公的個人認証法 第37条第3項); of that one, too, what it took the place of. The
answers are used for recognising the holder and are not kept; the provider is a recipient with a token for ``links``.
"""

import json as plain_json
import logging
from typing import Any

import httpx2

from warifu.errors import Malformed, Unavailable
from warifu.idp import How, Related
from warifu.messages import json
from warifu.pki import Medium
from warifu.wire.replies import Asking, check_reply

__all__ = ["SuccessionClient"]

_JSON = "application/json"
_MAX_ANSWER = 16 * 1024
_RECOGNISE = "recognising the same person after a renewal"
_CONFIRM = "confirming that number"
_OTHER = {Medium.CARD: Medium.PHONE, Medium.PHONE: Medium.CARD}
_PREDECESSORS: json.Members = {"medium": str, "predecessors": list}
_PREDECESSOR: json.Members = {"serial_number": int, "generation": str}
_LINK: json.Members = {"kind": str, "medium": str, "serial_number": int, "generation": str, "purpose": str}
_log = logging.getLogger("warifu.provider")


class SuccessionClient(Asking):
    """An `AskSuccession` for the authorities at `address` (``…/api/v1``); usable from several threads."""

    def __init__(
        self, address: str, token: str, *, seconds: float = 5.0, transport: httpx2.BaseTransport | None = None
    ) -> None:
        headers = {"authorization": f"Bearer {token}", "accept": _JSON}
        super().__init__(seconds=seconds, transport=transport, address=address, headers=headers)

    def __call__(self, issuer_key_id: bytes, serial_number: int) -> tuple[Related, ...]:
        """The holder's other authentication certificates, the nearest first.

        Raises:
            Unavailable: the authorities do not answer, or answer something else.
        """
        try:
            medium, before = self._predecessors(serial_number)
            other = self._link(serial_number, medium)
            beyond = () if other is None else (other, *self._predecessors(other.serial_number, How.LINKED)[1])
        except (Malformed, ValueError, RecursionError) as error:
            raise Unavailable("the authorities answer something else") from error
        return tuple(
            one
            for one in (*before, *beyond)
            if (one.issuer_key_id, one.serial_number) != (issuer_key_id, serial_number)
        )

    def _predecessors(self, serial_number: int, how: How = How.SUCCESSION) -> tuple[Medium, tuple[Related, ...]]:
        answer = self._ask("/predecessors", {"serial_number": serial_number, "purpose": _RECOGNISE})
        if answer is None:
            raise Unavailable("the authorities do not know the certificate")
        members = json.check(answer, _PREDECESSORS)
        each = (json.check(one, _PREDECESSOR) for one in members["predecessors"])
        return Medium(members["medium"]), tuple(_related(one, how) for one in each)

    def _link(self, serial_number: int, medium: Medium) -> Related | None:
        wanted = {"wanted_kind": "authentication", "wanted_medium": _OTHER[medium].value, "purpose": _CONFIRM}
        asked = {"kind": "authentication", "serial_number": serial_number}
        answer = self._ask("/links", asked | wanted)
        return None if answer is None else _related(json.check(answer, _LINK), How.LINKED)

    def _ask(self, path: str, question: dict[str, Any]) -> Any:
        """The answer; None where there is nothing to tell (404)."""
        try:
            with self._http.stream("POST", path, json=question) as response:
                if response.status_code == httpx2.codes.NOT_FOUND:
                    return None
                check_reply(response, _JSON)
                return plain_json.loads(self._read(response, _MAX_ANSWER))
        except httpx2.HTTPError as error:
            _log.warning("the authorities do not say what a certificate follows", extra={"why": type(error).__name__})
            raise Unavailable("the authorities do not answer") from error


def _related(members: dict[str, Any], how: How) -> Related:
    """One certificate.

    Raises:
        Malformed: a number that no certificate has (RFC 5280 §4.1.2.2).
        ValueError: no hexadecimal digits.
    """
    if members["serial_number"] <= 0:
        raise Malformed("a serial number is positive")
    return Related(bytes.fromhex(members["generation"]), members["serial_number"], how)
