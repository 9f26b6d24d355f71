"""Clients as files: one that has things signed names its platform operator."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.idp import signing, world
from warifu.errors import Malformed
from warifu.idp import Client
from warifu.wire.client_files import add_client, read_clients


def keep(folder: Path, **changes: Any) -> None:
    """The file of a client that may have things signed, spoiled or not."""
    client = signing.CLIENT
    members = {name: getattr(client, name) for name in ("id", "name", "redirect_uris", "jwks", "scopes")}
    told = {**members, "operator_jwks": signing.OPERATOR.public_jwks(), **changes}
    (folder / "bank.json").write_text(json.dumps(told), "utf-8")


def only(folder: Path) -> Client:
    [client] = read_clients(folder)
    return client


def test_a_client_names_its_operator(tmp_path: Path) -> None:
    keep(tmp_path)
    assert only(tmp_path).operator_jwks == signing.OPERATOR.public_jwks()


def test_an_operator_without_a_key_to_encrypt_for_is_refused(tmp_path: Path) -> None:
    """Nobody could open a result."""
    keep(tmp_path, operator_jwks={"keys": [world.RSA.as_dict(private=False)]})
    with pytest.raises(Malformed):
        only(tmp_path)


def test_a_client_that_is_added_again_keeps_its_operator(tmp_path: Path) -> None:
    """And the scope that goes with it."""
    keep(tmp_path)
    add_client(tmp_path, "bank", ["https://bank.example/callback"], signing.CLIENT.jwks)
    assert (only(tmp_path).operator_jwks, only(tmp_path).scopes) == (
        signing.OPERATOR.public_jwks(),
        signing.CLIENT.scopes,
    )
    assert only(tmp_path).redirect_uris == ("https://bank.example/callback",)


def test_a_client_that_is_added_again_keeps_what_is_not_said(tmp_path: Path) -> None:
    told = "http://localhost:3000/logout"
    uris, jwks = ["https://bank.example/callback"], signing.CLIENT.jwks
    add_client(tmp_path, "bank", uris, jwks, phishing_resistant=True, backchannel_logout_uri=told)
    add_client(tmp_path, "bank", uris, jwks)
    assert (only(tmp_path).phishing_resistant, only(tmp_path).backchannel_logout_uri) == (True, told)
    add_client(tmp_path, "bank", uris, jwks, phishing_resistant=False)
    assert (only(tmp_path).phishing_resistant, only(tmp_path).backchannel_logout_uri) == (False, told)


def test_a_client_names_the_sector_it_shares_its_subjects_with(tmp_path: Path) -> None:
    """OpenID Connect Core 1.0 §8.1; one that is added again stays in it."""
    keep(tmp_path, sector="bank.example.jp", sector_before=signing.CLIENT.id)
    add_client(tmp_path, "bank", ["https://bank.example/callback"], signing.CLIENT.jwks)
    assert (only(tmp_path).sector, only(tmp_path).sector_before) == ("bank.example.jp", signing.CLIENT.id)


@pytest.mark.parametrize("sector", ["", "bank", signing.CLIENT.id, "https://bank.example.jp", 7])
def test_a_sector_that_could_be_mistaken_for_a_client_is_refused(tmp_path: Path, sector: object) -> None:
    keep(tmp_path, sector=sector)
    with pytest.raises(Malformed):
        only(tmp_path)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"phishing_resistent": True}, "unknown member phishing_resistent"),
        ({"scopes": ["openid", "nmae"]}, "no such scope: nmae"),
        ({"jwks": {"keys": [{"kty": "EC"}]}}, "the JWK Set has no key"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    """Whoever wrote it finds the word."""
    keep(tmp_path, **changes)
    with pytest.raises(Malformed, match=told):
        only(tmp_path)


def test_a_member_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "bank.json").write_text('{"id": "RP1", "redirect_uris": [], "jwks": {}, "scopes": []}', "utf-8")
    with pytest.raises(Malformed, match=r"bank\.json: member name is missing"):
        only(tmp_path)


def test_two_files_with_one_client_id_are_refused(tmp_path: Path) -> None:
    """One would silently take the other's place."""
    keep(tmp_path)
    (tmp_path / "copy.json").write_bytes((tmp_path / "bank.json").read_bytes())
    with pytest.raises(Malformed, match=r"copy\.json: the client id \w+ is that of bank\.json"):
        list(read_clients(tmp_path))


def test_a_client_that_may_do_nothing_stays_so_when_it_is_added_again(tmp_path: Path) -> None:
    """A file that is only deleted leaves the client registered: this is how one is put out."""
    keep(tmp_path, active=False)
    add_client(tmp_path, "bank", ["https://bank.example/callback"], signing.CLIENT.jwks)
    assert not only(tmp_path).active
