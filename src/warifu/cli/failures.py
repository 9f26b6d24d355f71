"""How an error ends a run: one line on stderr, perhaps a hint, an exit code, no traceback.

English is what the error says itself. Japanese is a sentence for its class (or the nearest class above it); where that
sentence does not say everything, the error's own words follow in brackets. Hints are for the class; notes added to the
error (`BaseException.add_note`) are hints for this one case.
"""

import re
import traceback
from collections.abc import Sequence
from dataclasses import dataclass

import click

from warifu import errors
from warifu.cli.texts import Text, language, tell, words
from warifu.cli.usage import usage_fault
from warifu.errors import WarifuError

__all__ = ["BUG", "FAILURES", "HINTS", "report", "report_cancelled", "report_usage"]

BUG = 70

FAILURES: dict[type[WarifuError], str] = {
    WarifuError: "処理できませんでした",
    errors.Refused: "拒否されました",
    errors.CardRefused: "カードが拒否しました（ステータスワード {status_word:04X}）",
    errors.WrongPin: "{pin_name}が違います（残り{tries_left}回）",
    errors.PinBlocked: "{pin_name}がロックされています",
    errors.PinRequired: "暗証番号の照合が必要です",
    errors.NotOnCard: "カードにありません",
    errors.ApplicationLocked: "発行者がアプリケーションをロックしています",
    errors.SessionEnded: "カードとの暗号化された通信が終わりました（ステータスワード {status_word:04X}）",
    errors.LastTry: "{pin_name}は残り{tries_left}回です。最後の1回は指示がなければ試しません",
    errors.NotGenuine: "カードが真正であることを確かめられませんでした",
    errors.NotIntact: "カードのデータが改ざんされている可能性があります",
    errors.CertificateRefused: "証明書を信頼できません",
    errors.UntrustedIssuer: "信頼する認証局が発行した証明書ではありません",
    errors.Tampered: "証明書の署名が正しくありません",
    errors.WrongProfile: "証明書の記載がプロファイルと異なります",
    errors.WrongPolicy: "証明書ポリシーが異なります",
    errors.WrongKeyUsage: "証明書の鍵用途が異なります",
    errors.WeakAlgorithm: "今日では安全でないアルゴリズムによる署名です",
    errors.NotYetValid: "証明書の有効期間がまだ始まっていません",
    errors.Expired: "証明書の有効期間が満了しています",
    errors.Revoked: "証明書は失効しています",
    errors.Suspended: "証明書は一時停止中です",
    errors.NeverIssued: "認証局が発行した証明書ではありません",
    errors.RevocationDataRefused: "失効情報を信頼できません",
    errors.ChallengeRefused: "求められたものと異なる要求への応答です",
    errors.WrongSignature: "署名が正しくありません",
    errors.OAuthRefused: "認可サーバーがエラーを返しました: {error}",
    errors.HandOverRefused: "ログインはこのスマートフォンに引き継がれません",
    errors.PasskeyRefused: "このパスキーは使えません",
    errors.NotLoggedInSo: "ログインの強さまたは時刻が求められたものに足りません",
    errors.PartyRefused: "相手に拒否されました: {error}",
    errors.TokenRefused: "トークンを信頼できません",
    errors.TokenUnknown: "このトークンは使えません",
    errors.LetterRefused: "他の機関からの通知を受け取れません",
    errors.UnknownSender: "知らない機関からの通知です",
    errors.WrongLetterSignature: "通知の署名が正しくありません",
    errors.LetterUntimely: "通知の時刻が合いません",
    errors.LetterChanged: "同じ識別子で別の通知が届きました",
    errors.PinRefused: "鍵を保管するトークンが暗証番号を受け付けませんでした",
    errors.PassphraseRefused: "合言葉では認証局の鍵を開けませんでした",
    errors.LogRefused: "記録（ログ）を信頼できません",
    errors.RecordAltered: "記録が追記専用ログと一致しません（相違{count}件）",
    errors.Cancelled: "取り消されました",
    errors.NotFound: "見つかりません",
    errors.AlreadyAnswered: "すでに済んでいます",
    errors.NotAllowed: "許可されていません",
    errors.RecordProtected: "支援措置の対象者です。担当の課以外は、理由を示さなければ記録を開けません",
    errors.Malformed: "形式が正しくありません",
    errors.WrongCheckDigit: "検査用数字が合いません",
    errors.DataTooNew: "新しい版のwarifuが作ったデータです",
    errors.ContentTooLarge: "内容が長すぎます",
    errors.Unavailable: "いまは利用できません",
    errors.NoReader: "カードリーダーが見つかりません",
    errors.NoCard: "カードがありません",
    errors.AnswerLost: "カードからの応答が失われました（処理は済んでいる可能性があります）",
    errors.StatusUnknown: "失効の有無を確認できませんでした",
    errors.InUse: "使用中です",
}

