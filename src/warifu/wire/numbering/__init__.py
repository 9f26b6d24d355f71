"""The party that gives out codes and numbers, on the wire: its own database, and a desk for each question it answers.

It keeps codes, numbers, which belong together, and which municipality got which block; nothing that it is asked, and
nothing in its tables, tells who anybody is. Its party name is ``numbering``; its database's too
(``open_database(path, PARTY)``).
"""

from warifu.wire.numbering.service import PARTY, Numbering, keep_rows, taken

__all__ = ["PARTY", "Numbering", "keep_rows", "taken"]
