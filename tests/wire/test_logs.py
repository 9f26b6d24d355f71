"""Logs: one JSON object a line, nothing secret in it."""

import json
import logging

import pytest

from warifu.errors import Malformed
from warifu.wire.logs import WITHHELD, JsonLines, WithoutSecrets, log_to_stderr


def logged(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """What was logged here; whatever threads of other tests are left may say something meanwhile."""
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    [value] = [line for line in lines if line["logger"] == "warifu.ca"]
    assert isinstance(value, dict)
    return value


@pytest.fixture(autouse=True)
def _restored() -> object:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level


def test_a_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr()
    logging.getLogger("warifu.ca").info("issued\nnothing %s", "else", extra={"kind": "signing"})
    line = logged(capsys)
    assert line["message"] == "issued\nnothing else"
    assert line["kind"] == "signing"
    assert line["level"] == "info"
    assert str(line["time"]).endswith("+00:00")


@pytest.mark.parametrize(
    "name", ["pin", "text_pin", "password", "access_token", "individual_number", "address", "serial_number", "key"]
)
def test_secret_fields_are_withheld(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr()
    logging.getLogger("warifu.ca").warning("x", extra={name: "1234"})
    assert logged(capsys)[name] == WITHHELD


def test_our_errors_are_logged_with_message_and_cause() -> None:
    try:
        try:
            raise ValueError("1234")
        except ValueError as cause:
            raise Malformed("bad", detail="at byte 3") from cause
    except Malformed:
        record = logging.getLogger("x").makeRecord("x", 40, "f", 1, "m", (), __import__("sys").exc_info())
    WithoutSecrets().filter(record)
    ours, cause_entry = json.loads(JsonLines().format(record))["exception"]
    assert ours["message"] == "bad"
    assert ours["detail"] == "at byte 3"
    assert cause_entry["class"] == "builtins.ValueError"
    assert "message" not in cause_entry
