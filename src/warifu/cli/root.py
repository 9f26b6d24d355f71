"""``warifu`` itself: its options, its commands, and how every run ends."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import click

import warifu
from warifu.cli import failures
from warifu.cli.commands import LazyGroup, Option, Place, option
from warifu.cli.texts import Language, Text, locale_language, speak
from warifu.errors import Malformed
from warifu.wire.settings import Settings, read_settings

__all__ = ["PLACES", "Run", "root", "settings"]

PLACES = {
    "town": Place(
        Text(
            "小さな国（認証局・住民・カード・ログイン）を動かす",
            "run a small country: authorities, residents, cards, login",
        ),
        "warifu.cli.town:town",
    ),
    "serve": Place(
        Text("認証局やプロバイダーを単独で動かす", "run one party alone"),
        "warifu.cli.serve:serve",
    ),
    "provider": Place(
        Text("OpenIDプロバイダーを運営する: 鍵、記録", "operate an OpenID provider: keys, audit log"),
        "warifu.cli.provider:provider",
    ),
    "ca": Place(
        Text("認証局を運営する: 鍵、失効リスト、監査ログ、検証者", "operate the certification authorities"),
        "warifu.cli.authority:ca",
    ),
    "resident": Place(
        Text(
            "住民基本台帳: 架空の住民の出生から死亡まで",
            "the register of residents: invented lives from birth to death",
        ),
        "warifu.cli.resident:resident",
    ),
    "hotline": Place(
        Text("カードとスマートフォンの一時停止", "suspend a lost card or phone"),
        "warifu.cli.hotline:hotline",
    ),
    "post": Place(
        Text("機関どうしの通知: 鍵、相手、届かない通知", "letters between parties: keys, peers, what is stuck"),
        "warifu.cli.post:post",
    ),
    "companion": Place(
        Text("このPCのカードリーダーでログインする", "log in with the card in this PC's reader"),
        "warifu.cli.companion:companion",
    ),
    "card": Place(
        Text("カードを調べ、読み、署名させる", "look at a card, read it, have it sign"),
        "warifu.cli.card:card",
    ),
    "sign": Place(
        Text("文書（PDFなど）にカードで署名する", "sign documents (PDF and others) with a card"),
        "warifu.cli.sign:sign",
    ),
    "extend": Place(
        Text("署名した文書を長く検証できるようにする", "make signed documents last: timestamps, evidence"),
        "warifu.cli.sign_extend:extend",
    ),
    "evidence": Place(
        Text("文書を検証した証拠を残す", "keep evidence that a document was verified"),
        "warifu.cli.evidence:evidence",
    ),
    "verify": Place(
        Text("文書の電子署名を検証し、理由を報告する", "verify signed documents, and say why"),
        "warifu.cli.verify:verify",
    ),
    "trust": Place(
        Text("検証で信頼する認証局と失効リスト", "authorities that verifying believes, their revocation lists"),
        "warifu.cli.trust:trust",
    ),
    "archive": Place(
        Text("多数の署名文書をまとめて検証し直す", "verify an archive of signed documents again and again"),
        "warifu.cli.archive:archive",
    ),
    "callers": Place(
        Text("検証サービスを使える者とトークン", "who may ask 'warifu serve verifier', and their tokens"),
        "warifu.cli.callers:callers",
    ),
    "pin": Place(
        Text("カードの暗証番号の残り回数と変更", "a card's PINs: tries left, changing them"),
        "warifu.cli.pin:pin",
    ),
    "client": Place(
        Text(
            "ログインを組み込む開発者の道具: 鍵、アサーション、トークン、診断",
            "chores of a login's client: keys, assertions, tokens, doctor",
        ),
        "warifu.cli.client:client",
    ),
    "rp": Place(
        Text("クライアントが見逃す誤りを調べる", "what a login's client forgets to check"),
        "warifu.cli.rp:rp",
    ),
    "login": Place(
        Text("ブラウザーなしでログインを試す", "a whole login without a browser, for tests"),
        "warifu.cli.login:login",
    ),
}
"""Every command: one line about it, and where it is."""


_LANGUAGES: dict[str, Language] = {"ja": "ja", "en": "en"}


@dataclass
class Run:
    """What the options before the command said."""

    file: Path | None = None
    flags: dict[str, Any] = field(default_factory=dict)
    debug: bool = False


class Root(LazyGroup):
    """Settles the language before anything is said, and turns every error into one line and an exit code."""

    def main(  # type: ignore[override]  # it always leaves; click's flag for not leaving is not offered
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run and leave the process."""
        given = list(sys.argv[1:] if args is None else args)
        speak(_asked_language(given) or locale_language())
        extra.pop("standalone_mode", None)
        sys.exit(self._run(given, prog_name or "warifu", extra))

    def _run(self, args: Sequence[str], prog_name: str, extra: dict[str, Any]) -> int:
        try:
            code = super().main(args, prog_name, standalone_mode=False, **extra)
        except click.Abort:
            return failures.report_cancelled()
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            return error.exit_code
        except click.ClickException as error:
            return failures.report_usage(error)
        except Exception as error:  # noqa: BLE001 - this is where a run ends
            return failures.report(error, debug="--debug" in args or bool(os.environ.get("WARIFU_DEBUG")))
        return code if isinstance(code, int) else 0


