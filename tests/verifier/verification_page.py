"""The tables of docs/verification.md, from the code; ``python -m tests.verifier.verification_page`` writes them."""

from pathlib import Path

from warifu.documents import FaultCode
from warifu.verifier import RULE_WORDS, Rule, SubIndication

PAGE = Path(__file__).parents[2] / "docs" / "verification.md"
_MARKS = {name: (f"<!-- {name} -->\n", f"<!-- end of {name} -->") for name in ("rules", "sub-indications", "faults")}


def tables() -> dict[str, str]:
    """Each table by its name."""
    return {"rules": _rules(), "sub-indications": _sub_indications(), "faults": _faults()}


def _rules() -> str:
    lines = ["| rule | what it means when it is kept | clause | may give |", "|---|---|---|---|"]
    for rule in Rule:
        give = ", ".join(f"`{each.value}`" for each in rule.may_give) or "–"
        lines.append(f"| `{rule.slug}` | {RULE_WORDS[rule].passed.english} | {rule.clause} | {give} |")
    return "\n".join(lines) + "\n"


def _sub_indications() -> str:
    lines = ["| sub-indication | makes it | from |", "|---|---|---|"]
    for sub in SubIndication:
        rules = ", ".join(f"`{rule.slug}`" for rule in Rule if sub in rule.may_give) or "–"
        lines.append(f"| `{sub.value}` | {sub.indication.value} | {rules} |")
    return "\n".join(lines) + "\n"


def _faults() -> str:
    lines = ["| fault | clause |", "|---|---|"]
    lines += [f"| `{fault.code}` | {fault.clause} |" for fault in FaultCode]
    return "\n".join(lines) + "\n"


def page(text: str) -> str:
    """The page with its tables as the code has them now."""
    for name, table in tables().items():
        begin, end = _MARKS[name]
        head, rest = text.split(begin, 1)
        text = head + begin + table + end + rest.split(end, 1)[1]
    return text


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
