"""The words of a report that belong to no rule: headlines, labels, notes; Japanese and English."""

from collections.abc import Mapping

from warifu.documents import ChangeKind, Form
from warifu.person import Sex
from warifu.verifier.rule_words import Words
from warifu.verifier.rules import Indication

__all__ = [
    "CHANGES",
    "COVERED",
    "DOCUMENT",
    "FORMS",
    "HEADLINES",
    "LABELS",
    "NOTHING_SIGNED",
    "ONLY_STAMPED",
    "OURS",
    "OUTSIDE",
    "OUTSIDE_SIGNER",
    "PERSON",
    "PRESUMED",
    "SEXES",
    "SUBSTITUTED",
    "VERDICTS",
]

HEADLINES: Mapping[Indication, Words] = {
    Indication.TOTAL_PASSED: Words("すべての署名が有効です", "Every signature is valid"),
    Indication.INDETERMINATE: Words(
        "有効とも無効とも判断できない署名があります", "There is a signature that cannot be called valid or invalid"
    ),
    Indication.TOTAL_FAILED: Words("無効な署名があります", "There is an invalid signature"),
}
NOTHING_SIGNED = Words("署名がありません", "Nothing here is signed")
ONLY_STAMPED = Words("署名はなく、タイムスタンプだけがあります", "Nobody signed this; there are timestamps only")

VERDICTS: Mapping[Indication, Words] = {
    Indication.TOTAL_PASSED: Words("有効です", "Valid"),
    Indication.INDETERMINATE: Words("有効とも無効とも判断できません", "Neither valid nor invalid can be said"),
    Indication.TOTAL_FAILED: Words("無効です", "Invalid"),
}

PRESUMED = Words(
    "本人だけが行うことができる電子署名がされた文書は、真正に成立したものと推定されます（電子署名法第3条）。"
    "本人の意思によるかどうかを最後に判断するのは裁判所です。",
    "A document with a signature that only its signer can make is presumed genuine (電子署名法 第3条); "
    "whether it was the signer's will is in the end for a court to say.",
)
OURS = Words(
    "署名者の電子証明書は、公的個人認証サービスのものではなく、架空の認証局が発行したものです。実在の人について何も証明しません。",
    "An invented authority issued the signer's certificate, not JPKI: it proves nothing about anybody real.",
)
OUTSIDE = Words(
    "署名者の電子証明書は公的個人認証サービスのものではありません。署名者が誰かは、この検証者が公的個人認証サービス以外の"
    "署名者について信頼すると決めた認証局によるもので、公的個人認証法にもとづく確認ではありません。",
    "The signer's certificate is none of JPKI's. Who the signer is says an authority that this verifier decided to "
    "trust for other signers; it is no confirmation under 公的個人認証法.",
)
SUBSTITUTED = Words("なし", "none")

DOCUMENT: Mapping[str, Words] = {
    "file": Words("ファイル", "File"),
    "sha256": Words("ファイルのSHA-256", "SHA-256 of the file"),
    "at": Words("検証の基準時刻", "Verified as of"),
    "signature": Words("署名", "Signature"),
    "form": Words("署名の形式", "Form"),
    "claimed_at": Words("署名者のいう署名時刻", "Signed at, says the signer"),
    "best_time": Words("遅くともこの時刻には存在", "Existed at the latest"),
    "revision": Words("署名された版", "Revision signed"),
    "added": Words("その後に加えられたもの", "Added since"),
    "covered": Words("署名された範囲", "What is signed"),
}
COVERED: Mapping[bool, Words] = {
    True: Words("文書の全体", "the whole document"),
    False: Words("文書の一部だけ", "only a part of the document"),
}

PERSON: Mapping[str, Words] = {
    "name": Words("氏名", "Name"),
    "name_substitutes": Words("氏名の代替文字", "Substituted characters of the name"),
    "address": Words("住所", "Address"),
    "address_substitutes": Words("住所の代替文字", "Substituted characters of the address"),
    "birth_date": Words("生年月日", "Birth date"),
    "sex": Words("性別", "Sex"),
}
OUTSIDE_SIGNER: Mapping[str, Words] = {
    "subject": Words("署名者（証明書の名前）", "Signer (name in the certificate)"),
    "issuer": Words("発行者", "Issued by"),
    "anchor": Words("信頼のもと（SHA-256）", "Trust stands on (SHA-256)"),
}
SEXES: Mapping[Sex, Words] = {
    Sex.MALE: Words("男", "male"),
    Sex.FEMALE: Words("女", "female"),
    Sex.NOT_APPLICABLE: Words("適用なし", "not applicable"),
    Sex.UNKNOWN: Words("不明", "not known"),
}

FORMS: Mapping[Form, Words] = {
    Form.PADES: Words("PDF（PAdES）", "PDF (PAdES)"),
    Form.PDF_PKCS7: Words("PDF（PKCS#7、登記などの申請用）", "PDF (PKCS #7, as registry offices want it)"),
    Form.CADES: Words("CMS（CAdES）", "CMS (CAdES)"),
    Form.CMS: Words("CMS", "CMS"),
    Form.XADES: Words("XML（XAdES）", "XML (XAdES)"),
    Form.XMLDSIG: Words("XML署名", "XML Signature"),
    Form.TIMESTAMP: Words("タイムスタンプ", "Timestamp"),
}

CHANGES: Mapping[ChangeKind, Words] = {
    ChangeKind.VALIDATION_DATA: Words("検証用のデータ", "validation data"),
    ChangeKind.TIMESTAMP: Words("タイムスタンプ", "a timestamp"),
    ChangeKind.SIGNATURE: Words("別の署名", "another signature"),
    ChangeKind.FORM_FILLING: Words("フォームへの記入", "a form filled in"),
    ChangeKind.ANNOTATION: Words("注釈", "an annotation"),
    ChangeKind.METADATA: Words("文書の情報", "information about the document"),
    ChangeKind.OTHER: Words("その他の変更", "something else"),
}

LABELS: Mapping[str, Words] = {
    "added": Words("加えられたもの", "added"),
    "algorithm": Words("暗号", "algorithm"),
    "anchor": Words("信頼のもと", "trust stands on"),
    "as_of": Words("情報の時点", "as of"),
    "at": Words("時刻", "at"),
    "certificate": Words("電子証明書の存在", "certificate existed"),
    "digests": Words("照合した要約値", "digests compared"),
    "faults": Words("違反", "faults"),
    "form": Words("形式", "form"),
    "key": Words("鍵", "key"),
    "kind": Words("種類", "kind"),
    "medium": Words("鍵の場所", "key is in"),
    "named_by": Words("証明書の特定", "named by"),
    "not_after": Words("終わり", "until"),
    "not_before": Words("始まり", "from"),
    "of": Words("対象", "of"),
    "path": Words("証明書の数", "certificates"),
    "policy": Words("ポリシー", "policy"),
    "proved_at": Words("証明された時刻", "proved at"),
    "real": Words("実在の認証局", "real authority"),
    "reason": Words("理由", "reason"),
    "revision": Words("版", "revision"),
    "revisions": Words("版の数", "revisions"),
    "revoked_at": Words("失効日時", "revoked at"),
    "signature": Words("署名", "signature"),
    "source": Words("情報源", "source"),
    "suspended_at": Words("一時停止日時", "suspended at"),
    "trust": Words("信頼の種類", "trust"),
    "until": Words("期限", "until"),
    "why": Words("理由", "why"),
}
