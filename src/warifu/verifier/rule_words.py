"""What each rule means to who reads a report: one sentence for each outcome, Japanese and English.

電子署名法 第3条 presumes a document genuine when its signature can only be the signer's own; where a rule bears on
that, its sentence says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from warifu.verifier.report import Check, Outcome
from warifu.verifier.rules import Rule, SubIndication

__all__ = ["RULE_WORDS", "ReportLanguage", "Sentences", "Words", "sentence"]

ReportLanguage = Literal["ja", "en"]


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in both languages."""

    japanese: str
    english: str

    def told_in(self, language: ReportLanguage) -> str:
        """The sentence in one of them."""
        return self.japanese if language == "ja" else self.english


@dataclass(frozen=True, slots=True)
class Sentences:
    """What it means that a rule is kept, that it is broken, that nobody can tell."""

    passed: Words
    failed: Words
    unknown: Words


RULE_WORDS: Mapping[Rule, Sentences] = {
    Rule.FORM: Sentences(
        Words("署名の形式は規格どおりです。", "The signature has the form that its standard asks for."),
        Words(
            "署名の形式が規格に反しています。何に署名されたのかを正しく読み取れないため、信用できません。",
            "The signature breaks the rules of its format; what was signed cannot be told; do not trust it.",
        ),
        Words("署名の形式を確認できませんでした。", "The form of the signature could not be checked."),
    ),
    Rule.CERTIFICATE_FOUND: Sentences(
        Words(
            "署名者の電子証明書が特定できました。",
            "The signature says which certificate it is to be checked with, and that certificate is here.",
        ),
        Words(
            "署名が指す電子証明書と、添えられた電子証明書が一致しません。",
            "The certificate that came along is not the one that the signature names.",
        ),
        Words(
            "署名者の電子証明書が見つからないため、誰の署名か分かりません。",
            "The signer's certificate is missing; nobody can tell whose signature it is.",
        ),
    ),
    Rule.CONTENT: Sentences(
        Words("文書は署名された時から変わっていません。", "The document has not been changed since it was signed."),
        Words(
            "文書は署名された後に変更されています。電子署名法第2条第1項第2号の要件（改変の有無を確認できること）により、"
            "この署名は現在の内容についてのものではありません。",
            "The document was changed after it was signed: the signature is not about what it says now "
            "(電子署名法 第2条第1項第2号).",
        ),
        Words(
            "署名された文書がありません。元の文書を指定してください。",
            "What was signed is not here; name the original document.",
        ),
    ),
    Rule.SIGNATURE_VALUE: Sentences(
        Words("署名は、電子証明書に記された鍵によるものです。", "The key in the certificate made this signature."),
        Words(
            "署名は、電子証明書に記された鍵によるものではありません。署名が改ざんされたか、別人のものです。",
            "The key in the certificate did not make this signature: it was tampered with, or is somebody else's.",
        ),
        Words("署名の値を検証できませんでした。", "The signature value could not be verified."),
    ),
    Rule.CHANGES: Sentences(
        Words(
            "署名の後に文書へ加えられたのは、許された追加だけです。",
            "Nothing was added behind the signature but what may be added.",
        ),
        Words(
            "署名の後に、許されない変更が文書に加えられています。見えている内容は署名されたものと限りません。",
            "Something was added behind the signature that may not be; what you see need not be what was signed.",
        ),
        Words(
            "署名の後に加えられたものが、許された追加か判断できません。署名された版を開いて確かめてください。",
            "It cannot be told whether what was added behind the signature may be; look at the signed revision.",
        ),
    ),
    Rule.SIGNATURE_POLICY: Sentences(
        Words("署名者は特別な署名ポリシーを指定していません。", "The signer invoked no signature policy of its own."),
        Words(
            "署名者が指定した署名ポリシーを処理できません。",
            "The signature policy that the signer invoked cannot be processed.",
        ),
        Words(
            "署名者が指定した署名ポリシーが手元にないため、その条件を満たすか判断できません。",
            "The signature policy that the signer invoked is not here; whether it is kept cannot be told.",
        ),
    ),
    Rule.ISSUER: Sentences(
        Words(
            "電子証明書は、信頼する認証局が発行したものです。",
            "An authority that is trusted here issued the certificate.",
        ),
        Words(
            "電子証明書に認証局の署名がありますが、検証に失敗しました。電子証明書が改ざんされています。",
            "The authority's signature on the certificate does not verify: the certificate was tampered with.",
        ),
        Words(
            "電子証明書の発行者は、信頼する認証局として登録されていません。署名者が誰かを保証するものがありません。",
            "No authority that is trusted here issued the certificate; nothing vouches for who the signer is.",
        ),
    ),
    Rule.CERTIFICATE_KIND: Sentences(
        Words("電子証明書は署名用です。", "The certificate is one for signing."),
        Words(
            "電子証明書は署名用のものではありません。利用者証明用電子証明書などによるものは、文書への電子署名にあたりません。",
            "The certificate is not one for signing documents; one for logging in, for example, signs nothing.",
        ),
        Words("電子証明書の用途を確認できませんでした。", "What the certificate is for could not be checked."),
    ),
    Rule.MAY_CONFIRM: Sentences(
        Words(
            "この検証者は、この電子証明書の有効性を確認できます。",
            "This verifier may tell whether this certificate is valid.",
        ),
        Words(
            "この検証者は、この電子証明書の有効性を確認できません。",
            "This verifier may not tell whether this certificate is valid.",
        ),
        Words(
            "実在の公的個人認証サービスの電子証明書です。主務大臣の認定を受けていない（または認定を受けた者に確認業務のすべてを"
            "委託していない）検証者が調べても、法律上の確認にはなりません（公的個人認証法第17条）。",
            "This is a real certificate of JPKI. Without the ministers' certification, or entrusting everything to a "
            "certified operator, checking it is no confirmation under the Act (公的個人認証法 第17条).",
        ),
    ),
    Rule.VALIDITY: Sentences(
        Words(
            "署名は、電子証明書の有効期間内に存在していました。",
            "The signature existed while the certificate was valid.",
        ),
        Words(
            "署名は、電子証明書の有効期間の外で作られました。",
            "The signature was made outside of the time for which the certificate is valid.",
        ),
        Words(
            "電子証明書は有効期間の外にあり、有効だった間に署名されたことを示すもの（タイムスタンプなど）がありません。"
            "本人の署名と推定する（電子署名法第3条）根拠として足りません。",
            "The certificate is outside of its time, and nothing (such as a timestamp) shows that it was signed "
            "within; too little to presume the signer's intent on (電子署名法 第3条).",
        ),
    ),
    Rule.REVOCATION: Sentences(
        Words(
            "署名が存在した時点で、電子証明書は失効していませんでした。",
            "The certificate had not been revoked when the signature existed.",
        ),
        Words(
            "電子証明書が失効した後に署名されています。",
            "The signature was made after the certificate had been revoked.",
        ),
        Words(
            "署名が電子証明書の失効より前に存在したことを確かめられません。失効の有無が分からないか、"
            "失効前の署名であることを示すものがありません。",
            "It cannot be shown that the signature existed before the certificate lost its effect: nobody could say "
            "whether it did, or nothing proves that the signature was earlier.",
        ),
    ),
    Rule.ALGORITHM: Sentences(
        Words(
            "使われた暗号は、署名の時点で安全とされています。", "The algorithms used were considered safe at the time."
        ),
        Words("安全でない暗号が使われています。", "An algorithm was used that is not safe."),
        Words(
            "使われた暗号は安全とされる期限を過ぎており、それより前に署名されたことを示すものがありません。",
            "An algorithm is past the date until which it is considered safe, and nothing shows an earlier signature.",
        ),
    ),
    Rule.TIMESTAMP: Sentences(
        Words("タイムスタンプは信頼できます。", "The timestamp can be relied on."),
        Words(
            "タイムスタンプは、この署名または文書についてのものではないか、壊れています。時刻の証明には使えません。",
            "The timestamp is about something else, or damaged; it proves no time.",
        ),
        Words(
            "タイムスタンプの発行者を信頼できるか確認できません。時刻の証明には使えません。",
            "Whether the timestamp's authority can be trusted is not known; it proves no time here.",
        ),
    ),
    Rule.TIMESTAMP_ORDER: Sentences(
        Words(
            "タイムスタンプの時刻の順序に矛盾はありません。",
            "The times of the timestamps do not contradict each other.",
        ),
        Words("タイムスタンプの時刻の順序が矛盾しています。", "The times of the timestamps contradict each other."),
        Words(
            "タイムスタンプの時刻の順序を確認できませんでした。", "The order of the timestamps could not be checked."
        ),
    ),
    Rule.PROOF_OF_EXISTENCE: Sentences(
        Words(
            "保存されたタイムスタンプにより、署名が有効だった時点に存在していたことが証明されています。",
            "Timestamps that were kept prove that the signature existed at a time when it was good.",
        ),
        Words(
            "署名が有効だった時点に存在していたことの証明が成り立ちません。",
            "The proof that the signature existed at a time when it was good does not hold.",
        ),
        Words(
            "署名が有効だった時点に存在していたことを示すものがありません。",
            "Nothing proves that the signature existed at a time when it was good.",
        ),
    ),
}


