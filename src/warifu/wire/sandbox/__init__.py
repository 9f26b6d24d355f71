"""A provider that answers as it is told: every outcome of a login on demand, for who builds a client.

It wraps the real engine, so that whatever is not played is checked as in earnest: requests, assertions, codes, tokens.
Who the person is, and how the login ends, is a `Response`: picked on a page (which stands where the login page would),
or said by a header of the authorization request, by a rule in a file, or queued by the API. Only a town runs it, under
an issuer and keys of its own; nothing that serves in earnest can load it.
"""

from warifu.wire.sandbox.responses import OUTCOMES, Response, Responses
from warifu.wire.sandbox.site import Cards, application

__all__ = ["OUTCOMES", "Cards", "Response", "Responses", "application"]
