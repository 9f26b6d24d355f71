"""The command line: ``warifu NOUN VERB``. It parses, prompts and prints; what is done is done in the rooms below.

It is where secrets come from a person (`pins`) and where errors become one line and an exit code (`failures`). Results
go to stdout, talk to stderr. A command lives in the module of its noun and is listed in `root.PLACES`; it is imported
when it is used, so that help is quick and works without the optional dependencies.
"""

import io
import sys
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command line and leave the process: 0 done, 1 refused, 2 usage, 3 unavailable, 4 malformed, 70 bug."""
    from warifu.cli.root import root

    for stream in (sys.stdout, sys.stderr):
        # Where the system cannot write Japanese, a name must not end the run.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    root.main()
