"""The card's map laid over a store: which value is which file, and the chip's applications made out of them.

Wire: the store names ``format`` (one byte, 1), ``profile`` and one value for each file with contents, named
``jpki/0018`` or ``text/0001``: a file image, a PKCS#8 DER key or a `PinRecord`.
"""

from collections.abc import Mapping

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

from warifu import cardmap, chip
from warifu.card.profile import Profile
from warifu.cardmap import (
    CARD_MANAGER_AID,
    JPKI_FILES,
    JPKI_KEYS,
    PINS,
    TEXT_FILES,
    TEXT_KEYS,
    FileSpec,
    JpkiFile,
    PinSpec,
    TextFile,
)
from warifu.errors import DataTooNew, Malformed

FORMAT = "format"
FORMAT_VERSION = b"\x01"
PROFILE = "profile"

# Internal files that answer a query for tries and match nothing. Modelled: as blocked PINs; text 0012 was seen so,
# JPKI 0010 was only seen to answer the query.
UNUSED_PINS = (
    PinSpec(cardmap.Application.JPKI, JpkiFile.KEY_REFERENCE, 1, 16, 3, changeable=False),
    PinSpec(cardmap.Application.TEXT, TextFile.BLOCKED_PIN, 4, 4, 3, changeable=False),
)

_CARD_MANAGER_FILE = 0x1E
_CONTACT_ATR = 0x5F51


def name(application: cardmap.Application, fid: int) -> str:
    """The name under which the store keeps a file."""
    return f"{application.name.lower()}/{fid:04X}"


def applications(stored: Mapping[str, bytes], profile: Profile) -> tuple[chip.Application, ...]:
    """The card manager, then the applications in the order in which a partial name finds them.

    Raises:
        DataTooNew: written by a newer version.
        Malformed: a value is missing or is not what it should be.
    """
    version = stored.get(FORMAT, b"")
    if version > FORMAT_VERSION:
        raise DataTooNew
    if version != FORMAT_VERSION:
        raise Malformed("not the contents of a card")
    try:
        return _card_manager(profile), _jpki(stored), _text(stored)
    except KeyError as error:
        raise Malformed(f"the card's contents lack {error.args[0]}") from None


def _card_manager(profile: Profile) -> chip.Application:
    """Where the card is after power-on; one file can be selected there and not read."""
    internal = chip.InternalFile(_CARD_MANAGER_FILE)
    return chip.Application(CARD_MANAGER_AID, {internal.fid: internal}, objects={_CONTACT_ATR: profile.atr[1:]})


def _jpki(stored: Mapping[str, bytes]) -> chip.Application:
    application = cardmap.Application.JPKI
    files = _files(application, stored, JPKI_FILES, JPKI_KEYS)
    files[JpkiFile.TERMINAL_CA_KEY] = chip.InternalFile(JpkiFile.TERMINAL_CA_KEY)
    return chip.Application(application.aid, files)


def _text(stored: Mapping[str, bytes]) -> chip.Application:
    application = cardmap.Application.TEXT
    files = _files(application, stored, TEXT_FILES, TEXT_KEYS)
    return chip.Application(application.aid, files, default_key=TextFile.INTERNAL_KEY)


def _files(
    application: cardmap.Application,
    stored: Mapping[str, bytes],
    transparent: Mapping[JpkiFile, FileSpec] | Mapping[TextFile, FileSpec],
    keys: Mapping[JpkiFile, frozenset[int] | None] | Mapping[TextFile, frozenset[int] | None],
) -> dict[int, chip.File]:
    files: dict[int, chip.File] = {}
    for fid, spec in transparent.items():
        files[fid] = chip.TransparentFile(fid, stored[name(application, fid)], spec.opens_with)
    for fid, opens_with in keys.items():
        files[fid] = chip.KeyFile(fid, _key(stored.get(name(application, fid))), opens_with)
    for pin in (*PINS, *UNUSED_PINS):
        if pin.application is application:
            place = name(application, pin.file)
            files[pin.file] = chip.PinFile(pin.file, place, pin.shortest, pin.longest, pin.tries, pin.changeable)
    return files


def _key(der: bytes | None) -> RSAPrivateKey | None:
    if der is None:
        return None
    return load_key(der)


def load_key(der: bytes) -> RSAPrivateKey:
    """A private key out of PKCS#8 DER.

    It is not checked: that costs 50 ms, and it was checked when it was made.

    Raises:
        Malformed: not an RSA-2048 key.
    """
    try:
        key = load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # Not chained: nothing about a private key belongs in a traceback.
        raise Malformed("not a private key") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size != 2048:
        raise Malformed("the card holds RSA-2048 keys only")
    return key
