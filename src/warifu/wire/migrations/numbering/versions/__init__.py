"""The versions of the numbering party's database."""
