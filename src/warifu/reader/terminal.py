"""Terminals that need no PIN: a chain of card-verifiable certificates, then proof of the terminal's own key.

In life these are the card readers of clinics that compare a face (顔認証付きカードリーダー): the holder enters no PIN,
and the card signs with the user authentication key because it believes the terminal.

Wire: with JPKI EF 0016 current, each certificate goes in two commands: ``80 A2 06 C1`` with ``7F21 820233 5F4E 820129``
and the body, 307 bytes, then ``80 A2 00 C1`` with ``5F37 820100`` and the signature, 261 bytes, and an Le. The
intermediate certificate comes first, then the terminal's.
Source: those two commands are published (soltia48/myna-card; a public probing script of card terminals). Modelled: what
follows, as our card has it: GET CHALLENGE, EXTERNAL AUTHENTICATE ``00 82 00 00`` with RSASSA-PKCS1-v1_5 and SHA-256
over the challenge.
"""

from dataclasses import dataclass

from warifu.cardmap import CvCertificate, JpkiFile
from warifu.errors import Malformed
from warifu.iso7816 import MAX_EXTENDED, Command, encode_tlv
from warifu.ports import Connection, Signer
from warifu.reader.exchange import exchange, select_file, send_once
from warifu.reader.status import check

_BODY, _SIGNATURE = (0x80, 0xA2, 0x06, 0xC1), (0x80, 0xA2, 0x00, 0xC1)
_GET_CHALLENGE = (0x00, 0x84, 0x00, 0x00)
_EXTERNAL_AUTHENTICATE = (0x00, 0x82, 0x00, 0x00)
_CHALLENGE = 32
_CONTENTS_AT = 5
"""Where the contents of an encoded certificate begin: behind ``7F21 82 hh ll``."""


@dataclass(frozen=True, slots=True, repr=False)
class Terminal:
    """A terminal: the certificate of who stands above it, its own, and its key (RS256)."""

    intermediate: CvCertificate
    certificate: CvCertificate
    signer: Signer


def authenticate_terminal(connection: Connection, terminal: Terminal) -> None:
    """Have the card's JPKI application, which is current, believe the terminal until the application is left.

    The user authentication key signs then without a PIN; nothing else opens.

    Raises:
        NotOnCard: the card has no place for the key of terminals' authority.
        CardRefused: it does not believe the terminal: 6985 it knows no authority, 6A88 another issuer, 6300 a signature
            does not verify.
        Malformed: the card's challenge is too short.
    """
    select_file(connection, JpkiFile.TERMINAL_CA_KEY)
    for certificate in (terminal.intermediate, terminal.certificate):
        for command in _halves(certificate):
            check(exchange(connection, command))
    challenge = check(exchange(connection, Command(*_GET_CHALLENGE, le=_CHALLENGE)))
    if len(challenge) != _CHALLENGE:
        raise Malformed("the card gave a challenge of another length")
    check(send_once(connection, Command(*_EXTERNAL_AUTHENTICATE, terminal.signer.sign(challenge))))


def _halves(certificate: CvCertificate) -> tuple[Command, Command]:
    """A certificate as the card takes it: the header of the whole before its body, then its signature."""
    header = certificate.encode()[:_CONTENTS_AT]
    body = encode_tlv(CvCertificate.BODY_TAG, certificate.body)
    signature = encode_tlv(CvCertificate.SIGNATURE_TAG, certificate.signature)
    return Command(*_BODY, header + body), Command(*_SIGNATURE, signature, MAX_EXTENDED)
