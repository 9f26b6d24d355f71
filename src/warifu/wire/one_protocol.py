"""A connection on which HTTP/1.1 is spoken, whatever else its client offers.

The JDK's HTTP client, and so much of what is built in Java, offers HTTP/2 with its first request on a plain connection
(`Upgrade: h2c`). A server may pass over an offer (RFC 9110 §7.8). The parser takes it that the other protocol begins
after the head, and would lose the body: so it is given the request once more, without the offer.
"""

from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["OneProtocol"]


class OneProtocol(HttpToolsProtocol):
    """Offers of another protocol are passed over."""

    def data_received(self, data: bytes) -> None:
        """Requests; of one with an offer, its head without it and then what came after."""
        self._unset_keepalive_if_required()
        while data:
            data = self._read(data)

    def _read(self, data: bytes) -> bytes:
        """What has to be read again, and on from there."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            if not self._is_tunnel():
                again = self._without_offer() + data[offer.args[0] :]
                self.parser = _another_parser(self)
                return again
            self._unsupported_upgrade_warning()
        except httptools.HttpParserError:
            self.logger.warning("Invalid HTTP request received.")
            self.send_400_response("Invalid HTTP request received.")
        return b""

    def on_headers_complete(self) -> None:
        """A request begins, unless it has to be read again."""
        if not self._is_offer():
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """It ends, or its head did."""
        if not self._is_offer():
            super().on_message_complete()

    def _is_offer(self) -> bool:
        return bool(self.parser.should_upgrade()) and not self._is_tunnel()

    def _is_tunnel(self) -> bool:
        """CONNECT asks for another protocol by its name alone; here it is a method like others."""
        return bool(self.parser.get_method() == b"CONNECT")

    def _without_offer(self) -> bytes:
        lines = [self.parser.get_method() + b" " + self.url + b" HTTP/" + self.parser.get_http_version().encode()]
        for name, value in self.headers:
            kept = _other_options(value) if name == b"connection" else value
            lines.append(name + b": " + kept)
        return b"\r\n".join(lines) + b"\r\n\r\n"


def _other_options(value: bytes) -> bytes:
    return b", ".join(each for each in value.split(b",") if each.strip().lower() != b"upgrade")


def _another_parser(protocol: HttpToolsProtocol) -> Any:
    parser = httptools.HttpRequestParser(protocol)
    parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn has it
    return parser
