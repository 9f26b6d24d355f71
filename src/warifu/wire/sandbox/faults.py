"""What an examining provider does wrong, one thing at a time, and where the rule stands that a client then keeps."""

from enum import Enum

__all__ = ["Fault"]


class Fault(Enum):
    """One wrong thing: its name, the rule that a client breaks if it goes on, what somebody gains, in two languages."""

    NONE = ("none", "", "", "")
    STATE_CHANGED = (
        "state-changed",
        "RFC 6749 §10.12; RFC 9700 §4.7",
        "somebody logs your user in as themselves",
        "利用者を攻撃者としてログインさせられる",
    )
    STATE_MISSING = (
        "state-missing",
        "RFC 6749 §10.12; RFC 9700 §4.7",
        "somebody logs your user in as themselves",
        "利用者を攻撃者としてログインさせられる",
    )
    ERROR_CALLBACK = (
        "error-callback",
        "RFC 6749 §4.1.2.1",
        "your user sees a crash after pressing cancel",
        "（攻撃ではない）やめた利用者に障害の画面が出る",
    )
    CODE_WITH_ERROR = (
        "code-with-error",
        "RFC 6749 §4.1.2.1",
        "a refused login goes on",
        "（攻撃ではない）断られたログインが進む",
    )
    FOREIGN_ISSUER = (
        "foreign-issuer",
        "RFC 9207 §2.4",
        "your code goes to another provider, if you have several (mix-up)",
        "（プロバイダーが複数あるとき）認可コードを別のプロバイダーへ送らせられる",
    )
    NONCE_CHANGED = (
        "nonce-changed",
        "OpenID Connect Core 1.0 §3.1.3.7 no. 11",
        "somebody plays an old token to you",
        "古いトークンを使い回せる",
    )
    NONCE_MISSING = (
        "nonce-missing",
        "OpenID Connect Core 1.0 §3.1.3.7 no. 11",
        "somebody plays an old token to you",
        "古いトークンを使い回せる",
    )
    ISSUER_CHANGED = (
        "issuer-changed",
        "OpenID Connect Core 1.0 §3.1.3.7 no. 2",
        "another provider logs people in here",
        "別のプロバイダーでここにログインできる",
    )
    AUDIENCE_CHANGED = (
        "audience-changed",
        "OpenID Connect Core 1.0 §3.1.3.7 no. 3",
        "somebody uses another client's token here",
        "別のクライアント向けのトークンを使える",
    )
    EXPIRED = (
        "expired",
        "OpenID Connect Core 1.0 §3.1.3.7 no. 9",
        "somebody uses yesterday's token",
        "期限切れのトークンを使える",
    )
    UNSIGNED = ("alg-none", "RFC 8725 §3.1; RFC 7518 §3.6", "somebody writes any token", "どんなトークンでも作れる")
    SYMMETRIC = (
        "alg-hs256",
        "RFC 8725 §2.1, §3.1",
        "somebody signs with the public key as a password",
        "公開鍵をパスワードにして署名できる",
    )
    OTHER_KEY = (
        "other-key",
        "OpenID Connect Core 1.0 §3.1.3.7 no. 6",
        "somebody signs with a key of their own",
        "自分の鍵で署名できる",
    )
    SIGNATURE_BROKEN = (
        "signature-broken",
        "OpenID Connect Core 1.0 §3.1.3.7 no. 6",
        "somebody changes the claims",
        "中身を書き換えられる",
    )
    AT_HASH_CHANGED = (
        "at-hash-changed",
        "OpenID Connect Core 1.0 §3.1.3.8",
        "somebody puts another access token in",
        "別のアクセストークンに差し替えられる",
    )
    SUBJECT_MISSING = (
        "subject-missing",
        "OpenID Connect Core 1.0 §2",
        "everybody is the same person",
        "（攻撃ではない）だれもが同じ人になる",
    )
    USERINFO_OTHER = (
        "userinfo-other",
        "OpenID Connect Core 1.0 §5.3.2",
        "somebody else's attributes are shown",
        "他人の情報を見せられる",
    )
    TOKEN_REFUSED = ("token-refused", "RFC 6749 §5.2", "people get in without tokens", "トークンなしで進められる")

    def __init__(self, code: str, clause: str, gain: str, gain_japanese: str) -> None:
        self.code = code
        self.clause = clause
        self.gain = gain
        self.gain_japanese = gain_japanese
