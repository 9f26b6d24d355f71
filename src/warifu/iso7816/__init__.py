"""The language between a card and whoever drives it: commands, responses, status words, BER-TLV.

A language, not a party: it knows bytes and their rules and nothing of files, PINs or people. Everything is a frozen
dataclass with `encode` and a strict `decode`; what breaks a rule is `Malformed`.
"""

from warifu.iso7816.apdu import MAX_EXTENDED, MAX_SHORT_DATA, MAX_SHORT_LE, Command, Response, chain
from warifu.iso7816.status import StatusWord
from warifu.iso7816.tlv import Tlv, decode_all, decode_tlv, encode_tlv

__all__ = [
    "MAX_EXTENDED",
    "MAX_SHORT_DATA",
    "MAX_SHORT_LE",
    "Command",
    "Response",
    "StatusWord",
    "Tlv",
    "chain",
    "decode_all",
    "decode_tlv",
    "encode_tlv",
]
