"""How every run ends: results on stdout, talk on stderr, one line and an exit code for every error."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import warifu
from warifu import errors
from warifu.cli import root as frame
from warifu.cli.commands import Command, Place
from warifu.cli.failures import FAILURES
from warifu.cli.results import json_option, show, show_table
from warifu.cli.texts import Text, counted_tries, locale_language, speak, tell, words
from warifu.errors import WarifuError

_ABOUT = Text("試す", "try")


def _run(do: Callable[[], None], *options: str, environment: dict[str, str] | None = None) -> Result:
    """Run a command that does this, under the real root."""
    command = Command("try", callback=do, help=_ABOUT)
    places = {"try": Place(_ABOUT, f"{__name__}:command")}
    globals()["command"] = command
    sys.modules.setdefault(__name__, sys.modules[_run.__module__])
    root = frame.Root("warifu", places=places, params=frame.root.params, callback=frame.root.callback)
    return CliRunner().invoke(root, [*options, "try"], env={"LC_ALL": "C", **(environment or {})})


def _raising(error: Exception) -> Callable[[], None]:
    def do() -> None:
        raise error

    return do


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.NotAllowed("not here"), 1),
        (errors.WrongPin(2), 1),
        (errors.Malformed("bad bytes"), 4),
        (errors.DataTooNew("newer"), 4),
        (errors.InUse("port 8700 is taken"), 3),
        (errors.NoReader(), 3),
        (PermissionError(13, "Permission denied", "/etc/x"), 3),
        (KeyError("secret"), 70),
        (WarifuError("unsorted"), 70),
    ],
)
def test_each_fault_has_its_exit_code_and_nothing_on_stdout(error: Exception, code: int) -> None:
    result = _run(_raising(error))
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.splitlines()[0] == result.stderr.splitlines()[0].strip()
    assert "Traceback" not in result.stderr


def test_an_error_is_one_lower_case_line_and_its_hint() -> None:
    """The hint of the class."""
    assert _run(_raising(errors.NoReader())).stderr == "no card reader was found\nhint: connect a reader\n"


def test_a_note_on_the_error_is_its_hint() -> None:
    error = errors.NotAllowed("not here")
    error.add_note(Text("あちらで", "try over there"))
    assert _run(_raising(error)).stderr == "not here\nhint: try over there\n"
    assert _run(_raising(error), "--lang", "ja").stderr == "許可されていません（not here）\nhint: あちらで\n"


def test_a_bug_says_its_kind_and_keeps_its_words_to_itself() -> None:
    """The words of an unexpected exception can hold anything, a PIN for instance."""
    stderr = _run(_raising(KeyError("1234"))).stderr
    assert stderr == "this is a bug in warifu: KeyError\nhint: --debug shows where\n"


@pytest.mark.parametrize("how", [{"options": ["--debug"]}, {"environment": {"WARIFU_DEBUG": "1"}}])
def test_debug_shows_where(how: dict[str, dict[str, str] | list[str]]) -> None:
    options, environment = how.get("options", []), how.get("environment", {})
    assert isinstance(environment, dict)
    result = _run(_raising(KeyError("x")), *options, environment=environment)
    assert "Traceback" in result.stderr
    assert result.exit_code == 70


@pytest.mark.parametrize(
    ("package", "extra"), [("starlette.routing", "server"), ("sqlalchemy", "server"), ("smartcard", "pcsc")]
)
def test_a_missing_extra_is_one_sentence_and_how_to_install_it(package: str, extra: str) -> None:
    result = _run(_raising(ModuleNotFoundError("No module", name=package)))
    assert result.exit_code == 3
    assert result.stderr.endswith(f"is not installed\nhint: pip install 'warifu[{extra}]'\n")


def test_another_missing_module_is_a_bug() -> None:
    assert _run(_raising(ModuleNotFoundError("No module", name="warifu.nowhere"))).exit_code == 70


def test_ctrl_c_is_a_refusal_without_noise() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    result = _run(interrupted)
    assert result.exit_code == 1
    assert result.stderr.strip() == "cancelled"


def test_a_command_that_does_not_exist_is_a_usage_error_with_a_hint() -> None:
    result = CliRunner().invoke(frame.root, ["frobnicate"], prog_name="warifu", env={"LC_ALL": "C"})
    assert result.exit_code == 2
    assert result.stderr == "no such command 'frobnicate'\nhint: see 'warifu --help'\n"


def test_results_go_to_stdout_and_talk_to_stderr() -> None:
    def do() -> None:
        tell(Text("始めます", "starting"))
        show({"answer": 42}, True, lambda: None)

    result = _run(do)
    assert (result.stdout, result.stderr) == ('{\n  "answer": 42\n}\n', "starting\n")


def test_json_is_an_option_of_commands_with_results() -> None:
    @click.command(cls=Command)
    @json_option
    def command(as_json: bool) -> None:
        show({"氏名": "見本"}, as_json, lambda: show_table(["氏名"], [["見本"]]))

    assert CliRunner().invoke(command, ["--json"]).stdout == '{\n  "氏名": "見本"\n}\n'
    assert CliRunner().invoke(command).stdout.split() == ["氏名", "────", "見本"]


# --- languages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "ja_JP"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "ja_JP", "LC_ALL": "C"}, "en"),
        ({"LANG": "ja_JP.UTF-8", "LC_ALL": ""}, "ja"),
    ],
)
def test_the_first_locale_variable_that_is_set_decides(environment: dict[str, str], language: str) -> None:
    """POSIX.1-2017, Base Definitions §8.2."""
    assert locale_language(environment) == language


def test_help_speaks_the_language_of_the_locale_and_lang_overrides_it() -> None:
    japanese = CliRunner().invoke(frame.root, ["--help"], env={"LC_ALL": "ja_JP.UTF-8"}).stdout
    english = CliRunner().invoke(frame.root, ["--lang", "en", "--help"], env={"LC_ALL": "ja_JP.UTF-8"}).stdout
    assert "小さな国" in japanese
    assert "デジタル庁とは無関係" in japanese
    assert "a small country" in english
    assert "小さな国" not in english


def test_the_frame_of_the_help_is_japanese_too() -> None:
    help_text = CliRunner().invoke(frame.root, ["--lang", "ja", "--help"], env={"LC_ALL": "C"}).stdout
    assert help_text.startswith("使い方: ")
    assert {"オプション:", "コマンド:"} <= set(help_text.splitlines())
    assert "warifuの版を表示して終わる。" in help_text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["town", "up", "--bogus"], "オプション--bogusはありません"),
        (["card", "info", "--trac"], "オプション--tracはありません（--trace ですか）"),
        (["nothing"], "コマンドnothingはありません"),
        (["card", "sign"], "引数FILEが必要です"),
        (["pin", "change"], "引数が必要です（auth, sign, text, resident, common のどれか）"),
        (["card", "info", "--reader"], "オプション--readerには値が必要です"),
        (["card", "info", "--trace=1"], "オプション--traceに値は付けられません"),
        (["card", "info", "--wait", "x"], "--wait: xは数ではありません"),
        (["card", "info", "--wait", "-2"], "--wait: -2.0は範囲（x>=0）の外です"),
        (["card", "read", "face", "--credential", "z"], "--credential: zではなく、a, b のどれかを指定してください"),
        (["card", "info", "one", "two"], "余分な引数があります: one two"),
        (["card", "sign", "/nowhere/x"], "FILE: /nowhere/xがありません"),
        (["--config", "/", "card", "info"], "--config: /はディレクトリです"),
        (["card", "read", "face", "--save", "/etc/hostname"], "--save: /etc/hostnameはファイルです"),
        (["login"], "--persona か --reader のどちらか一つが必要です"),
    ],
)
def test_a_usage_error_speaks_japanese(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(frame.root, ["--lang", "ja", *arguments], env={"LC_ALL": "C"})
    assert result.exit_code == 2
    assert result.stderr.splitlines()[0] == said


def test_a_usage_error_of_an_unknown_form_stays_in_english_in_brackets() -> None:
    def complain() -> None:
        raise click.UsageError("Value must be an iterable.")

    assert _run(complain, "--lang", "ja").stderr.splitlines()[0] == "使い方が違います（value must be an iterable）"


def test_a_usage_error_is_one_line() -> None:
    """click lists what may be chosen on a line each."""
    result = CliRunner().invoke(frame.root, ["--lang", "en", "pin", "change"], prog_name="warifu")
    complaint, hint = result.stderr.splitlines()
    assert complaint.endswith("choose from: auth, sign, text, resident, common")
    assert hint == "hint: see 'warifu pin change --help'"


@pytest.mark.parametrize(("left", "said"), [(1, "1 try left"), (2, "2 tries left"), (0, "0 tries left")])
def test_tries_are_counted_in_grammar(left: int, said: str) -> None:
    assert said in str(errors.WrongPin(left))
    assert said in str(errors.LastTry(left))
    speak("en")
    assert counted_tries(left) == said


def test_an_error_speaks_japanese() -> None:
    result = _run(_raising(errors.Revoked(datetime(2026, 1, 1, tzinfo=UTC), 3)), "--lang", "ja")
    assert result.stderr == "証明書は失効しています\n"


def test_a_wrong_pin_says_in_japanese_which_one() -> None:
    error = errors.WrongPin(2, "signing password")
    assert _run(_raising(error), "--lang", "ja").stderr == "署名用パスワードが違います（残り2回）\n"


def test_what_another_party_refused_is_said_as_if_it_were_ours() -> None:
    revoked = errors.PartyRefused("revoked", "the certificate has been revoked")
    assert _run(_raising(revoked), "--lang", "ja").stderr == "証明書は失効しています\n"
    stranger = errors.PartyRefused("access_denied", "no")
    assert _run(_raising(stranger), "--lang", "ja").stderr == "相手に拒否されました: access_denied\n"


def test_every_error_that_is_told_has_a_japanese_sentence_of_its_own_or_of_its_family() -> None:
    """Only the root's sentence would say nothing, so no class may fall back to it. Pages have their own words."""

    def below(kind: type[WarifuError]) -> set[type[WarifuError]]:
        return {kind}.union(*map(below, kind.__subclasses__()))

    families = {errors.Refused, errors.Malformed, errors.Unavailable}
    told = {kind for kind in below(WarifuError) if not kind.__module__.startswith("warifu.wire.window")}
    for kind in told - {WarifuError} - families:
        assert {found for found in kind.__mro__ if found in FAILURES} - families - {WarifuError}, kind


