"""``warifu serve`` as a process of its own."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest

from tests.house import leaks
from tests.waiting import PATIENCE


@contextmanager
def listening(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """The address at which it listens; after Ctrl-C it has to end well."""
    surroundings = os.environ | dict(environment or {})
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=surroundings) as process:
        assert process.stderr is not None
        for line in process.stderr:
            leaks.note("stderr of serve", line)
            if found := re.match(r"listening at (\S+);", line):
                break
        else:
            pytest.fail("it never listened")
        try:
            yield found[1]
        finally:
            process.send_signal(signal.SIGINT)
            rest = process.stderr.read()
            leaks.note("stderr of serve", rest)
        assert rest.endswith("stopped\n")
        assert process.wait(PATIENCE) == 0
