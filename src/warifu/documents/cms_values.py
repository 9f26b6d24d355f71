"""Certificates and revocation data that travel with a CMS signature, sorted.

Source: RFC 5652 §10.2.1; RFC 5940 §2.1; RFC 5126 §6.3.3, §6.3.4; ISO 32000-2 §12.8.3.3.2.
"""

from warifu.errors import Malformed
from warifu.pki import der

__all__ = [
    "ARCHIVE_TIMESTAMP_V3",
    "CERTIFICATE_VALUES",
    "REVOCATION_VALUES",
    "SIGNATURE_TIMESTAMP",
    "each_of",
    "sort_choices",
    "split_revocation",
]

_SMIME = "1.2.840.113549.1.9.16.2."
SIGNATURE_TIMESTAMP = der.object_identifier(_SMIME + "14")
CERTIFICATE_VALUES = der.object_identifier(_SMIME + "23")
REVOCATION_VALUES = der.object_identifier(_SMIME + "24")
ARCHIVE_TIMESTAMP_V3 = der.object_identifier("0.4.0.1733.2.4")
_OCSP_RESPONSE = der.object_identifier("1.3.6.1.5.5.7.16.2")
_BASIC_OCSP = der.object_identifier("1.3.6.1.5.5.7.48.1.1")


def each_of(content: bytes) -> list[bytes]:
    """The SEQUENCEs in a row, each whole."""
    found, position = [], 0
    while position < len(content):
        _, after = der.slice_element(content, position, der.SEQUENCE)
        found.append(content[position:after])
        position = after
    return found


def split_revocation(content: bytes, crls: list[bytes], ocsps: list[bytes]) -> None:
    """Sort the contents of RevocationValues into lists and answers (RFC 5126 §6.3.4).

    Wire: [0] SEQUENCE OF CertificateList, [1] SEQUENCE OF BasicOCSPResponse (whole OCSPResponses in Acrobat's attribute
    of the same shape), each optional. Answers come out as whole OCSPResponses (RFC 6960 §4.2.1).

    Raises:
        Malformed: another shape.
    """
    position = 0
    while position < len(content):
        begin, after = der.slice_element(content, position, content[position])
        if content[position] == der.explicit(0):
            crls += each_of(der.whole(content[begin:after], der.SEQUENCE))
        elif content[position] == der.explicit(1):
            ocsps += [_whole_answer(each) for each in each_of(der.whole(content[begin:after], der.SEQUENCE))]
        elif content[position] != der.explicit(2):
            raise Malformed("revocation values of another shape")
        position = after


def _whole_answer(answer: bytes) -> bytes:
    """An OCSPResponse around a BasicOCSPResponse that stands alone."""
    if der.whole(answer, der.SEQUENCE)[:1] == b"\x0a":
        return answer
    response = der.encode(der.SEQUENCE, _BASIC_OCSP, der.encode(der.OCTET_STRING, answer))
    return der.encode(der.SEQUENCE, b"\x0a\x01\x00", der.encode(der.explicit(0), response))


def sort_choices(choices: tuple[bytes, ...], crls: list[bytes], ocsps: list[bytes]) -> None:
    """Sort RevocationInfoChoices: lists as they are, answers as RFC 5940 §2.1 puts them; the rest is left out.

    Raises:
        Malformed: another shape.
    """
    for choice in choices:
        if choice[0] == der.SEQUENCE:
            crls.append(choice)
        elif choice[0] == der.explicit(1):
            content = der.whole(choice, der.explicit(1))
            if content.startswith(_OCSP_RESPONSE):
                ocsps.append(content[len(_OCSP_RESPONSE) :])
