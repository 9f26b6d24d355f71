"""The chip's applications, made out of what a store holds."""

from collections.abc import Iterator, Mapping

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import load_der_private_key

from warifu import chip
from warifu.card.plan import (
    DELIVERY_KEY,
    FORMAT,
    FORMAT_VERSION,
    MANAGER,
    NEXT_FORMAT_VERSION,
    OLDEST_FORMAT_VERSION,
    Plan,
    lock_name,
    name,
    plans_of,
)
from warifu.card.profile import Profile, Token
from warifu.cardmap import CARD_MANAGER_AID, Application, CardPublicKey, JpkiFile, KeyId, ManagerObject, RecordSpec
from warifu.errors import DataTooNew, Malformed
from warifu.iso7816 import StatusWord

_CARD_MANAGER_FILE = 0x1E
_ON_PHONES = {int(JpkiFile.AUTHENTICATION_CERTIFICATE): frozenset({int(JpkiFile.AUTHENTICATION_PIN)})}
"""What a phone guards and a plastic card does not. Source: jpki/myna `libmyna`, issue 6."""


def applications(stored: Mapping[str, bytes], profile: Profile) -> tuple[chip.Application, ...]:
    """The card manager, then the applications that are on the card.

    Raises:
        DataTooNew: written by a newer version.
        Malformed: a value is missing or is not what it should be.
    """
    _check_format(stored.get(FORMAT, b""), profile)
    plans = plans_of(next_generation=profile.next_generation)
    there = [plan for plan in plans if plan is plans[0] or plan.is_on(stored)]
    try:
        return _card_manager(stored, profile), *(_application(plan, stored, profile) for plan in there)
    except KeyError as error:
        raise Malformed(f"the card's contents lack {error.args[0]}") from None


def _check_format(version: bytes, profile: Profile) -> None:
    oldest, newest = OLDEST_FORMAT_VERSION, FORMAT_VERSION
    if profile.next_generation:
        oldest = newest = NEXT_FORMAT_VERSION
    if version > newest:
        raise DataTooNew
    if version < oldest:
        raise Malformed("not the contents of a card")


def _card_manager(stored: Mapping[str, bytes], profile: Profile) -> chip.Application:
    """Where the card is after power-on; one file can be selected there and not read."""
    internal = chip.InternalFile(_CARD_MANAGER_FILE)
    prefix = MANAGER + "/"
    objects = {int(key.removeprefix(prefix), 16): value for key, value in stored.items() if key.startswith(prefix)}
    if not profile.later:
        objects |= _answer_to_reset(profile)
    return chip.Application(CARD_MANAGER_AID, {internal.fid: internal}, objects=objects)


def _application(plan: Plan, stored: Mapping[str, bytes], profile: Profile) -> chip.Application:
    if stored.get(lock_name(plan.application)):
        return chip.Application(plan.application.aid, {}, delivery=plan.no_delivery, locked=True)
    return chip.Application(
        plan.application.aid,
        {file.fid: file for file in _files(plan, stored, profile)},
        default_key=plan.default_key,
        objects=_answer_to_reset(profile),
        change_key=plan.change_key,
        last_command_indicator=profile.token is Token.IPHONE,
        delivery=_delivery(plan, stored),
    )


def _delivery(plan: Plan, stored: Mapping[str, bytes]) -> chip.Delivery | StatusWord:
    """The key for session keys; a card of the first format has none."""
    if plan.delivery_opens_with is None or DELIVERY_KEY not in stored:
        return plan.no_delivery
    return chip.Delivery(load_key(stored[DELIVERY_KEY]), plan.delivery_opens_with)


def _answer_to_reset(profile: Profile) -> dict[int, bytes]:
    """GET DATA tells it without its first byte: in every application, and on some cards at the card manager too."""
    return {ManagerObject.CONTACT_ATR: profile.atr[1:]}


def _files(plan: Plan, stored: Mapping[str, bytes], profile: Profile) -> Iterator[chip.File]:
    application = plan.application
    guards = _ON_PHONES if profile.on_phone and application is Application.JPKI else {}
    for fid, spec in plan.files.items():
        yield chip.TransparentFile(fid, stored[name(application, fid)], guards.get(fid, spec.opens_with))
    for fid, spec in plan.optional.items():
        image = stored.get(name(application, fid))
        if image is not None:
            yield chip.TransparentFile(fid, image, spec.opens_with)
    for fid, records in plan.records.items():
        yield chip.RecordFile(fid, _records(stored[name(application, fid)], records), records.opens_with)
    for fid, opens_with in plan.keys.items():
        der = stored.get(name(application, fid))
        key = None if der is None else (load_curve_key if fid in plan.curve_keys else load_key)(der)
        if opens_with is not None and plan.terminal_authority is not None and fid in plan.terminal_opens:
            opens_with |= {plan.terminal_authority}
        yield chip.KeyFile(fid, key, opens_with, authenticates=fid in plan.authentication_keys)
    if plan.terminal_authority is not None:
        yield _authority(plan.terminal_authority, stored.get(name(application, plan.terminal_authority)))
    for pin in plan.pins:
        place = name(application, pin.file)
        yield chip.PinFile(pin.file, place, pin.shortest, pin.longest, pin.tries, pin.changeable)


def _authority(fid: int, image: bytes | None) -> chip.AuthorityFile:
    """The key that certifies terminals: key id and public key, one behind the other. A card may have none."""
    if image is None:
        return chip.AuthorityFile(fid)
    key = CardPublicKey.decode(image[KeyId.LENGTH :])
    return chip.AuthorityFile(fid, image[: KeyId.LENGTH], RSAPublicNumbers(key.exponent, key.modulus).public_key())


def _records(image: bytes, spec: RecordSpec) -> tuple[bytes, ...]:
    """The records that stand one behind the other in `image`.

    Raises:
        Malformed: more or fewer bytes than they have.
    """
    if len(image) != sum(spec.lengths):
        raise Malformed("a file of the card has records of another length")
    ends = [sum(spec.lengths[: number + 1]) for number in range(len(spec.lengths))]
    return tuple(image[end - length : end] for end, length in zip(ends, spec.lengths, strict=True))


def load_key(der: bytes) -> RSAPrivateKey:
    """A private key out of PKCS#8 DER.

    It is not checked: that costs 50 ms, and it was checked when it was made.

    Raises:
        Malformed: not an RSA-2048 key.
    """
    key = _load(der)
    if not isinstance(key, RSAPrivateKey) or key.key_size != 2048:
        raise Malformed("this key of the card is RSA-2048 and nothing else")
    return key


def load_curve_key(der: bytes) -> EllipticCurvePrivateKey:
    """A private key of the next-generation card out of PKCS#8 DER.

    Raises:
        Malformed: not a P-384 key.
    """
    key = _load(der)
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP384R1):
        raise Malformed("this key of the card is on P-384 and nowhere else")
    return key


def _load(der: bytes) -> object:
    try:
        return load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # Not chained: nothing about a private key belongs in a traceback.
        raise Malformed("not a private key") from None
