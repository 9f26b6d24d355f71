"""What clerks of a running town do, as tests have it done, and what the authorities then know of somebody."""

import json
from typing import Any

import httpx2
from click.testing import CliRunner

from warifu.ca import Entry
from warifu.cli.root import root
from warifu.pki import JST
from warifu.town.personas import plan_of
from warifu.town.residents import Resident, resident
from warifu.town.town import Town


def person_of(town: Town, name: str) -> Resident:
    return resident(plan_of(name), town.roster.seed, town.roster.founded.astimezone(JST).date())


def write(town: Town, name: str, path: str, body: dict[str, Any]) -> None:
    """Ask the register for something over REST, as a clerk of the person's municipality."""
    token = clerk_token(town, f"clerk-{name}", "--municipality", person_of(town, name).municipality.code)
    post(town, token, path, body)


def clerk_token(town: Town, clerk: str, *desk: str) -> str:
    arguments = ["--data-directory", str(town.folder), "resident", "token", "make", clerk, *desk, "--json"]
    made = CliRunner().invoke(root, arguments, env={"LC_ALL": "C", "WARIFU_CONFIG": ""})
    assert made.exit_code == 0, made.stderr
    return str(json.loads(made.stdout)["token"])


def post(town: Town, token: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {token}"}
    answer = httpx2.post(f"{town.addresses.registry}/v1{path}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def live(town: Town, name: str) -> list[Entry]:
    with town.authorities() as authorities:
        return authorities.live_of(person_of(town, name).id)
