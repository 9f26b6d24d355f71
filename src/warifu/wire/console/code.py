"""Programs that log somebody in, one for each stack, and the settings file that each of them reads."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from warifu.idp import Client
from warifu.services import OFFICIAL, ClientSettings, Environment

__all__ = ["STACKS", "Stack", "program", "settings_file"]

_SCOPE = "openid name address birthdate gender"


@dataclass(frozen=True, slots=True)
class Stack:
    """One language with its libraries; our own tests run each program as it stands (suite or soak)."""

    name: str
    title: str
    file: str


STACKS: Mapping[str, Stack] = {
    each.name: each
    for each in (
        Stack("python", "Python (authlib, joserfc)", "login.py"),
        Stack("typescript", "TypeScript (openid-client 6)", "login.ts"),
        Stack("java", "Java (jose4j)", "Login.java"),
        Stack("go", "Go (x/oauth2, go-oidc, golang-jwt)", "main.go"),
        Stack("ruby", "Ruby (jwt)", "login.rb"),
        Stack("php", "PHP (firebase/php-jwt)", "login.php"),
        Stack("csharp", "C# (ASP.NET Core, Microsoft.IdentityModel)", "Program.cs"),
    )
}


@cache
def program(stack: Stack) -> str:
    """The program; what is different for each client stands in the settings file."""
    return (files("warifu.wire.console") / "programs" / f"{stack.name}.txt").read_text("utf-8")


def settings_file(client: Client, environments: Mapping[str, Environment]) -> str:
    """The settings of a client of the town, with room for the official environments."""
    own = {
        name: replace(each, client_id=client.id, redirect_uri=client.redirect_uris[0])
        for name, each in environments.items()
    }
    made = ClientSettings(next(iter(environments)), _SCOPE, f"{client.name}.key.pem", {**own, **OFFICIAL})
    return made.encode().decode()