_PIN_NAMES = {
    "authentication PIN": "利用者証明用暗証番号",
    "signing password": "署名用パスワード",
    "text PIN": "券面事項入力補助用暗証番号",
    "resident PIN": "住民基本台帳用暗証番号",
    "common PIN": "共通カードAPの暗証番号",
    "matching number A": "照合番号A（入力補助AP）",
    "matching number B": "照合番号B（入力補助AP）",
    "matching number A (visual)": "照合番号A（券面AP）",
    "matching number B (visual)": "照合番号B（券面AP）",
    "birth date key": "生年月日",
}

_THINGS = {
    "application or file": "アプリケーションまたはファイル",
    "the JPKI application": "公的個人認証AP",
    "the text application": "券面事項入力補助AP",
    "the visual application": "券面事項確認AP",
    "the resident register application": "住基AP",
    "the common application": "共通カードAP",
    "the authentication application of the next generation": "認証AP（次期カード）",
    "the face application of the next generation": "券面等AP（次期カード）",
    "secure messaging": "セキュアメッセージング",
    "the card manager": "カードマネージャ",
    "the signing certificate": "署名用電子証明書",
    "the authentication certificate": "利用者証明用電子証明書",
    "a signing key for SHA-256 values": "SHA-256の値に署名する鍵",
} | {f"the {english}": japanese for english, japanese in _PIN_NAMES.items()}
"""What may be missing from a card; a file is called by its number."""

_COMPLETE = frozenset({errors.PinRequired, errors.Revoked, errors.Suspended})
"""Errors whose own words add nothing to the sentence."""

HINTS: dict[type[WarifuError], Text] = {
    errors.PinBlocked: Text(
        "住所地の市区町村の窓口で初期化できます", "only the window of the holder's municipality can set it anew"
    ),
    errors.LastTry: Text("--force を付けると試します", "--force spends it"),
    errors.NoReader: Text("リーダーを接続してください", "connect a reader"),
    errors.NoCard: Text("カードを置いてください", "put a card on the reader"),
    errors.AnswerLost: Text(
        "カードを置き直し、'warifu pin status' で残り回数を確かめてください",
        "put the card back; 'warifu pin status' tells the tries left",
    ),
    errors.DataTooNew: Text(
        "warifuを新しくするか、--fresh で作り直してください", "update warifu, or start over with --fresh"
    ),
}


@dataclass(frozen=True, slots=True)
class _Extra:
    """An optional set of dependencies."""

    name: str
    packages: frozenset[str]


_EXTRAS = (
    _Extra(
        "server",
        frozenset(
            {
                *("alembic", "fastapi", "httptools", "httpx2", "jinja2", "joserfc", "numpy", "pydantic", "segno"),
                *("sqlalchemy", "starlette", "uvicorn"),
            }
        ),
    ),
    _Extra("batch", frozenset({"dask", "distributed"})),
    _Extra("documents", frozenset({"asn1crypto", "pyhanko", "pyhanko_certvalidator"})),
    _Extra("pcsc", frozenset({"smartcard"})),
    _Extra("images", frozenset({"PIL", "pylopdf_fonts_jp"})),
)