def test_a_text_fills_its_facts_in_both_languages() -> None:
    text = Text("{count}枚", "{count} cards")
    speak("ja")
    japanese = words(text, count=2)
    speak("en")
    assert (japanese, words(text, count=2)) == ("2枚", "2 cards")


# --- starting up ------------------------------------------------------------------------------------------------------


def test_version() -> None:
    assert CliRunner().invoke(frame.root, ["--version"]).stdout == f"warifu {warifu.__version__}\n"


def test_help_imports_nothing_heavy_and_no_optional_dependency() -> None:
    """So it starts fast, and works in a base install."""
    script = (
        "import sys\n"
        "from warifu.cli import main\n"
        "sys.argv = ['warifu', '--help']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'starlette', 'sqlalchemy', 'uvicorn', 'jinja2', 'joserfc', 'smartcard', 'cryptography', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_a_terminal_without_japanese_gets_escapes_and_no_failure() -> None:
    script = "import sys; from warifu.cli import main; sys.argv = ['warifu', '--lang', 'ja', '--help']; main()"
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True)
    assert "\\u" in done.stdout


def test_json_stays_json_where_the_system_cannot_write_japanese() -> None:
    script = "from warifu.cli.results import show; show({'name': '𠮷﨑'}, True, print)"
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=True)
    assert json.loads(done.stdout) == {"name": "𠮷﨑"}


def test_a_setting_that_is_wrong_ends_as_malformed(tmp_path: Path) -> None:
    path = tmp_path / "warifu.toml"
    path.write_text("sead = 1", "utf-8")
    result = _run(lambda: print(frame.settings()), "--config", str(path))
    assert result.exit_code == 4
    assert "unknown key 'sead'" in result.stderr


def test_a_language_that_nobody_speaks_here_is_refused() -> None:
    """A setting that is silently ignored is worse than none."""
    result = _run(lambda: print(frame.settings()), environment={"WARIFU_LANGUAGE": "fr"})
    assert result.exit_code == 4
    assert result.stderr == "language is one of en, ja\n"


def test_the_settings_file_chooses_the_language_unless_lang_does(tmp_path: Path) -> None:
    path = tmp_path / "warifu.toml"
    path.write_text("language = 'ja'", "utf-8")

    def do() -> None:
        frame.settings()
        tell(Text("はい", "yes"))

    assert _run(do, "--config", str(path)).stderr == "はい\n"
    assert _run(do, "--config", str(path), "--lang", "en").stderr == "yes\n"
