"""A provider that answers as it is told: every outcome of a login on demand, for who builds a client.

It wraps the real engine, so that whatever is not played is checked as in earnest: requests, assertions, codes, tokens.
Who the person is, and how the login ends, is a `Response`: picked on a page (which stands where the login page would),
or said by a header of the authorization request, by a rule in a file, or queued by the API. Only a town runs it, under
an issuer and keys of its own; nothing that serves in earnest can load it.

`Examiner` is another one that misbehaves on purpose, one `Fault` at a time; `examine` sends a client through each of
them and says which it swallowed.
"""

from warifu.wire.sandbox.examination import Examined, Verdict, examine
from warifu.wire.sandbox.examiner import Examiner
from warifu.wire.sandbox.faults import Fault
from warifu.wire.sandbox.responses import OUTCOMES, Response, Responses
from warifu.wire.sandbox.site import Cards, application

__all__ = [
    "OUTCOMES",
    "Cards",
    "Examined",
    "Examiner",
    "Fault",
    "Response",
    "Responses",
    "Verdict",
    "application",
    "examine",
]
