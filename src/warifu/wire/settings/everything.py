"""All sections of the settings, and where a party's files are if nothing names them."""

from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from warifu.wire.key_uri import KeyUri
from warifu.wire.settings.authority import AuthoritySettings
from warifu.wire.settings.companion import CompanionSettings
from warifu.wire.settings.provider import ProviderSettings
from warifu.wire.settings.registry import RegistrySettings
from warifu.wire.settings.signing import SigningSettings
from warifu.wire.settings.timestamps import TimestampSettings
from warifu.wire.settings.town import TownSettings
from warifu.wire.settings.verifier import VerifierSettings

__all__ = ["APPLICATION", "Settings"]

APPLICATION = "warifu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set."""

    data_directory: Path = field(default_factory=lambda: platformdirs.user_data_path(APPLICATION, appauthor=False))
    language: str = ""
    """``ja`` or ``en``; empty means the locale's."""
    log_level: str = ""
    """``debug``, ``info``, ``warning`` or ``error``; empty means what fits the command."""
    town: TownSettings = field(default_factory=TownSettings)
    authority: AuthoritySettings = field(default_factory=AuthoritySettings)
    registry: RegistrySettings = field(default_factory=RegistrySettings)
    provider: ProviderSettings = field(default_factory=ProviderSettings)
    companion: CompanionSettings = field(default_factory=CompanionSettings)
    timestamps: TimestampSettings = field(default_factory=TimestampSettings)
    signing: SigningSettings = field(default_factory=SigningSettings)
    verifier: VerifierSettings = field(default_factory=VerifierSettings)

    def place(self, named: Path | None, default: str) -> Path:
        """The path that was named, or `default` in the data directory."""
        return named or self.data_directory / default

    def key_place(self, named: Path | KeyUri | None, default: str) -> Path | KeyUri:
        """The key that was named, on a token or in a file, or the file `default` in the data directory."""
        return named if isinstance(named, KeyUri) else self.place(named, default)

    def database(self, named: str, default: str) -> str:
        """The database that was named, or the file `default` in the data directory."""
        return named or str(self.data_directory / default)
