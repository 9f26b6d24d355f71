"""An archive of signed documents, verified again and again for as long as it is kept (再検証), by several processes.

`list_archive` says what there is, `Reports` keeps what is known of each document, `verify_all` and `renew_all` have a
crew do the work, each worker at its desk (`open_desk`), and `sum_up` tells what changed. Whatever is killed, nothing
that was done is done again.
"""

from warifu.wire.archive.keeping import Reports, Run
from warifu.wire.archive.listing import Entry, list_archive
from warifu.wire.archive.renewing import Renewal, Renewed, renew_all
from warifu.wire.archive.summary import Summary, sum_up
from warifu.wire.archive.verifying import Desk, Progress, open_desk, verify_all

__all__ = [
    "Desk",
    "Entry",
    "Progress",
    "Renewal",
    "Renewed",
    "Reports",
    "Run",
    "Summary",
    "list_archive",
    "open_desk",
    "renew_all",
    "sum_up",
    "verify_all",
]
