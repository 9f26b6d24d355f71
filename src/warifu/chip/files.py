"""What a chip holds: applications and the files in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from warifu.iso7816 import StatusWord


@dataclass(frozen=True, slots=True)
class TransparentFile:
    """Bytes that READ BINARY reads. `opens_with`: any one of these PIN files; None is free, the empty set shut."""

    fid: int
    image: bytes = field(repr=False)
    opens_with: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class RecordFile:
    """Records that READ RECORD reads, numbered from 1. `opens_with` as in `TransparentFile`."""

    fid: int
    records: tuple[bytes, ...] = field(repr=False)
    opens_with: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class PinFile:
    """A PIN (an internal file, IEF). `name` is where the store keeps its `PinRecord`; lengths in bytes."""

    fid: int
    name: str
    shortest: int
    longest: int
    tries: int
    changeable: bool = True


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A private key (an internal file), RSA or on P-384. `private_key` None: the place is there, the key is not.

    `authenticates`: it answers INTERNAL AUTHENTICATE, with RSA only; else it makes signatures. No key does both.
    """

    fid: int
    private_key: RSAPrivateKey | EllipticCurvePrivateKey | None = field(repr=False)
    opens_with: frozenset[int] | None = None
    authenticates: bool = False


@dataclass(frozen=True, slots=True)
class AuthorityFile:
    """The key that certifies terminals (an internal file); its name is the 16 bytes that certificates call it by.

    `public_key` None: the place is there, the key is not. What is opened by this file's number is opened by a terminal
    that proved itself.
    """

    fid: int
    key_id: bytes = b""
    public_key: RSAPublicKey | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class InternalFile:
    """An internal file that can be selected and has no use a command here knows."""

    fid: int


File = TransparentFile | RecordFile | PinFile | KeyFile | AuthorityFile | InternalFile


@dataclass(frozen=True, slots=True)
class Delivery:
    """The key under which session keys come, and the PINs any one of which must be verified before one does."""

    private_key: RSAPrivateKey = field(repr=False)
    opens_with: frozenset[int]


@dataclass(frozen=True, slots=True)
class Application:
    """A dedicated file (DF). `default_key` is the key that signs when a command names none; `objects` is for GET DATA.

    `delivery` is for SET SESSION KEY: a key, or the status word with which the application refuses.
    `change_key`: its PINs are changed by CHANGE KEY (``80 32``), as JICSAP has it, and not by CHANGE REFERENCE DATA.
    `last_command_indicator`: it knows ``80 FC``. `locked`: it is selected with 6283, and nothing in it can be used.

    File identifiers lie in 0001..001E, so that each has a short identifier, its low five bits.
    """

    aid: bytes
    files: Mapping[int, File]
    default_key: int | None = None
    objects: Mapping[int, bytes] = field(default_factory=dict, repr=False)
    change_key: bool = False
    last_command_indicator: bool = False
    delivery: Delivery | StatusWord = StatusWord.UNKNOWN_INSTRUCTION
    locked: bool = False
