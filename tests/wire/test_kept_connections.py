"""A connection that waits for its next request is closed by whoever asks, never by us in that moment."""

from httpx2._config import DEFAULT_LIMITS
from starlette.applications import Starlette

from warifu.wire import serving

NGINX = 60
"""Seconds, the default of `keepalive_timeout` in an `upstream` (ngx_http_upstream_module)."""


def test_a_connection_is_kept_longer_than_clients_keep_theirs() -> None:
    """RFC 9112 §9.5: from the other side of a connection that is closed as idle, a request may be in progress."""
    assert DEFAULT_LIMITS.keepalive_expiry is not None
    kept = serving._configuration(Starlette()).timeout_keep_alive
    assert kept > max(NGINX, DEFAULT_LIMITS.keepalive_expiry)
