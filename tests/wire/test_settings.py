"""File, environment, flags: the stronger one wins, and nothing unknown passes silently."""

from pathlib import Path

import pytest

from warifu.errors import Malformed, Unavailable
from warifu.wire.key_uri import KeyUri
from warifu.wire.settings import Settings, configuration_file, read_settings


def _file(folder: Path, text: str) -> Path:
    path = folder / "warifu.toml"
    path.write_text(text, "utf-8")
    return path


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    assert read_settings(environment={"WARIFU_CONFIG": str(_file(tmp_path, ""))}) == Settings()


def test_the_environment_is_stronger_than_the_file_and_flags_are_stronger_than_both(tmp_path: Path) -> None:
    path = _file(tmp_path, "[town]\nseed = 2\nport_base = 9000\n[companion]\nport = 1\n")
    environment = {"WARIFU_TOWN_PORT_BASE": "9100", "WARIFU_COMPANION_PORT": "2"}
    settings = read_settings({"companion": {"port": 3}}, file=path, environment=environment)
    assert (settings.town.seed, settings.town.port_base, settings.companion.port) == (2, 9100, 3)


def test_a_flag_that_was_not_given_changes_nothing(tmp_path: Path) -> None:
    path = _file(tmp_path, "language = 'en'\n[town]\nseed = 2\n")
    settings = read_settings({"language": None, "town": {"seed": None}}, file=path, environment={})
    assert (settings.language, settings.town.seed) == ("en", 2)


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path) -> None:
    """Editors of Windows put one before UTF-8."""
    assert read_settings(file=_file(tmp_path, "\ufefflanguage = 'en'\n"), environment={}).language == "en"


def test_paths_are_taken_from_the_files_own_folder(tmp_path: Path) -> None:
    path = _file(tmp_path, "data_directory = 'kept'\n[provider]\nkey = 'op.key'\n")
    settings = read_settings(file=path, environment={})
    assert settings.data_directory == tmp_path / "kept"
    assert settings.provider.key == tmp_path / "op.key"


def test_a_key_may_be_on_a_token(tmp_path: Path) -> None:
    """RFC 7512; everything else is the path of a file."""
    address = "pkcs11:token=ca;object=2026?module-path=/usr/lib/module.so&pin-source=/etc/pin"
    from_file = read_settings(file=_file(tmp_path, f"[authority]\nkey = '{address}'"), environment={})
    assert from_file.authority.key == KeyUri.parse(address)
    from_environment = read_settings(environment={"WARIFU_PROVIDER_KEY": address})
    assert from_environment.key_place(from_environment.provider.key, "k") == KeyUri.parse(address)
    assert from_environment.key_place(None, "k") == from_environment.data_directory / "k"


def test_a_list_in_the_environment_is_written_with_commas() -> None:
    settings = read_settings(environment={"WARIFU_COMPANION_PROVIDERS": "http://a.example, http://b.example"})
    assert settings.companion.providers == ("http://a.example", "http://b.example")


@pytest.mark.parametrize(("text", "value"), [("1", True), ("TRUE", True), ("no", False)])
def test_a_switch_in_the_environment(text: str, value: bool) -> None:
    assert read_settings(environment={"WARIFU_PROVIDER_ALLOW_REMOTE": text}).provider.allow_remote is value


def test_a_switch_in_the_environment_must_be_one() -> None:
    with pytest.raises(Malformed, match="WARIFU_PROVIDER_ALLOW_REMOTE must be true or false"):
        read_settings(environment={"WARIFU_PROVIDER_ALLOW_REMOTE": "perhaps"})


def test_what_is_not_named_is_in_the_data_directory(tmp_path: Path) -> None:
    settings = read_settings({"data_directory": tmp_path}, environment={})
    assert settings.place(None, "provider/secret") == tmp_path / "provider" / "secret"
    assert settings.place(Path("/elsewhere"), "provider/secret") == Path("/elsewhere")
    assert settings.database("", "a.db") == str(tmp_path / "a.db")
    assert settings.database("postgresql://db/x", "a.db") == "postgresql://db/x"


def test_an_unknown_key_is_refused_by_name_with_the_nearest_one(tmp_path: Path) -> None:
    path = _file(tmp_path, "[town]\nsead = 2\n")
    with pytest.raises(Malformed, match=r"warifu\.toml: unknown key 'town\.sead'; did you mean 'seed'\?"):
        read_settings(file=path, environment={})


def test_an_unknown_section_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="unknown key 'zzz'; known are authority, companion"):
        read_settings(file=_file(tmp_path, "[zzz]\nseed = 2\n"), environment={})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[town]\nseed = 'two'", r"'town\.seed' must be a whole number"),
        ("[town]\nseed = true", r"'town\.seed' must be a whole number"),
        ("language = 3", "'language' must be text"),
        ("data_directory = 3", "'data_directory' must be a path"),
        ("[companion]\nproviders = 'x'", r"'companion\.providers' must be a list of texts"),
        ("[provider]\nallow_remote = 1", r"'provider\.allow_remote' must be true or false"),
        ("[provider]\nkey = 1", r"'provider\.key' must be a path"),
        ("town = 3", r"'town' is a section, \[town\]"),
    ],
)
def test_a_value_of_another_type_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(Malformed, match=complaint):
        read_settings(file=_file(tmp_path, text), environment={})


def test_a_number_in_the_environment_must_be_one() -> None:
    with pytest.raises(Malformed, match="WARIFU_TOWN_SEED must be a whole number"):
        read_settings(environment={"WARIFU_TOWN_SEED": "two"})


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=r"warifu\.toml"):
        read_settings(file=_file(tmp_path, "town ="), environment={})


def test_a_file_that_was_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="there is no configuration file"):
        read_settings(file=tmp_path / "none.toml", environment={})


def test_the_usual_file_may_be_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert not configuration_file({}).exists()
    assert read_settings(environment={}).town == Settings().town
