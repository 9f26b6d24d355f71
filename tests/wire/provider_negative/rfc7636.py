"""RFC 7636, Proof Key for Code Exchange."""

from tests.idp.world import CHALLENGE, VERIFIER
from tests.wire.provider_negative.must import COMPATIBLE, STRICT, Document, DoesNotApply, Must
from tests.wire.provider_negative.talk import Talk


def _told_to_others(talk: Talk) -> str:
    callback = talk.callback()
    return (
        "not in it" if all(CHALLENGE not in value and VERIFIER not in value for value in callback.values()) else "in it"
    )


MUSTS = (
    Must(
        "§4.4.1",
        "where it is required, a request without a challenge is refused",
        "no challenge",
        "callback invalid_request",
        lambda talk: talk.authorize(code_challenge=None, code_challenge_method=None),
        COMPATIBLE,
    ),
    Must(
        "§4.4.1",
        "as before",
        "no challenge, pushed",
        "400 invalid_request",
        lambda talk: talk.pushed(code_challenge=None, code_challenge_method=None),
        STRICT,
    ),
    Must(
        "§4.4.1",
        "a transformation that is not supported is refused",
        "plain",
        "callback invalid_request",
        lambda talk: talk.authorize(code_challenge_method="plain"),
        COMPATIBLE,
    ),
    Must(
        "§4.4.1",
        "as before",
        "plain, pushed",
        "400 invalid_request",
        lambda talk: talk.pushed(code_challenge_method="plain"),
        STRICT,
    ),
    Must(
        "§4.3",
        "no method means plain",
        "no method",
        "callback invalid_request",
        lambda talk: talk.authorize(code_challenge_method=None),
        COMPATIBLE,
    ),
    Must(
        "§4.3",
        "as before",
        "no method, pushed",
        "400 invalid_request",
        lambda talk: talk.pushed(code_challenge_method=None),
        STRICT,
    ),
    Must(
        "§4.2",
        "a challenge is base64url",
        "a challenge with a plus sign",
        "callback invalid_request",
        lambda talk: talk.authorize(code_challenge="+" + CHALLENGE[1:]),
        COMPATIBLE,
    ),
    Must(
        "§4.4", "nobody else can read the challenge out of the answer", "a good request", "not in it", _told_to_others
    ),
    Must(
        "§4.5",
        "the verifier is required",
        "no verifier",
        "400 invalid_request",
        lambda talk: talk.exchange(code_verifier=None),
    ),
    Must(
        "§4.1",
        "a verifier has 43 characters at least",
        "42 characters",
        "400 invalid_request",
        lambda talk: talk.exchange(code_verifier="v" * 42),
    ),
    Must(
        "§4.1",
        "a verifier has 128 characters at most",
        "129 characters",
        "400 invalid_request",
        lambda talk: talk.exchange(code_verifier="v" * 129),
    ),
    Must(
        "§4.1",
        "a verifier is of unreserved characters",
        "a space",
        "400 invalid_request",
        lambda talk: talk.exchange(code_verifier="v" * 42 + " "),
    ),
    Must(
        "§4.6",
        "a verifier that does not fit is refused",
        "another verifier",
        "400 invalid_grant",
        lambda talk: talk.exchange(code_verifier="w" * 43),
    ),
    Must(
        "§4.6",
        "as before",
        "the challenge itself",
        "400 invalid_grant",
        lambda talk: talk.exchange(code_verifier=CHALLENGE),
    ),
)

OTHERS = (
    DoesNotApply(
        "§7.1, §7.2", "clients make verifiers that cannot be guessed and do not fall back to plain", "the client's"
    ),
)

RFC7636 = Document("RFC 7636: Proof Key for Code Exchange", MUSTS, OTHERS)
