"""Distinguished names of the two authorities, of their distribution points and of the people they certify."""

from dataclasses import dataclass
from enum import Enum

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from warifu.errors import NotAllowed
from warifu.person import Municipality

_REAL_ORGANIZATIONS = frozenset({"JPKI", "JPKI-TEST"})


class Medium(Enum):
    """What holds the private key. A person has at most one live certificate of a kind on each."""

    CARD = "card"
    PHONE = "phone"


class CertificateKind(Enum):
    """The two certificates on a card, each with an authority of its own.

    Source: 公的個人認証法 第3条 (署名用), 第22条 (利用者証明用).
    """

    SIGNING = "signing"
    AUTHENTICATION = "authentication"

    @property
    def policy(self) -> str:
        """The certificate policy's object identifier on a card.

        Source: github.com/kjur/jsrsasign-oid-jpki, lib/index.js (arc 1.2.392.200149.8.5.1).
        """
        return self.policy_on(Medium.CARD)

    def policy_on(self, medium: Medium) -> str:
        """The certificate policy's object identifier on a card or on a phone.

        Modelled: those of phones, by which a verifier tells what holds the key; one third party names ``…1.1.40``, the
        other is ours.
        """
        return (_PHONE_POLICIES if medium is Medium.PHONE else _CARD_POLICIES)[self.value]

    @property
    def unit(self) -> str:
        """The organisational unit in the authority's name."""
        return {"signing": "JPKI for digital signature", "authentication": "JPKI for user authentication"}[self.value]

    @property
    def japanese(self) -> str:
        """What the Act calls the certificate, without 電子証明書."""
        return {"signing": "署名用", "authentication": "利用者証明用"}[self.value]


_CARD_POLICIES = {"signing": "1.2.392.200149.8.5.1.1.20", "authentication": "1.2.392.200149.8.5.1.3.30"}
_PHONE_POLICIES = {"signing": "1.2.392.200149.8.5.1.1.40", "authentication": "1.2.392.200149.8.5.1.3.50"}


@dataclass(frozen=True, slots=True)
class AuthorityName:
    """What an operator calls the two authorities it runs; never what J-LIS calls its own.

    Modelled: the shape, order and string types are J-LIS's (jpki/myna on GitHub, src/ta/*.pem), the words are ours, so
    that no certificate of ours can be taken for a real one.

    Raises:
        NotAllowed: the organisation is J-LIS's production or test name.
    """

    organization: str = "JPKI-WARIFU-TEST"
    operator: str = "Warifu Simulation"
    organization_japanese: str = "公的個人認証サービス（模擬・割符）"
    operator_japanese: str = "割符（模擬）"

    def __post_init__(self) -> None:
        if self.organization.strip().upper() in _REAL_ORGANIZATIONS:
            raise NotAllowed("an authority of ours never bears J-LIS's name")

    def authority(self, kind: CertificateKind) -> x509.Name:
        """The name of the authority: subject of its certificate, issuer of all it issues. All generations share it."""
        return name([(_O, self.organization), (_OU, kind.unit), (_OU, self.operator)])

    def alternative(self, kind: CertificateKind) -> x509.GeneralName:
        """The authority's name in Japanese, for subjectAltName of its own and issuerAltName of other certificates."""
        unit = f"{self.organization_japanese}{kind.japanese}"
        return x509.DirectoryName(name([(_O, self.organization_japanese), (_OU, unit), (_OU, self.operator_japanese)]))

    def distribution_point(self, kind: CertificateKind, municipality: Municipality) -> x509.Name:
        """Where in the directory the revocation list of one municipality's certificates would be."""
        place = [(_OU, municipality.prefecture_romaji), (_CN, f"{municipality.name_romaji} CRLDP")]
        return name([(_O, self.organization), (_OU, kind.unit), (_OU, "CRL Distribution Points"), *place])


TEST_NAME = AuthorityName()
"""What the authorities of a town are called."""

_O = NameOID.ORGANIZATION_NAME
_OU = NameOID.ORGANIZATIONAL_UNIT_NAME
_CN = NameOID.COMMON_NAME


def name(attributes: list[tuple[ObjectIdentifier, str]]) -> x509.Name:
    """C=JP as PrintableString, then `attributes` as UTF8String, one in each relative distinguished name."""
    country = x509.NameAttribute(NameOID.COUNTRY_NAME, "JP")  # cryptography's default string types are those we need
    return x509.Name([country, *(x509.NameAttribute(oid, value) for oid, value in attributes)])
