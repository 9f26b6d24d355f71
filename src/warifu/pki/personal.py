"""The four basic attributes inside a signing certificate: six otherNames, in an order of their own.

Wire: each value is a UTF8String in an explicit [0]; the order is 氏名 1, 生年月日 4, 性別 3, 住所 5, then the positions
of substituted characters in the name 2 and in the address 6, one digit (0 or 1) a character.
Source: github.com/kjur/jsrsasign-oid-jpki, lib/index.js (object identifiers 1.2.392.200149.8.5.5.1 to 6, 5 is the
address); github.com/MynaWallet/monorepo, packages/certs (order and encodings).
"""

from cryptography import x509

from warifu.errors import Malformed
from warifu.person import BasicAttributes
from warifu.pki.substitutes import substitute

_ARC = "1.2.392.200149.8.5.5."
NAME, NAME_SUBSTITUTES, SEX, BIRTH_DATE, ADDRESS, ADDRESS_SUBSTITUTES = range(1, 7)
ORDER = (NAME, BIRTH_DATE, SEX, ADDRESS, NAME_SUBSTITUTES, ADDRESS_SUBSTITUTES)


def alternative_names(attributes: BasicAttributes) -> list[x509.GeneralName]:
    """The six otherNames for `attributes`; characters outside the character set are replaced and marked."""
    name, name_marks = substitute(attributes.name.text)
    address, address_marks = substitute(attributes.address.text)
    values = {
        NAME: name,
        NAME_SUBSTITUTES: name_marks,
        SEX: attributes.sex.certificate_digit,
        BIRTH_DATE: attributes.birth_date.certificate_digits,
        ADDRESS: address,
        ADDRESS_SUBSTITUTES: address_marks,
    }
    return [x509.OtherName(x509.ObjectIdentifier(f"{_ARC}{item}"), _utf8_string(values[item])) for item in ORDER]


def _utf8_string(text: str) -> bytes:
    """A DER UTF8String (ITU-T X.690 §8.23), up to 65,535 bytes."""
    data = text.encode()
    if len(data) > 0xFFFF:
        raise Malformed("text too long for a certificate")
    if len(data) < 0x80:
        return bytes([0x0C, len(data)]) + data
    length = len(data).to_bytes(1 if len(data) < 0x100 else 2, "big")
    return bytes([0x0C, 0x80 | len(length)]) + length + data
