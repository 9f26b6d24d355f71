"""docs/running_a_provider.md: its settings and its client are ones that the provider takes."""

import re
from pathlib import Path

from warifu.wire.client_files import read_clients
from warifu.wire.settings import read_settings

PAGE = (Path(__file__).parents[2] / "docs" / "running_a_provider.md").read_text("utf-8")


def block(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_settings_are_read(tmp_path: Path) -> None:
    (tmp_path / "warifu.toml").write_text(block("toml"), "utf-8")
    read = read_settings(file=tmp_path / "warifu.toml", environment={}).provider
    assert (read.profile, read.proxies, read.clients) == ("fapi2", ("127.0.0.1",), tmp_path / "clients")


def test_the_client_is_read(tmp_path: Path) -> None:
    (tmp_path / "shop.json").write_text(block("json"), "utf-8")
    [client] = read_clients(tmp_path)
    assert client.backchannel_logout_uri == "http://localhost:9310/backchannel"