_CLOSER: Mapping[tuple[Rule, SubIndication], Words] = {
    (Rule.ISSUER, SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE): Words(
        "電子証明書から信頼する認証局までの経路が成り立ちません。途中に規則に反する電子証明書か、有効期間の外の電子証明書があります。",
        "There is no valid path from the certificate to an authority that is trusted here: a certificate on the way "
        "breaks a rule for paths, or is outside of its time.",
    ),
    (Rule.CERTIFICATE_FOUND, SubIndication.SIG_CONSTRAINTS_FAILURE): Words(
        "署名は、どの電子証明書で検証すべきかを正しく示していません。別の電子証明書とすり替えられるおそれがあります。",
        "The signature does not say properly with which certificate to check it: another could be put in its place.",
    ),
    (Rule.VALIDITY, SubIndication.NOT_YET_VALID): Words(
        "署名は、電子証明書の有効期間が始まる前に存在していました。その電子証明書による署名ではありえません。",
        "The signature existed before the certificate's time began; it cannot have been made with that certificate.",
    ),
    (Rule.VALIDITY, SubIndication.EXPIRED): Words(
        "電子証明書の有効期間が終わった後に署名されています。", "It was signed after the certificate's time had ended."
    ),
    (Rule.REVOCATION, SubIndication.REVOKED_NO_POE): Words(
        "電子証明書は失効しており、失効より前に署名されたことを示すもの（タイムスタンプなど）がありません。"
        "本人の署名と推定する（電子署名法第3条）根拠として足りません。",
        "The certificate has been revoked, and nothing (such as a timestamp) shows that the signature is older; too "
        "little to presume the signer's intent on (電子署名法 第3条).",
    ),
    (Rule.REVOCATION, SubIndication.REVOKED_CA_NO_POE): Words(
        "発行した認証局の証明書が失効しており、失効より前に署名されたことを示すもの（タイムスタンプなど）がありません。",
        "The certificate of an authority on the way has been revoked, and nothing (such as a timestamp) shows that the "
        "signature is older.",
    ),
    (Rule.REVOCATION, SubIndication.TRY_LATER): Words(
        "電子証明書が失効していたか（または一時停止中か）、いまは分かりません。認証局の新しい失効情報を得てから検証し直してください。",
        "Whether the certificate had been revoked, or is only suspended, is not known now; verify again with new "
        "revocation data of its authority.",
    ),
    (Rule.REVOCATION, SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE): Words(
        "認証局は、この電子証明書を発行した記録がないと答えています。",
        "The authority answers that it has no record of issuing this certificate.",
    ),
    (Rule.REVOCATION, SubIndication.REVOCATION_OUT_OF_BOUNDS_NO_POE): Words(
        "失効情報の署名者の有効期間が過ぎており、失効情報がそれより前に存在したことを示すものがありません。",
        "Who signed the revocation data is past its time, and nothing shows that the data are older.",
    ),
}


_NOT_APPLICABLE: Mapping[Rule, Words] = {
    Rule.MAY_CONFIRM: Words(
        "公的個人認証サービスの電子証明書ではないため、公的個人認証法は関係しません。"
        "この検証者が選んで信頼する認証局が発行した電子証明書です。",
        "This is no certificate of JPKI, so 公的個人認証法 does not bear on it; an authority issued it that this "
        "verifier chose to trust.",
    ),
}


def sentence(check: Check, language: ReportLanguage) -> str:
    """What it means to the reader that this came out of a check."""
    if check.outcome is Outcome.NOT_APPLICABLE and check.rule in _NOT_APPLICABLE:
        return _NOT_APPLICABLE[check.rule].told_in(language)
    said = RULE_WORDS[check.rule]
    words = {Outcome.PASSED: said.passed, Outcome.FAILED: said.failed}.get(check.outcome, said.unknown)
    if check.sub_indication is not None and check.saw.get("why") != "Tampered":
        words = _CLOSER.get((check.rule, check.sub_indication), words)
    return words.told_in(language)
