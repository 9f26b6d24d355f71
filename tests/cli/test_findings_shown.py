"""What the doctor found, as a person reads it."""

import pytest

from warifu.cli.findings_shown import present_findings
from warifu.cli.texts import Language, language, speak
from warifu.services import Finding, Health

FOUND = [
    Finding("clock", Health.ILL, "90 s apart", "RFC 7523 §3: exp, nbf and iat"),
    Finding("redirect URI", Health.ILL, "400 for http://a.example/{x}", "RFC 6749 §3.1.2.2, §3.1.2.4: as registered"),
    Finding("response_types_supported", Health.DOUBTFUL, "not told", "OpenID Connect Core 1.0 §3.1.2.1"),
]


@pytest.mark.parametrize(
    ("spoken", "said"),
    [
        (
            "ja",
            ["時計", "90秒の差", "リダイレクトURI", "400（http://a.example/{x}）", "登録したとおり", "示していません"],
        ),
        ("en", ["clock", "90 s apart", "redirect URI", "400 for http://a.example/{x}", "as registered", "not told"]),
    ],
)
def test_items_are_told_in_the_readers_language(
    spoken: Language, said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = language()
    speak(spoken)
    try:
        present_findings(FOUND)
    finally:
        speak(before)
    shown = capsys.readouterr().out
    assert [each for each in said if each not in shown] == []
    assert ("s apart" in shown) == (spoken == "en")