def settings(**sections: Any) -> Settings:
    """The settings of this run; `sections` are the command's own flags (``town={"seed": 2}``).

    Raises:
        Malformed: as `read_settings`, or a language that nobody speaks here.
        Unavailable: as `read_settings`.
    """
    run = click.get_current_context().find_object(Run)
    assert run is not None
    chosen = read_settings({**run.flags, **sections}, file=run.file)
    if chosen.language:
        if chosen.language not in _LANGUAGES:
            raise Malformed(f"language is one of {', '.join(sorted(_LANGUAGES))}")
        speak(_LANGUAGES[chosen.language])
    return chosen


def _asked_language(args: Sequence[str]) -> Language | None:
    """What ``--lang`` says, before the options are parsed: help and complaints about them must already speak it."""
    for word, following in zip(args, [*args[1:], ""], strict=True):
        name, _, value = word.partition("=")
        if name == "--lang":
            return _LANGUAGES.get(value or following)
    return None


_ABOUT = Text(
    "warifu（割符）: マイナンバーカードと公的個人認証サービスの世界をPythonで。\n\n"
    "J-LIS・デジタル庁とは無関係の独立したソフトウェアです。",
    "warifu: the My Number Card and JPKI world in Python.\n\n"
    "Independent; not made, endorsed or certified by J-LIS or the Digital Agency.",
)


@click.group(
    cls=Root,
    places=PLACES,
    help=_ABOUT,
    context_settings={"help_option_names": ["--help", "-h"]},
)
@click.version_option(
    warifu.__version__,
    message="warifu %(version)s",
    cls=Option,
    help=Text("warifuの版を表示して終わる。", "Show the version and exit."),
)
@option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help=Text("設定ファイル（warifu.toml）。", "The configuration file (warifu.toml)."),
)
@option(
    "--data-directory",
    type=click.Path(file_okay=False, path_type=Path),
    help=Text("データを置くディレクトリ。", "Where warifu keeps its data."),
)
@option("--lang", type=click.Choice(["ja", "en"]), help=Text("表示の言語。", "The language of messages."))
@option("--debug", is_flag=True, help=Text("エラーの詳細を表示する。", "Show where an error came from."))
@click.pass_context
def root(ctx: click.Context, config: Path | None, data_directory: Path | None, lang: str | None, debug: bool) -> None:
    """Keep the options for the command."""
    ctx.obj = Run(config, {"data_directory": data_directory, "language": lang}, debug)