_MISSING = Text("この操作に必要な部品（{package}）がありません", "this needs {package}, which is not installed")
_INSTALL = Text("pip install 'warifu[{extra}]'", "pip install 'warifu[{extra}]'")
_HINT = "hint: "
_BUG = Text("warifuの不具合です: {kind}", "this is a bug in warifu: {kind}")
_BUG_HINT = Text("--debug を付けると詳細が出ます", "--debug shows where")
_SYSTEM = Text("{path}: {reason}", "{path}: {reason}")
_USAGE_HINT = Text("'{command} --help' で使い方が分かります", "see '{command} --help'")
_CANCELLED = Text("取り消されました", "cancelled")


def report(error: BaseException, *, debug: bool) -> int:
    """Say what went wrong; the exit code."""
    if debug:
        traceback.print_exception(error)
    if isinstance(error, WarifuError):
        return _report_ours(error)
    if isinstance(error, ModuleNotFoundError) and (extra := _extra(error.name or "")):
        tell(_MISSING, package=error.name)
        tell(_HINT + words(_INSTALL, extra=extra))
        return errors.Unavailable.exit_code
    if isinstance(error, OSError):
        tell(_SYSTEM, path=error.filename or type(error).__name__, reason=(error.strerror or str(error)).lower())
        return errors.Unavailable.exit_code
    # Something that should not happen; its own words stay out, they may hold anything.
    tell(_BUG, kind=type(error).__name__)
    tell(_HINT + words(_BUG_HINT))
    return BUG


def report_usage(error: click.ClickException) -> int:
    """A command line that is not understood (2), or click's other complaints."""
    tell(usage_fault(error))
    context = getattr(error, "ctx", None)
    if context is not None:
        tell(_HINT + words(_USAGE_HINT, command=context.command_path))
    return error.exit_code


def report_cancelled() -> int:
    """Ctrl-C, or the end of input at a prompt."""
    tell(_CANCELLED)
    return errors.Cancelled.exit_code


def _report_ours(error: WarifuError) -> int:
    tell(_japanese(error) if language() == "ja" else str(error))
    for note in getattr(error, "__notes__", []) or _class_hint(error):
        tell(_HINT + words(note))
    return error.exit_code


def _japanese(error: WarifuError) -> str:
    """The sentence for the class; what it leaves out follows in brackets."""
    if isinstance(error, errors.PartyRefused) and (theirs := _PLAIN.get(error.error)):
        # Many rules have one name: which it was stands in the other side's own words.
        return f"{theirs}（{error}）" if error.error == _snake(errors.NotAllowed.__name__) else theirs
    kind = next(kind for kind in type(error).__mro__ if kind in FAILURES)
    sentence = FAILURES[kind]
    if isinstance(error, errors.NotOnCard):
        return f"{sentence}（{_THINGS.get(error.what, error.what.replace('file', 'ファイル'))}）"
    if "{" in sentence:
        facts = dict(vars(error))
        if pin_name := facts.get("pin_name"):
            facts["pin_name"] = _PIN_NAMES.get(pin_name, "暗証番号")
        return sentence.format_map(facts)
    return sentence if kind in _COMPLETE or str(error) == _default(kind) else f"{sentence}（{error}）"


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


_PLAIN = {_snake(kind.__name__): sentence for kind, sentence in FAILURES.items() if "{" not in sentence}
"""What a party that refused meant by its `error`: our own class in snake case, as `wire.answers` writes it."""


def _default(kind: type[WarifuError]) -> str:
    """The message of an error that was raised without one: it says what its class says."""
    try:
        return str(kind())
    except TypeError:  # it never goes without facts
        return ""


def _class_hint(error: WarifuError) -> Sequence[str]:
    return [HINTS[kind] for kind in type(error).__mro__ if kind in HINTS][:1]


def _extra(module: str) -> str:
    package = module.partition(".")[0]
    return next((extra.name for extra in _EXTRAS if package in extra.packages), "")
