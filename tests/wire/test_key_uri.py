"""Addresses of keys on tokens (RFC 7512): what is not understood is refused, and a PIN is never shown."""

from pathlib import Path

import pytest

from warifu.errors import Malformed
from warifu.wire.key_uri import KeyUri

QUERY = "?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/warifu/pin"


def test_an_address_names_token_key_module_and_pin_file() -> None:
    """RFC 7512 §2.3."""
    assert KeyUri.parse(f"pkcs11:token=signing-ca;object=2026;type=private{QUERY}") == KeyUri(
        module=Path("/usr/lib/softhsm/libsofthsm2.so"),
        token="signing-ca",
        pin_source=Path("/etc/warifu/pin"),
        label="2026",
    )


def test_percent_signs_write_any_byte() -> None:
    """RFC 7512 §2.3: ids are bytes, texts are UTF-8."""
    uri = KeyUri.parse(f"pkcs11:token=%E7%BD%B2%E5%90%8D;id=%01%FF;serial=a%3Bb{QUERY}")
    assert (uri.token, uri.key_id, uri.serial) == ("署名", b"\x01\xff", "a;b")


@pytest.mark.parametrize("pin", ["file:///etc/pin", "file:/etc/pin", "/etc/pin"])
def test_the_pin_file_is_a_path_or_an_address(pin: str) -> None:
    """RFC 7512 §2.4."""
    assert KeyUri.parse(f"pkcs11:token=t;object=o?module-path=/m&pin-source={pin}").pin_source == Path("/etc/pin")


@pytest.mark.parametrize(
    "text",
    [
        "token=t;object=o",
        "pkcs11:",
        f"pkcs11:object=o{QUERY}",
        f"pkcs11:token=;object=o{QUERY}",
        f"pkcs11:token=t{QUERY}",
        f"pkcs11:token=t;object={QUERY}",
        f"pkcs11:token=t;object=o;type=cert{QUERY}",
        f"pkcs11:token=t;object=o;token=u{QUERY}",
        f"pkcs11:token=t;object=o;slot-id=1{QUERY}",
        f"pkcs11:token=t;object{QUERY}",
        f"pkcs11:token=t;object=%zz{QUERY}",
        f"pkcs11:token=%ff;object=o{QUERY}",
        f"pkcs11:token=t;object=o{QUERY}&module-name=m",
        "pkcs11:token=t;object=o?module-path=/m",
        "pkcs11:token=t;object=o?pin-source=/p",
        "pkcs11:token=t;object=o?module-path=m.so&pin-source=/p",
        "pkcs11:token=t;object=o?module-path=/m&pin-source=p",
    ],
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    """Leaving out a condition could find another key."""
    with pytest.raises(Malformed):
        KeyUri.parse(text)


def test_a_pin_in_an_address_is_refused_and_not_shown() -> None:
    """RFC 7512 §2.4 has pin-value; settings are no place for it."""
    with pytest.raises(Malformed) as refused:
        KeyUri.parse("pkcs11:token=t;object=o?module-path=/m&pin-source=/p&pin-value=135790")
    assert "135790" not in str(refused.value)
