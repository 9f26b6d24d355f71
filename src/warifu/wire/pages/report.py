"""A report on a signed document as one page that needs nothing else: no script, no address, nothing loaded."""

from importlib.resources import files

from markupsafe import Markup

from warifu.verifier import DocumentReport, ReportLanguage, tell_report
from warifu.wire.pages.rendering import environment

__all__ = ["report_page"]

_MARKS = {
    "ja": {"passed": "問題なし", "failed": "違反", "unknown": "不明", "not-applicable": "対象外"},
    "en": {"passed": "kept", "failed": "broken", "unknown": "not known", "not-applicable": "does not apply"},
}
_ABOUT = {
    "ja": "割符はJ-LIS・デジタル庁とは無関係の独立したソフトウェアです。主務大臣の認定を受けていない者による実在の"
    "電子証明書の検証は、公的個人認証法上の確認にはなりません（第17条）。",
    "en": "warifu is independent; not made, endorsed or certified by J-LIS or the Digital Agency. Without the "
    "ministers' certification, checking a real certificate is no confirmation under the Act (公的個人認証法 第17条).",
}


def report_page(report: DocumentReport, language: ReportLanguage, name: str = "") -> str:
    """The page, HTML; `name` is what the file is called."""
    style = (files("warifu.wire.pages") / "static" / "warifu.css").read_text("utf-8")
    page = environment().get_template("report.html")
    return page.render(
        told=tell_report(report, language, name),
        style=Markup(style),  # noqa: S704 - our own file
        marks=_MARKS[language],
        about=_ABOUT[language],
    )
