"""The settings of the register of the municipalities."""

from dataclasses import dataclass

__all__ = ["RegistrySettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrySettings:
    """The register of the municipalities, alone (``[registry]``, ``warifu serve registry``, ``warifu resident``).

    Other parties are files in the data directory's folder ``registry/peers``; its own key for letters is beside it.
    """

    host: str = "127.0.0.1"
    port: int = 8706
    allow_remote: bool = False
    """Whether other machines may reach it."""
    database: str = ""
    """A SQLAlchemy address or a path."""
    numbering_database: str = ""
    """The database of the party that numbers, where that one is in the same process: no peer of that name."""
    pages_port: int = 0
    """Where the clerks' pages are, on this machine only; 0 leaves them out."""
