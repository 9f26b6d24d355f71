"""The developers' console of a town: what their clients sent, rule by rule, and what the provider made of it.

`Recorder` stands in front of a provider's application: it has `Examining` look at each request before it is answered
(the engine's own functions: `warifu.idp.hear_token` and the like), hands it on unchanged, and writes it into a `Ring`
of files, secrets in part only. `Console` shows that, sends requests again, registers clients, and hands out programs
for seven stacks. Only a town runs it; nothing that serves in earnest can load it.
"""

from warifu.wire.console.code import STACKS, Stack, program, settings_file
from warifu.wire.console.examining import Examining
from warifu.wire.console.exchanges import Answer, Examined, Kind, Sent, kind_of
from warifu.wire.console.recorder import Recorder
from warifu.wire.console.request_pages import Watched
from warifu.wire.console.ring import STRANGERS, Ring
from warifu.wire.console.site import Console, Registrations
from warifu.wire.console.words import WORDS, Words

__all__ = [
    "STACKS",
    "STRANGERS",
    "WORDS",
    "Answer",
    "Console",
    "Examined",
    "Examining",
    "Kind",
    "Recorder",
    "Registrations",
    "Ring",
    "Sent",
    "Stack",
    "Watched",
    "Words",
    "kind_of",
    "program",
    "settings_file",
]
