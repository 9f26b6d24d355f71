"""Status words: the two bytes with which every answer ends."""

from enum import IntEnum


class StatusWord(IntEnum):
    """What SW1 SW2 say, in the terms of JICSAP (Table 25) where it and ISO differ.

    Wire: u16, big-endian, behind the response data.
    Source: ISO/IEC 7816-4:2005 §5.1.3; JICSAP IC cards with contacts v1.1; soltia48/myna-card `src/apdu.rs`.
    """

    OK = 0x9000
    CORRUPT_DATA = 0x6281
    FILE_DEACTIVATED = 0x6283
    NOT_MATCHING = 0x6300
    """The comparison failed and the key has no counter."""
    TRIES_LEFT = 0x63C0
    """The comparison failed, or the counter was asked for; the low four bits are the tries left."""
    MEMORY_FAILURE = 0x6581
    WRONG_LENGTH = 0x6700
    NO_SESSION_KEY = 0x66F1
    """The application has no key for secure messaging."""
    NO_LOGICAL_CHANNEL = 0x6881
    NO_SECURE_MESSAGING = 0x6882
    NOT_FOR_THIS_FILE = 0x6981
    """The command does not fit the structure of the file."""
    SECURITY_STATUS = 0x6982
    """The security status that this needs has not been reached."""
    BLOCKED = 0x6984
    """The key is blocked: no tries left."""
    CONDITIONS_NOT_SATISFIED = 0x6985
    NO_CURRENT_FILE = 0x6986
    SECURE_MESSAGING_MISSING = 0x6987
    SECURE_MESSAGING_WRONG = 0x6988
    SECURE_MESSAGING_DEAD = 0x69FC
    WRONG_DATA = 0x6A80
    NOT_SUPPORTED = 0x6A81
    NOT_FOUND = 0x6A82
    NO_RECORD = 0x6A83
    WRONG_P1_P2 = 0x6A86
    LENGTH_AGAINST_P1_P2 = 0x6A87
    NO_REFERENCED_DATA = 0x6A88
    WRONG_OFFSET = 0x6B00
    WRONG_LE = 0x6C00
    """The low byte is the Le that would have been right."""
    UNKNOWN_INSTRUCTION = 0x6D00
    UNKNOWN_CLASS = 0x6E00
    NO_DIAGNOSIS = 0x6F00
