"""How a run of warifu is set up: a file, the environment, flags, in that order of growing strength.

The file is ``warifu.toml``, where the platform keeps configuration (``WARIFU_CONFIG`` or ``--config`` name another
one). A key of it, say ``port_base`` under ``[town]``, is ``WARIFU_TOWN_PORT_BASE`` in the environment; a list is
written there with commas. Everything warifu keeps is in one data directory, where the platform keeps data.

A key that nobody knows is refused: a setting that is silently ignored is worse than none. Paths in the file are taken
from the file's own folder.
"""

from warifu.wire.settings.authority import AuthoritySettings
from warifu.wire.settings.companion import CompanionSettings
from warifu.wire.settings.everything import Settings
from warifu.wire.settings.provider import ProviderSettings
from warifu.wire.settings.reading import configuration_file, read_settings
from warifu.wire.settings.registry import RegistrySettings
from warifu.wire.settings.signing import SigningSettings
from warifu.wire.settings.timestamps import TimestampSettings
from warifu.wire.settings.town import TownSettings
from warifu.wire.settings.verifier import VerifierSettings

__all__ = [
    "AuthoritySettings",
    "CompanionSettings",
    "ProviderSettings",
    "RegistrySettings",
    "Settings",
    "SigningSettings",
    "TimestampSettings",
    "TownSettings",
    "VerifierSettings",
    "configuration_file",
    "read_settings",
]
