"""One spoiled thing, and how the code is asked about it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tests.verifier.document_scene import Judgement
from warifu.documents import FaultCode
from warifu.errors import WarifuError
from warifu.verifier import Outcome, SignatureReport

__all__ = ["Spoiled", "faults_of", "refusal", "timestamp_verdict", "verdict"]

NOTHING = "nothing: it passes"


@dataclass(frozen=True, slots=True)
class Spoiled:
    """What is wrong with it, the clause that it breaks, and a function that has the code look at it."""

    wrong: str
    clause: str
    ask: Callable[[], str]


def refusal(ask: Callable[[], Any]) -> str:
    """The class of the error that is raised."""
    try:
        ask()
    except WarifuError as error:
        return f"`{type(error).__name__}`"
    return NOTHING


def verdict(judgement: Judgement) -> str:
    """Indication and sub-indication of a document's one signature, and the rules that say so."""
    return _told(judgement.signature())


def _told(signature: SignatureReport) -> str:
    rules = [check.rule.slug for check in signature.checks if check.outcome in (Outcome.FAILED, Outcome.UNKNOWN)]
    sub = signature.sub_indication
    said = f"{signature.indication.value} `{sub.value}`" if sub else signature.indication.value
    return f"{said} ({', '.join(dict.fromkeys(rules))})" if rules else NOTHING


def timestamp_verdict(judgement: Judgement) -> str:
    """What is said of the last timestamp; the signature is as old as the check then."""
    stamp = judgement.signature().timestamps[-1]
    return f"{stamp.indication.value} `{stamp.sub_indication.value}` (timestamp)" if stamp.sub_indication else NOTHING


def faults_of(codes: Iterable[FaultCode]) -> str:
    """The faults that a reader found, by name."""
    return ", ".join(f"`{code.code}`" for code in sorted(set(codes), key=list(FaultCode).index)) or NOTHING
