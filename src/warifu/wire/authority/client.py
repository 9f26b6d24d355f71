"""Asking authorities whether a certificate is good, for a verifier.

Only services that the operator configured are asked, never an address that a certificate names: that one is written by
whoever made the certificate, and following it would let strangers choose whom our server calls.
"""

import logging
from collections.abc import Mapping

import httpx2

from warifu.errors import Unavailable
from warifu.ports import Entropy
from warifu.verifier import Evidence, Needs
from warifu.wire.authority.http import OCSP_REQUEST, OCSP_RESPONSE
from warifu.wire.replies import Asking, check_reply

MAX_ANSWER = 16 * 1024
"""Bytes of an OCSP answer: with a responder's certificate inside it has about 2 000."""

NONCE_LENGTH = 32
"""RFC 9654 §2.1."""

_log = logging.getLogger("warifu.ocsp")


class OcspClient(Asking):
    """Asks by POST with a nonce of our own; usable from several threads.

    `services` says where to ask about the certificates of each authority, by the authority's key identifier.
    """

    def __init__(
        self,
        services: Mapping[bytes, str],
        entropy: Entropy,
        *,
        seconds: float = 5.0,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        super().__init__(seconds=seconds, transport=transport)
        self._services = dict(services)
        self._entropy = entropy

    def fetch(self, needs: Needs) -> Evidence:
        """What the authority says about a certificate; nothing if it does not say anything in time.

        A verifier takes nothing for an answer: the status is then unknown, neither good nor revoked.
        """
        address = self._services.get(needs.issuer_key_id)
        if address is None:
            _log.warning("no service is configured for this authority", extra={"authority": needs.issuer_key_id.hex()})
            return Evidence()
        nonce = self._entropy.bytes(NONCE_LENGTH)
        answer = self.ask(address, needs.ocsp_request(nonce))
        return Evidence() if answer is None else Evidence(ocsp=answer, nonce=nonce)

    def ask(self, address: str, question: bytes) -> bytes | None:
        """What one service answers to an encoded question; None if nothing comes in time, or something else."""
        headers = {"content-type": OCSP_REQUEST, "accept": OCSP_RESPONSE}
        try:
            with self._http.stream("POST", address, content=question, headers=headers) as response:
                check_reply(response, OCSP_RESPONSE)
                return self._read(response, MAX_ANSWER)
        except httpx2.HTTPError as error:
            _log.warning("the authority does not answer", extra={"why": type(error).__name__})
        except Unavailable as error:
            _log.warning("the authority answers, and not what was asked", extra={"why": str(error)})
        return None
