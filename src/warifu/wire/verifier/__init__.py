"""A verifier that answers others over REST (署名検証者・利用者証明検証者): who may ask, and the processes that verify.

`open_verifier` makes the application from settings, `callers_of` knows who may ask. What is verified, and whom it
trusts, is `warifu.wire.verification`'s and the verifier's own.

What answers over HTTP is loaded when it is first asked for: the processes that verify never need it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from warifu.wire.verifier.callers import SCOPES, Caller, Callers
from warifu.wire.verifier.processes import BrokenWork, Processes, running

if TYPE_CHECKING:
    from warifu.wire.verifier.house import callers_of, open_verifier
    from warifu.wire.verifier.operating import Operating
    from warifu.wire.verifier.rest import Stamping, application

_LATER = {
    "Operating": "operating",
    "Stamping": "rest",
    "application": "rest",
    "callers_of": "house",
    "open_verifier": "house",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)


__all__ = [
    "SCOPES",
    "BrokenWork",
    "Caller",
    "Callers",
    "Operating",
    "Processes",
    "Stamping",
    "application",
    "callers_of",
    "open_verifier",
    "running",
]
